"""Stages of an order in the words of Amazon, of Packline and of sellers' systems."""

STAGES = ("open", "packed", "shipped", "delivered", "cancelled")
"""Coarse on purpose: sellers' systems know no invoices and slots, and confirming comes by itself."""
_AMAZON = {
    "CREATED": "open",
    "ACCEPTED": "open",
    "CONFIRMED": "open",
    "PACKAGE_CREATED": "packed",
    "PICKUP_SLOT_RETRIEVED": "packed",
    "INVOICE_GENERATED": "packed",
    "SHIPLABEL_GENERATED": "packed",
    "SHIPPED": "shipped",
    "DELIVERED": "delivered",
    "CANCELLED": "cancelled",
}
_SELLERS = {
    "open": ("new", "open", "received", "pending", "unshipped", "acknowledged", "allocated", "processing", "picking"),
    "packed": ("packed", "picked", "labeled", "labelled", "ready", "ready_to_ship", "manifested", "invoiced"),
    "shipped": ("shipped", "dispatched", "handed_over", "in_transit", "out_for_delivery", "despatched"),
    "delivered": ("delivered", "completed", "complete", "closed"),
    "cancelled": ("cancelled", "canceled", "rejected", "void"),
}
WORDS = {word: stage for stage, words in _SELLERS.items() for word in words} | {
    status.lower(): stage for status, stage in _AMAZON.items()
}
"""A seller's word, or Amazon's, in lower case -> the stage that it means."""
RETURN_STAGES = ("expected", "received", "called_off")
RETURN_WORDS = {
    "expected": "expected", "open": "expected", "new": "expected", "created": "expected", "in_transit": "expected",
    "delivered": "expected", "pending": "expected", "out_for_delivery": "expected",
    "received": "received", "closed": "received", "completed": "received", "restocked": "received",
    "processed": "received", "cancelled": "called_off", "canceled": "called_off", "rejected": "called_off",
}  # fmt: skip
_RANK = {stage: number for number, stage in enumerate(("open", "packed", "shipped", "delivered"))}


def stage_of(status: str) -> str:
    """Give the stage of one of Amazon's shipment statuses."""
    return _AMAZON.get(status, "open")


def is_behind(stage: str, other: str) -> bool:
    """Tell whether a stage comes before another on the way of an order; a cancelled one is on no way."""
    return stage in _RANK and other in _RANK and _RANK[stage] < _RANK[other]


def agrees(theirs: str, ours: str) -> bool:
    """Tell whether two stages say the same: many systems end at shipped."""
    return theirs in ("", ours) or (theirs == "shipped" and ours == "delivered")
