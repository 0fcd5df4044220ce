"""When an act on many rows will be over, by the quotas of the calls that it needs."""

from collections.abc import Mapping
from datetime import datetime

from packline.amazon.spapi.usage_plans import UsagePlans
from packline.console.room import Room
from packline.domain.location import Api
from packline.views import quotas
from packline.views.bulk_acts import Act

_LABELS = ("retrieveShippingOptions", "generateShipLabels")
_ALL = ("createPackages", "retrieveShippingOptions", "generateInvoice", "generateShipLabels")
CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Api.EXTERNAL_FULFILLMENT: {
        "confirm": ("processShipment",),
        "pack": _ALL,
        "hand_over": ("updatePackageStatus",),
        "relabel": _LABELS,
        "reschedule": _LABELS,
        "retry": _ALL,
    },
    Api.SELLER_CENTRAL: {"pack": ("createScheduledPackage",), "reschedule": ("updateScheduledPackages",)},
}
"""The calls that each row needs, at most one of each; other acts of Seller Central go in feeds, many at once."""


async def seconds_left(room: Room, act: Act, now: datetime) -> float | None:
    """Reckon how long the rows that are left will take: the slowest quota of the slowest account, or the pace so far.

    None where nothing is left, or nothing limits it and nothing was settled yet.
    """
    if not act.open:
        return None
    told = [await _by_quota(room, act, account, rows, now) for account, rows in act.open.items()]
    known = [seconds for seconds in (*told, _by_pace(act, now)) if seconds is not None]
    return max(known, default=None)


def _by_pace(act: Act, now: datetime) -> float | None:
    if act.given_at is None or not act.settled:
        return None
    left = sum(act.open.values())
    return (now - act.given_at).total_seconds() / act.settled * left


async def _by_quota(room: Room, act: Act, account: str, rows: int, now: datetime) -> float | None:
    directory = await room.directory.look(room)
    entry = directory.accounts.get(account)
    if entry is None:
        return None
    lanes = {lane["operation"]: lane for lane in await quotas.lanes_of(room.pool, room.gateway, account, now)}
    plans = UsagePlans(entry["usage_plan"])
    slowest: float | None = None
    for operation in CALLS.get(entry["api"], {}).get(act.name, ()):
        lane, plan = lanes.get(operation), plans.plan(operation)
        rate, level = (lane["rate"], lane["level"]) if lane else (plan.rate, plan.burst)
        if rate > 0:
            slowest = max(slowest or 0.0, (rows - max(0.0, level)) / rate)
    return slowest
