"""Encrypt what intake wrote in plain: raw answers and documents of shipments, some minutes after they came."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from packline.storage.resealing import Resealing
from packline.storage.sealed import is_sealed, seal
from packline.storage.secrets import Vault

AT_ONCE = 500
DOCUMENTS_AT_ONCE = 20
LATER = timedelta(minutes=10)
"""How long a raw answer may lie as it came: a transaction that began before this one is over by then."""
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_LOCK = 0x5345414C
_CURSOR = "select at, id from sealing where name = 'body'"
_MOVE = """
insert into sealing (name, at, id) values ('body', $1, $2)
on conflict (name) do update set at = excluded.at, id = excluded.id
"""
_BODIES = """
select s.id, s.received_at, b.hash, b.as_of, b.body from (
    select id, received_at from shipment where (received_at, id) > ($1, $2) and received_at < $3
    order by received_at, id limit $4
) s left join shipment_body b on b.shipment_id = s.id order by s.received_at, s.id
"""
_SEAL_BODIES = """
update shipment_body b set body = n.body
from unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::bytea[]) as n(id, hash, as_of, body)
where b.shipment_id = n.id and b.hash = n.hash and b.as_of = n.as_of
    and not exists (select from shipment s where s.id = n.id and s.erased_at is not null)
"""
_DOCUMENTS = """
select sha256, content from document where is_open and created_at < $1 order by created_at, sha256 limit $2
"""
_SEAL_DOCUMENTS = """
update document d set is_open = false, content = n.content, head = substring(d.content for 8)
from unnest($1::text[], $2::bytea[]) as n(sha256, content) where d.sha256 = n.sha256 and d.is_open
    and d.erased_at is null
"""
_PARKED = "select id, body from parked where is_open order by id limit $1"
_SEAL_PARKED = """
update parked p set is_open = false, body = n.body, size = length(p.body), head = substring(p.body for 8)
from unnest($1::bigint[], $2::bytea[]) as n(id, body) where p.id = n.id and p.is_open
"""


class Sealing:
    """The job that encrypts; a body that changes meanwhile stays as it is, for whoever wrote it sealed it."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Encrypt with the newest key of the vault."""
        self._pool, self._vault = pool, vault
        self._older = Resealing(pool, vault)

    async def work(self, now: datetime) -> bool:
        """Encrypt some of what lies in plain for some minutes; True where there is more.

        One process does so at a time, the others leave it to it. Reading and encrypting come before anything is
        written: an open transaction that has written holds the feed of events up. What an older key protects is
        encrypted anew.
        """
        async with self._pool.acquire() as connection:
            if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                return False
            try:
                bodies = await self._bodies(connection, now - LATER)
                documents = await self._documents(connection, now - LATER)
                parked = await self._parked(connection)
            finally:
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)
        is_older = await self._older.work(now)
        return is_older or bodies == AT_ONCE or DOCUMENTS_AT_ONCE in (documents, parked)

    async def _bodies(self, connection: asyncpg.Connection, until: datetime) -> int:
        place = await connection.fetchrow(_CURSOR) or (_BEGIN, "")
        rows = await connection.fetch(_BODIES, *place, until, AT_ONCE)
        if not rows:
            return 0
        plain = [row for row in rows if row["body"] and not is_sealed(row["body"])]
        sealed = await asyncio.to_thread(self._sealed, [row["body"] for row in plain])
        columns = [[row[name] for row in plain] for name in ("id", "hash", "as_of")]
        async with connection.transaction():
            await connection.execute(_SEAL_BODIES, *columns, sealed)
            await connection.execute(_MOVE, rows[-1]["received_at"], rows[-1]["id"])
        return len(rows)

    async def _documents(self, connection: asyncpg.Connection, until: datetime) -> int:
        rows = await connection.fetch(_DOCUMENTS, until, DOCUMENTS_AT_ONCE)
        if rows:
            sealed = await asyncio.to_thread(self._sealed, [row["content"] for row in rows])
            await connection.execute(_SEAL_DOCUMENTS, [row["sha256"] for row in rows], sealed)
        return len(rows)

    async def _parked(self, connection: asyncpg.Connection) -> int:
        """Encrypt parked records that were written without a key at hand."""
        rows = await connection.fetch(_PARKED, DOCUMENTS_AT_ONCE)
        if rows:
            sealed = await asyncio.to_thread(self._sealed, [row["body"] for row in rows])
            await connection.execute(_SEAL_PARKED, [row["id"] for row in rows], sealed)
        return len(rows)

    def _sealed(self, contents: Sequence[bytes]) -> list[bytes]:
        return [seal(self._vault, bytes(content)) if content else b"" for content in contents]
