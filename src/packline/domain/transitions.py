"""The one table of status changes that Amazon can report; what is not in it is an anomaly."""

from packline.domain.shipment import Status

FORWARD = (
    (Status.CREATED, Status.ACCEPTED),  # stock arrived
    (Status.CREATED, Status.CONFIRMED),  # the seller's stock is on listings: there is no ACCEPTED between
    (Status.ACCEPTED, Status.CONFIRMED),
    (Status.CONFIRMED, Status.PACKAGE_CREATED),
    (Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED),
    (Status.PACKAGE_CREATED, Status.INVOICE_GENERATED),  # Seller Flex, where the channel has no options to read
    (Status.PACKAGE_CREATED, Status.SHIPLABEL_GENERATED),  # the same, where no invoice is required either
    (Status.PICKUP_SLOT_RETRIEVED, Status.INVOICE_GENERATED),
    (Status.PICKUP_SLOT_RETRIEVED, Status.SHIPLABEL_GENERATED),  # no invoice required
    (Status.INVOICE_GENERATED, Status.SHIPLABEL_GENERATED),
    (Status.SHIPLABEL_GENERATED, Status.SHIPPED),
    (Status.SHIPPED, Status.DELIVERED),
)

BACK = (
    (Status.PICKUP_SLOT_RETRIEVED, Status.PACKAGE_CREATED),  # a package was changed: slot, invoice and label run again
    (Status.INVOICE_GENERATED, Status.PACKAGE_CREATED),
    (Status.SHIPLABEL_GENERATED, Status.PACKAGE_CREATED),
    (
        Status.INVOICE_GENERATED,
        Status.PICKUP_SLOT_RETRIEVED,
    ),  # changed elsewhere, options read again
    (Status.SHIPLABEL_GENERATED, Status.PICKUP_SLOT_RETRIEVED),
    (Status.SHIPLABEL_GENERATED, Status.INVOICE_GENERATED),  # changed elsewhere, and only the label is still to come
)

CANCELLABLE = frozenset(Status) - {
    Status.DELIVERED,
    Status.CANCELLED,
}  # real world: even on its way

_ALLOWED = frozenset(FORWARD) | frozenset(BACK) | frozenset((s, Status.CANCELLED) for s in CANCELLABLE)


def is_allowed(before: Status, after: Status) -> bool:
    """Tell whether Amazon can go from one status to the other in one move."""
    return (before, after) in _ALLOWED


def is_step_back(before: Status, after: Status) -> bool:
    """Tell whether the move voids what was made before: the slot, the invoice's place and the label."""
    return (before, after) in BACK
