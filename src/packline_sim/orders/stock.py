"""What an order does to the quantities of the seller's listings."""

from typing import TYPE_CHECKING, Any

from packline_sim.orders.records import Order

if TYPE_CHECKING:
    from packline_sim.world import World


def take(world: "World", order: Order) -> None:
    """Take an order's units off the listed quantities; what is not listed is not counted."""
    if not order.holds_stock:
        order.holds_stock = True
        _change(world, order, -1)


def give_back(world: "World", order: Order) -> None:
    """List a cancelled order's units again, when the switch says so."""
    if order.holds_stock and world.switches["cancelled_units"] == "listed_again":
        order.holds_stock = False
        _change(world, order, 1)


def _change(world: "World", order: Order, sign: int) -> None:
    listings: dict[tuple[str, str], Any] = getattr(world, "listings", {})
    for item in order.items:
        listing = listings.get((order.seller_id, item.sku))
        if listing is not None:
            listing.quantity = max(0, listing.quantity + sign * item.quantity)
