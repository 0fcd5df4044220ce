"""Files of documents that are worked off beside the page: kept first, then taken apart, with progress for who waits."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from packline.commands.accounts import known_account
from packline.commands.drop import LARGEST, DropDesk, Sheets
from packline.domain.document_drop import DocumentDrop
from packline.domain.location import Api
from packline.domain.values import DocumentKind, stable_id
from packline.errors import Denied, Invalid, NotFound, PacklineError
from packline.ports import AccountStore, Clock

GIVEN = ("stored", "known")


class DropStore(Protocol):
    """Where files and what became of their pages are kept."""

    async def add(self, drop: DocumentDrop, content: bytes) -> None:
        """Keep a file that waits."""

    async def claim(self, now: datetime, only: str | None = None) -> DocumentDrop | None:
        """Take the oldest open file (or only this one) that nobody works on, for some minutes."""

    async def content(self, drop_id: str) -> bytes:
        """Read a file's bytes."""

    async def progress(self, drop_id: str, done: int, total: int, now: datetime) -> None:
        """Note how far a file is; the claim goes on."""

    async def finish(self, drop_id: str, told: Sequence[Sheets], now: datetime) -> None:
        """Write what became of the pages; the file's bytes are forgotten."""

    async def fail(self, drop_id: str, error: PacklineError, now: datetime) -> None:
        """Note that a file cannot be read."""

    async def parked(self, drop_id: str, number: int) -> tuple[str, bytes] | None:
        """Give account and bytes of pages that wait for a person; None where they do not (any more)."""

    async def handle(self, drop_id: str, number: int, told: Sheets | None, by: str, now: datetime) -> None:
        """Note what a person did with pages that waited (None: put aside), and take them off the person's list."""


class DropCounter:
    """Where files are brought, worked off, and what is left of them is given by hand."""

    def __init__(self, store: DropStore, desk: DropDesk, accounts: AccountStore, clock: Clock) -> None:
        """Keep files in `store`, and have `desk` take them apart."""
        self._store, self._desk, self._accounts, self._clock = store, desk, accounts, clock

    async def add(self, account: str, name: str, content: bytes, by: str) -> DocumentDrop:
        """Keep a file; it is worked off soon, by whichever process is free.

        Raises NotFound, Denied where the documents of the account come with calls, Invalid for one that is too large.
        """
        known = await known_account(self._accounts, account)
        if known.api is not Api.SELLER_CENTRAL:
            raise Denied(
                f"The documents of {account} come with Amazon's calls; nothing has to be dropped in.",
                reason="documents_by_call",
                hint="Ask for a label again with `packline shipment relabel`.",
            )
        if len(content) > LARGEST:
            says = f"The file has {len(content) >> 20} MB; at most {LARGEST >> 20} MB are read at once."
            raise Invalid(says, hint="Send it in several parts.", reason="file_too_large")
        made = DocumentDrop(stable_id("drop", account, secrets.token_hex(16)), account, self._clock.now(), name, by)
        await self._store.add(made, content)
        return made

    async def work(self, now: datetime, only: str | None = None) -> bool:
        """Work off one file; False where none waits. One that a dead process left is begun again: nothing doubles."""
        drop = await self._store.claim(now, only)
        if drop is None:
            return False

        async def progress(done: int, total: int) -> None:
            await self._store.progress(drop.id, done, total, self._clock.now())

        try:
            told = await self._desk.drop(drop.account, await self._store.content(drop.id), progress)
        except PacklineError as broken:
            await self._store.fail(drop.id, broken, self._clock.now())
            return True
        await self._store.finish(drop.id, told, self._clock.now())
        return True

    async def give(self, drop_id: str, number: int, order_id: str, kind: DocumentKind | None, by: str) -> Sheets:
        """Give pages that nobody could place to the order that a person names (None: as what they say they are).

        Raises NotFound where they do not wait any more or there is no such order, and Denied where the order cannot
        take them.
        """
        account, content = await self._waiting(drop_id, number)
        told = await self._desk.give_by_hand(account, content, order_id.strip(), kind)
        refused = next((sheets for sheets in told if sheets.outcome not in GIVEN), None)
        if refused is not None:
            raise Denied(refused.why, reason="document_not_taken", hint="Name another order, or put the pages aside.")
        await self._store.handle(drop_id, number, told[0], by, self._clock.now())
        return told[0]

    async def put_aside(self, drop_id: str, number: int, by: str) -> None:
        """Say that nobody needs these pages. Raises NotFound where they do not wait any more."""
        await self._waiting(drop_id, number)
        await self._store.handle(drop_id, number, None, by, self._clock.now())

    async def _waiting(self, drop_id: str, number: int) -> tuple[str, bytes]:
        found = await self._store.parked(drop_id, number)
        if found is None:
            raise NotFound("These pages do not wait for anybody any more.", hint="Somebody else was quicker.")
        return found
