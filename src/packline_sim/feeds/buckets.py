"""Which buckets a createFeed takes from."""

import re
from typing import TYPE_CHECKING

from packline_sim.quotas import LISTINGS_FEED

if TYPE_CHECKING:
    from packline_sim.world import World

CREATE = "createFeed"
_OF_LISTINGS = re.compile(rb'"feedType"\s*:\s*"JSON_LISTINGS_FEED"')


def buckets_of(world: "World", seller_id: str, body: bytes) -> tuple[str, ...]:
    """Name the buckets: createFeed's, or the one that JSON_LISTINGS_FEED has for itself where there is one."""
    mode = world.switches["listings_feed_bucket"]
    if mode == "shared" or world.quotas.plan(seller_id, LISTINGS_FEED) is None or not _OF_LISTINGS.search(body):
        return (CREATE,)
    return (LISTINGS_FEED, CREATE) if mode == "both" else (LISTINGS_FEED,)
