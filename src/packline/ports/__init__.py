"""The seams of the house: what the driver, the commands and the views need from the outside, as Protocols."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from packline.domain.details import Details
from packline.domain.events import Event
from packline.domain.location import Account, Location
from packline.domain.program import Program
from packline.domain.reports import Facts, Report
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.domain.ticket import Ticket
from packline.domain.values import Box, File, Value


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Give the time of day, aware, UTC."""

    def monotonic(self) -> float:
        """Give seconds that never go back and that go on while a process is frozen."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Call(Value, frozen=True):
    """One line of the call log: a call to Amazon without personal data or tokens."""

    at: datetime
    account: str
    operation: str
    attempt: int
    status: int
    ms: float
    shipment: str | None = None
    code: str = ""
    request_id: str = ""
    quota_left: float | None = None
    request: bytes = b""
    response: bytes = b""


class LeftOver(Value, frozen=True):
    """Papers that came with a call's answer and belong to none of its orders: a person must look."""

    file: File
    why: str


class Performed(Value, frozen=True):
    """What came of one step: the report, the files that came with it, and the calls that were made.

    `left_over`: papers that came with it and belong to no order that is known here.
    """

    report: Report
    files: tuple[File, ...] = ()
    calls: tuple[Call, ...] = ()
    left_over: tuple[LeftOver, ...] = ()


class Page(Value, frozen=True):
    """One page of a listing: entries as facts with their raw body, those that could not be read, the next token.

    `until`: Amazon says that its listing is complete up to then, whether or not anything of ours was in it.
    `postponed`: the update of the oldest entry that Amazon could not tell of in full; it must be listed again.
    """

    entries: tuple[tuple[Facts, bytes], ...]
    unreadable: tuple[tuple[bytes, str], ...]
    next_token: str | None
    read_at: datetime
    calls: tuple[Call, ...] = ()
    until: datetime | None = None
    postponed: datetime | None = None


class Listing(Value, frozen=True):
    """One listing of Amazon's that intake reads again and again; `name` is what the cursor is kept under.

    `is_new`: new shipments come in by it; `by_location`: it can be read for one location at a time; `every_s` seconds
    between two looks, where the API needs its own pace.
    """

    name: str
    is_new: bool = False
    by_location: bool = True
    every_s: float | None = None


class Query(Value, frozen=True):
    """What a sweep asks Amazon for; times are Amazon's `lastUpdated` bounds."""

    listing: str
    location: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    page_size: int = 100


class Guard(Protocol):
    """Called after a lane gave its turn, before a call leaves: raises `Fenced` where this worker is no longer owner."""

    async def __call__(self) -> None: ...


class Gateway(Protocol):
    """One Amazon API, spoken in our words. Fenced, Throttled, Unauthorized, Unavailable are raised (errors.py)."""

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Guard | None = None) -> Performed:
        """Make the call of one step (a probe is getShipment). Refusals, conflicts, lost answers come back as Failed."""

    async def list_page(self, account: str, query: Query, token: str | None, guard: Guard | None = None) -> Page:
        """Read one page of shipments; an empty page with a token is not the end."""

    async def read_one(self, account: str, amazon_id: str, guard: Guard | None = None, urgency: float = 0.0) -> Page:
        """Read one shipment by its id, as a page of one entry; empty where Amazon has none.

        `urgency` is its place in the lane, the lowest first, among ship-bys in epoch seconds.
        """

    def listings(self, account: Account) -> tuple[Listing, ...]:
        """Tell which listings intake must read to miss nothing of an account."""

    def details(self, body: bytes, api: str) -> Details:
        """Decode the part of a stored body that people and checks read; `api` is the shipment's."""

    def program_for(self, shipment: Shipment) -> Program:
        """Give the program of a shipment, with what its API and marketplace can do."""

    def program_of(self, facts: Facts) -> Program | None:
        """Tell a shipment's program from (channel, shipping type)."""

    def take_up(self, account: str, levels: bytes) -> None:
        """Start an account's lanes as its last owner left them (`levels` is what `lay_down` gave it)."""

    def lay_down(self, account: str) -> bytes:
        """Drop what is held of an account that this process no longer owns, and tell its lanes' levels."""

    def quotas(self, account: str) -> Sequence[dict[str, Any]]:
        """Show each lane: operation, rate, burst, level, waiting, seconds until the last waiter goes."""


class Change(Value, frozen=True):
    """One shipment after a report or a command: written only if the row still has `version` and the owner its epoch.

    `due_at` is when the driver should look again (None: nothing to do). `epoch` None marks a command, which is
    no owner's work. `body` is Amazon's raw answer where it is new.
    """

    shipment: Shipment
    version: int
    events: tuple[Event, ...] = ()
    due_at: datetime | None = None
    epoch: int | None = None
    files: tuple[File, ...] = ()
    calls: tuple[Call, ...] = ()
    body: bytes | None = None


class Committed(Value, frozen=True):
    """The fate of a change: written, stale (the row moved on: read again) or fenced (another worker is the owner)."""

    outcome: str
    version: int = 0


class Ownership(Value, frozen=True):
    """The right to work for one account: the epoch that every write carries, and the lanes' levels as left."""

    account: str
    epoch: int
    levels: bytes = b""


