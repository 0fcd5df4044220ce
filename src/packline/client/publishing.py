"""What Amazon is told of stock: published again, held, compared and mended, by a client."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from packline.client.client import Client, Row


class Publishing:
    """Publish stock: `Publishing(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def publish(
        self, account: str, *, location: str = "", sku: str = "", everything: bool = False, key: str | None = None
    ) -> int:
        """Tell Amazon again what it refused, with `everything` all numbers; give how many."""
        body = {"account": account, "location": location, "sku": sku, "everything": everything}
        return int((await self._client.send("POST", "/v1/stock/publish", body, key=key))["offers"])

    async def choose(self, account: str, *, key: str | None = None, **given: Any) -> None:
        """Choose `numbering`, `ask_first`, `drift_every_s`; `numbers` are those last used by another program."""
        await self._client.send("PUT", "/v1/stock/publishing", {"account": account, **given}, key=key)

    async def hold(self, account: str, location: str, reason: str, *, key: str | None = None) -> None:
        """Tell Amazon nothing of a location until it is released."""
        body = {"account": account, "location": location, "reason": reason}
        await self._client.send("POST", "/v1/stock/hold", body, key=key)

    async def release(self, account: str, location: str, *, key: str | None = None) -> None:
        """Publish a held location again."""
        body = {"account": account, "location": location}
        await self._client.send("POST", "/v1/stock/release", body, key=key)

    async def refused(self, **filters: Any) -> list[Row]:
        """List SKUs whose number Amazon refuses, with its reason."""
        return [row async for row in self._client.pages("/v1/stock/refused", **filters)]

    async def compare(
        self, account: str, *, seller: Sequence[Mapping[str, Any]] = (), key: str | None = None, **scope: Any
    ) -> Row:
        """Ask Amazon what it has and compare; `seller` are your own numbers (location, sku, quantity)."""
        body = {"account": account, "seller": [dict(one) for one in seller], **scope}
        return await self._client.send("POST", "/v1/stock/drift", body, key=key)

    async def comparison(self, comparison: str) -> Row:
        """Read how far a comparison is."""
        return await self._client.get(f"/v1/stock/drift/comparisons/{quote(comparison, safe='')}")

    async def drifts(self, **filters: Any) -> list[Row]:
        """List what differs between Packline, Amazon and the seller's system, with the likely cause."""
        return [row async for row in self._client.pages("/v1/stock/drift", **filters)]

    async def mend(self, account: str, side: str, *, key: str | None = None, **scope: Any) -> Row:
        """Let one side's number count: packline, amazon or seller."""
        return await self._client.send(
            "POST", "/v1/stock/drift/mend", {"account": account, "side": side, **scope}, key=key
        )
