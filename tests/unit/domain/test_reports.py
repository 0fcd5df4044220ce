"""What a read means, whoever moved the shipment and in whatever order it comes."""

from msgspec.structs import replace

from builders import at, done, failed, names, option, package, seen, seen_package, shipment, toward
from packline.amazon.programs import EASY_SHIP, SELLER_FLEX
from packline.domain import events as ev
from packline.domain.reconcile import reconcile
from packline.domain.shipment import Goal, PackageStatus, Status
from packline.domain.step import Step, StepKind
from packline.domain.steps import begin, next_step
from unit.domain.walk import walk

CONFIRM = Step(StepKind.CONFIRM)


def test_the_same_read_twice_yields_nothing_the_second_time():
    """Reports are facts, not commands: repeating one changes nothing."""
    first = reconcile(shipment(), seen("CONFIRMED", 5), SELLER_FLEX)
    assert names(first) == ["shipment.adopted"]
    assert names(reconcile(first.shipment, seen("CONFIRMED", 5), SELLER_FLEX)) == []


def test_an_older_read_is_dropped():
    """Reads overtake each other; what Amazon wrote before is old news."""
    now = reconcile(shipment(), seen("CONFIRMED", 5), SELLER_FLEX).shipment
    assert names(reconcile(now, seen("ACCEPTED", 4), SELLER_FLEX)) == []


def test_as_of_advances_even_when_nothing_happened():
    """Otherwise a later stale read would look new."""
    story = reconcile(shipment(), seen("ACCEPTED", 9), SELLER_FLEX)
    assert story.events == []
    assert story.shipment.as_of == at(9)


def test_a_read_that_left_before_our_own_answer_came_does_not_move_us_back():
    """A page read before our call and handled after it shows yesterday's status."""
    step = Step(StepKind.CREATE_PACKAGES, (("PKG-1", 1),))
    before = begin(toward(Goal.PACKED, "CONFIRMED", packages=(package(),)), step, at(1))
    packed = reconcile(before, done(step, 3), SELLER_FLEX).shipment
    assert names(reconcile(packed, seen("CONFIRMED", 2), SELLER_FLEX)) == []


def test_gaps_are_filled_along_the_journey():
    """From CONFIRMED to label made: every status between is told, and none is invented."""
    story = reconcile(
        shipment("CONFIRMED", needs_invoice=True), seen("SHIPLABEL_GENERATED", 5, needs_invoice=True), SELLER_FLEX
    )
    moved = [e.to for e in story.events if type(e).__name__ == "Moved"]
    assert moved == [
        Status.PACKAGE_CREATED,
        Status.PICKUP_SLOT_RETRIEVED,
        Status.INVOICE_GENERATED,
        Status.SHIPLABEL_GENERATED,
    ]
    assert story.shipment.adopted


def test_a_cancellation_ends_everything_at_once():
    """Labels are void, the open command is told, nothing is called any more."""
    labeled = walk(toward(Goal.LABELED, packages=(package(),)), SELLER_FLEX)[1]
    asked = replace(labeled, goal=Goal.SHIPPED, ticket="cmd_2")
    story = reconcile(asked, seen("CANCELLED", 90, cancelled_by="MARKETPLACE_CANCELLED"), SELLER_FLEX)
    assert names(story) == ["package.label_voided", "command.cancelled", "shipment.cancelled"]
    assert story.shipment.cancelled_by == "MARKETPLACE_CANCELLED"
    assert next_step(story.shipment, SELLER_FLEX, at(91)) is None


def test_a_parcel_that_arrived_ends_the_command_that_still_wanted_its_label():
    """The answer with the label was lost and people shipped it: no call is left to make, and no ticket stays open."""
    asked = replace(toward(Goal.LABELED, "CONFIRMED", packages=(package(),)), ticket="cmd_1")
    story = reconcile(asked, seen("DELIVERED", 5, packages=(seen_package(status="DELIVERED"),)), SELLER_FLEX)
    assert "command.succeeded" in names(story)
    assert (story.shipment.ticket, story.shipment.problem) == (None, None)
    assert next_step(story.shipment, SELLER_FLEX, at(6)) is None


