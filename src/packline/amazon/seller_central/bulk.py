"""Scheduling in bulk, where the marketplace has nothing else: all that wait go in one call, documents at once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from packline.amazon.seller_central import build, operations, parse
from packline.amazon.seller_central.answering import failed, failure, read, refused
from packline.amazon.seller_central.capabilities import Capabilities, Capability
from packline.amazon.seller_central.gathering import Gathering, Patience, Waiting, name_in_log, together
from packline.amazon.seller_central.papers import Expected, PaperError, Split
from packline.amazon.seller_central.rescheduling import order_of
from packline.amazon.seller_central.scheduling import details_of, identifier_of, package_of
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import flat, reader
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Door, call_of
from packline.domain.reports import Done, Failed, LabelResult
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.domain.values import Document, DocumentKind, File, file_of
from packline.errors import AmazonError, Rejected, Unresolved
from packline.ports import Call, Guard, LeftOver, Performed

Splitter = Callable[[bytes, Sequence[Expected]], Awaitable[Split]]
"""Take a pile of documents apart and match each to one of the orders."""
PATIENCE = Patience(quiet=0.05, longest=0.05)
"""The first order waits a moment for others; those that come while a call is out wait for the next."""
DOWNLOADS_AT_MOST, PAUSE_S = 4, 3.0
"""Tries to fetch the documents, whose address lives for minutes and cannot be had again, and seconds between two."""
_OPERATION = operations.CREATE_SCHEDULED_PACKAGE_BULK
_ANSWER = reader(easy_ship.BulkSchedule)


class _Papers(NamedTuple):
    """Each order's documents, and what belongs to none of them."""

    found: dict[str, dict[DocumentKind, File]]
    left: tuple[LeftOver, ...] = ()


class BulkScheduling:
    """Gather orders of one account and marketplace into calls of up to 100, one call at a time."""

    def __init__(self, clock: Clock, split: Splitter, capabilities: Capabilities) -> None:
        """Take documents apart with `split`, as `capabilities` says what each marketplace gives."""
        self._clock, self._split, self._capabilities = clock, split, capabilities
        self._gathering = Gathering(clock, self._send, build.MOST_IN_BULK, PATIENCE)

    async def schedule(self, door: Door, shipment: Shipment, step: Step, guard: Guard | None) -> Performed:
        """Schedule one order with those that wait beside it.

        Raises as `Gathering.join`, and ValueError for what Amazon does not take.
        """
        waiting = Waiting(shipment, step, guard)
        _described(waiting)
        return await self._gathering.join(door, waiting)

    async def _send(self, door: Door, batch: list[Waiting], calls: list[Call]) -> None:
        marketplace = batch[0].shipment.marketplace
        capability = self._capabilities.of(marketplace)
        try:
            answer = await door.api.call(
                _OPERATION,
                door.caller,
                body=build.bulk(marketplace, [_described(w) for w in batch], capability.label),
                urgency=batch[0].shipment.urgency,
                guard=together(batch),
                note=lambda record: calls.append(call_of(record, name_in_log(batch))),
            )
            told = read(_OPERATION, answer, _ANSWER)
        except (Rejected, Unresolved) as error:
            if isinstance(error, Rejected) and flat(error.amazon_code) == "invalidinput" and len(batch) > 1:
                await self._halves(door, batch, calls)  # one bad order must not stop the others
                return
            for number, waiting in enumerate(batch):
                report = failed(waiting.step, self._clock.now(), error, _OPERATION)
                waiting.answer(Performed(report, calls=() if number else tuple(calls)))
            return
        await self._hand_out(door, capability, batch, told, calls)

    async def _halves(self, door: Door, batch: list[Waiting], calls: list[Call]) -> None:
        middle = len(batch) // 2
        await self._send(door, batch[:middle], calls)
        await self._send(door, batch[middle:], [])

    async def _hand_out(
        self, door: Door, capability: Capability, batch: list[Waiting], told: easy_ship.BulkSchedule, calls: list[Call]
    ) -> None:
        packages = {order_of(p): p for p in told.scheduled_packages or ()}
        papers = await self._papers(door, capability, batch, packages, told.printable_documents_url)
        rejected = {str(r.amazon_order_id or ""): r.error or easy_ship.Error() for r in told.rejected_orders or ()}
        for number, waiting in enumerate(batch):
            order_id = waiting.shipment.amazon_id
            found = papers.found.get(order_id, {})
            if order_id in packages:
                report: Done | Failed = _done(waiting, packages[order_id], found, self._clock)
            else:
                report = _not_scheduled(waiting, rejected.get(order_id), self._clock)
            first = number == 0
            waiting.answer(
                Performed(report, tuple(found.values()), tuple(calls) if first else (), papers.left if first else ())
            )

    async def _papers(
        self,
        door: Door,
        capability: Capability,
        batch: list[Waiting],
        packages: dict[str, easy_ship.Package],
        url: str | None,
    ) -> _Papers:
        """Fetch and split the ZIP now, as its address cannot be had again; a failure costs documents, no schedule."""
        expected = [
            _expected(w, packages[w.shipment.amazon_id], capability) for w in batch if w.shipment.amazon_id in packages
        ]
        content = await self._fetched(door, url) if url else None
        if content is None or url is None:
            return _Papers({})
        try:
            split = await self._split_or_fetch_again(door, url, content, expected)
        except PaperError as broken:
            archive = file_of(content, "application/octet-stream")
            return _Papers({}, (LeftOver(archive, f"The documents of a bulk schedule cannot be read: {broken}"),))
        found: dict[str, dict[DocumentKind, File]] = {}
        for document in split.found:
            found.setdefault(document.order_id, {})[document.kind] = document.file
        return _Papers(found, tuple(LeftOver(u.file, u.why) for u in split.unmatched if not u.needs_nobody(found)))

    async def _split_or_fetch_again(self, door: Door, url: str, content: bytes, expected: Sequence[Expected]) -> Split:
        """Split the ZIP; one that was spoilt on its way is fetched once more, while its address lives."""
        try:
            return await self._split(content, expected)
        except PaperError:
            again = await self._fetched(door, url)
            if again is None or again == content:
                raise
            return await self._split(again, expected)

    async def _fetched(self, door: Door, url: str) -> bytes | None:
        """Fetch the documents; None where their address is dead or does not answer."""
        for attempt in range(1, DOWNLOADS_AT_MOST + 1):
            try:
                return await door.api.download(url)
            except Rejected:
                return None
            except AmazonError:
                if attempt < DOWNLOADS_AT_MOST:
                    await self._clock.sleep(PAUSE_S * attempt)
        return None


