"""What comes back: every return with where it is, and what the dock did with it."""

from packline.console import cells
from packline.console.cells import Column, Row
from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Place
from packline.console.return_rows import KINDS, STAGES, stage_chip, status_chip
from packline.console.room import Room
from packline.console.words import mark, t
from packline.views import returns
from packline.views.returns import ReturnRow

PLACE = Place("returns", mark("Returns"), "/returns", "r", "return", 50)
COLUMNS = (
    Column("noticed_at", mark("Known since"), "w-time", "wide"),
    Column("return", mark("Return"), "w-id"),
    Column("what", mark("What"), "w-place"),
    Column("dock", mark("At the dock"), "w-status"),
    Column("status", mark("Amazon says"), "w-status"),
    Column("tracking_id", mark("Tracking id"), "w-id", "wider"),
    Column("place", mark("Comes to"), "w-place", "wide"),
    Column("why", mark("Why it comes back")),
)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of returns."""
    directory = await room.directory.look(room)
    found = await returns.returns(room.pool, _wanted(asked), asked.scope, limit=asked.limit, after=asked.after)
    rows = [
        _row(row, directory.name(row["account"]), directory.zone(row["account"], row["location"]))
        for row in found.items
    ]
    return Found(tuple(rows), found.next)


async def count(room: Room, asked: Asked, most: int) -> int:
    """Count the returns that fit."""
    return await returns.count(room.pool, _wanted(asked), asked.scope, most)


def _wanted(asked: Asked) -> returns.ReturnFilters:
    stage, kind = asked.get("stage"), asked.get("kind")
    return returns.ReturnFilters(
        account=asked.get("account"),
        location=asked.get("location"),
        stage=stage if stage in returns.STAGES else None,
        kind=kind if kind in KINDS else None,
        sku=asked.get("sku"),
        tracking_id=asked.get("tracking"),
    )


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give place, stage, kind, SKU and tracking id to choose by."""
    stages = tuple((name, t(word)) for name, (word, _, _) in STAGES.items())
    kinds = tuple((name, t(word)) for name, word in KINDS.items())
    return (
        *await account_filters(room, asked),
        Filter("stage", t("At the dock"), asked.query.get("stage", ""), stages),
        Filter("kind", t("Kind"), asked.query.get("kind", ""), kinds),
        Filter("sku", t("SKU"), asked.query.get("sku", "")),
        Filter("tracking", t("Tracking id"), asked.query.get("tracking", "")),
    )


def _row(row: ReturnRow, account: str, zone: str) -> Row:
    here = f"/returns/{row['id']}"
    return Row(
        row["id"],
        (
            cells.ago(row["noticed_at"], zone),
            cells.ident(row["rma_id"] or row["amazon_id"], href=here, title=row["order_id"]),
            cells.text(f"{row['units']} × {row['sku']}", "nowrap", title=row["sku"]),
            stage_chip(row["stage"], row["status"]),
            status_chip(row["status"]),
            cells.ident(row["tracking_id"] or "–"),
            cells.text(f"{account} · {row['location']}", "quiet"),
            cells.say(_why(row)),
        ),
        href=here,
    )


def _why(row: ReturnRow) -> str:
    kind = t(KINDS[row["kind"]]) if row["kind"] in KINDS else ""
    word = t("the carrier asks for a password") if row["password_valid_till"] else ""
    return " · ".join(part for part in (word, row["reason"], kind) if part)


TABLE = Table(
    path="/returns",
    place="returns",
    title=mark("Returns"),
    lead=mark("What comes back, from Amazon's word to your shelf. Scan the parcel at the top to open it."),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    live=True,
    last="w-no-act",
    count=count,
    empty=Empty(mark("No return yet."), mark("They come by themselves, as soon as Amazon or a carrier tells of them.")),
)
PATHS = paths(TABLE)
