"""People: who may sign in, what they may do, whether they can, and where they are signed in."""

from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.domain.person import PersonRole
from packline.errors import NotFound
from packline.views.paging import Conditions, Rows, decode_cursor, encode_cursor

_SQL = """
select p.id, p.name, p.full_name, p.role, p.accounts, p.locations, p.password is not null as has_password,
    p.password_at, p.last_seen_at, p.created_at, p.created_by, p.disabled_at,
    (select l.ends_at from person_link l where l.person_id = p.id and l.ends_at > $1) as link_until,
    (select a.locked_until from sign_in_attempt a
     where a.name_hash = sha256(convert_to(lower(p.name), 'UTF8')) and a.locked_until > $1) as locked_until,
    (select string_agg(i.issuer, ', ') from person_identity i where i.person_id = p.id) as provider,
    (select count(*) from session s where s.person_id = p.id and s.revoked_at is null and s.ends_at > $1
        and s.seen_at > $1::timestamptz - $2::interval)::int as sessions
from person p
"""


class PersonRow(TypedDict):
    """A person: `link_until` how long an unused link for a password is good, `locked_until` after wrong passwords.

    `provider` is the issuer of the identity provider that the person is connected with.
    """

    id: str
    name: str
    full_name: str
    role: str
    accounts: list[str] | None
    locations: list[str] | None
    has_password: bool
    password_at: datetime | None
    link_until: datetime | None
    locked_until: datetime | None
    provider: str | None
    sessions: int
    last_seen_at: datetime | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None


class SessionRow(TypedDict):
    """An open session: from which browser and address, since when, last used, and when it ends at the latest."""

    id: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


async def people(
    pool: asyncpg.Pool,
    now: datetime,
    idle: timedelta,
    *,
    role: PersonRole | None = None,
    disabled: bool | None = None,
    search: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Rows[PersonRow]:
    """List people by name; `search` is a part of the name or the full name."""
    conditions = Conditions()
    conditions.values += [now, idle]
    conditions.add_if("role = {}", role.value if role else None)
    if disabled is not None:
        conditions.parts.append(f"disabled_at is {'not ' if disabled else ''}null")
    if search:
        conditions.add("(strpos(name, lower({})) > 0 or strpos(lower(full_name), lower({})) > 0)", search, search)
    if after:
        conditions.add("lower(name) > {}", str(decode_cursor(after)[0]))
    rows = await pool.fetch(
        f"{_SQL} {conditions.where} order by lower(name) limit {int(limit) + 1}", *conditions.values
    )
    page = [_row(row) for row in rows[:limit]]
    return Rows(page, encode_cursor(page[-1]["name"].lower()) if len(rows) > limit else None)


async def person(pool: asyncpg.Pool, now: datetime, idle: timedelta, reference: str) -> PersonRow:
    """Read one person by id or sign-in name.

    Raises NotFound.
    """
    row = await pool.fetchrow(f"{_SQL} where id = $3 or lower(name) = lower($3)", now, idle, reference)
    if row is None:
        raise NotFound(f"There is nobody {reference}.", hint="List people with `packline user list`.")
    return _row(row)


async def sessions(pool: asyncpg.Pool, now: datetime, idle: timedelta, person_id: str) -> list[SessionRow]:
    """List the open sessions of a person, the newest first."""
    rows = await pool.fetch(
        "select id, agent, address, created_at, seen_at, ends_at from session where person_id = $1"
        " and revoked_at is null and ends_at > $2 and seen_at > $2::timestamptz - $3::interval"
        " order by created_at desc, id limit 200",
        person_id, now, idle,
    )  # fmt: skip
    return [cast("SessionRow", dict(row)) for row in rows]


def _row(row: Any) -> PersonRow:
    return cast("PersonRow", dict(row))
