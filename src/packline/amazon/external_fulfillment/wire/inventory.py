"""The answers to a batch of stock requests."""

from __future__ import annotations

from collections.abc import Sequence

from packline.amazon.external_fulfillment.wire.parts import MarketplaceAttributes, Wire


class StatusLine(Wire, frozen=True):
    status_code: int = 0
    reason_phrase: str | None = None


class ActionableError(Wire, frozen=True):
    error_type: str | None = None
    error_sub_type: str | None = None


class InventoryState(Wire, frozen=True):
    client_sequence_number: int | None = None
    location_id: str | None = None
    sku_id: str | None = None
    sellable_quantity: int | None = None
    reserved_quantity: int | None = None
    marketplace_attributes: MarketplaceAttributes | None = None
    actionable_errors: Sequence[ActionableError] | None = None


class InventoryResult(Wire, frozen=True):
    """The answer to one request of a batch; `status.status_code` is its own, whatever the batch's is."""

    status: StatusLine = StatusLine()
    body: InventoryState | None = None


class InventoryResults(Wire, frozen=True):
    responses: Sequence[InventoryResult] | None = None
