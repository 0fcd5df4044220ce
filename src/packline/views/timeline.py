"""The timeline of a shipment: Amazon's news, our calls and people's acts in one column, the newest first."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.explain import Attempt, Explanation, Lane, explain
from packline.ports import Gateway
from packline.views.paging import Rows, decode_cursor, encode_cursor, moment_of
from packline.views.quotas import lanes_of
from packline.views.rows import EntryRow
from packline.views.shipments import load

_EVENTS = """
select at, seq, name, cause, data from event
where shipment_id = $1 and ($2::timestamptz is null or at < $2) order by seq desc limit $3
"""
_CALLS = """
select at, operation, attempt, status, code, ms, request_id from call
where shipment_id = $1 and ($2::timestamptz is null or at < $2) order by at desc limit $3
"""
TRIED = 5  # calls that an explanation names
_SAYS = ("reason", "message", "tracking_id", "package_id", "goal", "outcome", "proof", "to", "option_id")


async def timeline(
    pool: asyncpg.Pool, shipment_id: str, *, limit: int = 100, after: str | None = None
) -> Rows[EntryRow]:
    """Merge the last events and calls of a shipment; `after` goes further back."""
    before = moment_of(decode_cursor(after)[0]) if after else None
    events = [_event(row) for row in await pool.fetch(_EVENTS, shipment_id, before, limit + 1)]
    calls = [_call(row) for row in await pool.fetch(_CALLS, shipment_id, before, limit + 1)]
    merged = sorted(events + calls, key=lambda entry: entry["at"], reverse=True)
    page = _whole_moments(merged, limit)
    following = encode_cursor(page[-1]["at"]) if len(merged) > len(page) else None
    return Rows(page, following)


async def explained(pool: asyncpg.Pool, gateway: Gateway, now: datetime, shipment_id: str) -> Explanation:
    """Say in plain words where a shipment stands, what it waits for and what was tried."""
    shipment = await load(pool, shipment_id)
    calls = [
        Attempt(row["at"], row["operation"], row["status"], row["code"] or "", row["request_id"] or "")
        for row in await pool.fetch(_CALLS, shipment_id, None, TRIED)
    ]
    lanes = [
        Lane(lane["operation"], lane["waiting"], lane["seconds"])
        for lane in await lanes_of(pool, gateway, shipment.account, now)
    ]
    return explain(shipment, gateway.program_for(shipment), now, calls, lanes)


def _whole_moments(merged: list[EntryRow], limit: int) -> list[EntryRow]:
    """Cut a page between two moments, so that the next page begins with an earlier one."""
    if len(merged) <= limit:
        return merged
    last = merged[limit - 1]["at"]
    return [entry for entry in merged if entry["at"] >= last]


def _event(row: Any) -> EntryRow:
    return EntryRow(
        at=row["at"],
        what="event",
        name=row["name"],
        cause=row["cause"],
        text=_sentence(msgspec.json.decode(row["data"]).get("event", {})),
        status=None,
        ms=None,
        request_id=None,
    )


def _call(row: Any) -> EntryRow:
    code = f" {row['code']}" if row["code"] else ""
    attempt = f", attempt {row['attempt']}" if row["attempt"] > 1 else ""
    return EntryRow(
        at=row["at"],
        what="call",
        name=row["operation"],
        cause="packline",
        text=f"{row['status'] or 'no answer'}{code}{attempt}",
        status=row["status"],
        ms=row["ms"],
        request_id=row["request_id"],
    )


def _sentence(event: dict[str, Any]) -> str:
    slot = _slot(event)
    parts = [str(event[key]) for key in _SAYS if event.get(key) and not (slot and key == "option_id")]
    parts += [slot] if slot else []
    label = event.get("label") or {}
    problem = event.get("problem") or {}
    parts += [str(value) for value in (label.get("tracking_id"), problem.get("message")) if value]
    parts += [f"{field}: {before} → {after}" for field, before, after in event.get("changes", ())]
    return ", ".join(parts)


def _slot(event: dict[str, Any]) -> str:
    """Say which handover was chosen, where Amazon's option has a window; its id says nothing to people."""
    chosen: dict[str, Any] = next((o for o in event.get("options", ()) if o.get("id") == event.get("option_id")), {})
    window = chosen.get("window") or {}
    if not window:
        return ""
    start, end = (datetime.fromisoformat(window[side]).astimezone(UTC) for side in ("start", "end"))
    return f"{window.get('method') or 'handover'} {start:%d %b %H:%M}-{end:%H:%M} UTC"
