"""An event as the seller's systems get it: the same in the feed, in the stream and in a webhook."""

from typing import Any

import msgspec

from packline.domain.endpoint import FeedEvent


def payload(event: FeedEvent) -> dict[str, Any]:
    """Make the body of an event (Standard Webhooks: `type`, `timestamp`, `data`, and more beside them)."""
    return {
        "id": event.id,
        "type": event.name,
        "timestamp": event.at,
        "cursor": event.cursor,
        "cause": event.cause,
        "account": event.account,
        "location": event.location,
        "shipment": event.shipment,
        "data": msgspec.Raw(event.data),
    }
