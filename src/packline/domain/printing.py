"""Printing: what a selection of documents becomes, in which order, and which labels must not be printed."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from packline.domain.shipment import Goal, Package, Shipment, Status
from packline.domain.values import Document, DocumentKind, Value


class Paper(StrEnum):
    """What is printed on: labels of 4 x 6 inches, sheets of A4 with four of them, or every page in its own size."""

    LABEL = "4x6"
    A4_OF_FOUR = "a4-of-four"
    AS_IT_IS = "as-it-is"


class Form(StrEnum):
    """The language of the printer."""

    PDF = "pdf"
    ZPL = "zpl"


class PickOrder(StrEnum):
    """In which order labels lie: as they were named, by bin, by SKU, or the most urgent first."""

    GIVEN = "given"
    BIN = "bin"
    SKU = "sku"
    SHIP_BY = "ship_by"


class Leaf(Value, frozen=True):
    """One document on its way to the printer; `mark` is what is printed on it in addition, such as REPRINT."""

    content: bytes
    mark: str = ""


class Joined(Value, frozen=True):
    """Documents in one file, and the places (from 0) of those that are not in it, each with the reason."""

    content: bytes
    refused: tuple[tuple[int, str], ...] = ()


class Piece(Value, frozen=True):
    """One document of a selection: `copy` 1 is the first print, 2 the first reprint."""

    shipment: str
    package: str
    kind: DocumentKind
    document: Document
    tracking_id: str = ""
    copy: int = 1


class Refusal(Value, frozen=True):
    """What is not printed, and why; `reason` is for programs, `why` and `hint` for people."""

    reference: str
    shipment: str
    package: str
    kind: str
    reason: str
    why: str
    hint: str = ""


_CANCELLED = (
    "cancelled",
    "The order is cancelled: its label must not be used.",
    "Stop the parcel; put the goods back.",
)
_REJECTED = ("being_rejected", "The shipment is being rejected; no parcel may leave.", "Put the goods back.")
_UNPACKED = ("no_label", "It has no label yet: it is not packed.", "Pack it; the label comes with it.")
_UNLABELED = ("no_label", "Its label is not there yet.", "Wait for it, or ask for it with relabel.")
_SUPERSEDED = (
    "superseded",
    "Its label was superseded: the package was changed, or Amazon cancelled the label.",
    "Destroy the old label; print when the new one is there.",
)
_ASKED_AGAIN = (
    "superseded",
    "A new label was asked for, and has not come yet.",
    "Destroy the old label; print when the new one is there.",
)
_NO_FILE = ("no_file", "Its label exists, but the file has not come yet.", "Try again in a minute.")


def label_of(shipment: Shipment, package: Package) -> Piece | tuple[str, str, str]:
    """Give the one label of a package that may be printed, else the reason, the sentence and the cure."""
    label = package.label
    why = _stopped(shipment)
    if why:
        return why
    if label is None:
        return _UNLABELED
    if label.void or label.revision != package.revision:
        return _SUPERSEDED
    if label.round < shipment.label_round and shipment.goal is not None and not package.label_error:
        return _ASKED_AGAIN
    if label.document is None:
        return _NO_FILE
    return Piece(shipment.id, package.id, DocumentKind.SHIP_LABEL, label.document, label.tracking_id)


def paper_of(shipment: Shipment, kind: DocumentKind) -> Piece | tuple[str, str, str] | None:
    """Give the shipment's invoice or warranty, else why it cannot be printed; None where it has and needs none."""
    document = shipment.invoice if kind is DocumentKind.INVOICE else shipment.warranty
    if document is None:
        needed = kind is DocumentKind.INVOICE and shipment.needs_invoice and not shipment.invoice_missing
        return ("no_file", "Its invoice is not there yet.", "Print it when the label is there.") if needed else None
    return _stopped(shipment) or Piece(shipment.id, "", kind, document)


def _stopped(shipment: Shipment) -> tuple[str, str, str] | None:
    if shipment.status is Status.CANCELLED:
        return _CANCELLED
    if shipment.goal is Goal.REJECTED:
        return _REJECTED
    return None if shipment.packages else _UNPACKED


def sorted_shipments(
    shipments: Sequence[Shipment], order: PickOrder, bins: Mapping[tuple[str, str, str], str]
) -> list[Shipment]:
    """Sort shipments for the way through the warehouse; `bins` are by account, location and SKU.

    By bin: location, then the first bin of its SKUs, those without one last; what lies in the same place stays together
    by SKU. Numbers inside names count as numbers: A-2 comes before A-12.
    """
    match order:
        case PickOrder.BIN:
            return sorted(shipments, key=lambda s: (s.location, *_first_bin(s, bins), _skus(s), s.urgency, s.id))
        case PickOrder.SKU:
            return sorted(shipments, key=lambda s: (s.location, _skus(s), s.urgency, s.id))
        case PickOrder.SHIP_BY:
            return sorted(shipments, key=lambda s: (s.urgency, s.id))
        case _:
            return list(shipments)


Natural = tuple[tuple[int, int, str], ...]


def natural(name: str) -> Natural:
    """Give the key by which names sort as people count: A-2 before A-12."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name))


def _skus(shipment: Shipment) -> list[Natural]:
    return sorted(natural(sku.casefold()) for sku, _ in shipment.items)


def _first_bin(shipment: Shipment, bins: Mapping[tuple[str, str, str], str]) -> tuple[bool, Natural]:
    found = [bins.get((shipment.account, shipment.location, sku), "") for sku, _ in shipment.items]
    named = sorted(natural(name.casefold()) for name in found if name)
    return (False, named[0]) if named else (True, ())


def mark_of(piece: Piece, now: datetime) -> str:
    """Say on a label that it was printed before; nothing on the first one."""
    if piece.copy < 2 or piece.kind is not DocumentKind.SHIP_LABEL:
        return ""
    return f"REPRINT {piece.copy - 1}, {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
