"""Accounts, locations and credentials: data that can be changed, secrets that only the right key opens."""

import base64
import os
import stat
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from packline.domain.location import Account, Credentials, Location, Region, StockOn, stranger
from packline.domain.shipment import Status
from packline.domain.slot import SlotPolicy
from packline.errors import ConfigError, Conflict, NotFound
from packline.ports import Cursor
from packline.storage.accounts import Accounts
from packline.storage.intake import Intake
from packline.storage.secrets import Vault, add_key, key_file
from storage.stores import store

ACCOUNT = Account(
    "acme-in", "Acme", "A1SELLER", Region.EU, ("A21TJRUUN4KGV",), "http://127.0.0.1/a", "http://127.0.0.1/t", "app-1"
)
CREDENTIALS = Credentials("client", "secret", "refresh")
LOCATION = Location("acme-in", "EXSB", "Pune", "Asia/Kolkata", ("SELLER_FLEX",), slot_from="09:00", slot_to="18:00")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture
def accounts(pool):
    """Give the store with one key."""
    return Accounts(pool, Vault({1: OLD}))


async def test_an_account_comes_back_as_it_was_put(accounts):
    """Every field survives; a second put changes it."""
    assert await accounts.put(ACCOUNT, CREDENTIALS)
    assert await accounts.account("acme-in") == ACCOUNT
    changed = replace(ACCOUNT, name="Acme Ltd", stock_on=StockOn.LISTINGS, enabled=False, usage_plan="off")
    assert not await accounts.put(changed)
    assert await accounts.accounts() == [changed]
    assert await accounts.credentials("acme-in") == CREDENTIALS, "they stay where none are given"


async def test_a_location_comes_back_as_it_was_put_and_can_go(accounts):
    """Locations belong to an account that exists."""
    with pytest.raises(NotFound, match="no account"):
        await accounts.put_location(LOCATION)
    await accounts.put(ACCOUNT)
    for kept in (LOCATION, replace(LOCATION, auto_confirm=True, slot_policy=SlotPolicy.EARLIEST)):
        await accounts.put_location(kept)
        assert await accounts.locations("acme-in") == [kept]
    assert await accounts.remove_location("acme-in", "EXSB")
    assert not await accounts.remove_location("acme-in", "EXSB")


async def test_a_paused_account_says_why_until_it_goes_on(accounts):
    """The reason is the pause."""
    await accounts.put(ACCOUNT)
    await accounts.pause("acme-in", "Amazon refuses the token")
    assert (await accounts.account("acme-in")).paused_reason == "Amazon refuses the token"
    await accounts.pause("acme-in", None)
    assert (await accounts.account("acme-in")).paused_reason is None


async def test_a_refused_authorisation_is_told_once(accounts, pool):
    """Every call that fails says so; the seller's system hears it once, and again after somebody let it go on."""
    await accounts.put(ACCOUNT)
    for _ in range(2):
        await accounts.unauthorized("acme-in", "Amazon refuses the token")
    await accounts.pause("acme-in", None)
    await accounts.unauthorized("acme-in", "Amazon refuses the token")
    told = await pool.fetch("select name, cause from event order by seq")
    assert [tuple(row) for row in told] == [
        ("account.unauthorized", "amazon"),
        ("account.resumed", "command"),
        ("account.unauthorized", "amazon"),
    ]
    assert (await accounts.account("acme-in")).paused_reason == "Amazon refuses the token"


async def test_a_closed_api_is_told_once_and_again_after_it_was_settled(accounts, pool):
    """Whether others are answered is read from the calls of the last ten minutes; one line is listed for an API."""
    await accounts.put(ACCOUNT)
    add = "insert into call (at, account_id, operation, attempt, status, code, ms, request_id)"
    await pool.execute(f"{add} values (now() - interval '9 minutes', 'acme-in', 'searchOrders', 1, 200, '', 1, '')")
    await pool.execute(f"{add} values (now(), 'acme-in', 'listHandoverSlots', 1, 403, 'Unauthorized', 1, '')")
    assert await accounts.is_answered_elsewhere("acme-in", ["listHandoverSlots"])
    assert not await accounts.is_answered_elsewhere("acme-in", ["searchOrders"])
    for _ in range(2):
        await accounts.closed("acme-in", "Easy Ship", "role missing")
    await pool.execute("update parked set resolved_at = now()")
    await accounts.closed("acme-in", "Easy Ship", "role missing again")
    rows = await pool.fetch("select source, reason, resolved_at from parked")
    assert [tuple(row) for row in rows] == [("unauthorized", "role missing again", None)]


