"""Kept routes: orders that are allocated one after the other and answered by locations, by a client."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from packline.client.client import Client, Row

PATH = "/v1/routing/orders"


class Routes:
    """Keep routes: `Routes(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def keep(self, account: str, orders: Sequence[Mapping[str, Any]], *, key: str | None = None) -> list[Row]:
        """Allocate orders (reference, lines, postal_code...) in their sequence and keep it; a known one is shown."""
        body = {"account": account, "orders": [dict(order) for order in orders]}
        return list((await self._client.send("POST", PATH, body, key=key))["items"])

    def kept(self, **filters: Any) -> AsyncIterator[Row]:
        """Iterate over kept routes (`account`, `state`, `location`), the oldest first."""
        return self._client.pages(PATH, **filters)

    async def show(self, account: str, reference: str) -> Row:
        """Read one kept route with the parcels of every turn and the reasons."""
        return await self._client.get(_of(account, reference))

    async def accept(self, account: str, reference: str, location: str, *, key: str | None = None) -> Row:
        """Say that a location takes its parcel."""
        return await self._client.send("POST", _of(account, reference, "accept"), {"location": location}, key=key)

    async def done(self, account: str, reference: str, location: str, *, key: str | None = None) -> Row:
        """Say that a location's parcel has left."""
        return await self._client.send("POST", _of(account, reference, "done"), {"location": location}, key=key)

    async def reject(
        self, account: str, reference: str, location: str, *, reason: str = "", key: str | None = None
    ) -> Row:
        """Say that a location does not take its parcel; the answer is where it went instead."""
        body = {"location": location, "reason": reason}
        return await self._client.send("POST", _of(account, reference, "reject"), body, key=key)

    async def again(self, account: str, reference: str, *, key: str | None = None) -> Row:
        """Allocate anew what no location has accepted."""
        return await self._client.send("POST", _of(account, reference, "again"), {}, key=key)

    async def cancel(self, account: str, reference: str, *, reason: str = "", key: str | None = None) -> Row:
        """End a kept route: what it holds is free again."""
        return await self._client.send("POST", _of(account, reference, "cancel"), {"reason": reason}, key=key)


def _of(account: str, reference: str, *act: str) -> str:
    return "/".join((PATH, *(quote(part, safe="") for part in (account, reference, *act))))
