"""What is known to be wrong with a packing, for every kind of line."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from packline.amazon.programs import SELLER_FLEX
from packline.domain.details import Details, Line, RecommendedPackage
from packline.domain.packing import check
from packline.domain.recommendation import recommended, warnings
from packline.domain.shipment import Package, PackageLine
from packline.domain.values import Box, Money
from packline.errors import Invalid

BOX = Box(30, 20, 10, 850)
PLAIN = Line("L1", "KURTA", 1)


def faults(line: Line, packed: PackageLine, **package: object) -> list[str]:
    fields: dict[str, object] = {"id": "P1", "box": BOX, "lines": (packed,)}
    found = check(Details((line,)), [Package(**(fields | package))], SELLER_FLEX)  # type: ignore[arg-type]
    return [f"{f.pointer}: {f.message}" for f in found]


@dataclass
class Case:
    line: Line
    packed: PackageLine
    fault: str


ONE = PackageLine("L1", 1)
CASES = {
    "serial missing": Case(replace(PLAIN, serial_numbers="REQUIRED"), ONE, "serial_numbers"),
    "serial forbidden": Case(PLAIN, replace(ONE, serial_numbers=("S1",)), "must not carry serial"),
    "serial empty": Case(
        replace(PLAIN, serial_numbers="REQUIRED"), replace(ONE, serial_numbers=(" ",)), "serial number is empty"
    ),
    "pieces of one": Case(PLAIN, replace(ONE, pieces=2), "not an item of several pieces"),
    "no pieces": Case(replace(PLAIN, multi_piece=True), replace(ONE, pieces=0), "1 or more"),
    "pieces not said": Case(replace(PLAIN, multi_piece=True), ONE, "say how many"),
    "more than all in one box": Case(
        replace(PLAIN, multi_piece=True), replace(ONE, quantity=2, pieces=1), "has 1 units, not 2"
    ),
    "country missing": Case(replace(PLAIN, country_of_origin="REQUIRED"), ONE, "needs its country"),
    "country forbidden": Case(PLAIN, replace(ONE, country_of_origin="IN"), "must not carry a country"),
    "country strange": Case(
        replace(PLAIN, country_of_origin="REQUIRED"), replace(ONE, country_of_origin="India"), "two capital letters"
    ),
    "value missing": Case(replace(PLAIN, item_value="REQUIRED"), ONE, "needs the value"),
    "value forbidden": Case(PLAIN, replace(ONE, item_value=Money("1", "INR")), "must not carry an item value"),
    "value strange": Case(
        replace(PLAIN, item_value="REQUIRED"), replace(ONE, item_value=Money("-1", "INR")), "decimal of zero or more"
    ),
    "hazmat missing": Case(replace(PLAIN, hazmat_labels="REQUIRED"), ONE, "hazardous goods labels"),
    "no units": Case(replace(PLAIN, units=0), replace(ONE, quantity=0), "a quantity is 1 or more"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_rule_is_refused_with_line_and_reason(name: str):
    """What Amazon requires must be there, and what it forbids must not."""
    case = CASES[name]
    assert any(case.fault in fault for fault in faults(case.line, case.packed))


def test_a_full_line_of_required_data_is_taken():
    """A line that requires everything is fine when everything is given."""
    line = Line("L1", "TOY", 2, "", "REQUIRED", "REQUIRED", "REQUIRED", "REQUIRED", multi_piece=True)
    packed = PackageLine("L1", 2, ("S1", "S2"), 3, "IN", Money("499.00", "INR"))
    assert faults(line, packed, hazmat_labels=("LITHIUM",)) == []


def test_an_item_of_several_pieces_travels_in_several_boxes():
    """A table in three boxes is one unit that each box names, with the pieces that are in it; none may be left out."""
    table = replace(PLAIN, multi_piece=True)
    boxes = [Package(f"P{n}", BOX, (replace(ONE, pieces=1),)) for n in range(3)]
    assert check(Details((table,)), boxes, SELLER_FLEX) == []
    assert any("0 of 1 units" in f.message for f in check(Details((table,)), [Package("P0", BOX, ())], SELLER_FLEX))
    assert any("3 of 1 units" in f.message for f in check(Details((PLAIN,)), boxes, SELLER_FLEX))


def test_amazons_recommendation_does_not_know_the_pieces():
    """Amazon advises boxes, not how many pieces lie in each: the packer must say it."""
    advice = RecommendedPackage(BOX, (("L1", 1),))
    with pytest.raises(Invalid) as refused:
        recommended(Details((replace(PLAIN, multi_piece=True),), recommended=(advice,)))
    assert any("pieces from the packer" in fault.message for fault in refused.value.errors)


def test_hazmat_labels_without_need_are_refused():
    """A label of hazardous goods on a harmless parcel is a fault too."""
    assert any("may carry" in f for f in faults(PLAIN, ONE, hazmat_labels=("LITHIUM",)))


def test_a_serial_number_is_used_once():
    """The same serial number on two units is a mistake at the bench."""
    line = replace(PLAIN, units=2, serial_numbers="REQUIRED")
    found = faults(line, PackageLine("L1", 2, ("S1", "S1")))
    assert any("already at /packages/0/lines/0/serial_numbers/0" in f for f in found)


def test_package_ids_are_unique_and_safe_in_a_path():
    """A package id is our key at Amazon."""
    details = Details((replace(PLAIN, units=2),))
    twice = [Package("P 1", BOX, (ONE,)), Package("P 1", BOX, (ONE,))]
    messages = [f.message for f in check(details, twice, SELLER_FLEX)]
    assert any("used twice" in m for m in messages)
    assert any("letters, digits" in m for m in messages)


def test_no_package_at_all_is_refused():
    """A packing has at least one package."""
    assert check(Details((PLAIN,)), [], SELLER_FLEX)


@given(
    units=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    data=st.data(),
)
def test_a_split_is_taken_exactly_when_every_unit_is_packed_once(units: list[int], data: st.DataObject):
    """Whatever the split among packages: sums that fit are taken, all others are refused."""
    details = Details(tuple(Line(f"L{i}", f"SKU-{i}", n) for i, n in enumerate(units)))
    boxes = data.draw(st.integers(1, 3))
    split = [[data.draw(st.integers(0, 6)) for _ in units] for _ in range(boxes)]
    packages = [
        Package(f"P{b}", BOX, tuple(PackageLine(f"L{i}", q) for i, q in enumerate(row) if q))
        for b, row in enumerate(split)
    ]
    fits = all(sum(row[i] for row in split) == n for i, n in enumerate(units)) and all(p.lines for p in packages)
    assert (check(details, packages, SELLER_FLEX) == []) is fits


@given(
    edges=st.tuples(*[st.floats(allow_nan=True, allow_infinity=False) for _ in range(3)]),
    weight=st.floats(allow_nan=True),
)
def test_a_box_needs_positive_edges_and_five_grams(edges: tuple[float, float, float], weight: float):
    """Zero, negative and not-a-number sizes never reach Amazon."""
    found = check(Details((PLAIN,)), [Package("P1", Box(*edges, weight), (ONE,))], SELLER_FLEX)
    assert (found == []) is (all(e > 0 for e in edges) and weight >= 5)


def test_a_recommendation_without_units_takes_the_whole_line():
    """Amazon names lines without quantities; one package for a line holds all its units."""
    details = Details((replace(PLAIN, units=3),), (RecommendedPackage(BOX, (("L1", 0),)),))
    assert recommended(details)[0].lines == (PackageLine("L1", 3),)


@pytest.mark.parametrize(
    ("line", "packages"),
    [
        (PLAIN, ()),
        (PLAIN, (RecommendedPackage(None, (("L1", 1),)),)),
        (PLAIN, (RecommendedPackage(BOX, (("L9", 1),)),)),
        (replace(PLAIN, units=3), (RecommendedPackage(BOX, (("L1", 0),)), RecommendedPackage(BOX, (("L1", 0),)))),
        (replace(PLAIN, serial_numbers="REQUIRED"), (RecommendedPackage(BOX, (("L1", 1),)),)),
        (replace(PLAIN, country_of_origin="REQUIRED"), (RecommendedPackage(BOX, (("L1", 1),)),)),
    ],
)
def test_an_incomplete_recommendation_is_refused(line: Line, packages: tuple[RecommendedPackage, ...]):
    """What Amazon leaves open is not guessed."""
    with pytest.raises(Invalid) as refusal:
        recommended(Details((line,), packages))
    assert refusal.value.reason == "recommendation_incomplete"


def test_the_recommended_country_is_used():
    """Where Amazon recommends the country that it requires, nothing is asked of the packer."""
    line = replace(PLAIN, country_of_origin="REQUIRED", recommended_country="IN")
    packages = recommended(Details((line,), (RecommendedPackage(BOX, (("L1", 1),)),)))
    assert packages[0].lines[0].country_of_origin == "IN"


def test_a_turned_box_is_no_warning():
    """Length and width are the packer's choice of words."""
    details = Details((PLAIN,), (RecommendedPackage(BOX, (("L1", 1),)),))
    assert warnings(details, [Package("P1", Box(10, 30, 20, 850), (ONE,))]) == ()
