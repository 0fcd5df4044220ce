"""Commands on an Easy Ship order that is scheduled: what Amazon cannot change is refused before it is tried."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.program import easy_ship
from packline.commands import relabel, repack, reschedule
from packline.commands.order import Subject
from packline.commands.pack import PackageRequest
from packline.commands.relabel import Relabel
from packline.commands.repack import Repack
from packline.commands.reschedule import Reschedule
from packline.commands.slots import SlotRequest
from packline.domain.shipment import Label, Package, PackageLine, Status
from packline.domain.slot import SlotPolicy
from packline.errors import Denied
from unit.commands.counter import BOX, DETAILS, NOW, a_shipment

INDIA = easy_ship(load().of("A21TJRUUN4KGV"))
LINES = (PackageLine("L1", 2), PackageLine("L2", 1))
EARLIEST = SlotRequest(SlotPolicy.EARLIEST)


def subject(*, void: bool = False, handed_over_at: datetime | None = None, **program: object) -> Subject:
    """Give an order with a label of today."""
    label = Label("TRK-1", "", 1, 1, NOW, void=void)
    made = Package("PKG-1", BOX, LINES, sent=1, label=label)
    shipment = a_shipment(Status.SHIPLABEL_GENERATED, api="seller_central", packages=(made,))
    shipment = replace(shipment, handed_over_at=handed_over_at)
    return Subject(shipment, replace(INDIA, **program), NOW, "cmd_1", DETAILS)


def test_a_scheduled_order_is_not_repacked():
    """Its new weight would never reach Amazon, and its live label would count as one of another packing."""
    heavier = Repack((PackageRequest(replace(BOX, weight_g=999), LINES, "PKG-1"),))
    with pytest.raises(Denied) as denied:
        repack.plan(subject(), heavier)
    assert "seller support" in (denied.value.hint or "")
    assert repack.plan(subject(void=True), heavier).goal.packages


def test_asking_for_the_label_again_moves_no_slot():
    """It would be taken for done while the parcel is still expected at the old time."""
    with pytest.raises(Denied) as denied:
        relabel.plan(subject(), Relabel(EARLIEST))
    assert "reschedule" in (denied.value.hint or "")
    assert relabel.plan(subject(), Relabel()).goal.relabel
    assert relabel.plan(subject(void=True), Relabel(EARLIEST)).goal.relabel


def test_where_slots_cannot_be_moved_nothing_useless_is_proposed():
    """The way out that is named must exist."""
    with pytest.raises(Denied) as denied:
        reschedule.plan(subject(reschedules=False), Reschedule())
    assert "relabel" not in (denied.value.hint or "")


def test_a_live_label_is_rescheduled_to_the_earliest_slot_by_default():
    """Without a wish the next window is meant; a void label has no slot to move."""
    goal = reschedule.plan(subject(), Reschedule()).goal
    assert goal.reschedule
    assert goal.slot is not None
    assert goal.slot.policy is SlotPolicy.EARLIEST
    for refused in (subject(void=True), subject(handed_over_at=NOW)):
        with pytest.raises(Denied):
            reschedule.plan(refused, Reschedule())
