"""Sessions at the console: rows that can be revoked; only the hash of the cookie is stored."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from packline.domain.api_key import ApiKey
from packline.domain.person import Person
from packline.domain.session import Session
from packline.storage.api_keys import key_of_row
from packline.storage.people import digest, person_of

SEEN_EVERY = timedelta(minutes=1)
_OPEN = """
insert into session (id, hash, person_id, api_key_id, agent, address, created_at, seen_at, ends_at)
values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
"""
_COLUMNS = "id, agent, address, created_at, seen_at, ends_at, revoked_at"
_BY_SECRET = f"""
select {_COLUMNS}, person_id, api_key_id from session
where hash = $1 and revoked_at is null and ends_at > $2 and seen_at > $2::timestamptz - $3::interval
"""
_PERSON = "select *, password is not null as has_password from person where id = $1"
_KEY = "select * from api_key where id = $1"


class Sessions:
    """Sessions by their cookie, and those of one person."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def open(self, session: Session, secret: str, *, person: str | None = None, key: str | None = None) -> None:
        """Store a new session of a person or of an API key."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                _OPEN, session.id, digest(secret), person, key, session.agent, session.address, session.created_at,
                session.ends_at,
            )  # fmt: skip
            if person:
                await connection.execute(
                    "update person set last_seen_at = $2 where id = $1", person, session.created_at
                )

    async def by_secret(self, secret: str, now: datetime, idle: timedelta) -> tuple[Session, Person | ApiKey] | None:
        """Find a session that is still good by its cookie, with whoever it belongs to as it is now."""
        row = await self._pool.fetchrow(_BY_SECRET, digest(secret), now, idle)
        if row is None:
            return None
        if row["person_id"] is not None:
            person = person_of(await self._pool.fetchrow(_PERSON, row["person_id"]))
            return (session_of(row), person) if person.disabled_at is None else None
        key = key_of_row(await self._pool.fetchrow(_KEY, row["api_key_id"]))
        return (session_of(row), key) if key.is_good(now) else None

    async def seen(self, session: str, now: datetime) -> None:
        """Note that somebody is there; at most once a minute."""
        moved = await self._pool.fetchval(
            "update session set seen_at = $2 where id = $1 and seen_at < $2::timestamptz - $3::interval"
            " returning person_id",
            session, now, SEEN_EVERY,
        )  # fmt: skip
        if moved:
            await self._pool.execute("update person set last_seen_at = $2 where id = $1", moved, now)

    async def of_person(self, person: str, now: datetime, idle: timedelta) -> list[Session]:
        """List the open sessions of a person, the newest first."""
        rows = await self._pool.fetch(
            f"select {_COLUMNS} from session where person_id = $1 and revoked_at is null and ends_at > $2"
            " and seen_at > $2::timestamptz - $3::interval order by created_at desc, id limit 200",
            person, now, idle,
        )  # fmt: skip
        return [session_of(row) for row in rows]

    async def end(self, session: str, now: datetime, person: str | None = None) -> bool:
        """End one session (of this person, where one is named); False where there is none."""
        done: str = await self._pool.execute(
            "update session set revoked_at = $2 where id = $1 and revoked_at is null"
            " and ($3::text is null or person_id = $3)",
            session, now, person,
        )  # fmt: skip
        return done != "UPDATE 0"

    async def end_all(self, person: str, now: datetime, keep: str = "") -> int:
        """End all sessions of a person but `keep`; tells how many."""
        done: str = await self._pool.execute(
            "update session set revoked_at = $2 where person_id = $1 and revoked_at is null and ends_at > $2"
            " and id <> $3",
            person, now, keep,
        )  # fmt: skip
        return int(done.split()[1])


def session_of(row: Any) -> Session:
    """Make the session of a row."""
    return Session(row["id"], row["created_at"], row["seen_at"], row["ends_at"], row["agent"], row["address"])
