"""Sign in by the seller's identity provider: begin, come back, be known, be connected with a person."""

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from packline.commands.people import PeopleDesk, link_is_over
from packline.commands.sign_in import SignInDesk, Where
from packline.domain.audit import AuditKind, Entry
from packline.domain.identity import Flow, Identity, RoleRules
from packline.domain.person import NAME, Person, PersonRole
from packline.errors import Conflict, Forbidden, Invalid, PacklineError, Unauthenticated
from packline.ports import Clock

OWNER = "sign-in by the identity provider"
BY = "identity provider"
_NOWHERE = Where()
_VERSION_BYTES = 2
_NAMED = 8
_LONGEST_NAME = 64


class Provider(Protocol):
    """The seller's identity provider."""

    @property
    def issuer(self) -> str:
        """Name it as its tokens do."""

    @property
    def name(self) -> str:
        """Name it as people do."""

    async def address(self, flow: Flow) -> str:
        """Give the address that the browser must go to. Raises ProviderAway, ConfigError."""

    async def identity(self, flow: Flow, code: str, issuer: str = "") -> Identity:
        """Learn who came back. Raises Unauthenticated, ProviderAway, ConfigError."""

    async def farewell(self, back: str) -> str:
        """Give the address at which somebody signs out there; empty where there is none."""


class IdentityStore(Protocol):
    """Where identities are kept."""

    async def use(self, state: str, now: datetime) -> bool:
        """Note that a sign-in was answered; False where it was before."""

    async def find(self, identity: Identity, now: datetime) -> Person | None:
        """Find the person of an identity."""

    async def add(self, person: Person, identity: Identity, entry: Entry) -> None:
        """Store a new person with an identity. Raises Conflict."""

    async def bind(self, person: str, identity: Identity, entry: Entry) -> None:
        """Give a person an identity. Raises Conflict where it is somebody else's."""

    async def bind_by_link(self, link: str, identity: Identity, entry: Entry) -> bool:
        """Give the person of a one-time link an identity; False where the link is not good."""


class Sealer(Protocol):
    """Encrypts what a browser keeps for us."""

    @property
    def version(self) -> int:
        """Give the version of the key that encrypts."""

    def seal(self, owner: str, secret: bytes) -> bytes:
        """Encrypt."""

    def open(self, owner: str, sealed: bytes, version: int) -> bytes:
        """Decrypt. Raises ConfigError."""


class Begun(NamedTuple):
    """Where the browser must go, and what it must keep until it comes back: a cookie's name and value."""

    address: str
    cookie: str
    value: str


class Finished(NamedTuple):
    """Where the browser goes on; `secret` is the session that was opened, empty where one was there already."""

    back: str
    secret: str


