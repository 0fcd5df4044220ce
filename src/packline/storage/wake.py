"""The alarm clock: accounts that have work are rung on PgQueuer, on the same PostgreSQL and in the same transaction."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import JobId

CHANNEL = "packline_wake"
ENTRYPOINT = "packline.drain"
HEARTBEAT = timedelta(seconds=2)
"""A job whose worker was silent for so long is taken over."""
LOOK = timedelta(seconds=1)
"""How often a worker looks for such jobs when nothing rings."""
BATCH = 20
DONE_WITH_ALL = 2**62
"""Says that there is nothing to come back for, whatever was rung meanwhile."""

Handler = Callable[[str], Awaitable[int]]
"""Work for an account until it is idle, and tell the wake number up to which that is true."""

_RING = "select ring_accounts($1::text[])"
"""Raises the numbers, queues a job where there is none, and notifies; it names `CHANNEL` and `ENTRYPOINT`."""
_SEQ = "select account_id, seq from account_wake where account_id = any($1::text[]) order by account_id for update"
_OVERDUE = """
select a.id from account a left join ownership o on o.account_id = a.id
where a.enabled and a.paused_reason is null
  and (coalesce(o.look_at, '-infinity') <= $1
    or exists (select 1 from shipment s where s.account_id = a.id and s.due_at is not null and s.due_at <= $1)
    or exists (select 1 from inbox i where i.account_id = a.id and i.handled_at is null and i.kind = 'order'))
  and not exists (select 1 from pgqueuer q where q.dedupe_key = a.id and q.status in ('queued', 'picked'))
"""

log = structlog.get_logger(__name__)


async def ring(connection: asyncpg.Connection, accounts: Sequence[str]) -> None:
    """Ring for accounts on the caller's transaction: nothing is heard before it commits.

    The number is raised first: whoever finishes work for the account waits for our commit before it ends its job.
    """
    wanted = sorted(set(accounts))
    if not wanted:
        return
    await connection.execute(_RING, wanted)


async def overdue(pool: asyncpg.Pool, now: datetime) -> list[str]:
    """List accounts that have work or a poll due and no job that would see to it."""
    return [row["id"] for row in await pool.fetch(_OVERDUE, now)]


class Bell:
    """Ring outside of any transaction (implements `ports.Wake`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def wake(self, accounts: Sequence[str]) -> None:
        """Ring for these accounts; doubles are welcome."""
        async with self._pool.acquire() as connection:
            await ring(connection, accounts)

    async def overdue(self, now: datetime) -> list[str]:
        """List accounts that have work or a poll due and no job that would see to it."""
        return await overdue(self._pool, now)


class Alarm:
    """Hear the rings of this database and hand each account to one worker at a time."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process; two of its connections are held while the alarm runs."""
        self._pool = pool

    async def run(
        self, handler: Handler, *, nudge: Callable[[str], None], concurrency: int, stop: asyncio.Event
    ) -> None:
        """Handle rung accounts until `stop`, at most `concurrency` at once; `nudge` hears every ring at once.

        A lost connection is logged and made anew. Returns when all handlers have returned.
        """
        while not stop.is_set():
            try:
                await self._run_once(handler, nudge, concurrency, stop)
            except Exception as error:  # noqa: BLE001  whatever ended it, accounts must go on being heard
                log.warning("alarm.interrupted", error=repr(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1.0)

    async def _run_once(
        self, handler: Handler, nudge: Callable[[str], None], concurrency: int, stop: asyncio.Event
    ) -> None:
        """Hold two connections for as long as it runs: a beat must not wait until the drains leave one free."""
        async with self._pool.acquire() as beating, self._pool.acquire() as listening:
            queries = OwnJobs(AsyncpgDriver(beating), ending=listening)
            manager = QueueManager(queries)
            queries.manager = manager.queue_manager_id

            @manager.entrypoint(ENTRYPOINT, accepts_context=False)
            async def drain(job: Job) -> None:
                queries.heard[job.id] = await handler((job.payload or b"").decode())

            async with _heard(listening, nudge), _listened(beating), _ending(manager, stop):
                await manager.run(
                    dequeue_timeout=LOOK,
                    batch_size=BATCH,
                    max_concurrent_tasks=max(concurrency, 2 * BATCH),
                    heartbeat_timeout=HEARTBEAT,
                    log_aggregation_interval=timedelta(0),
                    shutdown_on_listener_failure=True,
                )


@contextlib.asynccontextmanager
async def _heard(connection: asyncpg.Connection, nudge: Callable[[str], None]) -> Any:
    def heard(_connection: object, _pid: int, _channel: str, account: object) -> None:
        nudge(str(account))

    await connection.add_listener(CHANNEL, heard)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.reset()


@contextlib.asynccontextmanager
async def _listened(connection: asyncpg.Connection) -> Any:
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.reset()


@contextlib.asynccontextmanager
async def _ending(manager: QueueManager, stop: asyncio.Event) -> Any:
    async def end() -> None:
        await stop.wait()
        manager.shutdown.set()

    task = asyncio.create_task(end())
    try:
        yield
    finally:
        task.cancel()


@dataclass
class OwnJobs(Queries):
    """PgQueuer's queries, which beat and end a job only while it is still ours.

    A worker that was frozen, and whose job another took over, would else delete the new owner's job or keep it alive.
    Where the account was rung after its handler last looked, its job is replaced by a new one in the same transaction.
    """

    ending: asyncpg.Connection | None = None
    manager: UUID | None = None
    heard: dict[JobId, int] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def update_heartbeat(self, job_ids: list[JobId]) -> None:
        """Beat for jobs that this worker still holds."""
        await self.driver.execute(
            "update pgqueuer set heartbeat = now() where id = any($1::bigint[]) and queue_manager_id = $2",
            sorted(set(job_ids)),
            self.manager,
        )

    async def log_jobs(self, job_status: list[Any]) -> None:
        """End jobs that this worker still holds."""
        jobs = {job.id: (job.payload or b"").decode() for job, _, _ in job_status}
        connection = self.ending
        if connection is None:
            raise RuntimeError("The queue has no connection to end its jobs with.")
        async with self.turn, connection.transaction():
            rows = await connection.fetch(_SEQ, sorted(set(jobs.values())))
            await connection.execute(
                "delete from pgqueuer where id = any($1::bigint[]) and queue_manager_id = $2", list(jobs), self.manager
            )
            seqs = {row["account_id"]: int(row["seq"]) for row in rows}
            late = {a for job, a in jobs.items() if seqs.get(a, 0) > self.heard.get(job, DONE_WITH_ALL)}
            await _enqueue(connection, sorted(late))
        for job in jobs:
            self.heard.pop(job, None)


async def _enqueue(connection: asyncpg.Connection, accounts: list[str]) -> None:
    if accounts:
        await Queries.from_asyncpg_connection(connection).enqueue(
            [ENTRYPOINT] * len(accounts),
            [account.encode() for account in accounts],
            [0] * len(accounts),
            dedupe_key=list(accounts),
            on_conflict="skip",
        )
