"""Routing: the best of all allocations where there are few locations, a right one wherever there are many."""

from collections import Counter
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import NOON, at
from packline.domain.routing.allocate import allocate
from packline.domain.routing.distance import Point, great_circle
from packline.domain.routing.order import Allocation, Demand, Site
from packline.domain.routing.shelf import Shelf
from packline.domain.routing.units import Units

HERE = Point(12.97, 77.59)
SKUS = ("A", "B", "C", "D")
points = st.none() | st.builds(Point, st.integers(-60, 60).map(float), st.integers(-170, 170).map(float))
sites_of = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(SKUS), st.integers(0, 6)),
        points,
        st.sampled_from([1, 100]),
        st.sampled_from([None, 0, 1]),
        st.sampled_from([None, at(-60), at(60)]),
    ),
    max_size=7,
).map(lambda rows: [Site(f"L{n}", *row) for n, row in enumerate(rows)])
lines_of = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 8)), min_size=1, max_size=6).map(
    lambda rows: [Demand(f"line-{n}", sku, units) for n, (sku, units) in enumerate(rows)]
)


def cost(chosen: Any) -> tuple[int, int, int, int]:
    """Give what a choice costs, reckoned anew."""
    far = great_circle(Point(0, 0), Point(0, 180))
    late = sum(s.leaves_at is not None and s.leaves_at > NOON for s in chosen)
    metres = sum(far if s.point is None else great_circle(s.point, HERE) for s in chosen)
    return late, len(chosen), sum(s.priority for s in chosen), metres


def brute(lines: list[Demand], sites: list[Site]) -> tuple[int, int, int, int]:
    """Look at every choice of locations."""
    usable = [s for s in sites if s.capacity is None or s.capacity > 0]
    needs = {}
    for sku in {line.sku for line in lines}:
        asked = sum(line.units for line in lines if line.sku == sku)
        needs[sku] = min(asked, sum(s.stock.get(sku, 0) for s in usable))
    able = (
        cost(chosen)
        for size in range(len(usable) + 1)
        for chosen in combinations(usable, size)
        if all(sum(s.stock.get(sku, 0) for s in chosen) >= units for sku, units in needs.items())
    )
    return min(able)


def check(lines: list[Demand], sites: list[Site], found: Allocation) -> None:
    """Nothing is invented, nothing is lost, no location ships what it has not, and no parcel is empty."""
    stock = {s.location: dict(s.stock) for s in sites}
    told = {line.line: 0 for line in lines}
    for parcel in found.parcels:
        assert parcel.units > 0
        assert parcel.why
        for line, sku, units in parcel.lines:
            stock[parcel.location][sku] -= units
            told[line] += units
            assert units > 0
            assert stock[parcel.location][sku] >= 0
    for line, _, units in found.short:
        told[line] += units
    assert told == {line.line: line.units for line in lines}
    assert len({p.location for p in found.parcels}) == len(found.parcels)


def missing(lines: list[Demand], sites: list[Site]) -> int:
    """Reckon how many units nobody can serve, SKU by SKU."""
    asked: Counter[str] = Counter()
    for line in lines:
        asked[line.sku] += line.units
    return sum(max(0, units - sum(s.stock.get(sku, 0) for s in sites)) for sku, units in asked.items())


@settings(max_examples=400, deadline=None)
@given(lines_of, sites_of)
def test_no_other_choice_of_locations_is_better(lines, sites):
    """Few locations: late parcels, parcels, priorities and metres are the least that any choice has."""
    found = allocate(lines, sites, HERE, ship_by=NOON)
    check(lines, sites, found)
    by_name = {s.location: s for s in sites}
    assert cost([by_name[p.location] for p in found.parcels]) == brute(lines, sites)
    assert found.is_proven
    served = sum(p.units for p in found.parcels)
    usable = [s for s in sites if s.capacity is None or s.capacity > 0]
    for sku in SKUS:
        asked = sum(line.units for line in lines if line.sku == sku)
        served -= min(asked, sum(s.stock.get(sku, 0) for s in usable))
    assert served == 0


@settings(max_examples=100, deadline=None)
@given(lines_of, sites_of, st.randoms(use_true_random=False))
def test_the_order_in_which_locations_are_given_changes_nothing(lines, sites, random):
    """The same question has the same answer."""
    shuffled = list(sites)
    random.shuffle(shuffled)
    assert allocate(lines, shuffled, HERE, ship_by=NOON) == allocate(lines, sites, HERE, ship_by=NOON)


