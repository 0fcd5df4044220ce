"""Everything that knows Amazon; usable alone, as a typed client that keeps to every account's quotas.

from packline.amazon import Account, Credentials, connect, read_shipment

account = Account("seller-1", "https://sellingpartnerapi-eu.amazon.com", Credentials(client_id, secret, refresh))
async with connect() as amazon:
    page = await amazon.get_shipments(account, "ACCEPTED")
    for raw in page.shipments or ():
        shipment = read_shipment(raw)
        await amazon.confirm_shipment(account, shipment.id)
    shipment = await amazon.get_shipment(account, shipment.id)
    print(shipment.status)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec import Raw

from packline.amazon.external_fulfillment import wire
from packline.amazon.external_fulfillment.client import ExternalFulfillment
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.spapi.auth import AccessTokens, Account, Credentials
from packline.amazon.spapi.call_log import CallRecord
from packline.amazon.spapi.client import ClientConfig, SpApi
from packline.amazon.spapi.clock import SystemClock
from packline.amazon.spapi.http1 import Http1Transport
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.transport import AiohttpTransport
from packline.amazon.spapi.usage_plans import UsagePlan, UsagePlans
from packline.domain.location import TOKEN_URL

__all__ = [
    "Account",
    "CallRecord",
    "ClientConfig",
    "Credentials",
    "ExternalFulfillment",
    "UsagePlan",
    "UsagePlans",
    "connect",
    "read_shipment",
]

_SHIPMENT = wire.reader(wire.Shipment)


@asynccontextmanager
async def connect(
    *,
    plans: UsagePlans | None = None,
    on_call: Callable[[CallRecord], None] | None = None,
    token_url: str = TOKEN_URL,
    config: ClientConfig | None = None,
    sockets: int = 64,
    proxy: str | None = None,
) -> AsyncIterator[ExternalFulfillment]:
    """Open a client for any number of accounts; on leaving, its connections are closed.

    `plans` are the usage plans (default: as Amazon documents them), `on_call` sees a record of every call, and
    `token_url` is where tokens come from (the simulator's `/auth/o2/token`, for instance). `proxy` is the address of
    an HTTP proxy, where one stands between.
    """
    clock = SystemClock()
    transport = AiohttpTransport(sockets=sockets, proxy=proxy) if proxy else Http1Transport(sockets=sockets)
    tokens = AccessTokens(transport, clock, token_url=token_url)
    lanes = Lanes(plans or UsagePlans(), clock)
    try:
        yield ExternalFulfillment(
            SpApi(transport, tokens, lanes, clock, on_call=on_call, kept=KEPT_FIELDS, config=config)
        )
    finally:
        await transport.close()


def read_shipment(raw: Raw | bytes) -> wire.Shipment:
    """Read one shipment of a page; raises msgspec.DecodeError when it is not one."""
    return _SHIPMENT.decode(raw)
