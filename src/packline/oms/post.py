"""One signed POST to a seller's endpoint; private addresses are refused where they are not allowed."""

import ipaddress
import socket
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks.webhooks import Webhook

from packline.domain.endpoint import Endpoint, FeedEvent
from packline.oms.payload import payload

TIMEOUT = aiohttp.ClientTimeout(total=10)  # seconds


class PrivateAddress(OSError):
    """The name of the endpoint leads to a private address."""


class PublicResolver(AbstractResolver):
    """Resolve names to public addresses only, at each connection, so that a name cannot be turned inwards later."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name, and refuse it where any of its addresses is private."""
        found = await self._resolver.resolve(host, port, family)
        if any(is_private(entry["host"]) for entry in found):
            raise PrivateAddress(f"{host} leads to a private address")
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()


class Post:
    """A client for endpoints: ten seconds, no redirects, no body read."""

    def __init__(self, *, allow_private: bool = False) -> None:
        """Refuse private addresses unless they are allowed."""
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the client."""
        resolver = None if self._allow_private else PublicResolver()
        self._session = aiohttp.ClientSession(
            timeout=TIMEOUT, connector=aiohttp.TCPConnector(limit=100, resolver=resolver)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def send(self, endpoint: Endpoint, event: FeedEvent, at: datetime) -> tuple[int, str]:
        """Send one event; give the HTTP status (0: no answer) and what went wrong."""
        assert self._session is not None  # noqa: S101  used inside `async with`
        if not self._allow_private and is_private(urlsplit(endpoint.url).hostname or ""):
            return 0, "private addresses are not allowed as targets"
        body = msgspec.json.encode(payload(event))
        try:
            async with self._session.post(
                endpoint.url, data=body, headers=signed(endpoint, event, at, body), allow_redirects=False
            ) as answer:
                return answer.status, "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except TimeoutError:
            return 0, "no answer within 10 seconds"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return 0, f"{type(error).__name__}: {error}"[:300]


def signed(endpoint: Endpoint, event: FeedEvent, at: datetime, body: bytes) -> dict[str, str]:
    """Make the headers of a delivery (Standard Webhooks 1.0)."""
    return {
        "content-type": "application/json",
        "user-agent": "Packline",
        "webhook-id": event.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(endpoint.secret).sign(event.id, at, body.decode()),
    }


def is_private(host: str) -> bool:
    """Tell whether an address is not for everybody; a name is neither."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost"