async def test_an_account_with_open_shipments_is_not_forgotten(accounts, pool):
    """Somebody waits for them."""
    await accounts.put(ACCOUNT)
    await store(pool)
    with pytest.raises(Conflict, match="open shipments"):
        await accounts.remove("acme-in")
    await pool.execute("update shipment set status = $1", Status.DELIVERED.value)
    await accounts.remove("acme-in")
    assert await accounts.accounts() == []


async def test_credentials_are_not_readable_in_the_database(accounts, pool):
    """A copy of the database holds no secret in clear."""
    await accounts.put(ACCOUNT, CREDENTIALS)
    stored = await pool.fetchval("select credentials from account")
    assert b"secret" not in stored
    assert b"refresh" not in stored


async def test_credentials_of_one_account_do_not_open_under_another(accounts, pool):
    """Whoever can write the table cannot lend one seller another's authorisation."""
    await accounts.put(ACCOUNT, CREDENTIALS)
    await accounts.put(replace(ACCOUNT, id="other"))
    await pool.execute("update account set credentials = (select credentials from account where id = 'acme-in')")
    with pytest.raises(ConfigError, match="other cannot be opened"):
        await accounts.credentials("other")


async def test_an_account_without_credentials_says_how_to_store_them(accounts):
    """Nothing there is an answer, not an accident."""
    await accounts.put(ACCOUNT)
    with pytest.raises(NotFound, match="no credentials") as refusal:
        await accounts.directory("acme-in")
    assert "packline account authorize" in refusal.value.hint
    with pytest.raises(NotFound, match="no account"):
        await accounts.directory("nobody")


async def test_a_missing_key_version_is_named(accounts, pool):
    """The database came from another machine: its key is needed."""
    await accounts.put(ACCOUNT, CREDENTIALS)
    with pytest.raises(ConfigError, match="key version 1"):
        await Accounts(pool, Vault({2: NEW})).credentials("acme-in")


async def test_rotation_reseals_with_the_newest_key_and_the_old_one_can_go(accounts, pool):
    """Both keys while it lasts, the new one alone afterwards."""
    await accounts.put(ACCOUNT, CREDENTIALS)
    both = Accounts(pool, Vault({1: OLD, 2: NEW}))
    assert await both.reseal() == 1
    assert await both.reseal() == 0
    assert await Accounts(pool, Vault({2: NEW})).credentials("acme-in") == CREDENTIALS


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path):
    """Mode 0600 from its first moment; a second reader gets the same key."""
    path = tmp_path / "folder" / "packline.key"
    keys = key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_file(path) == keys
    assert {version: len(key) for version, key in keys.items()} == {1: 32}


def test_a_key_file_may_hold_several_versions(tmp_path):
    """The highest encrypts."""
    path = tmp_path / "packline.key"
    path.write_text(f"1 {base64.b64encode(OLD).decode()}\n\n2 {base64.b64encode(NEW).decode()}\n")
    assert Vault(key_file(path)).version == 2


def test_a_new_key_is_added_beside_the_old_ones(tmp_path):
    """What was encrypted before can still be read; the file stays its owner's."""
    path = tmp_path / "packline.key"
    before = key_file(path)
    assert add_key(path) == 2
    after = key_file(path)
    assert after[1] == before[1]
    assert after[2] != after[1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["", "1", "one AAAA", "1 AAAA"])
def test_a_broken_key_file_is_refused(tmp_path, broken):
    """Never a silent new key: everything stored would be lost."""
    path = tmp_path / "packline.key"
    path.write_text(broken)
    with pytest.raises(ConfigError):
        Vault(key_file(path))
    assert path.read_text() == broken


def test_the_same_secret_is_sealed_differently_each_time():
    """A nonce of its own for each: equal secrets do not look equal."""
    vault = Vault({1: os.urandom(32)})
    first, second = vault.seal("a", b"x"), vault.seal("a", b"x")
    assert first != second
    assert vault.open("a", first, 1) == vault.open("a", second, 1) == b"x"


async def test_a_new_location_lets_intake_look_back_and_settles_what_was_parked_for_it(accounts, pool):
    """A change of a location that is known does not."""
    intake, cursor = Intake(pool), Cursor("acme-in", "", "ACCEPTED", NOON)
    await accounts.put(ACCOUNT, CREDENTIALS)
    await intake.begin_cursor(cursor)
    for place in ("EXSB", "EXSC"):
        await intake.park("acme-in", "getShipments", place.encode(), f"{stranger(place)}; add it.", NOON)
    await accounts.put_location(LOCATION)
    assert not await intake.save_cursor(cursor)
    assert await pool.fetchval("select convert_from(body, 'UTF8') from parked where resolved_at is null") == "EXSC"
    await intake.begin_cursor(cursor)
    await accounts.put_location(LOCATION)
    assert await intake.save_cursor(cursor)
