"""Which command may take the place of one that is still under way."""

from packline.domain.shipment import Goal, Shipment
from packline.errors import Denied

_MENDING = frozenset({"retry"})
_LEAVING = frozenset({"hand_over", "out_for_delivery", "deliver"})
_PACKING = frozenset({"pack", "repack", "relabel", "reschedule"})

TAKES_THE_PLACE_OF: dict[Goal, frozenset[str]] = {
    Goal.CONFIRMED: frozenset({"confirm", "reject"}) | _PACKING | _LEAVING | _MENDING,
    Goal.PACKED: frozenset({"reject"}) | _PACKING | _LEAVING | _MENDING,  # confirm is contained in it
    Goal.LABELED: frozenset({"reject"}) | _PACKING | _LEAVING | _MENDING,  # the goal grows to the handover
    Goal.SHIPPED: frozenset({"reject"}) | _LEAVING | _MENDING,  # boxes have left: no more packing
    Goal.OUT_FOR_DELIVERY: frozenset({"out_for_delivery", "deliver"}) | _MENDING,
    Goal.DELIVERED: frozenset({"deliver"}) | _MENDING,
    Goal.REJECTED: frozenset({"reject"}) | _MENDING,  # a no can be repeated, not taken back
}
"""Open goal -> commands that replace it; the older ticket is then settled as superseded. Reject may come while a call
is under way: the driver finishes the call, reads Amazon's status and rejects from there."""


def refuse_outranked(shipment: Shipment, kind: str) -> None:
    """Raise Denied where an open command goes further than the new one, or excludes it."""
    if shipment.ticket is None or shipment.goal is None or kind in TAKES_THE_PLACE_OF[shipment.goal]:
        return
    if shipment.goal is Goal.REJECTED:
        raise Denied(
            f"The shipment is being rejected; {kind} cannot follow.",
            reason="being_rejected",
            hint=f"Wait for the outcome of ticket {shipment.ticket}.",
        )
    raise Denied(
        f"A command is under way that already goes until `{shipment.goal}`; {kind} would turn it back.",
        reason="goes_further",
        hint=f"Follow ticket {shipment.ticket}; nothing else is needed.",
    )
