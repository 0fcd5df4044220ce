"""Easy Ship over Seller Central, case by case: what random lives broke once, and its mending."""

import pytest
from msgspec.structs import replace

from builders import LABEL_FILE, at, facts, failed, option, package, shipment
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.program import easy_ship
from packline.domain.details import Details, Line
from packline.domain.recommendation import by_sku
from packline.domain.reconcile import reconcile
from packline.domain.reports import Done, Facts, LabelResult, Seen, SeenPackage
from packline.domain.shipment import Goal, Label, PackageStatus, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.steps import begin, next_step
from packline.domain.values import Box
from packline.errors import Invalid

INDIA = easy_ship(load().of("A21TJRUUN4KGV"))
LABEL = Label("TRK-1", "", 1, 1, at(5), option_id="OPT-1", awaits="feed")
PACKED = package(sent=1, slotted=1, options=(option(start=600),), option_id="OPT-1")


def scheduled(**given: object) -> Shipment:
    """Build an order whose label was made at 12:05 and whose documents are still to come."""
    packed = replace(PACKED, label=LABEL, status=PackageStatus.LABELED)
    values = {"goal": Goal.LABELED, "ticket": "cmd_1", "packages": (packed,), "moved_at": at(5)}
    return shipment("SHIPLABEL_GENERATED", INDIA, api="seller_central", **(values | given))


def told(status: str, minutes: float, **given: object) -> Facts:
    return facts(status, minutes, location="DEFAULT", api="seller_central", **given)


def test_a_schedule_that_is_refused_after_a_cancelled_label_is_told_once():
    """The package still counted as labeled by its old label, so the refusal was taken for success, without end."""
    gone = Seen(told("PACKAGE_CREATED", 8, sub_status="LABEL_CANCELLED"), at(9))
    after = reconcile(scheduled(), gone, INDIA).shipment
    step = Step(StepKind.GENERATE_LABELS, (("PKG-1", 1),), "OPT-2", 1)
    after = reconcile(begin(after, step, at(10)), failed(step, 11, "refused", "InvalidInput"), INDIA).shipment
    probe = Seen(told("PACKAGE_CREATED", 8, sub_status="LABEL_CANCELLED"), at(12), "probe")
    after = reconcile(after, probe, INDIA).shipment
    assert after.problem is not None
    assert after.problem.code == "refused_by_amazon"


def test_a_slot_that_expired_after_a_cancelled_label_is_read_again():
    """The same for a slot: it is lost, not used."""
    gone = Seen(told("PACKAGE_CREATED", 8, sub_status="LABEL_CANCELLED"), at(9))
    after = reconcile(scheduled(), gone, INDIA).shipment
    step = Step(StepKind.GENERATE_LABELS, (("PKG-1", 1),), "OPT-2", 1)
    after = reconcile(begin(after, step, at(10)), failed(step, 11, "slot", "ScheduleWindowExpired"), INDIA).shipment
    probe = Seen(told("PACKAGE_CREATED", 8, sub_status="LABEL_CANCELLED"), at(12), "probe")
    following = next_step(reconcile(after, probe, INDIA).shipment, INDIA, at(13))
    assert following is not None
    assert following.kind is StepKind.READ_OPTIONS


def test_an_order_that_lags_behind_its_schedule_is_no_anomaly():
    """The buyer's address changed before the schedule, and the listing shows the order as it was then."""
    after = reconcile(scheduled(), Seen(told("ACCEPTED", 3), at(7)), INDIA).shipment
    assert after.status is Status.SHIPLABEL_GENERATED
    assert after.problem is None


def test_an_older_labels_end_does_not_void_the_new_one():
    """A listing that is read once more shows what was followed already."""
    seen = told("PACKAGE_CREATED", 4, sub_status="LABEL_CANCELLED")
    after = reconcile(scheduled(as_of=at(4)), Seen(seen, at(7)), INDIA).shipment
    assert after.packages[0].label is not None
    assert not after.packages[0].label.void


