"""Papers of many orders bound into one PDF, in an order of Amazon's own choosing."""

import io
import random
from collections.abc import Callable, Sequence
from itertools import chain

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from packline_sim.documents.data import InvoiceData
from packline_sim.documents.drawing import DOT, draw_marks, one_bit_png
from packline_sim.documents.easy_ship.data import Binding, OrderPapers, ParcelLabel, WarrantyCard
from packline_sim.documents.easy_ship.label import FORM, parcel_marks
from packline_sim.documents.easy_ship.sheets import (
    NUMBERS_BASELINE,
    blank_invoice,
    easy_ship_invoice,
    numbers,
    warranty_sheet,
)
from packline_sim.documents.layout import HEIGHT, WIDTH
from packline_sim.documents.lettering import BOLD, printable
from packline_sim.documents.sheet import HEIGHT as A4_HEIGHT
from packline_sim.documents.sheet import WIDTH as A4_WIDTH
from packline_sim.documents.sheet import Sheet, draw_page

MILLIMETRE = 72 / 25.4
STICKER = (99.1 * MILLIMETRE, 139 * MILLIMETRE)
"""A label on A4 paper (Seller Central help for Saudi Arabia), width and height in points."""
_STICKER_AT = (4.65 * MILLIMETRE, A4_HEIGHT - 9.5 * MILLIMETRE - STICKER[1])
_LABEL_SIZE = (WIDTH * DOT, HEIGHT * DOT)
Paper = ParcelLabel | InvoiceData | WarrantyCard


def bind(papers: Sequence[OrderPapers], binding: Binding, stream: random.Random, title: str = "Easy Ship") -> bytes:
    """Draw the papers of several orders as one PDF; the same papers, binding and stream give the same bytes.

    Raises ValueError when there is nothing to draw: a PDF has at least one page.
    """
    binder = _Binder(binding, title)
    for paper in arranged(papers, binding, stream):
        binder.add(paper)
    return binder.close()


def arranged(papers: Sequence[OrderPapers], binding: Binding, stream: random.Random) -> list[Paper]:
    """Put papers in the order in which they are bound."""

    def mixed(rows: Sequence[list[Paper]]) -> list[Paper]:
        return list(chain.from_iterable(stream.sample(rows, len(rows)) if binding.shuffled else rows))

    labels: list[list[Paper]] = [[row.label] if row.label else [] for row in papers]
    invoices: list[list[Paper]] = [[row.invoice] if row.invoice else [] for row in papers]
    warranties: list[list[Paper]] = [list(row.warranties) for row in papers]
    if binding.arrangement == "labels_first":
        return [*mixed(labels), *mixed(invoices), *mixed(warranties)]
    together = [list(chain(*parts)) for parts in zip(labels, invoices, warranties, strict=True)]
    if binding.arrangement == "per_order":
        return mixed(together)
    return mixed([[paper] for paper in chain.from_iterable(together)])


class _Binder:
    def __init__(self, binding: Binding, title: str) -> None:
        self._binding = binding
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, invariant=1, pageCompression=1)
        self._canvas.setTitle(printable(title))
        self._forms: dict[str, int] = {}
        self._pages = 0

    def add(self, paper: Paper) -> None:
        if isinstance(paper, ParcelLabel):
            self._label(paper)
        elif isinstance(paper, WarrantyCard):
            self._sheet(warranty_sheet(paper, self._binding))
        elif self._binding.shared:
            self._shared_invoice(paper)
        else:
            self._sheet(easy_ship_invoice(paper, self._binding))

    def close(self) -> bytes:
        if not self._pages:
            raise ValueError("There is no page to draw.")
        self._canvas.save()
        return self._buffer.getvalue()

    def _turn(self) -> None:
        self._canvas.showPage()
        self._pages += 1

    def _sheet(self, sheet: Sheet) -> None:
        for page in sheet.pages:
            self._canvas.setPageSize((A4_WIDTH, A4_HEIGHT))
            draw_page(self._canvas, page)
            self._turn()

    def _label(self, label: ParcelLabel) -> None:
        canvas = self._canvas
        if self._binding.paper == "4x6":
            canvas.setPageSize(_LABEL_SIZE)
        else:
            canvas.setPageSize((A4_WIDTH, A4_HEIGHT))
            canvas.setLineWidth(0.4)
            canvas.rect(*_STICKER_AT, *STICKER)
            scale = min(STICKER[0] / _LABEL_SIZE[0], STICKER[1] / _LABEL_SIZE[1])
            canvas.translate(_STICKER_AT[0] + (STICKER[0] - scale * _LABEL_SIZE[0]) / 2, _STICKER_AT[1])
            canvas.scale(scale, scale)
        if self._binding.label_drawing == "picture":
            picture = io.BytesIO(one_bit_png(label_file(label, self._binding)))
            canvas.drawImage(ImageReader(picture), 0, 0, *_LABEL_SIZE)
        else:
            self._draw_label(label)
        self._turn()

    def _draw_label(self, label: ParcelLabel) -> None:
        self._canvas.scale(DOT, DOT)
        self._form("label", 1, lambda canvas, _: draw_marks(canvas, FORM))
        self._canvas.doForm("label-0")
        with_order = self._binding.label_codes == "tracking_and_order"
        draw_marks(self._canvas, parcel_marks(label, order_code=with_order))

    def _shared_invoice(self, invoice: InvoiceData) -> None:
        canvas = self._canvas
        if "invoice" not in self._forms:
            pages = blank_invoice(invoice).pages
            self._form("invoice", len(pages), lambda canvas, number: draw_page(canvas, pages[number]))
        for number in range(self._forms["invoice"]):
            canvas.setPageSize((A4_WIDTH, A4_HEIGHT))
            canvas.doForm(f"invoice-{number}")
            canvas.setFont(BOLD, 8)
            canvas.drawString(30, NUMBERS_BASELINE, numbers(invoice))
            self._turn()

    def _form(self, name: str, pages: int, draw: Callable[[Canvas, int], None]) -> None:
        if name in self._forms:
            return
        self._forms[name] = pages
        for number in range(pages):
            self._canvas.beginForm(f"{name}-{number}", 0, 0, 2 * WIDTH, 2 * HEIGHT)
            draw(self._canvas, number)
            self._canvas.endForm()


def label_file(label: ParcelLabel, binding: Binding) -> bytes:
    """Draw one label as a PDF of 4 x 6 inches."""
    binder = _Binder(Binding(label_codes=binding.label_codes), f"Ship label {label.tracking_id}")
    binder.add(label)
    return binder.close()


def invoice_file(invoice: InvoiceData, binding: Binding) -> bytes:
    """Draw one invoice as PDF."""
    binder = _Binder(binding, f"Tax invoice {invoice.invoice_number}")
    binder.add(invoice)
    return binder.close()


def warranty_file(card: WarrantyCard, binding: Binding) -> bytes:
    """Draw one warranty card as PDF."""
    binder = _Binder(binding, f"Warranty card {card.order_id}")
    binder.add(card)
    return binder.close()