def test_a_parcel_that_arrived_before_its_invoice_still_gets_it():
    """A look says that it arrived while the invoice was still to be fetched: the label is past, the invoice is not."""
    labeled = walk(toward(Goal.LABELED, packages=(package(),), needs_invoice=True), SELLER_FLEX)[1]
    fetching = replace(labeled, invoice=None, goal=Goal.LABELED, ticket="cmd_1")
    assert next_step(fetching, SELLER_FLEX, at(80)) == Step(StepKind.FETCH_INVOICE)
    arrived = seen("DELIVERED", 90, needs_invoice=True, packages=(seen_package(status="DELIVERED"),))
    story = reconcile(fetching, arrived, SELLER_FLEX)
    assert "command.succeeded" in names(story)
    assert next_step(story.shipment, SELLER_FLEX, at(91)) == Step(StepKind.FETCH_INVOICE)
    calls, end, _ = walk(story.shipment, SELLER_FLEX, start=91)
    assert (calls, end.invoice is not None) == ([StepKind.FETCH_INVOICE], True)


def test_a_parcel_that_left_before_the_cancellation_is_an_anomaly():
    """The way out is a person's: stop it at the carrier, or await the return."""
    gone = shipment("SHIPLABEL_GENERATED", EASY_SHIP, handed_over_at=at(1))
    story = reconcile(gone, seen("CANCELLED", 5), EASY_SHIP)
    assert names(story)[-1] == "shipment.anomaly"
    assert story.shipment.problem.code == "cancelled_after_handover"


def test_what_no_journey_explains_is_an_anomaly_and_not_a_crash():
    """DELIVERED back to ACCEPTED is on a person's list; the status stays."""
    story = reconcile(shipment("DELIVERED"), seen("ACCEPTED", 5), SELLER_FLEX)
    assert names(story) == ["shipment.anomaly"]
    assert story.shipment.status is Status.DELIVERED


def test_a_status_that_nobody_knows_is_an_anomaly():
    """Amazon may add a status; Packline says so and waits."""
    story = reconcile(shipment(), seen("TELEPORTED", 5), SELLER_FLEX)
    assert story.shipment.problem.code == "unknown_status"


def test_packages_made_by_someone_else_are_adopted():
    """SmartHub packed it: its packages become ours, and our own plan is dropped."""
    planned = toward(Goal.LABELED, "CONFIRMED", packages=(package("PKG-1"),))
    story = reconcile(planned, seen("PACKAGE_CREATED", 5, packages=(seen_package("SH-9"),)), SELLER_FLEX)
    assert [p.id for p in story.shipment.packages] == ["SH-9"]
    assert next_step(story.shipment, SELLER_FLEX, at(6)).kind is StepKind.READ_OPTIONS


def test_a_label_made_by_someone_else_is_fetched_and_not_made_twice():
    """REGENERATE gives the file of the label that exists; GENERATE would be a second one."""
    planned = toward(Goal.LABELED, "CONFIRMED", packages=(package("PKG-1"),))
    there = (seen_package("SH-9", "SHIPLABEL_GENERATED"),)
    story = reconcile(planned, seen("SHIPLABEL_GENERATED", 5, packages=there), SELLER_FLEX)
    assert next_step(story.shipment, SELLER_FLEX, at(6)).kind is StepKind.REGENERATE_LABELS


def test_what_lies_beyond_our_own_call_was_somebody_else():
    """Our confirmation was under way, its answer lost; Amazon shows a label, which no confirmation makes."""
    waiting = begin(toward(Goal.CONFIRMED), Step(StepKind.CONFIRM), at(1))
    there = (seen_package("SH-9", "SHIPLABEL_GENERATED"),)
    story = reconcile(waiting, seen("SHIPLABEL_GENERATED", 5, "probe", packages=there), SELLER_FLEX)
    causes = {event.to.value: event.cause for event in story.events if isinstance(event, ev.Moved)}
    assert causes["CONFIRMED"] == "command"
    assert causes["PACKAGE_CREATED"] == causes["SHIPLABEL_GENERATED"] == "adopted"
    assert story.shipment.papers_wanted


