"""Whether an account can rely on its notifications, so that polling may become a safety net."""

from datetime import datetime, timedelta

from packline.domain.values import Value

FRESH = timedelta(seconds=90)
"""A queue that is being read is looked into at least every 20 seconds."""
DISTRUST = timedelta(minutes=15)
"""So long polling stays as wide as without notifications, after it found what none of them had told."""


class Telling(Value, frozen=True):
    """What is known of an account's notifications.

    `read_at`: its queue was looked into last; `told_at`: one came last; `missed_at`: polling found last what none had
    told, `missed_id` is that shipment.
    """

    is_subscribed: bool = False
    read_at: datetime | None = None
    told_at: datetime | None = None
    missed_at: datetime | None = None
    missed_id: str = ""


def doubt(telling: Telling, now: datetime) -> str:
    """Say why polling must not rely on notifications; empty where it may."""
    if not telling.is_subscribed:
        return "no notifications are set up"
    if telling.told_at is None:
        return "no notification has come yet"
    if telling.read_at is None or now - telling.read_at > FRESH:
        return "nobody reads the queue"
    if telling.missed_at is None:
        return ""
    if telling.missed_at > telling.told_at:
        return f"none has come since polling found {telling.missed_id}, which none had told"
    if now - telling.missed_at < DISTRUST:
        return f"polling found {telling.missed_id}, which none had told"
    return ""
