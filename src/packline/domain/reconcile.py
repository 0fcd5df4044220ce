"""`reconcile(shipment, report)`: turn what Amazon said into events, whoever asked and in whatever order it came."""

from datetime import datetime

from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.answers import on_done, on_failed
from packline.domain.differences import differences
from packline.domain.program import Program
from packline.domain.proof import settle_pending
from packline.domain.reports import Done, Facts, Failed, Report, Seen, SeenPackage
from packline.domain.settle import settle
from packline.domain.shipment import Goal, Label, Package, PackageLine, PackageStatus, Problem, Shipment, Status
from packline.domain.step import StepKind
from packline.domain.story import Story
from packline.domain.transitions import is_allowed, is_step_back
from packline.domain.values import Box

_SEEN_STATUS = {
    "SHIPLABEL_GENERATED": PackageStatus.LABELED,
    "SHIPPED": PackageStatus.SHIPPED,
    "DELIVERED": PackageStatus.DELIVERED,
}
_ORDER = list(PackageStatus)
_LED_TO = {
    StepKind.CONFIRM: Status.CONFIRMED,
    StepKind.CREATE_PACKAGES: Status.PACKAGE_CREATED,
    StepKind.UPDATE_PACKAGE: Status.PACKAGE_CREATED,
    StepKind.READ_OPTIONS: Status.PICKUP_SLOT_RETRIEVED,
    StepKind.GENERATE_INVOICE: Status.INVOICE_GENERATED,
    StepKind.GENERATE_LABELS: Status.SHIPLABEL_GENERATED,
    StepKind.REGENERATE_LABELS: Status.SHIPLABEL_GENERATED,
    StepKind.SHIP: Status.SHIPPED,
    StepKind.OUT_FOR_DELIVERY: Status.SHIPPED,
    StepKind.DELIVER: Status.DELIVERED,
}
"""How far a call that is under way can have led: what lies beyond it was somebody else."""


def reconcile(shipment: Shipment, report: Report, program: Program) -> Story:
    """Return the events that the report means for this shipment, with the shipment after them.

    Stale reads yield nothing; gaps are filled along the program's declared journey; what the table of transitions
    cannot explain becomes an anomaly on a person's list, never an exception.
    """
    story = Story(shipment)
    match report:
        case Seen():
            _on_seen(story, report, program)
            at = report.read_at
        case Done():
            on_done(story, report, program)
            at = report.at
        case Failed():
            on_failed(story, report)
            at = report.at
    story.tell_all(settle(story.shipment, program, at))
    return story


def _on_seen(story: Story, seen: Seen, program: Program) -> None:
    facts, shipment = seen.facts, story.shipment
    if facts.as_of < shipment.as_of:
        return
    status = _known_status(facts.status)
    if status is None:
        story.tell(ev.AnomalyFound(_unknown_status(facts, seen.read_at)))
        return
    if _is_stale(shipment, seen, status, program):
        return
    _note_changes(story, facts)
    _follow(story, status, seen, program)
    if shipment.status is not Status.CANCELLED:
        _follow_packages(story, _named_as_ours(story.shipment, facts, program), seen.read_at)
    settle_pending(story, seen, program)
    _want_papers(story, program)


def _want_papers(story: Story, program: Program) -> None:
    """Somebody else made the label just now: its documents are fetched, whether or not a command waits for them."""
    labeled = [e for e in story.events if isinstance(e, ev.Moved) and e.to is Status.SHIPLABEL_GENERATED]
    is_theirs = any(event.cause == "adopted" for event in labeled)
    is_over = story.shipment.papers_wanted or story.shipment.status is Status.CANCELLED
    if is_theirs and not is_over and program.fetches_afterwards:
        story.tell(ev.PapersWanted("somebody else made the label"))


def _is_stale(shipment: Shipment, seen: Seen, status: Status, program: Program) -> bool:
    """A read that left before our own last answer came, and that shows less than we know, is old news."""
    if shipment.moved_at is None or seen.read_at > shipment.moved_at:
        return False
    return program.rank(status) <= program.rank(shipment.status)


def _note_changes(story: Story, facts: Facts) -> None:
    changes = differences(story.shipment, facts)
    if changes:
        story.tell(ev.Changed(facts, changes))
    else:
        story.advance(facts.as_of)


def _follow(story: Story, status: Status, seen: Seen, program: Program) -> None:
    current = story.shipment.status
    if status is current or _shows_nothing_new(story.before, status, seen, program):
        return
    if current is Status.CANCELLED or (not _is_ahead(current, status, program) and not is_allowed(current, status)):
        story.tell(ev.AnomalyFound(_impossible(current, status, seen.read_at)))
        return
    if status is Status.CANCELLED:
        cancel(story, seen)
    elif is_step_back(current, status):
        story.tell(ev.Moved(status, _cause(story.shipment, status, program), seen.read_at))
        void_labels(story, _why_void(seen.facts, status))
        if program.unshown and story.shipment.packages:
            story.tell(ev.SlotLost(tuple(p.id for p in story.shipment.packages), _why_void(seen.facts, status)))
    else:
        for step in program.between(current, status, with_invoice=story.shipment.needs_invoice):
            story.tell(ev.Moved(step, _cause(story.shipment, step, program), seen.read_at))


def _shows_nothing_new(before: Shipment, status: Status, seen: Seen, program: Program) -> bool:
    """Where Amazon does not show our own steps, an order that waits says nothing of how far we are."""
    if not program.unshown:
        return False
    is_labeled = before.status is Status.SHIPLABEL_GENERATED
    if status is Status.ACCEPTED:
        lags = seen.facts.as_of <= max(before.as_of, before.moved_at or before.as_of)  # told before it was scheduled
        return before.status in program.unshown or (is_labeled and lags)
    return is_labeled and status is Status.PACKAGE_CREATED and seen.facts.as_of <= before.as_of  # an older label's end


