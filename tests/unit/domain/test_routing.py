"""Routing in words: why this location, why split, who was left out."""

from builders import NOON, at
from packline.domain.routing.allocate import allocate
from packline.domain.routing.distance import Point
from packline.domain.routing.order import Demand, Site

BENGALURU, DELHI, MUMBAI = Point(12.97, 77.59), Point(28.61, 77.21), Point(19.08, 72.88)
LINES = (Demand("L1", "KURTA-M", 2), Demand("L2", "SAREE", 1))
ALL = {"KURTA-M": 9, "SAREE": 9}


def test_one_location_that_has_everything_is_enough_and_the_nearest_is_taken():
    """Several could: the one nearest to the buyer ships, and it is said how far it is."""
    found = allocate(LINES, [Site("DEL1", ALL, DELHI), Site("BLR1", ALL, BENGALURU)], MUMBAI)
    assert [p.location for p in found.parcels] == ["BLR1"]
    assert found.why == ("One parcel: 2 locations have everything.",)
    assert (
        found.parcels[0].why == "BLR1, 845 km away, has all that is asked for of 2 SKUs; it is the nearest that has it."
    )


def test_a_priority_counts_before_the_distance():
    """The seller's wish is the seller's; a lower number goes first."""
    found = allocate(LINES, [Site("DEL1", ALL, DELHI, priority=1), Site("BLR1", ALL, BENGALURU)], MUMBAI)
    assert [p.location for p in found.parcels] == ["DEL1"]
    assert "by your priority" in found.parcels[0].why


def test_what_one_location_cannot_serve_is_split_and_said_to_be():
    """As few parcels as can be, and what the best single one has."""
    sites = [Site("DEL1", {"KURTA-M": 2}, DELHI), Site("BLR1", {"SAREE": 1, "KURTA-M": 1}, BENGALURU)]
    found = allocate(LINES, sites, BENGALURU)
    assert {p.location: p.lines for p in found.parcels} == {
        "BLR1": (("L2", "SAREE", 1),),
        "DEL1": (("L1", "KURTA-M", 2),),
    }
    assert found.why[0].startswith("2 parcels, the fewest that is possible: no location has everything")


def test_what_nobody_has_is_named_and_the_rest_is_shipped():
    """Short units are no reason to ship nothing."""
    found = allocate(LINES, [Site("BLR1", {"KURTA-M": 1}, BENGALURU)], BENGALURU)
    assert found.short == (("L1", "KURTA-M", 1), ("L2", "SAREE", 1))
    assert "Nobody has 1 of KURTA-M and 1 of SAREE." in found.why


def test_a_location_that_would_be_late_is_the_last_resort():
    """Two parcels in time go before one that is late; without the two, the late one ships and that is said."""
    late = Site("LATE", ALL, BENGALURU, leaves_at=at(60))
    first, second = Site("A", {"KURTA-M": 2}, DELHI), Site("B", {"SAREE": 1}, DELHI, leaves_at=at(-60))
    found = allocate(LINES, [late, first, second], BENGALURU, ship_by=NOON)
    assert [p.location for p in found.parcels] == ["A", "B"]
    assert "LATE has everything but cannot ship in time" in found.why[0]
    alone = allocate(LINES, [late, first], BENGALURU, ship_by=NOON)
    assert [(p.location, p.is_late) for p in alone.parcels] == [("LATE", True)]
    assert any("LATE cannot ship in time" in why for why in alone.why)


def test_who_rejected_or_is_full_is_left_out_and_named():
    """After a rejection the order goes to the next best; nobody is asked twice."""
    sites = [Site("BLR1", ALL, BENGALURU), Site("DEL1", ALL, DELHI), Site("FULL", ALL, BENGALURU, capacity=0)]
    found = allocate(LINES, sites, BENGALURU, rejected=("BLR1",))
    assert [p.location for p in found.parcels] == ["DEL1"]
    assert "BLR1 rejected the order and was left out." in found.why
    assert "FULL can take no more parcels and was left out." in found.why
    nobody = allocate(LINES, sites, BENGALURU, rejected=("BLR1", "DEL1"))
    assert nobody.parcels == ()
    assert nobody.why[0] == "No location is left that may ship."


def test_an_unknown_destination_leaves_distance_out():
    """Without a centroid the rest still counts, and it is said what is missing."""
    found = allocate(LINES, [Site("DEL1", ALL), Site("BLR1", ALL, BENGALURU)])
    assert [p.location for p in found.parcels] == ["BLR1"]
    assert any("give a postal code" in why for why in found.why)
    known = allocate(LINES, [Site("DEL1", ALL), Site("BLR1", ALL, BENGALURU)], DELHI)
    assert any("DEL1 lies is not known" in why for why in known.why)
    assert allocate((), []).why == ("Nothing is asked for.",)
