"""`explain`: in plain words, where a shipment stands, what it waits for and what was tried."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from packline.domain.location import Api
from packline.domain.paperwork import lacks_label
from packline.domain.program import Program
from packline.domain.settle import has_documents, is_reached
from packline.domain.shipment import Goal, Pending, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.steps import next_step
from packline.domain.values import Value


class Attempt(Value, frozen=True):
    """One call that was made for the shipment, as the call log has it."""

    at: datetime
    operation: str
    status: int
    code: str = ""
    request_id: str = ""


class Lane(Value, frozen=True):
    """The queue before one operation of the account: how many wait, and how many seconds until the last one goes."""

    operation: str
    waiting: int
    seconds: float


class Explanation(Value, frozen=True):
    """Where a shipment stands: `waits_for` names who must act, `next` the call that comes, `since` from when."""

    sentence: str
    waits_for: str
    tried: tuple[str, ...] = ()
    next: str | None = None
    since: datetime | None = None


STANDING = {
    Status.CREATED: "Amazon has the order, but no stock for it yet",
    Status.ACCEPTED: "Amazon has given the order to this location",
    Status.CONFIRMED: "Confirmed",
    Status.PACKAGE_CREATED: "Packed",
    Status.PICKUP_SLOT_RETRIEVED: "Packed, with its handover slot",
    Status.INVOICE_GENERATED: "Packed and invoiced",
    Status.SHIPLABEL_GENERATED: "Labeled",
    Status.SHIPPED: "Shipped",
    Status.DELIVERED: "Delivered",
    Status.CANCELLED: "Cancelled",
}
STEPS = {
    StepKind.CONFIRM: ("processShipment", "confirm it"),
    StepKind.REJECT: ("processShipment", "reject it"),
    StepKind.CREATE_PACKAGES: ("createPackages", "tell Amazon its packages"),
    StepKind.UPDATE_PACKAGE: ("updatePackage", "tell Amazon the changed package"),
    StepKind.READ_OPTIONS: ("retrieveShippingOptions", "read the handover slots"),
    StepKind.GENERATE_INVOICE: ("generateInvoice", "have the invoice made"),
    StepKind.FETCH_INVOICE: ("retrieveInvoice", "fetch the invoice"),
    StepKind.GENERATE_LABELS: ("generateShipLabels", "have the ship label made"),
    StepKind.REGENERATE_LABELS: ("generateShipLabels", "have the ship label given out again"),
    StepKind.DOWNLOAD_LABEL: ("label download", "fetch the ship label's file"),
    StepKind.RESCHEDULE: ("updateScheduledPackages", "move it to another handover slot"),
    StepKind.FETCH_DOCUMENTS: ("createFeed", "have its documents made"),
    StepKind.SHIP: ("updatePackageStatus", "tell Amazon of the handover"),
    StepKind.OUT_FOR_DELIVERY: ("updatePackageStatus", "tell Amazon that it is out for delivery"),
    StepKind.DELIVER: ("updatePackageStatus", "tell Amazon of the delivery"),
    StepKind.PROBE: ("getShipment", "read what Amazon knows of it"),
}
NO_CALL = ""
_SELLER_CENTRAL = {
    StepKind.CONFIRM: NO_CALL,
    StepKind.CREATE_PACKAGES: NO_CALL,
    StepKind.UPDATE_PACKAGE: NO_CALL,
    StepKind.READ_OPTIONS: "listHandoverSlots",
    StepKind.GENERATE_LABELS: "createScheduledPackage",
    StepKind.REGENERATE_LABELS: "getScheduledPackage",
    StepKind.REJECT: "createFeed",
    StepKind.PROBE: "getOrder",
}
"""Where another operation does the same over the Seller Central APIs."""
_TROUBLE = {
    "LABEL_CANCELLED": ("packer", "Amazon cancelled its label: destroy what was printed, then ask for a new one."),
    "BUYER_REQUESTED_CANCEL": ("person", "The buyer asks to cancel it: reject it, or pack it all the same."),
    "OUT_FOR_DELIVERY": ("carrier", "The carrier is on its way to the buyer."),
    "REJECTED_BY_BUYER": ("carrier", "The buyer refused it at the door; it comes back."),
    "UNDELIVERABLE": ("carrier", "The carrier could not deliver it; it comes back."),
    "RETURNING_TO_SELLER": ("carrier", "It is on its way back to the seller."),
    "RETURNED_TO_SELLER": ("person", "It came back to the seller: check the parcel and its stock."),
    "LOST": ("person", "The carrier lost it: file a claim with Amazon."),
    "DAMAGED": ("person", "The carrier damaged it: file a claim with Amazon."),
}
"""Sub-statuses of Seller Central that say more than the status."""
_NO_LABEL = "Amazon gives no label of a parcel that has left, and none is needed."
_PEOPLE = {
    Status.CREATED: ("amazon", "Waits for stock at this location."),
    Status.ACCEPTED: ("confirmation", "Waits for the seller's confirmation."),
    Status.CONFIRMED: ("packer", "Waits for a packer."),
}


def explain(
    shipment: Shipment,
    program: Program,
    now: datetime,
    calls: Sequence[Attempt] = (),
    lanes: Sequence[Lane] = (),
) -> Explanation:
    """Say where a shipment stands; `calls` are its last calls, newest first, `lanes` the queues of its account."""
    who, waits, following = _waits(shipment, program, now, lanes)
    standing = _standing(shipment, now)
    return Explanation(
        sentence=f"{standing}. {waits}".strip(),
        waits_for=who,
        tried=tuple(_tried(call, now) for call in calls),
        next=STEPS[following.kind][1] if following else None,
        since=_since(shipment),
    )


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, in the words of people."""
    seconds = max(0, int((now - moment) / timedelta(seconds=1)))
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 5 else f"{seconds} seconds ago"


