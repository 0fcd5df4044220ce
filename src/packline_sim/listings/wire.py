"""What the Listings Items API reads, as its specification (version 2021-08-01) describes it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from packline_sim.external_fulfillment.wire import Wire
from packline_sim.listings.records import Patch, Value


class PatchRequest(Wire, frozen=True):
    """The body of patchListingsItem."""

    product_type: str
    patches: Annotated[list[Patch], Meta(min_length=1)]


class PutRequest(Wire, frozen=True):
    """The body of putListingsItem."""

    product_type: str
    attributes: dict[str, Value]
    requirements: Literal["LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY"] | None = None


PATCH = msgspec.json.Decoder(PatchRequest)
PUT = msgspec.json.Decoder(PutRequest)
