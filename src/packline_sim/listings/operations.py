"""The operations of the Listings Items API: names, paths, queries, handlers."""

from collections.abc import Callable

from packline_sim.call import Call, Reply
from packline_sim.listings import feed, handlers, report, searching
from packline_sim.listings.asking import in_own_words
from packline_sim.operation import Operation, operation

SELLER = "/listings/2021-08-01/items/{}"
ITEM = f"{SELLER}/{{}}"
WRITE = "marketplaceIds includedData mode issueLocale"
SEARCH = (
    "marketplaceIds issueLocale includedData identifiers identifiersType variationParentSku packageHierarchySku"
    " createdAfter createdBefore lastUpdatedAfter lastUpdatedBefore withIssueSeverity withStatus withoutStatus sortBy"
    " sortOrder pageSize pageToken"
)


def _row(name: str, method: str, path: str, query: str, handler: Callable[[Call], Reply]) -> Operation:
    return operation(name, method, path, query, in_own_words(handler), writes=False)


OPERATIONS: tuple[Operation, ...] = (
    _row("getListingsItem", "GET", ITEM, "marketplaceIds issueLocale includedData", handlers.get_listings_item),
    _row("putListingsItem", "PUT", ITEM, WRITE, handlers.put_listings_item),
    _row("patchListingsItem", "PATCH", ITEM, WRITE, handlers.patch_listings_item),
    _row("deleteListingsItem", "DELETE", ITEM, "marketplaceIds issueLocale", handlers.delete_listings_item),
    _row("searchListingsItems", "GET", SELLER, SEARCH, searching.search_listings_items),
)
FEED_TYPES = (feed.FEED_TYPE,)
REPORT_TYPES = (report.REPORT_TYPE,)
