"""The seams of returns: who tells of them, where they are kept, and what the dock says of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from packline.domain.returns import Password, SeenReturn
from packline.domain.values import File, Value
from packline.ports import Guard, Ownership


class ReturnQuery(Value, frozen=True):
    """What a look asks for: one location and status changed since, or all that were created since."""

    location: str
    status: str
    since: datetime


class ReturnPage(Value, frozen=True):
    """One page: returns, those that could not be read (without passwords) with the reason, and the next token."""

    entries: tuple[SeenReturn, ...]
    unreadable: tuple[tuple[bytes, str], ...] = ()
    next_token: str | None = None


class ReturnGateway(Protocol):
    """Reads returns of one account. AmazonErrors are raised; calls are logged by the gateway."""

    async def rate(self, account: str) -> float:
        """Say how many pages a second Amazon grants; 0 where nothing is counted."""

    async def page(self, account: str, query: ReturnQuery, token: str | None, guard: Guard | None) -> ReturnPage:
        """Read one page."""


class ReturnCursor(Value, frozen=True):
    """How far a sweep of one location and status has read; both empty: the one by time of creation."""

    location: str
    status: str
    after: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None


class ReturnStore(Protocol):
    """Returns as Amazon tells of them, and how far their sweeps are."""

    async def cursors(self, account: str) -> list[ReturnCursor]:
        """Read all cursors of an account."""

    async def save_cursors(self, account: str, cursors: Sequence[ReturnCursor]) -> None:
        """Write cursors."""

    async def places(self, account: str) -> list[str]:
        """List where returns of an account arrive: its locations, and any other that Amazon named."""

    async def save(self, owner: Ownership, seen: Sequence[SeenReturn], now: datetime) -> int | None:
        """Write what is new, with its events; give how many were new or changed, None where we are not the owner."""

    async def tidy(self, account: str, now: datetime) -> None:
        """Link returns to shipments that came in after them; forget passwords that are no longer valid."""

    async def coming_back(self, account: str, limit: int) -> list[SeenReturn]:
        """Tell parcels on the way back by their shipments' sub-status, where that is newer than what is known."""


class Piece(Value, frozen=True):
    """Some units of a return that came in together: in which condition, and where they lie."""

    units: int
    condition: str
    bin: str = ""
    serials: tuple[str, ...] = ()


class Reception(Value, frozen=True):
    """What somebody received: pieces, a note, and whether they go into the ledger at once.

    `id` is a function of the caller's key: the same one counts once.
    """

    id: str
    item: str
    pieces: tuple[Piece, ...]
    at: datetime
    note: str = ""
    by: str = ""
    restock: bool = True


class Restocked(Value, frozen=True):
    """Units that the ledger took in one condition, and the units on hand before and after."""

    condition: str
    units: int
    before: int
    after: int


class Received(Value, frozen=True):
    """What came of a reception: how many units are in, how many are still awaited, and what the ledger took.

    `outcome` is `received`, `restocked` or `known` (it was told before: nothing was done).
    """

    outcome: str
    receipt: str
    received_units: int
    awaited_units: int
    restocked: tuple[Restocked, ...] = ()


class Expected(Value, frozen=True):
    """How many units a return has, and how many of them came in."""

    units: int
    received: int


class Dock(Protocol):
    """Where receptions are kept and the ledger is told."""

    async def expected(self, item: str) -> Expected | None:
        """Read how many units a return has; None where there is no such return."""

    async def receive(self, reception: Reception) -> Received | Expected:
        """Write a reception, with its events and, where wanted, its entries in the ledger, in one transaction.

        Gives how many there are where the pieces are more than are awaited.
        """

    async def restock(self, item: str, by: str, now: datetime) -> Received:
        """Let the ledger take what was received and is not in it yet, in one transaction."""

    async def keep_photo(self, item: str, file: File, name: str, by: str, now: datetime) -> bool:
        """Keep a photo; False where it is there already."""


class Passwords(Protocol):
    """Where one-time passwords are sealed."""

    async def password(self, item: str, by: str, now: datetime) -> Password | None:
        """Give the one-time password while it is valid, and record who looked; None where there is none."""
