"""What goes into a feed: XML for documents and cancellations, JSON for quantities.

Sources: EasyshipDocuments.xsd, OrderAcknowledgement.xsd, listings feed schema 2.0.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from lxml import etree

from packline.domain.feeds import FeedItem, FeedKind

XML, JSON = "text/xml; charset=UTF-8", "application/json; charset=UTF-8"
MERCHANT = "DEFAULT"
"""The fulfilment channel of what a seller ships himself."""
MOST_MESSAGES = 25_000
"""Messages that one listings feed takes."""
_DOCUMENTS = {"ship_label": "ShippingLabel", "invoice": "Invoice", "warranty": "Warranty"}
_REASONS = {"OUT_OF_STOCK": "NoInventory", "CUSTOMER_REQUESTED": "BuyerCanceled"}
"""Packline's reasons in Amazon's words for this feed; any other is handed on as it is."""
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


class Form(NamedTuple):
    """How one kind of feed is sent."""

    feed_type: str
    content_type: str


FORMS = {
    FeedKind.DOCUMENTS: Form("POST_EASYSHIP_DOCUMENTS", XML),
    FeedKind.CANCEL: Form("POST_ORDER_ACKNOWLEDGEMENT_DATA", XML),
    FeedKind.STOCK: Form("JSON_LISTINGS_FEED", JSON),
}


class _Where(msgspec.Struct, gc=False):
    marketplace: str = ""


class _Documents(msgspec.Struct, gc=False):
    documents: list[str]


class _Cancel(msgspec.Struct, gc=False):
    reason: str
    lines: list[str] = []


class _Stock(msgspec.Struct, gc=False):
    quantity: int
    product_type: str = "PRODUCT"
    channel: str = ""


def body(kind: FeedKind, seller_id: str, items: Sequence[FeedItem]) -> bytes:
    """Write a feed; its messages are numbered from 1 in the order of the items.

    Raises ValueError for none or more than 25,000 items, msgspec.DecodeError for a payload that does not fit its kind.
    """
    if not 0 < len(items) <= MOST_MESSAGES:
        raise ValueError(f"{len(items)} items; a feed takes 1 to {MOST_MESSAGES}")
    match kind:
        case FeedKind.DOCUMENTS:
            return _envelope(seller_id, "EasyShipDocument", [_document(item) for item in items])
        case FeedKind.CANCEL:
            return _envelope(seller_id, "OrderAcknowledgement", [_cancellation(item) for item in items])
        case FeedKind.STOCK:
            return _quantities(seller_id, items)


def marketplaces(items: Sequence[FeedItem], of_account: Sequence[str]) -> list[str]:
    """List the marketplaces that a feed goes to."""
    named = {msgspec.json.decode(item.payload, type=_Where).marketplace for item in items}
    return sorted(named) if named and "" not in named else list(of_account)


def _document(item: FeedItem) -> etree._Element:
    wanted = msgspec.json.decode(item.payload, type=_Documents).documents
    element = etree.Element("EasyShipDocument")
    _add(element, "AmazonOrderID", item.subject)
    for document in wanted:
        _add(element, "DocumentType", _DOCUMENTS.get(document, document))
    return element


def _cancellation(item: FeedItem) -> etree._Element:
    told = msgspec.json.decode(item.payload, type=_Cancel)
    element = etree.Element("OrderAcknowledgement")
    _add(element, "AmazonOrderID", item.subject)
    _add(element, "StatusCode", "Failure")
    for line in told.lines:
        entry = etree.SubElement(element, "Item")
        _add(entry, "AmazonOrderItemCode", line)
        _add(entry, "CancelReason", _REASONS.get(told.reason, told.reason))
    return element


def _envelope(seller_id: str, message_type: str, contents: Sequence[etree._Element]) -> bytes:
    root = etree.Element("AmazonEnvelope", nsmap={"xsi": _INSTANCE})
    root.set(f"{{{_INSTANCE}}}noNamespaceSchemaLocation", "amzn-envelope.xsd")
    header = etree.SubElement(root, "Header")
    _add(header, "DocumentVersion", "1.01")
    _add(header, "MerchantIdentifier", seller_id)
    _add(root, "MessageType", message_type)
    for number, content in enumerate(contents, 1):
        message = etree.SubElement(root, "Message")
        _add(message, "MessageID", str(number))
        message.append(content)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _quantities(seller_id: str, items: Sequence[FeedItem]) -> bytes:
    messages = []
    for number, item in enumerate(items, 1):
        told = msgspec.json.decode(item.payload, type=_Stock)
        value = [{"fulfillment_channel_code": told.channel or MERCHANT, "quantity": told.quantity}]
        patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
        messages.append(
            {
                "messageId": number,
                "sku": item.subject,
                "operationType": "PATCH",
                "productType": told.product_type,
                "patches": [patch],
            }
        )
    header = {"sellerId": seller_id, "version": "2.0", "issueLocale": "en_US"}
    return msgspec.json.encode({"header": header, "messages": messages})
