"""The work page: shipments by the action that they wait for, kept up while somebody looks."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from packline.amazon.programs import PROGRAMS
from packline.console.pages import templates
from packline.console.room import Room
from packline.domain.shipment import Status
from packline.views import accounts, overview, shipments
from packline.views.paging import Rows, Scope
from packline.views.rows import ActionRow, ShipmentRow

PAGE = 100
BEAT_S = 1.0  # the list is looked at no more often than that
QUIET_S = 15.0  # a line now and then keeps the connection open
LABELS = {
    "": ("All open", ""),
    "confirm": ("Confirm", "the seller's yes"),
    "pack": ("Pack", "waits for a packer"),
    "at_amazon": ("At Amazon", "calls under way"),
    "hand_over": ("Hand over", "labeled, still here"),
    "on_its_way": ("On its way", "carrier or courier"),
    "failed": ("Failed", "a person must look"),
    "late": ("Late", "ship-by is over"),
}
ACTS = {
    "confirm": "Confirm",
    "pack": "Pack",
    "hand_over": "Hand over",
    "out_for_delivery": "Out for delivery",
    "deliver": "Delivered",
    "retry": "Try again",
}
STANDS = {
    Status.CREATED: "received",
    Status.ACCEPTED: "received",
    Status.CONFIRMED: "confirmed",
    Status.PACKAGE_CREATED: "packed",
    Status.PICKUP_SLOT_RETRIEVED: "slot chosen",
    Status.INVOICE_GENERATED: "invoiced",
    Status.SHIPLABEL_GENERATED: "labeled",
    Status.SHIPPED: "shipped",
    Status.DELIVERED: "delivered",
    Status.CANCELLED: "cancelled",
}
_OPEN = tuple(s for s in Status if s not in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED))
_EMPTY = {
    "": "Nothing is open. New shipments appear here by themselves, as soon as Amazon tells of them.",
    "failed": "Nothing has failed.",
    "late": "Nothing is late.",
}


@dataclass(frozen=True)
class Choice:
    """What a list shows: the action (empty: all open; `any`: every shipment), account, program, and the page."""

    action: str = ""
    account: str = ""
    program: str = ""
    after: str = ""

    @staticmethod
    def of(query: Mapping[str, str]) -> "Choice":
        """Read the choice from an address; what is not known counts as nothing."""
        action = query.get("next", "")
        return Choice(
            action if action in LABELS or action == "any" else "",
            query.get("account", ""),
            query.get("program", ""),
            query.get("after", ""),
        )

    def address(self, path: str = "/", **changed: str) -> str:
        """Give the address that shows this, or the same with something changed."""
        fields = {"next": self.action, "account": self.account, "program": self.program, "after": self.after} | changed
        chosen = {name: value for name, value in fields.items() if value}
        return f"{path}?{urlencode(chosen)}" if chosen else path

    @property
    def filters(self) -> shipments.Filters:
        """Give the filters of the view; `late` is told by its ship-by."""
        return shipments.Filters(
            account=self.account or None,
            program=self.program or None,
            status=_OPEN if self.action in ("", "late") else None,
            action=self.action if self.action not in ("", "late", "any") else None,
        )


async def rows(room: Room, choice: Choice, scope: Scope) -> Rows[ShipmentRow]:
    """Read the page of a choice: the most urgent first, or the newest where every shipment is shown."""
    now = room.clock.now()
    filters = choice.filters
    if choice.action == "late":
        filters = msgspec.structs.replace(filters, ship_by_before=now)
    sort = "-received_at" if choice.action == "any" else "ship_by"
    return await shipments.shipments(
        room.pool, room.gateway, now, filters, scope, sort=sort, limit=PAGE, after=choice.after or None
    )


async def content(room: Room, choice: Choice, scope: Scope, token: str) -> dict[str, Any]:
    """Gather everything that the work page shows."""
    names = await _names(room, scope)
    found = await rows(room, choice, scope)
    back = choice.address("/shipments" if choice.action == "any" else "/")
    return {
        "title": "Shipments" if choice.action == "any" else LABELS[choice.action][0],
        "counts": await counts(room, choice, scope),
        "chosen": {"next": choice.action},
        "filters": _filters(choice, names),
        "rows": [row_content(row, names, room.clock.now()) for row in found.items],
        "token": token,
        "back": back,
        "live": choice.address("/live"),
        "empty": _EMPTY.get(choice.action, "Nothing waits for this."),
        "more": choice.address(back.partition("?")[0], after=found.next) if found.next else "",
    }


async def counts(room: Room, choice: Choice, scope: Scope) -> list[dict[str, Any]]:
    """Count what waits, by next action."""
    counted = await overview.overview(room.pool, room.clock.now(), scope)
    return [_count(row, choice) for row in counted if row["action"] in LABELS]


def row_content(row: ShipmentRow, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Say what one row shows."""
    is_open = row["status"] in _OPEN
    act = next((kind for kind in ACTS if kind in row["commands"] and _fits(row, kind)), None)
    return {
        "id": row["id"],
        "amazon_id": row["amazon_id"],
        "ship_by": row["ship_by"],
        "is_open": is_open,
        "program": PROGRAMS[row["program"]].name,
        "place": f"{names.get(row['account'], row['account'])} · {row['location']}",
        "status": STANDS[Status(row["status"])],
        "amazon_status": row["status"],
        "sentence": clause(row["sentence"]),
        "tone": "late" if row["problem"] else "",
        "act": {"kind": act, "label": ACTS[act]} if act else None,
        "late": bool(is_open and row["ship_by"] and row["ship_by"] < now),
    }


