"""Add, change, replay, test and remove webhook endpoints."""

import base64
import ipaddress
import secrets
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from msgspec.structs import replace

from packline.domain.endpoint import Endpoint
from packline.domain.values import stable_id
from packline.errors import FieldError, Invalid, NotFound
from packline.ports import Clock


class EndpointStore(Protocol):
    """Where endpoints are kept."""

    async def add(self, endpoint: Endpoint) -> None:
        """Store a new endpoint."""

    async def save(self, endpoint: Endpoint) -> None:
        """Write an endpoint's settings again."""

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Read one endpoint."""

    async def remove(self, endpoint_id: str) -> bool:
        """Remove one; False where there is none."""

    async def rewind(self, endpoint_id: str, cursor: str, now: datetime) -> None:
        """Send again from a cursor, and forget earlier failures."""

    async def newest(self) -> str:
        """Give the cursor of the newest event."""


async def add_webhook(
    store: EndpointStore,
    clock: Clock,
    url: str,
    *,
    events: tuple[str, ...] = (),
    accounts: tuple[str, ...] = (),
    description: str = "",
    allow_private: bool = False,
) -> Endpoint:
    """Add an endpoint that gets every event from now on; its secret signs them (Standard Webhooks).

    Raises Invalid for an address that is not acceptable.
    """
    refuse_address(url, allow_private=allow_private)
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    endpoint = Endpoint(
        id=stable_id("whk", secret),
        url=url,
        secret=secret,
        created_at=clock.now(),
        cursor=await store.newest(),
        description=description,
        events=events,
        accounts=accounts,
    )
    await store.add(endpoint)
    return endpoint


async def set_enabled(store: EndpointStore, endpoint_id: str, *, enabled: bool) -> Endpoint:
    """Stop or start an endpoint; starting forgets why it was paused and goes on where it stood.

    Raises NotFound.
    """
    endpoint = await known_endpoint(store, endpoint_id)
    after = replace(endpoint, enabled=enabled, paused_reason=None, failures=0, failing_since=None, next_at=None)
    await store.save(after)
    return after


async def replay_webhook(store: EndpointStore, clock: Clock, endpoint_id: str, cursor: str) -> Endpoint:
    """Send every event after a cursor again.

    Raises NotFound.
    """
    await known_endpoint(store, endpoint_id)
    await store.rewind(endpoint_id, cursor, clock.now())
    return await known_endpoint(store, endpoint_id)


async def remove_webhook(store: EndpointStore, endpoint_id: str) -> None:
    """Remove an endpoint.

    Raises NotFound.
    """
    if not await store.remove(endpoint_id):
        raise _unknown(endpoint_id)


async def known_endpoint(store: EndpointStore, endpoint_id: str) -> Endpoint:
    """Read an endpoint.

    Raises NotFound.
    """
    endpoint = await store.endpoint(endpoint_id)
    if endpoint is None:
        raise _unknown(endpoint_id)
    return endpoint


def refuse_address(url: str, *, allow_private: bool) -> None:
    """Raise Invalid for an address that is no web address, or a private one where these are not allowed.

    Names are resolved again at each delivery; this only refuses what can be seen in the address itself.
    """
    try:
        parts = urlsplit(url)
        host, port_is_fine = parts.hostname or "", parts.port is None or parts.port > 0
    except ValueError:
        host, port_is_fine, parts = "", False, urlsplit("")
    schemes = ("https", "http") if allow_private else ("https",)
    is_written_well = url.isprintable() and " " not in url
    if not host or not port_is_fine or parts.scheme not in schemes or parts.username or not is_written_well:
        raise _bad_address(f"An address such as {schemes[-1]}://example.com/hooks, without user and password.")
    if not allow_private and _is_private(host):
        raise _bad_address("Private addresses are not allowed as targets (setting `webhook_private_addresses`).")


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _bad_address(message: str) -> Invalid:
    return Invalid("This address cannot be a webhook's target.", errors=(FieldError("/url", message),))


def _unknown(endpoint_id: str) -> NotFound:
    return NotFound(f"There is no webhook {endpoint_id}.", hint="List them with `packline webhook list`.")
