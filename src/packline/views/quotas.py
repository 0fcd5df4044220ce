"""The lanes of accounts: from the gateway where this process owns them, else as their owner last wrote them."""

from typing import Any

import asyncpg
import msgspec

from packline.ports import Gateway
from packline.views.rows import LaneRow


async def lanes_of(pool: asyncpg.Pool, gateway: Gateway, account_id: str) -> list[LaneRow]:
    """Show each lane of an account."""
    here = gateway.quotas(account_id)
    if here:
        return [_lane(account_id, entry) for entry in here]
    snapshot = await pool.fetchval("select lanes from lane_snapshot where account_id = $1", account_id)
    return [_lane(account_id, entry) for entry in msgspec.json.decode(snapshot)] if snapshot else []


def _lane(account_id: str, entry: dict[str, Any]) -> LaneRow:
    return LaneRow(
        account=account_id,
        operation=entry["operation"],
        rate=entry.get("rate", 0.0),
        burst=entry.get("burst", 0.0),
        level=entry.get("level", 0.0),
        waiting=entry.get("waiting", 0),
        seconds=entry.get("eta", 0.0),
    )
