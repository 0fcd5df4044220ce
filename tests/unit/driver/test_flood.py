"""A flood: what a page showed answers the messages that came before it was asked for, and no others."""

from datetime import timedelta

import pytest

from builders import NOON, SELLER_FLEX
from fakes import FakeClock
from packline.domain.reports import Facts
from packline.driver.flood import AGAIN, REMEMBERED, Flood
from packline.ports import Message, Page


def page(status: str = "PACKAGE_CREATED", *, seconds: float = 10) -> Page:
    """One page that showed S-1, asked for so many seconds after noon."""
    facts = Facts("S-1", "BLR1", "A21TJRUUN4KGV", "FBA", "MARKETPLACE", "O-1", status, NOON)
    return Page(((facts, b"{}"),), (), None, NOON + timedelta(seconds=seconds))


def message(hint: str = "", *, seconds: float = 0) -> Message:
    """A message that came so many seconds after noon."""
    return Message(1, "S-1", NOON + timedelta(seconds=seconds), hint)


@pytest.mark.parametrize(
    ("told", "is_answered"),
    [
        (message(), True),
        (message("CONFIRMED"), True),
        (message("PACKAGE_CREATED"), True),
        (message("SHIPPED"), False),
        (message("CANCELLED"), False),
        (message("NEW_WORD"), False),
        (message(seconds=11), False),
    ],
)
def test_a_page_answers_what_came_before_and_claims_no_more(told: Message, is_answered: bool) -> None:
    """Rule: a claim beyond what was shown, or a message that came after the page was asked for, is read by itself."""
    flood = Flood(FakeClock())
    assert flood.ask()
    flood.note(page())
    assert flood.has_answered("S-1", [told], SELLER_FLEX) is is_answered
    assert not flood.has_answered("S-2", [told], SELLER_FLEX)


def test_listings_are_not_asked_for_again_at_once() -> None:
    """Rule: a round of listings costs calls that other looks need too."""
    clock = FakeClock()
    flood = Flood(clock)
    assert [flood.ask(), flood.ask()] == [True, False]
    clock.at += AGAIN
    assert flood.ask()


def test_nothing_is_remembered_without_a_flood() -> None:
    """Rule: pages are remembered only for a while after listings were asked for."""
    flood = Flood(FakeClock())
    assert flood.ask()
    flood.note(page())
    flood.note(page(seconds=REMEMBERED.total_seconds() + 60))
    assert not flood.has_answered("S-1", [message()], SELLER_FLEX)


def test_what_was_shown_long_ago_makes_room() -> None:
    """Rule: a flood that goes on for hours remembers what was shown lately, not what was shown first."""
    clock = FakeClock()
    flood = Flood(clock)
    assert flood.ask()
    flood.note(page())
    clock.at += timedelta(minutes=5)
    assert flood.ask()
    assert flood.has_answered("S-1", [message()], SELLER_FLEX)
    clock.at += REMEMBERED
    assert flood.ask()
    assert not flood.has_answered("S-1", [message()], SELLER_FLEX)
