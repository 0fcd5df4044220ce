"""When carriers take Easy Ship parcels in: pickup windows and drop-off hours by marketplace time, with off days."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from packline_sim.clock import to_datetime, to_ms
from packline_sim.marketplaces import Marketplace
from packline_sim.orders.records import Handover

Window = tuple[int, int]
# Friday is the default in Saudi Arabia (Seller Central help, weekly off day); 0 is Monday.
_DEFAULT_OFF_DAYS = {"SA": frozenset({4})}
_DROPOFF_HOURS = (9, 18)
_MOST_DAYS_AHEAD = 21


def default_off_days(marketplace: Marketplace) -> frozenset[int]:
    """Tell the weekly off days of a seller that chose none; 0 is Monday."""
    return _DEFAULT_OFF_DAYS.get(marketplace.country, frozenset(range(7)) - marketplace.workdays)


def windows(
    marketplace: Marketplace, method: Handover, off_days: frozenset[int], *, earliest_ms: int, days: int
) -> Iterator[Window]:
    """Give the windows of `days` working days that can still be booked, the earliest first.

    A pickup must begin after `earliest_ms`; a drop-off counter must still be open then.
    """
    zone = timezone(marketplace.utc_offset)
    earliest = to_datetime(earliest_ms).astimezone(zone)
    day = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = 0
    for _ in range(_MOST_DAYS_AHEAD):
        if day.weekday() not in off_days:
            open_now = list(_of_day(marketplace, method, day, earliest))
            seen += bool(open_now)
            yield from open_now
        if seen == days:
            return
        day += timedelta(days=1)


def _of_day(marketplace: Marketplace, method: Handover, day: datetime, earliest: datetime) -> Iterator[Window]:
    hours = marketplace.pickup_hours if method == "PICKUP" else (_DROPOFF_HOURS,)
    for first, last in hours:
        start, end = day + timedelta(hours=first), day + timedelta(hours=last)
        if start > earliest:
            yield to_ms(start), to_ms(end)
