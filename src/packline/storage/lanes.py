"""The lanes of accounts as their owner sees them, written down for those who look from another process."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.storage.columns import FORGETTABLE

_SAVE = f"""
with saved as (
    insert into lane_snapshot (account_id, at, lanes)
    select a, $3, l from unnest($1::text[], $2::bytea[]) as shown(a, l)
    on conflict (account_id) do update set at = excluded.at, lanes = excluded.lanes returning 1
)
{FORGETTABLE}
"""


async def save_lanes(pool: asyncpg.Pool, shown: Mapping[str, Sequence[dict[str, Any]]], now: datetime) -> None:
    """Write what each account's lanes show; accounts without lanes are left as they are."""
    known = {account: lanes for account, lanes in shown.items() if lanes}
    if known:
        await pool.execute(_SAVE, list(known), [msgspec.json.encode(lanes) for lanes in known.values()], now)
