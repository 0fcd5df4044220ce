"""Encrypt what intake wrote in plain: raw answers and documents of shipments, some minutes after they came."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

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
select d.sha256, d.content, exists (select from shipment_document s where s.sha256 = d.sha256)
    and not exists (select from return_photo r where r.sha256 = d.sha256) as is_personal
from document d where d.is_open and d.created_at < $1 order by d.created_at, d.sha256 limit $2 for update skip locked
"""
_SEAL_DOCUMENTS = """
update document d set is_open = false, content = n.content, head = substring(d.content for 8)
from unnest($1::text[], $2::bytea[]) as n(sha256, content) where d.sha256 = n.sha256
"""
_LEAVE = "update document set is_open = false where sha256 = any($1::text[])"


class Sealing:
    """The job that encrypts; a body that changes meanwhile stays as it is, for whoever wrote it sealed it."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Encrypt with the newest key of the vault."""
        self._pool, self._vault = pool, vault

    async def work(self, now: datetime) -> bool:
        """Encrypt some of what lies in plain for some minutes, in two short transactions; True where there is more."""
        bodies = await self._bodies(now - LATER)
        documents = await self._documents(now - LATER)
        return bodies == AT_ONCE or documents == DOCUMENTS_AT_ONCE

    async def _bodies(self, until: datetime) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            place = await connection.fetchrow(_CURSOR) or (_BEGIN, "")
            rows = await connection.fetch(_BODIES, *place, until, AT_ONCE)
            if not rows:
                return 0
            plain = [row for row in rows if row["body"] and not is_sealed(row["body"])]
            sealed = await asyncio.to_thread(self._sealed, [row["body"] for row in plain])
            columns = ([row[name] for row in plain] for name in ("id", "hash", "as_of"))
            await connection.execute(_SEAL_BODIES, *columns, sealed)
            await connection.execute(_MOVE, rows[-1]["received_at"], rows[-1]["id"])
        return len(rows)

    async def _documents(self, until: datetime) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_DOCUMENTS, until, DOCUMENTS_AT_ONCE)
            if not rows:
                return 0
            personal = [row for row in rows if row["is_personal"]]
            sealed = await asyncio.to_thread(self._sealed, [row["content"] for row in personal])
            await connection.execute(_SEAL_DOCUMENTS, [row["sha256"] for row in personal], sealed)
            await connection.execute(_LEAVE, [row["sha256"] for row in rows if not row["is_personal"]])
        return len(rows)

    def _sealed(self, contents: Sequence[bytes]) -> list[bytes]:
        return [seal(self._vault, bytes(content)) if content else b"" for content in contents]
