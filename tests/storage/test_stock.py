"""The ledger of stock in PostgreSQL: once for each cause, equal to its entries, followed by what Amazon is told."""

import asyncio
from typing import Any

import asyncpg
import pytest

from builders import NOON, at
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.domain.inventory.offer import OfferState, Told
from packline.domain.inventory.rules import Place, Rule
from packline.storage.stock import Stock
from packline.storage.stock_check import check, rebuild
from packline.storage.stock_offers import StockOffers
from packline.storage.stock_settings import StockRules
from storage.stores import ACCOUNT, own

KEY = Key(ACCOUNT, "EXSB", "SKU-1")


@pytest.fixture
async def ledger(pool: asyncpg.Pool) -> Stock:
    """Have two accounts with a location each."""
    for account in (ACCOUNT, "other"):
        await own(pool, account=account)
        await pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", account)
    return Stock(pool)


def movement(kind: Kind, units: int, minutes: float = 0, *, key: Key = KEY, cause: str = "", **given: Any) -> Movement:
    """Build a movement of one entry, timed."""
    given = {"account": ACCOUNT, "place": "EXSB", "merchant_sku": key.sku} | given
    cause = cause or f"{kind} {units} {minutes} {key}"
    return Movement(cause, (Entry(cause, key, kind, units, at(minutes), **given),), is_timed=True, is_fact=True)


async def offers(pool: asyncpg.Pool) -> dict[str, int]:
    """Read what each account is told of SKU-1."""
    rows = await pool.fetch("select account_id, wanted from stock_offer where item = 'SKU-1'")
    return {row["account_id"]: row["wanted"] for row in rows}


async def test_a_cause_counts_once_in_a_batch_and_ever(pool, ledger):
    """Told three times, twice at the same moment: one entry."""
    come = movement(Kind.COUNTED, 5, cause="one")
    fates = await ledger.lay([come, come], NOON)
    assert [fate.outcome for fate in fates] == ["applied", "known"]
    assert [fate.outcome for fate in await ledger.lay([come], NOON)] == ["known"]
    assert await pool.fetchval("select count(*) from stock_entry") == 1


async def test_many_at_once_lose_nothing(pool, ledger):
    """Forty writers of the same keys in different orders: every unit is there, and the books agree."""
    keys = [Key(ACCOUNT, "EXSB", f"SKU-{n}") for n in range(5)]
    await ledger.lay([movement(Kind.COUNTED, 0, key=key) for key in keys], NOON)

    async def write(n: int) -> None:
        turned = keys if n % 2 else keys[::-1]
        await ledger.lay([movement(Kind.RECEIVED, 1, 1 + n, key=key, cause=f"{n} {key}") for key in turned], NOON)

    await asyncio.gather(*(write(n) for n in range(40)))
    rows = await pool.fetch("select on_hand from stock_balance")
    assert [row["on_hand"] for row in rows] == [40] * 5
    assert await check(pool) == []


async def test_amazon_is_told_what_carries_no_label(pool, ledger):
    """Sold and picked units are still told, labelled ones are not: Amazon takes its reservations off by itself."""
    await ledger.lay([movement(Kind.COUNTED, 10)], NOON)
    for minute, (kind, told) in enumerate([(Kind.SOLD, 10), (Kind.PICKED, 10), (Kind.LABELLED, 8)], 1):
        await ledger.lay([movement(kind, 2, minute)], NOON)
        assert (await offers(pool))[ACCOUNT] == told, kind


async def test_a_sale_on_one_account_lowers_what_the_other_is_told(pool, ledger):
    """Two accounts draw from one pool: each is told what the other did not sell."""
    rules = StockRules(pool)
    await rules.put(Rule(pool="common"), NOON, "")
    await rules.apply(Rule(pool="common"), NOON)
    key = Key("common", "EXSB", "SKU-1")
    await ledger.lay([movement(Kind.COUNTED, 10, key=key, account="", place="", merchant_sku="")], NOON)
    assert await offers(pool) == {ACCOUNT: 10, "other": 10}
    await ledger.lay([movement(Kind.SOLD, 3, 1, key=key)], NOON)
    assert await offers(pool) == {ACCOUNT: 10, "other": 7}
    await ledger.lay([movement(Kind.PICKED, 3, 2, key=key), movement(Kind.LABELLED, 3, 3, key=key)], NOON)
    assert await offers(pool) == {ACCOUNT: 7, "other": 7}


async def test_a_rule_takes_effect_on_what_is_told(pool, ledger):
    """A buffer for the SKU, a stop for the location, and back again when they are removed."""
    rules = StockRules(pool)
    await ledger.lay([movement(Kind.COUNTED, 10)], NOON)
    for rule, told in (
        (Rule(account=ACCOUNT, sku="SKU-1", buffer_percent=25), 7),
        (Rule(account=ACCOUNT, location="EXSB", stop_sale=True), 0),
        (Rule(account=ACCOUNT, location="EXSB"), 7),
        (Rule(account=ACCOUNT, sku="SKU-1"), 10),
    ):
        await rules.put(rule, NOON, "")
        await rules.apply(rule, NOON)
        assert (await offers(pool))[ACCOUNT] == told, rule
    assert await pool.fetchval("select count(*) from stock_rule") == 0


async def test_a_rule_whose_writer_died_is_applied_by_the_keeper(pool, ledger):
    """It was written and not applied: half a minute later somebody does."""
    rules = StockRules(pool)
    await ledger.lay([movement(Kind.COUNTED, 10)], NOON)
    await rules.put(Rule(buffer_units=3), NOON, "")
    await rules.work(NOON)
    assert (await offers(pool))[ACCOUNT] == 10
    await rules.work(at(1))
    assert (await offers(pool))[ACCOUNT] == 7
    assert not await pool.fetchval("select bool_or(pending) from stock_rule")


