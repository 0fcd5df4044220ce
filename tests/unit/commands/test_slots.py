"""Wishes for a handover slot: refused where no slot can ever meet them."""

from datetime import timedelta

import pytest

from builders import NOON
from packline.commands.slots import SlotRequest, preference
from packline.domain.slot import SlotPolicy
from packline.errors import Invalid

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (SlotRequest(start=NOON + HOUR), "/slot/end"),
        (SlotRequest(start=NOON + 2 * HOUR, end=NOON + HOUR), "/slot/end"),
        (SlotRequest(start=NOON - 2 * HOUR, end=NOON - HOUR), "/slot/end"),
        (SlotRequest(policy=SlotPolicy.WINDOW), "/slot/start"),
        (SlotRequest(policy=SlotPolicy.OPTION), "/slot/option_id"),
    ],
)
def test_a_wish_that_no_slot_can_meet_is_refused_where_it_is_wrong(wish: SlotRequest, pointer: str) -> None:
    """Half a window, one that ends before it begins, one that is over, and a policy without what it needs."""
    with pytest.raises(Invalid) as refusal:
        preference(wish, None, NOON)
    assert [fault.pointer for fault in refusal.value.errors] == [pointer]


def test_a_window_to_come_is_taken_as_it_is() -> None:
    """The policy follows from what is wished."""
    wanted = preference(SlotRequest(start=NOON + HOUR, end=NOON + 2 * HOUR), None, NOON)
    assert wanted.policy is SlotPolicy.WINDOW
