"""How old credentials are: noted when they change, told when they are about to end."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from packline.domain.credentials import Life, Secret, alarm_due
from packline.domain.location import Credentials

EVERY = timedelta(minutes=10)
"""Between two looks of a process."""
_BEGIN = """
insert into credential (account_id, kind, since) select $1, kind, now() from unnest($2::text[]) as kind
on conflict (account_id, kind) do update set since = excluded.since, is_told = false, told_days = null
"""
_DATE = """
insert into credential (account_id, kind, since, is_told, ends)
select account_id, kind, since, true, ends
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bool[]) as d(account_id, kind, since, ends)
on conflict (account_id, kind) do update set since = excluded.since, is_told = true, ends = excluded.ends,
    told_days = null
"""
_DUE = """
select c.account_id as account, c.kind, c.since, c.ends, c.is_told, c.told_days
from credential c join account a on a.id = c.account_id where a.enabled order by 1, 2 for update of c
"""
_TOLD = """
update credential c set told_days = t.days from unnest($1::text[], $2::text[], $3::int[]) as t(account_id, kind, days)
where c.account_id = t.account_id and c.kind = t.kind
"""
_EVENTS = """
insert into event (at, account_id, name, cause, data)
select $1, account_id, 'credential.expiring', 'packline', data
from unnest($2::text[], $3::bytea[]) as e(account_id, data)
"""


async def begin(connection: asyncpg.Connection, account: str, before: Credentials | None, after: Credentials) -> None:
    """Note which of an account's credentials are new; one that stays the same keeps its age."""
    kinds = [
        kind.value
        for kind, name in ((Secret.CLIENT_SECRET, "client_secret"), (Secret.CONSENT, "refresh_token"))
        if before is None or getattr(before, name) != getattr(after, name)
    ]
    if kinds:
        await connection.execute(_BEGIN, account, kinds)


class CredentialAges:
    """Since when credentials are in use, as people know it (implements `commands.credentials.Ages`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def date(self, lives: Sequence[Life]) -> None:
        """Note since when credentials are in use, and whether they end, as a person told."""
        rows = [(life.account, life.kind.value, life.since, life.ends) for life in lives]
        if rows:
            await self._pool.execute(_DATE, *(list(column) for column in zip(*rows, strict=True)))


class CredentialWatch:
    """Tell of credentials that are about to end, each alarm once, however many processes look."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool
        self._looked_at: datetime | None = None

    async def look(self, now: datetime) -> bool:
        """Look at most once in ten minutes; never more to do at once."""
        if self._looked_at is not None and now - EVERY < self._looked_at <= now:
            return False
        async with self._pool.acquire() as connection, connection.transaction():
            due = [(_life(row), row["told_days"]) for row in await connection.fetch(_DUE)]
            alarms = [(life, days) for life, told in due if (days := alarm_due(life, now, told)) is not None]
            if alarms:
                columns = [(life.account, life.kind.value, days) for life, days in alarms]
                await connection.execute(_TOLD, *(list(column) for column in zip(*columns, strict=True)))
                data = [msgspec.json.encode(_told(life, now)) for life, _ in alarms]
                await connection.execute(_EVENTS, now, [life.account for life, _ in alarms], data)
        self._looked_at = now
        return False


def _told(life: Life, now: datetime) -> Mapping[str, Any]:
    event: dict[str, Any] = {"type": "credential_expiring", "credential": life.kind, "state": life.state(now)}
    event |= {"ends_at": life.ends_at, "days": life.days(now), "says": life.says(now)}
    return {"event": event, "account": {"id": life.account}}


def _life(row: asyncpg.Record) -> Life:
    return Life(row["account"], Secret(row["kind"]), row["since"], row["ends"], row["is_told"])
