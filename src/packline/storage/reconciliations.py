"""Reconciliations in PostgreSQL: how far they are and what the other books say (implements `ReadingStore`)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from packline.domain.books.entries import Side, Stated, What
from packline.domain.returns import SeenReturn
from packline.domain.values import stable_id
from packline.ports.reconciliations import Run
from packline.storage.together import Together
from packline.storage.wake import ring

TAKEN_AT_ONCE = 200
RUN = "id, account_id, location_id, what, side, since, until, state, step, token, report_id, by_whom"
_ADD = """
insert into reconciliation (id, account_id, location_id, what, side, source, since, until, state, drift_id, unreadable,
    by_whom, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id) do nothing
"""
_STATE = """
insert into reconciliation_stated (run_id, key, amazon_id, order_id, stated)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bytea[])
on conflict (run_id, key) do update set stated = excluded.stated
"""
_MOVED = """
update reconciliation set state = 'reading', step = $2, token = $3, steps = $4, stated = stated + $5,
    unreadable = unreadable + $6, next_at = null where id = $1 and ended_at is null
"""
_NEXT = f"""
select distinct on (account_id) {RUN}, next_at from reconciliation
where account_id = any($1::text[]) and ended_at is null and state in ('waiting', 'reading') and side <> 'seller'
    and what <> 'stock' and not (side <> 'amazon' and source <> '')
order by account_id, coalesce(next_at, created_at), created_at
"""
_UNSEEN = """
select amazon_id from shipment s
where s.account_id = $2 and ($3 = '' or s.location_id = $3) and s.as_of >= $4 and s.as_of <= $5
    and (select count(*) from reconciliation_stated t where t.run_id = $1 and t.key = s.amazon_id) = 0
