"""The seams of reconciliations: how far they are, what was stated, and what was found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.books.entries import Difference, OurOrder, OurReturn, Repair, Side, Stated, What
from packline.domain.returns import SeenReturn
from packline.domain.values import Value
from packline.ports import Guard


class Run(Value, frozen=True):
    """One reconciliation: of an account or one of its locations, over what changed from `since` to `until`.

    `step` and `token`: where reading Amazon goes on; `report_id`: Amazon's report that is being made.
    """

    id: str
    account: str
    location: str
    what: What
    side: Side
    since: datetime
    until: datetime
    state: str = "waiting"
    step: int = 0
    token: str | None = None
    report_id: str | None = None
    by: str = ""


class Item(Value, frozen=True):
    """A difference that may be mended."""

    id: int
    account: str
    repair: Repair
    item: str | None
    amazon_id: str
    order_id: str
    is_mended: bool


class ReadingStore(Protocol):
    """Reconciliations that read Amazon."""

    async def next(self, account: str, now: datetime) -> tuple[Run | None, datetime | None]:
        """Give the oldest run that wants to read now, else when one wants to."""

    async def state(
        self, run: Run, stated: Sequence[Stated], *, step: int, token: str | None, steps: int, unreadable: int = 0
    ) -> None:
        """Keep what was stated together with how far the reading is."""

    async def unseen(self, run: Run, limit: int) -> list[str]:
        """Name our shipments of the scope that no listing stated, by Amazon's ids."""

    async def put_off(self, run: Run, until: datetime, report_id: str | None = None) -> None:
        """Let a run wait."""

    async def is_read(self, run: Run) -> None:
        """Note that everything is stated."""

    async def fail(self, run: Run, error: str, now: datetime) -> None:
        """End a run that cannot be."""

    async def to_take(self, account: str) -> list[tuple[int, SeenReturn]]:
        """Give returns that somebody asked to be written as Amazon said them, some at a time."""

    async def taken(self, items: Sequence[int], now: datetime) -> None:
        """Note that they are written."""


class JudgingStore(Protocol):
    """Reconciliations whose books are to be compared."""

    async def claim(self, now: datetime, only: str = "") -> Run | None:
        """Take a run that is read and that nobody judges, for some minutes; what it found before is forgotten."""

    async def stated(self, run: Run, after: str, limit: int) -> list[Stated]:
        """Read entries of the other books by key."""

    async def our_orders(self, run: Run, stated: Sequence[Stated]) -> list[OurOrder]:
        """Read our shipments that entries name, by Amazon's ids and order ids."""

    async def other_orders(self, run: Run, after: str, limit: int) -> tuple[list[OurOrder], str]:
        """Read the next of our shipments of the scope by id; give those that no entry names, and the last id."""

    async def our_returns(self, run: Run, stated: Sequence[Stated]) -> list[OurReturn]:
        """Read our returns that entries name."""

    async def other_returns(self, run: Run, after: str, limit: int) -> tuple[list[OurReturn], str]:
        """Read the next of our returns of the scope by id; give those that no entry names, and the last id."""

    async def parked(self, account: str, ids: Sequence[str]) -> Mapping[str, str]:
        """Tell why records that name these ids were parked."""

    async def elsewhere(self, account: str, orders: Sequence[str]) -> Mapping[str, str]:
        """Tell which other account has shipments of these orders."""

    async def silence(self, account: str) -> str:
        """Say why the seller's system hears nothing of an account, or nothing where it does."""

    async def found(self, run: Run, compared: int, found: Sequence[Difference], now: datetime) -> None:
        """Write findings and how far the comparison is."""

    async def end(self, run: Run, now: datetime) -> None:
        """End a run, with an event."""


class Reports(Protocol):
    """Amazon's reports that are asked for. AmazonErrors are raised."""

    async def request(self, account: str, side: Side, since: datetime, until: datetime, guard: Guard | None) -> str:
        """Have a report made and give its id; one that was asked for lately and is the same is taken."""

    async def entries(
        self, account: str, side: Side, report_id: str, guard: Guard | None
    ) -> tuple[list[Stated], int] | None:
        """Give a report's entries, and how many rows could not be read; None while it is being made.

        Raises Rejected where Amazon could not make it.
        """
