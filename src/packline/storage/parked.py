"""Parked records that a person has dealt with."""

from datetime import datetime

import asyncpg

_RESOLVE = "update parked set resolved_at = coalesce(resolved_at, $2) where id::text = $1 and account_id = any($3)"
_RESOLVE_ANY = "update parked set resolved_at = coalesce(resolved_at, $2) where id::text = $1"


async def resolve_parked(pool: asyncpg.Pool, record: str, now: datetime, accounts: tuple[str, ...] | None) -> bool:
    """Take a record off the list; its bytes stay. False where there is none within these accounts (None: all)."""
    if accounts is None:
        done: str = await pool.execute(_RESOLVE_ANY, record, now)
    else:
        done = await pool.execute(_RESOLVE, record, now, list(accounts))
    return done != "UPDATE 0"
