"""The guard of sizes: what is packed against the listing, and gaps in Amazon's recommendation."""

import pytest

from packline.domain.details import Details, Line, RecommendedPackage
from packline.domain.shipment import Package, PackageLine
from packline.domain.size_guard import doubts
from packline.domain.values import Box

LISTED = {"KURTA": Box(30, 20, 10, 850)}


def told(box: Box, units: int = 1, **line: object) -> list[str]:
    """Pack units of one SKU into a box; give what is doubted."""
    details = Details((Line("L1", "KURTA", units, **line),))  # type: ignore[arg-type]
    return [d.message for d in doubts(details, [Package("P1", box, (PackageLine("L1", units),))], LISTED)]


@pytest.mark.parametrize("box", [Box(10, 30, 20, 850), Box(31, 21, 10.5, 900), Box(30, 20, 10, 960)])
def test_a_box_within_the_tolerance_is_not_doubted(box):
    """Turned, a centimetre more, some grams more: as Amazon's recommendation is compared."""
    assert told(box) == []


@pytest.mark.parametrize("box", [Box(30, 20, 14, 850), Box(30, 20, 10, 2000)])
def test_one_unit_in_a_box_of_another_size_or_weight_is_doubted(box):
    """The listing and its size are named, with what may come of it."""
    assert len(told(box)) == 1
    assert "the listing of KURTA says 30 × 20 × 10 cm, 850 g. Amazon may deactivate" in told(box)[0]


def test_several_units_are_compared_by_weight_and_by_the_room_they_need():
    """How they lie is the packer's choice; that they fit and weigh what they must is not."""
    assert told(Box(30, 20, 20, 1700), 2) == []
    assert "weighs 850 g; by their listings its units weigh 1700 g" in told(Box(30, 20, 20, 850), 2)[0]
    assert "need 12.0 litres" in told(Box(30, 20, 10, 1700), 2)[0]


def test_what_cannot_be_compared_is_not_doubted():
    """A unit in several boxes, or a SKU whose listing says no size."""
    assert told(Box(1, 1, 1, 1), multi_piece=True) == []
    details = Details((Line("L1", "SAREE", 1),))
    assert doubts(details, [Package("P1", Box(1, 1, 1, 1), (PackageLine("L1", 1),))], LISTED) == ()


def test_an_incomplete_recommendation_is_named_although_the_packer_gave_boxes():
    """No size, or units left out: the listing lacks what Amazon needs."""
    details = Details((Line("L1", "KURTA", 2),), (RecommendedPackage(None, (("L1", 1),)),))
    packed = [Package("P1", Box(30, 20, 20, 1700), (PackageLine("L1", 2),))]
    found = doubts(details, packed, LISTED)
    assert [d.code for d in found] == ["recommendation_incomplete"] * 2
    assert "Recommended package 1 has no size and weight." in found[0].message
    assert "1 of 2 units of line L1" in found[1].message
    assert doubts(Details(details.lines), packed, LISTED) == ()
