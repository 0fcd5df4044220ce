"""updatePackageStatus: SHIPPED, DELIVERED, sub-statuses, the deprecated query."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.records import Shipment
from packline_sim.world import World
from sim.core.driving import Client

Order = Callable[..., Shipment]


async def test_the_seller_reports_the_whole_delivery(client: Client, order: Order) -> None:
    """Self Ship: SHIPPED, then out for delivery as sub-status with its reason, then DELIVERED."""
    shipment = order(program="SELF_SHIP")
    await client.bring_to(shipment, "SHIPPED")
    body = {"subStatus": "OUT_FOR_DELIVERY", "reason": "OutForDelivery"}
    assert (await client.status(shipment, body)).status == 204
    shown = await client.show(shipment)
    assert (shown["status"], shown["subStatus"], shown["reason"]) == ("SHIPPED", "OUT_FOR_DELIVERY", "OutForDelivery")
    assert (await client.status(shipment, {"subStatus": "NOT_DELIVERED"})).status == 204
    assert (await client.status(shipment, {"status": "DELIVERED"})).status == 204
    assert (await client.show(shipment))["packages"][0]["status"] == "DELIVERED"


async def test_shipped_may_carry_a_sub_status(client: Client, order: Order) -> None:
    """Status and sub-status can come in one body."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    body = {"status": "SHIPPED", "subStatus": "OUT_FOR_DELIVERY"}
    assert (await client.status(shipment, body)).status == 204
    assert (shipment.status, shipment.sub_status) == ("SHIPPED", "OUT_FOR_DELIVERY")


async def test_a_shipped_package_takes_a_sub_status_beside_its_status(client: Client, order: Order) -> None:
    """Naming the status that a package has is no repetition where the body brings a new sub-status."""
    shipment = order(program="SELF_SHIP")
    await client.bring_to(shipment, "SHIPPED")
    body = {"status": "SHIPPED", "subStatus": "OUT_FOR_DELIVERY"}
    assert (await client.status(shipment, body)).status == 204
    assert (await client.show(shipment))["subStatus"] == "OUT_FOR_DELIVERY"


async def test_the_deprecated_query_still_ships(client: Client, order: Order, world: World) -> None:
    """status=SHIPPED in the query is enough, a body wins over it, and a switch refuses it."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert (await client.status(shipment, None, status="DELIVERED")).status == 400
    assert (await client.status(shipment, {"status": "DELIVERED"}, status="SHIPPED")).status == 400
    world.switches.update({"legacy_status_query": "refuse"})
    assert (await client.status(shipment, None, status="SHIPPED")).status == 400
    world.switches.update({"legacy_status_query": "allow"})
    assert (await client.status(shipment, None, status="SHIPPED")).status == 204
    assert shipment.status == "SHIPPED"


@pytest.mark.parametrize(
    "body",
    [
        {"status": "CREATED"},
        {"status": "LOST"},
        {"subStatus": "PICKED_UP"},
        {"reason": "nothing else"},
        {"status": "SHIPPED", "reason": "x" * 129},
        None,
    ],
)
async def test_what_a_seller_cannot_say_is_refused(client: Client, order: Order, body: Any) -> None:
    """Other statuses, unknown enums, long reasons and empty bodies are 400."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert (await client.status(shipment, body)).status == 400
    assert shipment.status == "SHIPLABEL_GENERATED"


async def test_nothing_is_delivered_before_it_ships(client: Client, order: Order, world: World) -> None:
    """DELIVERED and sub-statuses need a shipped package; switches allow the first or leave it to the carrier."""
    shipment, other = order(), order()
    for row in (shipment, other):
        await client.bring_to(row, "SHIPLABEL_GENERATED")
    assert (await client.status(shipment, {"status": "DELIVERED"})).status == 400
    assert (await client.status(shipment, {"subStatus": "OUT_FOR_DELIVERY"})).status == 400
    world.switches.update({"delivered_by_seller": "self_ship_only"})
    await client.bring_to(other, "SHIPPED")
    assert (await client.status(other, {"status": "DELIVERED"})).status == 400
    world.switches.update({"delivered_before_shipped": "allow", "delivered_by_seller": "any"})
    assert (await client.status(shipment, {"status": "DELIVERED"})).status == 204
    assert shipment.status == "DELIVERED"
