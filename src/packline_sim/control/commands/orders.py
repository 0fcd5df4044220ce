"""`order` and `easyship`: what buyers ordered at Seller Central, and what Easy Ship offers."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target

order = App(name="order", help="Orders of Seller Central: create, show, cancel, scan.")
easyship = App(name="easyship", help="What Easy Ship offers, and how full carriers' windows are.")
COLUMNS = ("order_id", "seller_id", "status", "easy_ship_status", "units", "tracking_id")
CAPABILITY_COLUMNS = ("country", "marketplace_id", "served", "slots", "bulk", "update", "handover", "document_feed")
WINDOW_COLUMNS = ("start", "end", "method", "taken", "is_open")
ScanStatus = Literal[
    "PickedUp",
    "DroppedOff",
    "AtOriginFC",
    "AtDestinationFC",
    "OutForDelivery",
    "Delivered",
    "RejectedByBuyer",
    "Undeliverable",
    "ReturningToSeller",
    "ReturnedToSeller",
    "Lost",
    "Damaged",
]


@order.command(name="create")
def create(
    seller_id: str,
    *,
    count: int = 1,
    marketplace: str | None = None,
    line: tuple[str, ...] = (),
    own_shipping: bool = False,
    serial_required: bool | None = None,
    pending_minutes: float | None = None,
    gift: bool = False,
    cash_on_delivery: bool = False,
    ship_by_hours: float | None = None,
    to: Target = HERE,
) -> None:
    """Have buyers order at a seller of Seller Central.

    Args:
        count: How many orders.
        line: SKU or SKU:UNITS; repeat for several items. Chosen from the seller's SKUs otherwise.
        own_shipping: Orders that the seller ships itself instead of by Easy Ship.
        pending_minutes: The payment is authorised only after so long.
    """
    given = {
        "marketplace_id": marketplace,
        "serial_required": serial_required,
        "pending_minutes": pending_minutes,
        "status": None if pending_minutes is None else "Pending",
        "ship_by_hours": ship_by_hours,
    }
    body: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    body |= {"seller_id": seller_id, "count": count, "easy_ship": not own_shipping, "gift": gift}
    body |= {"cash_on_delivery": cash_on_delivery, "lines": [_line(text) for text in line]}
    to.rows(to.sim.post("orders", body=body)["orders"], *COLUMNS)


@order.command(name="list")
def list_orders(
    *,
    seller: str | None = None,
    marketplace: str | None = None,
    status: str | None = None,
    easy_ship_status: str | None = None,
    limit: int = 50,
    to: Target = HERE,
) -> None:
    """List orders, oldest first; statuses in the words of Orders v0."""
    found = to.sim.pages(
        "orders",
        limit=limit,
        seller_id=seller,
        marketplace_id=marketplace,
        status=status,
        easy_ship_status=easy_ship_status,
    )
    to.rows(found, *COLUMNS)


@order.command(name="show")
def show(order_id: str, *, to: Target = HERE) -> None:
    """Show all that the simulator knows of an order."""
    to.one(to.sim.get("orders", order_id))


@order.command(name="cancel")
def cancel(*order_ids: str, by: Literal["BUYER", "SELLER", "AMAZON"] = "BUYER", to: Target = HERE) -> None:
    """Cancel orders as the buyer, the seller or Amazon would."""
    to.rows([to.sim.post("orders", order_id, "cancel", body={"by": by}) for order_id in order_ids], *COLUMNS[:4])


@order.command(name="request-cancel")
def request_cancel(*order_ids: str, reason: str = "Ordered by mistake", to: Target = HERE) -> None:
    """Have buyers ask the seller to cancel."""
    rows = [to.sim.post("orders", order_id, "request_cancel", body={"reason": reason}) for order_id in order_ids]
    to.rows(rows, *COLUMNS[:4])


@order.command(name="cancel-label")
def cancel_label(*order_ids: str, to: Target = HERE) -> None:
    """Have Amazon cancel the labels of scheduled orders."""
    to.rows([to.sim.post("orders", order_id, "cancel_label", body={}) for order_id in order_ids], *COLUMNS[:4])


@order.command(name="release")
def release(*order_ids: str, to: Target = HERE) -> None:
    """Let the payments of pending orders be authorised."""
    to.rows([to.sim.post("orders", order_id, "release") for order_id in order_ids], *COLUMNS[:4])


@order.command(name="schedule")
def schedule(*order_ids: str, method: Literal["PICKUP", "DROPOFF"] | None = None, to: Target = HERE) -> None:
    """Book the pickups of Easy Ship orders, as people do in Seller Central."""
    rows = [to.sim.post("orders", order_id, "schedule", body={"method": method}) for order_id in order_ids]
    to.rows(rows, *COLUMNS[:4])


@order.command(name="scan")
def scan(*order_ids: str, status: ScanStatus | None = None, seller: str | None = None, to: Target = HERE) -> None:
    """Report where the carrier has packages: of the orders named, or of all that it fits; collected without status."""
    body: dict[str, object] = {"status": status, "order_ids": order_ids, "seller_id": seller}
    result = to.sim.post("order_scans", body=body)
    rows = [{"order_id": order_id, "scanned": True, "reason": ""} for order_id in result["scanned"]]
    rows += [{**refusal, "scanned": False} for refusal in result["refused"]]
    to.rows(rows, "order_id", "scanned", "reason")


@easyship.command(name="capabilities")
def capabilities(*, to: Target = HERE) -> None:
    """List what Easy Ship offers in each marketplace."""
    to.rows(to.sim.get("easy_ship", "capabilities")["items"], *CAPABILITY_COLUMNS)


@easyship.command(name="offer")
def offer(
    marketplace_id: str,
    *,
    slots: bool | None = None,
    create_package: bool | None = None,
    update: bool | None = None,
    bulk: bool | None = None,
    document_feed: bool | None = None,
    most_grams: float | None = None,
    to: Target = HERE,
) -> None:
    """Change what Easy Ship offers in a marketplace; what is left out stays."""
    given = {
        "slots": slots,
        "create": create_package,
        "update": update,
        "bulk": bulk,
        "document_feed": document_feed,
        "most_grams": most_grams,
    }
    body = {name: value for name, value in given.items() if value is not None}
    to.rows([to.sim.patch("easy_ship", "capabilities", marketplace_id, body=body)], *CAPABILITY_COLUMNS)


@easyship.command(name="windows")
def windows(seller_id: str, *, marketplace: str | None = None, to: Target = HERE) -> None:
    """List the windows that a seller's orders could be scheduled in."""
    found = to.sim.get("easy_ship", "windows", seller_id=seller_id, marketplace_id=marketplace)
    to.rows(found["items"], *WINDOW_COLUMNS)


