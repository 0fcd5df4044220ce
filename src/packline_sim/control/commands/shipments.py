"""`shipment` and `return`: what buyers ordered and what they send back."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target
from packline_sim.programs import Program

shipment = App(name="shipment", help="Shipments: order, show, cancel, scan.")
returned = App(name="return", help="Returns: start, list, move, give a password.")
COLUMNS = ("shipment_id", "seller_id", "location_id", "program", "status", "units")
RETURN_COLUMNS = ("return_id", "shipment_id", "seller_id", "sku", "units", "status", "reason")
Event = Literal["PICKED_UP", "OUT_FOR_DELIVERY", "DELIVERED", "NOT_DELIVERED", "UNDELIVERABLE", "LOST", "DAMAGED"]


@shipment.command(name="create")
def create(
    seller_id: str,
    *,
    count: int = 1,
    program: Program = "EASY_SHIP",
    location: str | None = None,
    line: tuple[str, ...] = (),
    status: Literal["CREATED", "ACCEPTED"] | None = None,
    serial_required: bool | None = None,
    multi_piece: bool | None = None,
    gift: bool = False,
    cash_on_delivery: bool = False,
    replaces: str | None = None,
    priority: Literal["HIGH", "LOW"] | None = None,
    ship_by_hours: float | None = None,
    to: Target = HERE,
) -> None:
    """Have buyers order shipments of a seller.

    Args:
        count: How many shipments.
        line: SKU or SKU:UNITS; repeat for several lines. Chosen from the seller's SKUs otherwise.
        status: Force the first status, whatever the stock.
        replaces: Id of the shipment that this one replaces.
    """
    given = {
        "location_id": location,
        "status": status,
        "serial_required": serial_required,
        "multi_piece": multi_piece,
        "original_shipment_id": replaces,
        "shipment_type": "REPLACEMENT" if replaces else None,
        "priority": priority,
        "ship_by_hours": ship_by_hours,
    }
    body: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    body |= {"seller_id": seller_id, "count": count, "program": program, "gift": gift}
    body |= {"cash_on_delivery": cash_on_delivery, "lines": [_line(text) for text in line]}
    to.rows(to.sim.post("shipments", body=body)["shipments"], *COLUMNS)


@shipment.command(name="list")
def list_shipments(
    *,
    seller: str | None = None,
    location: str | None = None,
    program: Program | None = None,
    status: str | None = None,
    limit: int = 50,
    to: Target = HERE,
) -> None:
    """List shipments, oldest first."""
    found = to.sim.pages(
        "shipments", limit=limit, seller_id=seller, location_id=location, program=program, status=status
    )
    to.rows(found, *COLUMNS)


@shipment.command(name="show")
def show(shipment_id: str, *, to: Target = HERE) -> None:
    """Show all that the simulator knows of a shipment."""
    to.one(to.sim.get("shipments", shipment_id))


@shipment.command(name="cancel")
def cancel(*shipment_ids: str, by: Literal["MARKETPLACE", "BUYER", "SYSTEM"] = "BUYER", to: Target = HERE) -> None:
    """Stop shipments as the buyer, the marketplace or Amazon's own system would."""
    rows = [to.sim.post("shipments", shipment_id, "cancel", body={"by": by}) for shipment_id in shipment_ids]
    to.rows(rows, "shipment_id", "status", "sub_status")


@shipment.command(name="scan")
def scan(
    *shipment_ids: str,
    event: Event = "PICKED_UP",
    seller: str | None = None,
    location: str | None = None,
    program: Program | None = None,
    to: Target = HERE,
) -> None:
    """Report a carrier's scan of shipments: those named, or all that the options leave."""
    body: dict[str, object] = {"event": event, "shipment_ids": shipment_ids}
    body |= {"seller_id": seller, "location_id": location, "program": program}
    result = to.sim.post("scans", body=body)
    rows = [{"shipment_id": shipment_id, "scanned": True, "reason": ""} for shipment_id in result["scanned"]]
    rows += [{**refusal, "scanned": False} for refusal in result["refused"]]
    to.rows(rows, "shipment_id", "scanned", "reason")


@returned.command(name="create")
def create_return(
    shipment_id: str,
    *,
    units: int = 1,
    reason: str = "Missed",
    refused_by_buyer: bool = False,
    to: Target = HERE,
) -> None:
    """Have a buyer send units back, or a carrier bring a refused parcel back."""
    body: dict[str, object] = {"shipment_id": shipment_id, "units": units, "reason": reason}
    body["return_type"] = "REJECT" if refused_by_buyer else "CUSTOMER"
    to.one(to.sim.post("returns", body=body))


@returned.command(name="list")
def list_returns(*, seller: str | None = None, status: str | None = None, limit: int = 50, to: Target = HERE) -> None:
    """List returns, oldest first."""
    to.rows(to.sim.pages("returns", limit=limit, seller_id=seller, status=status), *RETURN_COLUMNS)


@returned.command(name="move")
def move_return(return_id: str, status: str, *, otp: str | None = None, to: Target = HERE) -> None:
    """Move a return to a status; `--otp` is what the carrier is told at the door when it is DELIVERED."""
    to.one(to.sim.post("returns", return_id, "move", body={"status": status, "otp": otp}))


@returned.command(name="restock")
def restock(return_id: str, *, units: int | None = None, to: Target = HERE) -> None:
    """Lay units of a return that has arrived back on the floor; all of them by default."""
    to.one(to.sim.post("returns", return_id, "restock", body={"units": units}))


@returned.command(name="otp")
def set_otp(return_id: str, *, otp: str | None = None, valid_seconds: float = 604_800.0, to: Target = HERE) -> None:
    """Give a return another one-time password, which ends the old one."""
    to.one(to.sim.post("returns", return_id, "otp", body={"otp": otp, "valid_seconds": valid_seconds}))


def _line(text: str) -> dict[str, object]:
    sku, colon, units = text.rpartition(":")
    if not colon or not units.isdigit():
        return {"sku": text, "units": 1}
    return {"sku": sku, "units": int(units)}
