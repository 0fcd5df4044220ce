"""Queues, subscriptions and their state in PostgreSQL (implements `ports.notifications.NotificationStore`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.notification import Known
from packline.errors import NotFound
from packline.ports.notifications import Batch, Queue, QueueKey, QueueState, Subscription
from packline.storage.accounts import Accounts
from packline.storage.columns import FORGETTABLE
from packline.storage.notifications import keep
from packline.storage.secrets import Vault

_QUEUE = "id, url, arn, region, endpoint, enabled"
_PUT = f"""
insert into notification_queue ({_QUEUE}, created_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do update set url = excluded.url, arn = excluded.arn, region = excluded.region,
    endpoint = excluded.endpoint, enabled = excluded.enabled, error = ''
returning xmax = 0 as inserted
"""
_SUBSCRIBED = """
insert into notification_subscription (account_id, type, queue_id, destination_id, subscription_id, checked_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (account_id, type) do update set queue_id = excluded.queue_id, destination_id = excluded.destination_id,
    subscription_id = excluded.subscription_id, checked_at = excluded.checked_at
"""
_LOOKED = f"""
with looked as (
    update notification_queue set read_at = case when $3 = '' then $2 else read_at end,
        failed_at = case when $3 = '' then failed_at else $2 end, error = $3
    where id = $1 returning 1
)
{FORGETTABLE}
"""


class NotificationQueues:
    """Queues that are read, with their keys encrypted, and the subscriptions that fill them."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault, accounts: Accounts) -> None:
        """Use the pool of this process and the vault that holds the keys."""
        self._pool, self._vault, self._accounts = pool, vault, accounts

    async def put(self, queue: Queue, key: QueueKey | None, now: datetime) -> bool:
        """Add or change a queue; True where it is new. Its key stays as it is where none is given."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_PUT, *_values(queue), now)
            if key is not None:
                sealed = self._vault.seal(_owner(queue.id), msgspec.json.encode(key))
                sql = "update notification_queue set credentials = $2, key_version = $3 where id = $1"
                await connection.execute(sql, queue.id, sealed, self._vault.version)
        return bool(row["inserted"])

    async def remove(self, queue: str) -> bool:
        """Forget a queue with its subscriptions; False where there was none. Nothing is asked of Amazon."""
        done: str = await self._pool.execute("delete from notification_queue where id = $1", queue)
        return done != "DELETE 0"

    async def queues(self) -> list[Queue]:
        """List queues that are to be read."""
        rows = await self._pool.fetch(f"select {_QUEUE} from notification_queue where enabled order by id")
        return [Queue(**row) for row in rows]

    async def queue(self, queue: str) -> Queue | None:
        """Read one queue."""
        row = await self._pool.fetchrow(f"select {_QUEUE} from notification_queue where id = $1", queue)
        return Queue(**row) if row else None

    async def key(self, queue: str) -> QueueKey:
        """Read and decrypt what a queue is read with; an empty key where the machine is signed in by itself."""
        row = await self._pool.fetchrow("select credentials, key_version from notification_queue where id = $1", queue)
        if row is None:
            raise NotFound(f"There is no queue {queue}.", hint="List them with `packline notification queues`.")
        if row["credentials"] is None:
            return QueueKey()
        opened = self._vault.open(_owner(queue), row["credentials"], row["key_version"])
        return msgspec.json.decode(opened, type=QueueKey)

    async def reseal(self) -> int:
        """Encrypt every key with the newest key of the vault; return how many were old."""
        sql = "select id, credentials, key_version from notification_queue where credentials is not null"
        rows = await self._pool.fetch(f"{sql} and key_version <> $1", self._vault.version)
        for row in rows:
            owner = _owner(row["id"])
            sealed = self._vault.seal(owner, self._vault.open(owner, row["credentials"], row["key_version"]))
            put = "update notification_queue set credentials = $2, key_version = $3 where id = $1 and credentials = $4"
            await self._pool.execute(put, row["id"], sealed, self._vault.version, row["credentials"])
        return len(rows)

    async def known(self) -> Known:
        """Read whose a notification can be: accounts and subscriptions (regions are left out)."""
        rows = await self._pool.fetch("select subscription_id, account_id from notification_subscription")
        subscriptions = {row["subscription_id"]: row["account_id"] for row in rows}
        tested = await self._pool.fetch("select id from notification_queue where tested_until > now()")
        return Known(
            tuple(await self._accounts.accounts()),
            subscriptions=subscriptions,
            tested=frozenset(row["id"] for row in tested),
        )

    async def await_test(self, queue: str, seconds: float) -> None:
        """Take what names nobody for a test, for so long; 0 ends it.

        By the database's own clock, which the workers that read the queue compare it with.
        """
        sql = "update notification_queue set tested_until = now() + make_interval(secs => $2) where id = $1"
        await self._pool.execute(sql, queue, float(seconds))

    async def keep(self, queue: str, batch: Batch, now: datetime) -> int:
        """Store a batch in one transaction and ring its accounts; gives how many messages were new."""
        return await keep(self._pool, queue, batch, now)

    async def looked(self, queue: str, now: datetime, error: str = "") -> None:
        """Note that a queue was read, or why it could not be."""
        await self._pool.execute(_LOOKED, queue, now, error)

    async def subscribed(self, subscription: Subscription, now: datetime) -> None:
        """Note a subscription that Amazon has."""
        s = subscription
        values = (s.account, s.type, s.queue, s.destination_id, s.subscription_id, now)
        await self._pool.execute(_SUBSCRIBED, *values)

    async def unsubscribed(self, account: str, types: Sequence[str]) -> None:
        """Forget subscriptions of an account."""
        sql = "delete from notification_subscription where account_id = $1 and type = any($2::text[])"
        await self._pool.execute(sql, account, list(types))

    async def subscriptions(self, account: str) -> list[Subscription]:
        """List the subscriptions of an account."""
        rows = await self._pool.fetch(
            "select account_id as account, type, queue_id as queue, destination_id, subscription_id"
            " from notification_subscription where account_id = $1 order by type",
            account,
        )
        return [Subscription(**row) for row in rows]

    async def state(self, queue: str) -> QueueState:
        """Tell when a queue was read last."""
        row = await self._pool.fetchrow("select read_at, error from notification_queue where id = $1", queue)
        return QueueState(row["read_at"], row["error"]) if row else QueueState()

    async def counted(self, queue: str, type_: str) -> int:
        """Count the messages of a type that came out of a queue, whatever became of them."""
        sql = "select coalesce(sum(count), 0) from notification_count where queue_id = $1 and type = $2"
        return int(await self._pool.fetchval(sql, queue, type_))


def _values(queue: Queue) -> list[Any]:
    return [queue.id, queue.url, queue.arn, queue.region, queue.endpoint, queue.enabled]


def _owner(queue: str) -> str:
    return f"queue:{queue}"
