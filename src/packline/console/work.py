"""The work page: shipments by the action that they wait for, the most urgent first."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from packline.console import moments
from packline.console.frame import RAIL
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Handler, Place, get
from packline.console.room import Room
from packline.console.shipment_rows import COLUMNS, row_of
from packline.console.words import mark, t
from packline.domain.shipment import Status
from packline.domain.values import Value
from packline.views import overview, shipments
from packline.views.paging import Scope
from packline.views.rows import ActionRow

PLACE = Place("work", mark("Work"), "/", "w", "work", 10)
_OPEN = tuple(s for s in Status if s not in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED))


class Tab(Value, frozen=True):
    """One next action: its label, when its number alarms, and what its small line says (oldest, ship_by or a text)."""

    action: str
    label: str
    says: str = "ship_by"
    tone: str = ""
    note: str = ""


TABS = (
    Tab("", mark("All open"), "oldest"),
    Tab("confirm", mark("Confirm"), "oldest"),
    Tab("pack", mark("Pack")),
    Tab("print", mark("Print"), "oldest"),
    Tab("hand_over", mark("Hand over")),
    Tab("stop", mark("Cancelled after packing"), "note", "late", mark("stop these now")),
    Tab("failed", mark("Failed"), "oldest", "late"),
    Tab("anomaly", mark("Odd"), "note", "risk", mark("compare these")),
    Tab("at_risk", mark("At risk"), "ship_by", "risk"),
)
_COUNTED = tuple(tab.action or "open" for tab in TABS)
COUNTS_KEPT_S = 2.0
_BY_ACTION = {tab.action: tab for tab in TABS}


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of what waits."""
    directory, now = await room.directory.look(room), room.clock.now()
    found = await shipments.shipments(
        room.pool, room.gateway, now, _wanted(asked), asked.scope, sort="ship_by", limit=asked.limit, after=asked.after
    )
    back = address(asked.query)
    return Found(tuple(row_of(row, directory, back) for row in found.items), found.next)


async def count(room: Room, asked: Asked, most: int) -> int:
    """Count what waits."""
    return await shipments.count(room.pool, room.clock.now(), _wanted(asked), asked.scope, most)


def _wanted(asked: Asked) -> shipments.Filters:
    action = action_of(asked.query)
    return shipments.Filters(
        account=asked.get("account"),
        location=asked.get("location"),
        program=asked.get("program"),
        status=_OPEN if not action else None,
        action=action or None,
    )


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account, location and program to choose by."""
    programs = (await room.directory.look(room)).program_options()
    made = await account_filters(room, asked)
    return (*made, Filter("program", t("Program"), asked.query.get("program", ""), programs))


async def tabs_of(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Count what waits, by next action."""
    now, chosen = room.clock.now(), action_of(asked.query)
    counts = await _counts(room, asked.scope, now)
    tabs = [_tab(tab, counts[tab.action or "open"], chosen, asked.query, now) for tab in TABS]
    return {"tabs": [*tabs[:-1], await _returns(room, asked, now), tabs[-1]]}


async def _counts(room: Room, scope: Scope, now: datetime) -> dict[str, ActionRow]:
    """Count, or take what was counted for the same reader a moment ago: every list that is open asks for it."""
    kept = room.drawn.get(("work", scope))
    if kept is None or (now - kept[0]).total_seconds() > COUNTS_KEPT_S:
        rows = await overview.overview(room.pool, now, scope, _COUNTED)
        kept = room.drawn[("work", scope)] = (now, {row["action"]: row for row in rows})
    return dict(kept[1])


async def _returns(room: Room, asked: Asked, now: datetime) -> dict[str, Any]:
    """Returns stand on a page of their own; here is how many wait at the dock."""
    number, oldest, with_password = await overview.returns_to_receive(room.pool, asked.scope)
    note = t("oldest {time}", time=moments.span((now - oldest).total_seconds())) if oldest else t("nothing")
    return {
        "label": t("Returns"),
        "href": next((f"{place.path}?stage=to_receive" for place in RAIL if place.name == "returns"), ""),
        "current": False,
        "value": f"{number:,}",
        "note": t("{n} with a password", n=with_password) if with_password else note,
        "tone": "" if number else "none",
    }


def action_of(query: Mapping[str, str]) -> str:
    """Read the action of an address; what is not known counts as all."""
    action = query.get("next", "")
    return action if action in _BY_ACTION else ""


def address(query: Mapping[str, str], **changed: str) -> str:
    """Give the address that shows the same with something changed."""
    fields = {name: query.get(name, "") for name in ("next", "account", "location", "program", "after")} | changed
    kept = {name: value for name, value in fields.items() if value}
    return f"/?{urlencode(kept)}" if kept else "/"


def _tab(tab: Tab, row: ActionRow, chosen: str, query: Mapping[str, str], now: datetime) -> dict[str, Any]:
    number = row["count"]
    return {
        "label": t(tab.label),
        "href": address(query, next="" if tab.action == chosen else tab.action, after=""),
        "current": tab.action == chosen,
        "value": f"{number:,}+" if row["more"] else f"{number:,}",
        "note": _note(tab, row, now),
        "tone": "none" if number == 0 else tab.tone,
    }


def _note(tab: Tab, row: ActionRow, now: datetime) -> str:
    if not row["count"]:
        return t("nothing")
    if tab.says == "oldest" and row["oldest"]:
        return t("oldest {time}", time=moments.span((now - row["oldest"]).total_seconds()))
    if tab.says == "ship_by" and row["next_ship_by"]:
        left = (row["next_ship_by"] - now).total_seconds()
        if left < 0:
            return t("first is {time} late", time=moments.span(-left))
        return t("next ship-by {time}", time=moments.span(left))
    return t(tab.note) if tab.note else ""


async def first(shown: Handler, room: Room, request: Request) -> Response:
    """Lead to getting started while there is no account that could have work."""
    directory = await room.directory.look(room)
    if not directory.accounts and not await room.pool.fetchval("select exists (select 1 from account)"):
        return RedirectResponse("/setup", 303)
    return await shown(room, request)


async def moved(_: Room, request: Request) -> Response:
    """Lead from /work to the work page."""
    return RedirectResponse(f"/?{request.url.query}" if request.url.query else "/", 303)


TABLE = Table(
    path="/",
    place="work",
    title=mark("Work"),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    empty=Empty(
        mark("Nothing waits here."), mark("New shipments come by themselves, as soon as Amazon tells of them.")
    ),
    acts=("confirm", "pack", "hand_over", "relabel", "retry"),
    live=True,
    template="work.html",
    more=tabs_of,
    part="work_tabs.html",
    count=count,
)
PAGE, *NEWS = paths(TABLE)
PATHS = (get(PAGE.path, partial(first, PAGE.handler)), *NEWS, get("/work", moved))