order by s.id limit $6
"""
# Counted, not joined: a plan made before anything was stated would compare each with each.
_TAKE = """
select a.account_id, i.id, i.payload from unnest($1::text[]) as a(account_id) cross join lateral (
    select id, payload from reconciliation_item
    where account_id = a.account_id and outcome = 'asked' and payload is not null order by id limit $2
) i order by i.id
"""
_encode = msgspec.msgpack.Encoder()
_stated = msgspec.msgpack.Decoder(Stated)
_seen = msgspec.msgpack.Decoder(SeenReturn)


class Reconciliations:
    """What was asked to be compared, and what Amazon states."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._nexts = Together(self._read_next)
        self._takes = Together(self._read_to_take)

    async def ask(
        self,
        run: Run,
        now: datetime,
        *,
        stated: Sequence[Stated] | None = None,
        source: str = "",
        drift: str | None = None,
        unreadable: int = 0,
    ) -> bool:
        """Keep a run and ring its account; with `stated` its other books are read already. False where it is known."""
        state = "waiting" if stated is None else "read"
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute(
                _ADD,
                run.id,
                run.account,
                run.location,
                run.what.value,
                run.side.value,
                source,
                run.since,
                run.until,
                state,
                drift,
                unreadable,
                run.by,
                now,
            )
            if done == "INSERT 0 0":
                return False
            if stated:
                await connection.execute(_STATE, run.id, *_columns(stated))
                await connection.execute("update reconciliation set stated = $2 where id = $1", run.id, len(stated))
            await ring(connection, [run.account])
        return True

    async def next(self, account: str, now: datetime) -> tuple[Run | None, datetime | None]:
        """Give the oldest run that wants to read now, else when one wants to."""
        row = await self._nexts.ask(account)
        if row is None:
            return None, None
        if row["next_at"] is not None and row["next_at"] > now:
            return None, row["next_at"]
        return run_of(row), None

    async def state(
        self, run: Run, stated: Sequence[Stated], *, step: int, token: str | None, steps: int, unreadable: int = 0
    ) -> None:
        """Keep what was stated together with how far the reading is; the same entry again is the newer."""
        newest = list({one.key: one for one in stated}.values())
        async with self._pool.acquire() as connection, connection.transaction():
            if newest:
                await connection.execute(_STATE, run.id, *_columns(newest))
            await connection.execute(_MOVED, run.id, step, token, steps, len(newest), unreadable)

    async def unseen(self, run: Run, limit: int) -> list[str]:
        """Name our shipments of the scope that no listing stated, by Amazon's ids."""
        rows = await self._pool.fetch(_UNSEEN, run.id, run.account, run.location, run.since, run.until, limit)
        return [row["amazon_id"] for row in rows]

    async def put_off(self, run: Run, until: datetime, report_id: str | None = None) -> None:
        """Let a run wait."""
        await self._pool.execute(
            "update reconciliation set next_at = $2, report_id = coalesce($3, report_id), state = 'reading'"
            " where id = $1",
            run.id,
            until,
            report_id,
        )

    async def is_read(self, run: Run) -> None:
        """Note that everything is stated."""
        await self._pool.execute(
            "update reconciliation set state = 'read', next_at = null where id = $1 and ended_at is null", run.id
        )

    async def fail(self, run: Run, error: str, now: datetime) -> None:
        """End a run that cannot be."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "update reconciliation set state = 'failed', error = $2, ended_at = $3"
                " where id = $1 and ended_at is null",
                run.id,
                error,
                now,
            )
            await tell(connection, run.id, now)

    async def _read_next(self, accounts: list[str]) -> dict[str, asyncpg.Record]:
        return {row["account_id"]: row for row in await self._pool.fetch(_NEXT, accounts)}

    async def to_take(self, account: str) -> list[tuple[int, SeenReturn]]:
        """Give returns that somebody asked to be written as Amazon said them, some at a time."""
        return await self._takes.ask(account) or []

    async def _read_to_take(self, accounts: list[str]) -> dict[str, list[tuple[int, SeenReturn]]]:
        found: dict[str, list[tuple[int, SeenReturn]]] = {}
        for row in await self._pool.fetch(_TAKE, accounts, TAKEN_AT_ONCE):
            found.setdefault(row["account_id"], []).append((row["id"], _seen.decode(row["payload"])))
        return found

    async def taken(self, items: Sequence[int], now: datetime) -> None:
        """Note that they are written."""
        sql = "update reconciliation_item set outcome = 'taken', mended_at = $2 where id = any($1::bigint[])"
        await self._pool.execute(sql, list(items), now)

    async def forget(self, before: datetime) -> None:
        """Forget reconciliations that ended before a time."""
        await self._pool.execute("delete from reconciliation where ended_at < $1", before)


def new_id() -> str:
    """Name a run."""
    return stable_id("rec", secrets.token_hex(16))


def run_of(row: Any) -> Run:
    """Make the run of a row."""
    return Run(
        row["id"],
        row["account_id"],
        row["location_id"],
        What(row["what"]),
        Side(row["side"]),
        row["since"],
        row["until"],
        row["state"],
        row["step"],
        row["token"],
        row["report_id"],
        row["by_whom"],
    )


def stated_of(row: Any) -> Stated:
    """Make the entry of a row."""
    return _stated.decode(row["stated"])


async def tell(connection: asyncpg.Connection, run: str, now: datetime) -> None:
    """Tell that a run is over, with what it found."""
    row = await connection.fetchrow(
        "select account_id, location_id, what, side, state, stated, compared, missing, extra, different, error"
        " from reconciliation where id = $1",
        run,
    )
    told = {"type": "reconciliation_ended", "reconciliation": run, **dict(row)}
    account, location = told.pop("account_id"), told.pop("location_id") or None
    await connection.execute(
        "insert into event (at, account_id, location_id, name, cause, data)"
        " values ($1, $2, $3, 'reconciliation.ended', 'packline', $4)",
        now,
        account,
        location,
        msgspec.json.encode({"event": told}),
    )


def _columns(stated: Sequence[Stated]) -> list[list[Any]]:
    return [
        [one.key for one in stated],
        [one.amazon_id for one in stated],
        [one.order_id for one in stated],
        [_encode.encode(one) for one in stated],
    ]


CLAIMED = timedelta(minutes=5)
"""After that the process that judges a run is taken for dead; each step renews it."""
