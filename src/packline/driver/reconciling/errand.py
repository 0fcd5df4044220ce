"""The reconciling errand: reads Amazon's books page by page, so that a crash or a pause costs one page."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.domain.books.entries import Side, Stated, What
from packline.domain.location import Account
from packline.domain.reports import Facts
from packline.domain.returns import STATUSES
from packline.driver.ownership import Guard
from packline.driver.reconciling.judge import ASKED_AT_MOST
from packline.driver.tools import Tools
from packline.errors import AmazonError, Rejected, Unexpected
from packline.ports import Listing, Page, Query
from packline.ports.reconciliations import ReadingStore, Reports, Run
from packline.ports.returns import ReturnGateway, ReturnQuery, ReturnStore

IDLE = timedelta(seconds=60)
PAUSE = timedelta(seconds=60)
AFTER_FAILURE = timedelta(seconds=30)
REPORT_PAUSE = timedelta(seconds=15)
SCARCE = 0.1
"""Calls a second; what is slower than that is scarce, and intake comes first."""
KEPT_BACK = 6.0
"""Calls of a scarce operation that are left to intake and to people."""
SEARCHES = ("searchOrders", "getOrders")

log = structlog.get_logger(__name__)


class ReconcilingErrand:
    """What one account's reconciliations ask of Amazon (implements `driver.errand.Errand`)."""

    def __init__(
        self,
        tools: Tools,
        store: ReadingStore,
        returns: tuple[ReturnStore, ReturnGateway],
        reports: Reports,
        account: Account,
        guard: Guard,
    ) -> None:
        """Read while `guard` lets calls through."""
        self._tools, self._store, self._reports = tools, store, reports
        self._returns, self._list = returns
        self._account, self._guard = account, guard
        self._look_at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        """Nothing is kept in memory: how far each reading is stands in the store."""

    def next_at(self) -> datetime:
        """Tell when a reading goes on."""
        return self._look_at

    def ring(self) -> None:
        """Look soon: a reconciliation may have been asked for."""
        self._look_at = min(self._look_at, self._now() + timedelta(seconds=0.5))

    async def run(self) -> None:
        """Read until there is nothing to read now. Raises Fenced; Amazon's failures put the reading off."""
        self._look_at = self._now() + IDLE
        await self._take()
        while not self._guard.is_paused:
            run, later = await self._store.next(self._account.id, self._now())
            if run is None:
                self._look_at = min(self._look_at, later or self._look_at)
                return
            await self._read(run)

    async def _read(self, run: Run) -> None:
        try:
            if run.side is not Side.AMAZON:
                await self._report(run)
            elif run.what is What.RETURNS:
                await self._returns_page(run)
            else:
                await self._orders_page(run)
        except Rejected as error:
            await self._tools.shipments.log_calls(error.calls)
            await self._again_or_fail(run, error)
        except Unexpected as error:
            await self._tools.shipments.log_calls(error.calls)
            await self._store.fail(run, error.message, self._now())
        except AmazonError as error:
            await self._tools.shipments.log_calls(error.calls)
            log.warning("reconciliation.put_off", account=self._account.id, run=run.id, error=error.message)
            await self._store.put_off(run, self._now() + AFTER_FAILURE)

    async def _again_or_fail(self, run: Run, error: Rejected) -> None:
        """A page token dies with time: then the listing is read from its beginning, which changes nothing."""
        if run.token is None:
            await self._store.fail(run, error.message, self._now())
            return
        await self._store.state(run, [], step=run.step, token=None, steps=await self._count(run))

    async def _orders_page(self, run: Run) -> None:
        flows = await self._flows(run)
        if run.step >= len(flows):
            await self._verify(run)
            return
        if self._is_scarce():
            await self._store.put_off(run, self._now() + PAUSE)
            return
        listing, location = flows[run.step]
        query = Query(listing.name, location or None, run.since, page_size=self._tools.pace.page_size)
        page = await self._tools.gateway.list_page(self._account.id, query, run.token, self._guard)
        await self._tools.shipments.log_calls(page.calls)
        stated = [_stated(facts, page.read_at) for facts in _here(page, run.location)]
        step = run.step if page.next_token else run.step + 1
        await self._store.state(
            run, stated, step=step, token=page.next_token, steps=len(flows), unreadable=len(page.unreadable)
        )

    async def _verify(self, run: Run) -> None:
        """Ask one by one for what no listing showed: it may have moved between two pages."""
        stated = []
        for amazon_id in await self._store.unseen(run, ASKED_AT_MOST):
            page = await self._tools.gateway.read_one(self._account.id, amazon_id, self._guard)
            await self._tools.shipments.log_calls(page.calls)
            stated += [_stated(facts, page.read_at) for facts, _ in page.entries]
        await self._store.state(run, stated, step=run.step, token=None, steps=run.step)
        await self._store.is_read(run)

    async def _returns_page(self, run: Run) -> None:
        flows = await self._return_flows(run)
        if run.step >= len(flows):
            await self._store.is_read(run)
            return
        place, status = flows[run.step]
        read_at = self._now()
        page = await self._list.page(self._account.id, ReturnQuery(place, status, run.since), run.token, self._guard)
        stated = [
            Stated(one.amazon_id, one.amazon_id, one.order_id, one.location, word=one.status, seen=one, read_at=read_at)
            for one in page.entries
        ]
        step = run.step if page.next_token else run.step + 1
        await self._store.state(
            run, stated, step=step, token=page.next_token, steps=len(flows), unreadable=len(page.unreadable)
        )

    async def _report(self, run: Run) -> None:
        if run.report_id is None:
            made = await self._reports.request(self._account.id, run.side, run.since, run.until, self._guard)
            await self._store.put_off(run, self._now() + REPORT_PAUSE, made)
            return
        found = await self._reports.entries(self._account.id, run.side, run.report_id, self._guard)
        if found is None:
            await self._store.put_off(run, self._now() + REPORT_PAUSE)
            return
        await self._store.state(run, found[0], step=1, token=None, steps=1, unreadable=found[1])
        await self._store.is_read(run)

    async def _take(self) -> None:
        """Write returns that a person asked to be taken as Amazon said them: only the owner may."""
        while asked := await self._store.to_take(self._account.id):
            owner, now = self._guard.ownership, self._now()
            if await self._returns.save(owner, [seen for _, seen in asked], now) is None:
                self._guard.lose()
                await self._guard()
            await self._store.taken([item for item, _ in asked], now)

    async def _flows(self, run: Run) -> list[tuple[Listing, str]]:
        found = await self._tools.accounts.locations(self._account.id)
        places = [run.location] if run.location else [location.id for location in found]
        return [
            (listing, place)
            for listing in self._tools.gateway.listings(self._account)
            for place in (places if listing.by_location else [""])
        ]

    async def _return_flows(self, run: Run) -> list[tuple[str, str]]:
        places = [run.location] if run.location else await self._returns.places(self._account.id)
        return [(place, status) for place in places for status in STATUSES]

    async def _count(self, run: Run) -> int:
        return len(await (self._return_flows(run) if run.what is What.RETURNS else self._flows(run)))

    def _is_scarce(self) -> bool:
        """Tell whether searches are so few that the rest of them is intake's."""
        lanes = self._tools.gateway.quotas(self._account.id)
        return any(
            lane["operation"] in SEARCHES and 0 < lane["rate"] < SCARCE and lane["level"] < KEPT_BACK for lane in lanes
        )

    def _now(self) -> datetime:
        return self._tools.clock.now()


def _here(page: Page, location: str) -> Sequence[Facts]:
    return [facts for facts, _ in page.entries if location in ("", facts.location)]


def _stated(facts: Facts, read_at: datetime) -> Stated:
    return Stated(
        facts.amazon_id,
        facts.amazon_id,
        facts.order_id,
        facts.location,
        word=facts.status,
        units=facts.items,
        facts=facts,
        read_at=read_at,
    )
