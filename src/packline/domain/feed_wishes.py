"""What a shipment or a SKU wants of a feed, as its payload says it (see `feeds.FeedItem`)."""

from packline.domain.values import DocumentKind, Value


class DocumentsWish(Value, frozen=True):
    """The documents of one scheduled order, and the tracking id that its label must carry."""

    marketplace: str
    tracking_id: str
    documents: tuple[str, ...] = (DocumentKind.SHIP_LABEL.value,)


class CancelWish(Value, frozen=True):
    """The seller's no to one order that is not scheduled yet, with Amazon's ids of its items."""

    marketplace: str
    reason: str
    lines: tuple[str, ...] = ()


class StockWish(Value, frozen=True):
    """The quantity of one place: what Amazon is told, with our number, and what it was known to have before."""

    location: str
    channel: str
    quantity: int
    sequence: int
    before: int | None = None


def documents_wish(tracking_id: str, marketplace: str, *, invoice: bool) -> DocumentsWish:
    """Wish for the label, and for the invoice and the warranty where the marketplace makes them."""
    wanted = (DocumentKind.SHIP_LABEL, DocumentKind.INVOICE, DocumentKind.WARRANTY) if invoice else None
    return DocumentsWish(marketplace, tracking_id, tuple(kind.value for kind in wanted or (DocumentKind.SHIP_LABEL,)))
