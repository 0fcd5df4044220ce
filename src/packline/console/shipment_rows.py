"""Rows of shipments, as every list of them shows them."""

import re

from packline.console import cells
from packline.console.cells import Act, Cell, Column, Row
from packline.console.directory import Directory
from packline.console.words import mark, t, tell
from packline.domain.shipment import Status
from packline.views.rows import ShipmentRow

COLUMNS = (
    Column("ship_by", mark("Ship by"), "w-left"),
    Column("shipment", mark("Shipment"), "w-id"),
    Column("place", mark("Program · place"), "w-place", "wide"),
    Column("what", mark("What"), "w-what"),
    Column("status", mark("Amazon says"), "w-word", "wider"),
    Column("waits_for", mark("Waits for")),
)
LABELS = {
    "confirm": mark("Confirm"),
    "reject": mark("Reject"),
    "pack": mark("Pack"),
    "repack": mark("Change boxes"),
    "relabel": mark("Label again"),
    "reschedule": mark("Other slot"),
    "hand_over": mark("Hand over"),
    "out_for_delivery": mark("Out for delivery"),
    "deliver": mark("Delivered"),
    "retry": mark("Try again"),
}
STANDS: dict[Status, tuple[str, str, str]] = {
    Status.CREATED: (mark("waits for stock"), "", "pause"),
    Status.ACCEPTED: (mark("received"), "", "dot"),
    Status.CONFIRMED: (mark("confirmed"), "", "check"),
    Status.PACKAGE_CREATED: (mark("packed"), "", "bench"),
    Status.PICKUP_SLOT_RETRIEVED: (mark("slot chosen"), "", "clock"),
    Status.INVOICE_GENERATED: (mark("invoiced"), "", "manifest"),
    Status.SHIPLABEL_GENERATED: (mark("labeled"), "", "label"),
    Status.SHIPPED: (mark("shipped"), "", "shipments"),
    Status.DELIVERED: (mark("delivered"), "", "check"),
    Status.CANCELLED: (mark("cancelled"), "", "stop"),
}
_OVER = (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)
_NEXT = {
    "confirmation": "confirm",
    "packer": "pack",
    "handover": "hand_over",
    "delivery": "deliver",
}


_SINCE = re.compile(
    r" (?:just now|\d+ (?:second|minute|hour|day)s? ago)"
)  # a row that says it would change each second


def row_of(row: ShipmentRow, directory: Directory, back: str) -> Row:
    """Draw one shipment: its clock, its names, and in one clause what it waits for."""
    zone = directory.zone(row["account"], row["location"])
    is_open = row["status"] not in _OVER
    place = row["account"], row["location"]
    program, whole = directory.short_program(row["program"], *place), directory.program(row["program"], *place)
    return Row(
        id=row["id"],
        cells=(
            cells.countdown(row["ship_by"], zone, running=is_open),
            cells.ident(row["amazon_id"], href=f"/shipments/{row['id']}", title=row["order_id"]),
            cells.text(f"{program} · {row['location']}", title=f"{directory.name(row['account'])} · {whole}"),
            cells.text(what(row), "nowrap"),
            stands(row["status"]),
            _waits(row),
        ),
        act=_act(row, back),
        href=f"/shipments/{row['id']}",
    )


def what(row: ShipmentRow) -> str:
    """Say in three words what is in it."""
    said = t("{n} units", n=row["units"]) if row["units"] != 1 else t("1 unit")
    return f"{said} · {t('{n} boxes', n=row['packages'])}" if row["packages"] > 1 else said


def stands(status: str) -> Cell:
    """Show Amazon's status as a chip."""
    word, tone, icon = STANDS[Status(status)] if status in Status.__members__ else (status, "risk", "info")
    return cells.chip(t(word), tone, icon)


def next_act(row: ShipmentRow) -> str:
    """Name the command that comes next, where a person gives it."""
    if row["problem"] is not None:
        return "retry" if row["problem"]["code"] != "documents_by_hand" else ""
    if row["waits_for"] == "delivery" and row["sub_status"] != "OUT_FOR_DELIVERY":
        return "out_for_delivery" if "out_for_delivery" in row["commands"] else "deliver"
    return _NEXT.get(row["waits_for"], "")


def _act(row: ShipmentRow, back: str) -> Act | None:
    kind = next_act(row)
    if not kind or kind not in row["commands"]:
        return None
    return Act(t(LABELS[kind]), f"/shipments/{row['id']}/{kind}", (("back", back),))


def _waits(row: ShipmentRow) -> Cell:
    if row["problem"]:
        return cells.say(tell(row["problem"]["message"]), "late")
    return cells.say(tell(_SINCE.sub("", row["sentence"])))
