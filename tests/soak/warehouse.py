"""The scripted warehouse system: reads the feed by its cursor, packs, hands over, delivers, receives returns."""

import asyncio
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from packline.bootstrap import Services
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.reject import Reject
from packline.commands.relabel import Relabel
from packline.commands.retry import Retry
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk, StockOrder
from packline.domain.returns import ARRIVED
from packline.domain.values import Value
from packline.errors import PacklineError
from packline.ports.returns import Piece
from packline.storage.database import AWAY
from packline.storage.return_receipts import ReturnDock
from packline.storage.stock import Stock
from packline.views.events import START, feed
from packline_sim.control.client import SimulatorError
from soak.book import FOLLOWED, Book, Entry, Told, ToldReturn
from soak.packing import packed
from soak.town import SHELF_POOL, Town

PAGE = 2000
AT_ONCE = 500
PEOPLE = 16
"""Parcels that are looked at at the same time: each is told twice, and laid back on Amazon's floor too."""
IDLE_S = 0.1
AWAY_S = 0.5
"""Real seconds after which a database that did not answer is asked again."""
HOUR_S = 3600.0
TRIED_AT_MOST = 40
"""Times that a command is given again while Packline says that it is too early or too busy."""
LOOK, FETCH = "look again", "fetch label"
RETRIED_AT_MOST = 3
"""Times that a person asks Packline to try a shipment again that stopped."""
TOO_EARLY = frozenset({"not_read", "busy", "in_flight"})
"""Refusals after which the same is asked again later."""
_WAITING = ("ACCEPTED", "CONFIRMED")
_PACKED = ("PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED", "INVOICE_GENERATED", "SHIPLABEL_GENERATED")


class Task(NamedTuple):
    """What is to be done when; one that is done again, because the answer was lost, has the same key."""

    due: float
    number: int
    what: str
    subject: str
    attempt: int = 0

    @property
    def key(self) -> str:
        """Name it for Packline, which does the same only once."""
        return f"{self.what}-{self.subject}-{self.attempt}"

    @property
    def kind(self) -> str:
        """Name what is done, without which time it is."""
        return self.what.rstrip("0123456789 ")


