"""Ages of credentials, by a client."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from packline.client.client import Client, Row

PATH = "/v1/credentials"


class Ages:
    """See how old credentials are: `Ages(client)`; errors and rows are as the client's."""

    def __init__(self, client: Client) -> None:
        """Use a client, which stays open as long as its owner wishes."""
        self._client = client

    async def list(self, account: str | None = None) -> list[Row]:
        """List client secrets and consents with when they end."""
        return list((await self._client.get(PATH, account=account))["items"])

    async def date(
        self,
        account: str,
        *,
        secret_since: datetime | None = None,
        consent_since: datetime | None = None,
        consent_ends: bool | None = None,
        key: str | None = None,
    ) -> None:
        """Tell when a secret was rotated or a seller consented, and whether that consent ends."""
        body: dict[str, Any] = {"consent_ends": consent_ends}
        for name, at in (("secret_since", secret_since), ("consent_since", consent_since)):
            body[name] = at.isoformat() if at else None
        await self._client.send("PUT", f"{PATH}/{quote(account, safe='')}", body, key=key)
