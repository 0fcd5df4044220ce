"""Reconciliations as people and programs read them: how far they are, and what differs."""

from datetime import datetime
from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.errors import NotFound
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of


class ReconciliationRow(TypedDict):
    """One reconciliation. `what` is orders, returns or stock; `side` whose books ours are compared with.

    `state`: waiting, reading (`step` of `steps` listings), read, judging, done, failed. `missing`: they have it and
    Packline does not; `extra`: the other way round. What stock found is under `/v1/stock/drift`; `drift` names it.
    """

    id: str
    account: str
    location: str
    what: str
    side: str
    source: str
    since: datetime
    until: datetime
    state: str
    step: int
    steps: int | None
    stated: int
    compared: int
    missing: int
    extra: int
    different: int
    unreadable: int
    mended: int
    drift: str | None
    error: str
    by: str
    created_at: datetime
    ended_at: datetime | None


class DifferenceRow(TypedDict):
    """One entry that is not the same: what each side says, the likely cause, and the repair (empty: a person)."""

    id: int
    reconciliation: str
    account: str
    location: str
    kind: str
    cause: str
    words: str
    field: str
    ours: str
    theirs: str
    item: str | None
    amazon_id: str
    order_id: str
    sku: str
    repair: str
    outcome: str
    mended_at: datetime | None
    mended_by: str
    found_at: datetime


_RUN = """select r.id, r.account_id as account, r.location_id as location, r.what, r.side, r.source, r.since, r.until,
    case when d.id is null then r.state else d.state end as state, r.step, r.steps, r.stated,
    case when d.id is null then r.compared else d.done end as compared, r.missing, r.extra,
    case when d.id is null then r.different else d.found end as different, r.unreadable,
    (select count(*)::int from reconciliation_item i where i.run_id = r.id and i.mended_at is not null) as mended,
    r.drift_id as drift, r.error, r.by_whom as by, r.created_at, coalesce(r.ended_at, d.ended_at) as ended_at
from reconciliation r left join stock_drift_run d on d.id = r.drift_id"""
_ITEM = """select id, run_id as reconciliation, account_id as account, location_id as location, kind, cause, words,
    field, ours, theirs, item, amazon_id, order_id, sku, repair, outcome, mended_at, mended_by, found_at
from reconciliation_item"""


async def reconciliations(
    pool: asyncpg.Pool,
    account: str | None = None,
    what: str | None = None,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    after: str | None = None,
) -> Rows[ReconciliationRow]:
    """List reconciliations, the newest first; a key with locations sees those of its locations."""
    conditions = Conditions(scope)
    conditions.parts = [f"r.{part}" for part in conditions.parts]
    conditions.add_if("r.account_id = {}", account)
    conditions.add_if("r.what = {}", what)
    if after:
        at, last = [*decode_cursor(after), ""][:2]
        conditions.add("(r.created_at, r.id) < ({}, {})", moment_of(at), str(last))
    rows = await pool.fetch(
        f"{_RUN} {conditions.where} order by r.created_at desc, r.id desc limit {int(limit)}", *conditions.values
    )
    cursor = encode_cursor(rows[-1]["created_at"], rows[-1]["id"]) if len(rows) == limit else None
    return Rows([cast("ReconciliationRow", dict(row)) for row in rows], cursor)


async def reconciliation(pool: asyncpg.Pool, run: str, scope: Scope = EVERYTHING) -> ReconciliationRow:
    """Read one. Raises NotFound."""
    row = await pool.fetchrow(f"{_RUN} where r.id = $1", run)
    if row is None or not _sees(scope, row):
        raise NotFound(f"There is no reconciliation {run}.", hint="List them with `packline reconcile list`.")
    return cast("ReconciliationRow", dict(row))


async def differences(
    pool: asyncpg.Pool,
    run: str,
    kind: str | None = None,
    cause: str | None = None,
    *,
    only_open: bool = False,
    limit: int = 100,
    after: str | None = None,
) -> Rows[DifferenceRow]:
    """List what differs, in the order of finding."""
    conditions = Conditions()
    conditions.add("run_id = {}", run)
    conditions.add_if("kind = {}", kind)
    conditions.add_if("cause = {}", cause)
    if only_open:
        conditions.parts.append("mended_at is null")
    if after:
        conditions.add("id > {}", _number(decode_cursor(after)[0]))
    rows = await pool.fetch(f"{_ITEM} {conditions.where} order by id limit {int(limit)}", *conditions.values)
    cursor = encode_cursor(rows[-1]["id"]) if len(rows) == limit else None
    return Rows([cast("DifferenceRow", dict(row)) for row in rows], cursor)


def _sees(scope: Scope, row: Any) -> bool:
    """A run of all locations is for keys that see all of them."""
    if scope.locations is not None and not row["location"]:
        return False
    return scope.sees(row["account"], row["location"] or None)


def _number(part: Any) -> int:
    return part if isinstance(part, int) else 0
