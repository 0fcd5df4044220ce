"""What the answers to our own calls mean: done, refused, in conflict, or unclear."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain import paperwork
from packline.domain.program import Program
from packline.domain.reports import Done, Failed, LabelResult
from packline.domain.settle import give_up
from packline.domain.shipment import Failure, Goal, Label, Package, PackageStatus, Problem, Status
from packline.domain.slot import SlotPolicy, choose, meets
from packline.domain.step import StepKind
from packline.domain.story import Story

EMPTY_OPTIONS_LOOKS = 3  # an empty answer where slots are expected is read again this often before it is believed
PASSING = frozenset({"internalfailure", "serviceunavailable", "serverbusy", "ratelimited"})
_TOLD = {
    StepKind.SHIP: PackageStatus.SHIPPED,
    StepKind.OUT_FOR_DELIVERY: PackageStatus.OUT_FOR_DELIVERY,
    StepKind.DELIVER: PackageStatus.DELIVERED,
}


def on_done(story: Story, done: Done, program: Program) -> None:
    """Tell what a successful answer changed; an answer that comes late still counts for what it carries."""
    _ANSWERS[done.step.kind](story, done, program)
    if story.shipment.pending is not None and story.shipment.pending.step == done.step:
        story.tell(ev.CallSettled(done.step, ev.ANSWERED))
    if done.step.kind is not StepKind.FETCH_DOCUMENTS:  # papers say nothing of how far the order is
        story.answered(done.at)


def on_failed(story: Story, failed: Failed) -> None:
    """Keep the failure beside the pending call: a probe decides what is true."""
    if failed.step.kind is StepKind.FETCH_DOCUMENTS:
        paperwork.failed_to_come(story, failed)
        return
    if failed.step.is_read:
        _read_failed(story, failed)
    elif failed.step.kind is StepKind.REJECT and story.shipment.pending is None:
        paperwork.feed_refused(story, failed)  # it went by a feed: nothing was pending
    else:
        story.tell(ev.CallFailed(failed.step, failed.failure, failed.at))
    story.answered(failed.at)


def move(story: Story, to: Status, at: datetime, program: Program) -> None:
    """Move forward by our own call; where someone was quicker, or the shipment is cancelled, nothing moves."""
    current = story.shipment.status
    if current is Status.CANCELLED or program.rank(to) <= program.rank(current):
        return
    story.tell(ev.Moved(to, "command", at))


def store_labels(story: Story, results: tuple[LabelResult, ...], done: Done, program: Program) -> None:
    """Keep each package's label, or the reason why there is none."""
    revisions = dict(done.step.packages)
    for result in results:
        package = story.shipment.package(result.package_id)
        if package is None:
            continue
        if not result.ok:
            _label_failed(story, result, done)
            continue
        _replace_label(story, package, _label(result, revisions.get(package.id, package.revision), done, program))


def _label(result: LabelResult, revision: int, done: Done, program: Program) -> Label:
    return Label(
        awaits="" if result.document or program.documents == "call" else _way(program),
        tracking_id=result.tracking_id,
        carrier=result.carrier,
        revision=revision,
        round=done.step.round,
        made_at=done.at,
        option_id=result.option_id or done.step.option_id,
        window=result.window,
        url=None if result.document else result.url,
        document=result.document,
    )


def _way(program: Program) -> str:
    return "feed" if program.documents in ("feed", "zip_or_feed") else "hand"


def _replace_label(story: Story, package: Package, label: Label) -> None:
    old = package.label
    if old is not None and not old.void and old.tracking_id != label.tracking_id:
        story.tell(ev.LabelVoided(package.id, old.tracking_id, "a new label took its place"))
    story.tell(ev.LabelMade(package.id, label))
    if story.shipment.status is Status.CANCELLED:
        story.tell(ev.LabelVoided(package.id, label.tracking_id, "the shipment is cancelled"))


def _label_failed(story: Story, result: LabelResult, done: Done) -> None:
    pending = story.shipment.pending
    if is_about_slot(result.code, result.message):
        story.tell(ev.SlotLost((result.package_id,), result.message))
    elif _flat(result.code) not in PASSING or story.shipment.attempt >= 5:
        story.tell(ev.LabelFailed(result.package_id, result.code, result.message))
    elif pending is not None and pending.step == done.step:
        story.tell(ev.CallCleared(done.step, f"{result.code}: {result.message}"))  # counts, so that it ends some day


def is_about_slot(code: str, message: str) -> bool:
    """Tell a refusal of the chosen shipping option from any other: it is mended by reading the options again."""
    return "shippingoption" in f"{code} {message}".replace(" ", "").lower()


def _confirmed(story: Story, done: Done, program: Program) -> None:
    move(story, Status.CONFIRMED, done.at, program)


def _rejected(story: Story, done: Done, _: Program) -> None:
    shipment = story.shipment
    if shipment.status is Status.CANCELLED:
        return
    if shipment.ticket:
        story.tell(ev.Settled(shipment.ticket, Goal.REJECTED, "succeeded"))
    story.tell(ev.Moved(Status.CANCELLED, "command", done.at, "SELLER_REJECTED"))


def _created(story: Story, done: Done, program: Program) -> None:
    if story.shipment.status is Status.CANCELLED:
        return
    story.tell(ev.PackagesSent(done.step.packages))
    move(story, Status.PACKAGE_CREATED, done.at, program)


def _updated(story: Story, done: Done, _: Program) -> None:
    shipment = story.shipment
    if shipment.status is Status.CANCELLED:
        return
    for package_id, _revision in done.step.packages:
        package = shipment.package(package_id)
        if package and package.label and not package.label.void:
            story.tell(ev.LabelVoided(package_id, package.label.tracking_id, "the package was changed"))
    if shipment.status not in (Status.CONFIRMED, Status.PACKAGE_CREATED):
        story.tell(ev.Moved(Status.PACKAGE_CREATED, "command", done.at))
    story.tell(ev.PackagesSent(done.step.packages))


