"""Erase personal data some time after the delivery: addresses, raw answers, labels and invoices; set by set."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from msgspec.structs import replace

from packline.domain.audit import AuditKind, Entry
from packline.domain.details import Details, left_of
from packline.domain.shipment import Label, Package, Shipment
from packline.storage.audit import add
from packline.storage.codec import decode_shipment, encode_shipment

WHO = "packline"
ACT = "personal_data.erase"
NOTED_AT_ONCE = 2000
ERASED_AT_ONCE = 200
UNHEARD = timedelta(days=30)
"""A parcel whose delivery nobody ever told counts as delivered this long after its ship-by."""
_OVER = """
update shipment set over_at = least($1, updated_at, greatest(as_of, updated_at - interval '7 days')) where id in (
    select id from shipment where over_at is null and stage in ('DELIVERED', 'CANCELLED')
    order by id limit $2 for update skip locked
)
"""
_UNHEARD = """
update shipment set over_at = $1 where id in (
    select id from shipment where over_at is null and stage = 'SHIPPED' and ship_by < $2
    order by ship_by limit $3 for update skip locked
)
"""
_DUE = """
select s.id, s.state, b.body from shipment s left join shipment_body b on b.shipment_id = s.id
where s.over_at < $1 and s.erased_at is null order by s.over_at limit $2 for update of s skip locked
"""
_STATES = """
update shipment s set state = n.state, erased_at = $1
from unnest($2::text[], $3::bytea[]) as n(id, state) where s.id = n.id
"""
_BODIES = """
update shipment_body b set body = n.body from unnest($1::text[], $2::bytea[]) as n(id, body) where b.shipment_id = n.id
"""
_DOCUMENTS = """
update document d set content = ''::bytea, erased_at = $1
where d.erased_at is null and d.sha256 in (select sha256 from shipment_document where shipment_id = any($2::text[]))
    and not exists (select from shipment_document o join shipment s on s.id = o.shipment_id
        where o.sha256 = d.sha256 and s.erased_at is null)
"""
_PARKED = """
update parked set body = ''::bytea, head = null, is_open = false, erased_at = $2
where erased_at is null and created_at < $1
"""
"""Whose parcel a parked record tells of cannot be known; it was not delivered before the record came."""
_DROPS = "update document_drop set content = null where created_at < $1 and content is not null"
_PHOTOS = """
update document d set content = ''::bytea, erased_at = $2
where d.erased_at is null and exists (select from return_photo p where p.sha256 = d.sha256)
    and not exists (select from return_photo p join return_item i on i.id = p.return_id
        where p.sha256 = d.sha256 and (p.created_at >= $1 or i.updated_at >= $1))
    and not exists (select from shipment_document o join shipment s on s.id = o.shipment_id
        where o.sha256 = d.sha256 and s.erased_at is null)
"""
_ROUTES = """
update route_order set postal_code = '' where state in ('done', 'cancelled') and updated_at < $1 and postal_code <> ''
"""
_PASSWORDS = "update return_item set otp = null, otp_key = null where otp is not null and otp_valid_till <= $1"
_PRINTS = "update print_file set content = null where until < $1 and content is not null"
Decode = Callable[[bytes, str], Details]


class Erasing:
    """The job that erases; `details` reads a stored body (`ports.Gateway.details`)."""

    def __init__(self, pool: asyncpg.Pool, details: Decode, keep: timedelta) -> None:
        """Erase what is older than `keep` after the delivery or the cancellation."""
        self._pool, self._details, self._keep = pool, details, keep

    async def work(self, now: datetime) -> bool:
        """Erase some hundred shipments that are due, in one short transaction; True where there are more.

        What stays: the shipment with its status, lines, packages and tracking ids, its events, calls, tickets and
        audit, and the fingerprints of its documents.
        """
        noted = await self._note(now)
        erased = await self._erase(now)
        if erased:
            said = f"{erased} {'shipment' if erased == 1 else 'shipments'}"
            await add(self._pool, Entry(now, WHO, AuditKind.ACT, ACT, said, outcome="done"))
        return noted or erased == ERASED_AT_ONCE

    async def tidy(self, now: datetime) -> None:
        """Erase what is no shipment's own.

        Parked records, dropped files, photos of returns that nothing was told of for as long, where orders of kept
        routes went; printed files and one-time passwords that are over.
        """
        until = now - self._keep
        await self._pool.execute(_PARKED, until, now)
        await self._pool.execute(_DROPS, until)
        await self._pool.execute(_PHOTOS, until, now)
        await self._pool.execute(_ROUTES, until)
        await self._pool.execute(_PRINTS, now)
        await self._pool.execute(_PASSWORDS, now)

    async def _note(self, now: datetime) -> bool:
        """Note since when some shipments are over; True where there may be more.

        Amazon's time of the last report counts where it can be: no later than we heard of it, and no more than a week
        before, or a clock that is wrong would erase what is needed.
        """
        over: str = await self._pool.execute(_OVER, now, NOTED_AT_ONCE)
        unheard: str = await self._pool.execute(_UNHEARD, now, now - UNHEARD, NOTED_AT_ONCE)
        return f"UPDATE {NOTED_AT_ONCE}" in (over, unheard)

    async def _erase(self, now: datetime) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_DUE, now - self._keep, ERASED_AT_ONCE)
            if rows:
                await self._wipe(connection, rows, now)
        return len(rows)

    async def _wipe(self, connection: asyncpg.Connection, rows: Sequence[Any], now: datetime) -> None:
        shipments = [decode_shipment(row["state"]) for row in rows]
        names = [shipment.id for shipment in shipments]
        await connection.execute(_STATES, now, names, [encode_shipment(without_address(s)) for s in shipments])
        kept = [(s.id, self._left(row["body"], s.api)) for s, row in zip(shipments, rows, strict=True) if row["body"]]
        await connection.execute(_BODIES, [name for name, _ in kept], [body for _, body in kept])
        await connection.execute(_DOCUMENTS, now, names)

    def _left(self, body: bytes, api: str) -> bytes:
        try:
            return left_of(self._details(body, api))
        except Exception:  # noqa: BLE001  whatever cannot be read is erased whole: it may hold an address
            return left_of(Details(()))


def without_address(shipment: Shipment) -> Shipment:
    """Take out of a shipment what leads to the buyer's address: its mark, and where labels could be fetched."""
    return replace(shipment, ship_to="", packages=tuple(map(_without_address, shipment.packages)))


def _without_address(package: Package) -> Package:
    label: Label | None = package.label
    if label is None or label.url is None:
        return package
    return replace(package, label=replace(label, url=None))
