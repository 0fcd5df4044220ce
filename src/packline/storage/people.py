"""People, their passwords and one-time links in PostgreSQL; each change with its entry of the audit."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from packline.domain.audit import Entry
from packline.domain.identity import FLOW_LIVES
from packline.domain.person import Person, PersonRole
from packline.errors import Conflict
from packline.storage.audit import add

_COLUMNS = (
    "id, name, full_name, role, accounts, locations, password is not null as has_password, password_at, created_at,"
    " created_by, last_seen_at, disabled_at"
)
_CHANGE = """
update person set full_name = $2, role = $3, accounts = $4, locations = $5, disabled_at = $6 where id = $1
"""
_LAST_ADMIN = """
select not exists (select from person where role = 'admin' and disabled_at is null and accounts is null
    and locations is null and id <> $1)
"""
_ATTEMPT = """
insert into sign_in_attempt as a (name_hash, failures, at) values ($1, 1, $2)
on conflict (name_hash) do update set at = $2,
    failures = case when a.at < $2::timestamptz - $4::interval then 1 else a.failures + 1 end,
    locked_until = case when a.at < $2::timestamptz - $4::interval then null
        else $2::timestamptz + make_interval(secs => ($3::float8[])[least(a.failures + 1, cardinality($3))]) end
where a.locked_until is null or a.locked_until <= $2
returning failures
"""
FORGOTTEN = timedelta(days=1)
"""After this long without a try, wrong passwords count from the beginning."""
_ADMINS_LOCK = 0x41444D4E


class People:
    """People by id and by name."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def add(self, person: Person, entry: Entry, password: str | None = None) -> None:
        """Store a new person.

        Raises Conflict where the name was ever used.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await insert_person(connection, person, password)
            await add(connection, entry)

    async def add_first(self, person: Person, entry: Entry, password: str, link: str, now: datetime) -> bool:
        """Store the first admin by the set-up link; False where the link is not good (any more)."""
        async with self._pool.acquire() as connection, connection.transaction():
            used = "delete from person_link where hash = $1 and person_id is null and ends_at > $2 returning 1"
            if not await connection.fetchval(used, digest(link), now):
                return False
            await connection.execute("delete from person_link where person_id is null")
            await insert_person(connection, person, password)
            await add(connection, entry)
        return True

    async def change(self, person: Person, entry: Entry) -> None:
        """Store what may change of a person: full name, role, limits, whether disabled (which ends all sessions).

        Raises Conflict where nobody would be left who may change people.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _ADMINS_LOCK)
            if (
                not _rules(person)
                and await connection.fetchval(_LAST_ADMIN, person.id)
                and await self._ruled(person.id)
            ):
                raise Conflict(
                    f"{person.name} is the last admin without limits; nobody could change people any more.",
                    hint="Make somebody else an admin first.",
                    reason="last_admin",
                )
            columns = (_limits(person.accounts), _limits(person.locations), person.disabled_at)
            await connection.execute(_CHANGE, person.id, person.full_name, person.role.value, *columns)
            if person.disabled_at is not None:
                await connection.execute("delete from person_link where person_id = $1", person.id)
                await _end_sessions(connection, person.id, person.disabled_at)
            await add(connection, entry)

    async def _ruled(self, person_id: str) -> bool:
        known = await self.by_id(person_id)
        return known is not None and _rules(known)

    async def by_id(self, person_id: str) -> Person | None:
        """Find a person by id, or by the sign-in name."""
        row = await self._pool.fetchrow(
            f"select {_COLUMNS} from person where id = $1 or lower(name) = lower($1)", person_id
        )
        return person_of(row) if row else None

    async def password_of(self, name: str) -> tuple[Person, str | None] | None:
        """Find a person by sign-in name, with the hash of the password."""
        row = await self._pool.fetchrow(f"select {_COLUMNS}, password from person where lower(name) = lower($1)", name)
        return (person_of(row), row["password"]) if row else None

    async def exist(self) -> bool:
        """Tell whether anybody was ever added."""
        return bool(await self._pool.fetchval("select exists (select from person)"))

    async def set_password(self, person: str, password: str, now: datetime, entry: Entry, keep: str = "") -> None:
        """Store a new password; ends all sessions of the person but `keep`, and all links."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _set_password(connection, person, password, now, keep)
            await add(connection, entry)

    async def rehash(self, person: str, password: str) -> None:
        """Store the same password hashed with today's parameters."""
        await self._pool.execute("update person set password = $2 where id = $1", person, password)

    async def put_link(
        self, link: str, person: str | None, now: datetime, until: datetime, entry: Entry | None
    ) -> None:
        """Store a one-time link, which takes the place of the person's earlier ones."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from person_link where person_id is not distinct from $1", person)
            await connection.execute(
                "insert into person_link (hash, person_id, created_at, created_by, ends_at)"
                " values ($1, $2, $3, $4, $5)",
                digest(link), person, now, entry.who if entry else "", until,
            )  # fmt: skip
            if entry:
                await add(connection, entry)

    async def link(self, link: str, now: datetime) -> tuple[bool, Person | None]:
        """Look at a link: whether it is good, and whose it is (None: the first admin's)."""
        row = await self._pool.fetchrow("select person_id from person_link where hash = $1 and ends_at > $2",
                                        digest(link), now)  # fmt: skip
        if row is None or row["person_id"] is None:
            return row is not None, None
        person = await self.by_id(row["person_id"])
        return person is not None and person.disabled_at is None, person

    async def use_link(self, link: str, password: str, now: datetime, entry: Entry) -> bool:
        """Set the password of a link's person; False where it is not good (any more)."""
        sql = "delete from person_link where hash = $1 and person_id is not null and ends_at > $2 returning person_id"
        async with self._pool.acquire() as connection, connection.transaction():
            person = await connection.fetchval(sql, digest(link), now)
            if person is None:
                return False
            await _set_password(connection, person, password, now, "")
            await add(connection, entry)
        return True

    async def disconnect(self, person: str, entry: Entry) -> bool:
        """Take a person's logins at identity providers away, and end all sessions; False where there is none."""
        async with self._pool.acquire() as connection, connection.transaction():
            done: str = await connection.execute("delete from person_identity where person_id = $1", person)
            if done == "DELETE 0":
                return False
            await _end_sessions(connection, person, entry.at)
            await add(connection, entry)
        return True

    async def attempt(self, name: str, now: datetime, waits: Sequence[float]) -> datetime | None:
        """Count a try before it is made, so that no number of them at once gets more; gives until when it is refused.

        None where it may be made.
        """
        key = digest(name.lower())
        counted = await self._pool.fetchval(_ATTEMPT, key, now, [float(wait) for wait in waits], FORGOTTEN)
        if counted is not None:
            return None
        until: datetime | None = await self._pool.fetchval(
            "select locked_until from sign_in_attempt where name_hash = $1 and locked_until > $2", key, now
        )
        return until

    async def locked(self, name: str, now: datetime) -> datetime | None:
        """Tell until when nobody can sign in under a name."""
        until: datetime | None = await self._pool.fetchval(
            "select locked_until from sign_in_attempt where name_hash = $1 and locked_until > $2",
            digest(name.lower()), now,
        )  # fmt: skip
        return until

    async def forgive(self, name: str) -> None:
        """Forget the wrong passwords of a name."""
        await self._pool.execute("delete from sign_in_attempt where name_hash = $1", digest(name.lower()))

    async def purge(self, now: datetime) -> None:
        """Forget tries, links and sessions that are long over, and answered sign-ins that are too old to come again."""
        await self._pool.execute("delete from identity_flow_used where at < $1", now - 2 * FLOW_LIVES)
        await self._pool.execute("delete from sign_in_attempt where at < $1", now - FORGOTTEN)
        await self._pool.execute("delete from person_link where ends_at < $1", now)
        await self._pool.execute("delete from session where ends_at < $1 or revoked_at < $1", now - timedelta(days=30))


def digest(secret: str) -> bytes:
    """Hash a random secret, or a name that is only counted."""
    return hashlib.sha256(secret.encode()).digest()


def person_of(row: Any) -> Person:
    """Make the person of a row."""
    return Person(
        id=row["id"],
        name=row["name"],
        role=PersonRole(row["role"]),
        created_at=row["created_at"],
        full_name=row["full_name"],
        created_by=row["created_by"],
        accounts=None if row["accounts"] is None else tuple(row["accounts"]),
        locations=None if row["locations"] is None else tuple(row["locations"]),
        has_password=row["has_password"],
        password_at=row["password_at"],
        last_seen_at=row["last_seen_at"],
        disabled_at=row["disabled_at"],
    )


async def insert_person(connection: asyncpg.Connection, person: Person, password: str | None) -> None:
    """Store a person in the transaction of a connection.

    Raises Conflict where the name was ever used.
    """
    try:
        await connection.execute(
            "insert into person (id, name, full_name, role, accounts, locations, password, password_at, created_at,"
            " created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            person.id, person.name, person.full_name, person.role.value, _limits(person.accounts),
            _limits(person.locations), password, person.created_at if password else None, person.created_at,
            person.created_by,
        )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise Conflict(
            f"The name {person.name} is taken, or was once.",
            hint="Take another one: a name is never given to somebody else, so that the audit stays clear.",
            reason="name_taken",
        ) from None


async def _set_password(connection: asyncpg.Connection, person: str, password: str, now: datetime, keep: str) -> None:
    await connection.execute("update person set password = $2, password_at = $3 where id = $1", person, password, now)
    await connection.execute("delete from person_link where person_id = $1", person)
    await _end_sessions(connection, person, now, keep)


async def _end_sessions(connection: asyncpg.Connection, person: str, now: datetime, keep: str = "") -> None:
    sql = "update session set revoked_at = $2 where person_id = $1 and revoked_at is null and id <> $3"
    await connection.execute(sql, person, now, keep)


def _limits(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _rules(person: Person) -> bool:
    """Tell whether a person may change people."""
    free = person.accounts is None and person.locations is None
    return person.role is PersonRole.ADMIN and person.disabled_at is None and free
