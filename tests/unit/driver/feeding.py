"""Feeds in memory: an Amazon that takes them, a store that keeps them, papers that are their own orders."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from builders import EASY_SHIP, facts, package
from fakes import id_of
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.feed_plan import Waiting
from packline.domain.feed_wishes import documents_wish
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, FeedState, ItemResult
from packline.domain.papers import Expected, Found, Split
from packline.domain.shipment import Goal, Label, Rejection, Shipment
from packline.domain.story import Story
from packline.domain.values import DocumentKind, file_of
from packline.driver.errand import no_errands
from packline.driver.feeds.errand import FeedsErrand
from packline.driver.feeds.tools import FeedTools
from packline.driver.ownership import Guard
from packline.errors import AmazonError, Unresolved
from packline.ports import Ownership
from packline.ports.feeds import Batch, Note, Repeat, WaitingItem
from packline.storage.codec import encode_json
from unit.driver.driving import Shop

MARKET = "A21TJRUUN4KGV"


class Crash(BaseException):
    """The process dies here."""


class FakeFeedStore:
    """What `storage.feeds` does, in memory; `crash_after` ends the process after so many writes."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.items_: dict[str, tuple[FeedItem, FeedKind, datetime, int, str, int | None, datetime | None]] = {}
        self.batches: dict[int, Batch] = {}
        self.failed: dict[str, str] = {}
        self.writes = 0
        self.crash_after = -1
        self.crash_before_end = False

    def _wrote(self) -> None:
        self.writes += 1
        if self.writes == self.crash_after:
            raise Crash

    def _is_mine(self, owner: Ownership) -> bool:
        return self._shop.store.epochs[owner.account] == owner.epoch

    def want(self, item: FeedItem, kind: FeedKind) -> None:
        self.items_[item.key] = (item, kind, self._shop.clock.now(), 0, "waiting", None, None)

    def _fulfilled(self, key: str) -> bool:
        """A shipment's own commit takes its wish back where its documents are there."""
        row = self._shop.store.rows.get(key)
        labels = [p.label for p in row.packages] if row else []
        return bool(labels) and all(label is not None and label.document is not None for label in labels)

    async def waiting(self, account: str, now: datetime) -> tuple[list[Waiting], datetime | None]:
        ready = [i for i in self.items_.values() if i[4] == "waiting" and (i[6] is None or i[6] <= now)]
        later = [i[6] for i in self.items_.values() if i[4] == "waiting" and i[6] is not None and i[6] > now]
        kinds = {i[1] for i in ready}
        found = [
            Waiting(k, MARKET, sum(i[1] is k for i in ready), min(i[2] for i in ready if i[1] is k)) for k in kinds
        ]
        return found, min(later, default=None)

    async def plan(self, owner: Ownership, kind: FeedKind, marketplace: str, limit: int, now: datetime) -> Batch | None:
        ready = [
            i for i in self.items_.values() if i[1] is kind and i[4] == "waiting" and (i[6] is None or i[6] <= now)
        ]
        if not ready or not self._is_mine(owner):
            return None
        level = min(ready, key=lambda i: (i[6] or i[2], i[3]))[3]
        taken = [i for i in ready if i[3] == level][: max(1, limit >> level)]
        number = len(self.batches) + 1
        self.batches[number] = Batch(number, owner.account, kind, marketplace, "planned", len(taken), now, next_at=now)
        for i in taken:
            self.items_[i[0].key] = (i[0], kind, i[2], i[3] + 1, "sent", number, None)
        self._wrote()
        return self.batches[number]

    async def open(self, account: str) -> list[Batch]:
        return [batch for batch in self.batches.values() if batch.state != "ended"]

    async def items(self, batch: Batch) -> list[WaitingItem]:
        found = [
            i for i in self.items_.values() if i[5] == batch.id and i[4] == "sent" and not self._fulfilled(i[0].key)
        ]
        return [WaitingItem(i[0], i[2], i[3]) for i in found]

    async def expected(self, account: str, kind: FeedKind, limit: int) -> list[WaitingItem]:
        return [WaitingItem(i[0], i[2], i[3]) for i in self.items_.values() if i[1] is kind][:limit]

    async def save(self, owner: Ownership, batch: Batch, now: datetime) -> bool:
        if not self._is_mine(owner):
            return False
        self.batches[batch.id] = batch
        self._wrote()
        return True

    async def settle(
        self, owner: Ownership, batch: Batch, done: Sequence[str], again: Sequence[Repeat], now: datetime
    ) -> bool:
        if not self._is_mine(owner):
            return False
        if self.crash_before_end and batch.state == "ended":
            self.crash_before_end = False
            raise Crash
        self.batches[batch.id] = batch
        for key in done:
            self.items_.pop(key, None)
        for repeat in again:
            i = self.items_[repeat.key]
            state = "waiting" if repeat.not_before else "failed"
            self.items_[repeat.key] = (*i[:4], state, None, repeat.not_before)
            if repeat.not_before is None:
                self.failed[repeat.key] = repeat.reason
        self._wrote()
        return True

    async def known(self, account: str, feed_ids: Sequence[str]) -> set[str]:
        return {batch.feed_id for batch in self.batches.values() if batch.feed_id in feed_ids}

    def left(self) -> list[str]:
        """List what still wants a feed."""
        return [key for key, i in self.items_.items() if i[4] != "failed" and not self._fulfilled(key)]


