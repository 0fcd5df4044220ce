"""The only file that knows every layer: it opens the stores, joins them, and runs the server and the worker."""

import asyncio
import base64
import binascii
import contextlib
import os
import platform
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import metadata

import asyncpg

from packline.amazon.external_fulfillment.gateway import ExternalFulfillmentGateway
from packline.amazon.spapi.client import ClientConfig
from packline.amazon.spapi.clock import Clock, SystemClock
from packline.amazon.spapi.transport import AiohttpTransport
from packline.commands.desk import Desk
from packline.config import Settings
from packline.domain.location import Account, Credentials, Location
from packline.errors import ConfigError
from packline.storage.accounts import Accounts
from packline.storage.api_keys import ApiKeys
from packline.storage.commands import Commands
from packline.storage.database import open_pool
from packline.storage.intake import Intake
from packline.storage.secrets import Vault, key_file
from packline.storage.shipments import Shipments
from packline.storage.wake import ring
from packline.storage.webhooks import Webhooks


@dataclass(frozen=True)
class Services:
    """The stores, the desk, the gateway and the clock of this process."""

    settings: Settings
    pool: asyncpg.Pool
    clock: Clock
    transport: AiohttpTransport
    gateway: ExternalFulfillmentGateway
    desk: Desk
    shipments: Shipments
    tickets: Commands
    accounts: "Register"
    intake: Intake
    api_keys: ApiKeys
    webhooks: Webhooks
    wake: "Bell"


class Register:
    """Accounts as commands write them (`commands.accounts.AccountRegister`), on the store of accounts."""

    def __init__(self, store: Accounts) -> None:
        """Read from and write to a store."""
        self._store = store

    async def accounts(self) -> list[Account]:
        """List all accounts."""
        return await self._store.accounts()

    async def account(self, account_id: str) -> Account | None:
        """Read one account."""
        return await self._store.account(account_id)

    async def locations(self, account_id: str) -> list[Location]:
        """List the locations of an account."""
        return await self._store.locations(account_id)

    async def credentials(self, account_id: str) -> Credentials:
        """Decrypt the credentials of an account; raises NotFound, or ConfigError where the key does not fit."""
        return await self._store.credentials(account_id)

    async def pause(self, account_id: str, reason: str | None) -> None:
        """Pause an account with its reason, or let it go on (None)."""
        await self._store.pause(account_id, reason)

    async def add_account(self, account: Account, credentials: Credentials) -> None:
        """Store a new account with its credentials, encrypted."""
        await self._store.put(account, credentials)

    async def update_account(self, account: Account, credentials: Credentials | None = None) -> None:
        """Write an account again, and its credentials where they are given."""
        await self._store.put(account, credentials)

    async def remove_account(self, account_id: str) -> None:
        """Remove an account; refused while shipments of it are open."""
        await self._store.remove(account_id)

    async def set_location(self, location: Location) -> None:
        """Add or replace a location."""
        await self._store.put_location(location)

    async def remove_location(self, account_id: str, location_id: str) -> None:
        """Remove a location."""
        await self._store.remove_location(account_id, location_id)


class Sealer:
    """Secrets of webhooks (`storage.webhooks.Sealer`) in the vault: two bytes of key version, then the sealed bytes."""

    def __init__(self, vault: Vault) -> None:
        """Seal with a vault."""
        self._vault = vault

    def seal(self, secret: bytes, label: str) -> bytes:
        """Encrypt with the newest key."""
        return self._vault.version.to_bytes(2, "big") + self._vault.seal(label, secret)

    def unseal(self, sealed: bytes, label: str) -> bytes:
        """Decrypt with the key that it was sealed with."""
        return self._vault.open(label, sealed[2:], int.from_bytes(sealed[:2], "big"))


class Bell:
    """The alarm clock of commands that change no shipment (`ports.Wake`)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Ring through the database."""
        self._pool = pool

    async def wake(self, accounts: Sequence[str]) -> None:
        """Ring for these accounts."""
        async with self._pool.acquire() as connection, connection.transaction():
            await ring(connection, accounts)


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Open the database and join the parts; nothing is started. Closes everything at the end.

    Raises ConfigError where the database cannot be reached or the keys cannot be read.
    """
    clock = clock or SystemClock()
    vault = Vault(keys(settings))
    url = settings.database_url.get_secret_value() if settings.database_url else None
    pool = await open_pool(url, settings.data, clock.now(), size=settings.pool_size)
    transport = AiohttpTransport()
    try:
        yield _joined(settings, pool, clock, transport, vault)
    finally:
        await transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 5)


def keys(settings: Settings) -> dict[int, bytes]:
    """Give the keys that protect credentials: the master key, else the key file (made where it is missing)."""
    if settings.master_key is None:
        return key_file(settings.key_path)
    try:
        return {1: base64.b64decode(settings.master_key.get_secret_value(), validate=True)}
    except (binascii.Error, ValueError):
        raise ConfigError(
            "The master key is not base64.", hint="Give 32 bytes as base64 in PACKLINE_MASTER_KEY."
        ) from None


def worker_name(settings: Settings) -> str:
    """Name this worker in logs and in the table of owners."""
    return settings.worker_name or f"{platform.node() or 'worker'}-{os.getpid()}"


def version() -> str:
    """Give the version of Packline that is installed."""
    return metadata.version("packline")


def _joined(
    settings: Settings, pool: asyncpg.Pool, clock: Clock, transport: AiohttpTransport, vault: Vault
) -> Services:
    store = Accounts(pool, vault)
    config = ClientConfig(timeout=settings.call_timeout_s)
    gateway = ExternalFulfillmentGateway(transport, clock, store.directory, config)
    shipments, tickets = Shipments(pool, clock), Commands(pool)
    register = Register(store)
    return Services(
        settings=settings,
        pool=pool,
        clock=clock,
        transport=transport,
        gateway=gateway,
        desk=Desk(shipments, tickets, register, gateway, clock),
        shipments=shipments,
        tickets=tickets,
        accounts=register,
        intake=Intake(pool),
        api_keys=ApiKeys(pool),
        webhooks=Webhooks(pool, Sealer(vault)),
        wake=Bell(pool),
    )
