"""The returns errand: sweeps each location and status as the returns API demands, and tells what changed.

Amazon filters by the time of an update only for one location and one status, so a sweep is a call for each pair. What
arrives where the account has no location is found by its time of creation, and swept like the others from then on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from packline.domain.location import Account
from packline.domain.returns import STATUSES, SeenReturn
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.driver.trail import Trail
from packline.errors import AmazonError, Fenced, Unauthorized, Unavailable, Unexpected
from packline.ports.returns import ReturnCursor, ReturnGateway, ReturnPage, ReturnQuery, ReturnStore

LOOK_BACK = timedelta(days=60)
"""How far the first sweep looks back: a buyer has a month to send something back, and the way takes its time."""
CALLS_AT_ONCE = 8
PAGES_AT_MOST = 1000
SHARE = 0.5
"""Of Amazon's quota, so much is for sweeps that come by themselves."""
WITHOUT_ROLE = timedelta(minutes=15)
"""The application may lack the returns API's role: that is no reason to pause the account."""
SLOWER = 5
"""The sweep by creation and those of ends that nobody waits for come so many times more rarely."""
RARE = frozenset({"PARTIALLY_PROCESSED", "PROCESSED", "REJECTED", "CUSTOMER_RESCHEDULED_PICK_UP", ""})
EVERYWHERE = ("", "")

log = structlog.get_logger(__name__)
Flow = tuple[str, str]


