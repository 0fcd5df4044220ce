"""The drift errand: asks Amazon what it has, compares, and writes what differs; on a schedule and on demand."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.domain.inventory.drift import judge
from packline.domain.inventory.publishing import Answer
from packline.domain.inventory.rules import Place
from packline.domain.location import Account
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import AmazonError
from packline.ports.stock import Comparison, DriftStore, StockGateway

FRESH = timedelta(seconds=10)
"""A number that changed so lately may be on its way: it is looked at the next time."""
CALLS_AT_ONCE = 8
PAUSE = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class DriftErrand:
    """The comparisons of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(self, tools: Tools, store: DriftStore, gateway: StockGateway, account: Account, guard: Guard) -> None:
        """Work while `guard` lets calls through."""
        self._tools, self._store, self._gateway, self._account, self._guard = tools, store, gateway, account, guard
        self._look_at = datetime.min.replace(tzinfo=UTC)

    async def open(self) -> None:
        """Nothing is kept in memory."""

    def next_at(self) -> datetime:
        """Tell when a comparison may be due."""
        return self._look_at

    def ring(self) -> None:
        """Look soon: a comparison may have been asked for."""
        self._look_at = min(self._look_at, self._tools.clock.now())

    async def run(self) -> None:
        """Work off what was asked for and what is due. Raises Fenced; Amazon's failures make it pause."""
        while True:
            run, self._look_at = await self._store.next(self._account.id, self._tools.clock.now())
            if run is None or self._guard.is_paused:
                return
            try:
                await self._compare(run)
            except AmazonError as error:
                log.warning("stock.drift_paused", account=self._account.id, error=error.message)
                self._look_at = self._tools.clock.now() + PAUSE
                return

    async def _compare(self, run: Comparison) -> None:
        pace = await self._gateway.pace(self._account.id)
        after: Place | None = None
        while places := await self._store.places(run, after, pace.batch * CALLS_AT_ONCE):
            asked_at = self._tools.clock.now()
            calls = [places[at : at + pace.batch] for at in range(0, len(places), pace.batch)]
            answers = await asyncio.gather(
                *(self._gateway.read(self._account.id, call, self._guard) for call in calls), return_exceptions=True
            )
            for failed in answers:
                if isinstance(failed, BaseException):
                    raise failed
            read = [answer for part in answers if not isinstance(part, BaseException) for answer in part]
            await self._judge(run, places, read, asked_at)
            after = places[-1]
        await self._store.end(run, self._tools.clock.now())
        log.info("stock.compared", account=self._account.id, run=run.id)

    async def _judge(
        self, run: Comparison, places: Sequence[Place], answers: Sequence[Answer], asked_at: datetime
    ) -> None:
        by_place = {answer.place: answer for answer in answers}
        ours = [one for one in await self._store.ours(places) if one.changed_at < asked_at - FRESH or run.by_hand]
        judged = [(one, judge(one, by_place.get(one.place), _seller(run, one.place))) for one in ours]
        agreed = [one.place for one, drift in judged if drift is None]
        found = [drift for _, drift in judged if drift is not None]
        await self._store.save(self._guard.ownership, run, agreed, found, self._tools.clock.now())


def _seller(run: Comparison, place: Place) -> int | None:
    return run.seller.get(f"{place.location} {place.sku}")
