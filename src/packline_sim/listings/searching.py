"""searchListingsItems."""

import base64
from collections.abc import Callable

from packline_sim.call import Call, Reply, json_reply, optional_moment
from packline_sim.listings.asking import included_data, own_marketplaces
from packline_sim.listings.body import DATA_SETS, item_body, statuses_of
from packline_sim.listings.records import Listing
from packline_sim.refusals import Problem, bad_request, invalid_input
from packline_sim.work_lists import several

KINDS_OF_IDS = ("ASIN", "EAN", "FNSKU", "GTIN", "ISBN", "JAN", "MINSAN", "SKU", "UPC")
KEYS: dict[str, Callable[[Listing], tuple[object, str]]] = {
    "sku": lambda listing: (listing.sku, ""),
    "createdDate": lambda listing: (listing.created_ms, listing.sku),
    "lastUpdatedDate": lambda listing: (listing.updated_ms, listing.sku),
}
MOST_FOUND = 1000  # more can be counted, not paged through (Listings Items 2021-08-01, searchListingsItems)


def search_listings_items(call: Call) -> Reply:
    """Answer searchListingsItems: filtered, sorted, in pages of at most twenty."""
    marketplace_ids = own_marketplaces(call)
    included = included_data(call, DATA_SETS, "summaries")
    size, start = _size(call), _start(call)
    sort, order = _one_of(call, "sortBy", (*KEYS,)[::-1]), _one_of(call, "sortOrder", ("DESC", "ASC"))
    call.world.agenda.run_due(call.world)
    found = sorted(_matching(call, marketplace_ids), key=KEYS[sort], reverse=order == "DESC")
    page = found[start : start + size]
    pagination = {}
    if start + size < min(len(found), MOST_FOUND):
        pagination["nextToken"] = _token(start + size)
    if start:
        pagination["previousToken"] = _token(max(0, start - size))
    items = [item_body(call.world, listing, marketplace_ids, included) for listing in page]
    body: dict[str, object] = {"numberOfResults": len(found), "items": items}
    return json_reply({**body, "pagination": pagination} if pagination else body)


def _matching(call: Call, marketplace_ids: list[str]) -> list[Listing]:
    seller_id = call.seller.seller_id
    wanted, unwanted = several(call, "withStatus"), several(call, "withoutStatus")
    tests = [_identifiers(call), *_times(call)]
    if wanted:
        tests.append(lambda listing: not set(wanted).isdisjoint(statuses_of(listing)))
    if unwanted:
        tests.append(lambda listing: set(unwanted).isdisjoint(statuses_of(listing)))
    if several(call, "withIssueSeverity") or {"variationParentSku", "packageHierarchySku"} & call.query.keys():
        return []  # no listing here has issues, and none is part of a family
    return [
        listing
        for listing in call.world.listings.values()
        if listing.seller_id == seller_id
        and not set(marketplace_ids).isdisjoint(listing.marketplace_ids)
        and all(test(listing) for test in tests)
    ]


def _identifiers(call: Call) -> Callable[[Listing], bool]:
    given, kind = set(several(call, "identifiers", most=20)), call.query.get("identifiersType")
    if bool(given) != (kind is not None):
        raise bad_request(Problem("InvalidInput", "'identifiers' and 'identifiersType' must be given together."))
    if kind is None:
        return lambda _: True
    if kind not in KINDS_OF_IDS:
        raise bad_request(invalid_input(kind, "identifiersType", f"Must be one of: {', '.join(KINDS_OF_IDS)}."))
    return lambda listing: (listing.sku if kind == "SKU" else listing.asin if kind == "ASIN" else None) in given


def _times(call: Call) -> list[Callable[[Listing], bool]]:
    tests: list[Callable[[Listing], bool]] = []
    created = optional_moment(call, "createdAfter"), optional_moment(call, "createdBefore")
    updated = optional_moment(call, "lastUpdatedAfter"), optional_moment(call, "lastUpdatedBefore")
    if created != (None, None):
        tests.append(lambda listing: _within(listing.created_ms, *created))
    if updated != (None, None):
        tests.append(lambda listing: _within(listing.updated_ms, *updated))
    return tests


def _within(moment_ms: int, after_ms: int | None, before_ms: int | None) -> bool:
    return (after_ms is None or moment_ms >= after_ms) and (before_ms is None or moment_ms <= before_ms)


def _one_of(call: Call, name: str, values: tuple[str, ...]) -> str:
    value = call.query.get(name, values[0])
    if value not in values:
        raise bad_request(invalid_input(value, name, f"Must be one of: {', '.join(values)}."))
    return value


def _size(call: Call) -> int:
    text = call.query.get("pageSize", "10")
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 20:
        raise bad_request(invalid_input(text, "pageSize", "Must be a whole number from 1 to 20."))
    return int(text)


def _start(call: Call) -> int:
    token = call.query.get("pageToken")
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("at:"))
    except ValueError:
        raise bad_request(invalid_input(token, "pageToken", "The token is not one of ours.")) from None


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"at:{start}".encode()).decode()