def cancel(story: Story, seen: Seen) -> None:
    """Stop everything: labels are void, the open command is told, and a parcel that left before is an anomaly."""
    before = story.shipment
    void_labels(story, "the shipment is cancelled")
    ours = before.goal is Goal.REJECTED
    if before.ticket and before.goal:
        story.tell(ev.Settled(before.ticket, before.goal, "succeeded" if ours else "cancelled"))
    cause = "command" if ours else "amazon"
    story.tell(ev.Moved(Status.CANCELLED, cause, seen.read_at, seen.facts.cancelled_by))
    if before.handed_over_at is not None or before.status is Status.SHIPPED:
        story.tell(ev.AnomalyFound(_left_before_cancel(before, seen.read_at)))


def void_labels(story: Story, reason: str) -> None:
    """Void every live label, so that none of them can be printed."""
    for package in story.shipment.packages:
        if package.label is not None and not package.label.void:
            story.tell(ev.LabelVoided(package.id, package.label.tracking_id, reason))


def _named_as_ours(shipment: Shipment, facts: Facts, program: Program) -> Facts:
    """Where an order has one package only, Amazon's id and ours name the same box."""
    if program.packages_at_most != 1 or len(shipment.packages) != 1 or len(facts.packages) != 1:
        return facts
    return replace(facts, packages=(replace(facts.packages[0], id=shipment.packages[0].id),))


def _follow_packages(story: Story, facts: Facts, at: datetime) -> None:
    known = {p.id: p for p in story.shipment.packages}
    strangers = tuple(_adopted(p) for p in facts.packages if p.id not in known)
    if strangers and all(p.sent == 0 for p in known.values()):
        story.tell(ev.PackagesAdopted(strangers))
    elif strangers:
        story.tell(ev.AnomalyFound(_strange_packages(strangers, at)))
    for seen in facts.packages:
        package = known.get(seen.id)
        if package is not None:
            _follow_package(story, package, seen, facts.as_of)


def _follow_package(story: Story, package: Package, seen: SeenPackage, as_of: datetime) -> None:
    label = package.label
    if label is not None and not label.void and _is_of_another_label(label, seen, as_of):
        story.tell(ev.LabelVoided(package.id, label.tracking_id, "somebody else had another label made"))
        package = replace(package, status=PackageStatus.CREATED)
    status = _SEEN_STATUS.get(seen.status)
    if status is not None and _ORDER.index(status) > _ORDER.index(package.status):
        story.tell(ev.PackageMoved(package.id, status))


def _is_of_another_label(label: Label, seen: SeenPackage, as_of: datetime) -> bool:
    """Tell whether Amazon shows another tracking id than ours since our label was made."""
    named = bool(label.tracking_id and seen.tracking_id)
    return named and label.tracking_id != seen.tracking_id and as_of >= label.made_at


def _adopted(seen: SeenPackage) -> Package:
    lines = tuple(PackageLine(line_id, quantity) for line_id, quantity in seen.lines)
    status = _SEEN_STATUS.get(seen.status, PackageStatus.CREATED)
    return Package(seen.id, seen.box or Box(0, 0, 0, 0), lines, sent=1, status=status)


def _cause(shipment: Shipment, to: Status, program: Program) -> str:
    if to in (Status.CREATED, Status.ACCEPTED):
        return "amazon"
    if to is Status.DELIVERED and not program.tells_delivery:
        return "amazon"
    if to is Status.SHIPPED and not program.tells(shipment):
        return "amazon"
    led_to = _LED_TO.get(shipment.pending.step.kind) if shipment.pending is not None else None
    return "command" if led_to is not None and program.rank(to) <= program.rank(led_to) else "adopted"


def _is_ahead(current: Status, status: Status, program: Program) -> bool:
    return program.rank(status) > program.rank(current)


def _known_status(status: str) -> Status | None:
    try:
        return Status(status.upper())
    except ValueError:
        return None


def _unknown_status(facts: Facts, at: datetime) -> Problem:
    return Problem(
        "unknown_status",
        f"Amazon shows a status that Packline does not know: {facts.status!r}.",
        "Look at the shipment in Seller Central; Packline goes on when Amazon shows a status that it knows.",
        at,
    )


def _why_void(facts: Facts, status: Status) -> str:
    if facts.sub_status == "LABEL_CANCELLED":
        return "Amazon cancelled the label: the order must be scheduled again"
    return f"Amazon shows {status}: the package was changed"


def _impossible(before: Status, after: Status, at: datetime) -> Problem:
    return Problem(
        "impossible_move",
        f"Amazon shows {after} after {before}; no journey leads from the one to the other.",
        "Compare the shipment with Seller Central, then give the command that should follow.",
        at,
    )


def _left_before_cancel(shipment: Shipment, at: datetime) -> Problem:
    parcels = ", ".join(p.label.tracking_id for p in shipment.packages if p.label and p.label.tracking_id)
    return Problem(
        "cancelled_after_handover",
        "The shipment was cancelled after it had been handed over: the parcel is on its way.",
        f"Have the carrier stop it if it can ({parcels or 'no tracking id'}). When it is back, take it in with"
        " `packline return receive`, or with `packline stock return` where Amazon tells of no return: only that brings"
        " its stock back. Then `packline shipment retry` closes this; Amazon is not called.",
        at,
    )


def _strange_packages(strangers: tuple[Package, ...], at: datetime) -> Problem:
    return Problem(
        "strange_packages",
        f"Amazon lists packages that Packline did not make: {', '.join(p.id for p in strangers)}.",
        "Somebody else packs this shipment too. Compare the boxes at the bench with those at Amazon.",
        at,
    )
