"""Shipments move stock: the feed is laid into the ledger in order, once, whatever dies in between."""

from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from builders import NOON, at, facts
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.domain.panel import Scan
from packline.domain.shipment import Goal, Shipment, Status
from packline.domain.story import Story
from packline.ports import Change
from packline.storage import stock_journeys
from packline.storage.shipments import Shipments
from packline.storage.stock import Stock
from packline.storage.stock_check import check
from packline.storage.stock_journeys import StockJourneys
from storage.stores import ACCOUNT, StillClock, own

KEY = Key(ACCOUNT, "EXSB", "SKU-1")


class Shop:
    """An account with ten units counted at noon, whose shipments are moved as the driver does."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool, self.clock = pool, StillClock()
        self.store, self.journeys = Shipments(pool, self.clock), StockJourneys(pool)

    async def open(self, account: str = ACCOUNT) -> None:
        await own(self.pool, account=account)
        await self.pool.execute("insert into location (account_id, id) values ($1, 'EXSB')", account)
        entry = Entry("count", Key(account, "EXSB", "SKU-1"), Kind.COUNTED, 10, NOON)
        await Stock(self.pool).lay([Movement(f"count {account}", (entry,), is_timed=True)], NOON)

    async def receive(
        self, status: str = "ACCEPTED", minutes: float = 1, account: str = ACCOUNT, **given: Any
    ) -> Shipment:
        self.clock.time = at(minutes)
        told = ev.Received(facts(status, minutes, **given), "seller_flex", at(minutes))
        made = receive(account, told)
        assert await self.store.insert([Change(made, 0, (told,), None, body=b"{}")]) == [True]
        return (await self.store.load([made.id]))[made.id]

    async def happen(self, shipment: Shipment, minutes: float, *events: Any) -> Shipment:
        self.clock.time = at(minutes)
        story = Story((await self.store.load([shipment.id]))[shipment.id])
        story.tell_all(events)
        (fate,) = await self.store.commit([Change(story.shipment, story.before.version, tuple(story.events))])
        assert fate.outcome == "written"
        return story.shipment

    async def move(self, shipment: Shipment, minutes: float, *statuses: Status, cause: str = "command") -> Shipment:
        return await self.happen(shipment, minutes, *(ev.Moved(to, cause, at(minutes)) for to in statuses))

    async def follow(self) -> dict[str, int]:
        while (await self.journeys.follow(100, self.clock.now())).has_more:
            pass
        return await self.balance()

    async def balance(self, key: Key = KEY) -> dict[str, int]:
        row = await self.pool.fetchrow(
            "select on_hand, reserved, picked, labelled from stock_balance where (pool, location, sku) = ($1, $2, $3)",
            *key,
        )
        return dict(row)


def units(on_hand: int, reserved: int = 0, picked: int = 0, labelled: int = 0) -> dict[str, int]:
    """Name the numbers of a balance."""
    return {"on_hand": on_hand, "reserved": reserved, "picked": picked, "labelled": labelled}


@pytest.fixture
async def shop(pool: asyncpg.Pool) -> Shop:
    """Open the shop."""
    made = Shop(pool)
    await made.open()
    return made


async def test_each_step_of_a_shipment_moves_its_units(shop):
    """Sold, picked, labelled, shipped: on hand falls with the label and not before."""
    shipment = await shop.receive()
    assert await shop.follow() == units(10, reserved=2)
    await shop.move(shipment, 2, Status.CONFIRMED, Status.PACKAGE_CREATED)
    assert await shop.follow() == units(10, reserved=2, picked=2)
    await shop.move(shipment, 3, Status.PICKUP_SLOT_RETRIEVED, Status.INVOICE_GENERATED, Status.SHIPLABEL_GENERATED)
    assert await shop.follow() == units(8, labelled=2)
    await shop.move(shipment, 4, Status.SHIPPED)
    assert await shop.follow() == units(8)
    assert await check(shop.pool) == []


async def test_a_repack_takes_the_units_back_under_amazons_eyes(shop):
    """The label is void: Amazon counts the units again, and so do we."""
    shipment = await shop.receive()
    await shop.move(shipment, 2, Status.SHIPLABEL_GENERATED)
    assert await shop.follow() == units(8, labelled=2)
    await shop.move(shipment, 3, Status.PACKAGE_CREATED)
    assert await shop.follow() == units(10, reserved=2, picked=2)


@pytest.mark.parametrize("status", ["CONFIRMED", "PACKAGE_CREATED", "SHIPLABEL_GENERATED"])
async def test_a_cancellation_lays_everything_back(shop, status):
    """At any stage before the parcel left."""
    shipment = await shop.receive()
    await shop.move(shipment, 2, Status(status))
    await shop.follow()
    await shop.move(shipment, 3, Status.CANCELLED, cause="amazon")
    assert await shop.follow() == units(10)


async def test_a_parcel_that_left_comes_back_by_a_return_only(shop):
    """Handed over, then cancelled: the units are on their way, not on the shelf."""
    shipment = await shop.receive()
    await shop.move(shipment, 2, Status.SHIPLABEL_GENERATED)
    await shop.happen(shipment, 3, ev.GoalSet(Goal.SHIPPED, at(3), handed_over=True))
    assert await shop.follow() == units(8)
    await shop.move(shipment, 4, Status.CANCELLED, cause="amazon")
    assert await shop.follow() == units(8)


async def test_a_process_that_dies_in_the_middle_loses_and_doubles_nothing(shop, monkeypatch):
    """The cursor and the entries are one transaction; what was laid is known by its version."""
    shipment = await shop.receive()
    await shop.move(shipment, 2, Status.SHIPLABEL_GENERATED)
    lay, lives = stock_journeys.lay, iter([False, True])

    async def dying(*given: Any) -> Any:
        done = await lay(*given)
        if not next(lives, True):
            raise ConnectionResetError("the process died")
        return done

    monkeypatch.setattr(stock_journeys, "lay", dying)
    with pytest.raises(ConnectionResetError):
        await shop.follow()
    assert await shop.balance() == units(10)
    assert await shop.follow() == units(8, labelled=2)
    await shop.pool.execute("update stock_cursor set xid = '0', seq = 0")
    assert await shop.follow() == units(8, labelled=2)


async def test_what_was_shipped_before_the_count_is_in_the_count(shop):
    """Intake looks back: an old shipment that is new to us takes nothing off."""
    await shop.receive("SHIPPED", minutes=-60)
    assert await shop.follow() == units(10)


async def test_what_smarthub_shipped_while_we_were_down_is_taken_once_and_flagged(shop):
    """Nobody scanned it: taken off, and a count is asked for."""
    await shop.receive("SHIPPED", minutes=5)
    assert await shop.follow() == units(8)
    assert await shop.pool.fetchval("select unscanned_at > counted_at from stock_balance")
    kinds = [row["kind"] for row in await shop.pool.fetch("select kind from stock_entry order by seq")]
    assert kinds == ["counted", "sold", "smarthub", "shipped"]


async def test_a_label_that_somebody_else_made_is_smarthubs(shop):
    """Synced, packed by us, labelled there: our steps stop, the units are taken once."""
    shipment = await shop.receive()
    await shop.move(shipment, 2, Status.PACKAGE_CREATED)
    await shop.move(shipment, 3, Status.SHIPLABEL_GENERATED, cause="adopted")
    assert await shop.follow() == units(8, labelled=2)
    assert await shop.pool.fetchval("select count(*) from stock_entry where kind = 'smarthub'") == 1


async def test_a_cancelled_shipment_that_is_new_moves_nothing(shop):
    """It is recorded as closed."""
    await shop.receive("CANCELLED", minutes=5)
    assert await shop.follow() == units(10)


async def test_other_quantities_change_what_is_taken(shop):
    """Amazon changed the order: one more of it, and another SKU."""
    shipment = await shop.receive()
    changed = facts("ACCEPTED", 2, items=(("SKU-1", 3), ("SKU-2", 1)))
    await shop.happen(shipment, 2, ev.Changed(changed, (("items", "", ""),)))
    assert await shop.follow() == units(10, reserved=3)
    assert (await shop.balance(Key(ACCOUNT, "EXSB", "SKU-2")))["reserved"] == 1
    fewer = replace(changed, items=(("SKU-1", 1),), as_of=at(3))
    await shop.happen(shipment, 3, ev.Changed(fewer, (("items", "", ""),)))
    assert await shop.follow() == units(10, reserved=1)
    assert (await shop.balance(Key(ACCOUNT, "EXSB", "SKU-2")))["reserved"] == 0


async def test_a_shipment_whose_reception_the_feed_forgot_is_followed_all_the_same(shop):
    """Its lines are read from the shipment itself."""
    shipment = await shop.receive()
    await shop.pool.execute("delete from event")
    await shop.move(shipment, 2, Status.CONFIRMED)
    assert await shop.follow() == units(10, reserved=2)


async def test_an_account_that_cannot_be_laid_holds_nobody_up(shop):
    """It lags behind with the reason, is tried again, and catches up."""
    await shop.open("other")
    await shop.receive(account="other")
    mine = await shop.receive(amazon_id="S-2")
    await shop.pool.execute(
        "alter table stock_allocation add constraint broken check (account_id <> 'other') not valid"
    )
    followed = await shop.journeys.follow(100, shop.clock.now())
    assert list(followed.failed) == ["other"]
    assert await shop.balance() == units(10, reserved=2)
    await shop.move(mine, 2, Status.PACKAGE_CREATED)
    assert await shop.follow() == units(10, reserved=2, picked=2)
    assert (await shop.balance(Key("other", "EXSB", "SKU-1")))["reserved"] == 0
    await shop.pool.execute("alter table stock_allocation drop constraint broken")
    shop.clock.time = at(10)
    await shop.follow()
    assert (await shop.balance(Key("other", "EXSB", "SKU-1")))["reserved"] == 2
    assert await shop.pool.fetchval("select array_agg(account_id) from stock_cursor") == [""]


async def test_a_number_that_no_ledger_holds_is_its_accounts_trouble(shop):
    """What the driver itself refuses is wrong with the event: it does not count as a database that is away."""
    await shop.open("other")
    await shop.receive(account="other", items=(("SKU-1", 2**40),))
    await shop.receive(amazon_id="S-2")
    followed = await shop.journeys.follow(100, shop.clock.now())
    assert list(followed.failed) == ["other"]
    assert await shop.balance() == units(10, reserved=2)


async def test_small_pages_lead_to_the_same_books(shop):
    """However the feed is cut, nothing is left out."""
    for n in range(7):
        shipment = await shop.receive(amazon_id=f"S-{n}", items=(("SKU-1", 1),))
        await shop.move(shipment, 2 + n, Status.CONFIRMED, Status.PACKAGE_CREATED, Status.SHIPLABEL_GENERATED)
    while (await shop.journeys.follow(2, shop.clock.now())).has_more:
        pass
    assert await shop.balance() == units(3, labelled=7)


async def bins(shop: Shop) -> dict[tuple[str, str], int]:
    """List what lies where."""
    rows = await shop.pool.fetch("select bin, serial, units from stock_spot where units <> 0 order by bin, serial")
    return {(row["bin"], row["serial"]): row["units"] for row in rows}


async def lay_in(shop: Shop, *places: tuple[str, str, int]) -> None:
    """Count units in bins, one after the other."""
    for number, (bin_, serial, count) in enumerate(places):
        shop.clock.time = at((number + 1) / 100)
        entry = Entry("", KEY, Kind.RECEIVED, count, shop.clock.time, bin=bin_, serial=serial)
        movement = Movement(f"in {bin_} {serial}", (replace(entry, cause=f"in {bin_} {serial}"),), is_timed=True)
        await Stock(shop.pool).lay([movement], shop.clock.time)


async def test_what_smarthub_scanned_leaves_its_bin_by_its_serial_numbers(shop):
    """The feed tells what was scanned; nothing is flagged for counting."""
    await lay_in(shop, ("A-1", "SN-1", 1), ("A-1", "SN-2", 1), ("B-1", "", 5))
    scans = (Scan("SKU-1", "A-1", ("SN-1", "SN-2", "SN-3"), 2),)
    await shop.receive("SHIPPED", minutes=5, scanned=scans)
    assert await shop.follow() == units(15)
    assert await bins(shop) == {("B-1", ""): 5}
    assert await shop.pool.fetchval("select unscanned_at from stock_balance") is None
    assert await check(shop.pool) == []


async def test_what_nobody_scanned_is_taken_from_the_bin_that_was_filled_first(shop):
    """And it is a guess: the SKU waits to be counted."""
    await lay_in(shop, ("B-9", "", 1), ("A-1", "", 5))
    await shop.receive("SHIPPED", minutes=5)
    await shop.receive("SHIPPED", minutes=6, amazon_id="S-2")
    assert await shop.follow() == units(12)
    assert await bins(shop) == {("A-1", ""): 2}
    assert await shop.pool.fetchval("select sum(unscanned) from stock_allocation") == 4
    assert await shop.pool.fetchval("select unscanned_at > counted_at from stock_balance")
    assert await check(shop.pool) == []


async def test_a_scan_that_is_told_later_corrects_the_guess(shop):
    """Amazon shows what was scanned in its listing only: the label came first, by a notification."""
    await lay_in(shop, ("A-1", "", 5), ("B-1", "SN-1", 1), ("B-1", "SN-2", 1))
    shipment = await shop.receive()
    await shop.move(shipment, 5, Status.PACKAGE_CREATED, Status.SHIPLABEL_GENERATED, cause="adopted")
    assert await shop.follow() == units(15, labelled=2)
    assert await bins(shop) == {("A-1", ""): 3, ("B-1", "SN-1"): 1, ("B-1", "SN-2"): 1}
    await shop.move(shipment, 6, Status.SHIPPED, cause="amazon")
    told = facts("SHIPPED", 6, scanned=(Scan("SKU-1", "B-1", ("SN-1", "SN-2"), 2),))
    await shop.happen(shipment, 7, ev.Changed(told, (("scanned/SKU-1", "", "B-1 SN-1, SN-2"),)))
    assert await shop.follow() == units(15)
    assert await bins(shop) == {("A-1", ""): 5}
    assert await shop.pool.fetchval("select sum(unscanned) from stock_allocation") == 0
    assert await check(shop.pool) == []


async def test_a_cancelled_parcel_is_laid_back_to_where_it_was_taken_from(shop):
    """By bin and serial number."""
    await lay_in(shop, ("A-1", "SN-1", 1), ("A-1", "", 5))
    shipment = await shop.receive(scanned=(Scan("SKU-1", "A-1", ("SN-1",), 2),))
    await shop.move(shipment, 5, Status.SHIPLABEL_GENERATED, cause="adopted")
    assert await shop.follow() == units(14, labelled=2)
    assert await bins(shop) == {("A-1", ""): 4}
    await shop.move(shipment, 6, Status.CANCELLED, cause="amazon")
    assert await shop.follow() == units(16)
    assert await bins(shop) == {("A-1", ""): 5, ("A-1", "SN-1"): 1}
    assert await check(shop.pool) == []


async def test_old_history_is_of_the_time_at_which_amazon_last_changed_it(shop):
    """It was told to us after the count, and happened before it."""
    shop.clock.time = at(30)
    told = ev.Received(facts("SHIPPED", -60), "seller_flex", at(30))
    made = receive(ACCOUNT, told)
    assert await shop.store.insert([Change(made, 0, (told,), None, body=b"{}")]) == [True]
    assert await shop.follow() == units(10)
