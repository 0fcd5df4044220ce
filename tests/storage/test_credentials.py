"""The age of credentials in the database: noted when they change, told when they are about to end."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from builders import NOON
from packline.domain.credentials import Life, Secret
from packline.domain.location import Account, Credentials, Region
from packline.storage.accounts import Accounts
from packline.storage.credentials import CredentialAges, CredentialWatch
from packline.storage.secrets import Vault

ACCOUNT = Account("acme", "Acme", "A1", Region.EU, ("M",), "http://127.0.0.1/a", "http://127.0.0.1/t", "app")
KEYS = Credentials("client", "secret", "refresh")
DAY = timedelta(days=1)


@pytest.fixture
async def accounts(pool: asyncpg.Pool) -> Accounts:
    """One account whose credentials are a hundred days old."""
    made = Accounts(pool, Vault({1: bytes(32)}))
    await made.put(ACCOUNT, KEYS)
    await pool.execute("update credential set since = $1", NOON - 100 * DAY)
    return made


async def ages(pool: asyncpg.Pool) -> dict[str, bool]:
    """Tell which credentials are still a hundred days old."""
    rows = await pool.fetch("select kind, since = $1 as is_old from credential", NOON - 100 * DAY)
    return {row["kind"]: row["is_old"] for row in rows}


async def told(pool: asyncpg.Pool) -> list[tuple[str, int]]:
    rows = await pool.fetch("select data from event where name = 'credential.expiring' order by seq")
    return [(one["credential"], one["days"]) for one in (msgspec.json.decode(row["data"])["event"] for row in rows)]


async def look(pool: asyncpg.Pool, at: datetime) -> None:
    await CredentialWatch(pool).look(at)


async def test_only_what_is_new_begins_anew(accounts: Accounts, pool: asyncpg.Pool) -> None:
    """A rotated secret leaves the consent as old as it was; the same again changes nothing."""
    await accounts.put(ACCOUNT, KEYS)
    assert await ages(pool) == {"client_secret": True, "consent": True}
    await accounts.put(ACCOUNT, replace(KEYS, client_secret="rotated"))
    assert await ages(pool) == {"client_secret": False, "consent": True}


async def test_each_alarm_is_told_once_whoever_looks(accounts: Accounts, pool: asyncpg.Pool) -> None:
    """Two processes look at once; weeks later the next alarm comes, after a rotation none."""
    at = NOON + 51 * DAY
    await asyncio.gather(look(pool, at), look(pool, at))
    assert await told(pool) == [("client_secret", 29)]
    await look(pool, at + DAY)
    assert len(await told(pool)) == 1
    await look(pool, NOON + 78 * DAY)
    assert (await told(pool))[1:] == [("client_secret", 2)]
    await accounts.put(ACCOUNT, replace(KEYS, client_secret="rotated"))
    await look(pool, NOON + 79 * DAY)
    assert len(await told(pool)) == 2


async def test_a_person_knows_better_since_when_it_is_in_use(accounts: Accounts, pool: asyncpg.Pool) -> None:
    """The date that was told counts, and is told of again where it makes another alarm due."""
    life = Life("acme", Secret.CLIENT_SECRET, NOON - 175 * DAY)
    await CredentialAges(pool).date([life, Life("acme", Secret.CONSENT, NOON - 900 * DAY, ends=False)])
    await look(pool, NOON)
    assert await told(pool) == [("client_secret", 5)]


async def test_a_disabled_account_raises_no_alarm(accounts: Accounts, pool: asyncpg.Pool) -> None:
    """Nobody calls Amazon for it."""
    await accounts.put(replace(ACCOUNT, enabled=False))
    await look(pool, NOON + 300 * DAY)
    assert await told(pool) == []
