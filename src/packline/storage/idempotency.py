"""Answers kept for idempotency keys: the same key and body give the same answer for 24 hours."""

import hashlib
from datetime import datetime, timedelta

import asyncpg

from packline.domain.values import Value
from packline.errors import Conflict

KEPT = timedelta(hours=24)
UNDER_WAY = timedelta(seconds=60)  # after that the process that took the request is taken for dead

_TAKE = """
insert into idempotency as kept (scope, key, fingerprint, created_at) values ($1, $2, $3, $4)
on conflict (scope, key) do update
    set fingerprint = excluded.fingerprint, created_at = excluded.created_at, status = null, headers = null, body = null
    where kept.created_at < $5 or (kept.status is null and kept.created_at < $6 and kept.fingerprint = $3)
returning 1
"""
_READ = "select fingerprint, status, headers, body from idempotency where scope = $1 and key = $2"
_KEEP = "update idempotency set status = $3, headers = $4, body = $5 where scope = $1 and key = $2"


class Answer(Value, frozen=True):
    """An HTTP answer as it was given: status, media type and body."""

    status: int
    media_type: str
    body: bytes


class Idempotency:
    """Who asked what under which key, and what was answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def take(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Answer | None:
        """Claim a key; give the earlier answer where there is one.

        Raises Conflict where the key was used for another body, or where its first request is still under way.
        """
        if await self._pool.fetchval(_TAKE, scope, key, fingerprint, now, now - KEPT, now - UNDER_WAY):
            return None
        row = await self._pool.fetchrow(_READ, scope, key)
        if row is None:
            return await self.take(scope, key, fingerprint, now)
        if row["fingerprint"] != fingerprint:
            raise Conflict(
                "This Idempotency-Key was used for another request.",
                reason="idempotency_key_reused",
                hint="Use a new key for a new request; a key lives 24 hours.",
            )
        if row["status"] is None:
            raise Conflict(
                "The first request with this Idempotency-Key is still under way.",
                reason="idempotency_in_progress",
                hint="Send it again in a moment: its answer will be given.",
            )
        return Answer(row["status"], row["headers"].decode(), row["body"])

    async def keep(self, scope: str, key: str, answer: Answer) -> None:
        """Keep the answer for repetitions."""
        await self._pool.execute(_KEEP, scope, key, answer.status, answer.media_type.encode(), answer.body)

    async def release(self, scope: str, key: str) -> None:
        """Let a key be used again after an answer that says nothing (5xx)."""
        await self._pool.execute("delete from idempotency where scope = $1 and key = $2", scope, key)

    async def purge(self, now: datetime) -> int:
        """Forget keys that are over; give their number."""
        done: str = await self._pool.execute("delete from idempotency where created_at < $1", now - KEPT)
        return int(done.rpartition(" ")[2])


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Give what makes two requests the same."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()
