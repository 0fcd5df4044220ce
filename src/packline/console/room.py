"""What the console needs from the other rooms; `faces` builds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import asyncpg

from packline.commands.bulk_acts import BulkDesk
from packline.commands.desk import Desk
from packline.commands.manifests import ManifestDesk
from packline.commands.people import PeopleDesk
from packline.commands.prints import PrintDesk
from packline.commands.provider_sign_in import Provider, ProviderDesk
from packline.commands.sign_in import IDLE, LASTS, SignInDesk
from packline.console.desks import Desks
from packline.console.directory import Directory
from packline.console.file_desk import FileDesk
from packline.console.start_desk import StartDesk
from packline.domain.api_key import ApiKey
from packline.domain.identity import RoleRules
from packline.ports import Clock, Gateway
from packline.storage.audit import Audit
from packline.storage.identities import Identities
from packline.storage.passwords import Passwords
from packline.storage.people import People
from packline.storage.secrets import Vault
from packline.storage.sessions import Sessions


class Keys(Protocol):
    """Where API keys are known; people sign in with one."""

    async def by_secret(self, secret: str) -> ApiKey | None:
        """Find the key whose secret this is."""


@dataclass(frozen=True)
class Room:
    """The stores, the desk and the clock of this process; `moved` waits until the event feed has moved."""

    pool: asyncpg.Pool
    clock: Clock
    gateway: Gateway
    desk: Desk
    keys: Keys
    moved: Callable[[float], Awaitable[None]]
    prints: PrintDesk
    manifests: ManifestDesk
    start: StartDesk
    files: FileDesk
    bulk: BulkDesk
    desks: Desks
    sign_in: bool = True
    vault: Vault | None = None
    """What documents are encrypted with."""
    is_secure: bool = False
    """Browsers come over https, maybe by a proxy: the cookie never travels otherwise."""
    hosts: tuple[str, ...] = ()
    """Host names that the console answers to without sign-in, beside this machine's own."""
    version: str = "0"
    directory: Directory = field(default_factory=Directory)
    drawn: dict[Any, Any] = field(default_factory=dict)
    """What charts and long reports were last made of, by what was asked for."""
    idle: timedelta = IDLE
    """A session without an act ends after this."""
    lasts: timedelta = LASTS
    """Any session ends after this."""
    provider: Provider | None = None
    """Where people may sign in elsewhere; None where they cannot."""
    role_rules: RoleRules = field(default_factory=RoleRules)
    """What groups at the provider may do here."""
    audit: Audit = field(init=False)
    door: SignInDesk = field(init=False)
    people: PeopleDesk = field(init=False)
    elsewhere: ProviderDesk | None = field(init=False)

    def __post_init__(self) -> None:
        """Join what signs people in: all of it stands on the pool."""
        store, hasher, audit = People(self.pool), Passwords(), Audit(self.pool)
        door = SignInDesk(store, Sessions(self.pool), audit, hasher, self.clock, idle=self.idle, lasts=self.lasts)
        object.__setattr__(self, "audit", audit)
        object.__setattr__(self, "door", door)
        object.__setattr__(self, "people", PeopleDesk(store, door, hasher, self.clock))
        object.__setattr__(self, "elsewhere", self._elsewhere())

    @property
    def provider_name(self) -> str:
        """Name the identity provider, as buttons do; empty where nobody can sign in there."""
        return self.provider.name if self.provider is not None and self.elsewhere is not None else ""

    def _elsewhere(self) -> ProviderDesk | None:
        if self.provider is None or self.vault is None:
            return None
        store = Identities(self.pool)
        return ProviderDesk(self.provider, self.role_rules, store, self.people, self.door, self.vault, self.clock)
