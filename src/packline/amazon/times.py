"""Amazon's moments in all the forms that its examples show."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_NUMBER = re.compile(r"-?\d+(\.\d+)?").fullmatch
FIRST_YEAR, LAST_YEAR = 1900, 9000
_MILLISECONDS = 100_000_000_000
"""Epoch numbers beyond this are milliseconds: as seconds they would lie after the year 5000."""


def instant(value: str | float | None) -> datetime | None:
    """Read a moment as aware UTC: ISO 8601 (with or without `T`, zone or fraction) or epoch seconds or milliseconds.

    What is empty or no moment gives None, the years 1 and 9999 too, which programs write where they know none (and
    which databases keep as infinite). Source: External Fulfillment Shipments 2024-09-11, examples (windows in
    epoch seconds, `orderPlacedTimestamp` in epoch milliseconds as text, `2020-06-09 14:00:00Z`).
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and (value[4:5] == "-" or not _NUMBER(value.strip())):
            moment = _iso(value.strip())
        else:
            moment = _epoch(float(value))
        return moment if FIRST_YEAR <= moment.year < LAST_YEAR else None
    except (ValueError, OverflowError, OSError):
        return None


def stamp(moment: datetime) -> str:
    """Write an aware moment the way Amazon's filters take it, to the millisecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _epoch(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if abs(number) >= _MILLISECONDS else number, UTC)


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
