"""Telling shipments what came of a feed: documents for many at once, refusals one by one."""

import asyncio
from collections.abc import Mapping

from packline.domain.location import Account
from packline.domain.reconcile import reconcile
from packline.domain.reports import Report
from packline.domain.shipment import Shipment
from packline.domain.values import File, Value
from packline.driver.ownership import Guard
from packline.driver.timing import due_after_news
from packline.driver.tools import Tools
from packline.driver.writing import write
from packline.ports import Change

STALE_AT_MOST = 8


class News(Value, frozen=True):
    """A report on one shipment, with the files that came with it."""

    report: Report
    files: tuple[File, ...] = ()


class Telling:
    """Reconcile reports with their shipments and commit what follows, under one ownership."""

    def __init__(self, tools: Tools, account: Account, guard: Guard) -> None:
        """Tell shipments of `account` while it is ours."""
        self._tools, self._account, self._guard = tools, account, guard

    async def tell(self, news: Mapping[str, News]) -> bool:
        """Tell each shipment (by its id) its news; returns whether any has something to do now. Raises Fenced."""
        if not news:
            return False
        shipments = await self._tools.shipments.load(list(news))
        told = await asyncio.gather(*(self._one(shipment, news[name]) for name, shipment in shipments.items()))
        return any(told)

    async def _one(self, shipment: Shipment, news: News) -> bool:
        program = self._tools.gateway.program_for(shipment)
        for _ in range(STALE_AT_MOST):
            story = reconcile(shipment, news.report, program)
            due = due_after_news(story.shipment, program, self._tools.clock.now())
            change = Change(
                story.shipment,
                story.before.version,
                tuple(story.events),
                due,
                self._guard.ownership.epoch,
                files=news.files,
            )
            if (await write(self._tools, self._guard, change)).outcome == "written":
                return due is not None
            shipment = (await self._tools.shipments.load([story.shipment.id]))[story.shipment.id]
        return False  # it moves all the time: the item stays, and its feed's report is read again
