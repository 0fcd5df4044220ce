"""Which operation a method and path mean."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from packline_sim.auth import restricted
from packline_sim.easy_ship.operations import OPERATIONS as EASY_SHIP
from packline_sim.easy_ship_papers.registration import register_papers
from packline_sim.external_fulfillment.operations import OPERATIONS as EXTERNAL_FULFILLMENT
from packline_sim.feeds.operations import OPERATIONS as FEEDS
from packline_sim.listings.operations import OPERATIONS as LISTINGS
from packline_sim.notifications.operations import OPERATIONS as NOTIFICATIONS
from packline_sim.operation import Operation
from packline_sim.orders.operations import OPERATIONS as ORDERS
from packline_sim.reports.operations import OPERATIONS as REPORTS

PREFIXES = (
    "/externalFulfillment/",
    "/tokens/",
    "/orders/",
    "/easyShip/",
    "/feeds/",
    "/reports/",
    "/listings/",
    "/notifications/",
)


class Match(NamedTuple):
    """Name the operation and the ids in the path."""

    operation: Operation
    ids: tuple[str, ...]


def _shape(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


RDT = Operation(
    "createRestrictedDataToken", "POST", restricted.PATH, frozenset(), False, restricted.create_restricted_data_token
)
OPERATIONS: tuple[Operation, ...] = (
    *EXTERNAL_FULFILLMENT,
    *ORDERS,
    *EASY_SHIP,
    *FEEDS,
    *REPORTS,
    *LISTINGS,
    *NOTIFICATIONS,
    RDT,
)
register_papers()
_FIXED = {(row.method, row.path): row for row in OPERATIONS if "{}" not in row.path}
_SHAPES = [(row.method, _shape(row.path), row) for row in OPERATIONS if "{}" in row.path]
_BY_LENGTH: dict[tuple[str, int], list[tuple[tuple[str, ...], Operation]]] = {}
for _method, _parts, _row in _SHAPES:
    _BY_LENGTH.setdefault((_method, len(_parts)), []).append((_parts, _row))


@lru_cache(16_384)
def find_operation(method: str, raw_path: str) -> Match | None:
    """Find the operation of a raw (still percent-encoded) path; None when Amazon has none there."""
    fixed = _FIXED.get((method, raw_path))
    if fixed is not None:
        return Match(fixed, ())
    parts = raw_path[1:].split("/")
    for shape, operation in _BY_LENGTH.get((method, len(parts)), ()):
        if all(wanted in ("{}", given) for wanted, given in zip(shape, parts, strict=True)):
            ids = tuple(unquote(given) for wanted, given in zip(shape, parts, strict=True) if wanted == "{}")
            return Match(operation, ids) if all(ids) else None
    return None
