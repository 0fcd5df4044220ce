"""Returns as people and programs read them: lists, one in full, its photos; a password is never among them."""

from datetime import datetime
from typing import Any, NamedTuple, cast

import asyncpg
import msgspec
from typing_extensions import TypedDict

from packline.domain.returns import SeenReturn
from packline.domain.values import Value
from packline.errors import NotFound
from packline.views.documents import Open, erased
from packline.views.paging import (
    EVERYTHING,
    Conditions,
    Rows,
    Scope,
    counted,
    decode_cursor,
    encode_cursor,
    moment_of,
)

_PAST = """(status = 'PROCESSED' and received_units = 0
    and as_of < (select a.created_at from account a where a.id = account_id))"""
_COLUMNS = f"""id, account_id, amazon_id, location_id, shipment_id, order_id, rma_id, sku, units, kind, status,
    tracking_id, source, received_units, restocked_units, otp is not null as has_otp, otp_valid_till, noticed_at,
    updated_at, state, {_PAST} as is_past"""
_decode = msgspec.msgpack.Decoder(SeenReturn)


class ReturnRow(TypedDict):
    """One returned item (one SKU). `kind` is customer (the buyer sends it back) or origin (the parcel was refused or
    could not be delivered: return to origin). `location` is where it arrives.

    `stage` is the dock's: expected, partly_received, received, called_off, or past, where it was processed before
    Packline knew the account. `password_valid_till` says that there is a one-time password, and until when; the
    password itself has an address of its own.
    """

    id: str
    account: str
    amazon_id: str
    location: str
    shipped_from: str
    shipment: str | None
    order_id: str
    rma_id: str
    sku: str
    units: int
    kind: str
    sub_type: str
    status: str
    stage: str
    reason: str
    carrier: str
    tracking_id: str
    source: str
    received_units: int
    restocked_units: int
    password_valid_till: datetime | None
    exchange_order_id: str
    created_at: datetime | None
    picked_up_at: datetime | None
    delivered_at: datetime | None
    delivery_mode: str
    as_of: datetime
    noticed_at: datetime
    updated_at: datetime


class ReceiptRow(TypedDict):
    """Units that came in together in one condition; `restocked_at` is when the ledger took them."""

    id: str
    line: int
    units: int
    condition: str
    bin: str
    serials: list[str]
    note: str
    by: str
    received_at: datetime
    restocked_at: datetime | None


class PhotoRow(TypedDict):
    """A photo of what came in."""

    id: str
    name: str
    media_type: str
    size: int
    by: str
    created_at: datetime


class LookRow(TypedDict):
    """Somebody looked at the one-time password."""

    at: datetime
    by: str


class ReturnDetail(ReturnRow):
    """A return with what came in, its photos, and who looked at its password."""

    forward_tracking_id: str
    previous_tracking: list[str]
    receipts: list[ReceiptRow]
    photos: list[PhotoRow]
    looks: list[LookRow]


class ReturnFilters(Value, frozen=True):
    """What a list of returns is narrowed to; None means all. `stage` as in the rows, `text` any id or tracking id."""

    account: str | None = None
    location: str | None = None
    status: tuple[str, ...] | None = None
    kind: str | None = None
    stage: str | None = None
    shipment: str | None = None
    order_id: str | None = None
    rma_id: str | None = None
    sku: str | None = None
    tracking_id: str | None = None


class Photo(NamedTuple):
    """A photo's bytes."""

    content: bytes
    media_type: str
    name: str


_CALLED_OFF = "status in ('CANCELLED', 'CUSTOMER_CANCELLED_PICK_UP', 'REJECTED')"
TO_RECEIVE = f"received_units < units and status in ('DELIVERED', 'PARTIALLY_PROCESSED', 'PROCESSED') and not {_PAST}"
"""The condition of returns that the carrier brought and nobody received.

What Amazon counts as processed stays until somebody here says what became of it: no ledger has those units otherwise.
"""
_STAGES = {
    "received": "received_units >= units",
    "partly_received": "received_units > 0 and received_units < units",
    "called_off": f"received_units = 0 and {_CALLED_OFF}",
    "expected": f"received_units = 0 and not {_CALLED_OFF} and not {_PAST}",
    "past": _PAST,
    "to_receive": TO_RECEIVE,
}
STAGES = tuple(_STAGES)
"""Stages that a list can be narrowed to; `to_receive` are those that the carrier brought and nobody received."""


async def returns(
    pool: asyncpg.Pool,
    filters: ReturnFilters,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 100,
    after: str | None = None,
) -> Rows[ReturnRow]:
    """List returns, the newest first."""
    conditions = _conditions(filters, scope)
    if after:
        at, last = [*decode_cursor(after), ""][:2]
        conditions.add("(noticed_at, id) < ({}, {})", moment_of(at), str(last))
    rows = await pool.fetch(
        f"select {_COLUMNS} from return_item {conditions.where} order by noticed_at desc, id desc limit {int(limit)}",
        *conditions.values,
    )
    cursor = encode_cursor(rows[-1]["noticed_at"], rows[-1]["id"]) if len(rows) == limit else None
    return Rows([_row(row) for row in rows], cursor)


