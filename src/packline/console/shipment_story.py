"""The story of a shipment as its page tells it: the journey's line, and the timeline of news, calls and acts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from packline.console.shipment_rows import LABELS
from packline.console.words import mark, t, tell
from packline.domain.program import Program
from packline.domain.shipment import Status
from packline.views.rows import EntryRow, ShipmentDetail, TicketRow

STOPS = {
    Status.ACCEPTED: mark("received"),
    Status.CONFIRMED: mark("confirmed"),
    Status.PACKAGE_CREATED: mark("packed"),
    Status.PICKUP_SLOT_RETRIEVED: mark("slot"),
    Status.INVOICE_GENERATED: mark("invoice"),
    Status.SHIPLABEL_GENERATED: mark("label"),
    Status.SHIPPED: mark("shipped"),
    Status.DELIVERED: mark("delivered"),
}
REACHED = {
    "shipment.confirmed": Status.CONFIRMED,
    "shipment.packed": Status.PACKAGE_CREATED,
    "shipment.slotted": Status.PICKUP_SLOT_RETRIEVED,
    "shipment.invoiced": Status.INVOICE_GENERATED,
    "shipment.labeled": Status.SHIPLABEL_GENERATED,
    "shipment.shipped": Status.SHIPPED,
    "shipment.delivered": Status.DELIVERED,
    "shipment.cancelled": Status.CANCELLED,
}
WHO = {
    "amazon": (mark("Amazon"), "compare"),
    "adopted": (mark("another panel"), "people"),
    "command": (mark("Packline"), "bench"),
    "packline": (mark("Packline"), "bench"),
    "smarthub": (mark("SmartHub"), "people"),
    "call": (mark("call"), "calls"),
}
NAMES = {
    "shipment.received": mark("received"),
    "shipment.confirmed": mark("confirmed"),
    "shipment.packed": mark("packed"),
    "shipment.slotted": mark("slot chosen"),
    "shipment.invoiced": mark("invoice made"),
    "shipment.labeled": mark("labeled"),
    "shipment.shipped": mark("shipped"),
    "shipment.delivered": mark("delivered"),
    "shipment.cancelled": mark("cancelled"),
    "shipment.handed_over": mark("handed over"),
    "shipment.updated": mark("changed at Amazon"),
    "shipment.adopted": mark("moved by another panel"),
    "shipment.anomaly": mark("odd: a person must compare"),
    "shipment.stuck": mark("stopped: a person must look"),
    "package.planned": mark("package planned"),
    "package.created": mark("package told to Amazon"),
    "package.slot_chosen": mark("slot chosen for the package"),
    "package.slot_lost": mark("the slot is gone"),
    "package.doubted": mark("size or weight is odd"),
    "package.shipped": mark("package shipped"),
    "package.out_for_delivery": mark("package out for delivery"),
    "package.delivered": mark("package delivered"),
    "package.labeled": mark("label made"),
    "package.label_voided": mark("label void"),
    "package.label_failed": mark("no label"),
    "command.accepted": mark("asked for"),
    "command.succeeded": mark("done as asked"),
    "command.rejected": mark("refused by Amazon"),
    "command.superseded": mark("another command took its place"),
}
_SAID_BY_TICKETS = ("call.settled", "command.accepted")
_SILENT = ("command.succeeded", "shipment.handed_over")
_BAD = ("shipment.stuck", "shipment.anomaly", "package.label_failed", "command.rejected")


def journey(detail: ShipmentDetail, program: Program, entries: list[EntryRow]) -> list[dict[str, Any]]:
    """Draw the way of a shipment: each stop done, now or to come, with the time and who did it where it is known."""
    reached_at = _times(entries)
    cancelled = detail["status"] == Status.CANCELLED
    last = max((program.rank(status) for status in reached_at if status in program.journey), default=0)
    reached = last if cancelled else program.rank(Status(detail["status"]))
    stops = [
        {
            "label": t(STOPS[status]),
            "state": "now done" if rank == reached and not cancelled else "done" if rank <= reached else "",
            **_mark(reached_at.get(status) if rank <= reached else None),
        }
        for rank, status in enumerate(program.journey)
        if status in STOPS and not (status is Status.INVOICE_GENERATED and rank < reached and status not in reached_at)
    ]
    stops[0]["at"] = detail["received_at"]
    if detail["status"] == Status.CREATED:
        stops[0]["state"] = "now done"
    if cancelled:
        stops.append({"label": t("cancelled"), "state": "now done stopped", **_mark(reached_at.get(Status.CANCELLED))})
    return stops


def story(entries: list[EntryRow], given: list[TicketRow], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Merge Amazon's news, our calls and what people asked for, the newest first."""
    told = [entry(row) for row in entries if row["name"] not in _SAID_BY_TICKETS]
    return sorted([*told, *(asked(row, names) for row in given)], key=lambda one: one["at"], reverse=True)


def asked(row: TicketRow, names: Mapping[str, str]) -> dict[str, Any]:
    """Draw what a person or a system asked for."""
    return {
        "at": row["created_at"],
        "who": names.get(row["requested_by"], row["requested_by"]).removeprefix("user: ") or t("a system"),
        "icon": "person",
        "what": t("asked: {what}", what=t(LABELS[row["kind"]]) if row["kind"] in LABELS else row["kind"]),
        "text": "; ".join(tell(warning) for warning in row["warnings"]),
        "tone": "",
        "call": False,
    }


def entry(row: EntryRow) -> dict[str, Any]:
    """Draw one entry of the timeline; a call opens to its request id, its time and what of the quota was left."""
    if row["what"] == "call":
        status = row["status"] or 0
        tone = "" if 200 <= status < 300 else "risk" if status == 429 else "late"
        return {
            "at": row["at"],
            "who": t("call"),
            "icon": "calls",
            "what": row["name"],
            "text": row["text"],
            "tone": tone,
            "call": True,
            "request_id": row["request_id"] or "",
            "ms": f"{row['ms']:.0f} ms" if row["ms"] is not None else "",
        }
    who, icon = WHO.get(row["cause"], (row["cause"], "info"))
    name = NAMES.get(row["name"])
    silent = row["name"] in _SILENT or (row["name"].startswith("shipment.") and row["text"].isupper())
    text = "" if silent else row["text"]
    return {
        "at": row["at"],
        "who": t(who) if row["cause"] in WHO else who,
        "icon": icon,
        "what": t(name) if name else row["name"].replace("_", " ").replace(".", " ", 1),
        "text": tell(text),
        "tone": "late" if row["name"] in _BAD else "",
        "call": False,
    }


def _times(entries: list[EntryRow]) -> dict[Status, tuple[datetime, str]]:
    times: dict[Status, tuple[datetime, str]] = {}
    for row in entries:  # the newest first: the last time that a stop was reached counts
        if row["name"] in REACHED:
            times.setdefault(REACHED[row["name"]], (row["at"], row["cause"]))
    return times


def _mark(known: tuple[datetime, str] | None) -> dict[str, Any]:
    if known is None:
        return {"at": None, "who": "", "icon": ""}
    who, icon = WHO.get(known[1], (known[1], "info"))
    return {"at": known[0], "who": t(who) if known[1] in WHO else who, "icon": icon}
