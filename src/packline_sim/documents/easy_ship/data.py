"""What the papers of an Easy Ship order say, and the ways in which they can be bound."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from packline_sim.documents.data import CashOnDelivery, Dimensions, InvoiceData, PostalAddress, SlotWindow


class ParcelLabel(msgspec.Struct, frozen=True, kw_only=True):
    """Say what an Easy Ship label shows; times are aware and are printed in their own zone.

    `identifier` is the seller's own mark; the order id stands in its place when there is none (Seller Central help).
    """

    carrier: str
    tracking_id: str
    order_id: str
    identifier: str
    marketplace: str  # country code: IN, AE
    ship_from: PostalAddress
    ship_to: PostalAddress
    weight_g: Decimal
    dimensions: Dimensions
    made: datetime
    slot: SlotWindow
    handover: Literal["PICKUP", "DROP_OFF"] = "PICKUP"
    cod: CashOnDelivery | None = None
    contents: tuple[str, ...] = ()
    gift: bool = False
    invoice_number: str = ""


class WarrantyCard(msgspec.Struct, frozen=True, kw_only=True):
    """Say what a warranty card shows: one item with its serial numbers."""

    order_id: str
    title: str
    sku: str
    asin: str
    serial_numbers: tuple[str, ...]
    seller: str
    buyer: str
    sold: datetime
    months: int = 12


class OrderPapers(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what was asked for of one order; what was not, or does not exist, is absent."""

    order_id: str
    label: ParcelLabel | None = None
    invoice: InvoiceData | None = None
    warranties: tuple[WarrantyCard, ...] = ()


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """Choose how papers are laid out and in which order they are bound.

    `arrangement`: an order's papers stay together, all labels come before all invoices and those before the warranty
    cards, or everything is mixed. `paper`: a label fills its page of 4 x 6 inches, or stands on A4 as 99.1 x 139 mm.
    `order_id_on`: later pages of a document repeat the order id, only the number of the invoice, or neither. `shared`:
    one drawing serves all invoices, each with its own numbers on top.
    """

    arrangement: Literal["per_order", "labels_first", "mixed"] = "per_order"
    shuffled: bool = True
    paper: Literal["4x6", "a4"] = "4x6"
    label_drawing: Literal["vector", "picture"] = "vector"
    label_codes: Literal["tracking_and_order", "tracking"] = "tracking_and_order"
    invoice_terms: bool = False
    order_id_on: Literal["every_page", "first_page", "first_page_only"] = "every_page"
    shared: bool = False
