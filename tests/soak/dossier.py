"""What is known of a shipment that is wrong: both sides' history in one file, so that a run need not be repeated."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from packline.bootstrap import Services
from packline.storage.codec import decode_shipment
from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon

AT_MOST = 25
_SHIPMENT = "select id, state, due_at, version, problem from shipment where amazon_id = $1"
_EVENTS = """
select at, xid::text as xid, seq, name, cause, convert_from(data, 'UTF8') as data from event
where shipment_id = $1 order by event.xid, event.seq
"""
_CALLS = "select at, operation, attempt, status, code, ms from call where shipment_id = $1 order by at"
_DOCUMENTS = "select kind, package_id, tracking_id, void, created_at from shipment_document where shipment_id = $1"
_COMMANDS = "select kind, goal, outcome, created_at, settled_at from command where shipment_id = $1 order by created_at"


async def keep(services: Services, sim: Amazon, wrong: list[str], path: Path) -> None:
    """Write down all that is known of the first subjects of `wrong`, whose lines begin with Amazon's id."""
    parts = []
    for line in wrong[:AT_MOST]:
        name = _subject(line)
        parts += [f"##### {line}", await _of(services, name), await asyncio.to_thread(_theirs, sim, name)]
    await asyncio.to_thread(path.write_text, "\n".join(parts))


def _subject(line: str) -> str:
    """Find Amazon's id: a line begins with it, with a rule's name before it, or with the word `return`."""
    first, _, rest = line.partition(": ")
    return rest.partition(":")[0] if "_" in first else first.removeprefix("return ")


async def _of(services: Services, amazon_id: str) -> str:
    row = await services.pool.fetchrow(_SHIPMENT, amazon_id)
    if row is None:
        return "Packline does not know it."
    lines = [f"due {row['due_at']} version {row['version']} {row['problem']}", _json(decode_shipment(row["state"]))]
    for sql in (_EVENTS, _CALLS, _DOCUMENTS, _COMMANDS):
        lines += [" ".join(str(value) for value in one) for one in await services.pool.fetch(sql, row["id"])]
    return "\n".join(lines)


def _theirs(sim: Amazon, name: str) -> str:
    for what in ("shipments", "orders", "returns"):
        try:
            return _json(sim.control.get(what, name))
        except SimulatorError:
            continue
    return "The simulator does not know it."


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
