"""The gateway: steps become calls, answers become reports; nothing above this file knows these APIs."""

from collections.abc import Awaitable, Callable

import msgspec

from packline.amazon.seller_central import operations, parse, scheduling
from packline.amazon.seller_central.answering import failed, refused
from packline.amazon.seller_central.bulk import BulkScheduling, Splitter
from packline.amazon.seller_central.capabilities import Capabilities, Capability
from packline.amazon.seller_central.program import easy_ship
from packline.amazon.seller_central.reading import V0, Entries, OrdersReader
from packline.amazon.seller_central.rescheduling import Rescheduling
from packline.amazon.seller_central.talk import Talk
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.operation import Operation
from packline.domain.details import Details
from packline.domain.location import Account
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, Report, Seen
from packline.domain.shipment import Shipment
from packline.domain.step import Step, StepKind
from packline.errors import AmazonError, Rejected, Unavailable, Unresolved
from packline.ports import Call, Guard, Listing, Page, Performed, Query

LISTING = "orders"
LOOK_EVERY_S = 240.0
"""searchOrders grants 20 calls an hour: 15 looks leave five for second pages."""
LOOK_EVERY_V0_S = 120.0
"""getOrders grants 60 calls an hour."""
LOCAL = frozenset({StepKind.CONFIRM, StepKind.CREATE_PACKAGES, StepKind.UPDATE_PACKAGE, StepKind.GENERATE_INVOICE})
"""Steps that Easy Ship has no call for: the yes, weight and size are ours, the invoice comes with the schedule."""
_PROVEN_BY_PACKAGE = frozenset({StepKind.GENERATE_LABELS, StepKind.REGENERATE_LABELS, StepKind.RESCHEDULE})
_OPERATION: dict[StepKind, Operation] = {
    StepKind.READ_OPTIONS: operations.LIST_HANDOVER_SLOTS,
    StepKind.GENERATE_LABELS: operations.CREATE_SCHEDULED_PACKAGE,
    StepKind.REGENERATE_LABELS: operations.GET_SCHEDULED_PACKAGE,
    StepKind.RESCHEDULE: operations.UPDATE_SCHEDULED_PACKAGES,
}
_ELSEWHERE: dict[StepKind, str] = {
    StepKind.REJECT: "Cancellations go to Amazon in a feed for many orders, not by a call for one.",
    StepKind.FETCH_DOCUMENTS: "Documents are asked for in a feed for many orders, not by a call for one.",
    StepKind.FETCH_INVOICE: "The invoice comes with the label's documents; Amazon has no call for it.",
    StepKind.DOWNLOAD_LABEL: "Easy Ship gives no address for a label; its file comes with the documents.",
    StepKind.SHIP: "The carrier's scan tells Amazon of the hand-over; a seller cannot.",
    StepKind.OUT_FOR_DELIVERY: "The carrier tells Amazon of the delivery; a seller cannot.",
    StepKind.DELIVER: "The carrier tells Amazon of the delivery; a seller cannot.",
}


