"""A Self Ship order whose location rejects it may go on to the seller's next location."""

from collections.abc import Callable

from packline_sim.invariants import InvariantChecker
from packline_sim.records import Shipment
from packline_sim.specs import LocationSpec
from packline_sim.world import World
from sim.core.driving import Client

OUT = {"lineItems": [{"lineItem": {"id": "1"}, "reason": "OUT_OF_STOCK"}]}


def places(client: Client, world: World, **stock: int) -> None:
    """Open more locations with so many kettles each."""
    seller = client.credentials.seller_id
    for location, units in stock.items():
        world.create_location(seller, LocationSpec(location_id=location, state="Karnataka"))
        world.set_stock(seller, location, "KETTLE", on_hand=units, quantity=units)


def shipments_of(world: World, order_id: str) -> list[tuple[str, str]]:
    """Give location and status of every shipment of an order."""
    return [(s.location_id, s.status) for s in world.shipments.values() if s.order_id == order_id]


async def test_a_rejected_self_ship_order_asks_each_location_with_stock_once(
    client: Client, order: Callable[..., Shipment], world: World
) -> None:
    """Three locations, one without stock: the order goes from one to the next, then it ends."""
    world.switches.update({"self_ship_rejected": "next_location"})
    places(client, world, LOC2=1, LOC3=9)
    first = order(units=2, program="SELF_SHIP", location_id="LOC1")
    assert (await client.reject(first, OUT)).status == 204
    assert shipments_of(world, first.order_id) == [("LOC1", "CANCELLED"), ("LOC3", "ACCEPTED")]
    second = list(world.shipments.values())[-1]
    assert second.shipment_id != first.shipment_id
    assert (second.lines[0].cancellations, second.cancellation, second.packages) == ([], None, {})
    assert world.stock.row(second.seller_id, "LOC3", "KETTLE").reserved == 2
    assert world.stock.row(second.seller_id, "LOC1", "KETTLE").reserved == 0
    assert (await client.reject(second, OUT)).status == 204
    assert shipments_of(world, first.order_id) == [("LOC1", "CANCELLED"), ("LOC3", "CANCELLED")]
    report = InvariantChecker(world).report()
    assert report.ok, report.violations


async def test_by_default_and_for_other_programs_a_rejection_ends_the_order(
    client: Client, order: Callable[..., Shipment], world: World
) -> None:
    """Only Self Ship moves on, and only where the doubt is decided so."""
    places(client, world, LOC2=9)
    plain = order(program="SELF_SHIP", location_id="LOC1")
    await client.reject(plain, OUT)
    world.switches.update({"self_ship_rejected": "next_location"})
    other = order(program="EASY_SHIP", location_id="LOC1")
    await client.reject(other, OUT)
    assert [len(shipments_of(world, one.order_id)) for one in (plain, other)] == [1, 1]
