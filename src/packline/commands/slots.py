"""Handover slots as sellers ask for them: named in the command, or by the location's habit."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from packline.domain.location import Location
from packline.domain.slot import SlotPolicy, SlotPreference
from packline.domain.values import Value, Window
from packline.errors import FieldError, Invalid


class SlotRequest(Value, frozen=True):
    """A wish for the handover: a method, a window with offset times, or one of Amazon's option ids."""

    policy: SlotPolicy | None = None
    method: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    option_id: str | None = None


def preference(request: SlotRequest | None, location: Location | None, now: datetime) -> SlotPreference:
    """Turn a wish into a preference; without a wish the location's habit counts, then Amazon's recommendation.

    Raises Invalid for a wish that no slot can ever meet.
    """
    if request is None:
        return _habit(location, now)
    faults = list(_faults(request, now))
    if faults:
        raise Invalid(f"The slot cannot be had: {faults[0].message}", errors=tuple(faults))
    window = Window(request.start, request.end) if request.start and request.end else None
    return SlotPreference(_policy(request, window), request.method, window, request.option_id)


def _faults(request: SlotRequest, now: datetime) -> Iterator[FieldError]:
    start, end = request.start, request.end
    if (start is None) != (end is None):
        yield FieldError("/slot/end" if start else "/slot/start", "A window needs its start and its end.")
    elif start and end and end <= start:
        yield FieldError("/slot/end", "The window ends before it begins.")
    elif end and end <= now:
        yield FieldError("/slot/end", "The window is over already.")
    if request.policy is SlotPolicy.WINDOW and start is None and end is None:
        yield FieldError("/slot/start", "The policy `window` needs a start and an end.")
    if request.policy is SlotPolicy.OPTION and not request.option_id:
        yield FieldError("/slot/option_id", "The policy `option` needs the id of one of Amazon's options.")


def _policy(request: SlotRequest, window: Window | None) -> SlotPolicy:
    if request.policy is not None:
        return request.policy
    if request.option_id:
        return SlotPolicy.OPTION
    return SlotPolicy.WINDOW if window else SlotPolicy.RECOMMENDED


def _habit(location: Location | None, now: datetime) -> SlotPreference:
    if location is None:
        return SlotPreference()
    return SlotPreference(location.slot_policy, location.slot_method, local_window(location, now))


def local_window(location: Location, now: datetime) -> Window | None:
    """Give the next span between the location's `slot_from` and `slot_to` that is not over, as absolute times."""
    if not location.slot_from or not location.slot_to:
        return None
    zone = ZoneInfo(location.timezone)
    day = now.astimezone(zone).date()
    start, end = time.fromisoformat(location.slot_from), time.fromisoformat(location.slot_to)
    if datetime.combine(day, end, zone) <= now:
        day += timedelta(days=1)
    return Window(datetime.combine(day, start, zone), datetime.combine(day, end, zone))