class SellerCentralGateway:
    """Speak Orders, Easy Ship and their companions for every account (one API of `amazon.gateways`)."""

    def __init__(self, doors: Doors, clock: Clock, capabilities: Capabilities, split: Splitter) -> None:
        """Call through the accounts' doors; `capabilities` says what each marketplace has.

        `split` takes the documents of a bulk call apart.
        """
        self._doors, self._clock, self._capabilities = doors, clock, capabilities
        self._bulk = BulkScheduling(clock, split, capabilities)
        self._rescheduling = Rescheduling(clock)
        self._reader = OrdersReader(capabilities)
        self._asks: dict[StepKind, Callable[[Talk, Step], Awaitable[Report]]] = {
            StepKind.PROBE: self._probe,
            StepKind.READ_OPTIONS: self._slots,
            StepKind.GENERATE_LABELS: self._schedule,
            StepKind.REGENERATE_LABELS: self._label_again,
        }

    def program_for(self, shipment: Shipment) -> Program:
        """Give Easy Ship as the shipment's marketplace has it."""
        return easy_ship(self._capabilities.of(shipment.marketplace))

    def program_of(self, facts: Facts) -> Program | None:
        """Give Easy Ship as the order's marketplace has it; every order that is handed on is an Easy Ship order."""
        return easy_ship(self._capabilities.of(facts.marketplace))

    def details(self, body: bytes) -> Details:
        """Decode the part of a stored body that people and checks read."""
        return parse.details(body)

    def listings(self, account: Account) -> tuple[Listing, ...]:
        """List everything that changed, in one listing: Amazon has no filter by Easy Ship status."""
        every = LOOK_EVERY_V0_S if account.orders_api == V0 else LOOK_EVERY_S
        return (Listing(LISTING, is_new=True, by_location=False, every_s=every),)

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page of orders that changed; those that are not Easy Ship orders are left out."""
        door, calls, read_at = await self._doors.door(account), list[Call](), self._clock.now()
        try:
            entries = await self._reader.page(door, query, token, guard, calls, read_at)
        except AmazonError as error:
            error.calls = tuple(calls)
            raise
        told = tuple(calls)
        return Page(
            entries.found, entries.unreadable, entries.next_token, read_at, told, entries.until, entries.postponed
        )

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        """Read one order by its id, as a page of one entry; empty where Amazon has none or it is no Easy Ship order."""
        door, calls, read_at = await self._doors.door(account), list[Call](), self._clock.now()
        try:
            entries: Entries = await self._reader.one(door, amazon_id, guard, calls, read_at, urgency)
        except AmazonError as error:
            error.calls = tuple(calls)
            raise
        return Page(entries.found, entries.unreadable, None, read_at, tuple(calls))

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step; see `ports.Gateway.perform`."""
        objection = self._objection(shipment, step)
        if objection is not None:
            return Performed(objection)
        if step.kind in LOCAL:
            return Performed(Done(step, self._clock.now()))
        talk = Talk(await self._doors.door(account), shipment, guard)
        capability = self._capabilities.of(shipment.marketplace)
        try:
            if step.kind is StepKind.GENERATE_LABELS and not capability.slots:
                return await self._bulk.schedule(talk.door, shipment, step, guard)
            if step.kind is StepKind.RESCHEDULE:
                return await self._rescheduling.move(talk.door, shipment, step, guard)
            report = await self._asks[step.kind](talk, step)
        except ValueError as why:
            report = refused(step, self._clock.now(), _OPERATION[step.kind], "NotAcceptable", str(why))
        except (Rejected, Unresolved) as error:
            report = failed(step, self._clock.now(), error, _OPERATION.get(step.kind, operations.GET_ORDER))
        except AmazonError as error:
            error.calls = (*error.calls, *talk.calls)
            raise
        return Performed(report, calls=tuple(talk.calls))

    def _objection(self, shipment: Shipment, step: Step) -> Failed | None:
        """Refuse what cannot work before anything is sent."""
        now, capability = self._clock.now(), self._capabilities.of(shipment.marketplace)
        if step.kind in _ELSEWHERE:
            return refused(step, now, step.kind.value, "NotByCall", _ELSEWHERE[step.kind])
        if step.kind is StepKind.UPDATE_PACKAGE and _is_scheduled(shipment):
            return refused(step, now, "updatePackage", "AlreadyScheduled", _SCHEDULED)
        if step.kind in (StepKind.PROBE, *LOCAL):
            return None
        lacking = _lacking(step.kind, capability)
        return refused(step, now, _OPERATION[step.kind], "RegionNotSupported", lacking) if lacking else None

    async def _slots(self, talk: Talk, step: Step) -> Report:
        options = await scheduling.slots(talk, step)
        return Done(step, self._clock.now(), options=options)

    async def _schedule(self, talk: Talk, step: Step) -> Report:
        label, at = await scheduling.schedule(talk, step), self._clock.now()
        self._reader.booked(talk.door.settings.id, talk.shipment.amazon_id, label.tracking_id, at)
        return Done(step, at, labels=(label,))

    async def _label_again(self, talk: Talk, step: Step) -> Report:
        """The label is at Amazon: its package tells tracking id and slot. One that is gone must be scheduled anew."""
        package = await scheduling.scheduled(talk)
        if package is None or parse.is_void(package):
            gone = "The order is not scheduled at Amazon any more: its label was cancelled."
            return refused(step, self._clock.now(), operations.GET_SCHEDULED_PACKAGE, "LabelCanceled", gone, "slot")
        label = parse.label(package, scheduling.package_of(talk.shipment, step).id)
        return Done(step, self._clock.now(), labels=(label,))

    async def _probe(self, talk: Talk, _: Step) -> Report:
        """Prove or disprove the pending call; the answer that a lost call would have given is given now."""
        shipment, read_at = talk.shipment, self._clock.now()
        pending = shipment.pending.step if shipment.pending else None
        if pending is not None and pending.kind in _PROVEN_BY_PACKAGE:
            package = await scheduling.scheduled(talk)
            if package is not None and scheduling.proves(package, shipment, pending):
                label = parse.label(package, scheduling.package_of(shipment, pending).id)
                return Done(pending, self._clock.now(), labels=(label,))
            if package is not None and not parse.is_void(package):
                return Seen(parse.package_facts(package, shipment), read_at, "probe")
        return Seen(await self._order_facts(talk), read_at, "probe")

    async def _order_facts(self, talk: Talk) -> Facts:
        shipment = talk.shipment
        body = await self._reader.body(talk.door, shipment.amazon_id, talk.guard, talk.calls, self._clock.now())
        package_id = shipment.packages[0].id if shipment.packages else parse.PACKAGE_ID
        try:
            return parse.facts(parse.order(body), self._capabilities.of(shipment.marketplace), package_id)
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            raise Unavailable(f"Amazon's answer to getOrder cannot be read: {why}", operation="getOrder") from why


_SCHEDULED = (
    "The order is scheduled: weight, size and content cannot be changed at Amazon any more. Reschedule it if only the"
    " slot is wrong; else have Amazon's seller support cancel the label, then pack again."
)


def _is_scheduled(shipment: Shipment) -> bool:
    return any(package.label is not None and not package.label.void for package in shipment.packages)


def _lacking(kind: StepKind, capability: Capability) -> str:
    """Say what this marketplace lacks for a step, with the way out; "" where it lacks nothing."""
    if capability.missing:
        return capability.missing
    if kind is StepKind.READ_OPTIONS and not capability.slots:
        return f"Easy Ship in {capability.country} offers no slots to choose from: label the order without one."
    if kind is StepKind.RESCHEDULE and not capability.reschedule:
        return (
            f"Easy Ship in {capability.country} cannot change a slot. Hand the parcel over in its slot, or have"
            " Amazon's seller support cancel the label and schedule again."
        )
    return ""
