"""Failed work by its cause: what stopped, why, since when, and what mends it."""

from datetime import datetime
from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.domain.causes import CAUSES, OTHER, Told, plain, taken_apart
from packline.domain.shipment import Shipment
from packline.views.paging import EVERYTHING, Conditions, Scope
from packline.views.states import shipment_of

READ_AT_MOST = 1_000
"""Shipments that are read for the grouping; more are said by `more`."""


class FailedRow(TypedDict):
    """One shipment that stopped."""

    shipment: str
    amazon_id: str
    account: str
    location: str
    message: str
    since: datetime


class FailureRow(TypedDict):
    """One cause with its shipments, the oldest first; `mend` is the command that mends it (empty: none can).

    `cause` names the group; `amazon_code` is what Amazon said, `amazon_means` the same in plain words.
    """

    cause: str
    code: str
    title: str
    why: str
    cure: str
    mend: str
    operation: str
    amazon_code: str
    amazon_means: str
    count: int
    oldest: datetime
    shipments: list[FailedRow]


class FailureList(TypedDict):
    """All causes, the largest first; `more` where not every failed shipment was read."""

    items: list[FailureRow]
    more: bool


async def failures(pool: asyncpg.Pool, scope: Scope = EVERYTHING, account: str | None = None) -> FailureList:
    """Group what failed by its cause."""
    conditions = Conditions(scope)
    conditions.parts.append("problem is not null")
    conditions.add_if("account_id = {}", account)
    rows = await pool.fetch(
        f"select state, version from shipment {conditions.where} order by problem, id limit {READ_AT_MOST + 1}",
        *conditions.values,
    )
    groups: dict[str, FailureRow] = {}
    for row in rows[:READ_AT_MOST]:
        _add(groups, shipment_of(row))
    made = sorted(groups.values(), key=lambda group: (-group["count"], group["cause"]))
    for group in made:
        group["shipments"].sort(key=lambda one: one["since"])
        group["oldest"] = group["shipments"][0]["since"]
    return FailureList(items=made, more=len(rows) > READ_AT_MOST)


def _add(groups: dict[str, FailureRow], shipment: Shipment) -> None:
    problem = shipment.problem
    if problem is None:
        return
    told = taken_apart(problem)
    name = "/".join(part for part in (told.code, told.operation, told.amazon_code) if part)
    group = groups.setdefault(name, _group(name, told, problem.since))
    group["count"] += 1
    group["shipments"].append(
        FailedRow(
            shipment=shipment.id,
            amazon_id=shipment.amazon_id,
            account=shipment.account,
            location=shipment.location,
            message=told.amazon_says or problem.message,
            since=problem.since,
        )
    )


def _group(name: str, told: Told, since: Any) -> FailureRow:
    cause = CAUSES.get(told.code, OTHER)
    return FailureRow(
        cause=name,
        code=told.code,
        title=cause.title,
        why=cause.why,
        cure=cause.cure,
        mend=cause.mend,
        operation=told.operation,
        amazon_code=told.amazon_code,
        amazon_means=plain(told.amazon_code),
        count=0,
        oldest=since,
        shipments=[],
    )
