"""What Amazon's panel leaves on a shipment, and what it is taken to mean."""

import json
from typing import Any

import pytest

from packline.amazon.external_fulfillment import parse
from packline.amazon.external_fulfillment.panel_marks import DEFAULT, marks_of
from packline.domain.panel import Scan, Source, merged, source_of, spots


def body(source: str | None = "INTERNAL_PLATFORM", *attributes: dict[str, Any]) -> bytes:
    """Write a shipment of one line with two units."""
    line = {"merchantSku": "SKU-1", "numberOfUnits": 2, "customAttributes": list(attributes)}
    info = {"processingSource": source} if source else {}
    return json.dumps({"id": "S-1", "status": "SHIPPED", "shipmentInfo": info, "lineItems": [line]}).encode()


UNITS = {"key": "customSkuUnitIdentifiers", "type": "JSON_STRING", "value": '["id1","id2","id3"]'}
BIN = {"key": "warehouseBinIdentifier", "type": "STRING", "value": "P124"}


def test_amazons_own_example_is_read():
    """A list in a string, longer than the line has units, and a bin."""
    told = parse.facts(body("INTERNAL_PLATFORM", UNITS, BIN))
    assert told.scanned == (Scan("SKU-1", "P124", ("id1", "id2", "id3"), 2),)
    assert told.processed_by == "smarthub"


@pytest.mark.parametrize(
    ("value", "serials"),
    [
        ('["a", 7, null, "a"]', ("a", "7")),
        ("a", ("a",)),
        ("a, b", ("a", "b")),
        ('"a"', ("a",)),
        ("17", ("17",)),
        (17, ("17",)),
        ("", ()),
        ("[]", ()),
        ('{"a": 1}', ()),
        ("a\x1fb", ()),
        (None, ()),
        ("[" * 100_000, ()),
    ],
)
def test_serial_numbers_are_read_in_whatever_form_they_come(value, serials):
    """None of them can stop a shipment."""
    told = parse.facts(body("X", UNITS | {"value": value}))
    assert (told.scanned[0].serials if told.scanned else ()) == serials
    assert told.processed_by == ""


def test_the_meaning_is_a_setting():
    """The other reading of the two words, and an attribute of another name in another case."""
    marks = marks_of({"internal_platform": "integrator", "EXTERNAL_PLATFORM": "smarthub"}, {"ShelfCode": "bin"})
    told = parse.facts(body("INTERNAL_PLATFORM", UNITS, {"key": "shelfcode", "value": "Z-9"}), marks)
    assert told.processed_by == "integrator"
    assert told.scanned == (Scan("SKU-1", "Z-9", (), 2),)
    assert parse.facts(body("EXTERNAL_PLATFORM"), marks).processed_by == "smarthub"


def test_a_meaning_that_nobody_knows_is_none():
    """Nothing is guessed of it."""
    assert marks_of({"A": "unknown"}, {}).source("A") == ""
    assert DEFAULT.source(None) == ""


@pytest.mark.parametrize(
    ("is_adopted", "processed_by", "is_scanned", "source"),
    [
        (False, "smarthub", False, Source.PACKLINE),  # some readings say it of everything
        (True, "smarthub", False, Source.SMARTHUB),
        (True, "integrator", False, Source.INTEGRATOR),
        (True, "", False, Source.ELSEWHERE),
        (False, "integrator", True, Source.SMARTHUB),
    ],
)
def test_scans_and_moves_are_stronger_than_the_word(is_adopted, processed_by, is_scanned, source):
    """Who worked on it is told by what was scanned, then by whether it moved without us, then by Amazon's field."""
    scans = (Scan("SKU-1", "A"),) if is_scanned else ()
    assert source_of(is_adopted=is_adopted, processed_by=processed_by, scanned=scans) is source


def test_a_read_without_scans_keeps_those_that_are_known():
    """Amazon's example shows them in the listing only."""
    known = (Scan("SKU-1", "A"), Scan("SKU-2", "B"))
    assert merged(known, ()) == known
    assert merged(known, (Scan("SKU-1", "C"),)) == (Scan("SKU-2", "B"), Scan("SKU-1", "C"))


def test_each_unit_has_one_spot():
    """Serial numbers first, then the bin; what is left is nobody's."""
    scans = (Scan("SKU-1", "A", ("s1",), 2), Scan("SKU-1", "B", (), 1))
    assert [(spot.bin, spot.serial) for spot in spots(4, scans)] == [("A", "s1"), ("A", ""), ("B", ""), ("", "")]
    assert len(spots(1, scans)) == 1
