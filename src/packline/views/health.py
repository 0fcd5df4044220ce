"""Health: whether the database answers, the feed moves, and due work is taken up."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from packline.views.credentials import urgent
from packline.views.events import newest

LATE = timedelta(seconds=60)  # due work that nobody took up for so long means that no worker lives
COUNTED = 1000
_OVERDUE = "select count(*) from (select 1 from shipment where due_at < $1 limit $2) as late"


async def health(pool: asyncpg.Pool, now: datetime, version: str) -> dict[str, Any]:
    """Say `ok`, or `degraded` with what is wrong."""
    overdue = await pool.fetchval(_OVERDUE, now - LATE, COUNTED)
    paused = await pool.fetch("select id from account where paused_reason is not null and enabled order by id limit 20")
    problems = []
    if overdue:
        problems.append(f"{overdue} shipments wait longer than a minute for a worker; is `packline worker` running?")
    problems += [f"Account {row['id']} is paused; see `packline account show {row['id']}`." for row in paused]
    problems += await urgent(pool, now)
    return {
        "status": "degraded" if problems else "ok",
        "version": version,
        "database": "ok",
        "cursor": await newest(pool),
        "overdue": overdue,
        "problems": problems,
    }
