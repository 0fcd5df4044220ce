"""Indian GST on an invoice: splits a price that includes tax, and adds lines up."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from packline_sim.documents.data import InvoiceData, InvoiceLine

_PAISA = Decimal("0.01")


class TaxSummary(msgspec.Struct, frozen=True):
    """Add up taxable value and taxes, of one HSN code and rate or of a whole invoice."""

    hsn: str
    rate: Decimal
    taxable_value: Decimal
    cgst: Decimal
    sgst: Decimal
    igst: Decimal

    @property
    def tax(self) -> Decimal:
        """Sum the three taxes."""
        return self.cgst + self.sgst + self.igst

    @property
    def total(self) -> Decimal:
        """Sum value and taxes."""
        return self.taxable_value + self.tax


def priced_line(
    *,
    description: str,
    sku: str,
    hsn: str,
    quantity: int,
    price_with_tax: Decimal,
    rate: Decimal,
    same_state: bool,
    discount_with_tax: Decimal = Decimal(0),
    serial_numbers: tuple[str, ...] = (),
) -> InvoiceLine:
    """Break the tax out of what the buyer pays for a line.

    `price_with_tax` is for one unit, `discount_with_tax` for the line, `rate` the GST percentage (18 means 18 %).
    A buyer in the seller's state pays CGST and SGST, half the rate each; any other pays IGST (CGST Act 2017, section 9;
    IGST Act 2017, section 5). The taxable value and the taxes add up to the price to the paisa.
    """
    paid = _paise(price_with_tax * quantity - discount_with_tax)
    tax = _paise(paid * rate / (100 + rate))
    half = _paise(tax / 2)
    factor = 100 / (100 + rate)
    unit_price = _paise(price_with_tax * factor)
    taxable = paid - (half + half if same_state else tax)
    return InvoiceLine(
        description=description,
        sku=sku,
        hsn=hsn,
        quantity=quantity,
        unit_price=unit_price,
        discount=_paise(discount_with_tax * factor),
        taxable_value=taxable,
        cgst_rate=rate / 2 if same_state else Decimal(0),
        cgst_amount=half if same_state else Decimal(0),
        sgst_rate=rate / 2 if same_state else Decimal(0),
        sgst_amount=half if same_state else Decimal(0),
        igst_rate=Decimal(0) if same_state else rate,
        igst_amount=Decimal(0) if same_state else tax,
        serial_numbers=serial_numbers,
    )


def invoice_total(data: InvoiceData) -> TaxSummary:
    """Add up all lines of an invoice."""
    return _added("", Decimal(0), data.lines)


def hsn_summary(data: InvoiceData) -> list[TaxSummary]:
    """Add up the lines of each HSN code and rate, in the order in which they first appear."""
    groups: dict[tuple[str, Decimal], list[InvoiceLine]] = {}
    for line in data.lines:
        groups.setdefault((line.hsn, _rate(line)), []).append(line)
    return [_added(hsn, rate, lines) for (hsn, rate), lines in groups.items()]


def _added(hsn: str, rate: Decimal, lines: Iterable[InvoiceLine]) -> TaxSummary:
    lines = list(lines)
    return TaxSummary(
        hsn,
        rate,
        sum((line.taxable_value for line in lines), Decimal(0)),
        sum((line.cgst_amount for line in lines), Decimal(0)),
        sum((line.sgst_amount for line in lines), Decimal(0)),
        sum((line.igst_amount for line in lines), Decimal(0)),
    )


def _rate(line: InvoiceLine) -> Decimal:
    return line.cgst_rate + line.sgst_rate + line.igst_rate


def _paise(amount: Decimal) -> Decimal:
    return amount.quantize(_PAISA, ROUND_HALF_UP)
