"""Drift: what Amazon shows, what it was told and what the seller counts are compared, and the cause is named."""

from typing import Any

import pytest
from msgspec.structs import replace

from builders import NOON
from packline.domain.inventory.drift import Cause, Ours, held_by_amazon, judge
from packline.domain.inventory.publishing import Answer, Verdict
from packline.domain.inventory.rules import Place

PLACE = Place("acme-in", "EXSB", "SKU-1")
OURS = Ours(PLACE, 7, 7, 1000, "settled", False, 7, NOON)


def shown(sellable: int | None, reserved: int | None = 0, sequence: int | None = 1000) -> Answer:
    """Make Amazon's answer to a read."""
    return Answer(PLACE, Verdict.TAKEN, None, sequence, sellable, reserved)


@pytest.mark.parametrize("answer", [shown(7), shown(4, 3), shown(0, 9), None])
def test_what_agrees_is_no_drift(answer: Answer | None) -> None:
    """Sellable and reserved are what was told; where nothing is sellable, what was told is believed if it fits."""
    assert judge(OURS, answer, 7) is None


@pytest.mark.parametrize(
    ("ours", "answer", "seller", "cause"),
    [
        ({}, shown(9, 0, 2000), None, Cause.OTHER_WRITER),
        ({}, shown(9, 0, 500), None, Cause.LOST),
        ({}, shown(9), None, Cause.AMAZON),
        ({}, shown(5, None, None), None, Cause.UNSEEN_ORDERS),
        ({}, shown(7), 6, Cause.SELLER),
        ({"state": "refused"}, shown(7), None, Cause.REFUSED),
        ({"held": True, "wanted": 3, "state": "waiting"}, shown(7), None, Cause.HELD),
        ({}, Answer(PLACE, Verdict.REFUSED, code="INVALID_SKU"), None, Cause.UNKNOWN_SKU),
    ],
)
def test_each_difference_has_its_likely_cause(
    ours: dict[str, Any], answer: Answer, seller: int | None, cause: Cause
) -> None:
    """The sequence number tells who wrote last; without one, the direction of the difference does."""
    found = judge(replace(OURS, **ours), answer, seller)
    assert found is not None
    assert found.cause is cause
    assert found.words


def test_a_number_on_its_way_is_no_drift() -> None:
    """What waits to be told, Amazon cannot have yet."""
    assert judge(replace(OURS, state="waiting", wanted=5, published=None), shown(7), None) is None


def test_nothing_sellable_shows_at_most_what_is_reserved() -> None:
    """Told 9, reserved 4, nothing sellable: Amazon has no more than 4."""
    assert held_by_amazon(shown(0, 4), 9) == 4