def test_a_changed_ship_by_is_told_with_before_and_after():
    """Every change at Amazon reaches the seller's system."""
    story = reconcile(shipment(), seen("ACCEPTED", 5, ship_by=at(99)), SELLER_FLEX)
    assert names(story) == ["shipment.updated"]
    assert story.events[0].changes == (("ship_by", f"{at(600):%Y-%m-%dT%H:%M:%SZ}", f"{at(99):%Y-%m-%dT%H:%M:%SZ}"),)


def test_a_carrier_scan_is_amazons_news():
    """Easy Ship: SHIPPED comes from the carrier, not from another panel."""
    labeled = shipment("SHIPLABEL_GENERATED", EASY_SHIP)
    assert names(reconcile(labeled, seen("SHIPPED", 5), EASY_SHIP)) == ["shipment.shipped"]


# --- answers that are no success


def test_a_lost_answer_is_probed_and_never_sent_again_blindly():
    """After an unclear answer the next step is a probe."""
    pending = begin(toward(Goal.CONFIRMED), CONFIRM, at(1))
    story = reconcile(pending, failed(CONFIRM, 2), SELLER_FLEX)
    assert next_step(story.shipment, SELLER_FLEX, at(3)).kind is StepKind.PROBE


def test_a_probe_that_shows_the_effect_settles_the_call():
    """The answer was lost after its effect: the command has succeeded."""
    lost = reconcile(begin(toward(Goal.CONFIRMED), CONFIRM, at(1)), failed(CONFIRM, 2), SELLER_FLEX).shipment
    story = reconcile(lost, seen("CONFIRMED", 3, "probe"), SELLER_FLEX)
    assert names(story) == ["shipment.confirmed", "call.settled", "command.succeeded"]


def test_a_probe_that_shows_no_effect_lets_the_call_be_made_again():
    """The answer was lost before its effect: the same request is sent once more."""
    lost = reconcile(begin(toward(Goal.CONFIRMED), CONFIRM, at(1)), failed(CONFIRM, 2), SELLER_FLEX).shipment
    story = reconcile(
        lost, seen("ACCEPTED", 0, "probe").__class__(seen("ACCEPTED", 0).facts, at(3), "probe"), SELLER_FLEX
    )
    assert story.shipment.pending is None
    assert story.shipment.attempt == 1
    assert next_step(story.shipment, SELLER_FLEX, at(4)) == CONFIRM


def test_a_read_that_left_before_the_failure_proves_nothing():
    """Only a read that left after the call was over can show that it had no effect."""
    lost = reconcile(begin(toward(Goal.CONFIRMED), CONFIRM, at(1)), failed(CONFIRM, 5), SELLER_FLEX).shipment
    story = reconcile(lost, seen("ACCEPTED", 4, "probe"), SELLER_FLEX)
    assert story.shipment.pending is not None


def test_a_refusal_that_the_probe_upholds_rejects_the_command():
    """Amazon's words reach the seller, and nothing more is tried."""
    lost = reconcile(
        begin(toward(Goal.CONFIRMED), CONFIRM, at(1)), failed(CONFIRM, 2, "refused", "InvalidInput", "bad"), SELLER_FLEX
    )
    story = reconcile(lost.shipment, seen("ACCEPTED", 3, "probe"), SELLER_FLEX)
    assert names(story) == ["command.rejected", "shipment.stuck"]
    assert "bad" in story.shipment.problem.message
    assert next_step(story.shipment, SELLER_FLEX, at(4)) is None


def test_a_refusal_because_someone_was_quicker_is_no_failure():
    """SmartHub confirmed first: our 400 or 409 is settled by what Amazon shows."""
    lost = reconcile(begin(toward(Goal.CONFIRMED), CONFIRM, at(1)), failed(CONFIRM, 2, "conflict"), SELLER_FLEX)
    assert names(reconcile(lost.shipment, seen("CONFIRMED", 3, "probe"), SELLER_FLEX))[-1] == "command.succeeded"


