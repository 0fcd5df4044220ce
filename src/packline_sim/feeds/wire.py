"""What the Feeds API reads, as its specification (version 2021-06-30) describes it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from packline_sim.external_fulfillment.wire import Wire


class CreateFeedDocument(Wire, frozen=True):
    """The body of createFeedDocument."""

    content_type: Annotated[str, Meta(min_length=1)]


class CreateFeed(Wire, frozen=True):
    """The body of createFeed."""

    feed_type: str
    marketplace_ids: Annotated[list[str], Meta(min_length=1, max_length=25)]
    input_feed_document_id: str
    feed_options: dict[str, str] | None = None


CREATE_FEED_DOCUMENT = msgspec.json.Decoder(CreateFeedDocument)
CREATE_FEED = msgspec.json.Decoder(CreateFeed)
