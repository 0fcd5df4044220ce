"""What people would rather look at than read: the day by the hour, ship-by risk, and how far each flow is behind."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.shipment import Status
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.stages import stage_of

HOURS = 24
_OPEN = sorted({stage_of(s) for s in Status if s not in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)})
_RECEIVED = "select date_trunc('hour', received_at) as hour, count(*) as n from shipment {} group by 1"
_GIVEN = """
select date_trunc('hour', settled_at) as hour, goal, count(*) as n from command {} group by 1, 2
"""
_RISK = """
select width_bucket(extract(epoch from ship_by - {now})::float8, array[0, 3600, 7200, 14400, 28800, 86400]::float8[])
    as bucket, count(*) as n from shipment {where} group by 1
"""
_SWEEPS = """
select account_id, location_id, min(succeeded_at) as oldest, max(failed_at) as failed_at,
    max(error) filter (where failed_at > succeeded_at or succeeded_at is null) as error
from intake_cursor {} group by 1, 2 order by 3 nulls first limit 200
"""
RISKS = ("late", "1 h", "2 h", "4 h", "8 h", "24 h", "later")
"""The buckets of `risk`: late, within an hour, within two, four, eight, twenty-four hours, later."""


class HourRow(TypedDict):
    """One hour: how many shipments came in, and how many commands led to a label or out of the house."""

    hour: datetime
    received: int
    labeled: int
    handed_over: int


class SweepRow(TypedDict):
    """How long ago a location was last read through, and what hinders it."""

    account: str
    location: str
    at: datetime | None
    failed_at: datetime | None
    error: str


async def hours(pool: asyncpg.Pool, now: datetime, scope: Scope = EVERYTHING) -> list[HourRow]:
    """Count the last 24 hours, the oldest first."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    made = {
        first + timedelta(hours=n): HourRow(hour=first + timedelta(hours=n), received=0, labeled=0, handed_over=0)
        for n in range(HOURS)
    }
    came = Conditions(scope)
    came.add("received_at >= {}", first)
    for row in await pool.fetch(_RECEIVED.format(came.where), *came.values):
        if row["hour"] in made:
            made[row["hour"]]["received"] = row["n"]
    given = Conditions(scope, by_location=False)
    given.add("created_at >= {}", first)
    given.parts.append("settled_at is not null and outcome = 'succeeded' and goal in ('labeled', 'shipped')")
    for row in await pool.fetch(_GIVEN.format(given.where), *given.values):
        if row["hour"] in made:
            made[row["hour"]]["labeled" if row["goal"] == "labeled" else "handed_over"] = row["n"]
    return list(made.values())


async def risk(pool: asyncpg.Pool, now: datetime, scope: Scope = EVERYTHING) -> list[int]:
    """Count open shipments by the time that is left until their ship-by, in the buckets of `RISKS`."""
    conditions = Conditions(scope)
    conditions.values.append(now)
    place = f"${len(conditions.values)}"
    listed = ", ".join(f"'{stage}'" for stage in _OPEN)
    conditions.parts.append(f"stage in ({listed}) and ship_by is not null")
    rows = await pool.fetch(_RISK.format(now=f"{place}::timestamptz", where=conditions.where), *conditions.values)
    counts = {row["bucket"]: row["n"] for row in rows}
    return [counts.get(bucket, 0) for bucket in range(len(RISKS))]


async def sweeps(pool: asyncpg.Pool, scope: Scope = EVERYTHING) -> list[SweepRow]:
    """Tell when each location was last read through, the oldest first."""
    conditions = Conditions(scope, by_location=False)
    rows = await pool.fetch(_SWEEPS.format(conditions.where), *conditions.values)
    return [_sweep(row) for row in rows]


def _sweep(row: Any) -> SweepRow:
    return SweepRow(
        account=row["account_id"],
        location=row["location_id"],
        at=row["oldest"],
        failed_at=row["failed_at"],
        error=row["error"] or "",
    )
