"""Print: a selection of shipments becomes one file of labels, and one of invoices, for a printer."""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from packline.domain.printing import (
    Form,
    Leaf,
    Paper,
    PickOrder,
    Piece,
    Refusal,
    label_of,
    mark_of,
    paper_of,
    sorted_shipments,
)
from packline.domain.shipment import Package, Shipment
from packline.domain.values import DocumentKind, Value, stable_id
from packline.errors import FieldError, Invalid
from packline.ports import Clock, ShipmentStore
from packline.ports.printing import Press, Print, PrintFile, PrintStore, Target

AT_MOST = 1000
"""References in one selection."""
FILE_LIVES = timedelta(hours=1)
"""How long a printer may fetch the file: addresses of buyers are on it."""
MEDIA = {Form.PDF: "application/pdf", Form.ZPL: "application/zpl"}
_WORDS = {DocumentKind.SHIP_LABEL: "labels", DocumentKind.INVOICE: "invoices", DocumentKind.WARRANTY: "warranties"}
Sees = Callable[[str, str], bool]
"""Tells whether the asker may see an account and a location of it."""
Told = tuple[Shipment, Piece]


class PrintRequest(Value, frozen=True):
    """What to print: `references` are ids of shipments, orders, manifests, or tracking ids (one package each)."""

    references: tuple[str, ...]
    documents: tuple[DocumentKind, ...] = (DocumentKind.SHIP_LABEL,)
    form: Form = Form.PDF
    paper: Paper = Paper.LABEL
    order: PickOrder = PickOrder.BIN
    reverse: bool = False


class PrintDesk:
    """Where documents are printed; no call to Amazon is made here."""

    def __init__(self, shipments: ShipmentStore, store: PrintStore, press: Press, clock: Clock) -> None:
        """Take the stores, and the press that joins documents."""
        self._shipments, self._store, self._press, self._clock = shipments, store, press, clock

    async def print(self, request: PrintRequest, by: str, sees: Sees, key: str = "") -> Print:
        """Join what may be printed, and say of the rest why not; the same key gives the same print.

        Labels of cancelled shipments and labels that were superseded are refused. A label that was printed before is
        marked as a reprint. Invoices and warranties come as files of their own, in the same order. Raises Invalid for a
        selection that is empty, too large, or cannot be printed on that paper.
        """
        _check(request)
        name = stable_id("prt", key or secrets.token_hex(16))
        known = await self._store.known(name) if key else None
        if known is not None:
            return known
        shipments, targets, refused = await self._selected(request, sees)
        files: list[PrintFile] = []
        told: list[Told] = []
        for kind in dict.fromkeys(request.documents):
            pieces = _pieces(shipments, targets, kind, refused)
            file, printed = await self._joined(request, kind, pieces, refused)
            files += file
            told += printed
        made = Print(
            id=name,
            created_at=self._clock.now(),
            by=by,
            form=request.form,
            paper=request.paper,
            order=request.order.value,
            reverse=request.reverse,
            printed=len(told),
            reprinted=sum(piece.copy > 1 for _, piece in told),
            refused=tuple(refused),
            files=tuple(files),
        )
        await self._store.save(made, told)
        return made

    async def _selected(
        self, request: PrintRequest, sees: Sees
    ) -> tuple[list[Shipment], dict[str, list[Target]], list[Refusal]]:
        """Find what the references name: shipments in their order, the targets of each, and references of nothing."""
        found = [t for t in await self._store.find(request.references) if sees(t.account, t.location)]
        named = {target.reference for target in found}
        refused = [_unknown(reference) for reference in dict.fromkeys(request.references) if reference not in named]
        place = {reference: at for at, reference in reversed(list(enumerate(request.references)))}
        targets: dict[str, list[Target]] = {}
        for target in sorted(found, key=lambda target: place[target.reference]):
            targets.setdefault(target.shipment, []).append(target)
        loaded = await self._shipments.load(list(targets))
        shipments = [loaded[name] for name in targets if name in loaded]
        bins = await self._store.bins(shipments) if request.order is PickOrder.BIN else {}
        return sorted_shipments(shipments, request.order, bins), targets, refused

    async def _joined(
        self, request: PrintRequest, kind: DocumentKind, asked: Sequence[Told], refused: list[Refusal]
    ) -> tuple[list[PrintFile], list[Told]]:
        if not asked:
            return [], []
        pieces = await self._store.take([piece for _, piece in asked], self._clock.now())
        told = [(shipment, piece) for (shipment, _), piece in zip(asked, pieces, strict=True)]
        printed: list[Told] = []
        try:
            file, printed = await self._pressed(request, kind, told, refused)
        finally:  # a label that did not come out was not printed, whatever stopped it
            done = {(piece.shipment, piece.package) for _, piece in printed}
            await self._store.give_back([p for _, p in told if (p.shipment, p.package) not in done])
        return ([file] if file else []), printed

    async def _pressed(
        self, request: PrintRequest, kind: DocumentKind, told: Sequence[Told], refused: list[Refusal]
    ) -> tuple[PrintFile | None, list[Told]]:
        now = self._clock.now()
        contents = await self._store.contents([piece.document.sha256 for _, piece in told])
        leaves = [Leaf(contents.get(piece.document.sha256, b""), mark_of(piece, now)) for _, piece in told]
        is_label = kind is DocumentKind.SHIP_LABEL
        form, paper = (request.form, request.paper) if is_label else (Form.PDF, Paper.AS_IT_IS)
        try:
            joined = await self._press.join(leaves, form, paper, reverse=request.reverse)
        except Invalid as broken:
            if broken.reason != "paper_broken":
                raise
            refused += [_unreadable(piece, broken.message) for _, piece in told]
            return None, []
        left_out = dict(joined.refused)
        refused += [_unreadable(told[place][1], why) for place, why in joined.refused]
        printed = [one for place, one in enumerate(told) if place not in left_out]
        name = f"{_WORDS[kind]}-{now:%Y%m%d-%H%M%S}.{form.value}"
        file = PrintFile(kind, name, MEDIA[form], len(joined.content), now + FILE_LIVES, joined.content)
        return file, printed


