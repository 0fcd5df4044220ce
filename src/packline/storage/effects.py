"""What events mean beside the shipment's own row: documents, labels by tracking id, tickets."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from packline.domain import events as ev
from packline.domain.feed_wishes import CancelWish, documents_wish
from packline.domain.location import Api
from packline.domain.settle import holds_papers
from packline.domain.shipment import Goal, Label, Rejection, Shipment, Status
from packline.domain.values import Document, DocumentKind
from packline.storage.codec import encode_json

EXTENSIONS = {
    "application/pdf": "pdf",
    "application/zpl": "zpl",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/zip": "zip",
    "text/plain": "txt",
}


class LabelRow(NamedTuple):
    """A label under its tracking id."""

    shipment: str
    package: str
    tracking_id: str
    void: bool


class DocumentRow(NamedTuple):
    """A document of a shipment, under the name that a person sees."""

    shipment: str
    package: str
    kind: str
    sha256: str
    name: str
    tracking_id: str | None
    void: bool


class TicketRow(NamedTuple):
    """The outcome of a command."""

    ticket: str
    outcome: str
    problem: bytes | None


class FeedRow(NamedTuple):
    """What a shipment wants of a feed; `payload` None takes the wish back."""

    account: str
    kind: str
    key: str
    subject: str
    payload: bytes | None
    urgent_at: datetime | None


class Effects(NamedTuple):
    """Everything that the events of one change write beside its row; each key once, the last word counts."""

    labels: tuple[LabelRow, ...]
    documents: tuple[DocumentRow, ...]
    tickets: tuple[TicketRow, ...]
    feeds: tuple[FeedRow, ...] = ()


NONE = Effects((), (), ())
_BESIDE = (ev.LabelMade, ev.LabelVoided, ev.InvoiceStored, ev.WarrantyStored, ev.Settled)
_WISHES = (ev.Moved, ev.GoalSet, ev.Stuck)


def effects(shipment: Shipment, events: Iterable[ev.Event]) -> Effects:
    """Collect the side rows of a change."""
    labels: dict[tuple[str, str], LabelRow] = {}
    documents: dict[tuple[str, str], DocumentRow] = {}
    tickets: dict[str, TicketRow] = {}
    feeds: dict[str, FeedRow] = {}
    for event in events:
        feeds |= {row.kind: row for row in _feeds(shipment, event)}
        match event:
            case ev.LabelMade(package_id=package, label=label):
                labels[package, label.tracking_id] = LabelRow(shipment.id, package, label.tracking_id, label.void)
                if label.document:
                    documents[package, label.tracking_id] = _label_document(shipment, package, label, label.document)
            case ev.LabelVoided(package_id=package, tracking_id=tracking_id):
                labels[package, tracking_id] = LabelRow(shipment.id, package, tracking_id, True)
                if (package, tracking_id) in documents:
                    documents[package, tracking_id] = documents[package, tracking_id]._replace(void=True)
            case ev.InvoiceStored(document=document, replaces=before):
                documents |= _order_documents(shipment, DocumentKind.INVOICE, document, before)
            case ev.WarrantyStored(document=document, replaces=before):
                documents |= _order_documents(shipment, DocumentKind.WARRANTY, document, before)
            case ev.Settled(ticket=ticket, outcome=outcome, problem=problem):
                tickets[ticket] = TicketRow(ticket, outcome, encode_json(problem) if problem else None)
    found = (labels.values(), documents.values(), tickets.values(), feeds.values())
    return Effects(*(tuple(rows) for rows in found))  # type: ignore[arg-type]  # in the order of the fields


def touches(shipment: Shipment, events: Iterable[ev.Event]) -> bool:
    """Tell cheaply whether events write anything beside the row."""
    told = (*_BESIDE, *_WISHES) if shipment.api == Api.SELLER_CENTRAL else _BESIDE
    return any(isinstance(event, told) for event in events)


def _feeds(shipment: Shipment, event: ev.Event) -> Iterable[FeedRow]:
    """Documents that come by a feed are wished for with the label; a rejection is a feed where Amazon has no call."""
    if shipment.api != Api.SELLER_CENTRAL:
        return
    match event:
        case ev.LabelMade(label=label) if label.awaits == "feed" and not label.void:
            wish = documents_wish(label.tracking_id, shipment.marketplace, invoice=shipment.needs_invoice)
            yield _feed(shipment, "documents", encode_json(wish))
        case ev.LabelVoided():
            yield _feed(shipment, "documents", None)
        case ev.LabelMade() | ev.InvoiceStored() if holds_papers(shipment):
            yield _feed(shipment, "documents", None)
        case ev.GoalSet(goal=Goal.REJECTED, rejection=Rejection() as rejection):
            yield _feed(shipment, "cancel", encode_json(_cancel_wish(shipment, rejection)))
        case ev.GoalSet() | ev.Moved(to=Status.CANCELLED) | ev.Stuck(stop=True):  # nobody wants it any more
            yield _feed(shipment, "cancel", None)


def _cancel_wish(shipment: Shipment, rejection: Rejection) -> CancelWish:
    return CancelWish(shipment.marketplace, rejection.reason, tuple(line for line, _ in rejection.lines))


def _feed(shipment: Shipment, kind: str, payload: bytes | None) -> FeedRow:
    return FeedRow(shipment.account, kind, shipment.id, shipment.amazon_id, payload, shipment.ship_by)


def _label_document(shipment: Shipment, package: str, label: Label, document: Document) -> DocumentRow:
    name = f"{shipment.amazon_id}-label-{package}.{extension(document)}"
    return DocumentRow(
        shipment.id, package, DocumentKind.SHIP_LABEL, document.sha256, name, label.tracking_id, label.void
    )


def _order_documents(
    shipment: Shipment, kind: DocumentKind, document: Document, before: Document | None
) -> dict[tuple[str, str], DocumentRow]:
    """Give the rows of an order's document, and of the one whose place it took, which is void."""
    found = {("", document.sha256): _order_document(shipment, kind, document, void=False)}
    return found | ({("", before.sha256): _order_document(shipment, kind, before, void=True)} if before else {})


def _order_document(shipment: Shipment, kind: DocumentKind, document: Document, *, void: bool) -> DocumentRow:
    name = f"{shipment.amazon_id}-{kind}.{extension(document)}"
    return DocumentRow(shipment.id, "", kind, document.sha256, name, None, void)


def extension(document: Document) -> str:
    """Give the file extension of a media type."""
    return EXTENSIONS.get(document.media_type, "bin")
