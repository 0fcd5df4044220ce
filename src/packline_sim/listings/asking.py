"""What every operation of the Listings Items API reads from a call, and the words in which it refuses."""

from collections.abc import Callable

from packline_sim.call import Call, Handler, Reply
from packline_sim.listings.records import Listing
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input, unauthorized
from packline_sim.work_lists import check_marketplaces, several

WORDS = {"InvalidInput": "BAD_REQUEST", "NotFound": "NOT_FOUND"}


def in_own_words(handler: Callable[[Call], Reply]) -> Handler:
    """Let refusals of a handler carry the codes of this API (Listings Items 2021-08-01, sandbox examples)."""

    def answer(call: Call) -> Reply:
        try:
            return handler(call)
        except Refusal as refusal:
            renamed = (problem._replace(code=WORDS.get(problem.code, problem.code)) for problem in refusal.problems)
            raise Refusal(refusal.status, *renamed) from None

    return answer


def own_marketplaces(call: Call, *, most: int | None = None) -> list[str]:
    """Check whose listings are meant, and read marketplaceIds. Raises Refusal 403, 400."""
    if call.ids[0] != call.seller.seller_id:
        raise unauthorized(403, "")
    found = several(call, "marketplaceIds", most=most)
    if not found:
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'marketplaceIds'"))
    check_marketplaces(call, found)
    return found


def included_data(call: Call, known: tuple[str, ...], default: str) -> list[str]:
    """Read includedData. Raises Refusal 400."""
    chosen = several(call, "includedData") or [default]
    for name in chosen:
        if name not in known:
            raise bad_request(invalid_input(name, "includedData", f"Must be of: {', '.join(known)}."))
    return chosen


def previews(call: Call) -> bool:
    """Tell whether the change is only to be checked. Raises Refusal 400."""
    mode = call.query.get("mode")
    if mode not in (None, "VALIDATION_PREVIEW"):
        raise bad_request(invalid_input(mode, "mode", "Must be VALIDATION_PREVIEW."))
    return mode is not None


def own_listing(call: Call, marketplace_ids: list[str]) -> Listing | None:
    """Find the listing that the path names, in one of the marketplaces."""
    found = call.world.listings.get((call.seller.seller_id, call.ids[1]))
    if found is None or set(marketplace_ids).isdisjoint(found.marketplace_ids):
        return None
    return found


def unknown_sku(call: Call) -> Refusal:
    """Refuse a SKU that is not listed with 404."""
    message = f"SKU '{call.ids[1]}' not found in marketplace {call.query.get('marketplaceIds', '')}"
    return Refusal(404, Problem("NotFound", message))
