"""Easy Ship over Seller Central, one method for each operation, typed both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from packline.amazon.seller_central import build, operations
from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.wire import easy_ship, feeds, listings, orders, orders_v0
from packline.amazon.seller_central.wire.parts import Shape, reader
from packline.amazon.spapi.auth import Account
from packline.amazon.spapi.client import SpApi
from packline.amazon.spapi.operation import Operation
from packline.amazon.spapi.restricted import CREATE_TOKEN
from packline.amazon.times import stamp
from packline.domain.values import Box

Query = Mapping[str, str | int | None]
_SLOTS = reader(easy_ship.HandoverSlots)
_PACKAGE = reader(easy_ship.Package)
_PACKAGES = reader(easy_ship.Packages)
_BULK = reader(easy_ship.BulkSchedule)
_ORDERS = reader(orders.OrdersPage)
_ORDER = reader(orders.OneOrder)
_ORDERS_V0 = reader(orders_v0.OrdersAnswer)
_ORDER_V0 = reader(orders_v0.OrderAnswer)
_ITEMS_V0 = reader(orders_v0.ItemsAnswer)
_UPLOAD = reader(feeds.UploadAddress)
_CREATED = reader(feeds.CreatedFeed)
_FEED = reader(feeds.Feed)
_FEEDS = reader(feeds.FeedsPage)
_ADDRESS = reader(feeds.DocumentAddress)
_REPORT = reader(feeds.Report)
_TOKEN = reader(feeds.RestrictedToken)
_SUBMISSION = reader(listings.Submission)
_LISTING = reader(listings.ListingsItem)


class SellerCentral:
    """The operations that Easy Ship needs, for any account; each takes its lane's turn by `urgency`, the lowest first.

    All methods raise the AmazonError family: Rejected, Throttled, Unauthorized, Unavailable, Unresolved, Unexpected.
    """

    def __init__(self, api: SpApi) -> None:
        """Call through `api`."""
        self._api = api

    async def search_orders(
        self,
        account: Account,
        updated_after: datetime,
        *,
        updated_before: datetime | None = None,
        marketplaces: Sequence[str] = (),
        statuses: Sequence[str] = (),
        included: Sequence[str] = (),
        page_size: int | None = 100,
        token: str | None = None,
        urgency: float = 0.0,
    ) -> orders.OrdersPage:
        """Read one page of merchant-fulfilled orders that changed; go on with `page.pagination.next_token`."""
        query = {
            "lastUpdatedAfter": stamp(updated_after),
            "lastUpdatedBefore": stamp(updated_before) if updated_before else None,
            "marketplaceIds": ",".join(marketplaces) or None,
            "fulfilledBy": "MERCHANT",
            "fulfillmentStatuses": ",".join(statuses) or None,
            "includedData": ",".join(included) or None,
            "maxResultsPerPage": page_size,
            "paginationToken": token,
        }
        return await self._ask(operations.SEARCH_ORDERS, _ORDERS, account, query=query, urgency=urgency)

    async def get_order(
        self, account: Account, order_id: str, *, included: Sequence[str] = (), urgency: float = 0.0
    ) -> orders.OneOrder:
        """Read one order, still bytes."""
        path, query = {"orderId": order_id}, {"includedData": ",".join(included) or None}
        return await self._ask(operations.GET_ORDER, _ORDER, account, path=path, query=query, urgency=urgency)

    async def get_orders_v0(self, account: Account, query: Query, *, urgency: float = 0.0) -> orders_v0.OrdersAnswer:
        """Read one page of orders of v0; `query` in Amazon's own names."""
        return await self._ask(operations.GET_ORDERS, _ORDERS_V0, account, query=query, urgency=urgency)

    async def get_order_v0(self, account: Account, order_id: str, *, urgency: float = 0.0) -> orders_v0.OrderAnswer:
        """Read one order of v0, still bytes."""
        path = {"orderId": order_id}
        return await self._ask(operations.GET_ORDER_V0, _ORDER_V0, account, path=path, urgency=urgency)

    async def get_order_items(
        self, account: Account, order_id: str, *, token: str | None = None, urgency: float = 0.0
    ) -> orders_v0.ItemsAnswer:
        """Read one page of an order's items (v0)."""
        path, query = {"orderId": order_id}, {"NextToken": token}
        return await self._ask(operations.GET_ORDER_ITEMS, _ITEMS_V0, account, path=path, query=query, urgency=urgency)

    async def list_handover_slots(
        self, account: Account, marketplace: str, order_id: str, box: Box, *, urgency: float = 0.0
    ) -> easy_ship.HandoverSlots:
        """List the windows in which a parcel of this size and weight can be handed over."""
        body = build.slots_request(marketplace, order_id, box)
        return await self._ask(operations.LIST_HANDOVER_SLOTS, _SLOTS, account, body=body, urgency=urgency)

    async def create_scheduled_package(
        self, account: Account, marketplace: str, order_id: str, details: Mapping[str, Any], *, urgency: float = 0.0
    ) -> easy_ship.Package:
        """Book a slot for an order; `build.package_details` describes what goes into it."""
        body = build.schedule(marketplace, order_id, details)
        return await self._ask(operations.CREATE_SCHEDULED_PACKAGE, _PACKAGE, account, body=body, urgency=urgency)

    async def get_scheduled_package(
        self, account: Account, marketplace: str, order_id: str, *, urgency: float = 0.0
    ) -> easy_ship.Package:
        """Read an order's package: status, slot, tracking id, invoice number."""
        query = {"amazonOrderId": order_id, "marketplaceId": marketplace}
        return await self._ask(operations.GET_SCHEDULED_PACKAGE, _PACKAGE, account, query=query, urgency=urgency)

    async def update_scheduled_packages(
        self, account: Account, marketplace: str, slots: Sequence[tuple[str, str]], *, urgency: float = 0.0
    ) -> easy_ship.Packages:
        """Give up to 500 orders (order id, slot id) another slot; one that cannot be moved fails them all."""
        body = build.reschedule(marketplace, slots)
        return await self._ask(operations.UPDATE_SCHEDULED_PACKAGES, _PACKAGES, account, body=body, urgency=urgency)

    async def create_scheduled_package_bulk(
        self,
        account: Account,
        marketplace: str,
        scheduled: Sequence[tuple[str, Mapping[str, Any] | None]],
        label_format: str = "PDF",
        *,
        urgency: float = 0.0,
    ) -> easy_ship.BulkSchedule:
        """Schedule up to 100 orders (order id, details or None) at once; the address of the documents lives minutes."""
        body = build.bulk(marketplace, scheduled, label_format)
        return await self._ask(operations.CREATE_SCHEDULED_PACKAGE_BULK, _BULK, account, body=body, urgency=urgency)

    async def create_feed_document(
        self, account: Account, content_type: str, *, urgency: float = 0.0
    ) -> feeds.UploadAddress:
        """Ask for an address to upload a feed to; it lives five minutes."""
        body = build.feed_document(content_type)
        return await self._ask(operations.CREATE_FEED_DOCUMENT, _UPLOAD, account, body=body, urgency=urgency)

    async def upload(self, url: str, content: bytes, content_type: str) -> None:
        """Put a feed's document at its address, with the type that was declared; see `SpApi.upload`."""
        await self._api.upload(url, content, content_type)

    async def create_feed(
        self, account: Account, feed_type: str, marketplaces: Sequence[str], document_id: str, *, urgency: float = 0.0
    ) -> feeds.CreatedFeed:
        """Hand an uploaded document over to Amazon."""
        body = build.feed(feed_type, marketplaces, document_id)
        return await self._ask(operations.CREATE_FEED, _CREATED, account, body=body, urgency=urgency)

    async def get_feed(self, account: Account, feed_id: str, *, urgency: float = 0.0) -> feeds.Feed:
        """Read how far a feed is."""
        return await self._ask(operations.GET_FEED, _FEED, account, path={"feedId": feed_id}, urgency=urgency)

    async def get_feeds(
        self,
        account: Account,
        feed_type: str,
        created_since: datetime,
        *,
        token: str | None = None,
        urgency: float = 0.0,
    ) -> feeds.FeedsPage:
        """List feeds of a type; with a token, the next page."""
        first: Query = {"feedTypes": feed_type, "createdSince": stamp(created_since), "pageSize": 100}
        query = {"nextToken": token} if token else first
        return await self._ask(operations.GET_FEEDS, _FEEDS, account, query=query, urgency=urgency)

    async def get_feed_document(
        self, account: Account, document_id: str, *, urgency: float = 0.0
    ) -> feeds.DocumentAddress:
        """Ask where a feed's processing report is; the address lives five minutes."""
        path = {"feedDocumentId": document_id}
        return await self._ask(operations.GET_FEED_DOCUMENT, _ADDRESS, account, path=path, urgency=urgency)

    async def get_report(self, account: Account, report_id: str, *, urgency: float = 0.0) -> feeds.Report:
        """Read how far a report is."""
        return await self._ask(operations.GET_REPORT, _REPORT, account, path={"reportId": report_id}, urgency=urgency)

    async def restricted_token(self, account: Account, method: str, path: str, *, urgency: float = 0.0) -> str:
        """Ask for a token that opens one address with personal data."""
        body = build.restricted(method, path)
        return (await self._ask(CREATE_TOKEN, _TOKEN, account, body=body, urgency=urgency)).token

    async def get_report_document(
        self, account: Account, document_id: str, *, restricted_token: str = "", urgency: float = 0.0
    ) -> feeds.DocumentAddress:
        """Ask where a report's document is; one with personal data wants a restricted token for exactly its path."""
        path = {"reportDocumentId": document_id}
        operation = operations.GET_REPORT_DOCUMENT
        return await self._ask(operation, _ADDRESS, account, path=path, token=restricted_token, urgency=urgency)

    async def patch_quantity(
        self,
        account: Account,
        seller_id: str,
        sku: str,
        marketplace: str,
        quantity: int,
        *,
        product_type: str = "PRODUCT",
        urgency: float = 0.0,
    ) -> listings.Submission:
        """Tell the quantity of one SKU and change nothing else of its listing (patchListingsItem)."""
        path, query = {"sellerId": seller_id, "sku": sku}, {"marketplaceIds": marketplace}
        body = build.quantity_patch(product_type, quantity)
        return await self._ask(
            operations.PATCH_LISTINGS_ITEM, _SUBMISSION, account, path=path, query=query, body=body, urgency=urgency
        )

    async def get_quantity(
        self, account: Account, seller_id: str, sku: str, marketplace: str, *, urgency: float = 0.0
    ) -> listings.ListingsItem:
        """Read the quantity that Amazon shows for one SKU (getListingsItem)."""
        path = {"sellerId": seller_id, "sku": sku}
        query: Query = {"marketplaceIds": marketplace, "includedData": "fulfillmentAvailability"}
        return await self._ask(operations.GET_LISTINGS_ITEM, _LISTING, account, path=path, query=query, urgency=urgency)

    async def download(self, url: str) -> bytes:
        """Fetch a document from its address, which expires; see `SpApi.download`."""
        return await self._api.download(url)

    async def _ask(
        self,
        operation: Operation,
        decoder: msgspec.json.Decoder[Shape],
        account: Account,
        *,
        path: Mapping[str, str] | None = None,
        query: Query | None = None,
        body: bytes = b"",
        token: str = "",
        urgency: float,
    ) -> Shape:
        answer = await self._api.call(operation, account, path or {}, query or {}, body, urgency=urgency, token=token)
        return read(operation, answer, decoder)