def _check(request: PrintRequest) -> None:
    if not 1 <= len(request.references) <= AT_MOST:
        fault = FieldError("/shipments", f"1 to {AT_MOST} ids; these are {len(request.references)}.")
        raise Invalid("The selection is empty or too large.", errors=(fault,), hint="Print it in several parts.")
    if not request.documents:
        raise Invalid("No kind of document is named.", errors=(FieldError("/documents", "ship_label, invoice..."),))
    if request.form is Form.ZPL and request.paper is not Paper.LABEL:
        fault = FieldError("/paper", f"ZPL is for label printers: only {Paper.LABEL.value}.")
        raise Invalid("ZPL cannot be printed on that paper.", errors=(fault,), hint="Print PDF, or on 4x6.")


def _pieces(
    shipments: Sequence[Shipment], targets: dict[str, list[Target]], kind: DocumentKind, refused: list[Refusal]
) -> list[Told]:
    """List the documents of a kind in the order of the shipments; what may not be printed joins `refused`."""
    found: list[Told] = []
    for shipment in shipments:
        asked = targets[shipment.id]
        for answer in _labels(shipment, asked) if kind is DocumentKind.SHIP_LABEL else _paper(shipment, asked, kind):
            if isinstance(answer, Refusal):
                refused.append(answer)
            else:
                found.append((shipment, answer))
    return found


def _labels(shipment: Shipment, asked: Sequence[Target]) -> list[Piece | Refusal]:
    whole = next((target for target in asked if not target.package), None)
    if whole is not None and not shipment.packages:
        return [_refusal(whole, shipment, "", DocumentKind.SHIP_LABEL, _NOT_PACKED)]
    answers: list[Piece | Refusal] = []
    for package in shipment.packages:
        target = whole or next((target for target in asked if target.package == package.id), None)
        if target is None:
            continue
        answers.append(_label(shipment, package, target))
    gone = [t for t in asked if t.package and shipment.package(t.package) is None and whole is None]
    superseded = ("superseded", "Its package is no more: it was packed anew.", "Destroy the old label.")
    return answers + [_refusal(t, shipment, t.package, DocumentKind.SHIP_LABEL, superseded) for t in gone]


def _label(shipment: Shipment, package: Package, target: Target) -> Piece | Refusal:
    found = label_of(shipment, package)
    if isinstance(found, Piece):
        if target.tracking_id in ("", found.tracking_id):
            return found
        found = ("superseded", f"This label was superseded by {found.tracking_id}.", "Print that one.")
    return _refusal(target, shipment, package.id, DocumentKind.SHIP_LABEL, found)


def _paper(shipment: Shipment, asked: Sequence[Target], kind: DocumentKind) -> list[Piece | Refusal]:
    found = paper_of(shipment, kind)
    if found is None:
        return []
    return [found if isinstance(found, Piece) else _refusal(asked[0], shipment, "", kind, found)]


_NOT_PACKED = ("no_label", "It has no label yet: it is not packed.", "Pack it; the label comes with it.")


def _refusal(
    target: Target, shipment: Shipment, package: str, kind: DocumentKind, why: tuple[str, str, str]
) -> Refusal:
    return Refusal(target.reference, shipment.id, package, kind.value, *why)


def _unreadable(piece: Piece, why: str) -> Refusal:
    hint = "Print the selection as ZPL." if "ZPL" in why else "Ask for it again with relabel."
    return Refusal(piece.shipment, piece.shipment, piece.package, piece.kind.value, "unreadable", why, hint)


def _unknown(reference: str) -> Refusal:
    why = "There is no shipment, order, manifest or label of this name."
    return Refusal(reference, "", "", "", "not_found", why, "Check the id; a shipment appears after the next intake.")