def _options(story: Story, done: Done, program: Program) -> None:
    shipment = story.shipment
    package_id, revision = done.step.packages[0]
    if shipment.status is Status.CANCELLED:
        return
    if not done.options and program.offers_slots and shipment.attempt < EMPTY_OPTIONS_LOOKS:
        story.tell(ev.SlotLost((package_id,), "Amazon offered no shipping option; asking again"))
        return
    option = choose(done.options, shipment.slot, done.at)
    if done.options and option is None:
        story.tell(ev.SlotLost((package_id,), "every window that Amazon offered has begun; asking again"))
        return
    as_wished = option is None or meets(option, shipment.slot)
    if not as_wished and shipment.slot.policy is SlotPolicy.OPTION:
        story.tell_all(give_up(shipment, _not_offered(shipment.slot.option_id, done)))
        return
    story.tell(ev.OptionsRead(package_id, revision, done.options, option.id if option else None, as_wished))
    move(story, Status.PICKUP_SLOT_RETRIEVED, done.at, program)


def _invoiced(story: Story, done: Done, program: Program) -> None:
    if done.invoice:
        paperwork.keep_invoice(story, done.invoice)
    if done.step.kind is StepKind.GENERATE_INVOICE:
        move(story, Status.INVOICE_GENERATED, done.at, program)


def _labeled(story: Story, done: Done, program: Program) -> None:
    store_labels(story, done.labels, done, program)
    live = all(p.label is not None and not p.label.void for p in story.shipment.packages)
    if live and story.shipment.packages:
        move(story, Status.SHIPLABEL_GENERATED, done.at, program)
    if any(p.label is not None and p.label.awaits == "hand" and not p.label.void for p in story.shipment.packages):
        story.tell(ev.Stuck(paperwork.by_hand(done.at, program), stop=False))


def _told(story: Story, done: Done, program: Program) -> None:
    for package_id, _revision in done.step.packages:
        story.tell(ev.PackageMoved(package_id, _TOLD[done.step.kind]))
    states = {p.status for p in story.shipment.packages}
    if states == {PackageStatus.DELIVERED}:
        move(story, Status.DELIVERED, done.at, program)
    elif states <= set(_TOLD.values()):
        move(story, Status.SHIPPED, done.at, program)


def _probed(_story: Story, _done: Done, _program: Program) -> None:
    """A probe answers with a Seen report; a Done of its own carries nothing."""


def _forget_address(story: Story, package_id: str) -> None:
    """An address that is refused has expired: the label is asked for again, which gives a fresh one."""
    package = story.shipment.package(package_id)
    if package is not None and package.label is not None:
        story.tell(ev.LabelMade(package_id, replace(package.label, url=None)))


def _read_failed(story: Story, failed: Failed) -> None:
    failure = failed.failure
    if failed.step.kind is StepKind.FETCH_INVOICE and failure.kind == "refused":
        story.tell(ev.InvoiceMissing(failure.message))
    elif failed.step.kind is StepKind.READ_OPTIONS and failure.kind in ("refused", "conflict", "unclear"):
        story.tell(ev.CallFailed(failed.step, failure, failed.at))
        return
    if failed.step.kind is StepKind.DOWNLOAD_LABEL and failure.kind == "refused":
        _forget_address(story, failed.step.packages[0][0])
    if failure.kind == "slot" and failed.step.kind is StepKind.READ_OPTIONS:
        story.tell(ev.SlotLost((failed.step.packages[0][0],), failure.message))
    if story.shipment.pending is not None and story.shipment.pending.step == failed.step:
        story.tell(ev.CallCleared(failed.step, f"{failure.code}: {failure.message}"))
    if failure.kind == "refused" and failed.step.kind is StepKind.PROBE:
        story.tell_all(give_up(story.shipment, _lost(failure, failed.at)))


def _lost(failure: Failure, at: datetime) -> Problem:
    return Problem(
        "not_readable",
        f"Amazon does not let us read this shipment: {failure.code}: {failure.message}",
        "Check the account (`packline account doctor`) and whether the location still belongs to this seller.",
        at,
    )


def _not_offered(option_id: str | None, done: Done) -> Problem:
    offered = ", ".join(option.id for option in done.options)
    return Problem(
        "slot_not_offered",
        f"Amazon does not offer the shipping option {option_id!r}; it offers {offered}.",
        "Repack or relabel with one of these, or leave the choice to a policy (recommended, earliest, window).",
        done.at,
    )


def _flat(code: str) -> str:
    return code.replace(" ", "").lower()


_ANSWERS: dict[StepKind, Callable[[Story, Done, Program], None]] = {
    StepKind.CONFIRM: _confirmed,
    StepKind.REJECT: _rejected,
    StepKind.CREATE_PACKAGES: _created,
    StepKind.UPDATE_PACKAGE: _updated,
    StepKind.READ_OPTIONS: _options,
    StepKind.GENERATE_INVOICE: _invoiced,
    StepKind.FETCH_INVOICE: _invoiced,
    StepKind.GENERATE_LABELS: _labeled,
    StepKind.REGENERATE_LABELS: _labeled,
    StepKind.DOWNLOAD_LABEL: _labeled,
    StepKind.RESCHEDULE: paperwork.rescheduled,
    StepKind.FETCH_DOCUMENTS: paperwork.came,
    StepKind.SHIP: _told,
    StepKind.OUT_FOR_DELIVERY: _told,
    StepKind.DELIVER: _told,
    StepKind.PROBE: _probed,
}