class Warehouse:
    """One warehouse for all shops; it plans in the simulator's time and acts when a thing is due.

    What it draws is drawn for a thing, not in the order in which things come: the same seed draws the same.
    """

    def __init__(self, services: Services, town: Town, seed: int) -> None:
        self._services, self._town, self._seed = services, town, seed
        self._due: list[Task] = []
        self._order = itertools.count()
        self._planned: set[tuple[str, str]] = set()
        self._looks: Counter[str] = Counter()
        self._dock = ReturnDesk(ReturnDock(services.pool), services.returns, services.clock)
        self.book = Book()
        self.cursor = START
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.laid_back: dict[str, tuple[tuple[str, str, str], int]] = {}
        """The shelf that a return was laid back on, and its units: once, however often it was told."""
        self._shelves = StockDesk(Stock(services.pool), services.accounts, services.clock)
        self.fetched: set[str] = set()
        self.refusals: dict[str, str] = {}
        self.interruptions = 0
        self._central = {shop.account.id for shop in town.shops if shop.is_central}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; a database that is away is waited for."""
        while not stop.is_set():
            try:
                read = await self._read()
                acted = await self._act()
            except AWAY:
                self.interruptions += 1
                await asyncio.sleep(AWAY_S)
                continue
            if read < PAGE and not acted:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), IDLE_S)

    def overdue(self, seconds: float = 0.0) -> int:
        """Count what has been due for so many simulated seconds and is not done."""
        since = self._services.clock.monotonic() - seconds
        return sum(1 for task in self._due if task.due <= since)

    @property
    def planned(self) -> int:
        """Count what is still to be done, due or not."""
        return len(self._due)

    @property
    def restocked(self) -> Counter[tuple[str, str, str]]:
        """Count the units of returns that were laid back, by shelf."""
        units: Counter[tuple[str, str, str]] = Counter()
        for shelf, count in self.laid_back.values():
            units[shelf] += count
        return units

    async def _read(self) -> int:
        page = await feed(self._services.pool, self.cursor, names=FOLLOWED, limit=PAGE)
        for event in page.events:
            news = self.book.read(event)
            if news.shipment is not None:
                self._consider(news.name, news.shipment)
            if news.came_back is not None:
                self._expect(event.account, news.came_back)
            if news.name == "account.unauthorized":
                self._put("authorize", event.account, 0.5)
        self.cursor = page.cursor
        return len(page.events)

    def _consider(self, name: str, entry: Entry) -> None:
        """Plan what a shipment asks for now; each thing once, and again where Amazon asks for it again."""
        told = entry.told
        if told.sub_status == "BUYER_REQUESTED_CANCEL" and self._is_drawn(told.id, 0.6):
            self._plan("reject", told.id, 0.2)
        elif told.sub_status == "LABEL_CANCELLED":
            self._plan("relabel", told.id, 0.5)
        elif told.status in _WAITING:
            self._plan("pack", told.id, 0.0, 2.0)
        if told.status == "SHIPLABEL_GENERATED" and self._lacks_label(entry):
            self._plan(FETCH, told.id, 0.2, 1.0)
        if told.status == "SHIPLABEL_GENERATED" and self._hands_over(told):
            self._plan("hand over", told.id, 0.5, 4.0)
        if told.status == "SHIPPED" and told.program == "self_ship":
            self._plan("deliver", told.id, 12.0, 36.0)
        if told.status == "CANCELLED" and entry.has_left:
            self._plan("fetch back", told.id, 2.0, 6.0)
        if name in ("shipment.stuck", "shipment.anomaly", "command.rejected"):
            self._plan(f"{LOOK} {self._looks[told.id]}", told.id, 1.0)

    def _hands_over(self, told: Told) -> bool:
        """Tell whether this is told here: always where the seller's carrier comes, else for half of the parcels."""
        return told.program == "self_ship" or self._is_drawn(told.id, 0.5)

    def _lacks_label(self, entry: Entry) -> bool:
        """Tell whether somebody scheduled it in Seller Central: its label comes only where it is asked for."""
        return entry.told.account in self._central and entry.is_adopted and not entry.labels

    def _expect(self, account: str, told: ToldReturn) -> None:
        if told.status in ARRIVED and told.received_units < told.units:
            self._plan("receive", told.id, 0.5, 3.0)

    def _plan(self, what: str, subject: str, hours: float, most: float = 0.0) -> None:
        """Plan a thing once, after `hours`, or at a moment between `hours` and `most` that is drawn for it."""
        if (what, subject) in self._planned:
            return
        self._planned.add((what, subject))
        draw = random.Random(f"{self._seed} {what} {subject}")
        self._put(what, subject, draw.uniform(hours, most) if most else hours)

    def _put(self, what: str, subject: str, hours: float, attempt: int = 0) -> None:
        due = self._services.clock.monotonic() + hours * HOUR_S
        heapq.heappush(self._due, Task(due, next(self._order), what, subject, attempt))

    def _is_drawn(self, subject: str, share: float) -> bool:
        """Draw for a subject, the same however often it is asked."""
        return random.Random(subject).random() < share

    async def _act(self) -> int:
        now = self._services.clock.monotonic()
        todo: list[Task] = []
        while self._due and self._due[0].due <= now and len(todo) < AT_ONCE:
            todo.append(heapq.heappop(self._due))
        try:
            await self._do(todo)
        except AWAY:
            for one in todo:  # what was done already is known by its key, here and in Packline
                heapq.heappush(self._due, one)
            raise
        return len(todo)

    async def _do(self, todo: list[Task]) -> None:
        by_hand = {"receive": self._receive, "fetch back": self._fetch_back, "authorize": self._authorize}
        people = asyncio.Semaphore(PEOPLE)

        async def do(task: Task) -> None:
            async with people:
                await by_hand[task.what](task.subject)

        ends = await asyncio.gather(*(do(task) for task in todo if task.what in by_hand), return_exceptions=True)
        for error in ends:
            if isinstance(error, BaseException):
                raise error
        wanted = [task for task in todo if task.what not in by_hand]
        bodies = await self._services.tickets.bodies([task.subject for task in wanted if task.what == "pack"])
        orders: list[tuple[Task, Order]] = []
        later: list[Task] = []
        for task in wanted:
            if task.what == "pack" and task.subject not in bodies:
                later.append(task)
            elif (request := self._request(task, bodies)) is not None:
                orders.append((task, Order(task.subject, request, key=task.key, by="soak")))
            else:
                self._planned.discard((task.what, task.subject))
        answers = await self._services.desk.give_many([order for _, order in orders]) if orders else []
        for (task, _), answer in zip(orders, answers, strict=True):
            self._was_answered(task, answer)
        for task in later:
            self._again(task)

    def _request(self, task: Task, bodies: dict[str, bytes]) -> Value | None:
        """Make the command; None where the book says meanwhile that there is nothing to do."""
        told = self.book.shipments[task.subject].told
        if told.status in ("CANCELLED", "DELIVERED"):
            return None
        if task.what == "pack":
            return self._pack(told, bodies[task.subject]) if told.status in _WAITING else None
        if task.what == FETCH:
            return Relabel() if self._lacks_label(self.book.shipments[task.subject]) else None
        if task.what == "relabel":
            return Relabel()
        makers: dict[str, Callable[[], Value]] = {
            "hand over": HandOver,
            "deliver": Deliver,
            "reject": lambda: Reject("CUSTOMER_REQUESTED"),
        }
        if task.what in makers:
            return makers[task.what]()
        return self._look_again(task.subject)

    def _look_again(self, subject: str) -> Value | None:
        entry = self.book.shipments[subject]
        if not entry.problem and not entry.refused:
            return None
        return Retry() if self._looks[subject] < RETRIED_AT_MOST else None

    def _pack(self, told: Told, body: bytes) -> Value:
        is_central = told.account in self._central
        api = "seller_central" if is_central else "external_fulfillment"
        details = self._services.gateway.details(body, api)
        boxes = 1 if is_central else 2
        draw = random.Random(told.id)
        return packed(told.id, details, draw, is_self_ship=told.program == "self_ship", boxes_at_most=boxes)

    def _was_answered(self, task: Task, answer: object) -> None:
        if task.kind == LOOK:
            self._looks[task.subject] += 1
            self.book.shipments[task.subject].refused = ""
        if not isinstance(answer, PacklineError):
            self.done[task.kind] += 1
            return
        reason = getattr(answer, "reason", "") or answer.code
        if reason in TOO_EARLY:
            self._again(task)
        else:
            self.refused[f"{task.kind}: {reason}"] += 1
            self.refusals[task.subject] = f"({task.what} was refused: {answer.message})"

    def _again(self, task: Task) -> None:
        if task.attempt < TRIED_AT_MOST:
            self._put(task.what, task.subject, 0.05, task.attempt + 1)
        else:
            self.refused[f"{task.kind}: never possible"] += 1

    async def _fetch_back(self, subject: str) -> None:
        """Lay the units of a parcel that was cancelled after it left back on the shelf, and say so."""
        entry = self.book.shipments[subject]
        orders = []
        for sku, units in entry.items:
            pool, place, _ = self._town.shelf(entry.told.account, entry.told.location, sku)
            named = {"pool": pool} if pool == SHELF_POOL else {"account": pool}
            orders.append(StockOrder("return", sku, units, place, reference=f"back {entry.told.amazon_id}", **named))
        if entry.told.account not in self._central:
            await self._shelves.say_many(orders)
        self.done["fetch back"] += 1
        self.fetched.add(subject)

    async def _authorize(self, account: str) -> None:
        """Let an account go on whose authorisation Amazon refused, after the seller has looked at it."""
        await self._services.accounts.pause(account, None)
        await self._services.wake.wake([account])
        self.done["authorize"] += 1

    async def _receive(self, item: str) -> None:
        """Take a return in, told twice as a system does that lost the answer; sellable units go back to the floor."""
        account, told = self.book.returns[item]
        is_good = self._is_drawn(item, 0.7)
        piece = Piece(told.units, "sellable" if is_good else "customer_damaged")
        try:
            for _ in range(2):
                await self._dock.receive(item, [piece], key="dock", by="soak")
        except PacklineError as refusal:
            self.refused[f"receive: {getattr(refusal, 'reason', '') or refusal.code}"] += 1
            return
        self.done["receive"] += 1
        if is_good:
            self.laid_back[item] = (self._town.shelf(account, told.location, told.sku), told.units)
        if is_good and account not in self._central:
            with suppress(SimulatorError):
                await asyncio.to_thread(self._town.sim.control.post, "returns", told.amazon_id, "restock", body={})
