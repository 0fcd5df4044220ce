"""What a ship label and a tax invoice say, before anyone decides how they look."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from packline_sim.programs import WorksAs

LabelFormat = Literal["ZPL", "PNG", "PDF"]


class PostalAddress(msgspec.Struct, frozen=True):
    """Name one place a parcel leaves from or goes to; `country` is ISO 3166 alpha-2."""

    name: str
    lines: tuple[str, ...]
    city: str
    state: str = ""
    postal_code: str = ""
    country: str = "IN"
    phone: str = ""


class Dimensions(msgspec.Struct, frozen=True):
    """Measure a package, in centimetres."""

    length_cm: Decimal
    width_cm: Decimal
    height_cm: Decimal


class SlotWindow(msgspec.Struct, frozen=True):
    """Bound the time in which the carrier takes the package; both ends are aware."""

    start: datetime
    end: datetime


class CashOnDelivery(msgspec.Struct, frozen=True):
    """Say what the carrier collects from the buyer at the door."""

    amount: Decimal
    currency: str = "INR"


class LabelData(msgspec.Struct, frozen=True, kw_only=True):
    """Say everything a ship label shows; times are aware and are printed in their own zone."""

    carrier: str
    tracking_id: str
    shipment_id: str
    package_id: str
    order_id: str
    program: WorksAs
    marketplace: str  # country code of the marketplace: IN, AE, DE
    ship_from: PostalAddress
    ship_to: PostalAddress
    weight_g: Decimal
    dimensions: Dimensions | None = None
    created: datetime
    slot: SlotWindow | None = None
    handover: Literal["PICKUP", "DROP_OFF"] = "PICKUP"
    service: str = "STANDARD"
    cod: CashOnDelivery | None = None
    piece: int = 1  # this is piece n
    pieces: int = 1  # of m
    contents: tuple[str, ...] = ()  # "2 x SKU-1", for the packer
    hazmat: tuple[str, ...] = ()
    gift: bool = False
    sort_code: str = ""  # empty: made from the destination


class TaxParty(msgspec.Struct, frozen=True):
    """Name one party of an invoice; `state_code` is the two-digit GST state code, empty outside India."""

    address: PostalAddress
    gstin: str = ""
    pan: str = ""
    state_code: str = ""


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """Price one line, tax broken out; `documents.tax.priced_line` makes it from a price that includes tax.

    Rates are percentages. Either CGST and SGST (same state) or IGST (another state) are set, never all three.
    """

    description: str
    sku: str
    hsn: str
    quantity: int
    unit_price: Decimal  # before tax
    discount: Decimal = Decimal(0)
    taxable_value: Decimal
    cgst_rate: Decimal = Decimal(0)
    cgst_amount: Decimal = Decimal(0)
    sgst_rate: Decimal = Decimal(0)
    sgst_amount: Decimal = Decimal(0)
    igst_rate: Decimal = Decimal(0)
    igst_amount: Decimal = Decimal(0)
    serial_numbers: tuple[str, ...] = ()

    @property
    def tax(self) -> Decimal:
        """Sum the taxes of the line."""
        return self.cgst_amount + self.sgst_amount + self.igst_amount

    @property
    def total(self) -> Decimal:
        """Sum what the buyer pays for the line."""
        return self.taxable_value + self.tax


class InvoiceData(msgspec.Struct, frozen=True, kw_only=True):
    """Say everything a tax invoice shows; totals, words and the QR payload follow from the lines."""

    invoice_number: str
    issued: datetime
    order_id: str
    order_date: datetime
    shipment_id: str
    seller: TaxParty
    buyer: TaxParty  # bill to
    ship_to: PostalAddress
    place_of_supply: str  # state's name
    place_of_supply_code: str  # two digits
    lines: tuple[InvoiceLine, ...]
    currency: str = "INR"
    payment_method: str = "Prepaid"
    reverse_charge: bool = False
