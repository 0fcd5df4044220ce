"""Feeds: what waits for one, when the last of it can leave, what is under way, and what Amazon did not take."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from packline.commands.feed_items import retry_items
from packline.console import acts, cells, moments
from packline.console.cells import Cell, Column, Row
from packline.console.forms import Form
from packline.console.frame import page, scope_of
from packline.console.guard import Notice
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Place, get, post
from packline.console.room import Room
from packline.console.words import mark, t, tell, tn
from packline.domain.api_key import Role
from packline.domain.feeds import FeedKind
from packline.domain.location import Api
from packline.errors import Invalid, NotFound
from packline.views import feeds
from packline.views.feeds import FeedItemRow, FeedRow, ForecastRow

PLACE = Place("feeds", mark("Feeds"), "/feeds", "e", "feed", 60)
KINDS = {
    "documents": mark("labels and invoices"),
    "cancel": mark("cancellations"),
    "stock": mark("quantities"),
}
STATES = {
    "planned": (mark("about to leave"), "info", "clock"),
    "submitting": (mark("its answer is looked for"), "risk", "refresh"),
    "submitted": (mark("Amazon works on it"), "info", "refresh"),
    "answered": (mark("its report is fetched"), "info", "file"),
    "ended": (mark("done"), "", "check"),
}
ITEM_STATES = {
    "waiting": (mark("waits"), "", "clock"),
    "sent": (mark("in a feed"), "info", "refresh"),
    "failed": (mark("given up: a person must look"), "late", "alert"),
}
COLUMNS = (
    Column("created_at", mark("Time"), "w-time"),
    Column("id", mark("Feed"), "w-number-start"),
    Column("kind", mark("What"), "w-place"),
    Column("items", mark("Entries"), "w-number"),
    Column("state", mark("State"), "w-operation"),
    Column("account", mark("Account"), "w-id", "wide"),
    Column("feed_id", mark("Amazon's id"), "w-id", "wider"),
    Column("next", mark("What hindered it")),
)
ACCOUNTS, FAILED = 20, 50
KEPT_S = 5.0


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of feeds."""
    directory = await room.directory.look(room)
    is_open = {"open": True, "ended": False}.get(asked.query.get("state", ""))
    found = await feeds.feeds(
        room.pool, asked.scope, account=asked.get("account"), is_open=is_open, limit=asked.limit, after=asked.after
    )
    zone = directory.house_zone(asked.scope)
    return Found(tuple(_row(row, directory.name(row["account"]), zone) for row in found.items), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account and state to choose by."""
    account = tuple(one for one in await account_filters(room, asked) if one.name == "account")
    states = (("open", t("under way")), ("ended", t("done")))
    return (*account, Filter("state", t("State"), asked.query.get("state", ""), states))


async def waiting(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Tell what waits for a feed, when it will have left, and what was given up."""
    directory, now = await room.directory.look(room), room.clock.now()
    accounts = [
        key
        for key, row in directory.accounts.items()
        if asked.scope.sees(key) and row["api"] == Api.SELLER_CENTRAL and asked.get("account") in (None, key)
    ]
    told = [
        {**row, "name": directory.name(account), "what": kind_word(row["kind"])}
        for account in accounts[:ACCOUNTS]
        for row in await _forecast(room, account, now)
    ]
    failed = await feeds.failed_items(room.pool, asked.scope, account=asked.get("account"), limit=FAILED)
    return {
        "forecast": [{**row, "leaves": _leaves(row, directory.house_zone(asked.scope), now)} for row in told],
        "has_feeds": bool(accounts),
        "failed": [_item(row, directory.name(row["account"])) for row in failed.items],
        "zone": directory.house_zone(asked.scope),
    }


async def show(room: Room, request: Request) -> Response:
    """Show one feed with what is still in it."""
    name = request.path_params["feed"]
    if not name.isdigit() or len(name) > 18:
        raise NotFound(t("There is no feed {name}.", name=name))
    row = await feeds.one_feed(room.pool, int(name), scope_of(request))
    directory = await room.directory.look(room)
    word, tone, icon = STATES.get(row["state"], (row["state"], "", "dot"))
    content = {
        "row": row,
        "what": kind_word(row["kind"]),
        "state": cells.chip(t(word), tone, icon),
        "where": directory.name(row["account"]),
        "items": [_item(item, directory.name(item["account"])) for item in row["item_list"]],
        "failure": tell(row["failure"]),
        "zone": directory.house_zone(scope_of(request)),
    }
    return await page(room, request, "feed.html", "feeds", content)


async def again(room: Room, request: Request) -> Response:
    """Send what was given up with the next feed of its kind: one, or all of a kind."""

    async def act(form: Form) -> Notice:
        account, kind, key = (form.get(name, "") for name in ("account", "kind", "key"))
        if kind not in FeedKind.__members__.values():
            raise Invalid(t("There is no such feed."))
        if not scope_of(request).sees(account):
            raise NotFound(t("There is no such place."))
        desks = room.desks
        count = await retry_items(desks.feeds, desks.wake, room.clock, account, kind, [key] if key else None)
        return Notice(tn("{n} goes with the next feed.", "{n} go with the next feed.", count), "", "good")

    return await acts.given(request, Role.OPERATOR, "/feeds", act)


def kind_word(kind: str) -> str:
    """Say what a feed tells; a kind that is not known stays as it is."""
    return t(KINDS[kind]) if kind in KINDS else kind


async def _forecast(room: Room, account: str, now: datetime) -> list[ForecastRow]:
    """Reckon, or take what was reckoned some seconds ago: every page that is open asks for it."""
    kept = room.drawn.get(("feeds", account))
    if kept is None or not 0 <= (now - kept[0]).total_seconds() < KEPT_S:
        rows = await feeds.forecast_of(room.pool, room.gateway, account, now, room.desks.feed_rules)
        kept = room.drawn[("feeds", account)] = (now, rows)
    return list(kept[1])


def _leaves(row: Any, zone: str, now: Any) -> str:
    if row["done_at"] is None:
        return t("no feed was sent yet: the quota is not known")
    if not row["feeds"]:
        return t("by single calls, about {time}", time=moments.day_clock(row["done_at"], zone, now))
    at = moments.day_clock(row["done_at"], zone, now)
    return tn("in {n} feed, the last at about {time}", "in {n} feeds, the last at about {time}", row["feeds"], time=at)


def _item(row: FeedItemRow, account: str) -> dict[str, Any]:
    word, tone, icon = ITEM_STATES.get(row["state"], (row["state"], "", "dot"))
    here = (
        f"/shipments/{row['key']}" if row["key"].startswith("shp_") else f"/stock?sku={quote(row['subject'], safe='')}"
    )
    return {
        **row,
        "name": account,
        "what": kind_word(row["kind"]),
        "chip": cells.chip(t(word), tone, icon),
        "href": here,
        "said": tell(row["reason"]),
    }


def _row(row: FeedRow, account: str, zone: str) -> Row:
    word, tone, icon = STATES.get(row["state"], (row["state"], "", "dot"))
    return Row(
        str(row["id"]),
        (
            cells.when(row["created_at"], zone),
            cells.ident(str(row["id"]), href=f"/feeds/{row['id']}"),
            cells.text(kind_word(row["kind"]), title=row["marketplace"]),
            cells.number(row["items"]),
            cells.chip(t(word), tone, icon),
            cells.text(account, "quiet"),
            cells.ident(row["feed_id"] or "–"),
            _hindered(row),
        ),
        href=f"/feeds/{row['id']}",
    )


def _hindered(row: FeedRow) -> Cell:
    if row["failure"]:
        return cells.say(tell(row["failure"]), "" if row["state"] == "ended" else "risk")
    return cells.say("")


TABLE = Table(
    path="/feeds",
    place="feeds",
    title=mark("Feeds"),
    lead=mark("One call for many orders: what waits, when it will have left, and what came of it."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="feeds.html",
    more=waiting,
    live=True,
    part="feeds_waiting.html",
    last="w-no-act",
    empty=Empty(mark("No feed yet."), mark("Labels and invoices of Easy Ship go by feeds; other programs need none.")),
)
PATHS = (*paths(TABLE), post("/feeds/again", again), get("/feeds/{feed}", show))
