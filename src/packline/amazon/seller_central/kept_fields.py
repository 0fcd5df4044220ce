"""What a call record may hold of each operation's bodies: ids, states, sizes, codes and times, never a person's data.

Left out on purpose: buyers, recipients, addresses, gift messages, money, serial numbers, tokens, and the addresses of
documents, which open them for whoever holds one.
"""

from __future__ import annotations

from collections.abc import Mapping

from packline.amazon.spapi.call_log import Kept

_RANGE: Kept = {"earliestDateTime": None, "latestDateTime": None}
_SLOT: Kept = {"slotId": None, "startTime": None, "endTime": None, "handoverMethod": None}
_SIZE: Kept = {"length": None, "width": None, "height": None, "unit": None, "identifier": None}
_WEIGHT: Kept = {"value": None, "unit": None}
_PACKAGE: Kept = {
    "scheduledPackageId": {"amazonOrderId": None, "packageId": None},
    "packageDimensions": _SIZE,
    "packageWeight": _WEIGHT,
    "packageTimeSlot": _SLOT,
    "packageItems": {"orderItemId": None},
    "packageIdentifier": None,
    "invoice": {"invoiceNumber": None, "invoiceDate": None},
    "packageStatus": None,
    "trackingDetails": {"trackingId": None},
}
_DETAILS: Kept = {"packageItems": {"orderItemId": None}, "packageTimeSlot": _SLOT, "packageIdentifier": None}
_ERROR: Kept = {"code": None, "message": None, "details": None}
_ORDER: Kept = {
    "orderId": None,
    "createdTime": None,
    "lastUpdatedTime": None,
    "programs": None,
    "associatedOrders": {"orderId": None, "associationType": None},
    "salesChannel": {"channelName": None, "marketplaceId": None},
    "fulfillment": {
        "fulfillmentStatus": None,
        "fulfilledBy": None,
        "fulfillmentServiceLevel": None,
        "shipByWindow": _RANGE,
        "deliverByWindow": _RANGE,
        "labelPrintingWindow": _RANGE,
    },
    "orderItems": {
        "orderItemId": None,
        "quantityOrdered": None,
        "product": {"asin": None, "sellerSku": None},
        "cancellation": {
            "cancellationRequest": {"requester": None, "cancelReason": None},
            "cancellationExecution": {"cancelledBy": None, "cancelReason": None},
        },
    },
    "packages": {
        "packageReferenceId": None,
        "createdTime": None,
        "packageStatus": {"status": None, "detailedStatus": None},
        "carrier": None,
        "trackingNumber": None,
    },
}
_ORDER_V0: Kept = {
    "AmazonOrderId": None,
    "LastUpdateDate": None,
    "OrderStatus": None,
    "FulfillmentChannel": None,
    "ShipServiceLevel": None,
    "MarketplaceId": None,
    "EasyShipShipmentStatus": None,
    "EarliestShipDate": None,
    "LatestShipDate": None,
    "PaymentMethod": None,
    "IsReplacementOrder": None,
    "ReplacedOrderId": None,
}
_CREATED_FEED: Kept = {"feedType": None, "marketplaceIds": None, "inputFeedDocumentId": None, "feedId": None}
_FEED: Kept = {
    "feedId": None,
    "feedType": None,
    "marketplaceIds": None,
    "createdTime": None,
    "processingStatus": None,
    "resultFeedDocumentId": None,
}

KEPT_FIELDS: Mapping[str, Kept] = {
    "listHandoverSlots": {
        "marketplaceId": None,
        "amazonOrderId": None,
        "packageDimensions": _SIZE,
        "packageWeight": _WEIGHT,
        "timeSlots": _SLOT,
    },
    "getScheduledPackage": _PACKAGE,
    "createScheduledPackage": {"amazonOrderId": None, "marketplaceId": None, "packageDetails": _DETAILS, **_PACKAGE},
    "updateScheduledPackages": {
        "marketplaceId": None,
        "updatePackageDetailsList": {
            "scheduledPackageId": {"amazonOrderId": None, "packageId": None},
            "packageTimeSlot": _SLOT,
        },
        "packages": _PACKAGE,
    },
    "createScheduledPackageBulk": {
        "marketplaceId": None,
        "labelFormat": None,
        "orderScheduleDetailsList": {"amazonOrderId": None, "packageDetails": _DETAILS},
        "scheduledPackages": _PACKAGE,
        "rejectedOrders": {"amazonOrderId": None, "error": _ERROR},
    },
    "searchOrders": {"orders": _ORDER, "lastUpdatedBefore": None, "createdBefore": None},
    "getOrder": {"order": _ORDER},
    "getOrders": {"payload": {"Orders": _ORDER_V0, "LastUpdatedBefore": None}},
    "getOrderV0": {"payload": _ORDER_V0},
    "getOrderItems": {
        "payload": {
            "AmazonOrderId": None,
            "OrderItems": {
                "OrderItemId": None,
                "ASIN": None,
                "SellerSKU": None,
                "QuantityOrdered": None,
                "SerialNumberRequired": None,
            },
        }
    },
    "createFeedDocument": {"contentType": None, "feedDocumentId": None},
    "createFeed": _CREATED_FEED,
    "createListingsFeed": _CREATED_FEED,
    "getFeeds": {"feeds": _FEED},
    "getFeed": _FEED,
    "getFeedDocument": {"feedDocumentId": None, "compressionAlgorithm": None},
    "createReport": {"reportId": None, "reportType": None, "dataStartTime": None, "dataEndTime": None},
    "getReports": {"reports": {"reportId": None, "reportType": None, "createdTime": None, "processingStatus": None}},
    "getReport": {
        "reportId": None,
        "reportType": None,
        "marketplaceIds": None,
        "createdTime": None,
        "processingStatus": None,
        "reportDocumentId": None,
    },
    "getReportDocument": {"reportDocumentId": None, "compressionAlgorithm": None},
    "getListingsItem": {
        "sku": None,
        "fulfillmentAvailability": {"fulfillmentChannelCode": None, "quantity": None},
        "summaries": {"marketplaceId": None, "asin": None, "productType": None},
        "attributes": {
            "item_package_dimensions": {"length": _WEIGHT, "width": _WEIGHT, "height": _WEIGHT},
            "item_package_weight": _WEIGHT,
        },
    },
    "patchListingsItem": {
        "productType": None,
        "patches": {"op": None, "path": None, "value": {"fulfillment_channel_code": None, "quantity": None}},
        "sku": None,
        "status": None,
        "submissionId": None,
        "issues": {"code": None, "message": None, "severity": None, "attributeNames": None},
    },
}
"""By the name of the operation; one table serves request and response, whose field names do not clash."""
