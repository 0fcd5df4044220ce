"""The carrier is quicker than a wish for another label or slot: it is told and closed, and is on nobody's list."""

import asyncio
from pathlib import Path

import pytest

from e2e.patience import holds, until
from e2e.stage import IN, Packer, amazon, open_account, open_seller_central, settings
from e2e.test_easy_ship import _pack as pack_central
from e2e.test_returns import working
from packline.bootstrap import open_services
from packline.commands.order import Order
from packline.commands.relabel import Relabel
from packline.commands.reschedule import Reschedule

pytestmark = pytest.mark.e2e
_LABELLED = "select count(*) = 2 from shipment where status = 'SHIPLABEL_GENERATED' and due_at is null"
_SETTLED = "select count(*) = 2 from command where status = 'settled' and kind in ('relabel', 'reschedule')"
_TOLD = """
select c.kind, c.outcome, s.status, s.problem, (select count(*) from event e where e.shipment_id = s.id
    and e.name = 'package.label_failed') as without
from shipment s join command c on c.shipment_id = s.id and c.kind in ('relabel', 'reschedule') order by 1
"""


async def test_a_parcel_that_left_meanwhile_asks_for_nobody(database_url: str, tmp_path: Path) -> None:
    """A label asked for anew, and another slot at Seller Central, while the worker is away and the carrier comes."""
    with amazon() as sim:
        shop, central = (sim.create_seller(name, region="EU", marketplace_ids=[IN]) for name in ("One", "Two"))
        for seller in (shop, central):
            seller.add_location()
            seller.add_sku(stock=1000)
        parcel, order = shop.order(program="SELLER_FLEX"), central.central_order()
        sim.clock.advance(150)  # searchOrders tells of updates that are two minutes old
        async with open_services(settings(database_url, tmp_path)) as services:
            await open_account(services, sim, shop, "off")
            await open_seller_central(services, sim, central, "off")
            packer = Packer(services)

            async def are_labelled() -> bool:
                await packer.once()
                await pack_central(services)
                return bool(await services.pool.fetchval(_LABELLED))

            async with working(services):
                await until(are_labelled)
            await asyncio.to_thread(parcel.scan)
            await asyncio.to_thread(order.scan)
            names = {row["amazon_id"]: row["id"] for row in await services.pool.fetch("select * from shipment")}
            asked = [Order(names[parcel.shipment_id], Relabel()), Order(names[order.order_id], Reschedule())]
            assert not [one for one in await services.desk.give_many(asked) if isinstance(one, Exception)]
            async with working(services):
                await holds(services, _SETTLED)
            told = [tuple(row) for row in await services.pool.fetch(_TOLD)]
            assert told == [
                ("relabel", "rejected", "SHIPPED", None, 1),
                ("reschedule", "rejected", "SHIPPED", None, 0),
            ]
            stuck = "select count(*) from event where name in ('shipment.stuck', 'shipment.anomaly')"
            assert await services.pool.fetchval(stuck) == 0
        sim.check()