async def count(pool: asyncpg.Pool, filters: ReturnFilters, scope: Scope, most: int) -> int:
    """Count the returns of a list, up to `most`."""
    return await counted(pool, "return_item", _conditions(filters, scope), most)


async def find(pool: asyncpg.Pool, reference: str, scope: Scope = EVERYTHING) -> str:
    """Find a return by our id, Amazon's id, or an RMA or reverse tracking id that names one.

    Raises NotFound where there is none, or where several are named.
    """
    rows = await pool.fetch(
        "select id, account_id, location_id from return_item where id = $1 or rma_id = $1 or tracking_id = $1"
        " union select id, account_id, location_id from return_item where amazon_id = $1 limit 100",
        reference,
    )
    seen = [row["id"] for row in rows if scope.sees(row["account_id"], row["location_id"])]
    if len(seen) == 1:
        return str(seen[0])
    if seen:
        raise NotFound(
            f"{len(seen)} returns are named by {reference!r}.", hint=f"Name one of {', '.join(sorted(seen)[:10])}."
        )
    raise NotFound(f"There is no return {reference}.", hint="List them with `packline return list`.")


async def detail(pool: asyncpg.Pool, item: str) -> ReturnDetail:
    """Read one return in full. Raises NotFound."""
    row = await pool.fetchrow(f"select {_COLUMNS} from return_item where id = $1", item)
    if row is None:
        raise NotFound(f"There is no return {item}.", hint="List them with `packline return list`.")
    receipts = await pool.fetch(
        "select id, line, units, condition, bin, serials, note, by_whom as by, received_at, restocked_at"
        " from return_receipt where return_id = $1 order by received_at, id, line",
        item,
    )
    photos = await pool.fetch(
        "select sha256 as id, name, media_type, size, by_whom as by, p.created_at from return_photo p"
        " join document using (sha256) where return_id = $1 order by p.created_at, sha256",
        item,
    )
    looks = await pool.fetch("select at, by_whom as by from return_look where return_id = $1 order by at", item)
    told = _decode.decode(row["state"])
    return ReturnDetail(
        **_row(row),
        forward_tracking_id=told.forward_tracking_id,
        previous_tracking=[tracking for _, tracking in told.previous],
        receipts=[cast("ReceiptRow", dict(one)) for one in receipts],
        photos=[cast("PhotoRow", dict(one)) for one in photos],
        looks=[cast("LookRow", dict(one)) for one in looks],
    )


async def photo(pool: asyncpg.Pool, item: str, photo_id: str, opened: Open) -> Photo:
    """Read a photo's bytes; `opened` decrypts what is stored. Raises NotFound, also where it was erased."""
    row = await pool.fetchrow(
        "select content, media_type, name, erased_at from return_photo join document using (sha256)"
        " where return_id = $1 and sha256 = $2",
        item,
        photo_id,
    )
    if row is None:
        raise NotFound(f"Return {item} has no photo {photo_id}.")
    if row["erased_at"] is not None:
        raise erased(row["name"], row["erased_at"])
    return Photo(opened(bytes(row["content"])), row["media_type"], row["name"])


def _conditions(filters: ReturnFilters, scope: Scope) -> Conditions:
    conditions = Conditions(scope)
    for column in ("account", "location", "shipment"):
        conditions.add_if(f"{column}_id = {{}}", getattr(filters, column))
    for column in ("kind", "order_id", "rma_id", "sku", "tracking_id"):
        conditions.add_if(f"{column} = {{}}", getattr(filters, column))
    conditions.add_if("status = any({}::text[])", list(filters.status) if filters.status else None)
    if filters.stage:
        conditions.parts.append(_STAGES[filters.stage])
    return conditions


def _row(row: Any) -> ReturnRow:
    told = _decode.decode(row["state"])
    return ReturnRow(
        id=row["id"],
        account=row["account_id"],
        amazon_id=row["amazon_id"],
        location=row["location_id"],
        shipped_from=told.shipped_from,
        shipment=row["shipment_id"],
        order_id=row["order_id"],
        rma_id=row["rma_id"],
        sku=row["sku"],
        units=row["units"],
        kind=row["kind"],
        sub_type=told.sub_type,
        status=row["status"],
        stage=_stage(row),
        reason=told.reason,
        carrier=told.carrier,
        tracking_id=row["tracking_id"],
        source=row["source"],
        received_units=row["received_units"],
        restocked_units=row["restocked_units"],
        password_valid_till=row["otp_valid_till"] if row["has_otp"] else None,
        exchange_order_id=told.exchange_order_id,
        created_at=told.created_at,
        picked_up_at=told.picked_up_at,
        delivered_at=told.delivered_at,
        delivery_mode=told.delivery_mode,
        as_of=told.as_of,
        noticed_at=row["noticed_at"],
        updated_at=row["updated_at"],
    )


def _stage(row: Any) -> str:
    if row["received_units"] >= row["units"]:
        return "received"
    if row["received_units"]:
        return "partly_received"
    if row["is_past"]:
        return "past"
    called_off = row["status"] in ("CANCELLED", "CUSTOMER_CANCELLED_PICK_UP", "REJECTED")
    return "called_off" if called_off else "expected"
