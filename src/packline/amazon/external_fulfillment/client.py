"""External Fulfillment, one method for each operation, typed both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from packline.amazon.external_fulfillment import build, operations, wire
from packline.amazon.spapi import outcome
from packline.amazon.spapi.auth import Account
from packline.amazon.spapi.client import Answer, SpApi
from packline.amazon.spapi.operation import Operation
from packline.amazon.times import stamp

Shape = TypeVar("Shape")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError, RecursionError)
"""What reading a body may raise: no JSON, another shape, numbers beyond calculation, lists in lists without end."""

_SHIPMENT = wire.reader(wire.Shipment)
_SHIPMENTS = wire.reader(wire.ShipmentsPage)
_OPTIONS = wire.reader(wire.ShippingOptions)
_INVOICE = wire.reader(wire.Invoice)
_LABELS = wire.reader(wire.ShipLabels)
_STOCK = wire.reader(wire.InventoryResults)
_RETURN = wire.reader(wire.Return)
_RETURNS = wire.reader(wire.ReturnsPage)


def read(operation: Operation, answer: Answer, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    """Decode a success; an empty or null body reads as `{}`, as some answers are documented both ways.

    Raises Unresolved for a write, whose effect a broken answer does not disprove, Unexpected for a read.
    """
    body = answer.body
    try:
        return decoder.decode(b"{}" if body in (b"", b"null") else body)
    except UNREADABLE as why:
        raise outcome.misfit(
            operation.name,
            is_write=operation.is_write,
            status=answer.status,
            why=str(why),
            request_id=answer.request_id,
        ) from why


class ExternalFulfillment:
    """The thirteen operations for any account; each takes the lane's turn by `urgency`, the lowest first.

    All methods raise the AmazonError family: Rejected, Throttled, Unauthorized, Unavailable, Unresolved, Unexpected.
    """

    def __init__(self, api: SpApi) -> None:
        """Call through `api`."""
        self._api = api

    async def get_shipments(
        self,
        account: Account,
        status: str,
        *,
        location_id: str | None = None,
        marketplace_id: str | None = None,
        channel_name: str | None = None,
        updated_after: datetime | None = None,
        updated_before: datetime | None = None,
        page_size: int | None = 100,
        token: str | None = None,
        urgency: float = 0.0,
    ) -> wire.ShipmentsPage:
        """Read one page of the shipments in one status; go on with `page.next_token` and the same arguments."""
        query = {
            "status": status,
            "locationId": location_id,
            "marketplaceId": marketplace_id,
            "channelName": channel_name,
            "lastUpdatedAfter": stamp(updated_after) if updated_after else None,
            "lastUpdatedBefore": stamp(updated_before) if updated_before else None,
            "maxResults": page_size,
            "paginationToken": token,
        }
        return await self._read(operations.GET_SHIPMENTS, _SHIPMENTS, account, {}, query, urgency=urgency)

    async def get_shipment(self, account: Account, shipment_id: str, *, urgency: float = 0.0) -> wire.Shipment:
        """Read one shipment."""
        path = {"shipmentId": shipment_id}
        answer = await self._api.call(operations.GET_SHIPMENT, account, path, urgency=urgency)
        return read(operations.GET_SHIPMENT, answer, _SHIPMENT)

    async def confirm_shipment(self, account: Account, shipment_id: str, *, urgency: float = 0.0) -> None:
        """Say yes to a shipment (processShipment CONFIRM)."""
        path, query = {"shipmentId": shipment_id}, {"operation": "CONFIRM"}
        await self._api.call(operations.PROCESS_SHIPMENT, account, path, query, urgency=urgency)

    async def reject_shipment(
        self,
        account: Account,
        shipment_id: str,
        reference_id: str,
        lines: Sequence[tuple[str, int, str]],
        *,
        urgency: float = 0.0,
    ) -> None:
        """Say no to a whole shipment (processShipment REJECT) with (line id, quantity, reason) for each line."""
        path, query = {"shipmentId": shipment_id}, {"operation": "REJECT"}
        body = build.rejection(reference_id, lines)
        await self._api.call(operations.PROCESS_SHIPMENT, account, path, query, body, urgency=urgency)

    async def create_packages(
        self, account: Account, shipment_id: str, packages: Sequence[wire.Package], *, urgency: float = 0.0
    ) -> None:
        """Tell how a shipment is packed; `build.package` describes one."""
        path, body = {"shipmentId": shipment_id}, build.packages(packages)
        await self._api.call(operations.CREATE_PACKAGES, account, path, {}, body, urgency=urgency)

    async def update_package(
        self, account: Account, shipment_id: str, package: wire.Package, *, urgency: float = 0.0
    ) -> None:
        """Replace a package of the same id; the shipment goes back to its shipping options."""
        path = {"shipmentId": shipment_id, "packageId": package.id or ""}
        body = build.one_package(package)
        await self._api.call(operations.UPDATE_PACKAGE, account, path, {}, body, urgency=urgency)

    async def update_package_status(
        self,
        account: Account,
        shipment_id: str,
        package_id: str,
        status: str,
        *,
        sub_status: str | None = None,
        reason: str | None = None,
        urgency: float = 0.0,
    ) -> None:
        """Tell that a package was shipped, is out for delivery, was delivered, or was not."""
        path = {"shipmentId": shipment_id, "packageId": package_id}
        body = build.package_status(status, sub_status, reason)
        await self._api.call(operations.UPDATE_PACKAGE_STATUS, account, path, {}, body, urgency=urgency)

    async def retrieve_shipping_options(
        self, account: Account, shipment_id: str, package_id: str, *, urgency: float = 0.0
    ) -> wire.ShippingOptions:
        """Read the handover slots of a package; the first read moves the shipment on."""
        path, query = {"shipmentId": shipment_id}, {"packageId": package_id}
        return await self._read(operations.RETRIEVE_SHIPPING_OPTIONS, _OPTIONS, account, path, query, urgency=urgency)

    async def generate_invoice(self, account: Account, shipment_id: str, *, urgency: float = 0.0) -> wire.Invoice:
        """Let Amazon make the invoice and give it."""
        path = {"shipmentId": shipment_id}
        return await self._read(operations.GENERATE_INVOICE, _INVOICE, account, path, {}, urgency=urgency)

    async def retrieve_invoice(self, account: Account, shipment_id: str, *, urgency: float = 0.0) -> wire.Invoice:
        """Read the invoice that was made before."""
        path = {"shipmentId": shipment_id}
        return await self._read(operations.RETRIEVE_INVOICE, _INVOICE, account, path, {}, urgency=urgency)

    async def generate_ship_labels(
        self,
        account: Account,
        shipment_id: str,
        package_ids: Sequence[str],
        *,
        operation: str = "GENERATE",
        shipping_option_id: str | None = None,
        courier: tuple[str, str] | None = None,
        urgency: float = 0.0,
    ) -> wire.ShipLabels:
        """Let Amazon make the ship labels (GENERATE, or REGENERATE); each package has its own status and address.

        `courier` (carrier name, tracking id) is for options that a third party ships.
        """
        path = {"shipmentId": shipment_id}
        query = {"operation": operation, "shippingOptionId": shipping_option_id}
        body = build.ship_labels(package_ids, courier)
        return await self._read(operations.GENERATE_SHIP_LABELS, _LABELS, account, path, query, body, urgency=urgency)

    async def batch_inventory(
        self, account: Account, requests: Sequence[build.Body], *, urgency: float = 0.0
    ) -> wire.InventoryResults:
        """Send up to ten stock updates and reads; each result has its own status. See `build.stock_update`."""
        body = build.stock_batch(requests)
        return await self._read(operations.BATCH_INVENTORY, _STOCK, account, {}, {}, body, urgency=urgency)

    async def list_returns(
        self,
        account: Account,
        *,
        location_id: str | None = None,
        status: str | None = None,
        rma_id: str | None = None,
        reverse_tracking_id: str | None = None,
        created: tuple[datetime | None, datetime | None] = (None, None),
        updated: tuple[datetime | None, datetime | None] = (None, None),
        page_size: int | None = 100,
        token: str | None = None,
        urgency: float = 0.0,
    ) -> wire.ReturnsPage:
        """Read one page of returns; `updated` (since, until) needs both location and status."""
        query = {
            "returnLocationId": location_id,
            "status": status,
            "rmaId": rma_id,
            "reverseTrackingId": reverse_tracking_id,
            "createdSince": stamp(created[0]) if created[0] else None,
            "createdUntil": stamp(created[1]) if created[1] else None,
            "lastUpdatedSince": stamp(updated[0]) if updated[0] else None,
            "lastUpdatedUntil": stamp(updated[1]) if updated[1] else None,
            "maxResults": page_size,
            "nextToken": token,
        }
        return await self._read(operations.LIST_RETURNS, _RETURNS, account, {}, query, urgency=urgency)

    async def get_return(self, account: Account, return_id: str, *, urgency: float = 0.0) -> wire.Return:
        """Read one return."""
        return await self._read(operations.GET_RETURN, _RETURN, account, {"returnId": return_id}, {}, urgency=urgency)

    async def download(self, url: str) -> bytes:
        """Fetch the file of a ship label from its address, which expires; see `SpApi.download`."""
        return await self._api.download(url)

    async def _read(
        self,
        operation: Operation,
        decoder: msgspec.json.Decoder[Shape],
        account: Account,
        path: Mapping[str, str],
        query: Mapping[str, str | int | None],
        body: bytes = b"",
        *,
        urgency: float,
    ) -> Shape:
        answer = await self._api.call(operation, account, path, query, body, urgency=urgency)
        return read(operation, answer, decoder)
