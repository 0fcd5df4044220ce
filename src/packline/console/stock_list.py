"""Stock: every SKU with what there is, what is sold, and what Amazon is told of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from packline.console import acts, cells
from packline.console.cells import Cell, Column, Row
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Place
from packline.console.room import Room
from packline.console.stock_words import areas, state_of
from packline.console.words import mark, t
from packline.views import stock
from packline.views.stock_rows import OfferRow, StockRow

PLACE = Place("stock", mark("Stock"), "/stock", "k", "stock", 55)
COLUMNS = (
    Column("sku", mark("SKU"), "w-place"),
    Column("location", mark("Location"), "w-id"),
    Column("pool", mark("Pool"), "w-id", "wider"),
    Column("on_hand", mark("On hand"), "w-number"),
    Column("reserved", mark("Sold"), "w-number", "wide"),
    Column("available", mark("Free"), "w-number"),
    Column("told", mark("Amazon is told"), "w-time"),
    Column("state", mark("State"), "w-place"),
    Column("counted_at", mark("Counted"), "w-time", "wide"),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of balances."""
    directory = await room.directory.look(room)
    found = await stock.stock(
        room.pool,
        account=asked.get("account"),
        location=asked.get("location"),
        begins=asked.get("sku"),
        scope=asked.scope,
        limit=asked.limit,
        after=asked.after,
    )
    held = {(row["account"], row["location"]) for row in await stock.holds(room.pool, asked.scope)}
    zone = directory.house_zone(asked.scope)
    return Found(tuple(_row(row, held, zone, directory.name(row["pool"])) for row in found.items), found.next)


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give place and the beginning of a SKU to choose by."""
    return (*await account_filters(room, asked), Filter("sku", t("SKU begins with"), asked.query.get("sku", "")))


async def around(room: Room, asked: Asked) -> Mapping[str, Any]:
    """Give the line of areas, and where a SKU can be counted that nobody counted yet."""
    places = (await room.directory.look(room)).place_options(asked.scope)
    return {"areas": areas("stock"), "places": places, "once": acts.once()}


def item_address(pool: str, location: str, sku: str) -> str:
    """Give the address of one balance."""
    return f"/stock/item?{urlencode({'pool': pool, 'location': location, 'sku': sku})}"


def _row(row: StockRow, held: set[tuple[str, str]], zone: str, pool: str) -> Row:
    here = item_address(row["pool"], row["location"], row["sku"])
    return Row(
        f"{row['pool']}/{row['location']}/{row['sku']}",
        (
            cells.ident(row["sku"], href=here),
            cells.text(row["location"]),
            cells.text(pool, "quiet"),
            cells.number(row["on_hand"]),
            cells.number(row["reserved"]),
            cells.number(row["available"], tone="late" if row["available"] < 0 else ""),
            _told(row["offers"]),
            state_of(row, held),
            cells.ago(row["counted_at"], zone),
        ),
        href=here,
    )


def _told(offers: list[OfferRow]) -> Cell:
    told = [offer for offer in offers if offer["wanted"] >= 0]
    said = " · ".join(f"{offer['wanted']:,}" for offer in told) or "–"
    named = " · ".join(f"{offer['account']} {offer['location']}: {offer['wanted']:,}" for offer in told)
    return Cell("number", said, title=named, value=named)


TABLE = Table(
    path="/stock",
    place="stock",
    title=mark("Stock"),
    lead=mark("What lies where, and the number that Amazon is told. Open a row to see why, count, or correct."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    template="stock_list.html",
    more=around,
    live=True,
    last="w-no-act",
    empty=Empty(mark("No stock yet."), mark("Count a SKU below, or send a file: packline stock import.")),
)
PATHS = paths(TABLE)