def _standing(shipment: Shipment, now: datetime) -> str:
    words = STANDING[shipment.status]
    if shipment.status is Status.CANCELLED:
        who = {"SELLER_REJECTED": " by the seller", "MARKETPLACE_CANCELLED": " by Amazon or the buyer"}
        words += who.get(shipment.cancelled_by or "", "")
    elif shipment.adopted:
        words += ", partly by someone else's panel"
    return f"{words} {ago(_moved_at(shipment), now)}"


def _moved_at(shipment: Shipment) -> datetime:
    """Tell when it came to where it is: our own answer moved it, or, where it was cancelled since, Amazon's update."""
    ours = shipment.moved_at
    if ours is None or (shipment.status is Status.CANCELLED and shipment.as_of > ours):
        return shipment.as_of
    return ours


def _since(shipment: Shipment) -> datetime:
    if shipment.problem:
        return shipment.problem.since
    if shipment.pending:
        return shipment.pending.since
    return _moved_at(shipment)


def _waits(shipment: Shipment, program: Program, now: datetime, lanes: Sequence[Lane]) -> tuple[str, str, Step | None]:
    following = next_step(shipment, program, now)
    if shipment.pending is not None:
        return "amazon", _pending(shipment, shipment.pending, lanes), following
    if shipment.problem is not None and following is None:
        return "person", f"{shipment.problem.message} {shipment.problem.hint}", None
    if following is not None:
        prefix = f"{shipment.problem.message} " if shipment.problem else ""
        return "packline", prefix + _queued(shipment, following, lanes), following
    who, words = _people(shipment, program, now)
    return who, words, None


def _call(shipment: Shipment, kind: StepKind) -> tuple[str, str]:
    """Name the operation that makes a step for this shipment, and what it is for."""
    operation, words = STEPS[kind]
    if shipment.api == Api.SELLER_CENTRAL:
        operation = _SELLER_CENTRAL.get(kind, operation)
    return operation, words


def _pending(shipment: Shipment, pending: Pending, lanes: Sequence[Lane]) -> str:
    operation, words = _call(shipment, pending.step.kind)
    failure = pending.failure
    if failure is None and operation == NO_CALL:
        return f"Packline is about to {words}."
    if failure is None:
        return _queue(operation, lanes) or f"Packline is asking Amazon to let it {words} ({operation})."
    reason = f"{failure.code or failure.status or 'no answer'}"
    if failure.kind == "unclear":
        return f"The answer to {operation} got lost ({reason}); Packline reads what Amazon knows before it goes on."
    return f"Amazon answered {operation} with {reason}: {failure.message} Packline reads the state before it goes on."