@settings(max_examples=100, deadline=None)
@given(lines_of, sites_of)
def test_a_location_that_rejects_is_as_if_it_were_not_there(lines, sites):
    """Asked again without those that refused, the parcels are those of the others alone."""
    first = allocate(lines, sites, HERE)
    gone = {p.location for p in first.parcels[:1]}
    again = allocate(lines, sites, HERE, rejected=gone)
    others = allocate(lines, [s for s in sites if s.location not in gone], HERE)
    assert again.parcels == others.parcels
    assert again.short == others.short
    assert all(any(name in why for why in again.why) for name in gone)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.1, 0.5]), st.sampled_from([1, 40]))
def test_many_locations_and_lines_give_an_allocation_that_holds(seed, density, units):
    """Large: everything that there is, is served, and no parcel could be left out."""
    random = Random(seed)
    lines = [Demand(f"line-{n}", f"SKU-{n % 150}", random.randint(1, units)) for n in range(200)]
    sites = [
        Site(
            f"L{n:03}",
            {f"SKU-{k}": random.randint(1, units) for k in range(150) if random.random() < density},
            Point(random.uniform(8, 30), random.uniform(70, 90)),
        )
        for n in range(60)
    ]
    found = allocate(lines, sites, HERE)
    check(lines, sites, found)
    assert sum(units for _, _, units in found.short) == missing(lines, sites)
    served = {p.location for p in found.parcels}
    for location in served:
        assert missing(lines, [s for s in sites if s.location in served - {location}]) > missing(lines, sites)
    fewer = [s for s in sites if s.location in served - {min(served, default="")}]
    assert sum(units for _, _, units in allocate(lines, fewer, HERE).short) == missing(lines, fewer)


def test_a_distance_is_that_of_the_globe():
    """Bengaluru to Delhi is 1,740 km as the crow flies; the two ends of the globe are half around it."""
    assert abs(great_circle(HERE, Point(28.61, 77.21)) - 1_740_000) < 5_000
    assert great_circle(Point(90, 0), Point(-90, 0)) == great_circle(Point(0, 0), Point(0, 180))
    assert great_circle(HERE, HERE) == 0
    assert replace(HERE, latitude=13.0) != HERE


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([40, 40_000, 4_000_000_000]), st.integers(1, 30))
def test_units_reckoned_as_one_number_are_those_reckoned_one_by_one(seed, most, count):
    """What is missing after a location gave what it has, whatever the sizes, with more there than is needed."""
    random = Random(seed)
    needs = [random.randint(1, most) for _ in range(count)]
    units, missing = Units(needs), list(needs)
    number = units.needed
    for _ in range(3):
        have = {lane: random.randint(-1, 2 * most) for lane in range(count) if random.random() < 0.7}
        given_units = have if random.random() < 0.5 else [have.get(lane, 0) for lane in range(count)]
        number = units.lack(number, units.row(Shelf(0, 0, 0, 0, 0, 0, given_units)))
        missing = [max(0, left - max(0, have.get(lane, 0))) for lane, left in enumerate(missing)]
        assert units.count(number) == sum(missing)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("density", "units"), [(0.2, 30), (0.5, 5), (0.5, 30), (1.0, 30)])
def test_no_more_parcels_than_the_naive_way_takes(seed, density, units):
    """Partly stocked SKUs count as far as they are stocked: taking who has most units each time is never better."""
    random = Random(seed)
    lines = [Demand(f"line-{n}", f"SKU-{n}", random.randint(1, units)) for n in range(150)]
    sites = [
        Site(f"L{n:03}", {f"SKU-{k}": random.randint(1, units) for k in range(150) if random.random() < density})
        for n in range(60)
    ]
    missing, naive = {line.sku: line.units for line in lines}, 0
    rest = list(sites)
    while any(s.stock.get(sku, 0) for s in rest for sku in missing):
        best = max(rest, key=lambda s: sum(min(left, s.stock.get(sku, 0)) for sku, left in missing.items()))
        rest.remove(best)
        naive += 1
        missing = {k: left - best.stock.get(k, 0) for k, left in missing.items() if left > best.stock.get(k, 0)}
    assert len(allocate(lines, sites).parcels) <= naive
