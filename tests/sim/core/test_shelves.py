"""Shelves: records in the order of their last update, found by touch and by time without looking at the rest."""

from dataclasses import dataclass

from packline_sim.shelves import Shelf, Shelves


@dataclass
class Record:
    """A record that is listed."""

    name: str
    touch: int = 0
    updated_ms: int = 0


def _touched(shelves: Shelves[Record], record: Record, touch: int, status: str = "NEW") -> None:
    record.updated_ms = touch * 10
    shelves.move(record, "seller", status, touch)


def _names(shelf: Shelf[Record], touch: int = 0, since_ms: int = 0) -> str:
    return "".join(record.name for record in shelf.after(touch, since_ms))


def test_records_are_found_from_a_moment_on_and_each_once() -> None:
    """A record that was updated again stands where it was updated last."""
    shelves: Shelves[Record] = Shelves()
    records = [Record(name) for name in "abcd"]
    for touch, record in enumerate(records, 1):
        _touched(shelves, record, touch)
    _touched(shelves, records[0], 5)
    shelf = shelves.shelf("seller", "NEW")
    assert _names(shelf) == "bcda"
    assert _names(shelf, since_ms=30) == "cda"
    assert _names(shelf, since_ms=31) == "da"
    assert _names(shelf, touch=4, since_ms=20) == "a"
    assert _names(shelf, since_ms=51) == ""


def test_a_shelf_that_was_swept_finds_the_same() -> None:
    """Entries of records that went on are thrown away together with their moments."""
    shelves: Shelves[Record] = Shelves()
    records = [Record(str(number % 10)) for number in range(100)]
    for touch, record in enumerate(records, 1):
        _touched(shelves, record, touch)
    for number, record in enumerate(records[:90], 101):
        _touched(shelves, record, number, "DONE")
    assert _names(shelves.shelf("seller", "NEW")) == "0123456789"
    assert _names(shelves.shelf("seller", "NEW"), since_ms=960) == "56789"
    assert len(shelves.shelf("seller", "DONE")) == 90
