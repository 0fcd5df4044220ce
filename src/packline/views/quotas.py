"""The lanes of accounts: from the gateway where this process owns them, else as their owner last wrote them."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from packline.ports import Gateway
from packline.views.rows import LaneRow

FRESH = timedelta(seconds=15)  # an owner writes every two seconds; what is older says nothing about who waits


async def lanes_of(pool: asyncpg.Pool, gateway: Gateway, account_id: str, now: datetime) -> list[LaneRow]:
    """Show each lane of an account."""
    here = gateway.quotas(account_id)
    if here:
        return [_lane(account_id, entry) for entry in here]
    row = await pool.fetchrow("select at, lanes from lane_snapshot where account_id = $1", account_id)
    if row is None:
        return []
    lanes = [_lane(account_id, entry) for entry in msgspec.json.decode(row["lanes"])]
    return lanes if now - row["at"] <= FRESH else [_at_rest(lane) for lane in lanes]


def _lane(account_id: str, entry: dict[str, Any]) -> LaneRow:
    return LaneRow(
        account=account_id,
        operation=entry["operation"],
        rate=entry.get("rate", 0.0),
        burst=entry.get("burst", 0.0),
        level=entry.get("level", 0.0),
        waiting=entry.get("waiting", 0),
        seconds=entry.get("eta", 0.0),
        served=entry.get("served", 0),
        throttled=entry.get("throttled", 0),
    )


def _at_rest(lane: LaneRow) -> LaneRow:
    return {**lane, "level": lane["burst"], "waiting": 0, "seconds": 0.0}