class ReturnsErrand:
    """The returns of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(
        self, tools: Tools, store: ReturnStore, gateway: ReturnGateway, account: Account, guard: Guard
    ) -> None:
        """Sweep while `guard` lets calls through."""
        self._tools, self._store, self._gateway, self._account, self._guard = tools, store, gateway, account, guard
        self._cursors: dict[Flow, ReturnCursor] = {}
        self._places: list[str] = []
        self._rate = 0.0
        self._rests = self._look_at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        """Read how far the last owner came."""
        found = await self._store.cursors(self._account.id)
        self._cursors = {(cursor.location, cursor.status): cursor for cursor in found}

    def next_at(self) -> datetime:
        """Tell when the next flow is due."""
        return max(self._look_at, self._rests)

    def ring(self) -> None:
        """Commands bring no returns: the sweeps have their own pace."""

    async def run(self) -> None:
        """Sweep every flow that is due, some at a time. Raises Fenced; Amazon's failures stay with their flow."""
        account = self._account.id
        self._places = await self._store.places(account)
        try:
            self._rate = await self._gateway.rate(account)
            due = self._due()
            for at in range(0, len(due), CALLS_AT_ONCE):
                some = due[at : at + CALLS_AT_ONCE]
                if self._guard.is_paused or self._rests > self._now():
                    break
                swept = await asyncio.gather(*(self._sweep(flow) for flow in some), return_exceptions=True)
                if len(some) > 1 and all(isinstance(result, Unavailable) for result in swept):
                    some, swept = due[at:], [*swept, *swept[:1] * (len(due) - at - len(some))]
                    await self._keep(some, swept)
                    break  # Amazon is away: the others would only hear the same
                await self._keep(some, swept)
            await self._store.tidy(account, self._now())
        finally:
            self._look_at = min((self._due_at(flow) for flow in self._flows()), default=self._now())
            self._look_at = max(self._look_at, self._now() + timedelta(seconds=1))

    def _flows(self) -> list[Flow]:
        return [EVERYWHERE, *((place, status) for place in self._places for status in STATUSES)]

    def _due(self) -> list[Flow]:
        now = self._now()
        due = [(self._due_at(flow), number, flow) for number, flow in enumerate(self._flows())]
        return [flow for at, _, flow in sorted(due) if at <= now]

    def _due_at(self, flow: Flow) -> datetime:
        cursor = self._cursors.get(flow)
        looks = [at for at in (cursor.succeeded_at, cursor.failed_at) if at is not None] if cursor else []
        return max(looks) + self._every(flow) if looks else datetime.min.replace(tzinfo=UTC)

    def _every(self, flow: Flow) -> timedelta:
        """Come as often as is wished, and never so often that sweeps use up more than their share of the quota."""
        wished = self._tools.pace.poll_returns_s * (SLOWER if flow[1] in RARE else 1)
        calls = len(self._places) * len(STATUSES) + 1
        return timedelta(seconds=max(wished, calls / (self._rate * SHARE) if self._rate > 0 else 0.0))

    async def _sweep(self, flow: Flow) -> ReturnCursor:
        cursor = self._cursors.get(flow) or ReturnCursor(*flow)
        since = (cursor.after or self._now() - LOOK_BACK) - self._tools.pace.overlap
        newest, token = cursor.after, None
        trail = Trail(f"returns {flow}", "listReturns")
        for _ in range(PAGES_AT_MOST):
            page = await self._gateway.page(self._account.id, ReturnQuery(*flow, since), token, self._guard)
            await self._take(page)
            newest = max([newest or since, *(self._moment(flow, one) for one in page.entries)])
            token = page.next_token
            if token is None:
                seen = newest if newest > since else cursor.after
                return replace(cursor, after=seen, succeeded_at=self._now(), failed_at=None, error=None)
            trail.follow(token)
        raise Unexpected(f"Amazon's list of returns {flow} does not end.", operation="listReturns")

    def _moment(self, flow: Flow, seen: SeenReturn) -> datetime:
        """Give the time that the flow's window is about, by Amazon's clock; never later than our own time."""
        moment = (seen.created_at or seen.as_of) if flow == EVERYWHERE else seen.as_of
        return min(moment, self._now())

    async def _take(self, page: ReturnPage) -> None:
        for body, reason in page.unreadable:
            log.warning("returns.parked", account=self._account.id, reason=reason)
            await self._tools.intake.park(self._account.id, "listReturns", body, reason, self._now())
        if not page.entries:
            return
        told = await self._store.save(self._guard.ownership, page.entries, self._now())
        if told is None:
            self._guard.lose()
            await self._guard()
        elif told:
            log.info("returns.told", account=self._account.id, returns=told)

    async def _keep(self, flows: Sequence[Flow], swept: Sequence[ReturnCursor | BaseException]) -> None:
        """Write how far each flow is; one that failed keeps its window and says why."""
        cursors, failed = [], Counter[str]()
        for flow, result in zip(flows, swept, strict=True):
            if isinstance(result, Fenced) or (
                isinstance(result, BaseException) and not isinstance(result, AmazonError)
            ):
                raise result
            failed += Counter([result.message] if isinstance(result, AmazonError) else [])
            cursors.append(self._failed(flow, result) if isinstance(result, AmazonError) else result)
        for error, count in failed.items():
            log.warning("returns.failed", account=self._account.id, sweeps=count, error=error)
        await self._store.save_cursors(self._account.id, cursors)
        self._cursors |= {(cursor.location, cursor.status): cursor for cursor in cursors}

    def _failed(self, flow: Flow, error: AmazonError) -> ReturnCursor:
        if isinstance(error, Unauthorized):
            self._rests = self._now() + WITHOUT_ROLE
        cursor = self._cursors.get(flow) or ReturnCursor(*flow)
        return replace(cursor, failed_at=self._now(), error=error.message)

    def _now(self) -> datetime:
        return self._tools.clock.now()


class OriginErrand:
    """Parcels of one Seller Central account that come back, seen by their orders (implements `driver.errand.Errand`).

    Easy Ship has no returns API: an order that was refused or could not be delivered says so by its package's status.
    """

    def __init__(self, tools: Tools, store: ReturnStore, account: Account, guard: Guard) -> None:
        """Look into our own shipments only: no call is made."""
        self._tools, self._store, self._account, self._guard = tools, store, account, guard
        self._look_at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        """Nothing is kept in memory: what is known stands beside what is new."""

    def next_at(self) -> datetime:
        """Tell when to look again."""
        return self._look_at

    def ring(self) -> None:
        """Statuses are looked for at their own pace."""

    async def run(self) -> None:
        """Tell of every parcel whose way back began or went on. Raises Fenced."""
        while parcels := await self._store.coming_back(self._account.id, CALLS_AT_ONCE * 25):
            if await self._store.save(self._guard.ownership, parcels, self._tools.clock.now()) is None:
                self._guard.lose()
                await self._guard()
        self._look_at = self._tools.clock.now() + timedelta(seconds=self._tools.pace.poll_returns_s)