def test_a_crash_between_call_and_commit_is_probed_by_the_successor():
    """A pending call without a failure belongs to a process that is gone."""
    pending = begin(
        toward(Goal.LABELED, "PICKUP_SLOT_RETRIEVED", packages=(package(sent=1, slotted=1),)), labels(), at(1)
    )
    assert next_step(pending, SELLER_FLEX, at(2)).kind is StepKind.PROBE
    story = reconcile(
        pending,
        seen("SHIPLABEL_GENERATED", 3, "probe", packages=(seen_package(status="SHIPLABEL_GENERATED"),)),
        SELLER_FLEX,
    )
    assert next_step(story.shipment, SELLER_FLEX, at(4)).kind is StepKind.REGENERATE_LABELS


def test_a_sweep_does_not_settle_a_call_that_is_still_under_way():
    """While the call runs only its own answer counts; the sweep's news is adopted all the same."""
    pending = begin(toward(Goal.CONFIRMED), CONFIRM, at(1))
    story = reconcile(pending, seen("CONFIRMED", 2), SELLER_FLEX)
    assert story.shipment.status is Status.CONFIRMED
    assert story.shipment.pending is not None


def test_a_slot_that_is_gone_is_chosen_anew():
    """Amazon refuses the option: options are read again, the command stays open."""
    step = labels("OPT-1")
    packed = toward(
        Goal.LABELED, "PICKUP_SLOT_RETRIEVED", EASY_SHIP, packages=(package(sent=1, slotted=1, option_id="OPT-1"),)
    )
    refused = failed(step, 2, "refused", "InvalidInput", "Invalid input 'OPT-1' for parameter 'shippingOptionId'")
    lost = reconcile(begin(packed, step, at(1)), refused, EASY_SHIP).shipment
    story = reconcile(lost, seen("PICKUP_SLOT_RETRIEVED", 3, "probe", channel="MFN"), EASY_SHIP)
    assert next_step(story.shipment, EASY_SHIP, at(4)).kind is StepKind.READ_OPTIONS
    assert story.shipment.ticket == "cmd_1"


def test_a_package_without_a_label_does_not_lose_the_good_ones():
    """HTTP 200 with a FAILURE inside: the others keep theirs, a person sees why."""
    from builders import label_result
    from packline.domain.reports import LabelResult

    step = Step(StepKind.GENERATE_LABELS, (("PKG-1", 1), ("PKG-2", 1)), round=1)
    packages = tuple(package(p, sent=1, slotted=1) for p in ("PKG-1", "PKG-2"))
    before = begin(toward(Goal.LABELED, "PICKUP_SLOT_RETRIEVED", packages=packages), step, at(1))
    results = (label_result("PKG-1"), LabelResult("PKG-2", False, code="InvalidInput", message="too heavy"))
    story = reconcile(before, done(step, 2, labels=results), SELLER_FLEX)
    assert story.shipment.packages[0].label is not None
    assert story.shipment.status is Status.PICKUP_SLOT_RETRIEVED
    assert story.shipment.problem.code == "label_failed"
    assert "too heavy" in story.shipment.problem.message


def test_an_expired_label_address_is_replaced_and_not_asked_again():
    """The file was not fetched in time: REGENERATE gives a fresh address for the same label."""
    labeled = walk(toward(Goal.LABELED, packages=(package(),)), SELLER_FLEX)[1]
    label = replace(labeled.packages[0].label, document=None, url="http://127.0.0.1/x", made_at=at(9))
    missing = replace(labeled, goal=Goal.LABELED, packages=(replace(labeled.packages[0], label=label),))
    step = next_step(missing, SELLER_FLEX, at(10))
    assert step.kind is StepKind.DOWNLOAD_LABEL
    story = reconcile(begin(missing, step, at(10)), failed(step, 11, "refused", "Expired"), SELLER_FLEX)
    assert next_step(story.shipment, SELLER_FLEX, at(11)).kind is StepKind.REGENERATE_LABELS


