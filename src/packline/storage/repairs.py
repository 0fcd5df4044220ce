"""Differences of reconciliations, and repairs that are rows only (implements `commands.reconciliations.Repairs`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from packline.domain.books.entries import Repair
from packline.ports.reconciliations import Item
from packline.storage.codec import decode_shipment, encode_json, summary
from packline.storage.returns import EVENTS, decode_return, event_columns
from packline.storage.returns import summary as return_summary
from packline.storage.wake import ring

_ITEMS = """
select id, account_id, repair, item, amazon_id, order_id, mended_at is not null or outcome = 'asked' as is_mended
from reconciliation_item
where run_id = $1 and case when $2::bigint[] is null then repair <> '' and mended_at is null and outcome <> 'asked'
    else id = any($2) end
order by id limit $3
"""
_DONE = """
update reconciliation_item i set outcome = d.outcome, mended_at = $3, mended_by = $4
from unnest($1::bigint[], $2::text[]) as d(id, outcome) where i.id = d.id
"""
_RETURNS = """
select id, account_id, location_id, shipment_id, received_units, restocked_units, state from return_item
where id = any($1::text[])
"""
Row = tuple[str, str | None, str | None, str, str, bytes]


class Repairs:
    """Differences and what became of them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def items(self, run: str, wanted: Sequence[int] | None, limit: int) -> list[Item]:
        """Read differences of a run: those named, else all that a machine can mend and that are not mended."""
        rows = await self._pool.fetch(_ITEMS, run, None if wanted is None else list(wanted), limit)
        return [
            Item(
                row["id"],
                row["account_id"],
                Repair(row["repair"]),
                row["item"],
                row["amazon_id"],
                row["order_id"],
                row["is_mended"],
            )
            for row in rows
        ]

    async def ask_to_take(self, account: str, items: Sequence[int], by: str) -> None:
        """Have the account's owner write what Amazon said."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "update reconciliation_item set outcome = 'asked', mended_by = $2 where id = any($1::bigint[])",
                list(items),
                by,
            )
            await ring(connection, [account])

    async def tell_again(self, items: Sequence[Item], now: datetime) -> None:
        """Tell of shipments and returns again, as they are now."""
        names = [one.item for one in items if one.item]
        if not names:
            return
        shipments = await self._pool.fetch("select id, state from shipment where id = any($1::text[])", names)
        returns = await self._pool.fetch(_RETURNS, names)
        rows = [*(_shipment(row["state"]) for row in shipments), *(_return(row) for row in returns)]
        await self._pool.execute(EVENTS, now, *event_columns(rows))

    async def done(self, outcomes: Sequence[tuple[int, str]], by: str, now: datetime) -> None:
        """Note what became of repairs."""
        if outcomes:
            await self._pool.execute(_DONE, [one for one, _ in outcomes], [said for _, said in outcomes], now, by)


def _shipment(state: bytes) -> Row:
    shipment = decode_shipment(state)
    told = {"type": "repeated", "reason": "Told again by a reconciliation."}
    data = encode_json({"event": told, "shipment": summary(shipment)})
    return shipment.account, shipment.id, shipment.location, "shipment.repeated", "command", data


def _return(row: Any) -> Row:
    told = {"type": "repeated", "reason": "Told again by a reconciliation."}
    seen = decode_return(row["state"])
    about = return_summary(row["id"], seen, row["shipment_id"], row["received_units"], row["restocked_units"])
    data = encode_json({"event": told, "return": about})
    return row["account_id"], row["shipment_id"], row["location_id"] or None, "return.repeated", "command", data
