"""Indian tax invoices as A4 PDF."""

from datetime import datetime
from decimal import Decimal

from packline_sim.documents.codes import qr_code
from packline_sim.documents.data import InvoiceData, InvoiceLine, TaxParty
from packline_sim.documents.gst import invoice_reference_number, qr_payload
from packline_sim.documents.layout import address_lines
from packline_sim.documents.lettering import wrapped
from packline_sim.documents.sheet import INNER, MARGIN, WIDTH, Cell, Column, Sheet
from packline_sim.documents.tax import hsn_summary, invoice_total
from packline_sim.documents.words import amount_in_words, indian_money

_QR_SIDE = 92.0
_HALF = INNER / 2
_LINE_COLUMNS = (
    Column("#", 18),
    Column("Description", INNER - 399, "L"),
    Column("HSN", 46, "L"),
    Column("Qty", 25),
    Column("Unit price", 54),
    Column("Discount", 48),
    Column("Taxable value", 56),
    Column("Tax", 50),
    Column("Tax amount", 48),
    Column("Total", 54),
)
_HSN_COLUMNS = (
    Column("HSN", INNER - 420, "L"),
    Column("Rate", 50),
    Column("Taxable value", 80),
    Column("CGST", 70),
    Column("SGST / UTGST", 70),
    Column("IGST", 70),
    Column("Total tax", 80),
)


def render_invoice(data: InvoiceData) -> bytes:
    """Draw a tax invoice with the particulars that rule 46 of the CGST Rules 2017 asks for; same data, same bytes."""
    sheet = invoice_sheet(data)
    pages = len(sheet.pages)

    def footer(page: Sheet, number: int) -> None:
        page.write(MARGIN, 40, f"Invoice {data.invoice_number}  ·  Order {data.order_id}", 7)
        invoice_foot(page, number, pages)

    sheet.sign(footer)
    return sheet.pdf(f"Tax invoice {data.invoice_number}")


def invoice_sheet(data: InvoiceData) -> Sheet:
    """Lay out a tax invoice, without the foot of its pages."""
    sheet = Sheet()
    _head(sheet, data)
    _parties(sheet, data)
    sheet.table(_LINE_COLUMNS, [*map(_line_row, range(1, len(data.lines) + 1), data.lines), _total_row(data)])
    _words(sheet, data)
    _hsn(sheet, data)
    _signature(sheet, data)
    return sheet


def invoice_foot(page: Sheet, number: int, pages: int) -> None:
    """Number a page, and say that the document is none."""
    page.write(WIDTH - MARGIN, 40, f"Page {number} of {pages}", 7, align="R")
    page.write(WIDTH / 2, 28, "SIMULATED - NOT A VALID TAX DOCUMENT, NOT VALID FOR CARRIAGE", 7, bold=True, align="C")


def _head(sheet: Sheet, data: InvoiceData) -> None:
    top = sheet.top
    sheet.write(MARGIN, top - 16, "TAX INVOICE", 18, bold=True)
    sheet.write(MARGIN, top - 28, "Original for recipient", 8)
    sheet.write(MARGIN, top - 46, "Sold by", 7, bold=True)
    sheet.write(MARGIN, top - 58, data.seller.address.name, 10, bold=True)
    below = sheet.lines(MARGIN, top - 58, _within(_party_lines(data.seller)[1:], 250))
    _facts(sheet, data, MARGIN + 268, top - 6)
    sheet.code(qr_code(qr_payload(data)), WIDTH - MARGIN - _QR_SIDE, top, _QR_SIDE)
    sheet.top = min(below, top - _QR_SIDE) - 8
    if data.buyer.gstin:
        sheet.write(MARGIN, sheet.top - 6, f"IRN  {invoice_reference_number(data)}", 7)
        sheet.top -= 12


def _facts(sheet: Sheet, data: InvoiceData, x: float, top: float) -> None:
    facts = (
        ("Invoice number", data.invoice_number),
        ("Invoice date", _day(data.issued)),
        ("Order number", data.order_id),
        ("Order date", _day(data.order_date)),
        ("Shipment", data.shipment_id),
        ("Payment", data.payment_method),
        ("Reverse charge", "Yes" if data.reverse_charge else "No"),
        ("Currency", data.currency),
    )
    for position, (title, value) in enumerate(fact for fact in facts if fact[1]):
        y = top - position * 11.5
        sheet.write(x, y, title, 7)
        sheet.write(x + 60, y, value, 7.5, bold=True)


