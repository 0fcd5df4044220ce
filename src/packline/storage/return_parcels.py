"""Easy Ship's parcels that come back, told from their shipments: Seller Central has no returns API for them."""

import asyncpg

from packline.domain.returns import Kind, SeenReturn
from packline.domain.shipment import Shipment
from packline.storage.codec import decode_shipment

SOURCE = "easy_ship"
STATUSES = {
    "REJECTED_BY_BUYER": "CREATED",
    "UNDELIVERABLE": "CREATED",
    "RETURNING_TO_SELLER": "IN_TRANSIT",
    "RETURNED_TO_SELLER": "DELIVERED",
    "DAMAGED": "IN_TRANSIT",
    "LOST": "CANCELLED",
}
"""Where a parcel with an Easy Ship package status is on its way back, in the words of the returns API."""
_COMING = """
select s.state from shipment s
where s.account_id = $1
    and s.sub_status in ('REJECTED_BY_BUYER', 'UNDELIVERABLE', 'RETURNING_TO_SELLER', 'RETURNED_TO_SELLER')
    and not exists (select 1 from return_item r where r.shipment_id = s.id and r.source = 'easy_ship'
        and r.as_of >= s.as_of)
order by s.id limit $2
"""
_LOST = """
select s.state from shipment s
where s.id in (select r.shipment_id from return_item r where r.account_id = $1 and r.source = 'easy_ship'
    and r.status not in ('DELIVERED', 'CANCELLED') and r.as_of < s.as_of) and s.sub_status in ('LOST', 'DAMAGED')
order by s.id limit $2
"""


async def coming_back(pool: asyncpg.Pool, account: str, limit: int) -> list[SeenReturn]:
    """Tell parcels whose shipment says something newer of their way back than what is known; one for each SKU."""
    rows = [*await pool.fetch(_COMING, account, limit), *await pool.fetch(_LOST, account, limit)]
    return [one for row in rows for one in parcels(decode_shipment(row["state"]))]


def parcels(shipment: Shipment) -> list[SeenReturn]:
    """Tell of each SKU of a shipment that it comes back; the buyer never had it."""
    units: dict[str, int] = {}
    for sku, count in shipment.items or (("", 1),):
        units[sku] = units.get(sku, 0) + count
    labels = [package.label for package in shipment.packages if package.label is not None and not package.label.void]
    tracking = (labels[0].carrier, labels[0].tracking_id) if labels else ("", "")
    return [_parcel(shipment, sku, count, *tracking) for sku, count in units.items()]


def _parcel(shipment: Shipment, sku: str, units: int, carrier: str, tracking_id: str) -> SeenReturn:
    status = STATUSES.get(shipment.sub_status, "IN_TRANSIT")
    at = shipment.as_of
    return SeenReturn(
        amazon_id=f"{shipment.amazon_id}:{sku}",
        status=status,
        kind=Kind.ORIGIN,
        as_of=at,
        location=shipment.location,
        sku=sku,
        units=units,
        shipped_from=shipment.location,
        reason=shipment.sub_status,
        order_id=shipment.order_id,
        amazon_shipment=shipment.amazon_id,
        carrier=carrier,
        tracking_id=tracking_id,
        forward_carrier=carrier,
        forward_tracking_id=tracking_id,
        delivered_at=at if status == "DELIVERED" else None,
        source=SOURCE,
    )
