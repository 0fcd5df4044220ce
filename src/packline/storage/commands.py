"""Commands and their tickets in PostgreSQL."""

from collections.abc import Sequence

import asyncpg
import msgspec

from packline.domain.shipment import Goal, Problem
from packline.domain.ticket import Ticket
from packline.ports import Clock, Committed, Submission
from packline.storage.commit import write
from packline.storage.wake import ring

_COLUMNS = "id, account_id, shipment_id, kind, goal, outcome, problem, requested_by, request, created_at, settled_at"

_INSERT = """
insert into command (id, account_id, shipment_id, kind, goal, status, outcome, problem, requested_by, request,
                     created_at, settled_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[],
                     $9::text[], $10::bytea[], $11::timestamptz[], $12::timestamptz[])
on conflict (id) do nothing
returning id
"""
_BY_ID = f"select {_COLUMNS} from command where id = any($1::text[])"
_LAST = f"""
select distinct on (shipment_id) {_COLUMNS} from command
where shipment_id = any($1::text[]) order by shipment_id, created_at desc, id
"""
_BODIES = "select shipment_id, body from shipment_body where shipment_id = any($1::text[])"


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a request: its JSON as it was given, and the warnings that it was answered with."""

    request: msgspec.Raw
    warnings: tuple[str, ...] = ()


_problem = msgspec.json.Decoder(Problem)
_kept = msgspec.json.Decoder(Kept)


DEADLOCKS_AT_MOST = 5


class Commands:
    """`ports.TicketStore` on PostgreSQL."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        """Use the pool and the clock of this process."""
        self._pool, self._clock = pool, clock

    async def submit(self, submissions: Sequence[Submission]) -> list[str]:
        """Store tickets with their changes and ring their accounts, in one transaction.

        A command on many shipments may meet a group commit on the same rows in another order; the database then breaks
        one of the two off, and this one begins again.
        """
        for _ in range(DEADLOCKS_AT_MOST - 1):
            try:
                return await self._submit(submissions)
            except asyncpg.DeadlockDetectedError:
                continue
        return await self._submit(submissions)

    async def _submit(self, submissions: Sequence[Submission]) -> list[str]:
        async with self._pool.acquire() as connection, connection.transaction():
            new = {row["id"] for row in await connection.fetch(_INSERT, *_arrays(submissions))}
            fresh = [s for s in submissions if s.ticket.id in new]
            changes = [s.change for s in fresh]
            committed = await write(connection, changes, now=self._clock.now()) if fresh else []
            fates = {s.ticket.id: fate for s, fate in zip(fresh, committed, strict=True)}
            await _forget_stale(connection, fates)
            if accounts := _accounts_with_work(fresh, fates):
                await ring(connection, accounts)
        return [fates[s.ticket.id].outcome if s.ticket.id in fates else "known" for s in submissions]

    async def tickets(self, ids: Sequence[str]) -> dict[str, Ticket]:
        """Read tickets by id."""
        return {row["id"]: ticket_of(row) for row in await self._pool.fetch(_BY_ID, list(ids))}

    async def last(self, shipments: Sequence[str]) -> dict[str, Ticket]:
        """Read the newest ticket of each shipment."""
        if not shipments:
            return {}
        rows = await self._pool.fetch(_LAST, list(shipments))
        return {row["shipment_id"]: ticket_of(row) for row in rows}

    async def bodies(self, shipments: Sequence[str]) -> dict[str, bytes]:
        """Read Amazon's last raw answers."""
        rows = await self._pool.fetch(_BODIES, list(shipments))
        return {row["shipment_id"]: row["body"] for row in rows}


def ticket_of(row: asyncpg.Record) -> Ticket:
    """Make the ticket of a row of `command`."""
    return Ticket(
        id=row["id"],
        account=row["account_id"],
        shipment=row["shipment_id"],
        kind=row["kind"],
        goal=Goal(row["goal"]),
        created_at=row["created_at"],
        outcome=row["outcome"],
        problem=_problem.decode(row["problem"]) if row["problem"] else None,
        requested_by=row["requested_by"],
        settled_at=row["settled_at"],
        warnings=_kept.decode(row["request"]).warnings if row["request"] else (),
    )


async def _write(connection: asyncpg.Connection, fresh: Sequence[Submission]) -> list[Committed]:
    return await write(connection, [s.change for s in fresh], now=fresh[0].ticket.created_at)


async def _forget_stale(connection: asyncpg.Connection, fates: dict[str, Committed]) -> None:
    stale = [ticket for ticket, fate in fates.items() if fate.outcome != "written"]
    if stale:
        await connection.execute("delete from command where id = any($1::text[])", stale)


def _accounts_with_work(fresh: Sequence[Submission], fates: dict[str, Committed]) -> list[str]:
    written = [s for s in fresh if fates[s.ticket.id].outcome == "written" and s.change.due_at is not None]
    return sorted({s.ticket.account for s in written})


def _arrays(submissions: Sequence[Submission]) -> list[list[object]]:
    tickets = [s.ticket for s in submissions]
    encode = msgspec.json.encode
    return [
        [t.id for t in tickets],
        [t.account for t in tickets],
        [t.shipment for t in tickets],
        [t.kind for t in tickets],
        [str(t.goal) for t in tickets],
        [t.status for t in tickets],
        [t.outcome for t in tickets],
        [encode(t.problem) if t.problem else None for t in tickets],
        [t.requested_by for t in tickets],
        [encode(Kept(msgspec.Raw(s.request or b"{}"), s.ticket.warnings)) for s in submissions],
        [t.created_at for t in tickets],
        [t.settled_at for t in tickets],
    ]
