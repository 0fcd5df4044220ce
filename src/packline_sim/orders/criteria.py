"""Which orders a search means: its period, its page, and the token of the page after."""

import base64
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from packline_sim.call import Call, optional_moment
from packline_sim.orders.records import Order
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input

BOUND_AGE_MS = 120_000
HOUR_MS = 3_600_000
Matches = Callable[[Order], bool]


class Names(NamedTuple):
    """Name the query parameters of one version of the API."""

    created_after: str
    created_before: str
    updated_after: str
    updated_before: str
    page_size: str
    token: str


V2026 = Names(
    "createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore", "maxResultsPerPage", "paginationToken"
)
V0 = Names("CreatedAfter", "CreatedBefore", "LastUpdatedAfter", "LastUpdatedBefore", "MaxResultsPerPage", "NextToken")


class Criteria(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one search: a period by creation or by update, both ends included, its filters, and where the page begins.

    A token is this, so that the pages of one search are of one piece.
    """

    seller_id: str
    by_update: bool
    after_ms: int
    before_ms: int
    page_size: int
    issued_ms: int
    marketplace_ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = {}
    position: int = 0

    def echo(self, names: Names) -> str:
        """Name the bound that the answer repeats."""
        return names.updated_before if self.by_update else names.created_before


_DECODER = msgspec.json.Decoder(Criteria)


def refused(message: str, details: str | None = None) -> Refusal:
    """Refuse a search that makes no sense."""
    return bad_request(Problem("InvalidInput", message, details))


def read_list(call: Call, name: str, *, allowed: tuple[str, ...] | None = None, most: int = 50) -> tuple[str, ...]:
    """Read a comma-joined list of the query. Raises Refusal 400."""
    text = call.query.get(name)
    if not text:
        return ()
    values = tuple(value.strip() for value in text.split(",") if value.strip())
    if len(values) > most:
        raise refused(f"Parameter '{name}' takes at most {most} values.")
    unknown = [] if allowed is None else [value for value in values if value not in allowed]
    if unknown:
        raise bad_request(invalid_input(unknown[0], name, f"Must be one of: {', '.join(allowed or ())}."))
    return values


def read_period(call: Call, names: Names) -> tuple[bool, int, int]:
    """Read which period is searched: by update or not, first and last moment. Raises Refusal 400."""
    created, updated = (name in call.query for name in (names.created_after, names.updated_after))
    if created == updated:
        raise refused(f"Exactly one of '{names.created_after}' and '{names.updated_after}' must be given.")
    wanted = (names.updated_after, names.updated_before) if updated else (names.created_after, names.created_before)
    foreign = names.created_before if updated else names.updated_before
    if foreign in call.query:
        raise refused(f"'{foreign}' cannot be combined with '{wanted[0]}'.")
    after, before = optional_moment(call, wanted[0]), optional_moment(call, wanted[1])
    now = call.world.clock.now_ms()
    latest = now - BOUND_AGE_MS
    if before is None:
        bound = now if call.world.switches["search_bound"] == "now" else latest
        return updated, after or 0, max(bound, after or 0)
    if before > latest:
        raise refused(f"'{wanted[1]}' must be at least two minutes before the time of the request.")
    if after is not None and before < after:
        raise refused(f"'{wanted[1]}' must not be before '{wanted[0]}'.")
    return updated, after or 0, before


def read_page_size(call: Call, names: Names) -> int:
    """Read how many orders a page holds: 1 to 100. Raises Refusal 400."""
    text = call.query.get(names.page_size, "100")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
        raise bad_request(invalid_input(text, names.page_size, "Must be a whole number from 1 to 100."))
    return int(text)


def read_token(call: Call, names: Names) -> Criteria | None:
    """Read a page token; None without one. Raises Refusal 400 for one that is not ours or too old."""
    token = call.query.get(names.token)
    if not token:
        return None
    try:
        criteria = _DECODER.decode(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, msgspec.DecodeError):
        raise bad_request(invalid_input(token, names.token, "The token is not one of ours.")) from None
    hours = int(call.world.switches["order_page_token_hours"])
    if call.world.clock.now_ms() - criteria.issued_ms >= hours * HOUR_MS:
        raise bad_request(invalid_input(token, names.token, "The token has expired."))
    if criteria.seller_id != call.seller.seller_id:
        raise bad_request(invalid_input(token, names.token, "The token belongs to another seller."))
    return criteria


def find_page(call: Call, criteria: Criteria, matches: Matches) -> tuple[list[Order], str | None]:
    """Give one page of a search, and the token of the next when there is one."""
    found: list[Order] = []
    last = criteria.position
    for position, order in _candidates(call, criteria):
        moment = order.updated_ms if criteria.by_update else order.created_ms
        if moment > criteria.before_ms:
            break
        if moment < criteria.after_ms or not _fits(criteria, order) or not matches(order):
            continue
        if len(found) == criteria.page_size:
            return found, _token(call, criteria, last)
        found.append(order)
        last = position
    return found, None


def _candidates(call: Call, criteria: Criteria) -> Iterator[tuple[int, Order]]:
    index, seller_id = call.world.order_index, criteria.seller_id
    if criteria.by_update:
        return ((order.touch, order) for order in index.updated(seller_id, criteria.position, criteria.after_ms))
    rows = index.created(seller_id, criteria.after_ms, criteria.position)
    return ((place + 1, order) for place, order in rows)


def _fits(criteria: Criteria, order: Order) -> bool:
    return (not criteria.marketplace_ids or order.marketplace_id in criteria.marketplace_ids) and (
        not criteria.statuses or order.status in criteria.statuses
    )


def _token(call: Call, criteria: Criteria, position: int) -> str:
    later = msgspec.structs.replace(criteria, position=position, issued_ms=call.world.clock.now_ms())
    return base64.urlsafe_b64encode(msgspec.json.encode(later)).decode()
