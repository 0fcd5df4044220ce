"""Files of listings: looked at row by row, then stored in one transaction or not at all."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from packline.commands.accounts import known_account
from packline.domain.listing import COLUMNS, Checked, ListingFile, check, is_listing_row
from packline.domain.values import stable_id
from packline.errors import FieldError, Invalid
from packline.ports import AccountStore, Clock

STEP = 5000
MODES = ("all", "partial", "check")
Rows = Iterator[tuple[int, dict[str, Any]]]
Reader = Callable[[bytes, str], Rows]
"""Reads (line, row) of a file of a format, one by one."""


class ListingFileStore(Protocol):
    """Where uploads of listings and their rows wait."""

    async def add(self, file: ListingFile, content: bytes) -> bool:
        """Store an upload; False where one of this id is there already."""

    async def claim(self, now: datetime, only: str | None = None) -> ListingFile | None:
        """Take the oldest open upload (or only this one) that nobody works on, for some seconds."""

    async def content(self, file_id: str) -> bytes:
        """Read an upload's bytes."""

    async def stage(self, before: ListingFile, rows: Sequence[Checked], now: datetime) -> ListingFile | None:
        """Lay rows aside and note the progress; None where another process was quicker."""

    async def finish(self, file: ListingFile, now: datetime) -> ListingFile:
        """Name repeated and contradicting rows and store what the mode asks for, in one transaction."""

    async def fail(self, file: ListingFile, error: str, now: datetime) -> ListingFile:
        """Note that a file cannot be read."""


async def add_file(
    store: ListingFileStore,
    accounts: AccountStore,
    clock: Clock,
    content: bytes,
    kind: str,
    *,
    account: str,
    mode: str = "all",
    key: str = "",
    **given: Any,
) -> ListingFile:
    """Store an upload to be worked off; the same key gives the same upload. Nothing is stored of its rows yet.

    Raises NotFound for an unknown account, and Invalid for an empty file or an unknown mode.
    """
    await known_account(accounts, account)
    if mode not in MODES:
        raise Invalid(f"{mode!r} is no mode.", errors=(FieldError("/query/mode", f"One of {', '.join(MODES)}."),))
    if not content.strip():
        raise Invalid("The file is empty.", hint=f"Send CSV or XLSX with the columns {', '.join(COLUMNS)}.")
    name = stable_id("lst", account, key or secrets.token_hex(16))
    file = ListingFile(name, account, kind, clock.now(), mode=mode, **given)
    await store.add(file, content)
    return file


class ListingImporter:
    """Work off uploads: rows are read and laid aside some thousand at a time, then taken all at once.

    A process that takes over from a dead one reads on behind the rows that are laid aside.
    """

    def __init__(self, store: ListingFileStore, accounts: AccountStore, read: Reader) -> None:
        """Take the stores, and the reader of files."""
        self._store, self._accounts, self._read = store, accounts, read
        self._open: dict[str, tuple[int, Rows]] = {}

    async def work(self, now: datetime, only: str | None = None) -> bool:
        """Do one step of the oldest upload (or only of this one); False where there is nothing to do."""
        file = await self._store.claim(now, only)
        if file is None:
            self._open.clear()
            return False
        await self.step(file, now)
        return True

    async def step(self, file: ListingFile, now: datetime) -> ListingFile | None:
        """Look at the next rows, or finish; give the progress (None where another process was quicker)."""
        account = await self._accounts.account(file.account)
        try:
            if account is None:
                raise Invalid(f"The account {file.account} was removed.")
            chunk = await self._chunk(file)
        except Invalid as broken:
            return await self._store.fail(file, broken.message, now)
        if not chunk:
            self._open.pop(file.id, None)
            return await self._store.finish(file, now)
        checked = [check(line, row, account.marketplaces) for line, row in chunk]
        after = await self._store.stage(file, checked, now)
        if after is None:
            self._open.pop(file.id, None)
        return after

    async def _chunk(self, file: ListingFile) -> list[tuple[int, dict[str, Any]]]:
        at, rows = self._open.get(file.id, (-1, iter(())))
        if at != file.done:  # somebody else went on, or a process died: read again from the beginning
            content = await self._store.content(file.id)
            rows = islice(self._read(content, file.format), file.done, None)
        chunk = await asyncio.to_thread(lambda: list(islice(rows, STEP)))
        if file.done == 0 and not any(is_listing_row(row) for _, row in chunk):
            raise Invalid(f"The file has no row with the columns {', '.join(COLUMNS)}.")
        self._open[file.id] = (file.done + len(chunk), rows)
        return chunk
