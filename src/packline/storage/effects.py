"""What events mean beside the shipment's own row: documents, labels by tracking id, tickets."""

from collections.abc import Iterable
from typing import NamedTuple

from packline.domain import events as ev
from packline.domain.shipment import Label, Shipment
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


class Effects(NamedTuple):
    """Everything that the events of one change write beside its row; each key once, the last word counts."""

    labels: tuple[LabelRow, ...]
    documents: tuple[DocumentRow, ...]
    tickets: tuple[TicketRow, ...]


NONE = Effects((), (), ())


def effects(shipment: Shipment, events: Iterable[ev.Event]) -> Effects:
    """Collect the side rows of a change."""
    labels: dict[tuple[str, str], LabelRow] = {}
    documents: dict[tuple[str, str], DocumentRow] = {}
    tickets: dict[str, TicketRow] = {}
    for event in events:
        match event:
            case ev.LabelMade(package_id=package, label=label):
                labels[package, label.tracking_id] = LabelRow(shipment.id, package, label.tracking_id, label.void)
                if label.document:
                    documents[package, label.tracking_id] = _label_document(shipment, package, label, label.document)
            case ev.LabelVoided(package_id=package, tracking_id=tracking_id):
                labels[package, tracking_id] = LabelRow(shipment.id, package, tracking_id, True)
                if (package, tracking_id) in documents:
                    documents[package, tracking_id] = documents[package, tracking_id]._replace(void=True)
            case ev.InvoiceStored(document=document):
                documents["", ""] = _invoice_document(shipment, document)
            case ev.Settled(ticket=ticket, outcome=outcome, problem=problem):
                tickets[ticket] = TicketRow(ticket, outcome, encode_json(problem) if problem else None)
    return Effects(tuple(labels.values()), tuple(documents.values()), tuple(tickets.values()))


def touches(events: Iterable[ev.Event]) -> bool:
    """Tell cheaply whether events write anything beside the row."""
    return any(isinstance(e, ev.LabelMade | ev.LabelVoided | ev.InvoiceStored | ev.Settled) for e in events)


def _label_document(shipment: Shipment, package: str, label: Label, document: Document) -> DocumentRow:
    name = f"{shipment.amazon_id}-label-{package}.{extension(document)}"
    return DocumentRow(
        shipment.id, package, DocumentKind.SHIP_LABEL, document.sha256, name, label.tracking_id, label.void
    )


def _invoice_document(shipment: Shipment, document: Document) -> DocumentRow:
    name = f"{shipment.amazon_id}-invoice.{extension(document)}"
    return DocumentRow(shipment.id, "", DocumentKind.INVOICE, document.sha256, name, None, False)


def extension(document: Document) -> str:
    """Give the file extension of a media type."""
    return EXTENSIONS.get(document.media_type, "bin")
