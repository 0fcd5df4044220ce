"""Which shipment replaces or exchanges which: written with the new one, and told to the old one."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec.structs import replace

from packline.domain.shipment import Shipment
from packline.domain.values import Value
from packline.storage.codec import decode_shipment, encode_json, encode_shipment, summary

REPLACED = "shipment.replaced"
_LINK = """
insert into shipment_link (shipment_id, account_id, original_id, kind)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict (shipment_id) do nothing
"""
_ORIGINALS = """
select state from shipment where account_id = $1 and amazon_id = any($2::text[]) order by id for no key update
"""
_MOVE = """
update shipment s set version = n.version, state = n.state, updated_at = $4
from (select unnest($1::text[]) as id, unnest($2::int[]) as version, unnest($3::bytea[]) as state) n where s.id = n.id
"""
_TELL = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
values ($1, $2, $3, $4, $5, 'amazon', $6)
"""


class Replaced(Value, frozen=True, tag="replaced"):
    """Another shipment was made in place of this one: `kind` is REPLACEMENT (same SKUs) or EXCHANGE (others)."""

    kind: str
    by: str
    by_amazon_id: str


async def originals_of(connection: asyncpg.Connection, new: Sequence[Shipment]) -> dict[str, Shipment]:
    """Lock and read what new shipments of one account replace, by Amazon's id; the first thing of a transaction.

    A transaction that has written before it waits here would tell of an older version after a newer one.
    """
    rows = await connection.fetch(_ORIGINALS, new[0].account, [s.original_id for s in new])
    return {found.amazon_id: found for found in (decode_shipment(row["state"]) for row in rows)}


async def link(
    connection: asyncpg.Connection, new: Sequence[Shipment], originals: dict[str, Shipment], now: datetime
) -> None:
    """Link new shipments of one account to those that they replace, inside the caller's transaction.

    An original that is known is told by an event, as its next version; one that is not (another channel's, or long
    gone) is only named.
    """
    if not new:
        return
    columns = [(s.id, s.account, s.original_id or "", s.kind) for s in new]
    await connection.execute(_LINK, *(list(column) for column in zip(*columns, strict=True)))
    moved: dict[str, Shipment] = {}
    for shipment in new:
        original = moved.get(shipment.original_id or "") or originals.get(shipment.original_id or "")
        if original is not None:
            original = moved[original.amazon_id] = replace(original, version=original.version + 1)
            event = Replaced(shipment.kind, shipment.id, shipment.amazon_id)
            data = encode_json({"event": event, "shipment": summary(original)})
            await connection.execute(_TELL, now, original.account, original.id, original.location, REPLACED, data)
    told = list(moved.values())
    versions, states = [s.version for s in told], [encode_shipment(s) for s in told]
    await connection.execute(_MOVE, [s.id for s in told], versions, states, now)
