"""What Packline does about each of Amazon's error codes on Easy Ship: one table, used by gateway and reference.

Amazon's code counts, never the status: its own examples give one code under two statuses. Source: Easy Ship 2022-03-23
(`Code` and the statuses that the model's text gives); 429 and 5xx: Selling Partner API, "Usage Plans and Rate Limits".
"""

from collections.abc import Mapping

from packline.amazon.seller_central.wire.parts import flat
from packline.domain.values import Value


class Reaction(Value, frozen=True):
    """The reaction to one code.

    `kind` is what the driver is told (`Failure.kind`: refused, conflict, slot, unclear) when a call that changes
    something was answered so, `on_read` when a question was; "wait" means that the call is sent again by itself and
    nobody is told. `person` is what a person can do, "" where nobody has to.
    """

    code: str
    status: str
    kind: str
    on_read: str
    meaning: str
    packline: str
    person: str = ""


_TABLE = (
    Reaction(
        "InvalidInput",
        "400",
        "refused",
        "refused",
        "A parameter is missing or wrong; also a call that this marketplace does not have.",
        "Reads the order once; if it is not cancelled, stops and shows Amazon's words.",
        "Correct what Amazon names: weight and size, serial numbers of the lines that need them, the marketplace.",
    ),
    Reaction(
        "InvalidTimeSlotId",
        "400",
        "slot",
        "slot",
        "Amazon does not know the hand-over slot, or it belongs to another order.",
        "Lists the slots again and schedules with a fresh one by the seller's preference.",
    ),
    Reaction(
        "ScheduledPackageAlreadyExists",
        "400",
        "conflict",
        "conflict",
        "The order is scheduled already: by an earlier call whose answer was lost, or by a person in Seller Central.",
        "Reads the package (getScheduledPackage) and takes its slot, tracking id and label as they are.",
    ),
    Reaction(
        "ScheduleWindowExpired",
        "400",
        "slot",
        "slot",
        "The chosen slot has begun or its offer ran out.",
        "Lists the slots again and schedules with a fresh one by the seller's preference.",
    ),
    Reaction(
        "RetryableAfterGettingNewSlots",
        "400",
        "slot",
        "slot",
        "The slot cannot be booked any more; mostly its capacity is taken.",
        "Lists the slots again and schedules with a fresh one by the seller's preference.",
    ),
    Reaction(
        "TimeSlotNotAvailable",
        "404",
        "slot",
        "refused",
        "There is no slot: weight or size are beyond what the carrier takes, every window is full, or the only slots"
        " lie after the expected cancellation of the order.",
        "While scheduling: lists the slots again. When the list itself is answered so: stops.",
        "Weigh and measure again and pack anew; if they are right, give the command again later, as windows open day by"
        " day, or cancel the order in time.",
    ),
    Reaction(
        "ResourceNotFound",
        "404 or 400",
        "refused",
        "refused",
        "Amazon has no such order for this seller in this marketplace; of getScheduledPackage: it is not scheduled.",
        "Asked for the package, it reads the order and goes on from there; else it stops.",
        "Check that the order belongs to this account and marketplace, then give the command again.",
    ),
    Reaction(
        "InvalidOrderState",
        "404",
        "refused",
        "refused",
        "The order is not in a state for this call: pending, cancelled, shipped, or no Easy Ship order.",
        "Reads the order: a cancellation or a hand-over is followed; else it stops.",
        "Look at the order in Seller Central. After the hand-over a slot cannot be changed any more.",
    ),
    Reaction(
        "RegionNotSupported",
        "404",
        "refused",
        "refused",
        "Easy Ship's API, or this call of it, is not offered in this marketplace.",
        "Stops; what the capability table says is missing is not even asked for.",
        "Schedule in Seller Central and drop the saved PDF; correct the marketplaces file if the table is wrong.",
    ),
    Reaction(
        "OrderNotEligibleForRescheduling",
        "405",
        "refused",
        "refused",
        "The slot cannot be changed: the pickup is too near, or was changed too often.",
        "Keeps the slot and the label as they are.",
        "Hand the parcel over in its slot; if it was missed, the carrier comes again or Amazon cancels the label.",
    ),
    Reaction(
        "InternalServerError",
        "500",
        "unclear",
        "wait",
        "Amazon failed; the call may have had its effect.",
        "A question is asked again with growing pauses; after a call that changes something the package is read first.",
    ),
    Reaction(
        "QuotaExceeded",
        "429",
        "wait",
        "wait",
        "The quota of this operation is used up; nothing was executed.",
        "The call keeps its place in the lane and is sent when the quota allows; others slow down with it.",
    ),
    Reaction(
        "ServiceUnavailable",
        "503",
        "unclear",
        "wait",
        "Amazon cannot answer now; the call may have had its effect.",
        "As for InternalServerError.",
    ),
)
REACTIONS: Mapping[str, Reaction] = {flat(reaction.code): reaction for reaction in _TABLE}
"""By code in lower case: the eleven of the model, and the two that every API has."""


def reaction(code: str) -> Reaction | None:
    """Find the reaction to a code in any spelling; None for one that nobody documented."""
    return REACTIONS.get(flat(code))
