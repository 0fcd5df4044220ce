"""The support bundle: everything that Amazon's support asks for of one shipment, in one file, without personal data."""

import csv
import io
import zipfile
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.ports import Gateway
from packline.views import calls, shipments, timeline
from packline.views.rows import EntryRow

CALLS = 500
ENTRIES = 500
MEDIA_TYPE = "application/zip"
_COLUMNS = ("at", "operation", "attempt", "status", "code", "ms", "request_id", "quota_left")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can say: the same facts give the same bytes


async def facts(pool: asyncpg.Pool, gateway: Gateway, now: datetime, shipment_id: str) -> dict[str, Any]:
    """Gather the shipment (without its address), its timeline, and its calls with their redacted bodies."""
    detail = await shipments.detail(pool, gateway, now, shipment_id, with_address=False)
    entries = await timeline.timeline(pool, shipment_id, limit=ENTRIES)
    return {
        "made_at": now,
        "shipment": detail,
        "timeline": entries.items,
        "calls": await calls.bundle(pool, shipment_id, CALLS),
    }


async def bundle(pool: asyncpg.Pool, gateway: Gateway, now: datetime, shipment_id: str) -> tuple[str, bytes]:
    """Make the file; gives its name and its bytes (ZIP).

    Raises NotFound.
    """
    told = await facts(pool, gateway, now, shipment_id)
    name = f"packline-{told['shipment']['amazon_id']}"
    files = {
        "README.txt": _readme(told),
        "calls.csv": _table(told["calls"]),
        "calls.json": _pretty(told["calls"]),
        "shipment.json": _pretty(told["shipment"]),
        "timeline.json": _pretty(told["timeline"]),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}", _EPOCH), content)
    return f"{name}.zip", made.getvalue()


def _readme(told: dict[str, Any]) -> bytes:
    row = told["shipment"]
    failed = [call for call in told["calls"] if not 200 <= call["status"] < 300]
    lines = [
        f"Shipment {row['amazon_id']} of order {row['order_id']}.",
        f"Marketplace {row['marketplace']}, location {row['location']}.",
        f"Status {row['status']} as of {row['as_of']:%Y-%m-%dT%H:%M:%SZ}. {row['sentence']}",
        "",
        f"{len(told['calls'])} calls, {len(failed)} of them not answered 2xx. Request ids, the newest first:",
        *(_line(call) for call in told["calls"]),
        "",
        "Bodies in calls.json were redacted when they were stored: no address, no name, no token.",
        f"Made by Packline at {told['made_at']:%Y-%m-%dT%H:%M:%SZ}. All times are UTC.",
    ]
    return ("\n".join(lines) + "\n").encode()


def _line(call: dict[str, Any]) -> str:
    answer = f"{call['status'] or 'no answer'} {call['code']}".strip()
    return f"  {call['at']:%Y-%m-%dT%H:%M:%S.%fZ}  {call['operation']}  {answer}  {call['request_id'] or '-'}"


def _table(rows: list[dict[str, Any]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    writer.writerows([row[column] for column in _COLUMNS] for row in rows)
    return written.getvalue().encode()


def _pretty(value: dict[str, Any] | list[dict[str, Any]] | list[EntryRow]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
