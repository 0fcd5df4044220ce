"""Flows as they were last judged: when each succeeded, by when it must again, and why a silent one is silent."""

from typing import Any

import asyncpg
from typing_extensions import TypedDict

from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, bad_cursor, decode_cursor, encode_cursor

_COLUMNS = """
account_id as account, name as flow, subject, case when silent_since is not null then 'silent'
    when expected_at is null then 'learning' else 'ok' end as state, last_at, expected_at, silent_since, cause, says
"""


class FlowRow(TypedDict):
    """One flow, or one part of it such as a listing (`subject`); an endpoint's account is empty.

    `state` is ok, silent, or learning: nothing is expected of it now, or too little is known of it.
    """

    account: str
    flow: str
    subject: str
    state: str
    last_at: Any
    expected_at: Any
    silent_since: Any
    cause: str
    says: str


async def flows(
    pool: asyncpg.Pool,
    *,
    account: str | None = None,
    silent: bool | None = None,
    after: str | None = None,
    limit: int = 50,
    scope: Scope = EVERYTHING,
) -> Rows[FlowRow]:
    """List flows by account, flow and subject."""
    given = Conditions(scope, by_location=False)
    given.add_if("account_id = {}", account)
    if silent is not None:
        given.add(f"silent_since is {'not null' if silent else 'null'}")
    if after is not None:
        key = decode_cursor(after)
        if len(key) != 3 or not all(isinstance(part, str) for part in key):
            raise bad_cursor()
        given.add("(account_id, name, subject) > ({}, {}, {})", *key)
    sql = f"select {_COLUMNS} from flow {given.where} order by account_id, name, subject limit {int(limit) + 1}"
    rows = [FlowRow(**dict(row)) for row in await pool.fetch(sql, *given.values)]  # type: ignore[typeddict-item]  # as named
    last = rows[limit - 1] if len(rows) > limit else None
    return Rows(rows[:limit], encode_cursor(last["account"], last["flow"], last["subject"]) if last else None)
