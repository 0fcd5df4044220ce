"""The table of commands: what a seller can ask of a shipment, in which statuses, and what each needs to be decided."""

from collections.abc import Callable
from typing import Any, NamedTuple

from packline.commands import confirm, deliver, hand_over, out_for_delivery, pack, reject, relabel, repack, retry
from packline.commands.order import Plan, Subject
from packline.domain.shipment import Status
from packline.domain.values import Value


class Kind(NamedTuple):
    """One command: its request, its allowed statuses, its plan, and what it reads (`details`, `location`, `last`)."""

    name: str
    request: type[Value]
    allowed: tuple[Status, ...]
    plan: Callable[[Subject, Any], Plan]
    reads: frozenset[str] = frozenset()


_PACKING = frozenset({"details", "location"})

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("confirm", confirm.Confirm, confirm.ALLOWED, confirm.plan),
        Kind("reject", reject.Reject, reject.ALLOWED, reject.plan),
        Kind("pack", pack.Pack, pack.ALLOWED, pack.plan, _PACKING),
        Kind("repack", repack.Repack, repack.ALLOWED, repack.plan, _PACKING),
        Kind("relabel", relabel.Relabel, relabel.ALLOWED, relabel.plan, frozenset({"location"})),
        Kind("hand_over", hand_over.HandOver, hand_over.ALLOWED, hand_over.plan),
        Kind("out_for_delivery", out_for_delivery.OutForDelivery, out_for_delivery.ALLOWED, out_for_delivery.plan),
        Kind("deliver", deliver.Deliver, deliver.ALLOWED, deliver.plan),
        Kind("retry", retry.Retry, retry.ALLOWED, retry.plan, frozenset({"last"})),
    )
}
BY_REQUEST: dict[type[Value], Kind] = {kind.request: kind for kind in KINDS.values()}


def allowed_now(status: Status, rejectable: tuple[str, ...] = ()) -> tuple[str, ...]:
    """List the commands that a shipment in this status allows, for menus; each may still be denied with its reason."""
    names = [kind.name for kind in KINDS.values() if status in kind.allowed]
    return tuple(n for n in names if n != "reject" or status in rejectable)
