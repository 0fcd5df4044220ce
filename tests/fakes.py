"""Fakes of the ports: a driven clock, a store in memory with the real one's locks, and an Amazon that obeys."""

import asyncio
import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from builders import INVOICE_FILE, LABEL_FILE, NOON, PROGRAMS, facts, option
from packline.domain.location import Account, Location, Region, StockOn
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen, SeenPackage
from packline.domain.shipment import Failure, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.values import File, body_mark, shipment_id
from packline.ports import Call, Change, Committed, Cursor, Guard, Listing, Message, Ownership, Page, Performed, Query

TICKS_AT_MOST = 20_000
QUIET = 25  # turns of the loop after which everything that can run without time has run


class FakeClock:
    """Time that only passes when everybody waits for it."""

    def __init__(self) -> None:
        self.at = NOON
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.at + timedelta(seconds=seconds), next(self._order), future))
        await future

    async def settle(self) -> None:
        """Let everything run that needs no time."""
        for _ in range(QUIET):
            await asyncio.sleep(0)

    async def tick(self) -> None:
        """Go to the time of the next sleeper."""
        await self.settle()
        while self._sleepers:
            at, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self.at = max(self.at, at)
                future.set_result(None)
                return

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let time pass as fast as the work allows."""

        async def run() -> None:
            while True:
                await self.tick()

        task = asyncio.create_task(run())
        try:
            yield
        finally:
            task.cancel()

    async def during(self, work: Any, limit: timedelta = timedelta(hours=1)) -> Any:
        """Run work to its end while time passes; fails where it takes longer than `limit` of this clock."""
        task, end = asyncio.ensure_future(work), self.at + limit
        for _ in range(TICKS_AT_MOST):
            if task.done():
                break
            assert self.at < end, "the work does not end"
            await self.tick()
        return task.result()


class FakeStore:
    """Shipments, owners, intake and accounts in memory (all of the driver's stores in one)."""

    def __init__(self, clock: FakeClock, *shipments: Shipment) -> None:
        self.clock = clock
        self.rows: dict[str, Shipment] = {}
        self.due_at: dict[str, datetime | None] = {}
        self.bodies: dict[str, bytes] = {}
        self.events: list[tuple[str, Any]] = []
        self.calls: list[Call] = []
        self.files: list[File] = []
        self.batches: list[int] = []
        self.epochs: Counter[str] = Counter()
        self.seqs: Counter[str] = Counter()
        self.released: list[tuple[Ownership, bytes, datetime | None]] = []
        self.parked: list[tuple[str, bytes, str]] = []
        self.kept: dict[tuple[str, str], Cursor] = {}
        self.inbox: dict[int, str] = {}
        self.paused: dict[str, str | None] = {}
        self.answered_elsewhere: set[str] = set()
        self.closed_apis: dict[str, str] = {}
        self.account_rows = {"acme-in": account()}
        self.places = [Location("acme-in", "EXSB")]
        self.before_commit: list[Callable[[Sequence[Change]], None]] = []
        self.broken: Exception | None = None
        for shipment in shipments:
            self.put(shipment)

    def put(self, shipment: Shipment) -> None:
        """Store a shipment as due, as a command would."""
        self.rows[shipment.id] = replace(shipment, version=shipment.version + 1)
        self.due_at[shipment.id] = self.clock.now()
        self.seqs[shipment.account] += 1

    def take_over(self, account_id: str) -> None:
        """Let another worker become the owner."""
        self.epochs[account_id] += 1

    async def due(self, account: str, now: datetime, limit: int, exclude: Sequence[str]) -> list[Shipment]:
        found = [
            row
            for row in self.rows.values()
            if row.account == account and row.id not in exclude and (at := self.due_at[row.id]) and at <= now
        ]
        return sorted(found, key=lambda s: (s.ship_by or NOON, s.id))[:limit]

    async def next_due(self, account: str) -> datetime | None:
        found = [at for i, at in self.due_at.items() if at is not None and self.rows[i].account == account]
        return min(found, default=None)

    async def load(self, ids: Sequence[str]) -> dict[str, Shipment]:
        return {i: self.rows[i] for i in ids if i in self.rows}

    async def body(self, shipment_id: str) -> bytes | None:
        return self.bodies.get(shipment_id)

    async def known(self, ids: Sequence[str]) -> dict[str, tuple[datetime, bytes]]:
        return {i: (self.rows[i].as_of, body_mark(self.bodies.get(i, b""))) for i in ids if i in self.rows}

    async def commit(self, changes: Sequence[Change], calls: Sequence[Call] = ()) -> list[Committed]:
        if self.before_commit:
            self.before_commit.pop(0)(changes)
        if self.broken:
            raise self.broken
        await asyncio.sleep(0)
        self.batches.append(len(changes))
        self.calls.extend([*calls, *(call for change in changes for call in change.calls)])
        return [self._write(change) for change in changes]

    def _write(self, change: Change) -> Committed:
        shipment = change.shipment
        if change.epoch is not None and change.epoch != self.epochs[shipment.account]:
            return Committed("fenced")
        if self.rows[shipment.id].version != change.version:
            return Committed("stale")
        self._keep(change, change.version + 1)
        return Committed("written", change.version + 1)

    def _keep(self, change: Change, version: int) -> None:
        shipment = change.shipment
        self.rows[shipment.id] = replace(shipment, version=version)
        self.due_at[shipment.id] = change.due_at
        self.events.extend((shipment.id, event) for event in change.events)
        self.files.extend(change.files)
        if change.body is not None:
            self.bodies[shipment.id] = change.body

    async def insert(self, new: Sequence[Change]) -> list[bool]:
        done = []
        for change in new:
            done.append(change.shipment.id not in self.rows)
            if done[-1]:
                self._keep(change, 1)
        return done

    async def log_calls(self, calls: Sequence[Call]) -> None:
        self.calls.extend(calls)

    async def take(self, account: str, worker: str, now: datetime) -> Ownership | None:
        if self.paused.get(account):
            return None
        self.epochs[account] += 1
        return Ownership(account, self.epochs[account])

    async def still_mine(self, ownership: Ownership) -> bool:
        return self.epochs[ownership.account] == ownership.epoch

    async def release(self, ownership: Ownership, levels: bytes, look_at: datetime | None = None) -> None:
        if await self.still_mine(ownership):
            self.released.append((ownership, levels, look_at))

    async def wake_seq(self, account: str) -> int:
        return self.seqs[account]

    async def cursors(self, account: str) -> list[Cursor]:
        return [cursor for cursor in self.kept.values() if cursor.account == account]

    async def begin_cursor(self, cursor: Cursor) -> None:
        self.kept.setdefault((cursor.location, cursor.status), cursor)

    async def save_cursor(self, cursor: Cursor) -> bool:
        begun = (cursor.location, cursor.status) in self.kept
        if begun:
            self.kept[cursor.location, cursor.status] = cursor
        return begun

    async def park(self, account: str, source: str, body: bytes, reason: str, now: datetime) -> None:
        self.parked.append((source, body, reason))

    async def inbox_take(self, account: str, limit: int) -> list[Message]:
        return [Message(number, amazon_id, self.clock.now()) for number, amazon_id in self.inbox.items()][:limit]

    async def inbox_done(self, ids: Sequence[int], now: datetime) -> None:
        for number in ids:
            del self.inbox[number]

    async def inbox_put(
        self, account: str, source: str, dedupe: str, amazon_id: str, body: bytes, now: datetime
    ) -> bool:
        self.inbox[len(self.inbox) + 1] = amazon_id
        return True

    async def accounts(self) -> list[Account]:
        return list(self.account_rows.values())

    async def account(self, account_id: str) -> Account | None:
        return self.account_rows.get(account_id)

    async def locations(self, account_id: str) -> list[Location]:
        return [place for place in self.places if place.account == account_id]

    async def unauthorized(self, account_id: str, reason: str) -> None:
        self.paused[account_id] = reason

    async def is_answered_elsewhere(self, account_id: str, operations: Sequence[str]) -> bool:
        return account_id in self.answered_elsewhere

    async def closed(self, account_id: str, api: str, reason: str) -> None:
        self.closed_apis[api] = reason


Behaviour = Callable[[Shipment, Step], Performed | None]
"""Stands before a call (raise: it never happened) or after it; what it returns is the answer instead."""


class FakeGateway:
    """An Amazon that does what it is told, except where a test says how the next call of a kind ends."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.world: dict[str, Facts] = {}
        self.made: list[tuple[str, StepKind]] = []
        self.before: dict[StepKind, list[Behaviour]] = defaultdict(list)
        self.after: dict[StepKind, list[Behaviour]] = defaultdict(list)
        self.pages: dict[str, list[Page | Exception]] = defaultdict(list)
        self.asked: list[tuple[Query, str | None]] = []
        self.labels = itertools.count(1)
        self.slow: float = 0.0

    def know(self, shipment: Shipment) -> Shipment:
        """Let Amazon have this shipment."""
        self.world[shipment.amazon_id] = facts(
            shipment.status.value, amazon_id=shipment.amazon_id, needs_invoice=shipment.needs_invoice
        )
        return shipment

    def kinds(self) -> list[str]:
        """List the kinds of calls in the order in which they were made."""
        return [kind.value for _, kind in self.made]

    def cancel(self, amazon_id: str) -> None:
        """Let the buyer cancel."""
        self._move(amazon_id, "CANCELLED", cancelled_by="BUYER_CANCELLED")

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        if self.slow:
            await self.clock.sleep(self.slow)
        if guard is not None:
            await guard()
        if self.before[step.kind] and (answer := self.before[step.kind].pop(0)(shipment, step)):
            return answer
        self.made.append((shipment.amazon_id, step.kind))
        call = Call(self.clock.now(), account, step.kind.value, 1, 200, 1.0, shipment.id)
        performed = replace(self._effect(shipment, step), calls=(call,))
        if self.after[step.kind] and (answer := self.after[step.kind].pop(0)(shipment, step)):
            return answer
        return performed

    def _effect(self, shipment: Shipment, step: Step) -> Performed:
        done = Done(step, self.clock.now())
        match step.kind:
            case StepKind.PROBE:
                return Performed(Seen(self.world[shipment.amazon_id], self.clock.now(), "probe"))
            case StepKind.CONFIRM:
                self._move(shipment.amazon_id, "CONFIRMED")
            case StepKind.REJECT:
                self._move(shipment.amazon_id, "CANCELLED", cancelled_by="SELLER_REJECTED")
            case StepKind.CREATE_PACKAGES:
                packages = tuple(SeenPackage(p, "CREATED") for p, _ in step.packages)
                self._move(shipment.amazon_id, "PACKAGE_CREATED", packages=packages)
            case StepKind.READ_OPTIONS:
                self._move(shipment.amazon_id, "PICKUP_SLOT_RETRIEVED")
                return Performed(replace(done, options=(option(),)))
            case StepKind.GENERATE_INVOICE:
                self._move(shipment.amazon_id, "INVOICE_GENERATED")
                return Performed(replace(done, invoice=INVOICE_FILE.document), (INVOICE_FILE,))
            case StepKind.GENERATE_LABELS | StepKind.REGENERATE_LABELS:
                return self._label(shipment, step, done)
            case StepKind.SHIP:
                self._move(shipment.amazon_id, "SHIPPED")
        return Performed(done)

    def _label(self, shipment: Shipment, step: Step, done: Done) -> Performed:
        packages = tuple(SeenPackage(p, "SHIPLABEL_GENERATED") for p, _ in step.packages)
        self._move(shipment.amazon_id, "SHIPLABEL_GENERATED", packages=packages)
        results = tuple(
            LabelResult(p, True, f"TRK-{shipment.amazon_id}-{next(self.labels)}", "ATS", document=LABEL_FILE.document)
            for p, _ in step.packages
        )
        return Performed(replace(done, labels=results), (LABEL_FILE,))

    def _move(self, amazon_id: str, status: str, **given: Any) -> None:
        before = self.world[amazon_id]
        self.world[amazon_id] = replace(before, status=status, as_of=self.clock.now(), **given)

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        if guard is not None:
            await guard()
        self.asked.append((query, token))
        waiting = self.pages[query.listing]
        if not waiting:
            return Page((), (), None, self.clock.now())
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, read_at=self.clock.now())

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        if guard is not None:
            await guard()
        found = self.world.get(amazon_id)
        entries = ((found, found.amazon_id.encode()),) if found else ()
        return Page(entries, (), None, self.clock.now())

    def listings(self, account: Account) -> tuple[Listing, ...]:
        new = ("ACCEPTED", "CREATED") if account.stock_on is StockOn.LISTINGS else ("ACCEPTED",)
        return tuple(Listing(status.value, status.value in new) for status in Status)

    def program_for(self, shipment: Shipment) -> Program:
        return PROGRAMS[shipment.program]

    def program_of(self, told: Facts) -> Program | None:
        wanted = (told.channel, told.shipping_type)
        return next((p for p in PROGRAMS.values() if (p.channel, p.shipping_type) == wanted), None)

    def take_up(self, account: str, levels: bytes) -> None:
        pass

    def lay_down(self, account: str) -> bytes:
        return b"levels"

    def details(self, body: bytes, api: str) -> Any:
        raise NotImplementedError

    def quotas(self, account: str) -> Sequence[dict[str, Any]]:
        return ()


def account(**given: Any) -> Account:
    """Build an account of a seller in India."""
    values: dict[str, Any] = {
        "id": "acme-in",
        "name": "Acme",
        "seller_id": "A1ACME",
        "region": Region.EU,
        "marketplaces": ("A21TJRUUN4KGV",),
        "endpoint": "http://127.0.0.1:1",
        "token_url": "http://127.0.0.1:1/auth/o2/token",
        "application_id": "app",
    }
    return Account(**(values | given))


def page(*entries: tuple[Facts, bytes], token: str | None = None, unreadable: Any = ()) -> Page:
    """Build a page of a listing."""
    return Page(tuple(entries), tuple(unreadable), token, datetime(2026, 1, 1, tzinfo=UTC))


def unclear(kind: str = "unclear", status: int = 0, code: str = "NoAnswer") -> Behaviour:
    """End a call without a clear answer."""

    def answer(shipment: Shipment, step: Step) -> Performed:
        failure = Failure(kind, step.kind.value, status, code, "told by a test")
        return Performed(Failed(step, shipment.pending.since if shipment.pending else NOON, failure))

    return answer


def raising(error: Exception) -> Behaviour:
    """End a call with an exception."""

    def answer(_shipment: Shipment, _step: Step) -> None:
        raise error

    return answer


def id_of(amazon_id: str) -> str:
    """Give the id of a shipment of the account that fakes have."""
    return shipment_id("acme-in", amazon_id)
