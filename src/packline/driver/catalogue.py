"""The catalogue errand: reads size and weight of SKUs from their listings before somebody packs by them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from packline.domain.catalogue import Listed
from packline.domain.location import Account
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.errors import AmazonError, Rejected, Unauthorized, Unexpected
from packline.ports.catalogue import Catalogue, CatalogueStore, Mark

EVERY = timedelta(seconds=60)
"""New orders are minutes old when they are packed; getListingsItem gives five a second."""
AT_ONCE = 25
AFTER_FAILURE = timedelta(minutes=2)
WITHOUT_ROLE = timedelta(hours=1)
"""The seller's application may lack the role Product Listing: that is no reason to pause the account."""
READ_AGAIN = timedelta(days=30)
START = Mark(datetime(2000, 1, 1, tzinfo=UTC), "")

log = structlog.get_logger(__name__)


class CatalogueErrand:
    """The catalogue of one account, under one ownership (implements `driver.errand.Errand`)."""

    def __init__(
        self, tools: Tools, store: CatalogueStore, catalogue: Catalogue, account: Account, guard: Guard
    ) -> None:
        """Work while `guard` lets calls through."""
        self._tools, self._store, self._catalogue = tools, store, catalogue
        self._account, self._guard = account, guard
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._mark = START

    async def open(self) -> None:
        """Begin with all orders that are open; noting a SKU twice changes nothing."""
        self._mark = START

    def next_at(self) -> datetime:
        """Tell when it looks for new SKUs, or reads on."""
        return self._look_at

    def ring(self) -> None:
        """Commands bring no new SKUs; new orders are looked for every minute."""

    async def run(self) -> None:
        """Note what new orders hold, then read some of what is not known. Raises Fenced."""
        now = self._tools.clock.now()
        self._look_at = now + EVERY
        self._mark = await self._store.note_wanted(self._account.id, self._mark, now - READ_AGAIN, now)
        if self._guard.is_paused:
            return
        unread = await self._store.unread(self._account.id, AT_ONCE)
        answers = await asyncio.gather(*(self._read(*wanted) for wanted in unread), return_exceptions=True)
        listed = [answer for answer in answers if isinstance(answer, Listed)]
        if listed:
            await self._guard()
            await self._store.keep(self._account.id, listed, self._tools.clock.now())
            log.info("catalogue.read", account=self._account.id, skus=len(listed))
        self._look_at = self._after(answers, now)

    async def _read(self, sku: str, marketplace: str) -> Listed:
        """Read one SKU; what Amazon does not know or refuses is kept as a listing that says no size."""
        try:
            found = await self._catalogue.listing(self._account.id, sku, marketplace, self._guard)
        except (Rejected, Unexpected) as error:
            log.warning("catalogue.refused", account=self._account.id, operation=error.operation, error=error.message)
            found = None
        return found or Listed(sku, marketplace)

    def _after(self, answers: Sequence[Listed | BaseException], now: datetime) -> datetime:
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in errors:
            if not isinstance(error, AmazonError):
                raise error
        if not errors:
            return now if len(answers) == AT_ONCE else now + EVERY
        log.warning("catalogue.failed", account=self._account.id, error=str(errors[0]), calls=len(errors))
        return now + (WITHOUT_ROLE if isinstance(errors[0], Unauthorized) else AFTER_FAILURE)
