"""In which statuses each command is possible: one literal table, read by the desk and by menus."""

from packline.domain.shipment import Status

_UNCONFIRMED = (Status.CREATED, Status.ACCEPTED)
_PACKED = (Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED, Status.INVOICE_GENERATED, Status.SHIPLABEL_GENERATED)

ALLOWED: dict[str, tuple[Status, ...]] = {
    "confirm": (*_UNCONFIRMED, Status.CONFIRMED),  # again is fine: reached already
    "reject": tuple(s for s in Status if s not in (Status.DELIVERED, Status.CANCELLED)),  # and where Amazon lets us
    "pack": (*_UNCONFIRMED, Status.CONFIRMED),  # confirms first by itself
    "repack": _PACKED,
    "relabel": _PACKED,
    "reschedule": (Status.SHIPLABEL_GENERATED,),
    "hand_over": (*_PACKED, Status.SHIPPED),
    "out_for_delivery": (Status.SHIPLABEL_GENERATED, Status.SHIPPED),
    "deliver": (Status.SHIPLABEL_GENERATED, Status.SHIPPED, Status.DELIVERED),
    "retry": tuple(Status),
}


def allowed_now(status: Status, rejectable: tuple[str, ...] = ()) -> tuple[str, ...]:
    """List the commands that a shipment in this status allows; each may still be denied with its reason."""
    names = [name for name, statuses in ALLOWED.items() if status in statuses]
    return tuple(n for n in names if n != "reject" or status in rejectable)
