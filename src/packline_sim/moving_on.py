"""Self Ship orders that go on to the seller's next location when one rejects them."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from packline_sim.records import Shipment

if TYPE_CHECKING:
    from packline_sim.world import World


def move_on(world: "World", rejected: Shipment) -> Shipment | None:
    """Ask the seller's next location with stock, by a new shipment of the same order; None where nobody is left.

    Only Self Ship, and only where the doubt `self_ship_rejected` is decided so. A location is asked once for an order.
    """
    if rejected.works_as != "SELF_SHIP" or world.switches["self_ship_rejected"] == "cancelled":
        return None
    asked = (*rejected.asked_before, rejected.location_id)
    units = rejected.units_by_sku()
    for (seller_id, location_id), place in world.locations.items():
        if seller_id != rejected.seller_id or location_id in asked or place.marketplace_id != rejected.marketplace_id:
            continue
        if world.stock.covers(seller_id, location_id, units):
            made = _again(world, rejected, location_id, asked)
            world.place(made, "moved_on")
            return made
    return None


def _again(world: "World", rejected: Shipment, location_id: str, asked: tuple[str, ...]) -> Shipment:
    now = world.clock.now_ms()
    place = world.locations[rejected.seller_id, location_id]
    return replace(
        rejected,
        shipment_id=world.streams.letters(f"shipment:{rejected.seller_id}", 10),
        location_id=location_id,
        status="ACCEPTED" if place.stock_source == "EXTERNAL_FULFILLMENT" else "CREATED",
        created_ms=now,
        updated_ms=now,
        lines=[replace(line, cancellations=[], custom_attributes=[]) for line in rejected.lines],
        sub_status=None,
        reason=None,
        worked_in_smarthub=False,
        packages={},
        invoice=None,
        cancellation=None,
        history=[],
        holds_stock=False,
        took_stock=False,
        intent=None,
        return_ids=[],
        version=0,
        touch=0,
        asked_before=asked,
    )
