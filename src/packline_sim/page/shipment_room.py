"""Shipments: the newest that fit, each with what buyer, carrier and SmartHub can do to it; one of them whole."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from packline_sim.control.shipments import show_shipment
from packline_sim.control.stage import Stage
from packline_sim.journal import CallFilter
from packline_sim.page.acts import shipment_acts
from packline_sim.page.frame import names
from packline_sim.page.words import JOURNEY
from packline_sim.records import Shipment

SHOWN = 40
LOOKED_AT = 100_000
LAST_CALLS = 50


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather the list: filters are status, seller, program, location and text."""
    world = stage.world
    newest = islice(reversed(world.shipments.values()), LOOKED_AT)
    found = list(islice((row for row in newest if _fits(row, query)), SHOWN + 1))
    return {
        "rows": [(row, shipment_acts(row)) for row in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "shown": SHOWN,
        "journey": [(status, max(0, stage.tally.states[status])) for status in JOURNEY],
        "names": names(stage),
        "locations": sorted({key[1] for key in world.locations}),
    }


def one_shipment(stage: Stage, shipment_id: str) -> dict[str, Any]:
    """Gather everything about one shipment. Raises Refused."""
    world = stage.world
    shipment = stage.shipment(shipment_id)
    told = [row for row in world.notifications.notices.values() if row.subject == shipment_id]
    return {
        "shipment": shipment,
        "detail": show_shipment(stage, shipment_id),
        "acts": shipment_acts(shipment),
        "about": world.journal.tail(LAST_CALLS, CallFilter(shipment_id=shipment_id))[::-1],
        "told": told[::-1],
        "names": names(stage),
    }


def _fits(row: Shipment, query: Mapping[str, str]) -> bool:
    text = query.get("text", "").strip().upper()
    return (
        query.get("status") in (None, "", row.status)
        and query.get("seller") in (None, "", row.seller_id)
        and query.get("program") in (None, "", row.program)
        and query.get("location") in (None, "", row.location_id)
        and (not text or text in row.shipment_id or text in row.order_id.upper())
    )
