"""Reading orders: pages of a sweep and single orders, by Orders 2026-01-01 or v0."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Raw

from packline.amazon.seller_central import operations, parse, parse_v0
from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.asking import Asking
from packline.amazon.seller_central.beside_v0 import BesideV0
from packline.amazon.seller_central.capabilities import Capabilities, Capability
from packline.amazon.seller_central.postponed import Postponed
from packline.amazon.seller_central.wire import orders, orders_v0
from packline.amazon.seller_central.wire.parts import flat, is_there, reader
from packline.amazon.spapi.doors import Door
from packline.amazon.times import instant, stamp
from packline.domain.location import Account
from packline.domain.reports import Facts
from packline.errors import Rejected, Unavailable, Unexpected
from packline.ports import Call, Guard, Query

V0 = "v0"
INCLUDED = "FULFILLMENT,PACKAGES,CANCELLATION,PROCEEDS,PAYMENT"
"""No buyer, no address: Amazon prints the label, and nothing here needs to know whom it is for."""
STATUSES = "UNSHIPPED,PARTIALLY_SHIPPED,SHIPPED,CANCELLED"
STATUSES_V0 = "Unshipped,PartiallyShipped,Shipped,Canceled,InvoiceUnconfirmed"
LONGEST_LOOK = timedelta(days=30)
NOT_FOUND = 404
_MISSING = ("notfound", "resourcenotfound")
_PAGE = reader(orders.OrdersPage)
_ONE = reader(orders.OneOrder)
_PAGE_V0 = reader(orders_v0.OrdersAnswer)
_ONE_V0 = reader(orders_v0.OrderAnswer)


class Entries(NamedTuple):
    """What a page holds that is ours: facts with bodies, what could not be read with the reason, the next token.

    `until` is Amazon's bound of the listing, which holds everything that changed before. `postponed` is the change of
    the oldest order that could not be completed just now: the listing must be read again from there.
    """

    found: tuple[tuple[Facts, bytes], ...]
    unreadable: tuple[tuple[bytes, str], ...]
    next_token: str | None = None
    until: datetime | None = None
    postponed: datetime | None = None


class OrdersReader:
    """Read orders of accounts in the version that each account is set to."""

    def __init__(self, capabilities: Capabilities) -> None:
        """Judge orders by what their marketplaces can do."""
        self._capabilities = capabilities
        self._beside = BesideV0(capabilities)
        self._postponed = Postponed()

    async def page(
        self, door: Door, query: Query, token: str | None, guard: Guard | None, calls: list[Call], now: datetime
    ) -> Entries:
        """Read one page of what changed since `query.after`; raises the AmazonError family."""
        ask = Asking(door, guard, calls, now)
        if door.settings.orders_api == V0:
            return await self._page_v0(ask, query, token)
        answer = await ask(operations.SEARCH_ORDERS, {}, _search(door.settings, query, token, now))
        page = read(operations.SEARCH_ORDERS, answer, _PAGE)
        next_token = page.pagination.next_token if page.pagination else None
        entries = self._sorted((bytes(raw) for raw in page.orders or ()), next_token or None)
        return entries._replace(until=instant(page.last_updated_before))

    async def one(
        self, door: Door, order_id: str, guard: Guard | None, calls: list[Call], now: datetime, urgency: float = 0.0
    ) -> Entries:
        """Read one order; nothing found where Amazon has none or it is not ours."""
        try:
            body = await self.body(door, order_id, guard, calls, now, urgency)
        except Rejected as error:
            if flat(error.amazon_code) not in _MISSING and error.status != NOT_FOUND:
                raise
            return Entries((), ())
        return self._sorted([body])

    async def body(
        self, door: Door, order_id: str, guard: Guard | None, calls: list[Call], now: datetime, urgency: float = 0.0
    ) -> bytes:
        """Read one order as Amazon tells it, with its items; raises the AmazonError family."""
        ask = Asking(door, guard, calls, now, urgency)
        if door.settings.orders_api != V0:
            return await _one(ask, order_id)
        answer = await ask(operations.GET_ORDER_V0, {"orderId": order_id}, {})
        raw = read(operations.GET_ORDER_V0, answer, _ONE_V0).payload
        if not is_there(raw):
            raise Unexpected("Amazon's answer to getOrder (v0) holds no order.", operation="getOrderV0")
        return await self._completed(ask, raw, parse_v0.head(raw))

    def booked(self, account: str, order_id: str, tracking_id: str, at: datetime) -> None:
        """Note a schedule of our own: in v0 the change that it makes is then not asked about."""
        self._beside.booked(account, order_id, tracking_id, at)

    def _sorted(self, bodies: Iterable[bytes], next_token: str | None = None) -> Entries:
        found: list[tuple[Facts, bytes]] = []
        unreadable: list[tuple[bytes, str]] = []
        for body in bodies:
            try:
                order = parse.order(body)
                capability = self._capabilities.of(parse.marketplace(order))
                if parse.is_ours(order) and self._is_ours_in_v0(body, capability):
                    found.append((parse.facts(order, capability), body))
            except (msgspec.DecodeError, UnicodeDecodeError) as why:
                unreadable.append((body, str(why)))
        return Entries(tuple(found), tuple(unreadable), next_token)

    def _is_ours_in_v0(self, body: bytes, capability: Capability) -> bool:
        return not parse_v0.is_v0(body) or parse_v0.is_ours(parse_v0.head(body), silent=capability.silent)

    async def _page_v0(self, ask: Asking, query: Query, token: str | None) -> Entries:
        answer = await ask(operations.GET_ORDERS, {}, _get_orders(ask.door.settings, query, token, ask.now))
        payload = read(operations.GET_ORDERS, answer, _PAGE_V0).payload or orders_v0.OrdersPayload()
        bodies: list[bytes] = []
        unreadable: list[tuple[bytes, str]] = []
        late = self._postponed.begin(ask.door.settings.id)
        for raw in payload.orders or ():
            calls = len(ask.calls)
            try:
                body = await self._ours(ask, raw)
            except (msgspec.DecodeError, UnicodeDecodeError, Rejected, Unexpected) as why:
                unreadable.append((bytes(raw), str(why)))
            except Unavailable as why:
                unreadable += late.postpone(raw, why, ask.now, self._beside.answered_at.get(ask.door.settings.id))
            else:
                late.completed(raw, by_a_call=len(ask.calls) > calls)
                bodies += [body] if body else []
        entries = self._sorted(bodies, payload.next_token or None)
        until = instant(payload.last_updated_before)
        return entries._replace(unreadable=(*unreadable, *entries.unreadable), until=until, postponed=late.oldest)

    async def _ours(self, ask: Asking, raw: Raw) -> bytes | None:
        """Put what v0 leaves out beside an order; None for one that is not ours, which is not worth a call."""
        head = parse_v0.head(raw)
        silent = self._capabilities.of(head.marketplace_id or "").silent
        return await self._completed(ask, raw, head) if parse_v0.is_ours(head, silent=silent) else None

    async def _completed(self, ask: Asking, raw: Raw, head: orders_v0.OrderHeadV0) -> bytes:
        items = await self._beside.items(ask, head)
        return parse_v0.with_items(raw, [Raw(item) for item in items], await self._beside.tracking_id(ask, head))


async def _one(ask: Asking, order_id: str) -> bytes:
    answer = await ask(operations.GET_ORDER, {"orderId": order_id}, {"includedData": INCLUDED})
    order = read(operations.GET_ORDER, answer, _ONE).order
    if not is_there(order):
        raise Unexpected("Amazon's answer to getOrder holds no order.", operation="getOrder")
    return bytes(order)


def _search(account: Account, query: Query, token: str | None, now: datetime) -> dict[str, str | int | None]:
    return {
        "lastUpdatedAfter": stamp(query.after or now - LONGEST_LOOK),
        "lastUpdatedBefore": stamp(query.before) if query.before else None,
        "marketplaceIds": _joined(account.marketplaces),
        "fulfilledBy": "MERCHANT",
        "fulfillmentStatuses": STATUSES,
        "includedData": INCLUDED,
        "maxResultsPerPage": query.page_size,
        "paginationToken": token,
    }


def _get_orders(account: Account, query: Query, token: str | None, now: datetime) -> dict[str, str | int | None]:
    return {
        "LastUpdatedAfter": stamp(query.after or now - LONGEST_LOOK),
        "LastUpdatedBefore": stamp(query.before) if query.before else None,
        "MarketplaceIds": _joined(account.marketplaces),
        "FulfillmentChannels": "MFN",
        "OrderStatuses": STATUSES_V0,
        "MaxResultsPerPage": query.page_size,
        "NextToken": token,
    }


def _joined(values: Sequence[str]) -> str | None:
    return ",".join(values) or None
