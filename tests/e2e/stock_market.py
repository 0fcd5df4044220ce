"""A market for the long run of stock: sellers with one shelf, and everybody who moves units there."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from e2e.patience import until
from e2e.stage import IN, Packer, open_account
from packline.bootstrap import Services
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk, StockOrder
from packline.commands.stock_rules import set_rule
from packline.domain.inventory.rules import Rule
from packline.domain.location import Account
from packline.errors import PacklineError
from packline.ports.notifications import Queue, QueueKey
from packline.ports.returns import Piece
from packline.storage.return_receipts import ReturnDock
from packline.storage.stock import Stock
from packline.storage.stock_settings import StockRules
from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, Order, Seller

POOL, SHELF, SCARCE = "shared", "SHELF", "SCARCE"
PLENTY = tuple(f"SKU-{number}" for number in range(4))
AT_AMAZON = 1_000
"""What the simulator begins with at each seller's place; what is missing of it was labelled and did not come back."""
STEPS = ("confirm", "pack", "label", "ship", "work")
PACED_S = 0.15
"""Between two orders at least: on this the buffer is reckoned."""

_BEHIND = """
select exists (select 1 from stock_offer where state <> 'settled' and changed_at < $2)
    or exists (select 1 from unnest($1::text[]) as o(amazon_id) where not exists (
        select 1 from shipment s join stock_allocation a on a.shipment_id = s.id where s.amazon_id = o.amazon_id))
"""
_LEFT_THERE = """
select amazon_id from shipment where coalesce(goal, 'confirmed') = 'confirmed' and due_at is null
    and status in ('PACKAGE_CREATED', 'PICKUP_SLOT_RETRIEVED', 'INVOICE_GENERATED')
"""


class Sold(NamedTuple):
    """An order, by the seller that it was placed with."""

    order: Order
    sku: str
    units: int
    at: float = 0.0


class Truth(NamedTuple):
    """What the simulator's records say of one SKU of the shelf: units there, waiting for the carrier, not sellable."""

    on_hand: int
    labelled: int
    unsellable: int


