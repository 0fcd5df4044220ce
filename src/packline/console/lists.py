"""Lists: one way for every table, with filters in the address, pages by key, and rows that stay current."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from packline.console.cells import Column, Row
from packline.console.exports import export
from packline.console.frame import page, scope_of, templates
from packline.console.guard import session_of
from packline.console.live import BEAT_S, QUIET_S, event, stream
from packline.console.place import Path, get
from packline.console.room import Room
from packline.console.words import t
from packline.domain.api_key import Role
from packline.domain.values import Value
from packline.oms.table_writing import MEDIA
from packline.views.paging import Scope

PAGE = 50
_OWN = ("after", "as", "note", "told")


class Asked(Value, frozen=True):
    """What a reader asks a list for: the fields of the address, what he may see and do, and which page."""

    query: Mapping[str, str]
    scope: Scope
    limit: int = PAGE
    can_act: bool = True

    def get(self, name: str) -> str | None:
        """Give a field of the address; None where it is empty."""
        return self.query.get(name) or None

    @property
    def after(self) -> str | None:
        """Give the cursor of the page."""
        return self.get("after")


class Found(Value, frozen=True):
    """One page of rows, and the cursor of the next."""

    rows: tuple[Row, ...]
    next: str | None = None


class Filter(Value, frozen=True):
    """One field of the filter bar: a choice where it has options, else text."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()


class Empty(Value, frozen=True):
    """What an empty list says: what will come here, and how to make it come."""

    title: str
    hint: str = ""
    href: str = ""
    action: str = ""


Reader = Callable[[Room, Asked], Awaitable[Found]]
Filters = Callable[[Room, Asked], Awaitable[tuple[Filter, ...]]]
Counter = Callable[[Room, Asked, int], Awaitable[int]]
"""Count the rows of a list, up to so many."""
Extra = Callable[[Room, Asked], Awaitable[Mapping[str, Any]]]


class Table(Value, frozen=True):
    """A list page: how its rows are read and shown.

    `acts` are names in `bulk.ACTS` that can be given for chosen rows. `more` gives more for a template of its own that
    extends `list.html`. `live` rows are updated where they stand, and with them the template `part`, made of `more`;
    its element has the id of its file. `last` is the width of the column of buttons. `count` tells, up to a limit, how
    many rows there are, where that is worth it.
    """

    path: str
    place: str
    title: str
    columns: tuple[Column, ...]
    read: Reader
    empty: Empty
    lead: str = ""
    filters: Filters | None = None
    acts: tuple[str, ...] = ()
    live: bool = False
    last: str = "w-act"
    template: str = "list.html"
    more: Extra | None = None
    part: str = ""
    count: Counter | None = None


def paths(table: Table) -> tuple[Path, ...]:
    """Give the addresses of a list: the page (also as a file, with `as=csv` or `as=xlsx`), and its news."""
    shown = get(table.path, partial(_show, table))
    return (shown, get(f"{table.path.rstrip('/')}/live", partial(_follow, table))) if table.live else (shown,)


async def content(table: Table, room: Room, asked: Asked, token: str, acts: tuple[str, ...]) -> dict[str, Any]:
    """Gather what a list shows."""
    from packline.console.bulk_jobs import ACTS

    found, filters, more = await asyncio.gather(
        table.read(room, asked),
        table.filters(room, asked) if table.filters else _nothing(),
        table.more(room, asked) if table.more else _nothing(),
    )
    kept = {name: value for name, value in asked.query.items() if value and name not in _OWN}
    following = {**kept, "after": found.next or ""}
    return {
        "table": table,
        "title": table.title,
        "rows": _rows_for(asked, found),
        "filters": filters,
        "kept": kept,
        "query": urlencode(kept),
        "is_filtered": bool(kept),
        "acts": [(name, ACTS[name].label) for name in acts],
        "token": token,
        "now": room.clock.now(),
        "live": f"{table.path.rstrip('/')}/live?{urlencode(dict(asked.query))}" if table.live else "",
        "more": f"{table.path}?{urlencode(following)}" if found.next else "",
        "first": f"{table.path}?{urlencode(kept)}" if asked.after else "",
        **dict(more),
    }


async def _nothing() -> tuple[Any, ...]:
    return ()


def asked_of(request: Request) -> Asked:
    """Read what an address asks for."""
    return Asked(dict(request.query_params), scope_of(request), can_act=session_of(request).key.role > Role.READER)


def _rows_for(asked: Asked, found: Found) -> tuple[Row, ...]:
    """Leave the buttons out for somebody who may only look."""
    return found.rows if asked.can_act else tuple(row._replace(act=None) for row in found.rows)


async def news(table: Table, room: Room, asked: Asked, token: str) -> AsyncIterator[str]:
    """Tell a browser, again and again, the order of the rows and those that are different; once all of them."""
    known: dict[str, Row] = {}
    shown = ""
    template = templates.get_template("row_part.html")
    while True:
        found, now = await table.read(room, asked), room.clock.now()
        rows = {f"row-{row.id}": row for row in _rows_for(asked, found)}
        if rows != known or list(rows) != list(known):
            changed = {key for key, row in rows.items() if known.get(key) != row}
            drawn = {key: template.render(table=table, row=rows[key], token=token, now=now) for key in changed}
            yield event("rows", [[key, drawn.get(key)] for key in rows])
            known = rows
        else:
            yield ": here\n\n"
        if table.part and table.more:
            html = templates.get_template(table.part).render(**await table.more(room, asked))
            if html != shown:
                yield event("part", [table.part.partition(".")[0], html])
                shown = html
        await room.clock.sleep(BEAT_S)
        await room.moved(QUIET_S)


async def _show(table: Table, room: Room, request: Request) -> Response:
    asked = asked_of(request)
    wanted = request.query_params.get("as", "")
    if wanted in MEDIA:
        return export(table, room, asked, wanted, is_told=bool(request.query_params.get("told")))
    acts = table.acts if asked.can_act else ()
    token = session_of(request).token
    return await page(room, request, table.template, table.place, await content(table, room, asked, token, acts))


async def _follow(table: Table, room: Room, request: Request) -> Response:
    return stream(news(table, room, asked_of(request), session_of(request).token))


async def account_filters(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give the two filters that most lists have: account and location."""
    directory = await room.directory.look(room)
    account, location = asked.query.get("account", ""), asked.query.get("location", "")
    locations = directory.location_options(asked.scope, account)
    accounts = directory.account_options(asked.scope)
    made = [Filter("account", t("Account"), account, tuple(accounts))] if len(accounts) > 1 or account else []
    if len(locations) > 1 or location:
        made.append(Filter("location", t("Location"), location, tuple(locations)))
    return tuple(made)


def encoded(value: Any) -> str:
    """Write a value as JSON for a data attribute."""
    return msgspec.json.encode(value).decode()
