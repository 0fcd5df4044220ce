"""What Amazon changed of a shipment beside its status, field by field, as the seller's systems read it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from packline.domain.panel import Scan, merged, written
from packline.domain.reports import Facts
from packline.domain.shipment import Shipment

COMPARED = (
    "ship_by",
    "earliest_pack",
    "sub_status",
    "needs_invoice",
    "order_id",
    "priority",
    "rejectable",
    "location",
    "kind",
    "original_id",
)
Difference = tuple[str, str, str]
"""A field, its value before and after; "" where there is none."""


def differences(before: Shipment, facts: Facts) -> tuple[Difference, ...]:
    """List what is different; an address that Amazon did not tell, now or before, is no difference."""
    found = [
        (name, _written(getattr(before, name)), _written(getattr(facts, name)))
        for name in COMPARED
        if getattr(before, name) != getattr(facts, name)
    ]
    if before.items != facts.items:
        found += _units(before.items, facts.items)
    if before.ship_to and facts.ship_to and before.ship_to != facts.ship_to:
        found.append(("address", "", ""))
    if facts.processed_by and before.processed_by != facts.processed_by:
        found.append(("processed_by", before.processed_by, facts.processed_by))
    if facts.scanned and before.scanned != facts.scanned:
        found += _scans(before.scanned, merged(before.scanned, facts.scanned))
    return tuple(found)


def _scans(before: tuple[Scan, ...], after: tuple[Scan, ...]) -> Iterator[Difference]:
    """Tell by SKU what was scanned in another panel."""
    for sku in sorted({scan.merchant_sku for scan in after} if before != after else ()):
        old, new = (tuple(s for s in scans if s.merchant_sku == sku) for scans in (before, after))
        if old != new:
            yield f"scanned/{sku}", written(old), written(new)


def _units(before: tuple[tuple[str, int], ...], after: tuple[tuple[str, int], ...]) -> Iterator[Difference]:
    """Tell units by SKU, whatever the order of the lines; where only that changed, the lines are told as they are."""
    old, new = _by_sku(before), _by_sku(after)
    changed = [sku for sku in sorted(old.keys() | new.keys()) if old[sku] != new[sku]]
    for sku in changed:
        yield f"items/{sku}", str(old[sku] or ""), str(new[sku] or "")
    if not changed:
        yield "items", _written(before), _written(after)


def _by_sku(items: tuple[tuple[str, int], ...]) -> Counter[str]:
    units: Counter[str] = Counter()
    for sku, count in items:
        units[sku] += count
    return units


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(f"{one[0]} x {one[1]}" if isinstance(one, tuple) else str(one) for one in value)
    return str(value)
