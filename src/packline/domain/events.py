"""Events: what happened to a shipment, past tense; the only thing that `apply` reads and the audit trail keeps."""

from datetime import datetime

from packline.domain.reports import Facts
from packline.domain.shipment import (
    Failure,
    Goal,
    Label,
    Package,
    PackageStatus,
    Problem,
    Rejection,
    Status,
)
from packline.domain.size_guard import Doubt
from packline.domain.slot import Courier, ShippingOption, SlotPreference
from packline.domain.step import Step
from packline.domain.values import Document, Value


class Received(Value, frozen=True, tag="received"):
    """Amazon told of a shipment that we did not know; the feed leaves out what the shipment itself shows."""

    facts: Facts
    program: str
    at: datetime


class Changed(Value, frozen=True, tag="changed"):
    """Amazon changed something other than the status; each change is (field, before, after).

    Times are RFC 3339; units are told by SKU (`items/SKU-1`); of an address only that it is another one.
    """

    facts: Facts
    changes: tuple[tuple[str, str, str], ...]


class Moved(Value, frozen=True, tag="moved"):
    """Amazon's status changed; `cause` is command (our call), amazon, or adopted (someone else's panel)."""

    to: Status
    cause: str
    at: datetime
    cancelled_by: str | None = None


class GoalSet(Value, frozen=True, tag="goal_set"):
    """A command was taken: the goal, and all that it needs to be reached."""

    goal: Goal
    at: datetime
    command: str = ""
    ticket: str | None = None
    packages: tuple[Package, ...] | None = None
    slot: SlotPreference | None = None
    courier: Courier | None = None
    rejection: Rejection | None = None
    relabel: bool = False
    handed_over: bool = False
    reschedule: bool = False


class PackagesSent(Value, frozen=True, tag="packages_sent"):
    """Amazon has these packages, each in the revision given."""

    packages: tuple[tuple[str, int], ...]


class PackagesAdopted(Value, frozen=True, tag="packages_adopted"):
    """Packages that someone else created at Amazon."""

    packages: tuple[Package, ...]


class OptionsRead(Value, frozen=True, tag="options_read"):
    """Shipping options of one package, and the one chosen by policy."""

    package_id: str
    revision: int
    options: tuple[ShippingOption, ...]
    option_id: str | None
    is_as_wished: bool = True


class SlotLost(Value, frozen=True, tag="slot_lost"):
    """The chosen option can no longer be had: options are read again."""

    packages: tuple[str, ...]
    reason: str


class InvoiceStored(Value, frozen=True, tag="invoice_stored"):
    """The invoice's file is in the store.

    `replaces` is the file that it takes the place of, which must not be used any more.
    """

    document: Document
    replaces: Document | None = None


class InvoiceMissing(Value, frozen=True, tag="invoice_missing"):
    """Amazon has no invoice to give for this shipment."""

    reason: str


class WarrantyStored(Value, frozen=True, tag="warranty_stored"):
    """The warranty's file is in the store.

    `replaces` is the file that it takes the place of, which must not be used any more.
    """

    document: Document
    replaces: Document | None = None


class Solved(Value, frozen=True, tag="solved"):
    """What a person had to look at is no more; `code` is the problem's."""

    code: str


class LabelMade(Value, frozen=True, tag="label_made"):
    """One package has a label; its file may still have to be fetched."""

    package_id: str
    label: Label


class LabelFailed(Value, frozen=True, tag="label_failed"):
    """Amazon made no label for this package; the others of the call are not touched."""

    package_id: str
    code: str
    message: str


class LabelVoided(Value, frozen=True, tag="label_voided"):
    """A label must not be used any more."""

    package_id: str
    tracking_id: str
    reason: str


class PackageMoved(Value, frozen=True, tag="package_moved"):
    """One package is further on its way."""

    package_id: str
    to: PackageStatus


class CallFailed(Value, frozen=True, tag="call_failed"):
    """A call was refused, met a conflict, or has no clear answer; a probe will tell what is true."""

    step: Step
    failure: Failure
    at: datetime


class CallCleared(Value, frozen=True, tag="call_cleared"):
    """A probe proved that the call had no effect: it may be made again."""

    step: Step
    reason: str


ANSWERED = "answered"
"""The proof of a call that was simply answered."""


class CallSettled(Value, frozen=True, tag="call_settled"):
    """The pending call is over, and its effect is known; told where a probe proved it, not where Amazon answered."""

    step: Step
    proof: str


class Settled(Value, frozen=True, tag="settled"):
    """A command reached its outcome: succeeded, rejected, or cancelled (the shipment went first)."""

    ticket: str
    goal: Goal
    outcome: str
    problem: Problem | None = None