def test_papers_of_an_older_label_are_not_kept_for_the_new_one():
    """They were asked for by another tracking id; printing them would send the parcel with a void label."""
    papers = (LabelResult("PKG-1", True, "TRK-0", document=LABEL_FILE.document),)
    done = Done(Step(StepKind.FETCH_DOCUMENTS), at(9), labels=papers)
    after = reconcile(scheduled(), done, INDIA).shipment
    assert after.packages[0].label is not None
    assert after.packages[0].label.document is None


def test_papers_do_not_make_a_cancellation_old_news():
    """A read that left before the papers came, and that shows the label cancelled, still counts."""
    papers = (LabelResult("PKG-1", True, "TRK-1", document=LABEL_FILE.document),)
    after = reconcile(scheduled(), Done(Step(StepKind.FETCH_DOCUMENTS), at(9), labels=papers), INDIA).shipment
    after = reconcile(after, Seen(told("PACKAGE_CREATED", 8, sub_status="LABEL_CANCELLED"), at(8.5)), INDIA).shipment
    assert after.packages[0].label is not None
    assert after.packages[0].label.void


def test_a_label_of_somebody_else_is_noticed_by_its_tracking_id_and_fetched():
    """Cancelled and scheduled again in Seller Central between two looks: the status alone shows nothing."""
    package_ = SeenPackage("1", "SHIPLABEL_GENERATED", None, (("L-1", 2),), tracking_id="TRK-2")
    seen = Seen(told("SHIPLABEL_GENERATED", 8, packages=(package_,)), at(9))
    after = reconcile(scheduled(), seen, INDIA).shipment
    assert after.packages[0].label is not None
    assert after.packages[0].label.void
    following = next_step(after, INDIA, at(10))
    assert following is not None
    assert following.kind is StepKind.REGENERATE_LABELS


def test_documents_that_fail_for_a_void_label_trouble_nobody():
    """The feed was about a label that is gone."""
    void = replace(PACKED, label=replace(LABEL, void=True), status=PackageStatus.CREATED)
    lost = failed(Step(StepKind.FETCH_DOCUMENTS), 9, "refused", "610013")
    assert reconcile(scheduled(packages=(void,)), lost, INDIA).shipment.problem is None


def test_a_slot_that_is_over_does_not_keep_a_label_from_being_fetched_again():
    """Relabel after the window began: the label is at Amazon, and no slot is asked for."""
    late = replace(PACKED, options=(option(start=1),), label=LABEL, status=PackageStatus.LABELED)
    again = scheduled(packages=(late,), label_round=2)
    following = next_step(again, INDIA, at(30))
    assert following is not None
    assert following.kind is StepKind.REGENERATE_LABELS


def test_a_label_whose_papers_a_person_must_bring_says_why():
    """Where Amazon gives them with one answer only, that answer was lost; elsewhere it never gives any."""
    for market, word in (("A1C3SOZRARQ6R3", "did not come"), ("A33AVAJ2PDY3EV", "by API in this marketplace")):
        program = easy_ship(load().of(market))
        step = Step(StepKind.REGENERATE_LABELS, (("PKG-1", 1),), "OPT-1", 1)
        packed = replace(PACKED, status=PackageStatus.LABELED)
        begun = begin(shipment("SHIPLABEL_GENERATED", program, goal=Goal.LABELED, packages=(packed,)), step, at(6))
        found = Done(step, at(7), labels=(LabelResult("PKG-1", True, "TRK-1"),))
        after = reconcile(begun, found, program).shipment
        assert after.problem is not None
        assert after.problem.code == "documents_by_hand"
        assert word in after.problem.message
        assert "document drop" in after.problem.hint


def test_what_only_the_packer_knows_is_asked_for_and_not_the_size():
    """An order that lacks serial numbers only must not be said to lack sizes; the first thing that lacks is named."""
    phone = Line(id="L-1", sku="PHONE", units=2, serial_numbers="REQUIRED")
    with pytest.raises(Invalid, match="needs serial numbers") as lacking:
        by_sku(Details(lines=(phone,)), {"PHONE": Box(20, 15, 10, 400)})
    assert lacking.value.reason == "recommendation_incomplete"
    with pytest.raises(Invalid, match="Size and weight of MUG") as lacking:
        by_sku(Details(lines=(Line(id="L-2", sku="MUG", units=1),)), {})
    assert lacking.value.reason == "size_unknown"