class ShipmentStore(Protocol):
    """Shipments, their events, documents and calls; set-based."""

    async def due(self, account: str, now: datetime, limit: int, exclude: Sequence[str]) -> list[Shipment]:
        """Read shipments that wait for the driver, the most urgent ship-by first."""

    async def next_due(self, account: str) -> datetime | None:
        """Tell when the next shipment of an account is due."""

    async def load(self, ids: Sequence[str]) -> dict[str, Shipment]:
        """Read shipments by id; those not there are left out."""

    async def body(self, shipment_id: str) -> bytes | None:
        """Read Amazon's last raw answer for a shipment."""

    async def known(self, ids: Sequence[str]) -> dict[str, tuple[datetime, bytes]]:
        """Read `as_of` and body hash of shipments by id, for the guard of intake."""

    async def commit(self, changes: Sequence[Change], calls: Sequence[Call] = ()) -> list[Committed]:
        """Write many changes in one transaction; fates in the order of the changes."""

    async def insert(self, new: Sequence[Change]) -> list[bool]:
        """Insert shipments that are new, in one statement; False where another was quicker (on conflict do nothing)."""

    async def log_calls(self, calls: Sequence[Call]) -> None:
        """Write calls that belong to no change."""


class OwnershipStore(Protocol):
    """Who works for which account."""

    async def take(self, account: str, worker: str, now: datetime) -> Ownership | None:
        """Become the owner: raise the epoch. None where the account is disabled, paused or gone."""

    async def still_mine(self, ownership: Ownership) -> bool:
        """Tell whether the epoch is still ours."""

    async def release(self, ownership: Ownership, levels: bytes, look_at: datetime | None = None) -> None:
        """Give the account back, with the lanes' levels for whoever comes next, and when that should be."""

    async def wake_seq(self, account: str) -> int:
        """Read the number that every piece of new work raises."""


class Submission(Value, frozen=True):
    """A command on its way into the store: its ticket, what it changes, and what was asked (JSON)."""

    ticket: Ticket
    change: Change
    request: bytes = b""


class TicketStore(Protocol):
    """Commands and their tickets."""

    async def submit(self, submissions: Sequence[Submission]) -> list[str]:
        """Store tickets with their changes and ring their accounts, in one transaction.

        Fates in order: `written`, `stale` (the shipment moved on: decide again), `known` (this ticket exists already).
        """

    async def tickets(self, ids: Sequence[str]) -> dict[str, Ticket]:
        """Read tickets by id; those not there are left out."""

    async def last(self, shipments: Sequence[str]) -> dict[str, Ticket]:
        """Read the newest ticket of each shipment."""

    async def bodies(self, shipments: Sequence[str]) -> dict[str, bytes]:
        """Read Amazon's last raw answer for many shipments."""


class Wake(Protocol):
    """The alarm clock: tells a worker that an account has work."""

    async def wake(self, accounts: Sequence[str]) -> None:
        """Ring for these accounts; doubles are welcome."""


class Cursor(Value, frozen=True):
    """How far a flow of intake has read: overlapping windows start `after`, the last success was at `succeeded_at`."""

    account: str
    location: str
    status: str
    after: datetime | None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None


class Message(Value, frozen=True):
    """One message of the inbox: the order or shipment that it names, and what it claims of it (see `Notification`)."""

    id: int
    amazon_id: str
    received_at: datetime
    hint: str = ""
    told_at: datetime | None = None


class IntakeStore(Protocol):
    """Cursors, the inbox and what could not be read."""

    async def cursors(self, account: str) -> list[Cursor]:
        """Read all cursors of an account."""

    async def begin_cursor(self, cursor: Cursor) -> None:
        """Store a cursor before its first look, so that `save_cursor` can tell whether it was forgotten meanwhile."""

    async def save_cursor(self, cursor: Cursor) -> bool:
        """Write a begun cursor; False where it was forgotten meanwhile: its flow must look back again."""

    async def park(self, account: str, source: str, body: bytes, reason: str, now: datetime) -> None:
        """Keep an unreadable record with its bytes on a person's list; the same bytes are kept once."""

    async def inbox_take(self, account: str, limit: int) -> list[Message]:
        """Read unhandled messages of an account that name orders: those that claim a cancellation, then the oldest."""

    async def inbox_done(self, ids: Sequence[int], now: datetime) -> None:
        """Mark messages handled; only after what they tell of is stored."""

    async def inbox_put(
        self, account: str, source: str, dedupe: str, amazon_id: str, body: bytes, now: datetime
    ) -> bool:
        """Store a message before it is acknowledged; False where it was there already."""


class OutageStore(Protocol):
    """Holds on what Amazon is told while intake reads what happened during an outage."""

    async def held_since(self, account: str) -> datetime | None:
        """Tell since when an account's numbers wait for a sweep; None where they do not."""

    async def hold(self, account: str, reason: str, now: datetime) -> None:
        """Hold every location that is not held already, and tell of it."""

    async def release(self, account: str, read_at: datetime, now: datetime) -> bool:
        """Release what `hold` held; False while the ledger has not yet taken what was told until `read_at`."""


class AccountStore(Protocol):
    """Accounts and locations as data."""

    async def accounts(self) -> list[Account]:
        """List all accounts."""

    async def account(self, account_id: str) -> Account | None:
        """Read one account."""

    async def locations(self, account_id: str) -> list[Location]:
        """List the locations of an account."""

    async def unauthorized(self, account_id: str, reason: str) -> None:
        """Pause an account whose authorisation Amazon refuses, and tell of it once, as `account.unauthorized`."""

    async def is_answered_elsewhere(self, account_id: str, operations: Sequence[str]) -> bool:
        """Tell whether Amazon answered other operations of an account well in its last ten minutes of calls."""

    async def closed(self, account_id: str, api: str, reason: str) -> None:
        """Put on a person's list that Amazon does not let an account into one API; once for each."""


class SkuStore(Protocol):
    """What is known of SKUs."""

    async def boxes(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        """Read size and weight of one packed unit by SKU: the listing's, else the seller's default."""

    async def listed(self, account: str, skus: Sequence[str]) -> dict[str, Box]:
        """Read size and weight of one packed unit by SKU as its listing says; others are left out."""
