"""The types of feed that this Amazon takes, and what it does with each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from packline_sim.feeds.records import Feed
    from packline_sim.world import World

# Refused in every marketplace since 2025-07-31: createFeed takes them, the feed ends FATAL (Feeds API best practices).
RETIRED = frozenset(
    {
        "POST_PRODUCT_DATA",
        "POST_INVENTORY_AVAILABILITY_DATA",
        "POST_PRODUCT_OVERRIDES_DATA",
        "POST_PRODUCT_PRICING_DATA",
        "POST_PRODUCT_IMAGE_DATA",
        "POST_PRODUCT_RELATIONSHIP_DATA",
        "POST_FLAT_FILE_INVLOADER_DATA",
        "POST_FLAT_FILE_LISTINGS_DATA",
        "POST_FLAT_FILE_PRICEANDQUANTITYONLY_UPDATE_DATA",
    }
)


class Outcome(NamedTuple):
    """State how a feed ended: DONE or FATAL, with the processing report, if there is one."""

    status: Literal["DONE", "FATAL"]
    result: bytes | None
    content_type: str = "text/xml; charset=UTF-8"


Processor = Callable[["World", "Feed", bytes], Outcome]
KINDS: dict[str, Processor] = {}
# Types whose duration has a switch of its own; all others take `feed_seconds`.
SECONDS: dict[str, str] = {}


def register(feed_type: str, processor: Processor, *, seconds: str | None = None) -> None:
    """Have feeds of a type read by `processor` when they leave IN_PROGRESS; `seconds` names the switch of its delay."""
    KINDS[feed_type] = processor
    if seconds is not None:
        SECONDS[feed_type] = seconds
