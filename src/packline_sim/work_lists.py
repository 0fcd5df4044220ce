"""Lists of feeds and reports: filters, pages, tokens that carry the filters."""

import base64
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from packline_sim.call import Call, optional_moment
from packline_sim.feeds.records import STATUSES, Feed
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.refusals import Problem, bad_request, invalid_input
from packline_sim.reports.records import Report

RETENTION_MS = 90 * 86_400_000
Work = TypeVar("Work", Feed, Report)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what a list was asked for; a page token carries it on. `beyond` is the last id of the page before."""

    types: list[str]
    statuses: list[str]
    marketplace_ids: list[str]
    since_ms: int
    until_ms: int
    size: int
    beyond: str | None = None


def several(call: Call, name: str, *, most: int | None = None) -> list[str]:
    """Read a query parameter that holds values with commas between. Raises Refusal 400."""
    values = [value for value in call.query.get(name, "").split(",") if value]
    if most is not None and len(values) > most:
        raise bad_request(invalid_input(",".join(values), name, f"At most {most} values."))
    return values


def flag(call: Call, name: str) -> bool:
    """Read a query parameter that is true or false, by default false. Raises Refusal 400."""
    value = call.query.get(name, "false").lower()
    if value not in ("true", "false"):
        raise bad_request(invalid_input(value, name, "Must be true or false."))
    return value == "true"


def read_filters(call: Call, types_name: str) -> Filters:
    """Read the filters of getFeeds or getReports, from the query or from its page token. Raises Refusal 400."""
    token = call.query.get("nextToken")
    types = several(call, types_name, most=10)
    if token is not None:
        if set(call.query) & {types_name, "processingStatuses", "createdSince", "createdUntil", "pageSize"}:
            raise bad_request(invalid_input(token, "nextToken", "The token goes with no other parameter."))
        return _from_token(call, token)
    if not types:
        raise bad_request(Problem("InvalidInput", f"Either '{types_name}' or 'nextToken' is required."))
    statuses = several(call, "processingStatuses")
    for status in statuses:
        if status not in STATUSES:
            raise bad_request(invalid_input(status, "processingStatuses", f"Must be one of: {', '.join(STATUSES)}."))
    now = call.world.clock.now_ms()
    since, until = optional_moment(call, "createdSince"), optional_moment(call, "createdUntil")
    return Filters(
        types=types,
        statuses=statuses,
        marketplace_ids=several(call, "marketplaceIds", most=10),
        since_ms=max(now - RETENTION_MS, now - RETENTION_MS if since is None else since),
        until_ms=now if until is None else until,
        size=_size(call),
    )


def take_page(
    call: Call, filters: Filters, records: Iterable[Work], key: Callable[[Work], str], kind: Callable[[Work], str]
) -> tuple[list[Work], str | None]:
    """Take the records that fit, the newest first, and the token of the next page; `records` come newest first."""
    fitting = (record for record in _after(records, filters.beyond, key) if _fits(call, filters, record, kind(record)))
    found = list(islice(fitting, filters.size + 1))
    if len(found) <= filters.size:
        return found, None
    page = found[: filters.size]
    following = msgspec.structs.replace(filters, beyond=key(page[-1]))
    content = msgspec.json.encode((call.seller.seller_id, following))
    return page, base64.urlsafe_b64encode(content).decode()


def check_marketplaces(call: Call, marketplace_ids: list[str]) -> None:
    """Check that the seller sells in these marketplaces. Raises Refusal 400."""
    for marketplace_id in marketplace_ids:
        if marketplace_id not in call.seller.marketplace_ids:
            known = MARKETPLACES.get(marketplace_id)
            details = "The seller does not sell in this marketplace."
            if known is not None and known.region != call.seller.region:
                details = (
                    f"Marketplace {known.country} is served by region {known.region}, not by {call.seller.region}."
                )
            raise bad_request(invalid_input(marketplace_id, "marketplaceIds", details))


def _from_token(call: Call, token: str) -> Filters:
    try:
        seller_id, filters = msgspec.json.decode(base64.urlsafe_b64decode(token), type=tuple[str, Filters])
    except (ValueError, msgspec.DecodeError):
        raise bad_request(invalid_input(token, "nextToken", "The token is not one of ours.")) from None
    if seller_id != call.seller.seller_id:
        raise bad_request(invalid_input(token, "nextToken", "The token belongs to another seller."))
    return filters


def _size(call: Call) -> int:
    text = call.query.get("pageSize", "10")
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 100:
        raise bad_request(invalid_input(text, "pageSize", "Must be a whole number from 1 to 100."))
    return int(text)


def _after(records: Iterable[Work], beyond: str | None, key: Callable[[Work], str]) -> Iterable[Work]:
    iterator = iter(records)
    if beyond is not None:
        for record in iterator:
            if key(record) == beyond:
                break
    return iterator


def _fits(call: Call, filters: Filters, record: Work, kind: str) -> bool:
    return (
        record.seller_id == call.seller.seller_id
        and kind in filters.types
        and (not filters.statuses or record.status in filters.statuses)
        and (not filters.marketplace_ids or not set(filters.marketplace_ids).isdisjoint(record.marketplace_ids))
        and filters.since_ms <= record.created_ms <= filters.until_ms
    )
