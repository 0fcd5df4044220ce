"""A driver with everything in memory, and the shipments that its tests move."""

from typing import Any

from builders import EASY_SHIP, package, toward
from fakes import FakeClock, FakeGateway, FakeStore, id_of
from packline.domain.apply import receive
from packline.domain.shipment import Goal, Shipment
from packline.driver.drain import Drain
from packline.driver.group_commit import Committer
from packline.driver.ownership import Room
from packline.driver.pace import Pace
from packline.driver.tools import Tools

__all__ = ["Shop", "id_of", "receive"]


class Shop:
    """One account with its stores, its Amazon and its driver."""

    def __init__(self, *shipments: Shipment, **pace: Any) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.amazon = FakeGateway(self.clock)
        store = self.store
        self.committer = Committer(store, self.clock)
        self.tools = Tools(store, store, store, store, self.amazon, self.clock, self.committer, Pace(**pace))
        for shipment in shipments:
            self.add(shipment)

    def add(self, shipment: Shipment) -> None:
        """Let Amazon and the store have this shipment, due now."""
        self.store.put(self.amazon.know(shipment))

    async def drain(self) -> Drain:
        """Take the account and give the drain that will work for it."""
        ownership = await self.store.take("acme-in", "test", self.clock.now())
        assert ownership is not None
        return Drain(self.tools, self.store.account_rows["acme-in"], ownership, Room(self.tools.pace))

    async def work(self) -> int:
        """Drain the account until it is idle."""
        return int(await self.clock.during((await self.drain()).run()))

    async def work_for(self, minutes: float) -> None:
        """Drain again and again for so long, as the sweep makes it happen."""
        end = self.clock.now().timestamp() + minutes * 60
        while self.clock.now().timestamp() < end:
            await self.work()
            await self.clock.during(self.clock.sleep(1))

    def row(self, amazon_id: str = "S-1") -> Shipment:
        """Read a shipment as it is stored."""
        return self.store.rows[id_of(amazon_id)]


def order(number: int = 1, goal: Goal = Goal.LABELED, **given: Any) -> Shipment:
    """Build a shipment of Easy Ship with one box and a goal."""
    made = toward(goal, "ACCEPTED", EASY_SHIP, packages=(package(),), **given)
    from msgspec.structs import replace

    amazon_id = f"S-{number}"
    return replace(made, id=id_of(amazon_id), amazon_id=amazon_id)
