"""`explain`: every state has a sentence that says who must act."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from packline.amazon.programs import EASY_SHIP, PROGRAMS, SELF_SHIP, SELLER_FLEX
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.program import easy_ship
from packline.domain.explain import Attempt, Lane, ago, explain
from packline.domain.shipment import Failure, Goal, Label, Package, PackageLine, PackageStatus, Pending, Problem, Status
from packline.domain.step import Step, StepKind
from packline.domain.values import Document, Window
from unit.commands.counter import BOX, NOW, a_shipment

PACKED = Package("PKG-1", BOX, (PackageLine("L1", 2), PackageLine("L2", 1)), sent=1, slotted=1)
WINDOW = Window(NOW + timedelta(hours=2), NOW + timedelta(hours=4), "PICKUP")
LABEL = Label("T1", "ATS", 1, 1, NOW, window=WINDOW, document=Document("ab", "application/pdf", 3))
LABELED = replace(PACKED, label=LABEL)


def said(program: Any = EASY_SHIP, status: Status = Status.CONFIRMED, lanes: Any = (), **given: Any) -> tuple[str, str]:
    told = explain(a_shipment(status, **given), program, NOW, (), lanes)
    return told.sentence, told.waits_for


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("goal", [None, *Goal])
def test_every_state_has_a_sentence(program: Any, status: Status, goal: Goal | None):
    """Whatever the state, there is a sentence, and an actor unless it is over."""
    sentence, who = said(program, status, goal=goal, packages=(LABELED,))
    assert sentence
    assert who == "nothing" or not a_shipment(status).is_over


def test_it_names_the_one_who_must_act():
    """Seller, packer, carrier, Amazon or Packline."""
    assert said(status=Status.ACCEPTED)[1] == "confirmation"
    assert said() == ("Confirmed 5 minutes ago. Waits for a packer.", "packer")
    assert said(goal=Goal.LABELED, packages=(replace(PACKED, sent=0),))[1] == "packline"
    assert said(status=Status.SHIPPED)[1] == "carrier"
    assert said(SELF_SHIP, Status.SHIPPED)[1] == "delivery"
    assert said(status=Status.DELIVERED) == ("Delivered 5 minutes ago.", "nothing")
    assert "by the seller" in said(status=Status.CANCELLED, cancelled_by="SELLER_REJECTED")[0]


def test_it_tells_the_pickup_window():
    """A labeled parcel waits for its window, and a window that is over is said."""
    state: dict[str, Any] = {"status": Status.SHIPLABEL_GENERATED, "goal": Goal.LABELED, "packages": (LABELED,)}
    assert "picked up between 21 Nov 11:00 and 13:00 UTC." in said(**state)[0]
    late = replace(LABELED, label=replace(LABEL, window=Window(NOW - timedelta(hours=3), NOW - timedelta(hours=1))))
    assert "That time is over" in said(**(state | {"packages": (late,)}))[0]
    assert said(**state, handed_over_at=NOW)[0].endswith("Handed over; waits for the carrier's scan.")
    assert said(SELLER_FLEX, **state)[1] == "handover"


def test_it_tells_the_queue_before_a_quota():
    """How many wait, and for how long."""
    lanes = (Lane("createPackages", 7, 12.4),)
    sentence, _ = said(goal=Goal.LABELED, packages=(replace(PACKED, sent=0),), lanes=lanes)
    assert "Waits for Amazon's quota of createPackages: 7 in line, about 12 s." in sentence


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (None, "is asking Amazon to let it confirm it"),
        (Failure("unclear", "processShipment", 0, "", "time-out"), "got lost (no answer)"),
        (Failure("conflict", "processShipment", 409, "DuplicateRequest", "in progress"), "with DuplicateRequest"),
    ],
)
def test_it_tells_the_call_that_is_under_way(failure: Failure | None, words: str):
    """A pending call is told with what is known of its fate."""
    pending = Pending(Step(StepKind.CONFIRM), NOW, failure=failure)
    sentence, who = said(status=Status.ACCEPTED, goal=Goal.CONFIRMED, pending=pending)
    assert words in sentence
    assert who == "amazon"


def test_a_problem_is_told_with_its_cure():
    """A shipment that needs a person says what happened and what to do."""
    problem = Problem("label_failed", "Amazon made no label.", "Ask for it again.", NOW - timedelta(hours=1))
    told = explain(a_shipment(problem=problem), EASY_SHIP, NOW)
    assert told.waits_for == "person"
    assert told.sentence.endswith("Amazon made no label. Ask for it again.")
    assert told.since == problem.since


def test_it_tells_what_was_tried():
    """Each call with its answer, how long ago, and the request id for Amazon's support."""
    attempt = Attempt(NOW - timedelta(minutes=2), "createPackages", 400, "InvalidInput", "rid-1")
    told = explain(a_shipment(), EASY_SHIP, NOW, (attempt,))
    assert told.tried == ("createPackages 2 minutes ago: 400 InvalidInput, request rid-1",)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "just now"), (30, "30 seconds ago"), (60, "1 minute ago"), (7300, "2 hours ago"), (90000, "1 day ago")],
)
def test_spans_are_told_in_words(seconds: int, words: str):
    """Time as people say it."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def central(status: Status, **given: Any) -> tuple[str, str]:
    program = easy_ship(load().of("A21TJRUUN4KGV"))
    return said(program, status, api="seller_central", **given)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("goal", [None, *Goal])
def test_every_state_of_seller_central_has_a_sentence(status: Status, goal: Goal | None):
    """No empty words, no name of a call that is never made."""
    for packages in ((), (PACKED,), (LABELED,), (replace(PACKED, label=replace(LABEL, void=True)),)):
        sentence, who = central(status, goal=goal, packages=packages)
        assert sentence
        assert "()" not in sentence
        assert "no call" not in sentence
        assert who != "confirmation"


@pytest.mark.parametrize(
    ("status", "sub_status", "who", "word"),
    [
        (Status.ACCEPTED, "", "packer", "packer"),
        (Status.ACCEPTED, "BUYER_REQUESTED_CANCEL", "person", "reject"),
        (Status.PACKAGE_CREATED, "LABEL_CANCELLED", "packer", "destroy"),
        (Status.SHIPPED, "OUT_FOR_DELIVERY", "carrier", "on its way"),
        (Status.SHIPPED, "LOST", "person", "claim"),
        (Status.SHIPPED, "RETURNED_TO_SELLER", "person", "came back"),
        (Status.SHIPLABEL_GENERATED, "", "person", "Seller Central"),
    ],
)
def test_it_says_what_a_packer_must_know_of_an_easy_ship_order(status: Status, sub_status: str, who: str, word: str):
    """A lost parcel does not wait for its delivery, and a void label is not printed."""
    sentence, waits_for = central(status, sub_status=sub_status)
    assert waits_for == who
    assert word in sentence


def test_documents_that_are_asked_for_with_others_wait_for_packline():
    """The packer need not do anything while a feed is on its way; where a person must bring them, it says so."""
    for awaits, who in (("feed", "packline"), ("hand", "person")):
        waiting = replace(PACKED, status=PackageStatus.LABELED, label=replace(LABEL, document=None, awaits=awaits))
        given = {"goal": Goal.LABELED, "packages": (waiting,)}
        assert central(Status.SHIPLABEL_GENERATED, **given)[1] == who


def test_a_cancellation_is_told_by_when_it_came_and_not_by_our_last_call():
    """An order that was packed in the morning and cancelled in the evening was not cancelled in the morning."""
    packed, cancelled = NOW - timedelta(hours=9), NOW - timedelta(minutes=2)
    told = said(status=Status.CANCELLED, moved_at=packed, as_of=cancelled)[0]
    assert "2 minutes ago" in told
    assert "9 hours ago" in said(status=Status.SHIPLABEL_GENERATED, moved_at=packed, as_of=cancelled)[0]
