"""The operations of the External Fulfillment APIs: names, paths, queries, handlers."""

from packline_sim.external_fulfillment import inventory, invoices, labels, options, packages, returns, shipments
from packline_sim.operation import Operation, operation

BASE = "/externalFulfillment/2024-09-11"
INVENTORY_BASE = "/externalFulfillment/inventory/2024-09-11"


OPERATIONS: tuple[Operation, ...] = (
    operation(
        "getShipments",
        "GET",
        f"{BASE}/shipments",
        "locationId marketplaceId channelName status lastUpdatedAfter lastUpdatedBefore maxResults paginationToken",
        shipments.get_shipments,
        writes=False,
    ),
    operation("getShipment", "GET", f"{BASE}/shipments/{{}}", "", shipments.get_shipment, writes=False),
    operation("processShipment", "POST", f"{BASE}/shipments/{{}}", "operation", shipments.process_shipment),
    operation("createPackages", "POST", f"{BASE}/shipments/{{}}/packages", "", packages.create_packages),
    operation("updatePackage", "PUT", f"{BASE}/shipments/{{}}/packages/{{}}", "", packages.update_package),
    operation(
        "updatePackageStatus",
        "PATCH",
        f"{BASE}/shipments/{{}}/packages/{{}}",
        "status",
        packages.update_package_status,
    ),
    operation(
        "retrieveShippingOptions",
        "GET",
        f"{BASE}/shipments/{{}}/shippingOptions",
        "packageId",
        options.retrieve_shipping_options,
    ),
    operation("generateInvoice", "POST", f"{BASE}/shipments/{{}}/invoice", "", invoices.generate_invoice),
    operation("retrieveInvoice", "GET", f"{BASE}/shipments/{{}}/invoice", "", invoices.retrieve_invoice, writes=False),
    operation(
        "generateShipLabels",
        "PUT",
        f"{BASE}/shipments/{{}}/shipLabels",
        "operation shippingOptionId",
        labels.generate_ship_labels,
    ),
    operation("batchInventory", "POST", f"{INVENTORY_BASE}/inventories", "", inventory.batch_inventory, writes=False),
    operation(
        "listReturns",
        "GET",
        f"{BASE}/returns",
        " ".join((*returns.FILTERS, "maxResults", "nextToken")),
        returns.list_returns,
        writes=False,
    ),
    operation("getReturn", "GET", f"{BASE}/returns/{{}}", "", returns.get_return, writes=False),
)