def _parties(sheet: Sheet, data: InvoiceData) -> None:
    ship_to = [*address_lines(data.ship_to), f"Place of supply: {data.place_of_supply} ({data.place_of_supply_code})"]
    columns = (_within(_party_lines(data.buyer), _HALF - 12), _within(ship_to, _HALF - 12))
    height = max(map(len, columns)) * 10.5 + 20
    for title, x, lines in zip(("Bill to", "Ship to"), (MARGIN, MARGIN + _HALF), columns, strict=True):
        sheet.box(x, sheet.top - height, _HALF, height)
        sheet.write(x + 6, sheet.top - 11, title, 7, bold=True)
        sheet.lines(x + 6, sheet.top - 12, lines)
    sheet.top -= height + 8


def _line_row(number: int, line: InvoiceLine) -> tuple[Cell, ...]:
    taxes = [
        (name, rate, amount)
        for name, rate, amount in (
            ("CGST", line.cgst_rate, line.cgst_amount),
            ("SGST", line.sgst_rate, line.sgst_amount),
            ("IGST", line.igst_rate, line.igst_amount),
        )
        if rate
    ]
    serials = (f"Serial: {', '.join(line.serial_numbers)}",) if line.serial_numbers else ()
    return (
        _cell(str(number)),
        Cell((line.description, f"SKU: {line.sku}", *serials)),
        _cell(line.hsn),
        _cell(str(line.quantity)),
        _cell(indian_money(line.unit_price)),
        _cell(indian_money(line.discount)),
        _cell(indian_money(line.taxable_value)),
        Cell(tuple(f"{name} {_rate(rate)}" for name, rate, _ in taxes) or ("Nil",)),
        Cell(tuple(indian_money(amount) for _, _, amount in taxes) or ("0.00",)),
        _cell(indian_money(line.total)),
    )


def _total_row(data: InvoiceData) -> tuple[Cell, ...]:
    total = invoice_total(data)
    quantity = str(sum(line.quantity for line in data.lines))
    discount = indian_money(sum((line.discount for line in data.lines), Decimal(0)))
    texts = ("", "Total", "", quantity, "", discount, indian_money(total.taxable_value), "")
    amounts = (indian_money(total.tax), indian_money(total.total))
    return tuple(Cell((text,), bold=True) for text in (*texts, *amounts))


def _words(sheet: Sheet, data: InvoiceData) -> None:
    sheet.room(40)
    total = invoice_total(data).total
    sheet.box(MARGIN, sheet.top - 30, INNER, 30)
    sheet.write(MARGIN + 6, sheet.top - 11, "Amount in words", 7, bold=True)
    sheet.write(MARGIN + 6, sheet.top - 23, amount_in_words(total, data.currency), 8.5)
    sheet.write(WIDTH - MARGIN - 6, sheet.top - 20, f"{data.currency} {indian_money(total)}", 12, bold=True, align="R")
    sheet.top -= 40


def _hsn(sheet: Sheet, data: InvoiceData) -> None:
    rows = [
        (
            _cell(group.hsn),
            _cell(_rate(group.rate)),
            *(
                _cell(indian_money(amount))
                for amount in (group.taxable_value, group.cgst, group.sgst, group.igst, group.tax)
            ),
        )
        for group in hsn_summary(data)
    ]
    sheet.table(_HSN_COLUMNS, rows)
    sheet.top -= 12


def _signature(sheet: Sheet, data: InvoiceData) -> None:
    sheet.room(78)
    sheet.write(MARGIN, sheet.top - 10, "Prices and taxes are those of the order on the day of its invoice.", 7)
    sheet.write(MARGIN, sheet.top - 20, "This document is made by computer; it bears no written signature.", 7)
    right = WIDTH - MARGIN
    sheet.box(right - 210, sheet.top - 66, 210, 66)
    seller = wrapped(f"For {data.seller.address.name}", 8, 200)[0]
    sheet.write(right - 6, sheet.top - 14, seller, 8, bold=True, align="R")
    sheet.write(right - 6, sheet.top - 58, "Authorised signatory", 8, align="R")
    sheet.top -= 78


def _party_lines(party: TaxParty) -> list[str]:
    numbers = (
        party.gstin and f"GSTIN {party.gstin}",
        party.pan and f"PAN {party.pan}",
        party.state_code and f"State code {party.state_code}",
    )
    tax_line = "  ·  ".join(number for number in numbers if number)
    return [*address_lines(party.address), *((tax_line,) if tax_line else ())]


def _within(lines: list[str], width: float) -> list[str]:
    return [part for line in lines for part in wrapped(line, 8, width)]


def _cell(text: str) -> Cell:
    return Cell((text,))


def _rate(rate: Decimal) -> str:
    return f"{rate:.2f}".rstrip("0").rstrip(".") + "%"


def _day(time: datetime) -> str:
    return f"{time:%d-%m-%Y}"
