"""Encrypt anew what an older key protects: after `packline db rotate-key`, set by set, from where it was left."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import structlog

from packline.errors import ConfigError
from packline.storage.sealed import marks_before, opened, seal
from packline.storage.secrets import Vault

log = structlog.get_logger(__name__)
AT_ONCE = 500
AGAIN = timedelta(days=1)
"""A process that was not started again yet writes with the key before: a day after the last look there is another."""
OVER = "\x7f over"
"""Where a shelf stands when it was looked through; no key of ours begins with it."""
_LOCK = 0x5345414D
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class Shelf(NamedTuple):
    """A table with bytes that are encrypted, told by their first ones; its key, and the key's type."""

    table: str
    key: str
    content: str
    type: str = "text"
    begin: str = ""


SHELVES = (
    Shelf("shipment_body", "shipment_id", "body"),
    Shelf("document", "sha256", "content"),
    Shelf("parked", "id", "body", "bigint", "0"),
)
"""Printed files (an hour) and dropped ones (minutes) are not among them: they are gone before it matters."""
_PLACE = "select at, id from sealing where name = $1"
_MOVE = """
insert into sealing (name, at, id) values ($1, $2, $3)
on conflict (name) do update set at = excluded.at, id = excluded.id
"""
_PAGE = """
select {key}::text as key, case when substring({content} from 1 for 3) between $2 and $3 then {content} end as content
from {table} where {key} > $1::text::{type} order by {key} limit $4
"""
_WRITE = """
update {table} t set {content} = n.content from unnest($1::text[], $2::bytea[], $3::bytea[]) as n(key, content, before)
where t.{key} = n.key::{type} and t.{content} = n.before
"""


class Resealing:
    """The job that encrypts anew; what changes meanwhile stays, for whoever wrote it sealed it."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Encrypt with the newest key of the vault what its older keys open."""
        self._pool, self._vault = pool, vault

    async def work(self, now: datetime) -> bool:
        """Look through the next page of each table, in a short transaction each; True where there is more.

        Where nothing was ever rotated there is nothing to look for.
        """
        if self._vault.version == 1:
            return False
        return any([await self._page(shelf, now) for shelf in SHELVES])

    async def all(self, now: datetime) -> int:
        """Look through everything from the beginning; gives how many records were encrypted anew."""
        for shelf in SHELVES:
            await self._pool.execute(_MOVE, self._name(shelf), now, shelf.begin)
        before = await self._count()
        while await self.work(now):
            pass
        return before - await self._count()

    async def _count(self) -> int:
        """Count what older keys protect: reads the first bytes of every record."""
        counted = 0
        for shelf in SHELVES:
            sql = f"select count(*) from {shelf.table} where substring({shelf.content} from 1 for 3) between $1 and $2"
            counted += int(await self._pool.fetchval(sql, *marks_before(self._vault.version)))
        return counted

    async def _page(self, shelf: Shelf, now: datetime) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            at, place = await connection.fetchrow(_PLACE, self._name(shelf)) or (_FIRST, shelf.begin)
            if place == OVER:
                if now < at + AGAIN:
                    return False
                place = shelf.begin
            marks = marks_before(self._vault.version)
            rows = await connection.fetch(_PAGE.format(**shelf._asdict()), place, *marks, AT_ONCE)
            old = [row for row in rows if row["content"]]
            if old:
                await connection.execute(_WRITE.format(**shelf._asdict()), *await asyncio.to_thread(self._anew, old))
            is_over = len(rows) < AT_ONCE
            await connection.execute(_MOVE, self._name(shelf), now, OVER if is_over else rows[-1]["key"])
        return not is_over

    def _anew(self, rows: Sequence[Any]) -> tuple[list[str], list[bytes], list[bytes]]:
        keys, contents, befores = [], [], []
        for row in rows:
            before = bytes(row["content"])
            try:
                contents.append(seal(self._vault, opened(self._vault, before)))
            except ConfigError:  # one that nobody can open must not stop all others
                log.warning("resealing.unopened", key=row["key"])
                continue
            keys.append(row["key"])
            befores.append(before)
        return keys, contents, befores

    def _name(self, shelf: Shelf) -> str:
        return f"{shelf.table} to key {self._vault.version}"
