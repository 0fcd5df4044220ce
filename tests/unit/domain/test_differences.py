"""What Amazon changed reaches the seller's system: each field, before and after, and nothing of a person."""

from datetime import timedelta

from msgspec.structs import replace

from builders import EASY_SHIP, NOON, facts
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.reconcile import reconcile
from packline.domain.reports import Facts, Seen
from packline.domain.shipment import Shipment
from packline.domain.values import address_mark
from packline.storage.codec import events_data

LATER = NOON + timedelta(hours=1)
HOME = {"name": "A Buyer", "addressLine1": "1 First Street", "postalCode": "560001"}


def shipment(**given: object) -> Shipment:
    return receive("acme-in", ev.Received(facts("CONFIRMED", **given), "easy_ship", NOON))


def changes(before: Shipment, after: Facts) -> dict[str, tuple[str, str]]:
    """Let Amazon show facts, and give what the event says of them."""
    story = reconcile(before, Seen(replace(after, as_of=LATER), LATER), EASY_SHIP)
    told = [event for event in story.events if isinstance(event, ev.Changed)]
    return {field: (old, new) for event in told for field, old, new in event.changes}


def seen(before: Shipment, **given: object) -> Facts:
    """Give what Amazon showed, but for some fields."""
    return replace(facts("CONFIRMED", items=before.items, ship_to=before.ship_to), **given)


def test_a_ship_by_that_moves_is_told_as_a_time() -> None:
    """RFC 3339, before and after; one that goes away is empty."""
    before = shipment(ship_by=NOON)
    told = changes(before, seen(before, ship_by=LATER))
    assert told == {"ship_by": (f"{NOON:%Y-%m-%dT%H:%M:%SZ}", f"{LATER:%Y-%m-%dT%H:%M:%SZ}")}
    assert changes(before, seen(before, ship_by=None))["ship_by"][1] == ""


def test_units_are_told_by_sku() -> None:
    """More of one, one that is gone, one that is new; the order of the lines is no change of units."""
    before = shipment(items=(("MUG", 2), ("LAMP", 1)))
    after = (("MUG", 3), ("TRAY", 1))
    assert changes(before, seen(before, items=after)) == {
        "items/LAMP": ("1", ""),
        "items/MUG": ("2", "3"),
        "items/TRAY": ("", "1"),
    }
    assert changes(before, seen(before, items=before.items[::-1])) == {
        "items": ("MUG x 2, LAMP x 1", "LAMP x 1, MUG x 2")
    }


def test_a_sub_status_and_a_location_are_told() -> None:
    """In Amazon's own words."""
    before = shipment()
    told = changes(before, seen(before, sub_status="OUT_FOR_DELIVERY", location="OTHER"))
    assert told == {"sub_status": ("", "OUT_FOR_DELIVERY"), "location": (before.location, "OTHER")}


def test_another_address_is_told_without_a_word_of_it() -> None:
    """That it changed is said; neither address, nor anything made from it, is in the event."""
    before = shipment(ship_to=address_mark(HOME))
    moved = seen(before, ship_to=address_mark(HOME | {"addressLine1": "2 Second Street"}))
    assert changes(before, moved) == {"address": ("", "")}
    story = reconcile(before, Seen(replace(moved, as_of=LATER), LATER), EASY_SHIP)
    data = b"".join(events_data(story.events, story.shipment))
    assert moved.ship_to.encode() not in data
    assert story.shipment.ship_to == moved.ship_to


def test_an_address_that_is_not_told_is_no_change() -> None:
    """A search does not tell it, a single read does; what was stored before marks were kept has none."""
    before = shipment(ship_to=address_mark(HOME))
    assert changes(before, seen(before, ship_to="")) == {}
    old = shipment()
    assert changes(old, seen(old, ship_to=address_mark(HOME))) == {}
    story = reconcile(before, Seen(replace(seen(before, ship_to="", sub_status="LOST"), as_of=LATER), LATER), EASY_SHIP)
    assert story.shipment.ship_to == before.ship_to


def test_the_way_an_address_is_written_is_no_change() -> None:
    """Case, spaces, empty fields and the order of fields do not count."""
    same = {"postalCode": "560001", "name": "A  BUYER ", "addressLine1": "1 first street", "addressLine2": None}
    assert address_mark(same) == address_mark(HOME) != ""
    assert address_mark({"name": ""}) == ""
