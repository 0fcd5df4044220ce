"""From a goal to its end, program by program, when everything goes well."""

import pytest

from builders import package, shipment, toward
from packline.amazon.programs import EASY_SHIP, SELF_SHIP, SELLER_FLEX
from packline.domain.shipment import Goal, PackageStatus, Status
from packline.domain.step import StepKind as K
from unit.domain.walk import walk

TO_LABEL = [K.CONFIRM, K.CREATE_PACKAGES, K.READ_OPTIONS, K.GENERATE_LABELS]
TO_LABEL_IN = [K.CONFIRM, K.CREATE_PACKAGES, K.READ_OPTIONS, K.GENERATE_INVOICE, K.GENERATE_LABELS]


def test_a_seller_flex_shipment_in_india_is_shipped_in_six_calls():
    """Confirm, packages, options, invoice, labels, shipped: one call each, and the command succeeds."""
    start = toward(Goal.SHIPPED, packages=(package(),), needs_invoice=True)
    calls, end, told = walk(start, SELLER_FLEX)
    assert calls == [*TO_LABEL_IN, K.SHIP]
    assert end.status is Status.SHIPPED
    assert end.ticket is None
    assert told.count("Settled") == 1


def test_easy_ship_outside_india_makes_no_invoice_and_leaves_shipped_to_the_carrier():
    """The carrier's scan tells SHIPPED; after the label nothing is left for us."""
    calls, end, _ = walk(toward(Goal.LABELED, program=EASY_SHIP, packages=(package(),)), EASY_SHIP)
    assert calls == TO_LABEL
    assert end.status is Status.SHIPLABEL_GENERATED
    assert end.packages[0].option_id == "OPT-1"


def test_a_handed_over_easy_ship_parcel_is_done_for_the_seller():
    """Hand over succeeds without a call, because Amazon's carrier tells the rest."""
    labeled = walk(toward(Goal.LABELED, program=EASY_SHIP, packages=(package(),)), EASY_SHIP)[1]
    calls, _, _ = walk(shipment_with(labeled, Goal.SHIPPED), EASY_SHIP)
    assert calls == []


def test_self_ship_is_told_to_the_end():
    """SHIPPED and DELIVERED are the seller's to tell."""
    calls, end, _ = walk(toward(Goal.DELIVERED, program=SELF_SHIP, packages=(package(),)), SELF_SHIP)
    assert calls == [*TO_LABEL, K.SHIP, K.DELIVER]
    assert end.status is Status.DELIVERED


def test_out_for_delivery_is_told_after_shipped():
    """Self Ship: out for delivery is a sub-status on the way."""
    calls, end, _ = walk(toward(Goal.OUT_FOR_DELIVERY, program=SELF_SHIP, packages=(package(),)), SELF_SHIP)
    assert calls == [*TO_LABEL, K.SHIP, K.OUT_FOR_DELIVERY]
    assert end.packages[0].status is PackageStatus.OUT_FOR_DELIVERY


def test_each_of_several_packages_gets_its_options_and_one_call_makes_all_labels():
    """Options are read per package; labels of one slot go in one call."""
    start = toward(Goal.LABELED, program=EASY_SHIP, packages=(package("PKG-1"), package("PKG-2")))
    calls, end, _ = walk(start, EASY_SHIP)
    assert calls == [K.CONFIRM, K.CREATE_PACKAGES, K.READ_OPTIONS, K.READ_OPTIONS, K.GENERATE_LABELS]
    assert all(p.label and p.label.document for p in end.packages)


def test_a_goal_without_packages_waits_for_a_packer():
    """Nothing is invented: without packages the shipment is confirmed and waits."""
    calls, end, _ = walk(toward(Goal.LABELED), SELLER_FLEX)
    assert calls == [K.CONFIRM]
    assert end.ticket == "cmd_1"


def test_a_repacked_shipment_runs_the_sequence_again_and_its_old_label_is_void():
    """updatePackage goes back to the slot; the old tracking id must not be printed."""
    labeled = walk(toward(Goal.LABELED, packages=(package(),), needs_invoice=True), SELLER_FLEX)[1]
    changed = tuple(type(p)(**{**fields(p), "revision": 2}) for p in labeled.packages)
    again = shipment_with(labeled, Goal.LABELED, packages=changed)
    calls, end, told = walk(again, SELLER_FLEX, start=60)
    assert calls == [K.UPDATE_PACKAGE, K.READ_OPTIONS, K.GENERATE_INVOICE, K.GENERATE_LABELS]
    assert "LabelVoided" in told
    assert end.is_labeled


def test_a_label_asked_for_again_is_one_call():
    """Relabel is REGENERATE, nothing else, while the slot is still open."""
    labeled = walk(toward(Goal.LABELED, packages=(package(),)), SELLER_FLEX)[1]
    calls, end, _ = walk(shipment_with(labeled, Goal.LABELED, label_round=2), SELLER_FLEX, start=60)
    assert calls == [K.REGENERATE_LABELS]
    assert end.packages[0].label.round == 2


@pytest.mark.parametrize("status", ["ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"])
def test_a_rejection_is_one_call_where_amazon_allows_it(status):
    """REJECT is sent only in the statuses that Amazon lists for this shipment."""
    calls, end, _ = walk(toward(Goal.REJECTED, status), SELLER_FLEX)
    assert calls == [K.REJECT]
    assert end.status is Status.CANCELLED
    assert end.cancelled_by == "SELLER_REJECTED"


def test_no_goal_means_no_call():
    """A shipment that nobody asked for anything stays where it is."""
    assert walk(shipment(), SELLER_FLEX)[0] == []


def shipment_with(before, goal, **given):
    """Set another goal on a shipment."""
    from msgspec.structs import replace

    return replace(before, goal=goal, ticket="cmd_2", **given)


def fields(value):
    """Give a struct's fields as a dict."""
    import msgspec

    return msgspec.structs.asdict(value)
