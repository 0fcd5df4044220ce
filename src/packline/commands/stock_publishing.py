"""What a person can do about publishing: tell again, choose the numbering, compare, and mend a drift by a side."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from packline.commands.stock import StockDesk, StockOrder
from packline.domain.inventory.drift import Finding, Side
from packline.domain.inventory.publishing import COUNTER, MILLISECONDS
from packline.domain.inventory.rules import Place
from packline.domain.values import Value
from packline.errors import FieldError, Invalid, NotFound, PacklineError
from packline.ports import AccountStore, Clock

SHORTEST_S = 60
HIGHEST = 2**63 - 1
STEP = 2000
"""Drifts that are mended in one transaction."""


class Outbox(Protocol):
    """Offers and their numbers."""

    async def again(self, account: str, location: str = "", sku: str = "", *, everything: bool = False) -> int:
        """Let refused offers be told again; give their number."""

    async def again_at(self, places: Sequence[Place]) -> None:
        """Let these places be told again."""

    async def know(self, numbers: Sequence[tuple[Place, int]], now: datetime) -> None:
        """Note sequence numbers that Amazon has."""

    async def put_settings(
        self,
        account: str,
        numbering: str | None,
        ask_first: bool | None,
        drift_every_s: int | None,
        now: datetime,
        by: str,
    ) -> None:
        """Write how an account publishes."""


class Findings(Protocol):
    """Comparisons and what they found."""

    async def ask(
        self, account: str, location: str, sku: str, seller: Mapping[str, int] | None, now: datetime, by: str
    ) -> str:
        """Ask for a comparison; give its id."""

    async def findings(self, account: str, location: str, sku: str) -> list[Finding]:
        """List what differs."""

    async def mended(self, places: Sequence[Place]) -> None:
        """Forget findings that were mended."""


class Mended(Value, frozen=True):
    """How many drifts were mended, and those that could not be, with the reason."""

    mended: int
    left: tuple[tuple[Place, str], ...] = ()


class PublishingDesk:
    """Where everything about publishing comes in, whatever face it was said at."""

    def __init__(
        self, outbox: Outbox, findings: Findings, stock: StockDesk, accounts: AccountStore, clock: Clock
    ) -> None:
        """Take the outbox, the findings, and the desk at which stock is said."""
        self._outbox, self._findings, self._stock = outbox, findings, stock
        self._accounts, self._clock = accounts, clock

    async def publish(self, account: str, location: str = "", sku: str = "", *, everything: bool = False) -> int:
        """Tell again what Amazon refused, with `everything` all other numbers too. Raises NotFound."""
        await self._known(account)
        return await self._outbox.again(account, location, sku, everything=everything)

    async def compare(
        self, account: str, location: str = "", sku: str = "", seller: Mapping[str, int] | None = None, by: str = ""
    ) -> str:
        """Ask for a comparison; `seller` are the seller's own numbers by `location sku`. Raises NotFound."""
        await self._known(account)
        return await self._findings.ask(account, location, sku, seller, self._clock.now(), by)

    async def mend(self, account: str, side: Side, location: str = "", sku: str = "", by: str = "") -> Mended:
        """Let one side's number count for all drifts in a scope. Raises NotFound."""
        await self._known(account)
        found = await self._findings.findings(account, location, sku)
        if side is Side.PACKLINE:
            return await self._told_again(found)
        orders = {finding.place: _order(finding, side) for finding in found}
        wanted = [(place, order) for place, order in orders.items() if isinstance(order, StockOrder)]
        left = [(place, order) for place, order in orders.items() if isinstance(order, str)]
        for first in range(0, len(wanted), STEP):
            part = wanted[first : first + STEP]
            said = zip(part, await self._stock.say_many([order for _, order in part], by=by), strict=True)
            results = [(place, result) for (place, _), result in said]
            left += [(place, result.message) for place, result in results if isinstance(result, PacklineError)]
            await self._findings.mended([place for place, result in results if not isinstance(result, PacklineError)])
        return Mended(len(orders) - len(left), tuple(left))

    async def choose(
        self,
        account: str,
        numbering: str | None = None,
        ask_first: bool | None = None,
        drift_every_s: int | None = None,
        by: str = "",
    ) -> None:
        """Choose how an account publishes; None leaves a setting as it is. Raises Invalid, NotFound."""
        await self._known(account)
        faults = []
        if numbering not in (None, MILLISECONDS, COUNTER):
            faults.append(FieldError("/numbering", f"{MILLISECONDS} or {COUNTER}."))
        if drift_every_s is not None and drift_every_s < SHORTEST_S:
            faults.append(FieldError("/drift_every_s", f"{SHORTEST_S} seconds or more."))
        if faults:
            raise Invalid("An account cannot publish like this.", errors=tuple(faults))
        await self._outbox.put_settings(account, numbering, ask_first, drift_every_s, self._clock.now(), by)

    async def take_over(self, account: str, numbers: Sequence[tuple[Place, int]]) -> int:
        """Take over a former integrator's sequence numbers; ours begin above them. Raises Invalid, NotFound."""
        await self._known(account)
        locations = {place.id for place in await self._accounts.locations(account)}
        wrong = [
            FieldError(f"/numbers/{line}", fault)
            for line, (place, number) in enumerate(numbers)
            if (fault := _fault(account, place, number, locations))
        ]
        if wrong:
            raise Invalid("These numbers cannot be taken over; none was.", errors=tuple(wrong[:100]))
        await self._outbox.know(numbers, self._clock.now())
        return len(numbers)

    async def _told_again(self, found: Sequence[Finding]) -> Mended:
        places = [finding.place for finding in found]
        numbers = [(finding.place, finding.amazon_seq) for finding in found if finding.amazon_seq is not None]
        await self._outbox.know(numbers, self._clock.now())
        await self._outbox.again_at(places)
        await self._findings.mended(places)
        return Mended(len(places))

    async def _known(self, account: str) -> None:
        if await self._accounts.account(account) is None:
            raise NotFound(f"There is no account {account}.", hint="List them with `packline account list`.")


def _fault(account: str, place: Place, number: int, locations: set[str]) -> str:
    if not 0 <= number < HIGHEST:
        return "A sequence number is 0 or more."
    return "" if place.location in locations else f"Account {account} has no location {place.location}."


def _order(finding: Finding, side: Side) -> StockOrder | str:
    """Say what is to be said of stock so that a side's number counts, or why that is not known."""
    place = finding.place
    if side is Side.SELLER:
        if finding.seller is None:
            return "the seller's system gave no number for it"
        return StockOrder(
            "set", place.sku, finding.seller, place.location, place.account, reason=f"drift {finding.run}"
        )
    if finding.amazon is None or finding.told is None:
        return "Amazon does not show a number for it"
    difference = finding.amazon - finding.told
    if difference == 0:
        return "Amazon has the number that it was told"
    return StockOrder(
        "adjust", place.sku, difference, place.location, place.account, reference=f"drift {finding.run}",
        reason="Amazon's number counts",
    )  # fmt: skip