class Stuck(Value, frozen=True, tag="stuck"):
    """A person must look; `stop` says that nothing more is tried until a new command comes."""

    problem: Problem
    stop: bool


class PapersWanted(Value, frozen=True, tag="papers_wanted"):
    """Somebody else made the label while we were elsewhere: its documents are fetched afterwards."""

    reason: str


class LeftToCarrier(Value, frozen=True, tag="left_to_carrier"):
    """Amazon does not take SHIPPED from the seller here: the carrier's scan is awaited."""

    reason: str


class PackingDoubted(Value, frozen=True, tag="packing_doubted"):
    """What was packed differs from the listing, or Amazon's recommendation is incomplete: a person should look."""

    doubts: tuple[Doubt, ...]


class AnomalyFound(Value, frozen=True, tag="anomaly_found"):
    """Something that the table of transitions cannot explain."""

    problem: Problem


Event = (
    Received
    | Changed
    | Moved
    | GoalSet
    | PackagesSent
    | PackagesAdopted
    | OptionsRead
    | SlotLost
    | InvoiceStored
    | InvoiceMissing
    | WarrantyStored
    | Solved
    | LabelMade
    | LabelFailed
    | LabelVoided
    | PackageMoved
    | CallFailed
    | CallCleared
    | CallSettled
    | Settled
    | Stuck
    | PapersWanted
    | LeftToCarrier
    | PackingDoubted
    | AnomalyFound
)

MOVED_NAMES = {
    Status.CREATED: "shipment.created",
    Status.ACCEPTED: "shipment.accepted",
    Status.CONFIRMED: "shipment.confirmed",
    Status.PACKAGE_CREATED: "shipment.packed",
    Status.PICKUP_SLOT_RETRIEVED: "shipment.slotted",
    Status.INVOICE_GENERATED: "shipment.invoiced",
    Status.SHIPLABEL_GENERATED: "shipment.labeled",
    Status.SHIPPED: "shipment.shipped",
    Status.DELIVERED: "shipment.delivered",
    Status.CANCELLED: "shipment.cancelled",
}

NAMES: dict[type, str] = {
    Received: "shipment.received",
    Changed: "shipment.updated",
    PackagesSent: "package.created",
    PackagesAdopted: "shipment.adopted",
    OptionsRead: "package.slot_chosen",
    SlotLost: "package.slot_lost",
    InvoiceStored: "document.invoice_stored",
    InvoiceMissing: "document.invoice_missing",
    WarrantyStored: "document.warranty_stored",
    Solved: "shipment.unstuck",
    LabelMade: "package.labeled",
    LabelFailed: "package.label_failed",
    LabelVoided: "package.label_voided",
    CallFailed: "call.failed",
    CallCleared: "call.cleared",
    CallSettled: "call.settled",
    Stuck: "shipment.stuck",
    PapersWanted: "document.wanted",
    LeftToCarrier: "shipment.left_to_carrier",
    PackingDoubted: "package.doubted",
    AnomalyFound: "shipment.anomaly",
}

PACKAGE_NAMES = {
    PackageStatus.PLANNED: "package.planned",
    PackageStatus.CREATED: "package.created",
    PackageStatus.LABELED: "package.labeled",
    PackageStatus.SHIPPED: "package.shipped",
    PackageStatus.OUT_FOR_DELIVERY: "package.out_for_delivery",
    PackageStatus.DELIVERED: "package.delivered",
}


def is_told(event: Event) -> bool:
    """Tell whether an event is written down: a call that was simply answered is in the call log, its effect beside."""
    return not (isinstance(event, CallSettled) and event.proof == ANSWERED)


def public_name(event: Event) -> str:
    """Give the name under which the seller's systems see an event: `<resource>.<past participle>`."""
    match event:
        case Moved(to=to, cause="adopted") if to is not Status.CANCELLED:
            return "shipment.adopted"
        case Moved(to=to):
            return MOVED_NAMES[to]
        case GoalSet(handed_over=True):
            return "shipment.handed_over"
        case GoalSet():
            return "command.accepted"
        case PackageMoved(to=package_status):
            return PACKAGE_NAMES[package_status]
        case Settled(outcome=outcome):
            return f"command.{outcome}"
        case _:
            return NAMES[type(event)]


def cause_of(event: Event) -> str:
    """Say who made it happen: command, amazon, adopted (SmartHub or another integrator) or packline."""
    match event:
        case Moved(cause=cause):
            return cause
        case Received() | Changed():
            return "amazon"
        case PackagesAdopted():
            return "adopted"
        case GoalSet() | Settled():
            return "command"
        case _:
            return "packline"
