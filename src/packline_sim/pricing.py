"""What buyers pay, broken into taxes in the form that Amazon sends."""

from decimal import Decimal
from typing import Any

from packline_sim.documents.data import InvoiceLine
from packline_sim.documents.tax import priced_line
from packline_sim.marketplaces import Marketplace
from packline_sim.records import Line

Charge = dict[str, Any]
ZERO = Decimal(0)
CENT = Decimal("0.01")


def price_line(line: Line, *, same_state: bool, serial_numbers: tuple[str, ...] = ()) -> InvoiceLine:
    """Break the tax out of a line's price; the invoice and the shipment's charges both come from here."""
    return priced_line(
        description=line.title,
        sku=line.sku,
        hsn=line.hsn_code,
        quantity=line.units,
        price_with_tax=Decimal(line.unit_price),
        rate=Decimal(line.tax_rate) * 100,
        same_state=same_state,
        serial_numbers=serial_numbers,
    )


def line_charges(priced: InvoiceLine, marketplace: Marketplace) -> list[Charge]:
    """Give a line's charges: one PRODUCT charge with its taxes."""
    return [_charge("PRODUCT", [priced], marketplace)]


def shipment_charges(priced: list[InvoiceLine], marketplace: Marketplace) -> list[Charge]:
    """Give a shipment's charges: the TOTAL over its lines."""
    return [_charge("TOTAL", priced, marketplace)]


def scaled(charge_value: Decimal) -> str:
    """Write money as Amazon does: a decimal in a string."""
    return str(charge_value.quantize(CENT))


def _charge(kind: str, priced: list[InvoiceLine], marketplace: Marketplace) -> Charge:
    currency = marketplace.currency
    base = sum((line.taxable_value for line in priced), ZERO)
    tax = sum((line.tax for line in priced), ZERO)
    return {
        "chargeType": kind,
        "baseCharge": _breakup(base, currency),
        "totalCharge": _breakup(base + tax, currency),
        "totalTax": {"type": "TOTAL", "charge": _breakup(tax, currency)},
        "taxBreakup": _taxes(priced, marketplace),
    }


def _taxes(priced: list[InvoiceLine], marketplace: Marketplace) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], Decimal] = {}
    for line in priced:
        for kind, rate, amount in _tax_parts(line, marketplace):
            key = (kind, str((rate / 100).normalize()))
            sums[key] = sums.get(key, ZERO) + amount
    return [
        {"type": kind, "rate": rate, "charge": _breakup(amount, marketplace.currency)}
        for (kind, rate), amount in sums.items()
    ]


def _tax_parts(line: InvoiceLine, marketplace: Marketplace) -> list[tuple[str, Decimal, Decimal]]:
    if line.cgst_rate:
        return [("CGST", line.cgst_rate, line.cgst_amount), ("SGST", line.sgst_rate, line.sgst_amount)]
    return [(marketplace.tax_type, line.igst_rate, line.igst_amount)]


def _breakup(value: Decimal, currency: str) -> dict[str, dict[str, str]]:
    text = scaled(value)
    return {
        "baseAmount": {"value": text, "currencyCode": currency},
        "discountAmount": {"value": "0.00", "currencyCode": currency},
        "netAmount": {"value": text, "currencyCode": currency},
    }