@easyship.command(name="close")
def close(seller_id: str, start: str, *, marketplace: str | None = None, to: Target = HERE) -> None:
    """Let the window that begins at a moment take no more packages."""
    body = {"seller_id": seller_id, "start": start, "marketplace_id": marketplace}
    to.rows(to.sim.post("easy_ship", "windows", "close", body=body)["items"], *WINDOW_COLUMNS)


@easyship.command(name="calendar")
def calendar(
    seller_id: str,
    *,
    marketplace: str | None = None,
    off_day: tuple[int, ...] = (),
    capacity: int | None = None,
    carrier_away: bool | None = None,
    to: Target = HERE,
) -> None:
    """Show a seller's calendar, or change it.

    Args:
        off_day: Weekly day without pickups, 0 is Monday; repeat for several.
        capacity: Packages that a window takes; -1 leaves it to the switch slot_capacity.
        carrier_away: Whether the carrier leaves Amazon without an answer; calls about windows then fail inside Amazon.
    """
    where = {"seller_id": seller_id, "marketplace_id": marketplace}
    if not off_day and capacity is None and carrier_away is None:
        to.one(to.sim.get("easy_ship", "calendar", **where))
        return
    body = {**where, "off_days": off_day or None, "capacity": capacity, "carrier_away": carrier_away}
    to.one(to.sim.patch("easy_ship", "calendar", body=body))


def _line(text: str) -> dict[str, object]:
    sku, colon, units = text.rpartition(":")
    if not colon or not units.isdigit():
        return {"sku": text, "quantity": 1}
    return {"sku": sku, "quantity": int(units)}
