"""Files of documents that are taken apart beside the request, and the pages that nobody could place, by a client."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from packline.client.client import Client, Row

PATH = "/v1/imports/document_drops"


class Drops:
    """Bring files of labels and invoices: `Drops(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def add(self, account: str, content: bytes, *, name: str = "", key: str | None = None) -> Row:
        """Bring a file (PDF, ZIP or ZPL); `show` tells how far it is. The same file twice changes nothing."""
        return await self._client.upload(PATH, content, key=key, account=account, name=name)

    async def show(self, drop: str) -> Row:
        """Read one file: its `state`, and how many of its pages went where."""
        return await self._client.get(_of(drop))

    def all(self) -> AsyncIterator[Row]:
        """Iterate over files, the newest first."""
        return self._client.pages(PATH)

    async def sheets(self, drop: str) -> list[Row]:
        """List what became of a file's pages; those that wait for somebody (`waits`) first."""
        return list((await self._client.get(_of(drop, "sheets")))["items"])

    async def pages(self, drop: str, number: int) -> bytes:
        """Read pages that nobody could place; the look is recorded."""
        return await self._client.content(_of(drop, "sheets", str(number), "content"))

    async def give(self, drop: str, number: int, order: str, *, kind: str | None = None, key: str | None = None) -> Row:
        """Give pages to an order: as what they say they are, or as `kind` (ship_label, invoice, warranty)."""
        return await self._client.send(
            "POST", _of(drop, "sheets", str(number), "give"), {"order": order, "kind": kind}, key=key
        )

    async def put_aside(self, drop: str, number: int, *, key: str | None = None) -> None:
        """Say that nobody needs these pages."""
        await self._client.send("POST", _of(drop, "sheets", str(number), "aside"), {}, key=key)


def _of(drop: str, *rest: str) -> str:
    return "/".join((PATH, quote(drop, safe=""), *rest))
