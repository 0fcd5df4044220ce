"""The table of commands: what a seller can ask of a shipment, in which statuses, and what each needs to be decided."""

from collections.abc import Callable
from typing import Any, NamedTuple

from packline.commands import (
    confirm,
    deliver,
    hand_over,
    out_for_delivery,
    pack,
    reject,
    relabel,
    repack,
    reschedule,
    retry,
)
from packline.commands.order import Plan, Subject
from packline.domain.allowed import ALLOWED
from packline.domain.shipment import Status
from packline.domain.values import Value


class Kind(NamedTuple):
    """One command: its request, its allowed statuses, its plan, and what it reads (`details`, `location`, `last`)."""

    name: str
    request: type[Value]
    allowed: tuple[Status, ...]
    plan: Callable[[Subject, Any], Plan]
    reads: frozenset[str] = frozenset()


_PACKING = frozenset({"details", "location", "boxes"})

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("confirm", confirm.Confirm, ALLOWED["confirm"], confirm.plan),
        Kind("reject", reject.Reject, ALLOWED["reject"], reject.plan, frozenset({"details"})),
        Kind("pack", pack.Pack, ALLOWED["pack"], pack.plan, _PACKING),
        Kind("repack", repack.Repack, ALLOWED["repack"], repack.plan, _PACKING),
        Kind("relabel", relabel.Relabel, ALLOWED["relabel"], relabel.plan, frozenset({"location"})),
        Kind("reschedule", reschedule.Reschedule, ALLOWED["reschedule"], reschedule.plan, frozenset({"location"})),
        Kind("hand_over", hand_over.HandOver, ALLOWED["hand_over"], hand_over.plan),
        Kind("out_for_delivery", out_for_delivery.OutForDelivery, ALLOWED["out_for_delivery"], out_for_delivery.plan),
        Kind("deliver", deliver.Deliver, ALLOWED["deliver"], deliver.plan),
        Kind("retry", retry.Retry, ALLOWED["retry"], retry.plan, frozenset({"last"})),
    )
}
BY_REQUEST: dict[type[Value], Kind] = {kind.request: kind for kind in KINDS.values()}
