"""People: added, changed, disabled, given a link to choose a password; each act with its line in the audit."""

import secrets
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from packline.commands.sign_in import Hasher, SignInDesk, Where
from packline.domain.audit import AuditKind, Entry
from packline.domain.person import NAME, Person, PersonRole, weakness
from packline.domain.session import Session
from packline.domain.values import Value
from packline.errors import FieldError, Invalid, NotFound
from packline.ports import Clock

LINK_LIVES = timedelta(hours=24)
_LONGEST_FULL_NAME = 120
_HERE = Where()


class PersonStore(Protocol):
    """Where people are kept."""

    async def add(self, person: Person, entry: Entry, password: str | None = None) -> None:
        """Store a new person. Raises Conflict where the name was ever used."""

    async def add_first(self, person: Person, entry: Entry, password: str, link: str, now: datetime) -> bool:
        """Store the first admin by the set-up link; False where the link is not good."""

    async def change(self, person: Person, entry: Entry) -> None:
        """Store what may change. Raises Conflict where nobody would be left who may change people."""

    async def by_id(self, person_id: str) -> Person | None:
        """Find a person by id or name."""

    async def exist(self) -> bool:
        """Tell whether anybody was ever added."""

    async def set_password(self, person: str, password: str, now: datetime, entry: Entry, keep: str = "") -> None:
        """Store a new password; ends all sessions but `keep`."""

    async def disconnect(self, person: str, entry: Entry) -> bool:
        """Take a person's logins at identity providers away; False where there is none."""

    async def put_link(
        self, link: str, person: str | None, now: datetime, until: datetime, entry: Entry | None
    ) -> None:
        """Store a one-time link."""

    async def link(self, link: str, now: datetime) -> tuple[bool, Person | None]:
        """Look at a link."""

    async def use_link(self, link: str, password: str, now: datetime, entry: Entry) -> bool:
        """Set the password of a link's person; False where it is not good."""

    async def locked(self, name: str, now: datetime) -> datetime | None:
        """Tell until when nobody can sign in under a name."""

    async def forgive(self, name: str) -> None:
        """Forget the wrong passwords of a name."""


class NewPerson(Value, frozen=True):
    """Who is to be added; `role` one of `PersonRole`."""

    name: str
    role: str
    full_name: str = ""
    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None


class Link(Value, frozen=True):
    """A one-time link: its code, which nobody can read again, and how long it is good."""

    code: str
    until: datetime

    @property
    def path(self) -> str:
        """Give its address on the console."""
        return f"/welcome/{self.code}"


class Change(Value, frozen=True):
    """What is to change of a person; what is None stays. An empty tuple of limits means no limit."""

    full_name: str | None = None
    role: str | None = None
    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None
    disabled: bool | None = None


