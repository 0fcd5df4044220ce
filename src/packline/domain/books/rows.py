"""Rows of a file, a request or a report as entries of the other books; what says nothing is refused with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from packline.domain.books.entries import Side, Stated, What
from packline.domain.books.stages import RETURN_WORDS, WORDS

_ALIASES = {
    "amazon_id": ("amazon_id", "shipment_id", "amazon_shipment_id", "return_id", "amazon_return_id"),
    "order_id": ("order_id", "amazon_order_id", "customer_order_id", "buyer_order_id"),
    "location": ("location", "location_id", "warehouse"),
    "sku": ("sku", "merchant_sku", "seller_sku"),
    "units": ("units", "quantity", "qty", "quantity_purchased", "number_of_units"),
    "status": ("status", "state", "order_status"),
    "tracking_id": ("tracking_id", "tracking_number", "awb", "tracking"),
    "rma_id": ("rma_id", "rma"),
    "received": ("received", "received_units", "units_received"),
}
"""What a column may be called, in the order of trust."""
_REPORTED = {Side.PENDING_REPORT: "packed", Side.SHIPPED_REPORT: "shipped"}
LONGEST = 200


class Refused(NamedTuple):
    """A row that was not compared, and why."""

    line: int
    reason: str


class _Row(NamedTuple):
    line: int
    key: str
    amazon_id: str
    order_id: str
    location: str
    sku: str
    units: int
    word: str
    tracking_id: str
    received: int | None


def stated_of(
    rows: Iterable[tuple[int, Mapping[str, Any]]], what: What, side: Side, words: Mapping[str, str] | None = None
) -> tuple[list[Stated], list[Refused]]:
    """Read rows: one for each order or return, or one for each of its SKUs.

    `words` says what a seller's own words for a status mean (stage by word); they outrank those that are known.
    """
    known = {**(RETURN_WORDS if what is What.RETURNS else WORDS)}
    known |= {word.strip().lower().replace(" ", "_"): stage for word, stage in (words or {}).items()}
    groups: dict[str, list[_Row]] = {}
    refused = []
    for line, given in rows:
        row = _row(line, given, what)
        if isinstance(row, str):
            refused.append(Refused(line, row))
        else:
            groups.setdefault(row.key, []).append(row)
    stated = []
    for key, found in groups.items():
        one = _stated(key, found, side, known)
        if isinstance(one, Refused):
            refused.append(one)
        else:
            stated.append(one)
    return stated, refused


def _row(line: int, given: Mapping[str, Any], what: What) -> _Row | str:
    found = {name: _first(given, aliases) for name, aliases in _ALIASES.items()}
    if any(len(value) > LONGEST or not value.isprintable() for value in found.values()):
        return "A field is longer than 200 characters, or holds a control character."
    key = found["amazon_id"]
    if not key and what is What.RETURNS:
        key = " ".join((found["rma_id"] or found["order_id"], found["sku"])).strip()
    key = key or " ".join((found["order_id"], found["location"])).strip()
    if not key:
        return "It names neither an Amazon id (amazon_id, shipment_id) nor an order (order_id)."
    units, received = _number(found["units"] or ("1" if found["sku"] else "0")), _number(found["received"] or "-1")
    if units is None or received is None:
        return "units and received must be whole numbers."
    order = found["order_id"] or found["rma_id"]
    return _Row(
        line,
        key,
        found["amazon_id"],
        order,
        found["location"],
        found["sku"],
        units,
        found["status"],
        found["tracking_id"],
        received if received >= 0 else None,
    )


def _stated(key: str, rows: Sequence[_Row], side: Side, known: Mapping[str, str]) -> Stated | Refused:
    first = rows[0]
    words = {row.word for row in rows if row.word}
    stage, word = _REPORTED.get(side, ""), ""
    if not stage and words:
        stages = {known.get(one.strip().lower().replace(" ", "_").replace("-", "_"), "") for one in words}
        word = ", ".join(sorted(words))
        if "" in stages:
            return Refused(first.line, f"Status {word!r} is not known; say what it means (open, packed, shipped ...).")
        if len(stages) > 1:
            return Refused(first.line, f"{key} has several statuses: {word}.")
        stage = stages.pop()
    received = [row.received for row in rows if row.received is not None]
    return Stated(
        key,
        first.amazon_id,
        first.order_id,
        first.location,
        stage,
        word or stage,
        tuple((row.sku, row.units) for row in rows if row.sku),
        next((row.tracking_id for row in rows if row.tracking_id), ""),
        sum(received) if received else None,
    )


def _first(given: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(given[name]).strip() for name in names if given.get(name) not in (None, "")), "")


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
