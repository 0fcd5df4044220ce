"""Documents and answers that come later than the call: by a feed for many orders, or by a person's hand."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.papers import Found
from packline.domain.program import Program
from packline.domain.reports import Done, Failed, LabelResult
from packline.domain.settle import LABELED_OR_LATER, give_up, has_documents
from packline.domain.shipment import (
    Failure,
    Goal,
    Label,
    Package,
    PackageStatus,
    Problem,
    Shipment,
    Status,
)
from packline.domain.step import Step, StepKind
from packline.domain.story import Story
from packline.domain.values import Box, Document, DocumentKind

DOCUMENT_PROBLEMS = frozenset({"documents_by_hand", "documents_failed"})


def came(story: Story, done: Done, _: Program) -> None:
    """Documents that came by a feed or by a person's hand; what is void or cancelled meanwhile is not touched."""
    if story.shipment.status is Status.CANCELLED:
        return
    for result in done.labels:
        package = story.shipment.package(result.package_id)
        label = package.label if package else None
        if label is not None and result.document is not None and _is_wanted(label, result, result.document):
            story.tell(ev.LabelMade(result.package_id, replace(label, document=result.document, url=None, awaits="")))
    if done.invoice and done.invoice != story.shipment.invoice:
        keep_invoice(story, done.invoice)
    if done.warranty and done.warranty != story.shipment.warranty:
        story.tell(ev.WarrantyStored(done.warranty, story.shipment.warranty))
    problem = story.shipment.problem
    if problem is not None and problem.code in DOCUMENT_PROBLEMS and has_documents(story.shipment):
        story.tell(ev.Solved(problem.code))


def keep_invoice(story: Story, document: Document) -> None:
    """Take an invoice; another one that was there before is not the order's any more."""
    before = story.shipment.invoice
    story.tell(ev.InvoiceStored(document, before if before != document else None))


def documents_done(shipment: Shipment, documents: Sequence[Found], at: datetime, tracking_id: str = "") -> Done:
    """Report a shipment's own documents: the label of its one package, its invoice, its warranty.

    `tracking_id` is what the label was looked for by: where another label has taken its place since, it is not kept.
    """
    of = {found.kind: found.file.document for found in documents}
    label = of.get(DocumentKind.SHIP_LABEL)
    package = shipment.packages[0] if shipment.packages else None
    labels = (LabelResult(package.id, True, tracking_id, document=label),) if label and package else ()
    step = Step(StepKind.FETCH_DOCUMENTS)
    return Done(step, at, labels=labels, invoice=of.get(DocumentKind.INVOICE), warranty=of.get(DocumentKind.WARRANTY))


def lacks_label(shipment: Shipment) -> bool:
    """Tell whether Amazon shows a label and none is known here: somebody scheduled it in Seller Central."""
    labels = [package.label for package in shipment.packages]
    return shipment.status in LABELED_OR_LATER and not any(label and not label.void for label in labels)


def adopt_label(story: Story, document: Document, tracking_id: str, at: datetime) -> None:
    """Take the label of a package that was scheduled in Seller Central, with a package to put it on."""
    if not story.shipment.packages:
        made = Package("PKG-1", Box(0, 0, 0, 0), (), sent=1, status=PackageStatus.LABELED)
        story.tell(ev.PackagesAdopted((made,)))
    package = story.shipment.packages[0]
    label = Label(tracking_id, "", package.revision, story.shipment.label_round, at, document=document)
    story.tell(ev.LabelMade(package.id, label))


def failed_to_come(story: Story, failed: Failed) -> None:
    """Amazon made no documents for this order: a person is told, once they are really missing."""
    labels = [package.label for package in story.shipment.packages]
    if any(label and not label.void for label in labels) and not has_documents(story.shipment):
        story.tell(ev.Stuck(_no_documents(failed.failure, failed.at), stop=False))


def rescheduled(story: Story, done: Done, _: Program) -> None:
    """Amazon moved a scheduled package to another slot."""
    if story.shipment.status is not Status.CANCELLED:
        move_slot(story, done.step)


def move_slot(story: Story, step: Step) -> None:
    """Give a live label the slot that it was moved to; its file stays what it is."""
    package = story.shipment.package(step.packages[0][0])
    if package is None or package.label is None or package.label.void:
        return
    option = next((o for o in package.options if o.id == step.option_id), None)
    window = option.window if option else package.label.window
    story.tell(ev.LabelMade(package.id, replace(package.label, option_id=step.option_id, window=window)))


def feed_refused(story: Story, failed: Failed) -> None:
    """A seller's rejection that went by a feed was refused."""
    failure = failed.failure
    if story.shipment.goal is not Goal.REJECTED:
        return
    problem = Problem(
        "refused_by_amazon",
        f"Amazon refused {failure.operation}: {failure.code}: {failure.message}",
        "A scheduled order cannot be cancelled by the seller: ship it, or have the buyer refuse it at the door.",
        failed.at,
    )
    story.tell_all(give_up(story.shipment, problem))


def by_hand(at: datetime, program: Program) -> Problem:
    """Say that a person must bring the documents, and how."""
    why = program.missing or _NO_WAY.get(program.documents, _NO_WAY["hand"]).format(program.name)
    return Problem(
        "documents_by_hand",
        why,
        "Save the label's PDF from Seller Central and drop it in (`packline document drop`): it is matched and split.",
        at,
    )


_NO_WAY = {
    "hand": "Amazon gives no documents of {} orders by API in this marketplace.",
    "zip": "Amazon gives the documents of {} orders once, with the answer that scheduled them, and they did not come.",
}


def _is_wanted(label: Label, result: LabelResult, document: Document) -> bool:
    """The file of a live label, unless it is there already: the same documents twice change nothing."""
    if label.void or (result.tracking_id and result.tracking_id != label.tracking_id):
        return False
    return label.document != document or bool(label.awaits)


def _no_documents(failure: Failure, at: datetime) -> Problem:
    return Problem(
        "documents_failed",
        f"Amazon made no documents: {failure.code}: {failure.message}",
        "Ask again (`packline shipment relabel`), or drop in the PDF from Seller Central (`packline document drop`).",
        at,
    )
