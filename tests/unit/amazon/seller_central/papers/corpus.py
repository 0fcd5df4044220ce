"""Combined documents drawn for tests, in many manners; shares nothing with the simulator's papers."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import zxingcpp
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from packline.amazon.seller_central.papers import Expected

INCH, MM = 72.0, 72 / 25.4
FOUR_BY_SIX = (4 * INCH, 6 * INCH)
SAUDI = (99.1 * MM, 139 * MM)
SYMBOLOGY = zxingcpp.BarcodeFormat
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


@dataclass(frozen=True)
class Sale:
    """One order of the corpus."""

    order_id: str
    tracking_id: str
    invoice: str
    identifier: str = ""
    buyer: str = "Buyer of nothing"

    @property
    def expected(self) -> Expected:
        """Say what Packline knows of it."""
        return Expected(self.order_id, self.tracking_id, self.identifier)


def sales(count: int, seed: int = 1) -> list[Sale]:
    """Make orders with ids of Amazon's form."""
    draw = random.Random(seed)
    return [
        Sale(
            f"{draw.randint(100, 999)}-{draw.randint(0, 9999999):07d}-{draw.randint(0, 9999999):07d}",
            str(draw.randint(10**11, 10**13 - 1)),
            f"IN-{draw.randint(1000, 9999)}{number:03d}",
            f"BIN-{draw.randint(10000, 99999)}-{number}",
        )
        for number in range(count)
    ]


@dataclass
class Press:
    """A PDF in the making; pages are given in points and drawn from their lower left corner."""

    out: io.BytesIO = field(default_factory=io.BytesIO)
    font: str = "Helvetica"

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.out, pageCompression=1)
        self.pages = 0

    def page(self, size: tuple[float, float]) -> Press:
        """Begin a page."""
        self.canvas.setPageSize(size)
        self.canvas.setFont(self.font, 9)
        return self

    def lines(self, x: float, y: float, *lines: str, size: float = 9, step: float = 1.3) -> Press:
        """Write lines downwards."""
        self.canvas.setFont(self.font, size)
        for row, line in enumerate(lines):
            self.canvas.drawString(x, y - row * size * step, line)
        return self

    def bars(
        self, text: str, x: float, y: float, width: float, height: float, symbology: Any = SYMBOLOGY.Code128
    ) -> Press:
        """Draw a code as filled boxes, a bar code as wide and high as told, a matrix code as wide."""
        image: Any = zxingcpp.create_barcode(text, symbology).to_image(scale=1, add_quiet_zones=False, add_hrt=False)
        rows, columns = image.shape
        dark = bytes(memoryview(image))
        module = width / columns
        matrix = rows > 1 and symbology in (SYMBOLOGY.QRCode, SYMBOLOGY.DataMatrix, SYMBOLOGY.Aztec, SYMBOLOGY.PDF417)
        for row in range(rows if matrix else 1):
            for column in range(columns):
                if not dark[row * columns + column]:
                    tall = module if matrix else height
                    self.canvas.rect(x + column * module, y + (rows - 1 - row) * module * matrix, module, tall, 0, 1)
        return self

    def frame(self, x: float, y: float, width: float, height: float) -> Press:
        """Draw the outline of a box."""
        self.canvas.rect(x, y, width, height)
        return self

    def done(self) -> Press:
        """End the page."""
        self.canvas.showPage()
        self.pages += 1
        return self

    def pdf(self) -> bytes:
        """Give the file."""
        self.canvas.save()
        return self.out.getvalue()


def label(
    press: Press, sale: Sale, *, at: tuple[float, float] = (0, 0), size: tuple[float, float] = FOUR_BY_SIX
) -> None:
    """Draw a plain label of Easy Ship at a place of the page."""
    x, y = at
    width, height = size
    press.frame(x + 2, y + 2, width - 4, height - 4)
    press.lines(
        x + 14, y + height - 24, "Easy Ship    PREPAID", "Ship to:", sale.buyer, "12 Test Street", "Test City 110001"
    )
    press.bars(sale.tracking_id, x + 20, y + height * 0.42, width - 40, 60)
    press.lines(x + 40, y + height * 0.42 - 14, f"AWB {sale.tracking_id}", size=11)
    press.lines(
        x + 14, y + height * 0.25, f"Order ID: {sale.order_id}", f"Package: {sale.identifier}", "Weight 0.85 kg"
    )


def invoice(
    press: Press, sale: Sale, *, pages: int = 1, everywhere: bool = True, counter: str = "Page {} of {}"
) -> None:
    """Draw an invoice; `everywhere`: its order id stands on each of its pages, else on the first only."""
    for at in range(1, pages + 1):
        press.page(A4)
        head = ["Tax Invoice/Bill of Supply/Cash Memo", "(Original for Recipient)"]
        press.lines(60, 790, *(head if at == 1 else ["Tax Invoice (continued)"]))
        if at == 1:
            press.lines(
                330, 790, f"Invoice Number : {sale.invoice}", "Invoice Date : 21.11.2026", "GSTIN 29AAAAA0000A1Z5"
            )
        if at == 1 or everywhere:
            press.lines(60, 740, f"Order Number: {sale.order_id}")
        press.lines(60, 690, *(f"{row} Thing number {row} unit price 100.00 net amount 100.00" for row in range(1, 15)))
        press.lines(60, 300, "Tax rate 18% IGST", "Total amount 1,652.00")
        if counter:
            press.lines(480, 40, counter.format(at, pages))
        press.done()


def warranty(press: Press, sale: Sale) -> None:
    """Draw a warranty."""
    press.page(A5).lines(
        40, 500, "Warranty Card", "", f"Order {sale.order_id}", "Serial number SN-0001", "12 months"
    ).done()


def labels(sale: Sale, press: Press) -> None:
    """Draw a label on its own 4 x 6 inch page."""
    press.page(FOUR_BY_SIX)
    label(press, sale)
    press.done()


def shuffled(content: bytes, order: list[int]) -> bytes:
    """Give the pages of a PDF in another order."""
    out = io.BytesIO()
    with pdfium.PdfDocument(content) as source, pdfium.PdfDocument.new() as made:
        made.import_pages(source, order)
        made.save(out)
    return out.getvalue()


def turned(content: bytes, angle: int) -> bytes:
    """Give a PDF whose pages are shown turned clockwise."""
    out = io.BytesIO()
    with pdfium.PdfDocument(content) as source:
        for page in source:
            page.set_rotation(angle)
        source.save(out)
    return out.getvalue()


def pictured(content: bytes, dpi: int = 200) -> bytes:
    """Give a PDF whose pages are pictures of the pages given: nothing in it is text."""
    out = io.BytesIO()
    canvas = Canvas(out)
    with pdfium.PdfDocument(content) as source:
        for page in source:
            canvas.setPageSize(page.get_size())
            image = page.render(scale=dpi / 72, grayscale=True).to_pil()
            canvas.drawImage(ImageReader(image), 0, 0, *page.get_size())
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def other_script(press: Press) -> Press:
    """Write with a font that has Arabic, Turkish and Cyrillic letters."""
    pdfmetrics.registerFont(TTFont("DejaVu", DEJAVU))
    press.font = "DejaVu"
    return press
