"""The thirteen operations, as External Fulfillment Shipments, Inventory and Returns 2024-09-11 define them."""

from __future__ import annotations

from collections.abc import Mapping

from packline.amazon.spapi.operation import Effect, Operation

_BASE = "/externalFulfillment/2024-09-11"
_SHIPMENT = _BASE + "/shipments/{shipmentId}"
_PACKAGE = _SHIPMENT + "/packages/{packageId}"
_READ, _WRITE, _MOVES = Effect.READ, Effect.WRITE, Effect.READ_THAT_CHANGES_STATE


_PERSONAL = frozenset(
    {
        "getShipments",
        "getShipment",
        "retrieveShippingOptions",
        "generateInvoice",
        "retrieveInvoice",
        "generateShipLabels",
    }
)
"""Operations that answer with addresses, or with documents that show them."""


def _operation(name: str, method: str, path: str, effect: Effect, success: int, api: str = "shipments") -> Operation:
    return Operation(
        name=name,
        method=method,
        path=path,
        effect=effect,
        api=api,
        success=(success,),
        is_personal=name in _PERSONAL,
    )


GET_SHIPMENTS = _operation("getShipments", "GET", _BASE + "/shipments", _READ, 200)
GET_SHIPMENT = _operation("getShipment", "GET", _SHIPMENT, _READ, 200)
PROCESS_SHIPMENT = _operation("processShipment", "POST", _SHIPMENT, _WRITE, 204)
CREATE_PACKAGES = _operation("createPackages", "POST", _SHIPMENT + "/packages", _WRITE, 204)
UPDATE_PACKAGE = _operation("updatePackage", "PUT", _PACKAGE, _WRITE, 204)
UPDATE_PACKAGE_STATUS = _operation("updatePackageStatus", "PATCH", _PACKAGE, _WRITE, 204)
RETRIEVE_SHIPPING_OPTIONS = _operation("retrieveShippingOptions", "GET", _SHIPMENT + "/shippingOptions", _MOVES, 200)
GENERATE_INVOICE = _operation("generateInvoice", "POST", _SHIPMENT + "/invoice", _WRITE, 200)
RETRIEVE_INVOICE = _operation("retrieveInvoice", "GET", _SHIPMENT + "/invoice", _READ, 200)
GENERATE_SHIP_LABELS = _operation("generateShipLabels", "PUT", _SHIPMENT + "/shipLabels", _WRITE, 200)
BATCH_INVENTORY = _operation(
    "batchInventory", "POST", "/externalFulfillment/inventory/2024-09-11/inventories", _WRITE, 207, "inventory"
)
LIST_RETURNS = _operation("listReturns", "GET", _BASE + "/returns", _READ, 200, "returns")
GET_RETURN = _operation("getReturn", "GET", _BASE + "/returns/{returnId}", _READ, 200, "returns")

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        GET_SHIPMENTS,
        GET_SHIPMENT,
        PROCESS_SHIPMENT,
        CREATE_PACKAGES,
        UPDATE_PACKAGE,
        UPDATE_PACKAGE_STATUS,
        RETRIEVE_SHIPPING_OPTIONS,
        GENERATE_INVOICE,
        RETRIEVE_INVOICE,
        GENERATE_SHIP_LABELS,
        BATCH_INVENTORY,
        LIST_RETURNS,
        GET_RETURN,
    )
}
"""All operations by their operationId."""
