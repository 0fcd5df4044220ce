"""The operations of the Feeds API: names, paths, queries, handlers."""

from packline_sim.feeds import handlers
from packline_sim.operation import Operation, operation

BASE = "/feeds/2021-06-30"
FILTERS = "feedTypes marketplaceIds pageSize processingStatuses createdSince createdUntil nextToken"
ENCODING = "enableContentEncodingUrlHeader"

OPERATIONS: tuple[Operation, ...] = (
    operation("getFeeds", "GET", f"{BASE}/feeds", FILTERS, handlers.get_feeds, writes=False),
    operation("createFeed", "POST", f"{BASE}/feeds", "", handlers.create_feed, writes=False),
    operation("getFeed", "GET", f"{BASE}/feeds/{{}}", "", handlers.get_feed, writes=False),
    operation("cancelFeed", "DELETE", f"{BASE}/feeds/{{}}", "", handlers.cancel_feed, writes=False),
    operation("createFeedDocument", "POST", f"{BASE}/documents", "", handlers.create_feed_document, writes=False),
    operation("getFeedDocument", "GET", f"{BASE}/documents/{{}}", ENCODING, handlers.get_feed_document, writes=False),
)
