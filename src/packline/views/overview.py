"""How many shipments wait for which action: bounded counts for the first page."""

from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.shipment import Status
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.rows import ActionRow
from packline.views.stages import in_status

COUNTED = 1000  # above that a person needs no exact number
_NEW = in_status(Status.CREATED, Status.ACCEPTED)
_CONFIRMED, _LABELED, _SHIPPED = (
    in_status(status) for status in (Status.CONFIRMED, Status.SHIPLABEL_GENERATED, Status.SHIPPED)
)
_OPEN = in_status(*(status for status in Status if status not in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED)))
ACTIONS: dict[str, str] = {
    "confirm": f"{_NEW} and goal is null and problem is null",
    "pack": f"{_CONFIRMED} and (goal is null or goal = 'confirmed') and problem is null",
    "at_amazon": f"{_OPEN} and due_at is not null and problem is null",
    "hand_over": f"{_LABELED} and (goal is null or goal = 'labeled') and problem is null",
    "on_its_way": f"{_SHIPPED} or ({_LABELED} and goal = 'shipped')",
    "failed": "problem is not null",
    "late": f"{_OPEN} and ship_by < {{}}",
}


async def overview(pool: asyncpg.Pool, now: datetime, scope: Scope = EVERYTHING) -> list[ActionRow]:
    """Count shipments by the action that they wait for, each count bounded, with the next ship-by of each."""
    conditions = Conditions(scope)
    parts = []
    for action, rule in ACTIONS.items():
        part = Conditions()
        part.values = conditions.values
        if "{}" in rule:
            part.add(f"({rule})", now)
        else:
            part.parts.append(f"({rule})")
        where = " and ".join([*conditions.parts, *part.parts])
        parts.append(
            f"select '{action}' as action, count(*) as count, min(ship_by) as next_ship_by from"
            f" (select ship_by from shipment where {where} limit {COUNTED + 1}) as some_of_them"
        )
    rows = await pool.fetch(" union all ".join(parts), *conditions.values)
    return [_row(row) for row in rows]


def _row(row: Any) -> ActionRow:
    return ActionRow(
        action=row["action"],
        count=min(row["count"], COUNTED),
        more=row["count"] > COUNTED,
        next_ship_by=row["next_ship_by"],
    )
