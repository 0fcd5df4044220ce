"""Files of documents as who brought them sees them: progress, what matched, what a person must look at."""

from datetime import datetime
from typing import Any, cast

import asyncpg
from typing_extensions import TypedDict

from packline.domain.location import DEFAULT_LOCATION
from packline.errors import NotFound
from packline.views.documents import Open, erased
from packline.views.paging import EVERYTHING, Conditions, Rows, Scope, decode_cursor, encode_cursor, moment_of

SHEETS_AT_MOST = 2000
_DROP = (
    "d.id, d.account_id as account, d.name, d.by_whom as by, d.size, d.state, d.done, d.total, d.error, d.hint,"
    " d.created_at, d.began_at, d.ended_at"
)
_COUNTS = """
select s.drop_id, count(*) filter (where s.outcome in ('stored', 'known'))::int as matched,
    count(*) filter (where s.outcome = 'ignored')::int as ignored,
    count(*) filter (where s.outcome = 'refused')::int as refused,
    count(*) filter (where s.outcome = 'parked' and s.handled_at is null)::int as left
from document_drop_sheet s where s.drop_id = any($1::text[]) group by s.drop_id
"""
_SHEETS = """
select number, pages, outcome, order_id, shipment_id, kind, why, handled_by, handled_at,
    parked_hash is not null and handled_at is null as waits, coalesce((
        select substring(coalesce(p.head, p.body) from 1 for 4) in ('%PDF'::bytea, '\\x89504e47'::bytea)
            and p.erased_at is null
        from parked p join document_drop d on d.id = s.drop_id
        where p.account_id = d.account_id and p.source = 'dropped' and p.hash = s.parked_hash
    ), false) as is_shown
from document_drop_sheet s where drop_id = $1
order by parked_hash is null or handled_at is not null, outcome <> 'refused', number limit $2
"""
_BODY = """
select p.body, p.erased_at from document_drop_sheet s join document_drop d on d.id = s.drop_id
join parked p on p.account_id = d.account_id and p.source = 'dropped' and p.hash = s.parked_hash
where s.drop_id = $1 and s.number = $2
"""


class DropRow(TypedDict):
    """One file: its state (waiting, running, done, failed), how far it is, and how many of its sheets went where."""

    id: str
    account: str
    name: str
    by: str
    size: int
    state: str
    done: int
    total: int | None
    error: str
    hint: str
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    matched: int
    ignored: int
    refused: int
    left: int


class SheetRow(TypedDict):
    """Some pages and what became of them; `waits` where a person must look, `is_shown` where a browser shows them."""

    number: int
    pages: list[int]
    outcome: str
    order_id: str
    shipment_id: str
    kind: str
    why: str
    handled_by: str | None
    handled_at: datetime | None
    waits: bool
    is_shown: bool


async def drops(
    pool: asyncpg.Pool, scope: Scope = EVERYTHING, *, limit: int = 50, after: str | None = None
) -> Rows[DropRow]:
    """List files, the newest first; none for who does not see the one place of a Seller Central account."""
    if scope.locations is not None and DEFAULT_LOCATION not in scope.locations:
        return Rows([])
    conditions = Conditions(scope, by_location=False)
    if after:
        moment, last = (*decode_cursor(after), "")[:2]
        conditions.add("(created_at, id) < ({}, {})", moment_of(moment), str(last))
    sql = f"select {_DROP} from document_drop d {conditions.where} order by created_at desc, id desc limit {limit + 1}"
    rows = await pool.fetch(sql, *conditions.values)
    page = await _counted(pool, rows[:limit])
    following = encode_cursor(page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
    return Rows(page, following)


async def drop(pool: asyncpg.Pool, drop_id: str, scope: Scope = EVERYTHING) -> DropRow:
    """Read one file.

    Raises NotFound.
    """
    rows = await pool.fetch(f"select {_DROP} from document_drop d where d.id = $1", drop_id)
    if not rows or not scope.sees(rows[0]["account"], DEFAULT_LOCATION):
        raise NotFound(f"There is no file {drop_id}.", hint="The newest are listed under Files.")
    return (await _counted(pool, rows))[0]


async def sheets(pool: asyncpg.Pool, drop_id: str) -> list[SheetRow]:
    """List what became of a file's pages: those that wait for a person first."""
    return [cast("SheetRow", dict(row)) for row in await pool.fetch(_SHEETS, drop_id, SHEETS_AT_MOST)]


async def pages(pool: asyncpg.Pool, drop_id: str, number: int, opened: Open) -> bytes:
    """Read pages that nobody could place; `opened` decrypts what is stored.

    Raises NotFound, also where they were erased.
    """
    found = await pool.fetchrow(_BODY, drop_id, number)
    if found is None:
        raise NotFound("There are no such pages.")
    if found["erased_at"] is not None:
        raise erased("What nobody could place", found["erased_at"])
    return opened(bytes(found["body"]))


async def _counted(pool: asyncpg.Pool, rows: list[Any]) -> list[DropRow]:
    counts = {row["drop_id"]: row for row in await pool.fetch(_COUNTS, [row["id"] for row in rows])}
    names = ("matched", "ignored", "refused", "left")
    made = []
    for row in rows:
        own = counts.get(row["id"])
        made.append(cast("DropRow", {**dict(row), **{name: own[name] if own else 0 for name in names}}))
    return made
