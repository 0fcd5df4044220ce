"""Identities at the seller's provider in PostgreSQL (implements `commands.provider_sign_in.IdentityStore`)."""

from datetime import datetime

import asyncpg

from packline.domain.audit import Entry
from packline.domain.identity import Identity
from packline.domain.person import Person
from packline.errors import Conflict
from packline.storage.audit import add
from packline.storage.people import digest, insert_person, person_of

_USE = "insert into identity_flow_used (state_hash, at) values ($1, $2) on conflict do nothing returning 1"
_FIND = """
select p.*, p.password is not null as has_password from person_identity i join person p on p.id = i.person_id
where i.issuer = $1 and i.subject = $2
"""
_SEEN = "update person_identity set seen_at = $3, name = $4 where issuer = $1 and subject = $2"
_BIND = """
insert into person_identity (issuer, subject, person_id, name, bound_at, bound_by) values ($1, $2, $3, $4, $5, $6)
on conflict (issuer, subject) do update set name = excluded.name
    where person_identity.person_id = excluded.person_id
returning 1
"""
_OTHERS = "delete from person_identity where person_id = $1 and issuer = $2 and subject <> $3"
_LINK = "delete from person_link where hash = $1 and person_id is not null and ends_at > $2 returning person_id"
_END = "update session set revoked_at = $2 where person_id = $1 and revoked_at is null"


class Identities:
    """Identities by issuer and subject, and the sign-ins that were answered."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def use(self, state: str, now: datetime) -> bool:
        """Note that a sign-in was answered; False where it was before."""
        return bool(await self._pool.fetchval(_USE, digest(state), now))

    async def find(self, identity: Identity, now: datetime) -> Person | None:
        """Find the person of an identity, and note that it was seen."""
        row = await self._pool.fetchrow(_FIND, identity.issuer, identity.subject)
        if row is None:
            return None
        await self._pool.execute(_SEEN, identity.issuer, identity.subject, now, identity.name)
        return person_of(row)

    async def add(self, person: Person, identity: Identity, entry: Entry) -> None:
        """Store a new person with an identity.

        Raises Conflict where the name was ever used, or the identity is somebody else's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await insert_person(connection, person, None)
            await _bind(connection, person.id, identity, entry)

    async def bind(self, person: str, identity: Identity, entry: Entry) -> None:
        """Give a person an identity, in the place of an earlier one at the same provider.

        Raises Conflict where it is somebody else's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _bind(connection, person, identity, entry)

    async def bind_by_link(self, link: str, identity: Identity, entry: Entry) -> bool:
        """Give the person of a one-time link an identity; all sessions end. False where the link is not good.

        Raises Conflict where it is somebody else's; the link is good then as before.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            person = await connection.fetchval(_LINK, digest(link), entry.at)
            if person is None:
                return False
            await connection.execute(_END, person, entry.at)
            await _bind(connection, person, identity, entry)
        return True


async def _bind(connection: asyncpg.Connection, person: str, identity: Identity, entry: Entry) -> None:
    await connection.execute(_OTHERS, person, identity.issuer, identity.subject)
    given = (identity.issuer, identity.subject, person, identity.name, entry.at, entry.who)
    if not await connection.fetchval(_BIND, *given):
        raise Conflict(
            "This login at the identity provider belongs to somebody else here.",
            hint="Sign out at the provider and take another login, or let an admin disconnect the other person.",
            reason="identity_taken",
        )
    await add(connection, entry)
