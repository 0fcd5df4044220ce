"""Sign in: a name and a password, or an API key, open a session; wrong passwords wait longer and longer."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from packline.domain.api_key import ApiKey
from packline.domain.audit import AuditKind, Entry
from packline.domain.person import WAITS_S, Person
from packline.domain.session import LONGEST_AGENT, Session
from packline.errors import TooManyRequests, Unauthenticated
from packline.ports import Clock

IDLE = timedelta(hours=4)
LASTS = timedelta(hours=12)
WRONG = "The name or the password is wrong."
_LONGEST_NAME = 64


class Hasher(Protocol):
    """Hashes passwords slowly."""

    async def hash(self, password: str) -> str:
        """Hash a new password."""

    async def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether this is the password; takes as long where there is none."""

    def is_old(self, kept: str) -> bool:
        """Tell whether a hash should be made anew."""


class PasswordStore(Protocol):
    """Where passwords are kept and wrong ones are counted."""

    async def password_of(self, name: str) -> tuple[Person, str | None] | None:
        """Find a person by sign-in name, with the hash of the password."""

    async def rehash(self, person: str, password: str) -> None:
        """Store the same password hashed anew."""

    async def attempt(self, name: str, now: datetime, waits: Sequence[float]) -> datetime | None:
        """Count a try before it is made; gives until when it is refused, None where it may be made."""

    async def forgive(self, name: str) -> None:
        """Forget the wrong passwords of a name."""


class SessionStore(Protocol):
    """Where sessions are kept."""

    async def open(self, session: Session, secret: str, *, person: str | None = None, key: str | None = None) -> None:
        """Store a new session."""

    async def by_secret(self, secret: str, now: datetime, idle: timedelta) -> tuple[Session, Person | ApiKey] | None:
        """Find a session that is still good by its cookie."""

    async def seen(self, session: str, now: datetime) -> None:
        """Note that somebody is there."""

    async def of_person(self, person: str, now: datetime, idle: timedelta) -> list[Session]:
        """List the open sessions of a person."""

    async def end(self, session: str, now: datetime, person: str | None = None) -> bool:
        """End one session."""

    async def end_all(self, person: str, now: datetime, keep: str = "") -> int:
        """End all sessions of a person but one."""


class Log(Protocol):
    """Where the audit is written."""

    async def begin(self, entry: Entry) -> str:
        """Write an entry."""


class Where(NamedTuple):
    """What is known of the browser that signs in."""

    agent: str = ""
    address: str = ""


_NOWHERE = Where()


class SignInDesk:
    """Where sessions are opened, looked up and ended."""

    def __init__(
        self,
        people: PasswordStore,
        sessions: SessionStore,
        audit: Log,
        hasher: Hasher,
        clock: Clock,
        *,
        idle: timedelta = IDLE,
        lasts: timedelta = LASTS,
    ) -> None:
        """Take the stores; a session ends after `idle` without an act and after `lasts` in any case."""
        self._people, self.sessions, self._audit, self._hasher = people, sessions, audit, hasher
        self._clock, self.idle, self.lasts = clock, idle, lasts

    async def sign_in(self, name: str, password: str, where: Where = _NOWHERE) -> str:
        """Open a session for a name and its password; give the cookie.

        Raises TooManyRequests while the name is locked, Unauthenticated where the two do not fit.
        """
        name = name.strip()[:_LONGEST_NAME]
        person = await self.prove(name, password, where)
        secret = await self._open(where, person=person.id)
        await self._tell(f"user: {person.name}", "sign_in", where, "done")
        return secret

    async def prove(self, name: str, password: str, where: Where = _NOWHERE) -> Person:
        """Check a name and its password, and count what is wrong; gives the person.

        Raises TooManyRequests while the name is locked, Unauthenticated where the two do not fit.
        """
        now = self._clock.now()
        until = await self._people.attempt(name, now, WAITS_S)
        if until is not None:
            await self._tell(f"user: {name}", "sign_in", where, "locked")
            raise locked(until, now)
        found = await self._people.password_of(name)
        kept = found[1] if found else None
        if not await self._hasher.verify(kept, password) or found is None or found[0].disabled_at is not None:
            await self._tell(f"user: {name}", "sign_in", where, "refused")
            raise Unauthenticated(WRONG, hint="Ask an admin for a link to set a new password.", reason="wrong_password")
        await self._people.forgive(name)
        if kept and self._hasher.is_old(kept):
            await self._people.rehash(found[0].id, await self._hasher.hash(password))
        return found[0]

    async def sign_in_with_key(self, key: ApiKey, where: Where = _NOWHERE) -> str:
        """Open a session for an API key that was found good; give the cookie."""
        secret = await self._open(where, key=key.id)
        await self._tell(f"console: {key.name}", "sign_in", where, "done")
        return secret

    async def open_for(self, person: Person, subject: str, where: Where = _NOWHERE) -> str:
        """Open a session for a person whom somebody else has proven, named by `subject`; give the cookie."""
        secret = await self._open(where, person=person.id)
        await self._tell(person.who, "sign_in", where, "done", subject)
        return secret

    async def sign_out(self, session: str, who: str, where: Where = _NOWHERE) -> None:
        """End a session."""
        await self.sessions.end(session, self._clock.now())
        await self._tell(who, "sign_out", where, "done")

    async def _open(self, where: Where, *, person: str | None = None, key: str | None = None) -> str:
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        agent = where.agent[:LONGEST_AGENT].replace("\x00", "")
        name = f"ses_{secrets.token_hex(14)}"
        session = Session(name, now, now, now + self.lasts, agent, where.address)
        await self.sessions.open(session, secret, person=person, key=key)
        return secret

    async def tell(self, entry: Entry) -> None:
        """Write a line of the audit."""
        await self._audit.begin(entry)

    async def _tell(self, who: str, act: str, where: Where, outcome: str, subject: str = "") -> None:
        entry = Entry(self._clock.now(), who, AuditKind.SIGN_IN, act, subject, address=where.address, outcome=outcome)
        await self.tell(entry)


def locked(until: datetime, now: datetime) -> TooManyRequests:
    """Say how long a name is locked."""
    seconds = max(1, round((until - now).total_seconds()))
    return TooManyRequests(
        f"Too many wrong passwords. Try again in {seconds} s.",
        hint="Wait, or ask an admin to unlock the name or to send a link for a new password.",
        reason="locked",
    )
