"""A label or slot that was asked for while the carrier took the parcel: it is said, and nobody has to look."""

import pytest
from msgspec.structs import replace

from builders import LABEL_FILE, at, done, failed, names, option, package, seen, seen_package, shipment, toward
from packline.amazon.programs import EASY_SHIP, SELF_SHIP, SELLER_FLEX
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.program import easy_ship
from packline.domain import events as ev
from packline.domain.explain import explain
from packline.domain.reconcile import reconcile
from packline.domain.reports import LabelResult, Seen
from packline.domain.settle import PERSISTENT
from packline.domain.shipment import Goal, Label, PackageStatus, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.steps import begin, next_step
from packline.domain.story import Story
from unit.domain.walk import walk

LEFT = ("SHIPPED", "DELIVERED")
CENTRAL = easy_ship(load().of("A21TJRUUN4KGV"))


def relabelled(**given: object) -> Shipment:
    """Build a labelled shipment whose label is asked for anew."""
    labelled = walk(toward(Goal.LABELED, packages=(package(),), **given), SELLER_FLEX)[1]
    return replace(labelled, goal=Goal.LABELED, ticket="cmd_2", label_round=2)


def gone(status: str, minutes: float, **given: object) -> Seen:
    """Let a probe show that the parcel has left."""
    return seen(status, minutes, "probe", packages=(seen_package(status=status),), **given)


def refused(asked: Shipment, status: str, minutes: float = 90, **given: object) -> Story:
    """Take the next step, which Amazon refuses because the parcel has left meanwhile."""
    step = next_step(asked, SELLER_FLEX, at(minutes))
    assert step is not None
    over = failed(step, minutes + 1, "refused", "InvalidInput", "not possible")
    after = reconcile(begin(asked, step, at(minutes)), over, SELLER_FLEX).shipment
    return reconcile(after, gone(status, minutes + 2, **given), SELLER_FLEX)


@pytest.mark.parametrize("status", LEFT)
def test_a_label_that_was_asked_for_too_late_is_told_and_closed(status: str):
    """The command is rejected with its reason; the shipment has no problem, and nothing more is asked of Amazon."""
    story = refused(relabelled(), status)
    told = [event for event in story.events if isinstance(event, ev.LabelFailed | ev.Settled)]
    assert names(story)[-3:] == ["call.cleared", "package.label_failed", "command.rejected"]
    assert "the parcel has left" in told[0].message
    assert told[1].problem.code == "parcel_has_left"
    after = story.shipment
    assert (after.problem, after.ticket, after.pending) == (None, None, None)
    assert next_step(after, SELLER_FLEX, at(95)) is None
    if status == "SHIPPED":
        assert "none is needed" in explain(after, SELLER_FLEX, at(95)).sentence


def test_its_invoice_is_still_fetched():
    """What is past is the label: the papers of the sale are wanted all the same."""
    asked = replace(relabelled(needs_invoice=True), invoice=None)
    after = refused(asked, "SHIPPED", needs_invoice=True).shipment
    assert next_step(after, SELLER_FLEX, at(95)) == Step(StepKind.FETCH_INVOICE)
    calls, end, _ = walk(after, SELLER_FLEX, start=95)
    assert (calls, end.invoice is not None, end.problem) == ([StepKind.FETCH_INVOICE], True, None)


def test_a_label_that_fails_alone_is_closed_in_the_same_way():
    """HTTP 200 with a FAILURE inside, once the parcel is known to have left."""
    asked = reconcile(relabelled(), gone("SHIPPED", 80), SELLER_FLEX).shipment
    step = next_step(asked, SELLER_FLEX, at(81))
    results = (LabelResult("PKG-1", False, code="InvalidInput", message="it has left"),)
    story = reconcile(begin(asked, step, at(81)), done(step, 82, labels=results), SELLER_FLEX)
    assert names(story)[-1] == "command.rejected"
    assert story.shipment.problem is None