class ProviderDesk:
    """Where sign-ins by the identity provider begin and end."""

    def __init__(
        self,
        provider: Provider,
        rules: RoleRules,
        store: IdentityStore,
        people: PeopleDesk,
        door: SignInDesk,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        """Take the provider, the stores and the desks that make people and open sessions."""
        self.provider, self._rules, self._store = provider, rules, store
        self._people, self._door, self._sealer, self._clock = people, door, sealer, clock

    async def begin(self, leads_to: str, *, back: str = "/", person: str = "", link: str = "") -> Begun:
        """Send a browser to the provider, which leads back to `leads_to`.

        `person` is whoever is signed in and wants to be known by the provider too, `link` a one-time link. Raises
        ProviderAway, ConfigError.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        flow = Flow(state, nonce, verifier, leads_to, self._clock.now(), back, person, link)
        address = await self.provider.address(flow)
        sealed = self._sealer.seal(OWNER, msgspec.json.encode(flow))
        kept = base64.urlsafe_b64encode(self._sealer.version.to_bytes(_VERSION_BYTES, "big") + sealed)
        return Begun(address, cookie_of(state), kept.decode())

    async def finish(
        self, state: str, kept: str, code: str, *, error: str = "", issuer: str = "", signed_in: str = "",
        where: Where = _NOWHERE,
    ) -> Finished:  # fmt: skip
        """Take a browser that comes back: open a session, or connect whoever is signed in (`signed_in`: the id).

        Raises Unauthenticated where the answer proves nothing, is another browser's, too old or used; Forbidden for
        somebody who may not come in; Conflict, NotFound, ProviderAway, ConfigError. Each is in the audit.
        """
        who = BY
        try:
            flow = await self._flow(state, kept)
            if error or not code:
                raise self._refused(error)
            identity = await self.provider.identity(flow, code, issuer)
            who = f"user: {identity.name[:_LONGEST_NAME]}" if identity.name else BY
            role = await self._role(identity, where)
            if flow.person:
                return await self._connect(flow, identity, signed_in, where)
            person = await self._person(flow, identity, role, where)
            who = person.who
            await self._refuse_disabled(person)
            person = await self._with_role(person, role, where)
        except PacklineError as refusal:
            await self._tell(who, "sign_in", f"{self.provider.name}: {refusal.reason}", where, "refused")
            raise
        return Finished(flow.back, await self._door.open_for(person, self.provider.name, where))

    async def farewell(self, back: str) -> str:
        """Give the address at which somebody signs out at the provider too; empty where it has none."""
        return await self.provider.farewell(back)

    async def _flow(self, state: str, kept: str) -> Flow:
        flow, now = self._unsealed(kept), self._clock.now()
        if flow is None or not _is_of(flow, state) or flow.is_over(now) or not await self._store.use(state, now):
            raise Unauthenticated(
                "This sign-in was not begun in this browser, was answered already, or is older than ten minutes.",
                hint="Begin it again.",
                reason="identity_flow",
            )
        return flow

    def _unsealed(self, kept: str) -> Flow | None:
        try:
            sealed = base64.urlsafe_b64decode(kept.encode())
            version = int.from_bytes(sealed[:_VERSION_BYTES], "big")
            return msgspec.json.decode(self._sealer.open(OWNER, sealed[_VERSION_BYTES:], version), type=Flow)
        except (binascii.Error, ValueError, PacklineError, msgspec.MsgspecError):
            return None

    def _refused(self, error: str) -> Unauthenticated:
        word = "".join(letter for letter in error[:60] if letter.isalnum() or letter in "_-") or "no code"
        return Unauthenticated(
            f"{self.provider.name} did not sign you in: {word}.",
            hint="Begin it again; where it goes on, ask whoever looks after that provider.",
            reason="identity_refused",
        )

    async def _role(self, identity: Identity, where: Where) -> PersonRole | None:
        """Give the role that the provider's groups have here; None where roles are given here.

        Whoever has lost them all is signed out everywhere too.
        """
        role = self._rules.role_of(identity.groups)
        if self._rules.roles and role is None:
            known = await self._store.find(identity, self._clock.now())
            if known is not None:
                await self._people.sign_out(known.id, BY, where=where)
            raise Forbidden(
                f"{self.provider.name} knows you, but none of your groups there may come in here.",
                hint="Ask whoever looks after that provider for one of the groups that `oidc_roles` names.",
                reason="identity_no_role",
            )
        return role

    async def _person(self, flow: Flow, identity: Identity, role: PersonRole | None, where: Where) -> Person:
        now = self._clock.now()
        if flow.link:
            return await self._by_link(flow.link, identity, where)
        known = await self._store.find(identity, now)
        if known is not None:
            return known
        if not self._rules.adds or role is None:
            raise Forbidden(
                f"{self.provider.name} knows you, but you are not connected with anybody here.",
                hint="Ask an admin for a link, open it and choose the provider there; or sign in with your password"
                " and connect it on your account's page.",
                reason="identity_unknown",
            )
        person = self._made(identity, role)
        entry = self._entry(BY, AuditKind.ACT, "users.add", f"{person.name} as {role}", where, "done")
        try:
            await self._store.add(person, identity, entry)
        except Conflict:
            known = await self._store.find(identity, now)  # the same sign-in twice at the same moment
            if known is None:
                raise
            return known
        return person

    async def _by_link(self, link: str, identity: Identity, where: Where) -> Person:
        is_good, person = await self._people.welcome(link)
        if not is_good or person is None:
            raise link_is_over()
        entry = self._entry(person.who, AuditKind.ACT, "users.connect", self._subject(person, identity), where, "done")
        if not await self._store.bind_by_link(link, identity, entry):
            raise link_is_over()
        return person

    async def _connect(self, flow: Flow, identity: Identity, signed_in: str, where: Where) -> Finished:
        if not hmac.compare_digest(flow.person.encode(), signed_in.encode()):
            raise Unauthenticated(
                "Somebody else is signed in now than when this was begun.",
                hint="Begin it again.",
                reason="identity_flow",
            )
        person = await self._people.known(flow.person)
        await self._refuse_disabled(person)
        entry = self._entry(person.who, AuditKind.ACT, "users.connect", self._subject(person, identity), where, "done")
        await self._store.bind(person.id, identity, entry)
        return Finished(flow.back, "")

    async def _refuse_disabled(self, person: Person) -> None:
        if person.disabled_at is not None:
            raise Forbidden(
                f"{person.name} is disabled here.", hint="Ask an admin to enable you again.", reason="person_disabled"
            )

    async def _with_role(self, person: Person, role: PersonRole | None, where: Where) -> Person:
        if role is None or role is person.role:
            return person
        return await self._people.take_role(person, role, BY, where)

    def _made(self, identity: Identity, role: PersonRole) -> Person:
        name = identity.name.lower()
        if not NAME.fullmatch(name):
            raise Invalid(
                f"{self.provider.name} calls you {identity.name[:_LONGEST_NAME]!r}, which is no sign-in name here.",
                hint="Let `oidc_name_claim` name a claim of 2 to 64 small letters, digits or ._@+- (an address fits).",
                reason="identity_no_name",
            )
        return self._people.new(name, role, identity.full_name, BY)

    def _subject(self, person: Person, identity: Identity) -> str:
        return f"{person.name} with {self.provider.name}: {identity.name or identity.subject}"[:200]

    def _entry(self, who: str, kind: AuditKind, act: str, subject: str, where: Where, outcome: str) -> Entry:
        return Entry(self._clock.now(), who, kind, act, subject, address=where.address, outcome=outcome)

    async def _tell(self, who: str, act: str, subject: str, where: Where, outcome: str) -> None:
        await self._door.tell(self._entry(who, AuditKind.SIGN_IN, act, subject, where, outcome))


def _is_of(flow: Flow, state: str) -> bool:
    return hmac.compare_digest(flow.state.encode(), state.encode())


def cookie_of(state: str) -> str:
    """Name the cookie of a sign-in that is under way: each has its own, so that two tabs do not disturb each other.

    Anybody can write a state; a cookie's name is of these letters only.
    """
    named = "".join(letter for letter in state[:_NAMED] if letter.isascii() and (letter.isalnum() or letter in "_-"))
    return f"packline_in_{named}"
