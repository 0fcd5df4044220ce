"""batchInventory: up to ten updates and fetches, each with an answer of its own."""

from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from packline_sim.call import Call, Reply, json_reply, read_body
from packline_sim.external_fulfillment.wire import BATCH_INVENTORY, InventoryMarketplace, InventoryRequest
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.records import Stock
from packline_sim.refusals import Problem, bad_request

MOST_REQUESTS = 10
MOST_UNITS = 2**31 - 1
"""Amazon's model has an integer; sequence numbers are larger, as milliseconds since 1970 must fit."""
LAST_SEQUENCE = 2**63 - 1
UNKNOWN_SKU = "The requested Sku does not exist for the seller in requested marketplace."


class Unusable(Exception):
    """One element of a batch that is refused."""

    def __init__(self, kind: str, text: str, *, status: int = 400, reason: str = "Invalid Input") -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.status = status
        self.reason = reason


class Target(NamedTuple):
    """Name what an element is about."""

    action: str
    location_id: str | None
    sku: str | None


def batch_inventory(call: Call) -> Reply:
    """Answer batchInventory with 207; elements are applied in order, also when they name a SKU twice."""
    batch = read_body(call, BATCH_INVENTORY)
    if len(batch.requests) > MOST_REQUESTS:
        message = f"Maximum number for requests supported in batch is {MOST_REQUESTS}."
        raise bad_request(Problem("BATCH_SIZE_EXCEED", message))
    if not batch.requests:
        raise bad_request(Problem("InvalidInput", "At least one field is mandatory in the input payload"))
    return json_reply({"responses": [_answer(call, request) for request in batch.requests]}, 207)


def _answer(call: Call, request: InventoryRequest) -> dict[str, Any]:
    target = Target("", None, None)
    row: Stock | None = None
    try:
        target = _target(request)
        row = _find(call, target, request)
        if target.action == "update":
            _update(call, row, request)
    except Unusable as fault:
        stored = row if fault.kind == "STALE_DATA" else None
        errors = [{"errorType": fault.kind, "errorSubType": fault.text}]
        status = {"statusCode": fault.status, "reasonPhrase": fault.reason}
        return {"status": status, "body": {**_numbers(call, target, stored, request), "actionableErrors": errors}}
    status = {"statusCode": 200, "reasonPhrase": "Success"}
    return {"status": status, "body": {**_numbers(call, target, row, request), "actionableErrors": []}}


def _target(request: InventoryRequest) -> Target:
    path, _, query = request.uri.partition("?")
    action = path.strip("/").removeprefix("inventory/")
    values = parse_qs(query, keep_blank_values=True)
    known = path.removeprefix("/") in {"inventory/update", "inventory/fetch"}
    # Amazon's examples fetch with POST too; an update is never a GET.
    if not known or (action == "update" and request.method == "GET"):
        raise Unusable("INVALID_REQUEST", f"The uri '{path}' is not understood for {request.method}.")
    locations, skus = values.get("locationId", [""]), values.get("skuId", [""])
    if len(locations) > 1 or len(skus) > 1:
        raise Unusable("INVALID_INPUT", "locationId and skuId can be given only once in the uri.")
    if not locations[0] or not skus[0]:
        raise Unusable("INVALID_INPUT", "locationId and skuId are required in the uri.")
    return Target(action, locations[0], skus[0])


def _find(call: Call, target: Target, request: InventoryRequest) -> Stock:
    seller = call.seller
    marketplace = _marketplace(request)
    if marketplace is not None and marketplace.marketplace_id is not None:
        wanted = marketplace.marketplace_id
        if wanted not in MARKETPLACES or wanted not in seller.marketplace_ids:
            raise Unusable("INVALID_MARKETPLACE", f"The seller does not sell in marketplace {wanted}.")
    location_id, sku = target.location_id or "", target.sku or ""
    if (seller.seller_id, location_id) not in call.world.locations:
        raise Unusable("INVALID_LOCATION", "The requested location does not exist for the seller.")
    if (seller.seller_id, sku) not in call.world.skus:
        raise Unusable("INVALID_SKU", UNKNOWN_SKU)
    return call.world.stock.row(seller.seller_id, location_id, sku)


def _update(call: Call, row: Stock, request: InventoryRequest) -> None:
    body = request.body or {}
    quantity, sequence = body.get("quantity"), body.get("clientSequenceNumber")
    if quantity is None or not _is_count(quantity, MOST_UNITS):
        raise Unusable("INVALID_INPUT", f"quantity must be a whole number from 0 to {MOST_UNITS}.")
    if sequence is None or not _is_count(sequence, LAST_SEQUENCE):
        raise Unusable("INVALID_INPUT", f"clientSequenceNumber must be a whole number from 0 to {LAST_SEQUENCE}.")
    scope = _scope(call, request)
    if sequence <= row.sequences.get(scope, -1):
        text = "Client sequence number is not greater than the current value"
        if call.world.switches["stale_sequence"] == "409":
            raise Unusable("STALE_DATA", text, status=409, reason="DuplicateRequest")
        raise Unusable("STALE_DATA", text)
    row.sequences = {**row.sequences, scope: sequence}
    row.quantity = quantity
    call.world.stock_changed(row, "batchInventory")


def _numbers(call: Call, target: Target, row: Stock | None, request: InventoryRequest) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if target.location_id:
        body["locationId"] = target.location_id
    if target.sku:
        body["skuId"] = target.sku
    if row is not None:
        body["sellableQuantity"] = row.sellable
        body["reservedQuantity"] = max(0, row.reserved)
        sequence = row.sequences.get(_scope(call, request))
        if sequence is not None:
            body["clientSequenceNumber"] = sequence
        marketplace = _marketplace(request)
        if marketplace is not None:
            body["marketplaceAttributes"] = marketplace
    return body


def _marketplace(request: InventoryRequest) -> InventoryMarketplace | None:
    sent = (request.body or {}).get("marketplaceAttributes")
    if sent is None:
        return None
    try:
        return msgspec.convert(sent, InventoryMarketplace)
    except msgspec.ValidationError as fault:
        raise Unusable("INVALID_INPUT", f"marketplaceAttributes: {fault}") from None


def _scope(call: Call, request: InventoryRequest) -> str:
    if call.world.switches["sequence_scope"] == "location":
        return ""
    marketplace = _marketplace(request)
    if marketplace is None:
        return ""
    return f"{marketplace.marketplace_id or ''}|{marketplace.channel_name or ''}"


def _is_count(value: object, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= highest