def _described(waiting: Waiting) -> tuple[str, dict[str, Any] | None]:
    """Give details only where a slot was chosen: without any, Amazon takes its earliest slot."""
    package = package_of(waiting.shipment, waiting.step)
    if not waiting.step.option_id:
        return waiting.shipment.amazon_id, None
    return waiting.shipment.amazon_id, details_of(package, waiting.step.option_id)


def _expected(waiting: Waiting, package: easy_ship.Package, capability: Capability) -> Expected:
    tracking = package.tracking_details.tracking_id if package.tracking_details else None
    own = package_of(waiting.shipment, waiting.step)
    return Expected(waiting.shipment.amazon_id, str(tracking or ""), identifier_of(own), capability.wants)


def _done(
    waiting: Waiting, package: easy_ship.Package, papers: dict[DocumentKind, File], clock: Clock
) -> Done | Failed:
    own = package_of(waiting.shipment, waiting.step)
    label: LabelResult = replace(parse.label(package, own.id), document=_document(papers, DocumentKind.SHIP_LABEL))
    return Done(
        waiting.step,
        clock.now(),
        invoice=_document(papers, DocumentKind.INVOICE),
        labels=(label,),
        warranty=_document(papers, DocumentKind.WARRANTY),
    )


def _not_scheduled(waiting: Waiting, error: easy_ship.Error | None, clock: Clock) -> Failed:
    if error is None:
        silent = "Amazon's answer names this order neither as scheduled nor as rejected."
        return refused(waiting.step, clock.now(), _OPERATION, "NotNamed", silent, "unclear")
    told = Rejected(
        f"Amazon rejected the order ({error.code}: {error.message})",
        operation=_OPERATION.name,
        amazon_code=str(error.code or ""),
        details=error.details or "",
    )
    return Failed(waiting.step, clock.now(), failure(told, _OPERATION, is_read=False))


def _document(papers: dict[DocumentKind, File], kind: DocumentKind) -> Document | None:
    return papers[kind].document if kind in papers else None
