"""What a call record may hold of each operation's bodies: ids, states, sizes, codes and times, never a person's data.

Left out on purpose: addresses, parties, gift messages, charges, document contents and addresses, serial numbers,
custom attributes, one-time passwords, page tokens.
"""

from __future__ import annotations

from collections.abc import Mapping

from packline.amazon.spapi.call_log import Kept

_SIDE: Kept = {"value": None, "dimensionUnit": None}
_DIMENSIONS: Kept = {"length": _SIDE, "width": _SIDE, "height": _SIDE}
_WEIGHT: Kept = {"value": None, "weightUnit": None}
_MARKETPLACE: Kept = {"marketplaceId": None, "channelName": None, "customAttributes": None}
_WINDOW: Kept = {"startTime": None, "endTime": None, "handoverMethod": None}
_REQUIREMENT: Kept = {"requirement": None, "status": None}
_PACKAGE: Kept = {
    "id": None,
    "status": None,
    "dimensions": _DIMENSIONS,
    "weight": _WEIGHT,
    "hazmatLabels": None,
    "packageHandlingRequirements": None,
    "packageLineItems": {"packageLineItemId": None, "quantity": None, "pieces": None, "countryOfOrigin": None},
}
_LINE: Kept = {
    "shipmentLineItemId": None,
    "merchantSku": None,
    "numberOfUnits": None,
    "pieceType": None,
    "hazmatLabels": None,
    "complianceAttributes": {
        "serialNumberRequirement": None,
        "hazmatLabelsRequirement": None,
        "countryOfOriginRequirement": None,
        "itemValueRequirement": None,
    },
    "cancellations": {"cancelledQuantity": None, "cancelledTimestamp": None, "cancellationType": None},
}
_SHIPMENT: Kept = {
    "id": None,
    "locationId": None,
    "status": None,
    "subStatus": None,
    "creationDateTime": None,
    "lastUpdatedDateTime": None,
    "earliestPackDateTime": None,
    "marketplaceAttributes": _MARKETPLACE,
    "shipmentInfo": {
        "shipmentType": None,
        "numberOfUnits": None,
        "priority": None,
        "buyerOrderId": None,
        "orderStatesEligibleForRejection": None,
        "orderPlacedTimestamp": None,
        "processingSource": None,
        "paymentMethod": None,
    },
    "shipmentRequirements": {"pSlip": _REQUIREMENT, "invoice": _REQUIREMENT},
    "lineItems": _LINE,
    "shippingInfo": {
        "recommendedShipMethod": None,
        "expectedShippingDateTimeInUTC": None,
        "shippingType": None,
        "recommendedPackages": {
            "lineItems": {"lineItemId": None, "quantity": None},
            "weight": _WEIGHT,
            "dimensions": _DIMENSIONS,
        },
    },
    "packages": _PACKAGE,
}
_OPTION: Kept = {
    "shippingOptionId": None,
    "shipBy": None,
    "carrierName": None,
    "trackingId": None,
    "pickupWindow": _WINDOW,
    "timeSlot": _WINDOW,
}
_RETURN: Kept = {
    "id": None,
    "status": None,
    "returnType": None,
    "returnSubType": None,
    "merchantSku": None,
    "numberOfUnits": None,
    "returnLocationId": None,
    "fulfillmentLocationId": None,
    "creationDateTime": None,
    "lastUpdatedDateTime": None,
    "packageDeliveryMode": None,
    "returnMetadata": {"returnReason": None, "rmaId": None},
    "marketplaceChannelDetails": {"shipmentId": None, "returnLocationId": None, "channelSku": None},
}
_STOCK: Kept = {
    "clientSequenceNumber": None,
    "quantity": None,
    "locationId": None,
    "skuId": None,
    "sellableQuantity": None,
    "reservedQuantity": None,
    "marketplaceAttributes": _MARKETPLACE,
    "actionableErrors": {"errorType": None, "errorSubType": None},
}

KEPT_FIELDS: Mapping[str, Kept] = {
    "getShipments": {"shipments": _SHIPMENT},
    "getShipment": _SHIPMENT,
    "processShipment": {
        "referenceId": None,
        "lineItems": {"lineItem": {"id": None, "quantity": None}, "reason": None},
    },
    "createPackages": {"packages": _PACKAGE},
    "updatePackage": _PACKAGE,
    "updatePackageStatus": {"status": None, "subStatus": None},
    "retrieveShippingOptions": {"shippingOptions": _OPTION, "recommendedShippingOption": _OPTION},
    "generateInvoice": {"document": {"format": None}},
    "retrieveInvoice": {"document": {"format": None}},
    "generateShipLabels": {
        "packageIds": None,
        "courierSupportedAttributes": {"carrierName": None, "trackingId": None},
        "packageShipLabelList": {
            "packageId": None,
            "status": None,
            "shipLabelMetadata": _OPTION,
            "errorDetails": {"code": None, "message": None, "details": None},
        },
    },
    "batchInventory": {
        "requests": {"method": None, "uri": None, "body": _STOCK},
        "responses": {"status": {"statusCode": None, "reasonPhrase": None}, "body": _STOCK},
    },
    "listReturns": {"returns": _RETURN},
    "getReturn": _RETURN,
}
"""By operationId; one table serves request and response, whose field names do not overlap."""