class PeopleDesk:
    """Where people are made and changed; `by` names whoever asks, in the words of the audit."""

    def __init__(self, store: PersonStore, door: SignInDesk, hasher: Hasher, clock: Clock) -> None:
        """Take the stores and the desk that opens sessions."""
        self._store, self._door, self._hasher, self._clock = store, door, hasher, clock

    async def add(self, new: NewPerson, by: str, *, password: str | None = None, where: Where = _HERE) -> Person:
        """Add a person; without a password a link lets the person choose one.

        Raises Invalid with every field that is wrong, Conflict where the name was ever used.
        """
        person = self._made(new, by)
        kept = await self._hashed(password, person.name) if password is not None else None
        await self._store.add(person, self._entry(by, "users.add", f"{person.name} as {person.role}", where), kept)
        return person

    async def first_link(self) -> Link | None:
        """Make the link for the first admin; None where there is somebody already. It replaces the one before."""
        return None if await self._store.exist() else await self._link(None, None)

    async def exist(self) -> bool:
        """Tell whether anybody was ever added."""
        return await self._store.exist()

    async def welcome(self, code: str) -> tuple[bool, Person | None]:
        """Look at a link: whether it is good, and whose it is (None: the first admin's)."""
        return await self._store.link(code, self._clock.now())

    async def begin(self, code: str, name: str, full_name: str, password: str, where: Where = _HERE) -> Person:
        """Make the first admin by the set-up link.

        Raises NotFound where the link is used or over, Invalid for a name or password that is not good.
        """
        person = replace(self._made(NewPerson(name, PersonRole.ADMIN, full_name), "set-up link"), has_password=True)
        kept = await self._hashed(password, person.name)
        entry = self._entry(person.who, "users.set_up", person.name, where)
        if not await self._store.add_first(person, entry, kept, code, self._clock.now()):
            raise link_is_over()
        return person

    async def choose_password(self, code: str, password: str, where: Where = _HERE) -> Person:
        """Set the password of a link's person; all sessions of the person end.

        Raises NotFound where the link is used or over, Invalid for a password that is not good.
        """
        is_good, person = await self.welcome(code)
        if not is_good or person is None:
            raise link_is_over()
        kept = await self._hashed(password, person.name)
        entry = self._entry(person.who, "users.password", person.name, where)
        if not await self._store.use_link(code, kept, self._clock.now(), entry):
            raise link_is_over()
        await self._store.forgive(person.name)
        return person

    async def change_password(
        self, person: Person, old: str, new: str, session: str = "", where: Where = _HERE
    ) -> None:
        """Let somebody change the own password; all other sessions of the person end.

        Raises Unauthenticated or TooManyRequests for the old password, Invalid for the new one.
        """
        kept = await self._hashed(new, person.name)  # before the old one is tried: a weak new one costs no try
        await self._door.prove(person.name, old, where)
        entry = self._entry(person.who, "users.password", person.name, where)
        await self._store.set_password(person.id, kept, self._clock.now(), entry, session)

    async def invite(self, reference: str, by: str, where: Where = _HERE) -> Link:
        """Make a link with which a person chooses a (new) password; it replaces the one before.

        Raises NotFound; Invalid for somebody who is disabled.
        """
        person = await self.known(reference)
        if person.disabled_at is not None:
            raise Invalid(f"{person.name} is disabled.", hint="Enable the person first.", reason="person_disabled")
        return await self._link(person.id, self._entry(by, "users.link", person.name, where))

    async def change(self, reference: str, change: Change, by: str, where: Where = _HERE) -> Person:
        """Change a person; who is disabled is signed out everywhere at once.

        Raises NotFound, Invalid, and Conflict where nobody would be left who may change people.
        """
        person = await self.known(reference)
        changed = self._changed(person, change)
        await self._store.change(changed, self._entry(by, "users.change", _difference(person, changed), where))
        return changed

    def new(self, name: str, role: PersonRole, full_name: str, by: str) -> Person:
        """Make a person whom the identity provider told of; nothing is stored. Raises Invalid."""
        return self._made(NewPerson(name, role.value, full_name), by)

    async def take_role(self, person: Person, role: PersonRole, by: str, where: Where = _HERE) -> Person:
        """Give a person another role, as the identity provider says it.

        Raises Conflict where nobody would be left who may change people.
        """
        return await self.change(person.id, Change(role=role.value), by, where)

    async def sign_out(self, reference: str, by: str, *, session: str | None = None, where: Where = _HERE) -> int:
        """End one session of a person, or all; tells how many.

        Raises NotFound.
        """
        person, now = await self.known(reference), self._clock.now()
        if session is None:
            ended = await self._door.sessions.end_all(person.id, now)
        elif not await self._door.sessions.end(session, now, person.id):
            raise NotFound(f"{person.name} has no open session {session}.", hint="List them again.")
        else:
            ended = 1
        await self._door.tell(self._entry(by, "users.sign_out", person.name, where))
        return ended

    async def disconnect(self, reference: str, by: str, where: Where = _HERE) -> None:
        """Disconnect a person from the identity provider; all sessions end.

        Raises NotFound, also for somebody who is connected with none.
        """
        person = await self.known(reference)
        if not await self._store.disconnect(person.id, self._entry(by, "users.disconnect", person.name, where)):
            raise NotFound(f"{person.name} is connected with no identity provider.", hint="Nothing has to be done.")

    async def unlock(self, reference: str, by: str, where: Where = _HERE) -> None:
        """Forget the wrong passwords of a person.

        Raises NotFound.
        """
        person = await self.known(reference)
        await self._store.forgive(person.name)
        await self._door.tell(self._entry(by, "users.unlock", person.name, where))

    async def known(self, reference: str) -> Person:
        """Find a person by id or sign-in name.

        Raises NotFound.
        """
        person = await self._store.by_id(reference)
        if person is None:
            raise NotFound(f"There is nobody {reference}.", hint="List people with `packline user list`.")
        return person

    async def sessions(self, person: Person) -> list[Session]:
        """List the open sessions of a person."""
        return await self._door.sessions.of_person(person.id, self._clock.now(), self._door.idle)

    async def locked_until(self, person: Person) -> datetime | None:
        """Tell until when the person cannot sign in for wrong passwords."""
        return await self._store.locked(person.name, self._clock.now())

    async def _link(self, person: str | None, entry: Entry | None) -> Link:
        now, code = self._clock.now(), secrets.token_urlsafe(24)
        link = Link(code, now + LINK_LIVES)
        await self._store.put_link(code, person, now, link.until, entry)
        return link

    async def _hashed(self, password: str, name: str) -> str:
        wrong = weakness(password, name)
        if wrong:
            raise Invalid(wrong, errors=(FieldError("/password", wrong),), reason="weak_password")
        return await self._hasher.hash(password)

    def _made(self, new: NewPerson, by: str) -> Person:
        name, wrong = new.name.strip().lower(), []
        if not NAME.fullmatch(name):
            wrong.append(FieldError("/name", "2 to 64 small letters, digits or one of ._@+-; a letter or digit first."))
        role, faults = _role(new.role)
        wrong += faults
        if wrong:
            raise Invalid(f"This is nobody who can be added. {wrong[0].message}", errors=tuple(wrong))
        return Person(
            id=f"usr_{secrets.token_hex(14)}",
            name=name,
            role=role,
            created_at=self._clock.now(),
            full_name=_full_name(new.full_name),
            created_by=by,
            accounts=new.accounts,
            locations=new.locations,
        )

    def _changed(self, person: Person, change: Change) -> Person:
        role, faults = _role(change.role) if change.role is not None else (person.role, [])
        if faults:
            raise Invalid(faults[0].message, errors=tuple(faults))
        disabled_at = person.disabled_at
        if change.disabled is not None:
            disabled_at = (person.disabled_at or self._clock.now()) if change.disabled else None
        return replace(
            person,
            role=role,
            full_name=person.full_name if change.full_name is None else _full_name(change.full_name),
            accounts=person.accounts if change.accounts is None else change.accounts or None,
            locations=person.locations if change.locations is None else change.locations or None,
            disabled_at=disabled_at,
        )

    def _entry(self, by: str, act: str, subject: str, where: Where) -> Entry:
        return Entry(self._clock.now(), by, AuditKind.ACT, act, subject, address=where.address, outcome="done")


def link_is_over() -> NotFound:
    """Say that a one-time link is of no use any more."""
    return NotFound(
        "This link was used already, was replaced by a newer one, or is over.",
        hint="Ask an admin for a new one: `packline user link <name>`.",
        reason="link_over",
    )


def _role(word: str) -> tuple[PersonRole, list[FieldError]]:
    try:
        return PersonRole(word.strip().lower()), []
    except ValueError:
        roles = ", ".join(PersonRole)
        return PersonRole.VIEWER, [FieldError("/role", f"There is no role {word!r}; one of {roles}.")]


def _full_name(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:_LONGEST_FULL_NAME]


def _difference(before: Person, after: Person) -> str:
    fields = ("full_name", "role", "accounts", "locations")
    parts = [
        f"{field} {_word(getattr(before, field))} to {_word(getattr(after, field))}"
        for field in fields
        if getattr(before, field) != getattr(after, field)
    ]
    if (before.disabled_at is None) != (after.disabled_at is None):
        parts.append("enabled" if after.disabled_at is None else "disabled")
    return f"{before.name}: {', '.join(parts) or 'nothing changed'}"


def _word(value: object) -> str:
    if value is None:
        return "all"
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value) or "nothing"
