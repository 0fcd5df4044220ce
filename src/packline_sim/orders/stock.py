"""What an order does to the quantities of the seller's listings."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from packline_sim.listings import changes
from packline_sim.listings.records import Listing
from packline_sim.orders.records import Order

if TYPE_CHECKING:
    from packline_sim.world import World


def take(world: "World", order: Order) -> None:
    """Take an order's units off the listed quantities and reserve them; what is not listed is not counted."""
    if order.holds_stock:
        return
    order.holds_stock = True
    for listing, units in _rows(world, order):
        changes.take(world, listing, units)


def ship(world: "World", order: Order) -> None:
    """Let go of the reservation of an order that has left."""
    if not order.holds_stock:
        return
    order.holds_stock = False
    for listing, units in _rows(world, order):
        changes.release(world, listing, units)


def give_back(world: "World", order: Order) -> None:
    """Let go of a cancelled order's units, and list them again when the switch says so."""
    if world.switches["cancelled_units"] != "listed_again":
        ship(world, order)
        return
    if not order.holds_stock:
        return
    order.holds_stock = False
    for listing, units in _rows(world, order):
        changes.take(world, listing, -units)


def _rows(world: "World", order: Order) -> Iterator[tuple[Listing, int]]:
    for item in order.items:
        listing = world.listings.get((order.seller_id, item.sku))
        if listing is not None and is_drawn_on(listing, order):
            yield listing, item.quantity


def is_drawn_on(listing: Listing, order: Order) -> bool:
    """Tell whether an order drew on a listing; one that was deleted and listed anew owes older orders nothing."""
    return listing.created_ms <= order.created_ms
