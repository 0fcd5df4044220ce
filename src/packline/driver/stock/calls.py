"""One call about stock, and what its failure means: absolute values may be told again, so nothing is looked up."""

from collections.abc import Sequence

import structlog

from packline.domain.inventory.publishing import Answer, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.domain.location import Account
from packline.domain.values import Value
from packline.driver.ownership import Guard
from packline.driver.stock.tools import StockTools
from packline.driver.tools import Tools
from packline.driver.unauthorized import stop_unauthorized
from packline.errors import AmazonError, Rejected, Unauthorized

SPOILT = "CallRefused"

log = structlog.get_logger(__name__)


class Told(Value, frozen=True):
    """What came of one call: an answer for each place; `spoilt` where Amazon refused a call of several as a whole."""

    answers: tuple[Answer, ...]
    spoilt: bool = False


class StockCalls:
    """Make calls for one account, under one ownership."""

    def __init__(self, tools: Tools, stock: StockTools, account: Account, guard: Guard) -> None:
        """Work while `guard` lets calls through."""
        self._tools, self._stock, self._account, self._guard = tools, stock, account, guard

    async def tell(self, told: Sequence[Telling]) -> Told:
        """Tell quantities. Raises Fenced; a failure of Amazon's is an answer for every place."""
        try:
            answers = await self._stock.gateway.tell(self._account.id, told, self._guard)
        except AmazonError as error:
            verdict = await self._failed(error, len(told))
            return Told(
                tuple(_failure(telling.place, verdict, error, telling) for telling in told),
                spoilt=isinstance(error, Rejected) and len(told) > 1,
            )
        answered = {answer.place for answer in answers}
        silent = [telling for telling in told if telling.place not in answered]
        return Told((*answers, *(_silent(telling.place, telling) for telling in silent)))

    async def ask(self, places: Sequence[Place]) -> Told:
        """Ask which sequence numbers Amazon has, and note them. Raises Fenced."""
        try:
            answers = await self._stock.gateway.read(self._account.id, places, self._guard)
        except AmazonError as error:
            verdict = await self._failed(error, len(places))
            return Told(
                tuple(_failure(place, verdict, error, None) for place in places),
                spoilt=isinstance(error, Rejected) and len(places) > 1,
            )
        shown = [answer for answer in answers if answer.verdict is Verdict.TAKEN and not answer.is_at_the_end]
        numbers = [(answer.place, answer.sequence or 0) for answer in shown]
        await self._stock.store.know(numbers, self._tools.clock.now())
        known = {place for place, _ in numbers}
        found = {answer.place: answer for answer in answers}
        return Told(tuple(found.get(place) or _silent(place, None) for place in places if place not in known))

    async def _failed(self, error: AmazonError, places: int) -> Verdict:
        log.warning("stock.call_failed", account=self._account.id, places=places, error=error.message)
        if isinstance(error, Unauthorized):
            await stop_unauthorized(self._tools.accounts, self._guard, error)
        return Verdict.REFUSED if isinstance(error, Rejected) and places == 1 else Verdict.LATER


def _failure(place: Place, verdict: Verdict, error: AmazonError, telling: Telling | None) -> Answer:
    return Answer(place, verdict, telling, code=error.amazon_code or SPOILT, words=error.message)


def _silent(place: Place, telling: Telling | None) -> Answer:
    return Answer(place, Verdict.LATER, telling, code="NoAnswer", words="Amazon's answer leaves this SKU out.")
