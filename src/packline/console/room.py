"""What the console needs from the other rooms; bootstrap builds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import asyncpg

from packline.commands.bulk_acts import BulkDesk
from packline.commands.desk import Desk
from packline.commands.manifests import ManifestDesk
from packline.commands.prints import PrintDesk
from packline.console.desks import Desks
from packline.console.directory import Directory
from packline.console.file_desk import FileDesk
from packline.console.start_desk import StartDesk
from packline.domain.api_key import ApiKey
from packline.ports import Clock, Gateway


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
    desks: Desks
    start: StartDesk
    files: FileDesk
    bulk: BulkDesk
    sign_in: bool = True
    hosts: tuple[str, ...] = ()
    """Host names that the console answers to without sign-in, beside this machine's own."""
    version: str = "0"
    directory: Directory = field(default_factory=Directory)
    drawn: dict[Any, Any] = field(default_factory=dict)
    """What charts were last made of, by scope."""
