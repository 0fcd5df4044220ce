"""The gateway: steps become calls, answers become reports; nothing above this file knows the API."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from msgspec import Raw
from msgspec.structs import replace

from packline.amazon.external_fulfillment import files, operations, parse, wire
from packline.amazon.external_fulfillment.client import UNREADABLE, read
from packline.amazon.external_fulfillment.panel_marks import DEFAULT, Marks
from packline.amazon.external_fulfillment.requests import Prepared, prepare
from packline.amazon.programs import PROGRAMS, program_of
from packline.amazon.spapi import outcome
from packline.amazon.spapi.client import Answer
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Door, Doors, call_of
from packline.amazon.spapi.operation import Operation
from packline.amazon.times import stamp
from packline.domain.details import Details
from packline.domain.location import Account, StockOn
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen
from packline.domain.shipment import Failure, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.values import File
from packline.errors import AmazonError, Rejected, Unavailable, Unresolved
from packline.ports import Call, Guard, Listing, Page, Performed, Query

NOT_FOUND = HTTPStatus.NOT_FOUND
_PAGE = wire.reader(wire.ShipmentsPage)
_OPTIONS = wire.reader(wire.ShippingOptions)
_INVOICE = wire.reader(wire.Invoice)
_LABELS = wire.reader(wire.ShipLabels)


class ExternalFulfillmentGateway:
    """Speak External Fulfillment 2024-09-11 for every account (implements `ports.Gateway`)."""

    def __init__(self, doors: Doors, clock: Clock, marks: Marks = DEFAULT, afterwards: str = "all") -> None:
        """Call through the accounts' doors; `marks` says what the signs of Amazon's own panel mean.

        `afterwards`: which documents are fetched of what others labelled (`Program.afterwards`).
        """
        self._doors, self._clock, self._marks = doors, clock, marks
        self._programs = {code: replace(program, afterwards=afterwards) for code, program in PROGRAMS.items()}

    def program_for(self, shipment: Shipment) -> Program:
        """Give the program of a shipment; raises KeyError for one that does not exist."""
        return self._programs[shipment.program]

    def program_of(self, facts: Facts) -> Program | None:
        """Tell a shipment's program from channel and shipping type."""
        found = program_of(facts.channel, facts.shipping_type)
        return self._programs[found.code] if found else None

    def details(self, body: bytes) -> Details:
        """Decode the part of a stored body that people and checks read."""
        return parse.details(body)

    def listings(self, account: Account) -> tuple[Listing, ...]:
        """List every status: new shipments come in ACCEPTED, and in CREATED where the stock is on listings."""
        new = {Status.ACCEPTED, Status.CREATED} if account.stock_on is StockOn.LISTINGS else {Status.ACCEPTED}
        return tuple(Listing(status.value, status in new) for status in Status)

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step; see `ports.Gateway.perform`."""
        calls: list[Call] = []
        door = await self._doors.door(account)
        if step.kind is StepKind.DOWNLOAD_LABEL:
            return await self._download(door, shipment, step)
        prepared = prepare(shipment, step)
        read_at = self._clock.now()
        try:
            answer = await door.api.call(
                prepared.operation,
                door.caller,
                prepared.path,
                prepared.query,
                prepared.body,
                urgency=shipment.urgency,
                attempt=shipment.pending.attempt if shipment.pending else 1,
                guard=guard,
                note=lambda record: calls.append(call_of(record, shipment.id)),
            )
            if step.kind is StepKind.PROBE:
                seen = Seen(_facts(prepared, answer, self._marks), read_at, "probe")
                return Performed(seen, calls=tuple(calls))
            done, found = await self._done(door, step, prepared, answer)
        except (Rejected, Unresolved) as error:
            return Performed(Failed(step, self._clock.now(), _failure(error, prepared)), calls=tuple(calls))
        except AmazonError as error:
            if step.kind is StepKind.READ_OPTIONS and isinstance(error, Unavailable):
                # A read that moves the shipment: whoever sees it there must know that it was we.
                return Performed(Failed(step, self._clock.now(), _failure(error, prepared)), calls=tuple(calls))
            error.calls = tuple(calls)
            raise
        return Performed(done, found, tuple(calls))

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        """Read one shipment by its id, as a page of one entry; empty where Amazon has none."""
        door, calls = await self._doors.door(account), list[Call]()
        read_at = self._clock.now()
        try:
            answer = await door.api.call(
                operations.GET_SHIPMENT,
                door.caller,
                {"shipmentId": amazon_id},
                urgency=urgency,
                guard=guard,
                note=lambda record: calls.append(call_of(record, None)),
            )
        except Rejected as error:
            if error.status != NOT_FOUND:
                raise
            return Page((), (), None, read_at, tuple(calls))
        entries, unreadable = _sorted([Raw(answer.body)], self._marks)
        return Page(entries, unreadable, None, read_at, tuple(calls))

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page; a shipment that cannot be read is handed on as bytes with the reason, beside the others."""
        door, calls = await self._doors.door(account), list[Call]()
        read_at = self._clock.now()
        asked: dict[str, str | int | None] = {
            "status": query.listing,
            "locationId": query.location,
            "lastUpdatedAfter": stamp(query.after) if query.after else None,
            "lastUpdatedBefore": stamp(query.before) if query.before else None,
            "maxResults": query.page_size,
            "paginationToken": token,
        }
        answer = await door.api.call(
            operations.GET_SHIPMENTS, door.caller, {}, asked, guard=guard, note=lambda r: calls.append(call_of(r, None))
        )
        if not answer.body:  # nothing at all is no page without shipments: what is behind it would be passed over
            raise _incomplete(operations.GET_SHIPMENTS, answer, "it is empty")
        page = read(operations.GET_SHIPMENTS, answer, _PAGE)
        entries, unreadable = _sorted(page.shipments or (), self._marks)
        return Page(entries, unreadable, page.next_token, read_at, tuple(calls))

    async def _done(self, door: Door, step: Step, prepared: Prepared, answer: Answer) -> tuple[Done, tuple[File, ...]]:
        done = Done(step, self._clock.now())
        match step.kind:
            case StepKind.READ_OPTIONS:
                return replace(done, options=parse.options(read(prepared.operation, answer, _OPTIONS))), ()
            case StepKind.GENERATE_INVOICE | StepKind.FETCH_INVOICE:
                invoice = read(prepared.operation, answer, _INVOICE).document
                file = files.from_base64(invoice.content or "") if invoice else None
                if file is None:
                    raise _incomplete(prepared.operation, answer, "it has no document")
                return replace(done, invoice=file.document), (file,)
            case StepKind.GENERATE_LABELS | StepKind.REGENERATE_LABELS:
                listed = read(prepared.operation, answer, _LABELS).package_ship_label_list
                if not listed:
                    raise _incomplete(prepared.operation, answer, "it tells of no package")
                labels, found = await self._label_files(door, [parse.label(one) for one in listed])
                return replace(done, at=self._clock.now(), labels=labels), found
            case _:
                if answer.body.lstrip()[:1] not in (b"", b"{", b"n"):  # a page of whoever stands between, with a 200
                    raise _incomplete(prepared.operation, answer, "it is no JSON")
                return done, ()

    async def _label_files(
        self, door: Door, labels: list[LabelResult]
    ) -> tuple[tuple[LabelResult, ...], tuple[File, ...]]:
        if len(labels) == 1:
            found = [await self._label_file(door, labels[0])]
        else:
            found = list(await asyncio.gather(*(self._label_file(door, label) for label in labels)))
        told = tuple(
            replace(label, document=file.document) if file else label for label, file in zip(labels, found, strict=True)
        )
        return told, tuple(file for file in found if file)

    async def _label_file(self, door: Door, label: LabelResult) -> File | None:
        """Fetch at once: the address lives for minutes. A failure loses nothing, as the label itself is made."""
        if not label.ok or not label.url:
            return None
        try:
            return files.label(await door.api.download(label.url))
        except AmazonError:
            return None

    async def _download(self, door: Door, shipment: Shipment, step: Step) -> Performed:
        package = shipment.package(step.packages[0][0])
        label = package.label if package else None
        if package is None or label is None or not label.url:
            gone = Failure("refused", "download", 0, "NoAddress", "the label has no address any more")
            return Performed(Failed(step, self._clock.now(), gone))
        try:
            file = files.label(await door.api.download(label.url))
        except Rejected as error:
            failure = Failure("refused", "download", error.status, error.amazon_code or "Expired", error.message)
            return Performed(Failed(step, self._clock.now(), failure))
        if file is None:
            raise Unavailable("The address of the label gave something that is no label.", operation="download")
        result = LabelResult(
            package.id, True, label.tracking_id, label.carrier, label.option_id, label.window, None, file.document
        )
        return Performed(Done(step, self._clock.now(), labels=(result,)), (file,))