def _queued(shipment: Shipment, step: Step, lanes: Sequence[Lane]) -> str:
    operation, words = _call(shipment, step.kind)
    named = "" if operation == NO_CALL else f" ({operation})"
    return _queue(operation, lanes) or f"Packline will {words} next{named}."


def _queue(operation: str, lanes: Sequence[Lane]) -> str:
    lane = next((lane for lane in lanes if lane.operation == operation and lane.waiting), None)
    if lane is None:
        return ""
    return f"Waits for Amazon's quota of {operation}: {lane.waiting} in line, about {lane.seconds:.0f} s."


def _people(shipment: Shipment, program: Program, now: datetime) -> tuple[str, str]:
    if shipment.is_over:
        return "nothing", ""
    if shipment.goal is Goal.REJECTED and program.rejects_by_feed:
        return "packline", "Its cancellation goes to Amazon in a feed with others (createFeed)."
    if shipment.api == Api.SELLER_CENTRAL and (told := _told_by_amazon(shipment)):
        return told
    if shipment.status in _PEOPLE:
        return _PEOPLE[shipment.status]
    if shipment.status is Status.SHIPPED:
        who, words = _after_shipping(program)
        return who, f"{words} {_NO_LABEL}" if any(p.label_error for p in shipment.packages) else words
    if shipment.status is Status.SHIPLABEL_GENERATED and has_documents(shipment):
        return _handover(shipment, program, now)
    if any(p.label and p.label.awaits == "feed" and not p.label.void for p in shipment.packages):
        return "packline", "Its documents are asked for together with those of other orders (createFeed)."
    if any(p.label and p.label.awaits == "hand" and not p.label.void for p in shipment.packages):
        return "person", "Its label must be saved from Seller Central and dropped in."
    if shipment.goal is Goal.PACKED and is_reached(shipment, program):
        return "packer", "Packed as asked; its label has not been asked for."
    return "person", "Nobody has asked for its documents yet."


def _told_by_amazon(shipment: Shipment) -> tuple[str, str] | None:
    """Say what a packer must know of an order of Seller Central beyond its status."""
    if shipment.sub_status in _TROUBLE and shipment.status is not Status.SHIPLABEL_GENERATED:
        return _TROUBLE[shipment.sub_status]
    if shipment.status is Status.ACCEPTED:
        return "packer", "Waits for a packer."
    if lacks_label(shipment) and shipment.status is Status.SHIPLABEL_GENERATED:
        return "person", "It was scheduled in Seller Central: ask for its label (relabel), or drop in the saved PDF."
    return None


def _after_shipping(program: Program) -> tuple[str, str]:
    if program.tells_delivery:
        return "delivery", "Waits for the seller's news of the delivery."
    return "carrier", "Waits for the carrier's delivery."


def _handover(shipment: Shipment, program: Program, now: datetime) -> tuple[str, str]:
    if shipment.handed_over_at is not None and not program.tells(shipment):
        return "carrier", "Handed over; waits for the carrier's scan."
    windows = [p.label.window for p in shipment.packages if p.label and p.label.window]
    if not windows:
        return "handover", "Waits to be handed over."
    window = min(windows, key=lambda w: w.start)
    method = {"PICKUP": "picked up", "DROPOFF": "dropped off"}.get(window.method, "handed over")
    late = " That time is over." if window.end < now else ""
    return "handover", f"Waits to be {method} between {window.start:%d %b %H:%M} and {window.end:%H:%M} UTC.{late}"


def _tried(call: Attempt, now: datetime) -> str:
    answer = f"{call.status} {call.code}".strip() if call.status else "no answer"
    request = f", request {call.request_id}" if call.request_id else ""
    return f"{call.operation} {ago(call.at, now)}: {answer}{request}"
