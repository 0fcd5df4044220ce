"""Accounts and their locations."""

from collections.abc import Sequence
from urllib.parse import quote

from packline.amazon.marketplaces import MARKETPLACES
from packline.console import cells
from packline.console.cells import Cell, Column, Row
from packline.console.lists import Asked, Empty, Found, Table, paths
from packline.console.place import Place
from packline.console.room import Room
from packline.console.words import mark, t
from packline.views import accounts
from packline.views.rows import AccountRow

PLACE = Place("accounts", mark("Accounts"), "/accounts", "a", "account", 90)
COLUMNS = (
    Column("account", mark("Account"), "w-id"),
    Column("seller", mark("Seller")),
    Column("region", mark("Region"), "w-number"),
    Column("marketplaces", mark("Marketplaces"), "w-key", "wide"),
    Column("locations", mark("Locations"), "w-place"),
    Column("state", mark("State")),
)


async def read(room: Room, asked: Asked) -> Found:
    """List accounts with their locations."""
    places = await accounts.locations(room.pool, None, asked.scope)
    rows = []
    for row in await accounts.accounts(room.pool, asked.scope):
        own = ", ".join(place["id"] for place in places if place["account"] == row["id"])
        made = (
            cells.ident(row["id"], href=f"/setup/{quote(row['id'], safe='')}/account"),
            cells.text(row["name"], href=f"/shipments?account={row['id']}"),
            cells.text(row["region"]),
            cells.text(_countries(row["marketplaces"]), title=", ".join(row["marketplaces"])),
            cells.text(own or t("none")),
            _state(row),
        )
        rows.append(Row(row["id"], made, href=f"/setup/{quote(row['id'], safe='')}/account"))
    return Found(tuple(rows))


def _countries(marketplaces: Sequence[str]) -> str:
    return ", ".join(MARKETPLACES[one][0] if one in MARKETPLACES else one for one in marketplaces)


def _state(row: AccountRow) -> Cell:
    if not row["enabled"]:
        return cells.chip(t("disabled"), "", "pause")
    if row["paused_reason"]:
        return cells.chip(t("paused: {why}", why=row["paused_reason"]), "late", "alert")
    return cells.chip(t("at work"), "good", "check")


TABLE = Table(
    path="/accounts",
    place="accounts",
    title=mark("Accounts"),
    lead=mark("Each authorises Packline in one of Amazon's regions; packline account doctor checks them."),
    columns=COLUMNS,
    last="w-no-act",
    read=read,
    empty=Empty(
        mark("No account yet."),
        mark("packline account add stores the first one."),
        "/setup",
        mark("Getting started"),
    ),
)
PATHS = paths(TABLE)
