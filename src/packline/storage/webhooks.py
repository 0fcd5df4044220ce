"""Webhook endpoints, the feed as they read it, and what waits behind a refusal."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.endpoint import Delivery, Endpoint, FeedEvent, Waiting
from packline.storage.secrets import Vault

_LOCK = 7_112_026_004  # one advisory lock for the whole cluster
_HORIZON = "xid < feed_horizon()"
_EVENT = "e.xid::text as xid, e.seq, e.at, e.account_id, e.shipment_id, e.location_id, e.name, e.cause, e.data"
_COLUMNS = (
    "id, url, secret, created_at, cursor_xid::text as xid, cursor_seq as seq, description, events, accounts, enabled,"
    " paused_reason, failures, failing_since, next_at, key_version"
)
_PAGE = f"""
select {_EVENT} from event e where (xid, seq) > ($1::text::xid8, $2) and {_HORIZON} order by e.xid, e.seq limit $3
"""
_NEWEST = f"select xid::text as xid, seq from event where {_HORIZON} order by event.xid desc, event.seq desc limit 1"
_HEADS = f"""
select {_EVENT}, w.attempts, w.since, w.next_at from (
    select distinct on (coalesce(shipment_id, xid::text || '.' || seq)) * from webhook_waiting where webhook_id = $1
    order by coalesce(shipment_id, xid::text || '.' || seq), xid, seq
) w join event e on e.xid = w.xid and e.seq = w.seq and e.at = w.at
where w.next_at <= $2 order by w.next_at limit $3
"""
_SAVE = """
update webhook set url = $2, description = $3, events = $4, accounts = $5, enabled = $6, paused_reason = $7,
    failures = $8, failing_since = $9, next_at = $10 where id = $1
"""
_ADVANCE = """
update webhook set cursor_xid = $2::text::xid8, cursor_seq = $3, failures = $4, failing_since = $5, next_at = $6
where id = $1 and (cursor_xid, cursor_seq) = ($7::text::xid8, $8)
"""
_WAIT = """
insert into webhook_waiting (webhook_id, xid, seq, at, shipment_id, attempts, since, next_at)
select $1, x::xid8, s, at, shipment, attempts, since, next_at
from unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::int[], $7::timestamptz[], $8::timestamptz[])
    as row(x, s, at, shipment, attempts, since, next_at)
on conflict (webhook_id, xid, seq) do update set attempts = excluded.attempts, next_at = excluded.next_at
"""
_DELIVERED = """
delete from webhook_waiting w using unnest($2::text[], $3::bigint[]) as done(x, s)
where w.webhook_id = $1 and w.xid = done.x::xid8 and w.seq = done.s
"""
_ATTEMPTS = """
insert into webhook_attempt (webhook_id, at, event, name, shipment_id, attempt, status, ms, error)
select $1, * from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::real[],
                         $9::text[])
