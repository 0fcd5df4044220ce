"""What the simulator remembers of a listing, and of changes that were accepted and are not visible yet."""

import hashlib
from typing import Any

import msgspec

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Listing(msgspec.Struct, kw_only=True):
    """Remember one listing: centimetres, grams, `price` with tax as text.

    `quantity` is what buyers can order now: the seller's number, less what was ordered since. `reserved` are the units
    of orders that hold stock. `attributes` are those that the seller wrote; the others follow from the fields.
    `published` counts the quantities that took effect, `published_ms` is when the last one did.
    """

    seller_id: str
    sku: str
    asin: str
    title: str
    product_type: str
    marketplace_ids: tuple[str, ...]
    currency: str
    price: str
    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float
    created_ms: int
    updated_ms: int
    quantity: int = 0
    reserved: int = 0
    lead_days: int | None = None
    restock_date: str | None = None
    attributes: dict[str, list[dict[str, Any]]] | None = None
    is_live: bool = True
    published: int = 0
    published_ms: int | None = None
    settled_ms: int = 0


class Submission(msgspec.Struct, kw_only=True):
    """Remember one accepted change that takes effect at `due_ms`; `body` is what was sent."""

    submission_id: str
    seller_id: str
    sku: str
    operation: str
    body: dict[str, Any]
    marketplace_ids: tuple[str, ...]
    due_ms: int


def asin_of(seller_id: str, sku: str) -> str:
    """Give a product the same ASIN-like id wherever it is named."""
    number = int.from_bytes(hashlib.sha256(f"{seller_id}|{sku}".encode()).digest()[:6], "big")
    text = ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        text += ALPHANUMERIC[digit]
    return f"B0{text}"