def _facts(prepared: Prepared, answer: Answer, marks: Marks) -> Facts:
    try:
        return parse.facts(answer.body, marks)
    except UNREADABLE as why:
        raise Unavailable(
            f"Amazon's answer to {prepared.operation.name} cannot be read: {why}",
            operation=prepared.operation.name,
            status=answer.status,
            request_id=answer.request_id,
        ) from why


def _sorted(
    raws: Sequence[Raw], marks: Marks = DEFAULT
) -> tuple[tuple[tuple[Facts, bytes], ...], tuple[tuple[bytes, str], ...]]:
    entries: list[tuple[Facts, bytes]] = []
    unreadable: list[tuple[bytes, str]] = []
    for raw in raws:
        body = bytes(raw)
        try:
            entries.append((parse.facts(body, marks), body))
        except UNREADABLE as why:
            unreadable.append((body, str(why)))
    return tuple(entries), tuple(unreadable)


def _incomplete(operation: Operation, answer: Answer, why: str) -> AmazonError:
    write = operation.is_write
    return outcome.misfit(operation.name, is_write=write, status=answer.status, why=why, request_id=answer.request_id)


def _failure(error: AmazonError, prepared: Prepared) -> Failure:
    unclear = "conflict" if error.status == 409 else "unclear"
    kind = "refused" if isinstance(error, Rejected) else unclear
    code = error.amazon_code or error.code
    details = f" ({error.details})" if error.details else ""
    return Failure(kind, prepared.operation.name, error.status, code, error.message + details, error.request_id)
