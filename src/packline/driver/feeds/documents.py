"""Documents that come for many orders in one file: taken apart, given to their orders, the rest to a person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import structlog
from msgspec.json import Decoder

from packline.domain.feed_wishes import DocumentsWish
from packline.domain.location import Account
from packline.domain.papers import Expected, Found, Unmatched
from packline.domain.paperwork import documents_done
from packline.domain.shipment import Shipment
from packline.driver.feeds.telling import News, Telling
from packline.driver.feeds.tools import FeedTools
from packline.driver.journey import PAPERS
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import Invalid
from packline.ports.feeds import WaitingItem

_WISH = Decoder(DocumentsWish)

log = structlog.get_logger(__name__)


class Documents:
    """Fetch a report's file and give each order its own documents."""

    def __init__(self, tools: Tools, feeds: FeedTools, account: Account, guard: Guard, telling: Telling) -> None:
        """Work for `account` while it is ours."""
        self._tools, self._feeds, self._account, self._guard, self._telling = tools, feeds, account, guard, telling

    async def come(self, report_document_id: str, items: Sequence[WaitingItem]) -> bool:
        """Fetch, take apart and store; returns whether shipments became due. A file nobody can read is parked."""
        content = await self._feeds.feeds.report_file(self._account.id, report_document_id, self._guard)
        expected = [_expected(waiting) for waiting in items]
        try:
            split = await self._feeds.papers.split(content, expected)
        except Invalid as error:
            await self._park(content, f"Report {report_document_id} cannot be read as documents: {error.message}")
            return False
        tracked = {one.order_id: one.tracking_id for one in expected}
        keys = {waiting.item.subject: waiting.item.key for waiting in items}
        shipments = await self._tools.shipments.load(list(keys.values()))
        by_order: dict[str, list[Found]] = defaultdict(list)
        for found in split.found:
            by_order[found.order_id].append(found)
        news = {
            keys[order]: news_of(shipments[keys[order]], documents, self._tools.clock.now(), tracked[order])
            for order, documents in by_order.items()
            if order in keys and keys[order] in shipments
        }
        due = await self._telling.tell(news)
        for left in split.unmatched:
            await self._set_aside(left, set(by_order))
        log.info("documents.came", account=self._account.id, orders=len(news), unmatched=len(split.unmatched))
        return due

    async def _set_aside(self, left: Unmatched, found: set[str]) -> None:
        if left.needs_nobody(found):
            return
        pages = ", ".join(str(page) for page in left.pages)
        await self._park(left.file.content, f"Page {pages} of a feed's documents: {left.why}")

    async def _park(self, content: bytes, reason: str) -> None:
        await self._tools.intake.park(self._account.id, PAPERS, content, reason, self._tools.clock.now())


def news_of(shipment: Shipment, documents: Sequence[Found], now: datetime, tracking_id: str = "") -> News:
    """Tell a shipment its documents, with their files; a label that is not of `tracking_id` any more keeps none."""
    return News(documents_done(shipment, documents, now, tracking_id), tuple(found.file for found in documents))


def _expected(waiting: WaitingItem) -> Expected:
    wish = _WISH.decode(waiting.item.payload)
    return Expected(waiting.item.subject, wish.tracking_id, wants=wish.documents)
