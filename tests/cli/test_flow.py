"""Flows in the shell."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg

Say = Callable[..., Any]


async def test_a_silent_flow_is_listed_and_named_by_the_doctor(say: Say, pool: asyncpg.Pool):
    """With its probable cause and what to do; where all is well, that is said."""
    assert "Nobody has looked yet" in (await say("flow", "list")).out
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    await pool.execute(
        "insert into flow (account_id, name, subject, last_at, expected_at, silent_since, cause, says) values"
        " ('acme', 'orders', '', $1, $1, $1, 'no_orders', 'Simply no orders.'),"
        " ('acme', 'polling', 'BLR1 ACCEPTED', $1, $1, null, '', '')",
        now,
    )
    [row] = (await say("flow", "list", "--silent", "--json")).rows
    assert (row["flow"], row["state"], row["cause"]) == ("orders", "silent", "no_orders")
    assert len((await say("flow", "list", "acme", "--json")).rows) == 2
    said = await say("doctor", "--json")
    [finding] = [row for row in said.rows if row["check"] == "silent flow"]
    assert (finding["state"], finding["says"]) == ("bad", "orders of acme: nothing since 2026-11-21 12:00 UTC")
    assert finding["cure"] == "Simply no orders."