class FakeFeeds:
    """An Amazon that takes feeds; tests say what goes wrong."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.sent: dict[str, list[FeedItem]] = {}
        self.created: dict[str, datetime] = {}
        self.lose_answers = 0
        self.lose_before = 0
        self.poison: set[str] = set()
        self.stuck: set[str] = set()
        self.errors: dict[str, list[str]] = {}
        self.lacking: dict[str, int] = {}
        self.refuse: list[AmazonError] = []
        self.refills = 0

    async def refill(self, account: str, guard: object) -> None:
        self.refills += 1

    async def submit(self, account: str, kind: FeedKind, items: Sequence[FeedItem], guard: Guard, note: Note) -> str:
        await note("document", "D")
        if self.refuse:
            raise self.refuse.pop(0)
        await note("uploaded", "D")
        await guard()
        if self.lose_before:
            self.lose_before -= 1
            raise Unresolved("no answer", operation="createFeed")
        feed = f"F{len(self.sent) + 1}"
        self.sent[feed], self.created[feed] = list(items), self._shop.clock.now()
        if self.lose_answers:
            self.lose_answers -= 1
            raise Unresolved("no answer", operation="createFeed")
        return feed

    def _state(self, feed: str) -> FeedState:
        dead = any(item.subject in self.poison for item in self.sent[feed])
        status = "IN_PROGRESS" if feed in self.stuck else "FATAL" if dead else "DONE"
        return FeedState(feed, status, "R" if status == "DONE" else None, self.created[feed])

    async def find(self, account: str, kind: FeedKind, since: datetime, guard: object) -> tuple[FeedState, ...]:
        found = [self._state(feed) for feed, at in self.created.items() if at >= since]
        return tuple(sorted(found, key=lambda state: state.created_at, reverse=True))

    async def look(self, account: str, feed_id: str, guard: object) -> FeedState:
        return self._state(feed_id)

    async def result(
        self, account: str, kind: FeedKind, state: FeedState, items: Sequence[FeedItem], guard: object
    ) -> FeedResult:
        if state.status != "DONE":
            return FeedResult(tuple(ItemResult(i.subject, False, state.status, "dead") for i in items))
        told = []
        for item in items:
            codes = self.errors.get(item.subject)
            code = codes.pop(0) if codes else ""
            told.append(ItemResult(item.subject, not code, code, code and "Amazon's words"))
        return FeedResult(tuple(told), (state.feed_id,) if kind is FeedKind.DOCUMENTS else ())

    async def report(self, account: str, report_id: str, guard: object) -> tuple[str, str | None]:
        return "DONE", report_id

    async def report_file(self, account: str, report_document_id: str, guard: object) -> bytes:
        return report_document_id.encode()

    async def split(self, content: bytes, expected: Sequence[Expected]) -> Split:
        """Give every order of the feed its label, but for those that are lacking."""
        found = []
        for item in self.sent[content.decode()]:
            if self.lacking.get(item.subject, 0) > 0:
                self.lacking[item.subject] -= 1
            elif item.subject in {one.order_id for one in expected}:
                label = file_of(f"label of {item.subject}".encode(), "application/pdf")
                found.append(Found(item.subject, DocumentKind.SHIP_LABEL, label, (1,)))
        return Split(tuple(found), ())

    async def mentions(self, content: bytes) -> object:
        raise AssertionError("nobody asks")


class FeedShop:
    """A shop whose labels wait for their documents, and its feeds errand."""

    def __init__(self, count: int) -> None:
        self.shop = Shop()
        self.store, self.amazon = FakeFeedStore(self.shop), FakeFeeds(self.shop)
        self.names = [self._labelled(f"O-{n:03d}") for n in range(count)]

    def _labelled(self, amazon_id: str) -> str:
        told = facts("SHIPLABEL_GENERATED", amazon_id=amazon_id, order_id=amazon_id)
        story = Story(receive("acme-in", ev.Received(told, EASY_SHIP.code, self.shop.clock.now())))
        box = replace(package(), sent=1)
        story.tell(ev.GoalSet(Goal.LABELED, self.shop.clock.now(), ticket=f"cmd_{amazon_id}", packages=(box,)))
        story.tell(ev.LabelMade(box.id, Label(f"T{amazon_id}", "ATS", 1, 1, self.shop.clock.now(), awaits="feed")))
        self._put(story.shipment)
        wish = documents_wish(f"T{amazon_id}", MARKET, invoice=False)
        self.store.want(FeedItem(story.shipment.id, amazon_id, encode_json(wish)), FeedKind.DOCUMENTS)
        return story.shipment.id

    def rejected(self, amazon_id: str) -> str:
        """Let the seller reject an order: its cancellation goes by a feed."""
        told = facts("ACCEPTED", amazon_id=amazon_id, order_id=amazon_id)
        story = Story(receive("acme-in", ev.Received(told, EASY_SHIP.code, self.shop.clock.now())))
        no = Rejection("OUT_OF_STOCK", "REF", (("L-1", 1),))
        story.tell(ev.GoalSet(Goal.REJECTED, self.shop.clock.now(), ticket=f"cmd_{amazon_id}", rejection=no))
        self._put(story.shipment)
        self.store.want(FeedItem(story.shipment.id, amazon_id, b"{}"), FeedKind.CANCEL)
        return id_of(amazon_id)

    def _put(self, shipment: Shipment) -> None:
        self.shop.store.put(shipment)

    async def errand(self) -> FeedsErrand:
        """Take the account, as a worker that starts does."""
        owner = await self.shop.store.take("acme-in", "test", self.shop.clock.now())
        assert owner is not None
        tools = self.shop.tools._replace(errands=no_errands)
        guard = Guard(owner, self.shop.store, self.shop.clock)
        feeds = FeedTools(self.store, self.amazon, self.amazon)
        made = FeedsErrand(tools, feeds, self.shop.store.account_rows["acme-in"], guard, lambda: None)
        await made.open()
        return made

    async def work(self, hours: float = 1, errand: FeedsErrand | None = None) -> None:
        """Let the errand run whenever it is due, for so long."""
        errand = errand or await self.errand()
        clock = self.shop.clock
        end = clock.now() + timedelta(hours=hours)
        while clock.now() < end:
            await clock.during(errand.run())
            if not self.store.left() and not await self.store.open("acme-in"):
                return
            clock.at = max(clock.at + timedelta(milliseconds=10), min(end, errand.next_at()))

    def labels(self) -> dict[str, bytes]:
        """Give the label's file of each order."""
        files = {file.document: file.content for file in self.shop.store.files}
        rows = [self.shop.store.rows[name] for name in self.names]
        found = {row.amazon_id: row.packages[0].label for row in rows}
        return {order: files[label.document] for order, label in found.items() if label and label.document}
