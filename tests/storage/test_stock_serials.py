"""Serial numbers in the ledger: a unit with a number leaves the bin where it stands, whoever packed it."""

from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import at, facts, package
from packline.domain import events as ev
from packline.domain.panel import Scan, settled, spots
from packline.domain.shipment import Goal, PackageLine, Shipment, Status
from packline.storage.stock_check import check
from storage.test_stock_journeys import Shop, bins, lay_in, units


@pytest.fixture
async def shop(pool: asyncpg.Pool) -> Shop:
    """Open the shop, with three numbered units in two bins, and five that have no number."""
    made = Shop(pool)
    await made.open()
    await lay_in(made, ("A-1", "SN-1", 1), ("A-1", "SN-2", 1), ("B-1", "SN-3", 1), ("B-1", "", 5))
    return made


async def pack(shop: Shop, shipment: Shipment, minutes: float, *serials: str, **more: Any) -> None:
    """Pack with serial numbers, up to the label."""
    boxes = (package("PKG-1", lines=(PackageLine("L-1", len(serials), serials),)),)
    await shop.happen(shipment, minutes, ev.GoalSet(Goal.LABELED, at(minutes), packages=boxes, **more))
    await shop.move(shipment, minutes + 0.5, Status.PACKAGE_CREATED, Status.SHIPLABEL_GENERATED)


async def test_what_we_packed_leaves_its_bin_by_its_serial_numbers(shop: Shop):
    """The packer's numbers say which units went; in which bins they lay the ledger knows."""
    await pack(shop, await shop.receive(minutes=4), 5, "SN-1", "SN-3")
    assert await shop.follow() == units(16, labelled=2)
    assert await bins(shop) == {("A-1", "SN-2"): 1, ("B-1", ""): 5}
    assert await shop.pool.fetchval("select unscanned_at from stock_balance") is None
    assert await check(shop.pool) == []


async def test_a_number_that_the_ledger_does_not_know_is_a_unit_like_any_other(shop: Shop):
    """Numbers are scanned at the bench whether or not the shelf keeps them: nothing goes below zero."""
    await pack(shop, await shop.receive(minutes=4), 5, "SN-1", "SN-77")
    assert await shop.follow() == units(16, labelled=2)
    assert await bins(shop) == {("A-1", "SN-2"): 1, ("B-1", "SN-3"): 1, ("B-1", ""): 5}
    assert await check(shop.pool) == []


async def test_a_cancelled_or_repacked_parcel_lays_its_numbers_back(shop: Shop):
    """A void label brings back what it took; the next one takes what is packed then."""
    shipment = await shop.receive(minutes=4)
    await pack(shop, shipment, 5, "SN-1", "SN-2")
    await shop.follow()
    await shop.move(shipment, 6, Status.PACKAGE_CREATED)
    assert await shop.follow() == units(18, reserved=2, picked=2)
    assert await bins(shop) == {("A-1", "SN-1"): 1, ("A-1", "SN-2"): 1, ("B-1", "SN-3"): 1, ("B-1", ""): 5}
    await pack(shop, shipment, 7, "SN-2", "SN-3")
    await shop.follow()
    assert await bins(shop) == {("A-1", "SN-1"): 1, ("B-1", ""): 5}
    await shop.move(shipment, 9, Status.CANCELLED, cause="amazon")
    assert await shop.follow() == units(18)
    assert await bins(shop) == {("A-1", "SN-1"): 1, ("A-1", "SN-2"): 1, ("B-1", "SN-3"): 1, ("B-1", ""): 5}
    assert await check(shop.pool) == []


async def test_what_we_packed_and_others_labelled_leaves_by_its_numbers_too(shop: Shop):
    """SmartHub labels a shipment that was packed here: the packer's scan is no guess, and nothing is to be counted."""
    shipment = await shop.receive(minutes=4)
    boxes = (package("PKG-1", lines=(PackageLine("L-1", 2, ("SN-1", "SN-3")),)),)
    await shop.happen(shipment, 5, ev.GoalSet(Goal.PACKED, at(5), packages=boxes))
    await shop.move(shipment, 6, Status.PACKAGE_CREATED)
    await shop.move(shipment, 7, Status.SHIPLABEL_GENERATED, cause="adopted")
    assert await shop.follow() == units(16, labelled=2)
    assert await bins(shop) == {("A-1", "SN-2"): 1, ("B-1", ""): 5}
    assert await shop.pool.fetchval("select unscanned_at from stock_balance") is None


async def test_a_number_that_was_scanned_in_another_bin_is_taken_from_where_it_stands(shop: Shop):
    """It names one unit, which is gone: no bin goes below zero, and the entry says where it was scanned. Told again, it
    changes nothing."""
    told = (Scan("SKU-1", "P-124", ("SN-1", "SN-3"), 2),)
    shipment = await shop.receive("SHIPLABEL_GENERATED", minutes=5, scanned=told)
    assert await shop.follow() == units(16, labelled=2)
    assert await bins(shop) == {("A-1", "SN-2"): 1, ("B-1", ""): 5}
    reasons = await shop.pool.fetch("select bin, reason from stock_entry where kind = 'smarthub' order by bin")
    assert [tuple(row) for row in reasons] == [("A-1", "scanned in P-124"), ("B-1", "scanned in P-124")]
    changed = ev.Changed(facts("SHIPLABEL_GENERATED", 6, scanned=told), (("ship_by", "x", "y"),))
    await shop.happen(shipment, 6, changed)
    assert await shop.follow() == units(16, labelled=2)
    assert await bins(shop) == {("A-1", "SN-2"): 1, ("B-1", ""): 5}
    await shop.move(shipment, 7, Status.CANCELLED, cause="amazon")
    await shop.follow()
    assert await bins(shop) == {("A-1", "SN-1"): 1, ("A-1", "SN-2"): 1, ("B-1", "SN-3"): 1, ("B-1", ""): 5}
    assert await check(shop.pool) == []


async def test_the_same_number_twice_is_told_and_not_hidden(shop: Shop):
    """Two shipments claim one unit, on the same page of the feed: the second is a scan that does not fit."""
    for n, name in enumerate(("S-1", "S-2")):
        scans = (Scan("SKU-1", "A-1", ("SN-1",), 1),)
        await shop.receive("SHIPPED", minutes=5 + n, amazon_id=name, items=(("SKU-1", 1),), scanned=scans)
    assert await shop.follow() == units(16)
    assert (await bins(shop))[("A-1", "SN-1")] == -1


@given(
    st.lists(st.sampled_from("abcdef"), unique=True, max_size=6),
    st.integers(0, 6),
    st.sampled_from(["", "P-1"]),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["A", "B", "P-1"])),
    st.integers(1, 6),
)
def test_settling_changes_bins_only(serials: list[str], told: int, bin_: str, stand: dict[str, str], count: int):
    """Which serial numbers count, in which order, and how many units have a bin: all of it stays as it was scanned."""
    most = max(told, len(serials)) if told else 0
    scan = Scan("SKU-1", bin_, tuple(serials), most)
    before, after = spots(count, (scan,)), spots(count, settled(scan, stand))
    assert [spot.serial for spot in before] == [spot.serial for spot in after]
    for old, new in zip(before, after, strict=True):
        assert new.bin == stand.get(old.serial, old.bin)
