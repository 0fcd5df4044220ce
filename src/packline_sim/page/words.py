"""How the page says things: moments near and far, statuses with a mark and a tone."""

from packline_sim.clock import to_datetime

TONES: dict[str, str] = {
    **dict.fromkeys(("CREATED", "Pending", "PendingAvailability", "IN_QUEUE"), "wait"),
    **dict.fromkeys(("ACCEPTED", "CONFIRMED", "Unshipped", "PendingSchedule", "LabelCanceled"), "todo"),
    **dict.fromkeys(("PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "IN_PROGRESS"), "work"),
    **dict.fromkeys(("SHIPLABEL_GENERATED", "PendingPickUp", "PendingDropOff", "PartiallyShipped"), "ready"),
    **dict.fromkeys(("DELIVERED", "Delivered", "PROCESSED", "PARTIALLY_PROCESSED", "DONE"), "good"),
    **dict.fromkeys(("CANCELLED", "Canceled", "REJECTED", "CUSTOMER_CANCELLED_PICK_UP"), "void"),
    **dict.fromkeys(("Lost", "Damaged", "Undeliverable", "RejectedByBuyer", "FATAL", "LOST"), "bad"),
}
"""Status -> tone; whatever is not listed is on its way."""
JOURNEY = (
    "CREATED",
    "ACCEPTED",
    "CONFIRMED",
    "PACKAGE_CREATED",
    "PICKUP_SLOT_RETRIEVED",
    "INVOICE_GENERATED",
    "SHIPLABEL_GENERATED",
    "SHIPPED",
    "DELIVERED",
    "CANCELLED",
)
SHORT = {
    "PACKAGE_CREATED": "Packed",
    "PICKUP_SLOT_RETRIEVED": "Slot",
    "INVOICE_GENERATED": "Invoiced",
    "SHIPLABEL_GENERATED": "Labelled",
    "EASY_SHIP": "Easy Ship",
    "PHARMACY": "Pharmacy",
    "SELLER_FLEX": "Seller Flex",
    "SELF_SHIP": "Self Ship",
}


def tone(status: str) -> str:
    """Give the tone of a status: wait, todo, work, ready, away, good, void, bad."""
    return TONES.get(status, "away")


def short(status: str) -> str:
    """Say a status in a word or two."""
    if status in SHORT:
        return SHORT[status]
    if status.isupper():
        return status.replace("_", " ").capitalize()
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in status).strip().capitalize()


def span(ms: float) -> str:
    """Say a length of time in its two largest units: 41 min, 2 h 5 min, 3 d 4 h."""
    seconds = int(abs(ms) // 1000)
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def exact(ms: int) -> str:
    """Say a moment exactly, in UTC."""
    return to_datetime(ms).strftime("%a %d %b %Y, %H:%M:%S UTC")


def hour(ms: int) -> str:
    """Say a moment of the day."""
    return to_datetime(ms).strftime("%H:%M:%S")
