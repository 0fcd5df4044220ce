"""A4 papers of Easy Ship orders: tax invoice with its terms, warranty card, list of parcels."""

from collections.abc import Sequence

import msgspec

from packline_sim.documents.codes import code_128, data_matrix
from packline_sim.documents.data import InvoiceData, PostalAddress, TaxParty
from packline_sim.documents.easy_ship.data import Binding, ParcelLabel, WarrantyCard
from packline_sim.documents.invoices import invoice_foot, invoice_sheet
from packline_sim.documents.layout import day, plain
from packline_sim.documents.sheet import HEIGHT, INNER, MARGIN, WIDTH, Cell, Column, Sheet

NUMBERS_BASELINE = HEIGHT - 16
_LIST_COLUMNS = (
    Column("#", 24),
    Column("Tracking id", 120, "L"),
    Column("Order", 130, "L"),
    Column("Package", 120, "L"),
    Column("To", INNER - 464, "L"),
    Column("Weight", 70),
)
_TERMS = (
    "Declaration of the seller",
    "The goods of this invoice are sold for use by the buyer named in it. The contents of the parcel are those listed.",
    "They are not hazardous, and nothing in the parcel is forbidden for carriage by road or air.",
    "Terms",
    "Goods can be sent back within the days that the marketplace grants. Keep this invoice for warranty claims.",
    "Taxes are charged as the law of the place of supply demands.",
)


def easy_ship_invoice(data: InvoiceData, binding: Binding) -> Sheet:
    """Lay out the tax invoice of an order, with its terms overleaf where the binding says so."""
    sheet = invoice_sheet(data)
    if binding.invoice_terms:
        sheet.pages.append([])
        top = HEIGHT - MARGIN
        sheet.write(MARGIN, top - 16, "TAX INVOICE (continued)", 12, bold=True)
        sheet.lines(MARGIN, top - 34, _TERMS, 8, 14)
    pages = len(sheet.pages)

    def foot(page: Sheet, number: int) -> None:
        said = _said(binding, number, data.order_id, f"Invoice {data.invoice_number}")
        page.write(MARGIN, 40, said, 7)
        invoice_foot(page, number, pages)

    sheet.sign(foot)
    return sheet


def blank_invoice(data: InvoiceData) -> Sheet:
    """Lay out an invoice without numbers, names and dates of its own, for `numbers` to be written over it."""
    nobody = PostalAddress("-", (), "")
    lines = tuple(msgspec.structs.replace(line, serial_numbers=()) for line in data.lines)
    blank = msgspec.structs.replace(
        data, invoice_number="", order_id="", buyer=TaxParty(address=nobody), ship_to=nobody, lines=lines
    )
    sheet = invoice_sheet(blank)
    pages = len(sheet.pages)
    sheet.sign(lambda page, number: invoice_foot(page, number, pages))
    return sheet


def numbers(data: InvoiceData) -> str:
    """Give the line that makes a shared drawing an order's own invoice."""
    return f"Invoice {data.invoice_number}  ·  Order {data.order_id}"


def warranty_sheet(data: WarrantyCard, binding: Binding) -> Sheet:
    """Lay out a warranty card: the item and each of its serial numbers as a bar code."""
    sheet = Sheet()
    top = sheet.top
    sheet.write(MARGIN, top - 16, "WARRANTY CARD", 18, bold=True)
    sheet.code(data_matrix(data.order_id), WIDTH - MARGIN - 72, top, 72)
    facts = (
        ("Order number", data.order_id),
        ("Item", data.title[:90]),
        ("SKU", data.sku),
        ("ASIN", data.asin),
        ("Sold by", data.seller),
        ("Sold to", data.buyer),
        ("Date of sale", day(data.sold)),
        ("Warranty", f"{data.months} months from the date of sale"),
    )
    for row, (title, value) in enumerate(facts):
        sheet.write(MARGIN, top - 42 - row * 13, title, 8)
        sheet.write(MARGIN + 80, top - 42 - row * 13, value, 8.5, bold=True)
    sheet.top = top - 42 - len(facts) * 13 - 12
    for serial in data.serial_numbers:
        _serial(sheet, serial)
    pages = len(sheet.pages)

    def foot(page: Sheet, number: int) -> None:
        page.write(MARGIN, 40, _said(binding, number, data.order_id, f"Warranty card  ·  {data.sku}"), 7)
        page.write(WIDTH - MARGIN, 40, f"Page {number} of {pages}", 7, align="R")
        page.write(WIDTH / 2, 28, "SIMULATED - NOT A VALID WARRANTY", 7, bold=True, align="C")

    sheet.sign(foot)
    return sheet


def post_list(labels: Sequence[ParcelLabel]) -> bytes:
    """Draw the list of parcels that goes with an archive of labels, as PDF."""
    sheet = Sheet()
    sheet.write(MARGIN, sheet.top - 16, "LIST OF PARCELS", 16, bold=True)
    sheet.top -= 30
    rows = [
        tuple(
            Cell((text,))
            for text in (
                str(number),
                label.tracking_id,
                label.order_id,
                label.identifier or label.order_id,
                f"{label.ship_to.city} {label.ship_to.postal_code}",
                f"{plain(label.weight_g / 1000)} kg",
            )
        )
        for number, label in enumerate(labels, 1)
    ]
    sheet.table(_LIST_COLUMNS, rows)
    sheet.top -= 14
    for at in range(0, len(labels), 2):
        sheet.room(50)
        for x, label in zip((MARGIN, MARGIN + INNER / 2), labels[at : at + 2], strict=False):
            sheet.write(x, sheet.top - 8, label.tracking_id, 8, bold=True)
            _bars(sheet, label.tracking_id, x, sheet.top - 13, INNER / 2 - 40)
        sheet.top -= 50
    pages = len(sheet.pages)
    sheet.sign(lambda page, number: page.write(WIDTH - MARGIN, 40, f"Page {number} of {pages}", 7, align="R"))
    return sheet.pdf("List of parcels")


def _serial(sheet: Sheet, serial: str) -> None:
    sheet.room(56)
    sheet.write(MARGIN, sheet.top - 12, f"Serial number {serial}", 9, bold=True)
    _bars(sheet, serial, MARGIN, sheet.top - 17, INNER)
    sheet.top -= 56


def _bars(sheet: Sheet, text: str, x: float, top: float, most: float) -> None:
    try:
        code = code_128(text)
    except ValueError:  # beyond Latin-1: the text beside it has to do
        return
    sheet.bars(code, x, top, min(most, code.width * 1.2), 26)


def _said(binding: Binding, number: int, order_id: str, else_said: str) -> str:
    if number == 1 or binding.order_id_on == "every_page":
        return f"{else_said}  ·  Order {order_id}"
    return else_said if binding.order_id_on == "first_page" else ""
