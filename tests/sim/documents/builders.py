"""Labels and invoices for the tests, complete but for what a test changes."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import msgspec

from packline_sim.documents.data import Dimensions, InvoiceData, LabelData, PostalAddress, SlotWindow, TaxParty
from packline_sim.documents.gst import gstin
from packline_sim.documents.tax import priced_line

INDIA = timezone(timedelta(hours=5, minutes=30), "IST")
WAREHOUSE = PostalAddress(
    "Sample Seller Warehouse", ("Plot 7, Industrial Area",), "Gurugram", "Haryana", "122001", "IN"
)
BUYER = PostalAddress("Test Buyer", ("Flat 402", "14 Placeholder Road"), "Bengaluru", "Karnataka", "560001", "IN")


def a_label(**changes: object) -> LabelData:
    """Build a label of an Easy Ship package in India."""
    label = LabelData(
        carrier="ATS",
        tracking_id="369410012345",
        shipment_id="SHIP0000001",
        package_id="PKG-1",
        order_id="405-1234567-7654321",
        program="EASY_SHIP",
        marketplace="IN",
        ship_from=WAREHOUSE,
        ship_to=BUYER,
        weight_g=Decimal(1250),
        dimensions=Dimensions(Decimal(30), Decimal("20.5"), Decimal(12)),
        created=datetime(2026, 11, 21, 9, 0, tzinfo=INDIA),
        slot=SlotWindow(
            datetime(2026, 11, 22, 10, 0, tzinfo=INDIA),
            datetime(2026, 11, 22, 13, 0, tzinfo=INDIA),
        ),
    )
    return msgspec.structs.replace(label, **changes)


def an_invoice(line_count: int = 2, *, same_state: bool = False, **changes: object) -> InvoiceData:
    """Build an invoice of a seller in Haryana to a buyer in Karnataka."""
    lines = tuple(
        priced_line(
            description=f"Stoneware mug number {number}",
            sku=f"SKU-{number:03}",
            hsn="6912" if number % 2 else "8516",
            quantity=number,
            price_with_tax=Decimal("499.00"),
            rate=Decimal(12) if number % 2 else Decimal(18),
            same_state=same_state,
        )
        for number in range(1, line_count + 1)
    )
    invoice = InvoiceData(
        invoice_number="FLEX-2627-000123",
        issued=datetime(2026, 11, 21, 9, 0, tzinfo=INDIA),
        order_id="405-1234567-7654321",
        order_date=datetime(2026, 11, 20, 19, 0, tzinfo=INDIA),
        shipment_id="SHIP0000001",
        seller=TaxParty(WAREHOUSE, gstin("06", "AAAAA0000A"), "AAAAA0000A", "06"),
        buyer=TaxParty(BUYER),
        ship_to=BUYER,
        place_of_supply="Karnataka",
        place_of_supply_code="29",
        lines=lines,
    )
    return msgspec.structs.replace(invoice, **changes)
