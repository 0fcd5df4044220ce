"""The people of a day of Easy Ship: buyers who order and cancel, packers, and Amazon, which takes labels back."""

import asyncio
import random
from collections import Counter, defaultdict
from contextlib import suppress

from packline.bootstrap import Services
from packline.commands.order import Order
from packline.commands.pack import Pack, PackageRequest
from packline.commands.reject import Reject
from packline.commands.reschedule import Reschedule
from packline.domain.shipment import PackageLine
from packline.domain.values import Box
from packline.errors import PacklineError
from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, Seller

IN = "A21TJRUUN4KGV"
AT_ONCE = 500
BOX = Box(20, 15, 10, 400)
FATES = {
    "buyer cancels": 0.03,
    "buyer asks": 0.03,
    "label cancelled at once": 0.02,
    "label cancelled later": 0.02,
    "another slot": 0.03,
}
"""What happens to which part of the orders; the rest is packed and goes."""
_NEW = "select id, amazon_id from shipment where status = 'ACCEPTED' and goal is null order by received_at limit $1"
_LABELED = """
select id, amazon_id, exists (select 1 from shipment_document d where d.shipment_id = s.id and d.kind = 'ship_label'
    and not d.void) as has_papers from shipment s where status = 'SHIPLABEL_GENERATED' and amazon_id = any($1::text[])
"""


class People:
    """Let everybody do their part, a round at a time; each order's fate is drawn when it is placed."""

    def __init__(self, services: Services, sim: Amazon, shop: Seller, seed: int = 11) -> None:
        self._services, self._sim, self._shop = services, sim, shop
        self._draw = random.Random(seed)
        self._waiting: dict[str, set[str]] = defaultdict(set)
        self.fate: dict[str, str] = {}
        self.done: Counter[str] = Counter()
        self.refusals: list[PacklineError] = []

    async def order(self, count: int) -> None:
        """Let buyers order."""
        for placed in await asyncio.to_thread(self._shop.central_orders, count, marketplace_id=IN):
            kind = self._draw.choices([*FATES, "plain"], [*FATES.values(), 1 - sum(FATES.values())])[0]
            self.fate[placed.order_id] = kind
            self._waiting[kind].add(placed.order_id)

    async def round(self) -> None:
        """Do what is to be done now."""
        await self._buyers()
        await self._packers()
        await self._amazon()

    async def _buyers(self) -> None:
        """One cancels before, while or after the order is packed; another asks the seller to."""
        for order in [o for o in self._waiting["buyer cancels"] if self._draw.random() < 0.1]:
            self._waiting["buyer cancels"].discard(order)
            with suppress(SimulatorError):  # it is with the carrier already
                await asyncio.to_thread(self._sim.central_order(order).cancel)
                self.done["buyer cancelled"] += 1
        for order in self._take("buyer asks"):
            await asyncio.to_thread(self._sim.central_order(order).request_cancel)
            self.done["buyer asked"] += 1

    async def _packers(self) -> None:
        rows = await self._services.pool.fetch(_NEW, AT_ONCE)
        orders = [await self._command(row["id"], self.fate[row["amazon_id"]]) for row in rows]
        await self._give(orders)

    async def _command(self, shipment: str, fate: str) -> Order:
        if fate == "buyer asks":
            return Order(shipment, Reject("CUSTOMER_REQUESTED"), key=f"reject-{shipment}")
        body = await self._services.shipments.body(shipment)
        assert body is not None
        known = (await self._services.shipments.load([shipment]))[shipment]
        lines = self._services.gateway.details(body, known.api).lines
        box = PackageRequest(BOX, tuple(PackageLine(line.id, line.units) for line in lines))
        return Order(shipment, Pack((box,)), key=f"pack-{shipment}")

    async def _amazon(self) -> None:
        """Amazon takes labels back, and the warehouse wishes for other slots, once there are labels."""
        fates = ("label cancelled at once", "label cancelled later", "another slot")
        wanted = [order for fate in fates for order in self._waiting[fate]]
        moved = []
        for row in await self._services.pool.fetch(_LABELED, wanted):
            order, fate = row["amazon_id"], self.fate[row["amazon_id"]]
            if fate == "label cancelled at once" or (fate == "label cancelled later" and row["has_papers"]):
                self._waiting[fate].discard(order)
                with suppress(SimulatorError):
                    await asyncio.to_thread(self._sim.central_order(order).cancel_label)
                    self.done["label taken back"] += 1
            elif fate == "another slot" and row["has_papers"]:
                self._waiting[fate].discard(order)
                moved.append(Order(row["id"], Reschedule(), key=f"move-{row['id']}"))
        await self._give(moved)

    async def _give(self, orders: list[Order]) -> None:
        for order, answer in zip(orders, await self._services.desk.give_many(orders) if orders else [], strict=True):
            if isinstance(answer, PacklineError):
                self.refusals.append(answer)
            else:
                self.done[type(order.request).__name__] += 1

    def _take(self, fate: str) -> list[str]:
        taken, self._waiting[fate] = sorted(self._waiting[fate]), set()
        return taken
