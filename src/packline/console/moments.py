"""Times as people read them: in the zone of the place, with the exact one in that zone and in UTC on hover."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from packline.console.words import mark, t, tn

MONTHS = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip


@lru_cache(maxsize=200)
def zone_of(name: str) -> ZoneInfo:
    """Give a time zone by its name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def iso(moment: datetime) -> str:
    """Write a time for machines, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exact(moment: datetime, zone: str = "UTC") -> str:
    """Write a time to the second, there and in UTC."""
    there, utc = moment.astimezone(zone_of(zone)), moment.astimezone(UTC)
    if there.utcoffset() == utc.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    return f"{there:%Y-%m-%d %H:%M:%S %Z} · {utc:%H:%M:%S} UTC"


def clock(moment: datetime, zone: str = "UTC") -> str:
    """Write the time of day there."""
    return f"{moment.astimezone(zone_of(zone)):%H:%M}"


def day_clock(moment: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
    """Write day and time there; of today, only the time."""
    there = moment.astimezone(zone_of(zone))
    if now is not None and there.date() == now.astimezone(zone_of(zone)).date():
        return f"{there:%H:%M}"
    return f"{there.day} {t(MONTHS[there.month - 1])} {there:%H:%M}"


def moment_clock(moment: datetime, zone: str = "UTC", now: datetime | None = None) -> str:
    """Write day and time to the second; of today, only the time."""
    return f"{day_clock(moment, zone, now)}:{moment.astimezone(zone_of(zone)):%S}"


def short_zone(moment: datetime, zone: str) -> str:
    """Give the zone's short name at a moment, such as IST."""
    return f"{moment.astimezone(zone_of(zone)):%Z}"


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago a moment was."""
    return span((now - moment).total_seconds(), back=True)


def span(seconds: float, *, back: bool = False) -> str:
    """Say how long something takes or, with `back`, how long ago it was."""
    whole = max(0, int(seconds))
    if whole < 60:
        return t("{n} s ago", n=whole) if back else t("{n} s", n=whole)
    if whole < 3600:
        return t("{n} min ago", n=whole // 60) if back else t("{n} min", n=whole // 60)
    if whole < 172800:
        return t("{n} h ago", n=whole // 3600) if back else t("{n} h", n=whole // 3600)
    days = whole // 86400
    return tn("{n} day ago", "{n} days ago", days) if back else tn("{n} day", "{n} days", days)


def left(moment: datetime, now: datetime) -> str:
    """Write a countdown; what is over says so."""
    seconds = round((moment - now).total_seconds())
    size = abs(seconds)
    if size >= 172800:
        written = tn("{n} day", "{n} days", size // 86400)
    else:
        written = f"{size // 3600:02}:{size % 3600 // 60:02}:{size % 60:02}"
    return t("late {time}", time=written) if seconds < 0 else written


def tone_of(moment: datetime, now: datetime) -> str:
    """Tell whether a ship-by is over, near, or far."""
    seconds = (moment - now).total_seconds()
    return "late" if seconds < 0 else "risk" if seconds < 3600 else ""
