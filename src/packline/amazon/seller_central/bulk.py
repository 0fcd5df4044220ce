"""Scheduling in bulk, where the marketplace has nothing else: all that wait go in one call, documents at once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec.structs import replace

from packline.amazon.seller_central import build, operations, parse
from packline.amazon.seller_central.answering import failed, failure, read, refused
from packline.amazon.seller_central.capabilities import Capability
from packline.amazon.seller_central.papers import Expected, PaperError, Split
from packline.amazon.seller_central.scheduling import details_of, identifier_of, package_of
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import flat, reader
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Door, call_of
from packline.domain.reports import Done, Failed, LabelResult
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.domain.values import Document, DocumentKind, File
from packline.errors import AmazonError, Rejected, Unresolved
from packline.ports import Call, Guard, Performed

Splitter = Callable[[bytes, Sequence[Expected]], Awaitable[Split]]
"""Take a pile of documents apart and match each to one of the orders."""
GATHER_S = 0.05
"""Seconds that the first order waits for others; those that come while a call is out wait for the next."""
_OPERATION = operations.CREATE_SCHEDULED_PACKAGE_BULK
_ANSWER = reader(easy_ship.BulkSchedule)


class _SomebodyLeft(Exception):
    """An order was taken back after the batch was made up: the batch must be made up anew."""


class _Waiting:
    """One order on its way into a batch."""

    __slots__ = ("fate", "guard", "shipment", "step")

    def __init__(self, shipment: Shipment, step: Step, guard: Guard | None) -> None:
        self.shipment, self.step, self.guard = shipment, step, guard
        self.fate: asyncio.Future[Performed] = asyncio.get_running_loop().create_future()

    def answer(self, performed: Performed) -> None:
        if not self.fate.done():
            self.fate.set_result(performed)

    def fail(self, error: BaseException) -> None:
        if not self.fate.done():
            self.fate.set_exception(error)


class BulkScheduling:
    """Gather orders of one account and marketplace into calls of up to 100, one call at a time."""

    def __init__(self, clock: Clock, split: Splitter) -> None:
        """Take documents apart with `split`."""
        self._clock, self._split = clock, split
        self._waiting: dict[tuple[str, str], list[_Waiting]] = {}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def schedule(
        self, door: Door, shipment: Shipment, step: Step, capability: Capability, guard: Guard | None
    ) -> Performed:
        """Schedule one order with those that wait beside it.

        Raises the AmazonError family, what its guard raises, and ValueError for what Amazon does not take.

        An order that is cancelled while it waits leaves its place; once the call left, its fate is found by a probe.
        """
        key = (door.settings.id, shipment.marketplace)
        waiting = _Waiting(shipment, step, guard)
        _described(waiting)
        self._waiting.setdefault(key, []).append(waiting)
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._run(key, door, capability), name=f"bulk {key}")
        return await waiting.fate

    async def _run(self, key: tuple[str, str], door: Door, capability: Capability) -> None:
        try:
            while self._waiting.get(key):
                await self._clock.sleep(GATHER_S)
                batch = self._take(key)
                if batch:
                    await self._try(key, door, capability, batch)
        finally:
            self._running.pop(key, None)
            for late in self._waiting.pop(key, []):
                late.fate.cancel()

    def _take(self, key: tuple[str, str]) -> list[_Waiting]:
        alive = sorted((w for w in self._waiting[key] if not w.fate.done()), key=lambda w: w.shipment.urgency)
        batch, self._waiting[key] = alive[: build.MOST_IN_BULK], alive[build.MOST_IN_BULK :]
        return batch

    async def _try(self, key: tuple[str, str], door: Door, capability: Capability, batch: list[_Waiting]) -> None:
        calls: list[Call] = []
        try:
            await self._send(door, capability, batch, calls)
        except _SomebodyLeft:
            self._waiting[key] = [*batch, *self._waiting[key]]
        except AmazonError as error:
            _fail_all(batch, error, calls)
        except Exception as error:  # noqa: BLE001  it is raised again for every order: nobody may wait for ever
            for waiting in batch:
                waiting.fail(error)

    async def _send(self, door: Door, capability: Capability, batch: list[_Waiting], calls: list[Call]) -> None:
        body = build.bulk(batch[0].shipment.marketplace, [_described(w) for w in batch], capability.label)
        try:
            answer = await door.api.call(
                _OPERATION,
                door.caller,
                body=body,
                urgency=batch[0].shipment.urgency,
                guard=_together(batch),
                note=lambda record: calls.append(call_of(record, batch[0].shipment.id if len(batch) == 1 else None)),
            )
            told = read(_OPERATION, answer, _ANSWER)
        except (Rejected, Unresolved) as error:
            if isinstance(error, Rejected) and flat(error.amazon_code) == "invalidinput" and len(batch) > 1:
                await self._halves(door, capability, batch, calls)  # one bad order must not stop the others
                return
            for number, waiting in enumerate(batch):
                report = failed(waiting.step, self._clock.now(), error, _OPERATION)
                waiting.answer(Performed(report, calls=() if number else tuple(calls)))
            return
        await self._hand_out(door, capability, batch, told, calls)

    async def _halves(self, door: Door, capability: Capability, batch: list[_Waiting], calls: list[Call]) -> None:
        middle = len(batch) // 2
        await self._send(door, capability, batch[:middle], calls)
        await self._send(door, capability, batch[middle:], [])

    async def _hand_out(
        self, door: Door, capability: Capability, batch: list[_Waiting], told: easy_ship.BulkSchedule, calls: list[Call]
    ) -> None:
        packages = {_order_of(p): p for p in told.scheduled_packages or ()}
        papers = await self._papers(door, capability, batch, packages, told.printable_documents_url)
        rejected = {r.amazon_order_id or "": r.error or easy_ship.Error() for r in told.rejected_orders or ()}
        for number, waiting in enumerate(batch):
            order_id = waiting.shipment.amazon_id
            found = papers.get(order_id, {})
            if order_id in packages:
                report: Done | Failed = _done(waiting, packages[order_id], found, self._clock)
            else:
                report = _not_scheduled(waiting, rejected.get(order_id), self._clock)
            waiting.answer(Performed(report, tuple(found.values()), () if number else tuple(calls)))

    async def _papers(
        self,
        door: Door,
        capability: Capability,
        batch: list[_Waiting],
        packages: dict[str, easy_ship.Package],
        url: str | None,
    ) -> dict[str, dict[DocumentKind, File]]:
        """Fetch and split the ZIP now, as its address cannot be had again; a failure costs documents, no schedule."""
        if not url:
            return {}
        expected = [_expected(w, packages[w.shipment.amazon_id], capability) for w in batch if _is_in(w, packages)]
        found: dict[str, dict[DocumentKind, File]] = {}
        with contextlib.suppress(AmazonError, PaperError):
            for document in (await self._split(await door.api.download(url), expected)).found:
                found.setdefault(document.order_id, {})[document.kind] = document.file
        return found


def _together(batch: list[_Waiting]) -> Callable[[], Awaitable[None]]:
    async def guard() -> None:
        if any(waiting.fate.done() for waiting in batch):
            raise _SomebodyLeft
        for waiting in batch:
            if waiting.guard is not None:
                await waiting.guard()

    return guard


def _described(waiting: _Waiting) -> tuple[str, dict[str, Any] | None]:
    """Give details only where a slot was chosen: without any, Amazon takes its earliest slot."""
    package = package_of(waiting.shipment, waiting.step)
    if not waiting.step.option_id:
        return waiting.shipment.amazon_id, None
    return waiting.shipment.amazon_id, details_of(package, waiting.step.option_id)


def _expected(waiting: _Waiting, package: easy_ship.Package, capability: Capability) -> Expected:
    tracking = package.tracking_details.tracking_id if package.tracking_details else None
    own = package_of(waiting.shipment, waiting.step)
    return Expected(waiting.shipment.amazon_id, str(tracking or ""), identifier_of(own), capability.wants)


def _done(
    waiting: _Waiting, package: easy_ship.Package, papers: dict[DocumentKind, File], clock: Clock
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


def _not_scheduled(waiting: _Waiting, error: easy_ship.Error | None, clock: Clock) -> Failed:
    if error is None:
        silent = "Amazon's answer names this order neither as scheduled nor as rejected."
        return refused(waiting.step, clock.now(), _OPERATION, "NotNamed", silent, "unclear")
    told = Rejected(
        f"Amazon rejected the order ({error.code}: {error.message})",
        operation=_OPERATION.name,
        amazon_code=error.code or "",
        details=error.details or "",
    )
    return Failed(waiting.step, clock.now(), failure(told, _OPERATION, is_read=False))


def _fail_all(batch: list[_Waiting], error: AmazonError, calls: list[Call]) -> None:
    """Raise the error for every order, its calls logged once."""
    for number, waiting in enumerate(batch):
        own = type(error)(
            error.message,
            operation=error.operation,
            status=error.status,
            amazon_code=error.amazon_code,
            request_id=error.request_id,
            details=error.details,
            reread=error.reread,
            hint=error.hint,
        )
        own.calls = () if number else tuple(calls)
        waiting.fail(own)


def _document(papers: dict[DocumentKind, File], kind: DocumentKind) -> Document | None:
    return papers[kind].document if kind in papers else None


def _order_of(package: easy_ship.Package) -> str:
    return (package.scheduled_package_id.amazon_order_id or "") if package.scheduled_package_id else ""


def _is_in(waiting: _Waiting, packages: dict[str, easy_ship.Package]) -> bool:
    return waiting.shipment.amazon_id in packages
