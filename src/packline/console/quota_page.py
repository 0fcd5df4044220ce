"""The quota meter: what Amazon grants each account for each operation, what is left, and who waits."""

from packline.console import cells
from packline.console.cells import Column, Row
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.moments import span
from packline.console.place import Place
from packline.console.room import Room
from packline.console.words import mark, t
from packline.views import quotas

PLACE = Place("quota", mark("Quota"), "/quotas", "q", "quota", 75)
ACCOUNTS_AT_MOST = 50
COLUMNS = (
    Column("account", mark("Account"), "w-place"),
    Column("operation", mark("Operation")),
    Column("granted", mark("Granted"), "w-word"),
    Column("free", mark("Free now"), "w-word"),
    Column("waiting", mark("Waiting"), "w-word"),
    Column("served", mark("Made"), "w-number", "wide"),
    Column("throttled", mark("Throttled"), "w-number", "wide"),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read the lanes of the accounts."""
    directory, rows = await room.directory.look(room), []
    chosen = [key for key in directory.accounts if asked.scope.sees(key) and asked.get("account") in (None, key)]
    for account in chosen[:ACCOUNTS_AT_MOST]:
        for lane in await quotas.lanes_of(room.pool, room.gateway, account, room.clock.now()):
            waits = t("{n} in line, {time}", n=lane["waiting"], time=span(lane["seconds"])) if lane["waiting"] else ""
            free = f"{max(0.0, lane['level']):.1f} / {lane['burst']:g}" if lane["rate"] else ""
            made = (
                cells.text(directory.name(account)),
                cells.text(lane["operation"], href=f"/calls?account={account}&operation={lane['operation']}"),
                cells.text(f"{lane['rate']:g} / s" if lane["rate"] else t("not counted")),
                cells.text(free),
                cells.chip(waits, "risk", "clock") if waits else cells.text(""),
                cells.number(lane["served"]),
                cells.number(lane["throttled"], tone="risk" if lane["throttled"] else ""),
            )
            rows.append(Row(f"{account}-{lane['operation']}".replace(" ", "-"), made))
    return Found(tuple(rows))


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give the account to choose by."""
    return tuple(f for f in await account_filters(room, asked) if f.name == "account")


TABLE = Table(
    path="/quotas",
    place="quota",
    title=mark("Quota"),
    lead=mark("What Amazon grants each account for each operation, what is left of it now, and who waits."),
    columns=COLUMNS,
    last="w-no-act",
    read=read,
    filters=filters_of,
    empty=Empty(mark("No lane is in use yet."), mark("They appear with the first calls.")),
    live=True,
)
PATHS = paths(TABLE)
