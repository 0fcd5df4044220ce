"""How many shipments wait for which action: bounded counts for the first page."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from packline.domain.shipment import Status
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.returns import TO_RECEIVE
from packline.views.rows import ActionRow
from packline.views.stages import in_status

COUNTED = 1000  # above that a person needs no exact number
RISK = timedelta(hours=2)  # a ship-by that is nearer than that is at risk
STOPPED = timedelta(days=2)  # a parcel whose ship-by is longer ago than that stands at the bench no more
ANOMALIES = ("unknown_status", "impossible_move", "cancelled_after_handover", "strange_packages")
"""Problems that say: Amazon and Packline do not agree, a person must compare."""
_NEW = in_status(Status.CREATED, Status.ACCEPTED)
_CONFIRMED, _LABELED, _SHIPPED, _CANCELLED = (
    in_status(status) for status in (Status.CONFIRMED, Status.SHIPLABEL_GENERATED, Status.SHIPPED, Status.CANCELLED)
)
_OPEN = in_status(*(status for status in Status if status not in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)))
_ODD = ", ".join(f"'{code}'" for code in ANOMALIES)
_HAS_LABEL = "exists (select 1 from package_label l where l.shipment_id = shipment.id)"
_UNPRINTED = "exists (select 1 from package_label l where l.shipment_id = shipment.id and not l.void and l.prints = 0)"
_RETURNS = """
select count(*) as count, min(noticed_at) as oldest, count(*) filter (where has_otp) as with_password from (
    select noticed_at, otp is not null as has_otp from return_item {} limit 1001
) as some_of_them
"""
ACTIONS: dict[str, str] = {
    "open": _OPEN,
    "confirm": f"{_NEW} and goal is null and problem is null",
    "pack": f"{_CONFIRMED} and (goal is null or goal = 'confirmed') and problem is null",
    "at_amazon": f"{_OPEN} and due_at is not null and problem is null",
    "print": f"{_LABELED} and (goal is null or goal = 'labeled') and problem is null and {_UNPRINTED}",
    "hand_over": f"{_LABELED} and (goal is null or goal = 'labeled') and problem is null",
    "on_its_way": f"{_SHIPPED} or ({_LABELED} and goal = 'shipped')",
    "stop": f"{_CANCELLED} and ship_by > {{stopped}} and {_HAS_LABEL} and problem is null",
    "failed": f"problem is not null and problem not in ({_ODD})",
    "anomaly": f"problem in ({_ODD})",
    "at_risk": f"{_OPEN} and ship_by < {{risk}}",
    "late": f"{_OPEN} and ship_by < {{now}}",
}
"""Action -> its condition; times come as parameters."""
FEW = ("failed", "anomaly")
"""Actions whose shipments an index of problems finds."""


def add_action(conditions: Conditions, action: str, now: datetime) -> None:
    """Add the condition of an action to a query."""
    times = {"{stopped}": now - STOPPED, "{risk}": now + RISK, "{now}": now}
    rule = ACTIONS[action]
    used = [name for name in times if name in rule]
    for name in used:
        rule = rule.replace(name, "{}")
    conditions.add(f"({rule})", *(times[name] for name in used))


async def overview(
    pool: asyncpg.Pool, now: datetime, scope: Scope = EVERYTHING, actions: Iterable[str] = ACTIONS
) -> list[ActionRow]:
    """Count shipments by the action that they wait for, each count bounded, with the next ship-by and the oldest."""
    conditions = Conditions(scope)
    own, parts = len(conditions.parts), []
    for action in actions:
        add_action(conditions, action, now)
        where = " and ".join([*conditions.parts[:own], conditions.parts[-1]])
        parts.append(
            f"select '{action}' as action, count(*) as count, min(ship_by) as next_ship_by, min(received_at) as oldest"
            f" from (select ship_by, received_at from shipment where {where} limit {COUNTED + 1}) as some_of_them"
        )
    rows = await pool.fetch(" union all ".join(parts), *conditions.values)
    return [_row(row) for row in rows]


async def returns_to_receive(pool: asyncpg.Pool, scope: Scope = EVERYTHING) -> tuple[int, datetime | None, int]:
    """Count returns that have arrived and were not received: how many, since when, how many have a password."""
    conditions = Conditions(scope)
    conditions.parts.append(TO_RECEIVE)
    row = await pool.fetchrow(_RETURNS.format(conditions.where), *conditions.values)
    return min(row["count"], COUNTED), row["oldest"], row["with_password"]


def _row(row: Any) -> ActionRow:
    return ActionRow(
        action=row["action"],
        count=min(row["count"], COUNTED),
        more=row["count"] > COUNTED,
        next_ship_by=row["next_ship_by"],
        oldest=row["oldest"],
    )
