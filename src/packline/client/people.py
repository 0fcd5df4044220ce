"""People at the console and the audit, by a client."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from packline.client.client import Client, Row


class People:
    """Add and change people, read the audit: `People(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def people(self, **filters: Any) -> AsyncIterator[Row]:
        """List people by name; filters are `role`, `disabled`, `search`."""
        async for row in self._pages("/v1/users", filters):
            yield row

    async def person(self, user: str) -> Row:
        """Read one person by id or sign-in name."""
        return await self._client.get(_at(user))

    async def add(self, name: str, role: str, *, key: str | None = None, **given: Any) -> Row:
        """Add a person; `link` in the answer lets them choose a password, once."""
        return await self._client.send("POST", "/v1/users", {"name": name, "role": role, **given}, key=key)

    async def change(self, user: str, *, key: str | None = None, **given: Any) -> Row:
        """Change `role`, `full_name`, `accounts`, `locations` or `disabled`."""
        return await self._client.send("PATCH", _at(user), given, key=key)

    async def link(self, user: str, *, key: str | None = None) -> Row:
        """Make a link with which the person chooses a new password."""
        return await self._client.send("POST", f"{_at(user)}/link", {}, key=key)

    async def unlock(self, user: str, *, key: str | None = None) -> None:
        """Forget the person's wrong passwords."""
        await self._client.send("POST", f"{_at(user)}/unlock", {}, key=key)

    async def disconnect(self, user: str, *, key: str | None = None) -> None:
        """Disconnect the person from the identity provider."""
        await self._client.send("DELETE", f"{_at(user)}/identity", {}, key=key)

    async def sessions(self, user: str) -> list[Row]:
        """List where the person is signed in."""
        return list((await self._client.get(f"{_at(user)}/sessions"))["items"])

    async def sign_out(self, user: str, session: str | None = None, *, key: str | None = None) -> int:
        """Sign the person out everywhere, or in one browser; tells how many sessions ended."""
        place = f"{_at(user)}/sessions" + (f"/{quote(session, safe='')}" if session else "")
        return int((await self._client.send("DELETE", place, {}, key=key))["ended"])

    async def audit(self, **filters: Any) -> AsyncIterator[Row]:
        """List who did and saw what, the newest first; filters as of `GET /v1/audit`."""
        async for row in self._pages("/v1/audit", filters):
            yield row

    async def _pages(self, path: str, filters: dict[str, Any]) -> AsyncIterator[Row]:
        after: str | None = None
        while True:
            page = await self._client.get(path, **{"limit": 200, **filters, "after": after})
            for row in page["items"]:
                yield row
            after = page["next"]
            if after is None:
                return


def _at(user: str) -> str:
    return f"/v1/users/{quote(user, safe='')}"
