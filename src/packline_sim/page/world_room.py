"""The world at a glance: sellers, what is on its way, who acts by themselves, the last calls; and being the buyer."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.people import list_buyers, show_carriers
from packline_sim.control.scenarios import list_scenarios
from packline_sim.control.staff import list_integrators, list_operators
from packline_sim.control.stage import Stage
from packline_sim.control.state import list_snapshots
from packline_sim.page.frame import names
from packline_sim.page.words import JOURNEY

LAST_CALLS = 8
OFFERED = 500


def facts(stage: Stage, _: Mapping[str, str]) -> dict[str, Any]:
    """Gather the overview."""
    world = stage.world
    stock = world.stock.rows.values()
    shipped = [(status, max(0, stage.tally.states[status])) for status in JOURNEY]
    orders = Counter(row.easy_ship_status or row.status for row in world.orders.values())
    return {
        "journey": shipped,
        "shipments": sum(count for _, count in shipped),
        "orders": sorted(orders.items(), key=lambda row: -row[1]),
        "order_count": len(world.orders),
        "people": [_person(stage, row.seller_id) for row in world.sellers.values()],
        "names": names(stage),
        "skus": [(row.seller_id, row.sku, row.title) for row in islice(world.skus.values(), OFFERED)],
        "on_floor": sum(row.on_hand for row in stock),
        "returns": Counter(row.status for row in world.returns.values()).most_common(),
        "buyers": list_buyers(stage).items,
        "carriers": show_carriers(stage),
        "operators": list_operators(stage).items,
        "integrators": list_integrators(stage).items,
        "scenarios": list_scenarios(stage).items,
        "snapshots": list_snapshots(stage).items,
        "last_calls": world.journal.tail(LAST_CALLS)[::-1],
        "queues": [(queue, queue.visible(world.clock.now_ms())) for queue in world.queues],
        "faults": world.faults.list(),
    }


def _person(stage: Stage, seller_id: str) -> dict[str, Any]:
    world = stage.world
    rows = [row for key, row in world.stock.rows.items() if key[0] == seller_id]
    grant = next((row for row in world.credentials.grants.values() if row.seller_id == seller_id), None)
    return {
        "seller": world.sellers[seller_id],
        "locations": [row.location_id for key, row in world.locations.items() if key[0] == seller_id],
        "skus": sum(key[0] == seller_id for key in world.skus),
        "sellable": sum(row.sellable for row in rows),
        "oversold": sum(row.oversold for row in rows),
        "is_authorised": grant is not None and not grant.revoked,
    }
