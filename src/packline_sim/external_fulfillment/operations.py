"""The operations of the External Fulfillment APIs: names, paths, queries, handlers."""

from typing import NamedTuple

from packline_sim.call import Handler
from packline_sim.external_fulfillment import inventory, invoices, labels, options, packages, returns, shipments

BASE = "/externalFulfillment/2024-09-11"
INVENTORY_BASE = "/externalFulfillment/inventory/2024-09-11"


class Operation(NamedTuple):
    """Describe one operation; `{}` in the path stands for an id, `is_write` for a change of a shipment."""

    name: str
    method: str
    path: str
    query: frozenset[str]
    is_write: bool
    handler: Handler


def _operation(name: str, method: str, path: str, query: str, handler: Handler, *, writes: bool = True) -> Operation:
    return Operation(name, method, path, frozenset(query.split()), writes, handler)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "getShipments",
        "GET",
        f"{BASE}/shipments",
        "locationId marketplaceId channelName status lastUpdatedAfter lastUpdatedBefore maxResults paginationToken",
        shipments.get_shipments,
        writes=False,
    ),
    _operation("getShipment", "GET", f"{BASE}/shipments/{{}}", "", shipments.get_shipment, writes=False),
    _operation("processShipment", "POST", f"{BASE}/shipments/{{}}", "operation", shipments.process_shipment),
    _operation("createPackages", "POST", f"{BASE}/shipments/{{}}/packages", "", packages.create_packages),
    _operation("updatePackage", "PUT", f"{BASE}/shipments/{{}}/packages/{{}}", "", packages.update_package),
    _operation(
        "updatePackageStatus",
        "PATCH",
        f"{BASE}/shipments/{{}}/packages/{{}}",
        "status",
        packages.update_package_status,
    ),
    _operation(
        "retrieveShippingOptions",
        "GET",
        f"{BASE}/shipments/{{}}/shippingOptions",
        "packageId",
        options.retrieve_shipping_options,
    ),
    _operation("generateInvoice", "POST", f"{BASE}/shipments/{{}}/invoice", "", invoices.generate_invoice),
    _operation("retrieveInvoice", "GET", f"{BASE}/shipments/{{}}/invoice", "", invoices.retrieve_invoice, writes=False),
    _operation(
        "generateShipLabels",
        "PUT",
        f"{BASE}/shipments/{{}}/shipLabels",
        "operation shippingOptionId",
        labels.generate_ship_labels,
    ),
    _operation("batchInventory", "POST", f"{INVENTORY_BASE}/inventories", "", inventory.batch_inventory, writes=False),
    _operation(
        "listReturns",
        "GET",
        f"{BASE}/returns",
        " ".join((*returns.FILTERS, "maxResults", "nextToken")),
        returns.list_returns,
        writes=False,
    ),
    _operation("getReturn", "GET", f"{BASE}/returns/{{}}", "", returns.get_return, writes=False),
)
