"""Intake: listings are polled, what is new is stored, what changed is told, what cannot be read is parked."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.location import Account, Location, StockOn, stranger
from packline.domain.program import Program
from packline.domain.reconcile import reconcile
from packline.domain.reports import Facts, Seen
from packline.domain.settle import LABELED_OR_LATER
from packline.domain.shipment import Goal, Shipment, Status
from packline.domain.story import Story
from packline.domain.values import body_mark, shipment_id
from packline.driver.flood import Flood
from packline.driver.outage import Outage
from packline.driver.ownership import Guard
from packline.driver.reliance import Reliance
from packline.driver.timing import due_after_news
from packline.driver.tools import Tools
from packline.driver.trail import Trail
from packline.driver.unauthorized import stop_unauthorized
from packline.driver.writing import write
from packline.errors import AmazonError, PacklineError, Rejected, Unauthorized, Unexpected
from packline.ports import Change, Cursor, Page, Query

PAGES_AT_MOST = 2000
STALE_AT_MOST = 8
FLOOD = 50
"""New shipments on a page, and nothing else on it, that let the next page be inserted without asking what is known."""
ALL = ""
"""The cursor's name for all locations of an account."""
MOST_UNITS = 1_000_000
"""Of one line; more is a mistake that would stop the books of stock, which count all orders of the account."""
_UNFIT = re.compile(r"[\x00-\x1f\x7f]").search
_STATUSES = frozenset(status.value for status in Status)

log = structlog.get_logger(__name__)


class Flow(NamedTuple):
    """One listing that is polled at a location (or all), and seconds between two looks; some have their own pace."""

    location: str
    listing: str
    every: float
    has_own_pace: bool = False


class Record(NamedTuple):
    """One shipment as a page told of it, and its program."""

    id: str
    facts: Facts
    body: bytes | None
    read_at: datetime
    program: Program


