"""Files of stock: up to 100,000 lines in one upload, worked off in steps that survive a crash, with progress."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from packline.commands.stock import StockDesk, StockOrder
from packline.domain.inventory.book import Fate
from packline.domain.inventory.upload import Refusal, StockFile
from packline.domain.values import stable_id
from packline.errors import FieldError, Invalid, NotFound, PacklineError
from packline.ports import Clock

STEP = 2500
_READ_AS = {
    "location_id": "location",
    "merchant_sku": "sku",
    "seller_sku": "sku",
    "qty": "quantity",
    "units": "quantity",
}
_LISTS = ("serials",)
_CELLS = {
    "quantity": "A whole number, such as 7.",
    "at": "A time with its offset, such as 2026-11-21T12:00:00+05:30.",
}
REASON = "refused_because"
"""The column of a file of refused lines that says why; it and `line` are passed over when it is sent again."""
Reader = Callable[[bytes, str], Iterator[tuple[int, dict[str, Any]]]]
"""Reads (line, row) of a file of a format."""


class FileStore(Protocol):
    """Where uploads wait, with their progress."""

    async def add(self, file: StockFile, content: bytes) -> bool:
        """Store an upload; False where one of this id is there already."""

    async def claim(self, now: datetime) -> StockFile | None:
        """Take the oldest open upload that nobody works on, for some seconds."""

    async def content(self, file_id: str) -> bytes:
        """Read an upload's bytes."""

    async def step(self, before: StockFile, after: StockFile, refusals: Sequence[Refusal], now: datetime) -> bool:
        """Write progress; False where another process was quicker. What is over keeps no bytes."""


async def add_file(
    store: FileStore, clock: Clock, content: bytes, kind: str, *, key: str = "", **given: Any
) -> StockFile:
    """Store an upload to be worked off; the same key gives the same upload. Nothing is applied yet.

    Raises Invalid for an empty one.
    """
    if not content.strip():
        raise Invalid("The file is empty.", hint="Send CSV with a header line, XLSX, or one JSON object a line.")
    name = stable_id("imp", key or secrets.token_hex(16))
    file = StockFile(id=name, format=kind, created_at=clock.now(), **given)
    await store.add(file, content)
    return file


class StockImporter:
    """Work off uploads, some thousand lines at a time: each line is a cause of its own, so a repetition is harmless."""

    def __init__(self, desk: StockDesk, store: FileStore, read: Reader) -> None:
        """Take the desk that each line is said at, and the reader of files."""
        self._desk, self._store, self._read = desk, store, read
        self._open: dict[str, list[tuple[int, dict[str, Any]]]] = {}

    async def work(self, now: datetime) -> bool:
        """Do one step of the oldest upload; False where there is none."""
        file = await self._store.claim(now)
        if file is None:
            self._open.clear()
            return False
        await self.step(file, now)
        return True

    async def step(self, file: StockFile, now: datetime) -> StockFile:
        """Do the next lines of one upload; give its progress."""
        try:
            rows = await self._rows(file)
        except Invalid as broken:
            return await self._write(file, _change(file, state="failed", error=broken.message), [], now)
        chunk = rows[file.done : file.done + STEP]
        orders = [_order(file, row) for _, row in chunk]
        good = [order for order in orders if isinstance(order, StockOrder)]
        said = iter(await self._desk.say_many(good, key=file.id, by=file.by, first=file.done))
        results = [next(said) if isinstance(order, StockOrder) else order for order in orders]
        refusals = [
            Refusal(line, msgspec.json.encode(row), _words(result))
            for (line, row), result in zip(chunk, results, strict=True)
            if not isinstance(result, Fate)
        ]
        done = file.done + len(chunk)
        after = _change(
            file,
            state="done" if done >= len(rows) else "running",
            total=len(rows),
            done=done,
            applied=file.applied + len(chunk) - len(refusals),
            refused=file.refused + len(refusals),
        )
        return await self._write(file, after, refusals, now)

    async def _rows(self, file: StockFile) -> list[tuple[int, dict[str, Any]]]:
        """Read the file once; what went wrong in the middle of it leaves nothing half done."""
        known = self._open.get(file.id)
        if known is None:
            content = await self._store.content(file.id)
            known = self._open[file.id] = await asyncio.to_thread(lambda: list(self._read(content, file.format)))
        return known

    async def _write(
        self, before: StockFile, after: StockFile, refusals: Sequence[Refusal], now: datetime
    ) -> StockFile:
        if after.state in ("done", "failed"):
            self._open.pop(before.id, None)
        await self._store.step(before, after, refusals, now)
        return after


def _change(file: StockFile, **changes: Any) -> StockFile:
    return msgspec.structs.replace(file, **changes)


def _order(file: StockFile, row: dict[str, Any]) -> StockOrder | PacklineError:
    fields = {_READ_AS.get(name, name): value for name, value in row.items() if name not in ("line", REASON)}
    given: dict[str, Any] = {"do": file.do} | fields
    if not given.get("pool"):
        given = {"account": file.account} | given
    given = {"location": file.location} | given
    for name in _LISTS:
        if isinstance(given.get(name), str):
            given[name] = [part.strip() for part in given[name].split(";") if part.strip()]
    try:
        order = msgspec.convert({"quantity": None, "sku": ""} | given, _Line, strict=False)
    except msgspec.ValidationError as wrong:
        return _unread(str(wrong))
    unknown = sorted(set(given) - set(_Line.__struct_fields__))
    if unknown:
        faults = tuple(FieldError(f"/{name}", "There is no such column.") for name in unknown)
        return Invalid(f"There is no column {', '.join(unknown)}.", errors=faults)
    return _allowed(file, StockOrder(**msgspec.structs.asdict(order)))


def _unread(wrong: str) -> Invalid:
    """Say in a person's words what a cell must hold."""
    said, _, name = wrong.partition(" - at `$.")
    name = name.rstrip("`")
    if name in _CELLS:
        return Invalid(f"The column {name} cannot be read.", errors=(FieldError(f"/{name}", _CELLS[name]),))
    return Invalid(f"This line cannot be read: {said}" + (f" (column {name})." if name else "."))


class _Line(msgspec.Struct, frozen=True):
    do: str
    sku: str
    quantity: int
    location: str
    account: str = ""
    pool: str = ""
    condition: str = "sellable"
    bin: str = ""
    serials: tuple[str, ...] = ()
    at: datetime | None = None
    reference: str = ""
    reason: str = ""
    to_pool: str = ""
    to_location: str = ""
    to_bin: str = ""


def _allowed(file: StockFile, order: StockOrder) -> StockOrder | PacklineError:
    if order.at is not None and order.at.tzinfo is None:
        return Invalid("The time needs its offset, such as 2026-11-21T12:00:00+05:30.")
    is_bound = file.accounts is not None or file.locations is not None
    if is_bound and (order.pool or order.to_pool or order.to_location):
        return NotFound("This key sees only its own accounts and locations; pools are everybody's.")
    if file.accounts is not None and order.account not in file.accounts:
        return NotFound(f"There is no account {order.account}.")
    if file.locations is not None and order.location not in file.locations:
        return NotFound(f"Account {order.account} has no location {order.location}.")
    return order


def _words(refused: PacklineError) -> str:
    if isinstance(refused, Invalid) and refused.errors:
        return "; ".join(f"{fault.pointer.strip('/')}: {fault.message}" for fault in refused.errors)
    return refused.message