def test_a_late_label_for_a_cancelled_shipment_is_void():
    """The answer came after the cancellation: kept for the record, never printable."""
    step = labels()
    packed = begin(toward(Goal.LABELED, "PICKUP_SLOT_RETRIEVED", packages=(package(sent=1, slotted=1),)), step, at(1))
    cancelled = reconcile(packed, seen("CANCELLED", 2), SELLER_FLEX).shipment
    story = reconcile(cancelled, done(step, 3), SELLER_FLEX)
    assert story.shipment.status is Status.CANCELLED
    assert story.shipment.packages[0].label.void


def test_package_news_moves_packages():
    """One of two parcels was scanned: only that one is shipped."""
    packages = (package("PKG-1", sent=1), package("PKG-2", sent=1))
    labeled = shipment("SHIPLABEL_GENERATED", EASY_SHIP, packages=packages)
    news = (seen_package("PKG-1", "SHIPPED"), seen_package("PKG-2", "SHIPLABEL_GENERATED"))
    after = reconcile(labeled, seen("SHIPLABEL_GENERATED", 5, packages=news), EASY_SHIP).shipment
    assert [p.status for p in after.packages] == [PackageStatus.SHIPPED, PackageStatus.LABELED]


def labels(option_id=None):
    """Build the label call of PKG-1."""
    return Step(StepKind.GENERATE_LABELS, (("PKG-1", 1),), option_id, 1)


def read_options(slot):
    """Read two options for a packed Easy Ship shipment with a wish."""
    step = Step(StepKind.READ_OPTIONS, (("PKG-1", 1),))
    packed = toward(Goal.LABELED, "PACKAGE_CREATED", EASY_SHIP, packages=(package(sent=1),), slot=slot)
    offered = (option("OPT-1", recommended=True), option("OPT-2", start=300))
    return reconcile(begin(packed, step, at(1)), done(step, 2, options=offered), EASY_SHIP)


def test_an_option_that_amazon_does_not_offer_goes_to_a_person():
    """The caller named one option; another one is not what was asked for."""
    from packline.domain.slot import SlotPolicy, SlotPreference

    story = read_options(SlotPreference(SlotPolicy.OPTION, option_id="OPT-9"))
    assert story.shipment.problem.code == "slot_not_offered"
    assert "OPT-1, OPT-2" in story.shipment.problem.message
    assert names(story)[0] == "command.rejected"


def test_a_wish_that_cannot_be_met_is_told_and_stops_no_parcel():
    """Drop-off is not offered: the recommended pickup is taken, and the event says so."""
    from packline.domain.slot import SlotPreference

    story = read_options(SlotPreference(method="DROPOFF"))
    assert story.shipment.packages[0].option_id == "OPT-1"
    assert story.events[0].is_as_wished is False


def test_options_that_were_read_without_an_answer_make_nobody_else_a_suspect():
    """That read moves the shipment: seen before the next try, the move is ours, and the call is settled by a look."""
    step = Step(StepKind.READ_OPTIONS, (("PKG-1", 1),))
    packed = begin(toward(Goal.LABELED, "PACKAGE_CREATED", EASY_SHIP, packages=(package(sent=1),)), step, at(1))
    lost = reconcile(packed, failed(step, 2), EASY_SHIP).shipment
    assert next_step(lost, EASY_SHIP, at(2)).kind is StepKind.PROBE
    listed = (seen_package("PKG-1", "PICKUP_SLOT_RETRIEVED"),)
    after = reconcile(lost, seen("PICKUP_SLOT_RETRIEVED", 3, packages=listed), EASY_SHIP).shipment
    assert not after.adopted
    assert (after.status, after.pending) == (Status.PICKUP_SLOT_RETRIEVED, None)
    assert next_step(after, EASY_SHIP, at(4)).kind is StepKind.READ_OPTIONS