class Market:
    """Three sellers with one shelf: four SKUs have a buffer, SCARCE has none and sells out."""

    def __init__(self, services: Services, sim: Amazon, sellers: list[tuple[Account, Seller, str]], seed: int) -> None:
        self.services, self.sim, self.sellers = services, sim, sellers
        self.desk = StockDesk(Stock(services.pool), services.accounts, services.clock)
        self.dice = random.Random(seed)
        self.packer = Packer(services)
        self.sold: list[Sold] = []
        self.laid: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.least: dict[str, int] = {}

    async def say(self, do: str, sku: str, units: int, **given: Any) -> None:
        """Tell the ledger something twice in one call and once more, as a system does that lost the answer."""
        told = StockOrder(do, sku, units, SHELF, pool=POOL, reference=f"R-{self.dice.random()}", **given)
        fates = [*await self.desk.say_many([told, told]), *await self.desk.say_many([told])]
        assert not any(isinstance(fate, PacklineError) for fate in fates), fates

    async def receive(self) -> None:
        """Have goods come in."""
        sku, units = self.dice.choice(PLENTY), self.dice.randint(1, 5)
        await self.say("receive", sku, units)
        self.laid[sku] += units

    async def break_one(self) -> None:
        """Have a unit fall off the shelf."""
        sku = self.dice.choice(PLENTY)
        await self.say("adjust", sku, -1, reason="broken")
        self.laid[sku] -= 1

    def buy(self) -> None:
        """Have a buyer order one or two units from one of the sellers, if Amazon lets him."""
        _, seller, place = self.dice.choice(self.sellers)
        sku, units = self.dice.choice([*PLENTY, SCARCE]), self.dice.randint(1, 2)
        try:
            order = seller.order(sku, units, program="SELLER_FLEX", location_id=place)
            self.sold.append(Sold(order, sku, units, time.monotonic()))
        except LookupError:
            self.acts["sold out"] += 1

    async def is_behind(self, seconds: float) -> bool:
        """Tell whether a sale or a number is so old and Amazon does not know of it: the model's gap is used up."""
        old = [one.order.shipment_id for one in self.sold[-100:] if one.at < time.monotonic() - seconds]
        before = self.services.clock.now() - timedelta(seconds=seconds)
        return bool(await self.services.pool.fetchval(_BEHIND, old, before))

    def change_a_mind(self) -> None:
        """Have a buyer cancel, whatever was done for his order."""
        self._try("cancel", lambda order: order.cancel())

    def work_in_smarthub(self) -> None:
        """Have people take a step, or all that are left, in SmartHub, with or without scans."""
        step = self.dice.choice(STEPS)
        how = {"scan": self.dice.random() < 0.5} if step in ("pack", "work") else {}
        self._try(f"smarthub {step}", lambda order: order.in_smarthub(step, **how))

    async def end_in_smarthub(self) -> None:
        """Have people finish the parcels that they packed in SmartHub and left there: nobody else will."""
        left = {row["amazon_id"] for row in await self.services.pool.fetch(_LEFT_THERE)}
        for one in self.sold:
            if one.order.shipment_id in left:
                with contextlib.suppress(SimulatorError):  # somebody finished it meanwhile
                    await asyncio.to_thread(one.order.in_smarthub, "work")

    def pick_up(self) -> None:
        """Have the carrier take a labelled parcel."""
        self._try("pick up", lambda order: order.scan())

    def _try(self, what: str, act: Callable[[Order], object]) -> None:
        """Do it to one of the last orders, or to another one where Amazon refuses it."""
        recent = self.sold[-30:]
        for one in self.dice.sample(recent, min(len(recent), 6)):
            try:
                act(one.order)
            except SimulatorError:
                self.acts["refused"] += 1
            else:
                self.acts[what] += 1
                return

    def margins(self) -> dict[str, int]:
        """Say of each SKU how many units are on the shelf beyond what is promised, by the simulator's records.

        A row is read as a whole, so that a label made between two of them changes nothing here.
        """
        drawn: Counter[str] = Counter()
        for _, seller, place in self.sellers:
            for row in self.sim.control.get("sellers", seller.seller_id, "stock", location_id=place)["items"]:
                drawn[row["sku"]] += AT_AMAZON - int(row["on_hand"]) + int(row["reserved"])
        return {sku: self.laid[sku] - drawn[sku] for sku in [*PLENTY, SCARCE]}

    def watch(self) -> None:
        """Note the least margin that each SKU ever had."""
        for sku, left in self.margins().items():
            self.least[sku] = min(left, self.least.get(sku, left))

    def truth(self) -> dict[str, Truth]:
        """Reckon what must be on the shelf and at the door, from the simulator's shipments alone."""
        gone, waiting = Counter[str](), Counter[str]()
        for one in self.sold:
            status = one.order.status
            gone[one.sku] += one.units if status in ("SHIPLABEL_GENERATED", "SHIPPED", "DELIVERED") else 0
            waiting[one.sku] += one.units if status == "SHIPLABEL_GENERATED" else 0
        return {sku: Truth(self.laid[sku] - gone[sku], waiting[sku], self.broken[sku]) for sku in [*PLENTY, SCARCE]}

    def send_back(self, count: int) -> dict[str, Sold]:
        """Have buyers send a unit of parcels that left back; gives the orders by return."""
        left = [one for one in self.sold if one.order.status in ("SHIPPED", "DELIVERED")]
        chosen = self.dice.sample(left, min(count, len(left)))
        return {one.order.send_back(units=1): one for one in chosen}

    async def take_back(self, sent: dict[str, Sold]) -> None:
        """Receive what was sent back, in one condition or another, each told twice with the same key."""
        desk = ReturnDesk(ReturnDock(self.services.pool), self.services.returns, self.services.clock)
        for amazon_id, one in sent.items():
            item = await self._return(amazon_id)
            condition = self.dice.choice(["sellable", "customer_damaged"])
            for _ in range(2):
                await desk.receive(item, [Piece(1, condition)], key="dock", by="dock")
            (self.laid if condition == "sellable" else self.broken)[one.sku] += 1

    async def _return(self, amazon_id: str) -> str:
        sql = "select id from return_item where amazon_id = $1 and shipment_id is not null"
        return str(await until(lambda: self.services.pool.fetchval(sql, amazon_id)))


async def open_market(services: Services, sim: Amazon, seed: int, buffer: int, stock: int, tight: int) -> Market:
    """Open three sellers on one pool, told of their shipments by one queue, and count the shelf."""
    made = sim.notifications.create_queue("packline")
    sim.notifications.deliver(twice=0.2, late=0.2, out_of_order=0.2, late_s=0.5, hold_s=0.5)
    await services.notices.put_queue(Queue("main", "", made.arn, "", sim.url), QueueKey("any", "any"))
    sellers = [await _open(services, sim, name) for name in ("First", "Second", "Third")]
    rules = StockRules(services.pool)
    for account, _, place in sellers:
        shared = Rule(account.id, place, pool=POOL, at=SHELF, buffer_units=buffer)
        for rule in (shared, Rule(account.id, place, SCARCE, buffer_units=0)):
            await set_rule(rules, services.accounts, services.clock, rule, "test")
    market = Market(services, sim, sellers, seed)
    for sku, units in [*((sku, stock) for sku in PLENTY), (SCARCE, tight)]:
        market.laid[sku] = units
        await market.desk.say(StockOrder("set", sku, units, SHELF, pool=POOL))
    return market


async def _open(services: Services, sim: Amazon, name: str) -> tuple[Account, Seller, str]:
    seller = sim.create_seller(name, region="EU", marketplace_ids=[IN])
    place = seller.add_location()
    for sku in [*PLENTY, SCARCE]:
        seller.add_sku(sku, stock=AT_AMAZON)
    account = await open_account(services, sim, seller, "off")
    await services.notices.set_up(account.id)
    return account, seller, place