@pytest.mark.parametrize("kind", ["conflict", "unclear"])
def test_an_answer_that_stays_unclear_ends_some_day(kind: str):
    """409, or none at all, for a parcel that has left: after some attempts it is told and closed, on nobody's list."""
    asked, minutes = reconcile(relabelled(), gone("SHIPPED", 80), SELLER_FLEX).shipment, 80.0
    told: list[str] = []
    for _ in range(PERSISTENT):
        step = next_step(asked, SELLER_FLEX, at(minutes))
        assert step.kind is StepKind.REGENERATE_LABELS
        over = failed(step, minutes + 1, kind, "Odd")
        asked = reconcile(begin(asked, step, at(minutes)), over, SELLER_FLEX).shipment
        story = reconcile(asked, gone("SHIPPED", minutes + 2), SELLER_FLEX)
        asked, told, minutes = story.shipment, told + names(story), minutes + 3
    assert told[-2:] == ["package.label_failed", "command.rejected"]
    assert "shipment.stuck" not in told
    assert next_step(asked, SELLER_FLEX, at(minutes)) is None


def test_slots_that_were_asked_for_too_late_stop_nothing():
    """The carrier came between the wish for another slot and the look at what is offered."""
    packed = package(sent=1, status=PackageStatus.CREATED)
    step = Step(StepKind.READ_OPTIONS, (("PKG-1", 1),))
    asked = begin(toward(Goal.LABELED, "SHIPLABEL_GENERATED", EASY_SHIP, packages=(packed,)), step, at(1))
    lost = reconcile(asked, failed(step, 2, "refused", "InvalidInput"), EASY_SHIP).shipment
    story = reconcile(lost, gone("SHIPPED", 3, channel="MFN"), EASY_SHIP)
    assert story.shipment.problem is None
    assert next_step(story.shipment, EASY_SHIP, at(4)).kind is StepKind.REGENERATE_LABELS


def test_a_parcel_without_its_label_is_delivered_all_the_same():
    """Self Ship: the label never came here, the parcel has left; the delivery is told to Amazon."""
    packed = package(sent=1, status=PackageStatus.SHIPPED)
    asked = toward(Goal.DELIVERED, "SHIPPED", SELF_SHIP, packages=(packed,))
    step = next_step(asked, SELF_SHIP, at(1))
    assert step.kind is StepKind.REGENERATE_LABELS
    over = reconcile(begin(asked, step, at(1)), failed(step, 2, "refused", "InvalidInput"), SELF_SHIP).shipment
    after = reconcile(over, gone("SHIPPED", 3, channel="MFN", shipping_type="SELF"), SELF_SHIP).shipment
    calls, end, _ = walk(after, SELF_SHIP, start=4)
    assert (calls, end.status, end.ticket) == ([StepKind.DELIVER], Status.DELIVERED, None)


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_slot_that_was_to_be_moved_too_late_is_told_and_closed(is_asked: bool):
    """Seller Central: the carrier collects before the package is moved, or while Amazon is asked to."""
    label = Label("TRK-1", "", 1, 1, at(5), option_id="OPT-1", document=LABEL_FILE.document)
    moving = package(sent=1, slotted=1, options=(option(start=600),), option_id="OPT-1", label=label, reslot=True)
    moving = replace(moving, status=PackageStatus.LABELED)
    asked = shipment("SHIPLABEL_GENERATED", CENTRAL, api="seller_central", goal=Goal.LABELED, ticket="cmd_2")
    asked = replace(asked, packages=(moving,), moved_at=at(6))
    if is_asked:
        step = next_step(asked, CENTRAL, at(7))
        assert step.kind is StepKind.RESCHEDULE
        asked = reconcile(begin(asked, step, at(7)), failed(step, 8, "refused", "InvalidOrderState"), CENTRAL).shipment
    story = reconcile(asked, gone("SHIPPED", 9, location="DEFAULT", api="seller_central"), CENTRAL)
    assert names(story)[-1] == "command.rejected"
    assert "package.label_failed" not in names(story)
    after = story.shipment
    assert (after.problem, after.ticket, after.packages[0].label) == (None, None, label)
    assert next_step(after, CENTRAL, at(10)) is None
