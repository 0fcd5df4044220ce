"""Sellers on their way in, and what is wrong with those who are there, by a client."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from packline.client.client import Client, Row


class Onboarding:
    """Consents and checks: `Onboarding(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def begin(
        self, name: str, application_id: str, client_id: str, client_secret: str, marketplaces: Sequence[str],
        redirect_uri: str, **given: Any,
    ) -> Row:  # fmt: skip
        """Give the `address` at which a seller consents; more is given as of `POST /v1/consents`."""
        body = {
            "name": name,
            "application_id": application_id,
            "client_id": client_id,
            "client_secret": client_secret,
            "marketplaces": list(marketplaces),
            "redirect_uri": redirect_uri,
            **given,
        }
        return await self._client.send("POST", "/v1/consents", body)

    async def complete(self, address: str, *, key: str | None = None) -> Row:
        """Take the seller who came back, by the address that Amazon led to; gives `account` and `is_new`."""
        return await self._client.send("POST", "/v1/consents/complete", {"address": address}, key=key)

    async def check(self, account: str | None = None) -> list[Row]:
        """Check an account as Amazon sees it, or the house; findings with `state` good, doubt or bad and `cure`."""
        path = f"/v1/accounts/{quote(account, safe='')}/doctor" if account else "/v1/doctor"
        return list((await self._client.get(path))["items"])