def clause(sentence: str) -> str:
    """Say only what a shipment waits for: since when it stands where it stands changes every second."""
    _, dot, waits = sentence.partition(". ")
    return waits if dot else sentence


async def news(room: Room, choice: Choice, scope: Scope, token: str) -> AsyncIterator[str]:
    """Tell a browser what changed, as server-sent events: the counts, and the rows of its page in their order."""
    shown: dict[str, str] = {}
    told = ""
    while True:
        names = await _names(room, scope)
        tabs = templates.get_template("counts.html").render(counts=await counts(room, choice, scope))
        if tabs != told:
            told = tabs
            yield _event("counts", tabs)
        rendered = await _rendered(room, choice, scope, token, names)
        if rendered != shown:
            yield _event("rows", [[key, None if shown.get(key) == html else html] for key, html in rendered.items()])
            shown = rendered
        await asyncio.gather(room.moved(QUIET_S), room.clock.sleep(BEAT_S))
        yield ": here\n\n"


async def _rendered(room: Room, choice: Choice, scope: Scope, token: str, names: Mapping[str, str]) -> dict[str, str]:
    template, now = templates.get_template("row.html"), room.clock.now()
    back = choice.address("/shipments" if choice.action == "any" else "/")
    found = await rows(room, choice, scope)
    contents = [row_content(row, names, now) for row in found.items]
    return {f"row-{row['id']}": template.render(row=row, token=token, back=back) for row in contents}


async def _names(room: Room, scope: Scope) -> dict[str, str]:
    return {row["id"]: row["name"] for row in await accounts.accounts(room.pool, scope)}


def _filters(choice: Choice, names: Mapping[str, str]) -> list[dict[str, Any]]:
    programs = [(code, program.name) for code, program in PROGRAMS.items()]
    return [
        {"name": "account", "label": "Account", "value": choice.account, "options": list(names.items())},
        {"name": "program", "label": "Program", "value": choice.program, "options": programs},
    ]


def _count(row: ActionRow, choice: Choice) -> dict[str, Any]:
    action, number = row["action"], row["count"]
    label, note = LABELS[action]
    alarming = number and action in ("failed", "late")
    return {
        "label": label,
        "href": choice.address(next="" if action == choice.action else action, after=""),
        "current": action == choice.action,
        "number": number,
        "shown": f"{number:,}+" if row["more"] else f"{number:,}",
        "note": note,
        "tone": "late" if alarming else "",
    }


def _fits(row: ShipmentRow, kind: str) -> bool:
    """Offer an act only where it is the next one: what is under way needs no button."""
    if kind == "retry":
        return row["problem"] is not None
    if kind == "out_for_delivery" and row["sub_status"] == "OUT_FOR_DELIVERY":
        return False
    waits = {
        "confirm": "confirmation",
        "pack": "packer",
        "hand_over": "handover",
        "out_for_delivery": "delivery",
        "deliver": "delivery",
    }
    return row["waits_for"] == waits[kind]


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"
