"""What a reference names: shipments by our id, Amazon's or the order's, packages by tracking id, manifests."""

from collections.abc import Sequence

import asyncpg

from packline.ports.printing import Target

_FIND = """
with asked as (select unnest($1::text[]) as reference)
select reference, id, account_id, location_id, '' as package_id, '' as tracking_id
    from asked join shipment on id = reference
union select reference, id, account_id, location_id, '', '' from asked join shipment on amazon_id = reference
union select reference, id, account_id, location_id, '', '' from asked join shipment on order_id = reference
union select reference, s.id, s.account_id, s.location_id, l.package_id, l.tracking_id
    from asked join package_label l on l.tracking_id = reference join shipment s on s.id = l.shipment_id
union select reference, s.id, s.account_id, s.location_id, m.package_id, m.tracking_id
    from asked join manifest_package m on m.manifest_id = reference and not m.left_behind
    join shipment s on s.id = m.shipment_id
"""


async def find_targets(pool: asyncpg.Pool, references: Sequence[str]) -> list[Target]:
    """Find everything that the references name; what names nothing is not there."""
    rows = await pool.fetch(_FIND, list(dict.fromkeys(references)))
    return [
        Target(r["reference"], r["id"], r["account_id"], r["location_id"], r["package_id"], r["tracking_id"])
        for r in rows
    ]
