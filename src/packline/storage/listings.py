"""Listings and the files that they come in (implements `commands.listing_imports.ListingFileStore`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace

from packline.domain.listing import Checked, ListingFile

CLAIMED = timedelta(seconds=20)
"""After that the process that took an upload is taken for dead; each step renews it."""
_COLUMNS = (
    "id, account_id, name, format, mode, state, done, total, added, changed, unchanged, refused, repeated, error,"
    " by_whom, created_at"
)
_ADD = """
insert into listing_import (id, account_id, name, format, mode, by_whom, created_at, content)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing
"""
_CLAIM = f"""
update listing_import set state = 'running', began_at = coalesce(began_at, $1), claimed_until = $2
where id = (
    select id from listing_import where state in ('waiting', 'running')
        and (claimed_until is null or claimed_until <= $1) and ($3::text is null or id = $3)
    order by created_at limit 1 for update skip locked
)
returning {_COLUMNS}
"""
_STAGED = """
update listing_import set done = $3, claimed_until = $4
where id = $1 and done = $2 and state = 'running'
"""
_ROWS = """
insert into listing_row (import_id, line, row, marketplace, channel_sku, client_sku, asin, reason)
select $1, * from unnest($2::int[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
on conflict do nothing
"""
_CONTRADICTIONS = """
update listing_row r set reason = 'Lines ' || array_to_string(c.lines[1:10], ', ') || ' contradict each other about '
    || r.channel_sku || ': keep the one that is right.'
from (
    select marketplace, channel_sku, array_agg(line order by line) as lines from listing_row
    where import_id = $1 and reason is null group by marketplace, channel_sku
    having count(distinct (client_sku, asin)) > 1
) c
where r.import_id = $1 and r.reason is null and r.marketplace = c.marketplace and r.channel_sku = c.channel_sku
"""
_REPETITIONS = """
update listing_row r set is_repeated = true, reason = 'Line ' || d.first || ' says the same.'
from (
    select line, min(line) over (partition by marketplace, channel_sku) as first from listing_row
    where import_id = $1 and reason is null
) d
where r.import_id = $1 and r.line = d.line and d.line > d.first
"""
_COUNT = """
select count(*) filter (where reason is not null and not is_repeated)::int as refused,
    count(*) filter (where is_repeated)::int as repeated,
    count(*) filter (where reason is null and l.account_id is null)::int as added,
    count(*) filter (where reason is null and (l.client_sku, l.asin) is distinct from (r.client_sku, r.asin)
        and l.account_id is not null)::int as changed,
    count(*) filter (where reason is null and (l.client_sku, l.asin) = (r.client_sku, r.asin))::int as unchanged
from listing_row r
left join listing l on l.account_id = $2 and l.marketplace = r.marketplace and l.channel_sku = r.channel_sku
where import_id = $1
"""
_APPLY = """
insert into listing as l (account_id, marketplace, channel_sku, client_sku, asin, updated_at)
select $2, marketplace, channel_sku, client_sku, asin, $3 from listing_row where import_id = $1 and reason is null
order by marketplace, channel_sku
on conflict (account_id, marketplace, channel_sku) do update
    set client_sku = excluded.client_sku, asin = excluded.asin, updated_at = excluded.updated_at
    where (l.client_sku, l.asin) is distinct from (excluded.client_sku, excluded.asin)
"""
_OVER = """
update listing_import set state = $2, total = done, added = $3, changed = $4, unchanged = $5, refused = $6,
    repeated = $7, error = $8, ended_at = $9, content = null, claimed_until = null where id = $1
"""
_EVENT = "insert into event (at, account_id, name, cause, data) values ($1, $2, 'listing.imported', 'command', $3)"


class ListingFiles:
    """Uploads of listings: their claims, their rows, and the one moment in which they count."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def add(self, file: ListingFile, content: bytes) -> bool:
        """Store an upload; False where one of this id is there already."""
        done: str = await self._pool.execute(
            _ADD, file.id, file.account, file.name, file.format, file.mode, file.by, file.created_at, content
        )
        return done != "INSERT 0 0"

    async def claim(self, now: datetime, only: str | None = None) -> ListingFile | None:
        """Take the oldest open upload (or only this one) that nobody works on, for some seconds."""
        row = await self._pool.fetchrow(_CLAIM, now, now + CLAIMED, only)
        return file_of(row) if row else None

    async def file(self, file_id: str) -> ListingFile:
        """Read an upload and how far it is."""
        return file_of(await self._pool.fetchrow(f"select {_COLUMNS} from listing_import where id = $1", file_id))

    async def content(self, file_id: str) -> bytes:
        """Read an upload's bytes."""
        found = await self._pool.fetchval("select content from listing_import where id = $1", file_id)
        return bytes(found or b"")

    async def stage(self, before: ListingFile, rows: Sequence[Checked], now: datetime) -> ListingFile | None:
        """Lay rows aside and note the progress; None where another process was quicker. The claim ends with it."""
        done = before.done + len(rows)
        async with self._pool.acquire() as connection, connection.transaction():
            noted: str = await connection.execute(_STAGED, before.id, before.done, done, now)
            if noted == "UPDATE 0":
                return None
            await connection.execute(_ROWS, before.id, *_columns(rows))
        return replace(before, done=done)

    async def finish(self, file: ListingFile, now: datetime) -> ListingFile:
        """Name repeated and contradicting rows and store what the mode asks for, in one transaction.

        Another process that finishes the same file waits, and then finds that it is over.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(f"select {_COLUMNS} from listing_import where id = $1 for update", file.id)
            there = file_of(row)
            if there.is_over:
                return there
            await connection.execute("analyze listing_row")  # the rows are new: nothing is known of their number
            await connection.execute(_CONTRADICTIONS, file.id)
            await connection.execute(_REPETITIONS, file.id)
            counts = dict(await connection.fetchrow(_COUNT, file.id, file.account))
            state = _outcome(file.mode, counts["refused"])
            if state == "done":
                await connection.execute(_APPLY, file.id, file.account, now)
            await connection.execute("delete from listing_row where import_id = $1 and reason is null", file.id)
            return await _over(connection, replace(there, state=state, total=there.done, **counts), now)

    async def fail(self, file: ListingFile, error: str, now: datetime) -> ListingFile:
        """Note that a file cannot be read; what was laid aside of it is gone."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from listing_row where import_id = $1", file.id)
            return await _over(connection, replace(file, state="failed", error=error), now)


def file_of(row: Any) -> ListingFile:
    """Make the upload of a row."""
    given = dict(row)
    return ListingFile(account=given.pop("account_id"), by=given.pop("by_whom"), **given)


def _outcome(mode: str, refused: int) -> str:
    if mode == "check":
        return "checked"
    return "refused" if refused and mode == "all" else "done"


async def _over(connection: asyncpg.Connection, file: ListingFile, now: datetime) -> ListingFile:
    counts = (file.added, file.changed, file.unchanged, file.refused, file.repeated)
    await connection.execute(_OVER, file.id, file.state, *counts, file.error, now)
    told = {
        "type": "listing_imported",
        "import": file.id,
        "state": file.state,
        "total": file.done,
        "added": file.added,
        "changed": file.changed,
        "refused": file.refused,
        "error": file.error,
    }
    await connection.execute(_EVENT, now, file.account, msgspec.json.encode({"event": told}))
    return file


def _columns(rows: Sequence[Checked]) -> list[list[Any]]:
    listings = [checked.listing for checked in rows]
    return [
        [checked.line for checked in rows],
        [msgspec.json.encode(checked.row) for checked in rows],
        [one.marketplace if one else None for one in listings],
        [one.channel_sku if one else None for one in listings],
        [one.client_sku if one else None for one in listings],
        [one.asin if one else None for one in listings],
        [checked.reason or None for checked in rows],
    ]
