"""Uploads of stock and how far they are (implements `commands.stock_imports.FileStore`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from packline.domain.inventory.upload import Refusal, StockFile

CLAIMED = timedelta(seconds=20)
"""After that the process that took an upload is taken for dead; each step renews it."""
_COLUMNS = (
    "id, name, format, created_at, account_id, location_id, do_what, accounts, locations, by_whom, state, total, done,"
    " applied, refused, error"
)
_ADD = """
insert into stock_import (id, name, format, created_at, account_id, location_id, do_what, accounts, locations, by_whom,
    content) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (id) do nothing
"""
_CLAIM = f"""
update stock_import set state = 'running', began_at = coalesce(began_at, $1), claimed_until = $2
where id = (
    select id from stock_import where state in ('waiting', 'running')
        and (claimed_until is null or claimed_until <= $1)
    order by created_at limit 1 for update skip locked
)
returning {_COLUMNS}
"""
_STEP = """
update stock_import set state = $3, total = $4, done = $5, applied = $6, refused = $7, error = $8,
    claimed_until = $9::timestamptz, ended_at = case when $3 in ('done', 'failed') then $10::timestamptz end,
    content = case when $3 in ('done', 'failed') then null else content end
where id = $1 and done = $2 and state in ('waiting', 'running')
"""
_REFUSALS = """
insert into stock_refusal (import_id, line, row, reason)
select $1, * from unnest($2::int[], $3::bytea[], $4::text[]) on conflict do nothing
"""
_EVENT = "insert into event (at, account_id, name, cause, data) values ($1, $2, 'stock.imported', 'command', $3)"


class StockFiles:
    """Uploads, their claims and their progress."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def add(self, file: StockFile, content: bytes) -> bool:
        """Store an upload; False where one of this id is there already."""
        done: str = await self._pool.execute(
            _ADD,
            file.id,
            file.name,
            file.format,
            file.created_at,
            file.account,
            file.location,
            file.do,
            None if file.accounts is None else list(file.accounts),
            None if file.locations is None else list(file.locations),
            file.by,
            content,
        )
        return done != "INSERT 0 0"

    async def claim(self, now: datetime) -> StockFile | None:
        """Take the oldest open upload that nobody works on, for some seconds."""
        row = await self._pool.fetchrow(_CLAIM, now, now + CLAIMED)
        return file_of(row) if row else None

    async def content(self, file_id: str) -> bytes:
        """Read an upload's bytes."""
        found = await self._pool.fetchval("select content from stock_import where id = $1", file_id)
        return bytes(found or b"")

    async def step(self, before: StockFile, after: StockFile, refusals: Sequence[Refusal], now: datetime) -> bool:
        """Write progress; False where another process was quicker. What is over keeps no bytes."""
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute(
                _STEP,
                after.id,
                before.done,
                after.state,
                after.total,
                after.done,
                after.applied,
                after.refused,
                after.error,
                now,
                now,
            )
            if done == "UPDATE 0":
                return False
            if refusals:
                rows = [(r.line, r.row, r.reason) for r in refusals]
                await connection.execute(_REFUSALS, after.id, *(list(column) for column in zip(*rows, strict=True)))
            if after.state in ("done", "failed"):
                await connection.execute(_EVENT, now, after.account, msgspec.json.encode({"event": _told(after)}))
        return True


def file_of(row: Any) -> StockFile:
    """Make the upload of a row."""
    return StockFile(
        id=row["id"],
        name=row["name"],
        format=row["format"],
        created_at=row["created_at"],
        account=row["account_id"] or "",
        location=row["location_id"] or "",
        do=row["do_what"],
        accounts=None if row["accounts"] is None else tuple(row["accounts"]),
        locations=None if row["locations"] is None else tuple(row["locations"]),
        by=row["by_whom"],
        state=row["state"],
        total=row["total"],
        done=row["done"],
        applied=row["applied"],
        refused=row["refused"],
        error=row["error"],
    )


def _told(file: StockFile) -> dict[str, Any]:
    return {
        "type": "stock_imported",
        "import": file.id,
        "state": file.state,
        "total": file.total,
        "applied": file.applied,
        "refused": file.refused,
        "error": file.error,
    }
