"""Feeds: work that Amazon takes for many orders or SKUs at once and answers later; values only."""

from datetime import datetime
from enum import StrEnum

from packline.domain.values import Value


class FeedKind(StrEnum):
    """What is told in a feed; all of them draw on one quota, listings feeds on one of their own besides."""

    DOCUMENTS = "documents"
    CANCEL = "cancel"
    STOCK = "stock"


class FeedItem(Value, frozen=True):
    """One order or SKU in a feed.

    `key` is ours (shipment id, or location, SKU and channel), `subject` Amazon's (order id or SKU). `payload` is JSON:
    documents: `{"documents": ["ship_label", "invoice", "warranty"]}`, those that are wanted;
    cancel: `{"reason": "OUT_OF_STOCK" | "CUSTOMER_REQUESTED" | a reason of Amazon's, "lines": [order item ids]}`;
    stock: `{"quantity": 7, "product_type": "PRODUCT", "channel": "DEFAULT"}`, the latter two may be left out or empty.
    Each may hold `"marketplace"`; a feed goes to the marketplaces of its items, else to all of the account's.
    """

    key: str
    subject: str
    payload: bytes


class FeedState(Value, frozen=True):
    """A feed at Amazon; `status` is IN_QUEUE, IN_PROGRESS, DONE, FATAL or CANCELLED."""

    feed_id: str
    status: str
    result_document_id: str | None
    created_at: datetime

    @property
    def is_over(self) -> bool:
        """Tell whether Amazon is done with it, well or badly."""
        return self.status in ("DONE", "FATAL", "CANCELLED")


class ItemResult(Value, frozen=True):
    """What Amazon said of one item: taken, or refused with its code and words."""

    subject: str
    ok: bool
    code: str = ""
    message: str = ""


class FeedResult(Value, frozen=True):
    """The answer to a feed: a result for each item, in the order of the items, and the reports that hold documents."""

    items: tuple[ItemResult, ...]
    references: tuple[str, ...] = ()
