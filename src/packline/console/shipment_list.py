"""Every shipment, the newest first."""

from packline.console.lists import Asked, Empty, Filter, Found, Table, account_filters, paths
from packline.console.place import Place
from packline.console.room import Room
from packline.console.shipment_rows import COLUMNS, STANDS, row_of
from packline.console.words import mark, t
from packline.domain.shipment import Status
from packline.views import shipments

PLACE = Place("shipments", mark("Shipments"), "/shipments", "s", "shipments", 30)


async def read(room: Room, asked: Asked) -> Found:
    """Read one page of shipments."""
    directory, now = await room.directory.look(room), room.clock.now()
    found = await shipments.shipments(
        room.pool, room.gateway, now, _wanted(asked), asked.scope, sort="-received_at", limit=asked.limit,
        after=asked.after,
    )  # fmt: skip
    return Found(tuple(row_of(row, directory, "/shipments") for row in found.items), found.next)


async def count(room: Room, asked: Asked, most: int) -> int:
    """Count the shipments that fit."""
    return await shipments.count(room.pool, room.clock.now(), _wanted(asked), asked.scope, most)


def _wanted(asked: Asked) -> shipments.Filters:
    status = asked.get("status")
    return shipments.Filters(
        account=asked.get("account"),
        location=asked.get("location"),
        program=asked.get("program"),
        status=(status,) if status and status in Status.__members__ else None,
        order_id=asked.get("order"),
    )


async def filters_of(room: Room, asked: Asked) -> tuple[Filter, ...]:
    """Give account, location, program, status and order to choose by."""
    programs = (await room.directory.look(room)).program_options()
    statuses = tuple((status.value, t(said)) for status, (said, _, _) in STANDS.items())
    return (
        *await account_filters(room, asked),
        Filter("program", t("Program"), asked.query.get("program", ""), programs),
        Filter("status", t("Status"), asked.query.get("status", ""), statuses),
        Filter("order", t("Order"), asked.query.get("order", "")),
    )


TABLE = Table(
    path="/shipments",
    place="shipments",
    title=mark("Shipments"),
    columns=COLUMNS,
    read=read,
    filters=filters_of,
    empty=Empty(mark("No shipment yet."), mark("New shipments come by themselves, as soon as Amazon tells of them.")),
    acts=("confirm", "pack", "hand_over", "relabel", "retry"),
    live=True,
    count=count,
)
PATHS = paths(TABLE)