async def test_what_a_seller_sells_more_than_there_is_is_reported(pool, ledger):
    """Three sold of two: told 2 at most, and an event says so; the next receipt ends it."""
    await ledger.lay([movement(Kind.COUNTED, 2), movement(Kind.SOLD, 3, 1)], NOON)
    await ledger.lay([movement(Kind.RECEIVED, 1, 2)], NOON)
    names = [row["name"] for row in await pool.fetch("select name from event order by seq")]
    assert names == ["stock.changed", "stock.oversold", "stock.changed", "stock.recovered"]


async def test_the_outbox_sends_zero_first_then_what_falls(pool, ledger):
    """Only what changed, in the order in which a wrong number does harm; a held location waits."""
    outbox = StockOffers(pool)
    keys = {name: Key(ACCOUNT, "EXSB", name) for name in ("RISES", "FALLS", "EMPTY", "STAYS")}
    await ledger.lay([movement(Kind.COUNTED, 5, key=key) for key in keys.values()], NOON)
    first = await outbox.take_changed(ACCOUNT, 10)
    assert {w.place.sku for w in first} == set(keys)
    await outbox.published([Told(w.place, w.wanted_seq, w.quantity, 1, OfferState.SETTLED) for w in first], NOON)
    assert await outbox.take_changed(ACCOUNT, 10) == []
    counts = [("RISES", 9), ("FALLS", 3), ("EMPTY", 0), ("STAYS", 5)]
    await ledger.lay([movement(Kind.COUNTED, n, 1, key=keys[name]) for name, n in counts], at(1))
    assert [w.place.sku for w in await outbox.take_changed(ACCOUNT, 10)] == ["EMPTY", "FALLS", "RISES"]
    rules = StockRules(pool)
    assert await rules.hold(ACCOUNT, "EXSB", "count", NOON, "")
    assert await outbox.take_changed(ACCOUNT, 10) == []
    assert await rules.release(ACCOUNT, "EXSB", NOON)
    assert len(await outbox.take_changed(ACCOUNT, 10)) == 3


async def test_a_late_answer_does_no_harm_and_a_refusal_waits_for_a_person(pool, ledger):
    """What changed since stays waiting; an older sequence number is ignored; refused until retry."""
    outbox, place = StockOffers(pool), Place(ACCOUNT, "EXSB", "SKU-1")
    await ledger.lay([movement(Kind.COUNTED, 5)], NOON)
    (sent,) = await outbox.take_changed(ACCOUNT, 10)
    await ledger.lay([movement(Kind.COUNTED, 4, 1)], NOON)
    await outbox.published([Told(place, sent.wanted_seq, 5, 10, OfferState.SETTLED)], NOON)
    (waiting,) = await outbox.take_changed(ACCOUNT, 10)
    assert (waiting.quantity, waiting.published, waiting.published_seq) == (4, 5, 10)
    await outbox.published([Told(place, waiting.wanted_seq, 4, 9, OfferState.SETTLED)], NOON)
    assert len(await outbox.take_changed(ACCOUNT, 10)) == 1
    await outbox.published([Told(place, 0, None, None, OfferState.REFUSED, "INVALID_SKU: unknown")], NOON)
    assert await outbox.take_changed(ACCOUNT, 10) == []
    assert await outbox.retry(ACCOUNT) == 1
    assert len(await outbox.take_changed(ACCOUNT, 10)) == 1


async def test_what_was_changed_behind_the_ledgers_back_is_found_and_mended(pool, ledger):
    """The check names the number, rebuild makes it again from the entries, and Amazon is told anew."""
    scanned = movement(Kind.RECEIVED, 1, 1, bin="A-1", serial="SN-1")
    await ledger.lay([movement(Kind.COUNTED, 5), scanned, movement(Kind.SOLD, 2, 2)], NOON)
    await pool.execute("update stock_allocation set units = 0")
    await pool.execute("update stock_balance set on_hand = 50")
    await pool.execute("update stock_spot set units = 7")
    await pool.execute("delete from stock_reserved")
    found = {(d.what, d.kept, d.told) for d in await check(pool)}
    assert {("on_hand", 50, 6), ("bin or serial", 7, 1), ("reserved by seller", 0, 2)} <= found
    assert await rebuild(pool, at(3)) == 1
    left = {d.what for d in await check(pool)}
    assert left == {"open shipments"}  # the sale of this test has no shipment
    assert (await offers(pool))[ACCOUNT] == 6


async def test_a_bin_is_counted_by_itself(pool, ledger):
    """What lies elsewhere was not counted: the bin is corrected by the difference."""
    await ledger.lay([movement(Kind.COUNTED, 10), movement(Kind.RECEIVED, 4, 1, bin="A-1")], NOON)
    await ledger.lay([movement(Kind.COUNTED, 3, 2, bin="A-1")], NOON)
    assert await pool.fetchval("select on_hand from stock_balance") == 13
    assert await pool.fetchval("select units from stock_spot where bin = 'A-1'") == 3
    assert await check(pool) == []


async def test_entries_go_to_the_partition_of_their_month(pool, ledger):
    """The ledger is kept for good, a month in each table."""
    recorded = await pool.fetchval("select now()")
    await ledger.lay([movement(Kind.COUNTED, 1)], recorded)
    found = await pool.fetchval("select tableoid::regclass::text from stock_entry")
    assert found == f"stock_entry_{recorded:%Y%m}"
