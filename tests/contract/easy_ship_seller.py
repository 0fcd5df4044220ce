"""A seller of Seller Central in the simulator, with Packline's own gateway and feeds for it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from contract.simulator import RunningSimulator
from packline.amazon.seller_central import capabilities
from packline.amazon.seller_central.feeds import SellerCentralFeeds
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.kept_fields import KEPT_FIELDS
from packline.amazon.seller_central.papers import apart
from packline.amazon.spapi.client import ClientConfig
from packline.amazon.spapi.clock import SystemClock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.http1 import Http1Transport
from packline.domain.details import Line
from packline.domain.location import Account, Credentials, Region
from packline.domain.reports import Done, Failed, Seen
from packline.domain.shipment import Package, PackageLine, Shipment, Status
from packline.domain.step import Step, StepKind
from packline.domain.values import Box, shipment_id
from packline.ports import Call
from packline_sim.faults import FaultRule
from packline_sim.orders.specs import OrderSpec
from packline_sim.specs import SellerSpec, SkuSpec

INDIA, UAE, POLAND, JAPAN = "A21TJRUUN4KGV", "A2VIGQ35RCS4UG", "A1C3SOZRARQ6R3", "A1VC38T7YXB528"
LONG_AGO = datetime(2026, 11, 20, tzinfo=UTC)
BOX = Box(30, 20, 10, 850)


class Seller:
    """One seller of Seller Central: the world's side, and Packline's gateway for it."""

    def __init__(self, simulator: RunningSimulator, marketplace: str, orders_api: str, region: str) -> None:
        self.simulator, self.marketplace, self.world = simulator, marketplace, simulator.world
        spec = SellerSpec(name="Contract Seller", region=region, marketplace_ids=(marketplace,))
        self.keys = simulator.call(self.world.create_seller, spec)
        simulator.call(self.world.create_sku, self.keys.seller_id, SkuSpec(sku="MUG RED/1", title="Red mug", stock=50))
        self.orders_api, self.transport = orders_api, Http1Transport()
        self.doors = Doors(self.transport, SystemClock(), self._directory, KEPT_FIELDS, ClientConfig(timeout=5))
        self.gateway = SellerCentralGateway(self.doors, SystemClock(), capabilities.load(), apart.split_apart)
        self.feeds = SellerCentralFeeds(self.doors, SystemClock(), self._log)
        self.calls: list[Call] = []

    async def _log(self, calls: Sequence[Call]) -> None:
        self.calls += calls

    async def _directory(self, _: str) -> tuple[Account, Credentials]:
        region = Region(self.world.region_of(self.keys.seller_id))
        account = Account(
            id="acme", name="Acme", seller_id=self.keys.seller_id, region=region,
            marketplaces=(self.marketplace,), endpoint=self.simulator.address,
            token_url=self.simulator.address + "/auth/o2/token", application_id="app", usage_plan="off",
            api="seller_central", orders_api=self.orders_api,
        )  # fmt: skip
        return account, Credentials(self.keys.client_id, self.keys.client_secret, self.keys.refresh_token)

    async def close(self) -> None:
        """End the connections and the reading process."""
        await self.transport.close()
        await apart.room().close()

    def order(self, **spec: object) -> str:
        """Have a buyer order a mug and give the order's id."""
        (made,) = self.simulator.call(
            self.world.create_orders, self.keys.seller_id, OrderSpec(**({"sku": "MUG RED/1", "quantity": 2} | spec))
        )
        return made.order_id

    def later(self, minutes: float) -> None:
        """Let Amazon's time pass."""
        self.simulator.call(self.world.clock.advance, minutes * 60)

    def switch(self, **values: str) -> None:
        """Decide doubts about Amazon."""
        self.simulator.call(self.world.switches.update, values)

    def fault(self, kind: str, operation: str) -> None:
        """Let the next call of an operation go wrong."""
        rule = FaultRule(kind=kind, operations=(operation,), seller_id=self.keys.seller_id, limit=1)
        self.simulator.call(self.world.faults.add, rule)

    async def perform(self, shipment: Shipment, kind: StepKind, option: str | None = None) -> Done | Seen | Failed:
        """Make one step and give its report."""
        step = Step(kind, (("PKG-1", 1),), option)
        return (await self.gateway.perform("acme", shipment, step)).report

    async def lines(self, order_id: str) -> tuple[Line, ...]:
        """Read an order's lines."""
        ((_, body),) = (await self.gateway.read_one("acme", order_id)).entries
        return self.gateway.details(body).lines

    async def shipment(self, order_id: str, **given: object) -> Shipment:
        """Read an order and pack it."""
        ((facts, body),) = (await self.gateway.read_one("acme", order_id)).entries
        lines = tuple(PackageLine(line.id, line.units) for line in self.gateway.details(body).lines)
        return Shipment(
            id=shipment_id("acme", order_id), account="acme", amazon_id=order_id, location=facts.location,
            marketplace=facts.marketplace, program="easy_ship", order_id=order_id, status=Status(facts.status),
            as_of=facts.as_of, received_at=LONG_AGO, items=facts.items, packages=(Package("PKG-1", BOX, lines),),
            api=facts.api, **given,
        )  # fmt: skip


Open = Callable[..., Seller]