class Intake:
    """Poll what Amazon lists for one account, under one ownership."""

    def __init__(self, tools: Tools, account: Account, guard: Guard, nudge: Callable[[], None]) -> None:
        """Poll while `guard` lets calls through; `nudge` is told when shipments became due."""
        self._tools, self._account, self._guard, self._nudge = tools, account, guard, nudge
        self._cursors: dict[tuple[str, str], Cursor] = {}
        self._locations: dict[str, Location] = {}
        self._flows: tuple[Flow, ...] = ()
        on_listings = account.stock_on is StockOn.LISTINGS
        self._unconfirmed = (Status.ACCEPTED, Status.CREATED) if on_listings else (Status.ACCEPTED,)
        self._is_flooded = self._is_rung = self._is_first_look = False
        self._reliance = Reliance(tools, account.id)
        self._outage = Outage(tools, account.id)
        self.flood = Flood(tools.clock)

    async def open(self) -> None:
        """Read how far intake came."""
        account = self._account.id
        await self._read_locations()
        self._cursors = {(c.location, c.status): c for c in await self._tools.intake.cursors(account)}
        apart = any(location != ALL for location, _ in self._cursors)
        self._flows = tuple(self._plan_flows(list(self._locations) if apart else [ALL]))
        await self._outage.open()

    async def _read_locations(self) -> None:
        found = await self._tools.accounts.locations(self._account.id)
        self._locations = {location.id: location for location in found}

    def next_at(self) -> datetime:
        """Tell when the next poll is due; the past where it is due now."""
        due = (self._due_at(flow) for flow in self._flows)
        return min([self._reliance.next_at(), self._outage.next_at(), *due])

    def ring(self) -> None:
        """Read the locations again before the next poll: what confirms by itself may have changed.

        Nothing rings for a listing: what rings is read by the inbox (`driver.inbox`).
        """
        self._is_rung = True

    def catch_up(self) -> None:
        """Read every listing at once: more messages wait than single reads can answer soon.

        A listing with a pace of its own is left to it: its quota is scarcer than that of single reads.
        """
        if any(not flow.has_own_pace for flow in self._flows) and self.flood.ask():
            log.info("intake.flooded", account=self._account.id)
            self._nudge()

    async def run(self) -> None:
        """Poll every flow that is due, one after the other. Raises Fenced."""
        if self._is_rung:
            self._is_rung = False
            await self._read_locations()
        await self._reliance.look()
        await self._outage.begin(self._read_so_far())
        for flow in self._flows:
            if self._guard.is_paused:
                return
            if self._due_at(flow) <= self._tools.clock.now():
                await self._poll(flow)
        await self._outage.end(self._read_so_far())

    def _read_so_far(self) -> list[Cursor | None]:
        return [self._cursors.get((flow.location, flow.listing)) for flow in self._flows]

    def _plan_flows(self, locations: Sequence[str]) -> Iterator[Flow]:
        pace = self._tools.pace
        found = self._tools.gateway.listings(self._account)
        for listing in sorted(found, key=lambda listing: not listing.is_new):
            every = listing.every_s or (pace.poll_new_s if listing.is_new else pace.poll_rest_s)
            for location in locations if listing.by_location else [ALL]:
                yield Flow(location, listing.name, every, listing.every_s is not None)

    def _due_at(self, flow: Flow) -> datetime:
        cursor = self._cursors.get((flow.location, flow.listing))
        looks = [at for at in (cursor.succeeded_at, cursor.failed_at) if at is not None] if cursor else []
        if not looks:
            return self._tools.clock.now()
        if max(looks) < self.flood.asked_at and not flow.has_own_pace:
            return self.flood.asked_at
        return max(looks) + self._reliance.every(flow.every, has_own_pace=flow.has_own_pace)

    async def _poll(self, flow: Flow) -> None:
        cursor = self._cursors.get((flow.location, flow.listing)) or await self._begin(flow)
        try:
            after = await self._read(flow, cursor)
            now = self._tools.clock.now()
            cursor = replace(cursor, after=after, succeeded_at=now, failed_at=None, error=None)
        except Rejected as error:
            cursor = await self._failed(cursor, error)
            if flow.location == ALL:
                self._go_apart()
        except AmazonError as error:
            cursor = await self._failed(cursor, error)
        if await self._tools.intake.save_cursor(cursor):
            self._cursors[flow.location, flow.listing] = cursor
        else:  # a location was added meanwhile: what was passed over as a stranger's is read again
            self._cursors.pop((flow.location, flow.listing), None)

    async def _begin(self, flow: Flow) -> Cursor:
        cursor = Cursor(self._account.id, flow.location, flow.listing, None)
        await self._tools.intake.begin_cursor(cursor)
        return cursor

    async def _failed(self, cursor: Cursor, error: AmazonError) -> Cursor:
        await self._tools.shipments.log_calls(error.calls)
        log.warning("intake.failed", account=self._account.id, status=cursor.status, error=error.message)
        now = self._tools.clock.now()
        if isinstance(error, Unauthorized):
            await stop_unauthorized(self._tools.accounts, self._guard, error)
        elif isinstance(error, Unexpected):
            body = f"{error.operation} {error.status} {error.request_id} {error.details}".encode()
            await self._tools.intake.park(self._account.id, "getShipments", body, error.message, now)
        return replace(cursor, failed_at=now, error=error.message)

    def _go_apart(self) -> None:
        """Where Amazon does not list all locations at once, each is polled by itself from now on."""
        self._flows = tuple(self._plan_flows(list(self._locations)))

    async def _read(self, flow: Flow, cursor: Cursor) -> datetime | None:
        """Read a listing to its end, and tell from when the next window starts.

        It starts at the newest update that Amazon told of, or where Amazon says that its listing is complete, by
        Amazon's clock: a clock of ours that runs ahead would else leave orders between two windows. It is never later
        than our own time, whatever a record says, nor than an order that Amazon could not tell of in full.
        """
        pace, account = self._tools.pace, self._account.id
        after = (cursor.after or self._tools.clock.now() - pace.look_back) - pace.overlap
        query = Query(flow.listing, flow.location or None, after, page_size=pace.page_size)
        self._is_first_look = (
            cursor.succeeded_at is None
        )  # what was shipped before Packline came has its papers elsewhere
        token: str | None = None
        newest, late = cursor.after, list[datetime]()
        trail = Trail(flow.listing, "getShipments")
        for _ in range(PAGES_AT_MOST):
            page = await self._tools.gateway.list_page(account, query, token, self._guard)
            await self._tools.shipments.log_calls(page.calls)
            found = await self.store(page)
            self.flood.note(page)
            await self._reliance.found([(record.facts.amazon_id, record.facts.as_of) for record in found])
            seen = [min(facts.as_of, page.read_at) for facts, _ in page.entries]
            seen += [min(page.until, page.read_at)] if page.until and page.next_token is None else []
            newest = max([*seen, *([newest] if newest else [])], default=None)
            late += [page.postponed] if page.postponed else []
            if page.next_token is None:  # an empty page, or the same token again, is not the end
                return min([newest, *late]) if newest else None
            token = trail.follow(page.next_token)
        raise Unexpected(f"Amazon's listing of {flow.listing} does not end.", operation="getShipments")

    async def store(self, *pages: Page) -> list[Record]:
        """Store what is new on these pages, tell what changed, park what cannot be read. Raises Fenced.

        Gives what a notification would have told: new shipments, and those that somebody else moved.
        """
        for page in pages:
            for body, reason in page.unreadable:
                await self.park(body, reason, page.read_at)
        records = await self._admit(pages)
        if not records:
            return []
        known = {} if self._is_flooded else await self._tools.shipments.known(list(records))
        moved = [r for r in records.values() if r.id in known and _is_news(r, *known[r.id])]
        fresh = [record for record in records.values() if record.id not in known]
        met = await self._insert(fresh)
        self._is_flooded = not known and not met and len(records) >= FLOOD
        told = await self._tell(moved + await self._with_news(met))
        if len(met) == len(fresh):
            return told
        late = {record.id for record in met}
        return told + [r for r in fresh if r.id not in late and r.facts.status.upper() != Status.CREATED]

    async def _with_news(self, met: list[Record]) -> list[Record]:
        """Of records that could not be inserted, keep those that tell something new of what is there."""
        if not met:
            return []
        known = await self._tools.shipments.known([record.id for record in met])
        return [record for record in met if record.id in known and _is_news(record, *known[record.id])]

    async def _admit(self, pages: Sequence[Page]) -> dict[str, Record]:
        records: dict[str, Record] = {}
        entries = [(facts, body, page.read_at) for page in pages for facts, body in page.entries]
        if any(facts.location not in self._locations for facts, _, _ in entries):
            await self._read_locations()  # one may have been added since this drain began
        for facts, body, read_at in entries:
            program = self._tools.gateway.program_of(facts)
            if program is None or (reason := self._objection(facts)):
                await self.park(body, reason if program else _no_program(facts), read_at)
                continue
            record = Record(shipment_id(self._account.id, facts.amazon_id), facts, body, read_at, program)
            twin = records.get(record.id)
            if twin is None or twin.facts.as_of <= facts.as_of:
                records[record.id] = record
        return records

    def _objection(self, facts: Facts) -> str:
        location = self._locations.get(facts.location)
        if location is None:
            return f"{stranger(facts.location)}; add it with `packline location set`."
        if facts.status.upper() not in _STATUSES:
            return f"Amazon's status {facts.status!r} is not one that Packline knows."
        if not f"{facts.amazon_id}{facts.order_id}{facts.marketplace}{facts.sub_status}".isprintable():
            return "Its id, order, marketplace or sub-status holds a control character, which cannot be stored."
        for sku, units in facts.items:
            if _UNFIT(sku):
                return "A SKU holds a control character, which cannot be stored."
            if not 0 <= units <= MOST_UNITS:
                return f"A line has {units} units, which no shipment has."
        return ""

    async def park(self, body: bytes, reason: str, at: datetime) -> None:
        """Put what cannot be taken in on a person's list."""
        log.warning("intake.parked", account=self._account.id, reason=reason)
        await self._tools.intake.park(self._account.id, "getShipments", body, reason, at)

    async def _insert(self, fresh: list[Record]) -> list[Record]:
        """Store what is new, and return those records that somebody else stored first."""
        changes: list[tuple[Record, Change]] = []
        for record in fresh:
            try:
                changes.append((record, self._received(record)))
            except (PacklineError, ValueError, KeyError, TypeError) as error:
                await self.park(record.body or b"", f"It cannot be taken in: {error!r}", record.read_at)
        if not changes:
            return []
        inserted = await self._tools.shipments.insert([change for _, change in changes])
        if any(change.due_at for _, change in changes):
            self._nudge()
        return [record for (record, _), done in zip(changes, inserted, strict=True) if not done]

    def _received(self, record: Record) -> Change:
        facts, program = record.facts, record.program
        if not facts.status.isupper():
            facts = replace(facts, status=facts.status.upper())
        event = ev.Received(facts, program.code, record.read_at)
        shipment = receive(self._account.id, event)
        story = Story(shipment)
        if facts.packages or facts.status == Status.CANCELLED:
            story = reconcile(shipment, Seen(facts, record.read_at), program)
        if self._confirms_itself(story.shipment):
            story.tell(ev.GoalSet(Goal.CONFIRMED, record.read_at, command="auto_confirm"))
        is_late = shipment.status in LABELED_OR_LATER and not self._is_first_look
        if is_late and program.fetches_afterwards:
            story.tell(ev.PapersWanted("its label was made before it was known here"))
        due = due_after_news(story.shipment, program, record.read_at)
        return Change(story.shipment, 0, (event, *story.events), due, self._guard.ownership.epoch, body=record.body)

    def _confirms_itself(self, shipment: Shipment) -> bool:
        location = self._locations.get(shipment.location)
        if location is None or not (location.auto_confirm and location.enabled):
            return False
        return shipment.status in self._unconfirmed and shipment.goal is None

    async def _tell(self, moved: list[Record]) -> list[Record]:
        """Tell shipments what Amazon shows; gives the records of those that somebody else moved."""
        if not moved:
            return []
        shipments = await self._tools.shipments.load([record.id for record in moved])
        there = [record for record in moved if record.id in shipments]
        news = await asyncio.gather(*(self._news(record, shipments[record.id]) for record in there))
        if any(is_due for is_due, _ in news):
            self._nudge()
        return [record for record, (_, is_moved) in zip(there, news, strict=True) if is_moved]

    async def _news(self, record: Record, shipment: Shipment) -> tuple[bool, bool]:
        """Tell one shipment what Amazon shows: whether the driver has something to do, whether somebody moved it."""
        program = self._tools.gateway.program_for(shipment)
        for _ in range(STALE_AT_MOST):
            try:
                story = reconcile(shipment, Seen(record.facts, record.read_at), program)
            except (PacklineError, ValueError, KeyError, TypeError) as error:
                await self.park(record.body or b"", f"It cannot be reconciled: {error!r}", record.read_at)
                return False, False
            if shipment.status not in self._unconfirmed and self._confirms_itself(story.shipment):
                story.tell(ev.GoalSet(Goal.CONFIRMED, record.read_at, command="auto_confirm"))
            due = due_after_news(story.shipment, program, self._tools.clock.now())
            if await self._commit(story, due, record.body):
                moves = (event.cause for event in story.events if isinstance(event, ev.Moved))
                return due is not None, any(cause != "command" for cause in moves)
            found = await self._tools.shipments.load([record.id])
            shipment = found[record.id]
        return False, False  # it moves all the time; the next window of the listing overlaps this one

    async def _commit(self, story: Story, due: datetime | None, body: bytes | None) -> bool:
        epoch = self._guard.ownership.epoch
        change = Change(story.shipment, story.before.version, tuple(story.events), due, epoch, body=body)
        return (await write(self._tools, self._guard, change)).outcome == "written"


def _no_program(facts: Facts) -> str:
    return f"No program has channel {facts.channel!r} and shipping type {facts.shipping_type!r}."


def _is_news(record: Record, as_of: datetime, known_mark: bytes) -> bool:
    news = record.facts.as_of
    return news > as_of or (news == as_of and body_mark(record.body or b"") != known_mark)
