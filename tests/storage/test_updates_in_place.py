"""The table of shipments is written where it stands: what its indexes may name, and how the driver finds its work."""

import asyncpg

from builders import NOON
from packline.storage.shipments import _DUE

_NAMED = """
select i.indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid
where i.indrelid = 'shipment'::regclass and a.attname = any($1::text[]) and (a.attnum = any(i.indkey)
    or pg_get_expr(i.indpred, i.indrelid) ~ ('\\m' || a.attname || '\\M'))
"""


async def test_no_index_names_what_changes_with_every_step(pool: asyncpg.Pool):
    """An index that names the status, be it in its condition, would let six updates a minute write into all indexes."""
    assert not await pool.fetch(_NAMED, ["status", "version", "state", "updated_at", "as_of"])
    assert await pool.fetch(_NAMED, ["stage"])  # the question itself finds what there is


async def test_work_that_somebody_waits_for_is_found_without_all_other(pool: asyncpg.Pool):
    """Each half of the question has an index of its own, however many documents of strangers are still to come."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        plan = await connection.fetch(f"explain {_DUE}", ["acme-in"], [NOON], [50], [""])
    told = "\n".join(row[0] for row in plan)
    assert "using shipment_urgent" in told
    assert "using shipment_patient" in told
