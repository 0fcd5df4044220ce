"""What shipments took from the ledger, line by line: read under lock, written beside the entries."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from packline.domain.inventory.journey import Line, Stage, Taken
from packline.domain.inventory.ledger import Key
from packline.domain.panel import Scan

_TAKEN = """
select * from stock_allocation where shipment_id = any($1::text[]) order by shipment_id, line for update
"""
_SAVE = """
insert into stock_allocation (shipment_id, line, account_id, place, merchant_sku, pool, location, sku, units, stage,
    version, scanned, unscanned, updated_at)
select *, $14 from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::int[], $10::text[], $11::int[], $12::bytea[], $13::int[])
on conflict (shipment_id, line) do update set units = excluded.units, stage = excluded.stage,
    version = excluded.version, merchant_sku = excluded.merchant_sku, pool = excluded.pool,
    location = excluded.location, sku = excluded.sku, scanned = excluded.scanned, unscanned = excluded.unscanned,
    updated_at = excluded.updated_at
"""
_FORGET = """
delete from stock_allocation a using unnest($1::text[], $2::int[]) as n(id, lines)
where a.shipment_id = n.id and a.line >= n.lines
"""
_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(tuple[Scan, ...]).decode


async def taken_by(connection: asyncpg.Connection, shipments: Sequence[str]) -> dict[str, Taken]:
    """Read and lock what shipments took; those that took nothing yet are left out."""
    found: dict[str, Taken] = {}
    for row in await connection.fetch(_TAKEN, shipments):
        known = found.get(row["shipment_id"])
        key = Key(row["pool"], row["location"], row["sku"])
        scans = _read(row["scanned"]) if row["scanned"] is not None else ()
        line = Line(row["merchant_sku"], row["units"], key, scans)
        lines = (*(known.lines if known else ()), line)
        found[row["shipment_id"]] = Taken(
            row["shipment_id"], row["account_id"], row["place"], lines, Stage(row["stage"]), row["version"]
        )
    return found


async def save(connection: asyncpg.Connection, moved: Sequence[Taken], now: datetime) -> None:
    """Write what shipments have taken now, instead of what they had."""
    rows = [
        (
            t.shipment,
            n,
            t.account,
            t.place,
            line.merchant_sku,
            *line.key,
            line.units,
            t.stage.value,
            t.version,
            _write(line.scans) if line.scans else None,
            line.unscanned,
        )
        for t in moved
        for n, line in enumerate(t.lines)
    ]
    if not rows:
        return
    await connection.execute(_SAVE, *(list(column) for column in zip(*rows, strict=True)), now)
    counts = {t.shipment: len(t.lines) for t in moved}
    await connection.execute(_FORGET, list(counts), list(counts.values()))
