"""Which shipment replaces or exchanges which: written with the new one, and told to the old one."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.domain.shipment import Shipment
from packline.domain.values import Value
from packline.storage.codec import decode_shipment, encode_json, summary

REPLACED = "shipment.replaced"
_LINK = """
insert into shipment_link (shipment_id, account_id, original_id, kind)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) on conflict (shipment_id) do nothing
"""
_ORIGINALS = "select id, amazon_id, state from shipment where account_id = $1 and amazon_id = any($2::text[])"
_TELL = """
insert into event (at, account_id, shipment_id, location_id, name, cause, data)
values ($1, $2, $3, $4, $5, 'amazon', $6)
"""


class Replaced(Value, frozen=True, tag="replaced"):
    """Another shipment was made in place of this one: `kind` is REPLACEMENT (same SKUs) or EXCHANGE (others)."""

    kind: str
    by: str
    by_amazon_id: str


async def link(connection: asyncpg.Connection, new: Sequence[Shipment], now: datetime) -> None:
    """Link new shipments of one account to those that they replace, inside the caller's transaction.

    An original that is known is told by an event; one that is not (another channel's, or long gone) is only named.
    """
    if not new:
        return
    columns = [(s.id, s.account, s.original_id or "", s.kind) for s in new]
    await connection.execute(_LINK, *(list(column) for column in zip(*columns, strict=True)))
    rows = await connection.fetch(_ORIGINALS, new[0].account, [s.original_id for s in new])
    originals = {row["amazon_id"]: decode_shipment(row["state"]) for row in rows}
    for shipment in new:
        original = originals.get(shipment.original_id or "")
        if original is not None:
            event = Replaced(shipment.kind, shipment.id, shipment.amazon_id)
            data = encode_json({"event": event, "shipment": summary(original)})
            await connection.execute(_TELL, now, original.account, original.id, original.location, REPLACED, data)
