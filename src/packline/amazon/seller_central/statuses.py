"""Amazon's three vocabularies for one life (Orders v0, 2026-01-01, Easy Ship packages) in Packline's statuses."""

from typing import NamedTuple

from packline.amazon.seller_central.wire.parts import flat
from packline.domain.shipment import Status

LABEL_CANCELLED = "LABEL_CANCELLED"
BUYER_WANTS_CANCEL = "BUYER_REQUESTED_CANCEL"
"""Sub-status of an order whose buyer asked for a cancellation that the seller has not yet given."""


class Standing(NamedTuple):
    """Where an order is: our status, and what Amazon says beyond it, in the spelling of 2026-01-01."""

    status: Status
    sub_status: str = ""


_SHIPPED = {
    "pickedup": "PICKED_UP",
    "droppedoff": "DROPPED_OFF",
    "atoriginfc": "AT_ORIGIN_FC",
    "atdestinationfc": "AT_DESTINATION_FC",
    "outfordelivery": "OUT_FOR_DELIVERY",
    "rejectedbybuyer": "REJECTED_BY_BUYER",
    "rejected": "REJECTED_BY_BUYER",  # as the Easy Ship package has it
    "undeliverable": "UNDELIVERABLE",
    "returningtoseller": "RETURNING_TO_SELLER",
    "returnedtoseller": "RETURNED_TO_SELLER",
    "lost": "LOST",
    "lostintransit": "LOST",
    "damaged": "DAMAGED",
    "damagedintransit": "DAMAGED",
    "intransit": "",  # coarse words of 2026-01-01, where the detailed one is missing
    "shipped": "",
}
_PACKAGE: dict[str, Standing] = {
    "pendingschedule": Standing(Status.ACCEPTED),
    "pendingpickup": Standing(Status.SHIPLABEL_GENERATED),
    "pendingdropoff": Standing(Status.SHIPLABEL_GENERATED),
    "readyforpickup": Standing(Status.SHIPLABEL_GENERATED),
    "labelcanceled": Standing(Status.PACKAGE_CREATED, LABEL_CANCELLED),
    "labelcancelled": Standing(Status.PACKAGE_CREATED, LABEL_CANCELLED),
    "canceled": Standing(Status.PACKAGE_CREATED, LABEL_CANCELLED),
    "cancelled": Standing(Status.PACKAGE_CREATED, LABEL_CANCELLED),
    "delivered": Standing(Status.DELIVERED),
    **{word: Standing(Status.SHIPPED, told) for word, told in _SHIPPED.items()},
}
_ORDER: dict[str, Standing] = {
    "unshipped": Standing(Status.ACCEPTED),
    "partiallyshipped": Standing(Status.ACCEPTED),
    "shipped": Standing(Status.SHIPPED),
    "invoiceunconfirmed": Standing(Status.SHIPPED),
    "canceled": Standing(Status.CANCELLED),
    "cancelled": Standing(Status.CANCELLED),
}
NOT_YET = frozenset({"pending", "pendingavailability"})
"""Orders that wait for their payment: they are taken in when they are ready to be packed."""
_EASY_SHIP_WORDS = frozenset(_PACKAGE) - {"shipped", "intransit", "canceled", "cancelled", "delivered", "undeliverable"}


def package_standing(word: str | None) -> Standing | None:
    """Read a package's status in any vocabulary; None for none and for a word that no source names."""
    return _PACKAGE.get(flat(word))


def is_easy_ship_word(word: str | None) -> bool:
    """Tell whether only an Easy Ship order can have this package status."""
    return flat(word) in _EASY_SHIP_WORDS


def is_ready(order_status: str | None) -> bool:
    """Tell whether an order is past its payment."""
    return flat(order_status) not in NOT_YET


def standing(order_status: str | None, package_status: str | None) -> tuple[str, str]:
    """Join an order's and its package's status: (status, sub-status).

    A cancelled order is cancelled whatever its package says; else the one that is further counts, as the two lag behind
    each other. A package status that nobody documented leaves the order's and is told as sub-status. An order status
    that nobody documented is handed on as it is: a person must look.
    """
    order, package = _ORDER.get(flat(order_status)), package_standing(package_status)
    if order is None:
        return (package.status.value, package.sub_status) if package else (order_status or "", "")
    if order.status is Status.CANCELLED:
        return order.status.value, ""
    if package is None:
        return order.status.value, (package_status or "").upper()
    if order.status is Status.SHIPPED and package.status not in (Status.SHIPPED, Status.DELIVERED):
        return order.status.value, ""
    return package.status.value, package.sub_status
