"""The audit in PostgreSQL: append-only, a partition a month, kept as long as the setting says."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from packline.domain.audit import Entry, Seen

_ADD = """
insert into audit (at, who, kind, act, subject, shipment_id, account_id, location_id, address, outcome)
select $1, $2, $3, $4, $5, n.shipment, coalesce($7, s.account_id), coalesce($8, s.location_id), $9, $10
from (select $6::text as shipment) n left join shipment s on s.id = n.shipment returning id
"""
_LOOKED = """
insert into audit (at, who, kind, act, subject, shipment_id, account_id, location_id, address, outcome)
select $1, $2, 'look', l.look, l.subject, nullif(l.shipment, ''), s.account_id, s.location_id, $3, 'seen'
from unnest($4::text[], $5::text[], $6::text[]) with ordinality as l(look, shipment, subject, place)
left join shipment s on s.id = l.shipment order by l.place
"""


class Audit:
    """Who did what and who saw what."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    async def begin(self, entry: Entry) -> str:
        """Write an act down before it is done; give the entry's id."""
        return await add(self._pool, entry)

    async def end(self, entry: str, at: datetime, outcome: str) -> None:
        """Add what came of an act; `at` is when it was begun."""
        await self._pool.execute("update audit set outcome = $3 where at = $1 and id = $2", at, entry, outcome)

    async def looked(self, at: datetime, who: str, seen: Sequence[Seen], address: str = "") -> None:
        """Write down what somebody is about to see, one entry for each shipment and kind, in one statement."""
        if seen:
            looks, shipments, subjects = zip(*seen, strict=True)
            given = ([look.value for look in looks], list(shipments), list(subjects))
            await self._pool.execute(_LOOKED, at, who, address, *given)


async def add(connection: "asyncpg.Pool | asyncpg.Connection", entry: Entry) -> str:
    """Write one entry, in the transaction of the connection where there is one; give its id."""
    name: str = await connection.fetchval(
        _ADD, entry.at, entry.who, entry.kind.value, entry.act, entry.subject, entry.shipment, entry.account,
        entry.location, entry.address, entry.outcome,
    )  # fmt: skip
    return name
