"""Files of documents and what became of their pages (implements `commands.document_drops.DropStore`)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg

from packline.domain.document_drop import DocumentDrop
from packline.errors import PacklineError
from packline.storage.sealed import kept, opened
from packline.storage.secrets import Vault

CLAIMED = timedelta(minutes=4)
"""Longer than the reading of one document may take; then the process that took a file is taken for dead."""
SOURCE = "dropped"
"""What pages that belong to nobody are parked under (`commands.drop`)."""
_COLUMNS = "id, account_id, created_at, name, by_whom, state, done, total, error, hint"
_ADD = """
insert into document_drop (id, account_id, name, by_whom, content, size, created_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_CLAIM = f"""
update document_drop set state = 'running', began_at = coalesce(began_at, $1), claimed_until = $2
where id = (
    select id from document_drop where state in ('waiting', 'running')
        and (claimed_until is null or claimed_until <= $1) and ($3::text is null or id = $3)
    order by created_at limit 1 for update skip locked
)
returning {_COLUMNS}
"""
_PROGRESS = "update document_drop set done = $2, total = $3, claimed_until = $4 where id = $1 and state = 'running'"
_OVER = """
update document_drop set state = $2, done = $3, total = $3, error = $4, hint = $5, ended_at = $6, content = null,
    claimed_until = null
where id = $1 and state = 'running'
"""
_SHEETS = """
insert into document_drop_sheet (drop_id, number, pages, outcome, order_id, shipment_id, kind, why, parked_hash)
select $1, number, string_to_array(pages, ',')::int[], outcome, order_id, shipment_id, kind, why, parked_hash
from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
    as sheet (number, pages, outcome, order_id, shipment_id, kind, why, parked_hash)
on conflict do nothing
"""
_PARKED = f"""
select d.account_id, p.body from document_drop_sheet s
join document_drop d on d.id = s.drop_id
join parked p on p.account_id = d.account_id and p.source = '{SOURCE}' and p.hash = s.parked_hash
where s.drop_id = $1 and s.number = $2 and s.handled_at is null and p.resolved_at is null and p.erased_at is null
"""
_HANDLE = """
update document_drop_sheet set handled_by = $3, handled_at = $4, outcome = coalesce($5, outcome),
    order_id = coalesce($6, order_id), shipment_id = coalesce($7, shipment_id), kind = coalesce($8, kind)
where drop_id = $1 and number = $2
"""
_RESOLVE = f"""
update parked p set resolved_at = $3 from document_drop_sheet s join document_drop d on d.id = s.drop_id
where s.drop_id = $1 and s.number = $2 and p.account_id = d.account_id and p.source = '{SOURCE}'
    and p.hash = s.parked_hash and p.resolved_at is null
"""


class Sheet(Protocol):
    """What became of some pages, as `commands.drop.Sheets` says it."""

    @property
    def pages(self) -> tuple[int, ...]: ...

    @property
    def outcome(self) -> str: ...

    @property
    def order_id(self) -> str: ...

    @property
    def shipment(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def why(self) -> str: ...

    @property
    def parked(self) -> bytes | None: ...


class DocumentDrops:
    """Files that people brought: their claims, and their pages."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault | None = None) -> None:
        """Use the pool of this process, and the vault that files are encrypted with."""
        self._pool, self._vault = pool, vault

    async def add(self, drop: DocumentDrop, content: bytes) -> None:
        """Keep a file that waits."""
        held = await asyncio.to_thread(kept, self._vault, content)
        given = (held, len(content), drop.created_at)
        await self._pool.execute(_ADD, drop.id, drop.account, drop.name, drop.by, *given)

    async def claim(self, now: datetime, only: str | None = None) -> DocumentDrop | None:
        """Take the oldest open file (or only this one) that nobody works on, for some minutes."""
        row = await self._pool.fetchrow(_CLAIM, now, now + CLAIMED, only)
        if row is None:
            return None
        given = dict(row)
        return DocumentDrop(account=given.pop("account_id"), by=given.pop("by_whom"), **given)

    async def content(self, drop_id: str) -> bytes:
        """Read a file's bytes."""
        held = await self._pool.fetchval("select content from document_drop where id = $1", drop_id) or b""
        return await asyncio.to_thread(opened, self._vault, bytes(held))

    async def progress(self, drop_id: str, done: int, total: int, now: datetime) -> None:
        """Note how far a file is; the claim goes on."""
        await self._pool.execute(_PROGRESS, drop_id, done, total, now + CLAIMED)

    async def finish(self, drop_id: str, told: Sequence[Sheet], now: datetime) -> None:
        """Write what became of the pages and forget the file's bytes; a process that comes late does nothing."""
        given = sum(bool(sheet.kind) for sheet in told)
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute(_OVER, drop_id, "done", given, "", "", now)
            if done == "UPDATE 0":
                return
            await connection.execute(
                _SHEETS,
                drop_id,
                list(range(1, len(told) + 1)),
                [",".join(map(str, sheet.pages)) for sheet in told],
                [sheet.outcome for sheet in told],
                [sheet.order_id for sheet in told],
                [sheet.shipment for sheet in told],
                [sheet.kind for sheet in told],
                [sheet.why for sheet in told],
                [sheet.parked for sheet in told],
            )

    async def fail(self, drop_id: str, error: PacklineError, now: datetime) -> None:
        """Note that a file cannot be read."""
        await self._pool.execute(_OVER, drop_id, "failed", 0, error.message, error.hint, now)

    async def parked(self, drop_id: str, number: int) -> tuple[str, bytes] | None:
        """Give account and bytes of pages that wait for a person; None where they do not (any more)."""
        row = await self._pool.fetchrow(_PARKED, drop_id, number)
        return (row["account_id"], opened(self._vault, bytes(row["body"]))) if row else None

    async def handle(self, drop_id: str, number: int, told: Sheet | None, by: str, now: datetime) -> None:
        """Note what a person did with pages that waited, and take them off the person's list, in one transaction."""
        given = (told.outcome, told.order_id, told.shipment, told.kind) if told else ("aside", None, None, None)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_HANDLE, drop_id, number, by, now, *given)
            await connection.execute(_RESOLVE, drop_id, number, now)