"""


class Webhooks:
    """Endpoints for the API (`commands.webhooks.EndpointStore`) and for the sender (`oms.webhooks.DeliveryStore`)."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault) -> None:
        """Use the pool of this process and the vault that seals secrets."""
        self._pool, self._vault = pool, vault

    async def add(self, endpoint: Endpoint) -> None:
        """Store a new endpoint."""
        xid, seq = _cursor(endpoint.cursor)
        await self._pool.execute(
            "insert into webhook (id, url, secret, description, events, accounts, cursor_xid, cursor_seq, created_at,"
            " key_version) values ($1, $2, $3, $4, $5, $6, $7::text::xid8, $8, $9, $10)",
            endpoint.id,
            endpoint.url,
            self._vault.seal(endpoint.id, endpoint.secret.encode()),
            endpoint.description,
            list(endpoint.events),
            list(endpoint.accounts),
            xid,
            seq,
            endpoint.created_at,
            self._vault.version,
        )

    async def save(self, endpoint: Endpoint) -> None:
        """Write an endpoint's settings again."""
        await self._pool.execute(
            _SAVE,
            endpoint.id,
            endpoint.url,
            endpoint.description,
            list(endpoint.events),
            list(endpoint.accounts),
            endpoint.enabled,
            endpoint.paused_reason,
            endpoint.failures,
            endpoint.failing_since,
            endpoint.next_at,
        )

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Read one endpoint."""
        row = await self._pool.fetchrow(f"select {_COLUMNS} from webhook where id = $1", endpoint_id)
        return self._endpoint(row) if row else None

    async def endpoints(self) -> list[Endpoint]:
        """List all endpoints, the newest first."""
        rows = await self._pool.fetch(f"select {_COLUMNS} from webhook order by created_at desc, id")
        return [self._endpoint(row) for row in rows]

    async def active(self, now: datetime) -> list[Endpoint]:
        """Read the endpoints that may be sent to now."""
        rows = await self._pool.fetch(
            f"select {_COLUMNS} from webhook where enabled and paused_reason is null"
            " and (next_at is null or next_at <= $1)",
            now,
        )
        return [self._endpoint(row) for row in rows]

    async def remove(self, endpoint_id: str) -> bool:
        """Remove one; False where there is none."""
        done: str = await self._pool.execute("delete from webhook where id = $1", endpoint_id)
        return done != "DELETE 0"

    async def rewind(self, endpoint_id: str, cursor: str, now: datetime) -> None:
        """Send again from a cursor, and forget earlier failures."""
        xid, seq = _cursor(cursor)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from webhook_waiting where webhook_id = $1", endpoint_id)
            await connection.execute(
                "update webhook set cursor_xid = $2::text::xid8, cursor_seq = $3, failures = 0, failing_since = null,"
                " next_at = $4, paused_reason = null where id = $1",
                endpoint_id,
                xid,
                seq,
                now,
            )

    async def newest(self) -> str:
        """Give the cursor of the newest event."""
        row = await self._pool.fetchrow(_NEWEST)
        return f"{row['xid']}.{row['seq']}" if row else "0.0"

    async def page(self, cursor: str, limit: int) -> tuple[list[FeedEvent], str]:
        """Read events after a cursor, and the cursor behind them."""
        rows = await self._pool.fetch(_PAGE, *_cursor(cursor), limit)
        events = [_event(row) for row in rows]
        return events, events[-1].cursor if events else cursor

    async def heads(self, endpoint_id: str, now: datetime, limit: int) -> list[Waiting]:
        """Read the first waiting event of each shipment, where its time has come."""
        rows = await self._pool.fetch(_HEADS, endpoint_id, now, limit)
        return [Waiting(_event(row), row["attempts"], row["since"], row["next_at"]) for row in rows]

    async def blocked(self, endpoint_id: str) -> set[str]:
        """Name the shipments that have waiting events."""
        rows = await self._pool.fetch(
            "select distinct shipment_id from webhook_waiting where webhook_id = $1 and shipment_id is not null",
            endpoint_id,
        )
        return {row["shipment_id"] for row in rows}

    async def record(
        self,
        before: Endpoint,
        after: Endpoint,
        deliveries: Sequence[Delivery],
        delivered: Sequence[str],
        refused: Sequence[Waiting],
    ) -> None:
        """Write a round in one transaction; nothing where the endpoint was rewound meanwhile."""
        async with self._pool.acquire() as connection, connection.transaction():
            moved: str = await connection.execute(_ADVANCE, *_advance(before, after))
            if moved == "UPDATE 0":
                return
            if delivered:
                await connection.execute(_DELIVERED, after.id, *_cursors(delivered))
            if refused:
                await connection.execute(_WAIT, after.id, *_waiting(refused))
            if deliveries:
                await connection.execute(_ATTEMPTS, after.id, *_attempts(deliveries))

    async def pause(self, endpoint: Endpoint, reason: str, now: datetime) -> None:
        """Stop an endpoint and tell it as an event."""
        data = msgspec.json.encode({"event": {"type": "webhook_paused", "webhook": endpoint.id, "reason": reason}})
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("update webhook set paused_reason = $2 where id = $1", endpoint.id, reason)
            await connection.execute(
                "insert into event (at, account_id, name, cause, data)"
                " values ($1, '', 'webhook.paused', 'packline', $2)",
                now,
                data,
            )

    async def attempts(self, endpoint_id: str, before: datetime | None, limit: int) -> list[dict[str, Any]]:
        """List attempts, the newest first."""
        rows = await self._pool.fetch(
            "select at, event, name as type, shipment_id as shipment, attempt, status, ms, error from webhook_attempt"
            " where webhook_id = $1 and ($2::timestamptz is null or at < $2) order by at desc limit $3",
            endpoint_id,
            before,
            limit,
        )
        return [dict(row) for row in rows]

    async def reseal(self) -> int:
        """Encrypt every secret with the newest key; return how many were old."""
        rows = await self._pool.fetch(
            "select id, secret, key_version from webhook where key_version <> $1", self._vault.version
        )
        for row in rows:
            sealed = self._vault.seal(row["id"], self._vault.open(row["id"], row["secret"], row["key_version"]))
            sql = "update webhook set secret = $2, key_version = $3 where id = $1 and secret = $4"
            await self._pool.execute(sql, row["id"], sealed, self._vault.version, row["secret"])
        return len(rows)

    async def purge(self, before: datetime) -> None:
        """Forget attempts older than a time."""
        await self._pool.execute("delete from webhook_attempt where at < $1", before)

    @asynccontextmanager
    async def only_one(self) -> AsyncIterator[bool]:
        """Hold the right to send for the whole cluster; it ends with the connection."""
        async with self._pool.acquire() as connection:
            mine = bool(await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK))
            try:
                yield mine
            finally:
                if mine:
                    await connection.execute("select pg_advisory_unlock($1)", _LOCK)

    def _endpoint(self, row: Any) -> Endpoint:
        return Endpoint(
            id=row["id"],
            url=row["url"],
            secret=self._vault.open(row["id"], bytes(row["secret"]), row["key_version"]).decode(),
            created_at=row["created_at"],
            cursor=f"{row['xid']}.{row['seq']}",
            description=row["description"],
            events=tuple(row["events"]),
            accounts=tuple(row["accounts"]),
            enabled=row["enabled"],
            paused_reason=row["paused_reason"],
            failures=row["failures"],
            failing_since=row["failing_since"],
            next_at=row["next_at"],
        )


def _event(row: Any) -> FeedEvent:
    return FeedEvent(
        cursor=f"{row['xid']}.{row['seq']}",
        name=row["name"],
        at=row["at"],
        cause=row["cause"],
        account=row["account_id"],
        shipment=row["shipment_id"],
        location=row["location_id"],
        data=bytes(row["data"]),
    )


def _cursor(cursor: str) -> tuple[str, int]:
    xid, _, seq = cursor.partition(".")
    return xid, int(seq)


def _cursors(cursors: Sequence[str]) -> tuple[list[str], list[int]]:
    parts = [_cursor(cursor) for cursor in cursors]
    return [xid for xid, _ in parts], [seq for _, seq in parts]


def _advance(before: Endpoint, after: Endpoint) -> list[Any]:
    return [
        after.id,
        *_cursor(after.cursor),
        after.failures,
        after.failing_since,
        after.next_at,
        *_cursor(before.cursor),
    ]


def _waiting(refused: Sequence[Waiting]) -> list[list[Any]]:
    xids, seqs = _cursors([w.event.cursor for w in refused])
    return [
        xids,
        seqs,
        [w.event.at for w in refused],
        [w.event.shipment for w in refused],
        [w.attempts for w in refused],
        [w.since for w in refused],
        [w.next_at for w in refused],
    ]


def _attempts(deliveries: Sequence[Delivery]) -> list[list[Any]]:
    return [
        [d.at for d in deliveries],
        [d.event.id for d in deliveries],
        [d.event.name for d in deliveries],
        [d.event.shipment for d in deliveries],
        [d.attempt for d in deliveries],
        [d.status for d in deliveries],
        [d.ms for d in deliveries],
        [d.error for d in deliveries],
    ]
