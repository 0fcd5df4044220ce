"""The buyer cancels in every state and in every gap between two of our calls; a matrix for each program."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from e2e.patience import holds, until
from e2e.stage import IN, amazon, open_account, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.confirm import Confirm
from packline.commands.hand_over import HandOver
from packline.commands.inbox import look_at
from packline.commands.order import Order
from packline.commands.pack import Pack
from packline.commands.retry import Retry
from packline.commands.stock import StockDesk, StockOrder
from packline.domain.location import Api
from packline.domain.shipment import Goal, Shipment
from packline.domain.step import Step, StepKind
from packline.errors import PacklineError, Unresolved
from packline.ports import Performed
from packline.running import keeper_of, worker_of
from packline.storage.stock import Stock
from packline_sim.control.handles import Amazon, Seller
from packline_sim.control.handles import Order as Ordered

pytestmark = pytest.mark.e2e

CALLS = (
    StepKind.CONFIRM,
    StepKind.CREATE_PACKAGES,
    StepKind.READ_OPTIONS,
    StepKind.GENERATE_INVOICE,
    StepKind.GENERATE_LABELS,
)
WHENS = ("before", "after", "while", "lost")
"""Before the call leaves; after its answer; Amazon tells while the answer is on its way; its answer is lost."""
RESTS = ("accepted", "confirmed", "packed", "labeled", "handed_over")
UNITS = 2
CENTRAL = "SELLER_CENTRAL"


class Gap(NamedTuple):
    """Where the cancellation falls: around a call, or (no call) while the shipment rests in a state."""

    call: StepKind | None
    when: str

    def __str__(self) -> str:
        return f"{self.when} {self.call or ''}".strip()


GAPS = tuple(Gap(call, when) for call in CALLS for when in WHENS) + tuple(Gap(None, rest) for rest in RESTS)


class Scissors:
    """A gateway that lets the buyer cancel in a gap, once for each shipment."""

    def __init__(self, services: Services) -> None:
        self._services, self._inner = services, services.gateway
        self.orders: dict[str, tuple[Gap, Ordered]] = {}
        self.cut: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def perform(self, account: str, shipment: Shipment, step: Step, guard: Any = None) -> Performed:
        gap, order = self.orders.get(shipment.amazon_id, (Gap(None, ""), None))
        leaves = gap.when == "handed_over" and step.kind is StepKind.SHIP  # where leaving is ours to tell
        if order is None or shipment.amazon_id in self.cut or not (gap.call is step.kind or leaves):
            return await self._inner.perform(account, shipment, step, guard)
        self.cut.add(shipment.amazon_id)
        if gap.when == "before" or leaves:
            await asyncio.to_thread(order.cancel)
            return await self._inner.perform(account, shipment, step, guard)
        performed = await self._inner.perform(account, shipment, step, guard)
        await asyncio.to_thread(order.cancel)
        if shipment.api == Api.SELLER_CENTRAL:  # searched rarely, and nobody asks for an order that has its label
            await look_at(self._services.intake, self._services.clock, shipment.account, [shipment.amazon_id])
        if gap.when == "lost":
            raise Unresolved("the answer was lost", operation=step.kind.value)
        if gap.when == "while":
            await self._told(shipment)
        return performed

    async def _told(self, shipment: Shipment) -> None:
        """Let a notification bring the cancellation before the answer is told."""
        await look_at(self._services.intake, self._services.clock, shipment.account, [shipment.amazon_id])
        await holds(self._services, "select status = 'CANCELLED' from shipment where id = $1", shipment.id)


class Stage(NamedTuple):
    """Everything that a row of the matrix needs."""

    services: Services
    scissors: Scissors
    orders: dict[str, tuple[Gap, Ordered]]
    account: str
    sku: str
    sim: Amazon


@asynccontextmanager
async def stage(database_url: str, folder: Path, program: str) -> AsyncIterator[Stage]:
    """Open a shop with stock and one order for each gap, and let a worker run."""
    with amazon() as sim:
        shop = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place, sku = shop.add_location(), shop.add_sku(stock=10_000)
        is_central = program == CENTRAL
        sim.set_switches(feed_seconds="0", report_seconds="0")
        async with open_services(settings(database_url, folder, documents_wait_s=0.2)) as services:
            scissors = Scissors(services)
            cutting = replace(services, gateway=scissors)  # type: ignore[arg-type]
            account = await (open_seller_central if is_central else open_account)(services, sim, shop, "off")
            place = "DEFAULT" if is_central else place
            await services.pool.execute("update location set auto_confirm = false")
            size = "insert into sku (account_id, sku, default_box, updated_at) values ($1, $2, $3, now())"
            await services.pool.execute(size, account.id, sku, [20.0, 15.0, 10.0, 500.0])
            stock = StockDesk(Stock(services.pool), services.accounts, services.clock)
            await stock.say_many([StockOrder("set", sku, 1000, place, account.id)])
            for gap in GAPS:
                if is_central and gap.call is StepKind.GENERATE_INVOICE:
                    continue  # there it comes with the label's papers
                order = await asyncio.to_thread(_ordered, shop, sku, program)
                scissors.orders[order.order_id if is_central else order.shipment_id] = (gap, order)
            worker, stop = worker_of(cutting), asyncio.Event()
            keeping = asyncio.create_task(keeper_of(services).run(stop))
            await worker.start()
            try:
                yield Stage(services, scissors, scissors.orders, account.id, sku, sim)
            finally:
                stop.set()
                await worker.stop()
                await keeping


def _ordered(shop: Seller, sku: str, program: str) -> Any:
    if program == CENTRAL:
        return shop.central_order(sku, UNITS, easy_ship=True)
    return shop.order(sku, UNITS, program=program)


async def becomes(on: Stage, sql: str, expected: object) -> None:
    """Wait until a query gives what is expected."""

    async def is_so() -> bool:
        return bool(await on.services.pool.fetchval(sql) == expected)

    await until(is_so)


async def ids(on: Stage, wanted: Callable[[Gap], bool]) -> list[str]:
    """Give our ids of the shipments whose gap is wanted."""
    chosen = [amazon_id for amazon_id, (gap, _) in on.orders.items() if wanted(gap)]
    rows = await on.services.pool.fetch("select id from shipment where amazon_id = any($1::text[])", chosen)
    return [row["id"] for row in rows]


async def give(on: Stage, shipments: list[str], request: Any) -> None:
    """Give a command for each; none may be refused."""
    name = type(request).__name__
    answers = await on.services.desk.give_many([Order(one, request, key=f"{name}-{one}") for one in shipments])
    assert [answer for answer in answers if isinstance(answer, PacklineError)] == []


async def cancel(on: Stage, rest: str) -> None:
    """Let the buyer of the shipment that rests here cancel, and a notification tell it."""
    for amazon_id, (gap, order) in on.orders.items():
        if gap == Gap(None, rest) and amazon_id not in on.scissors.cut:
            await asyncio.to_thread(order.cancel)


async def play(on: Stage) -> None:
    """Drive all shipments as far as their gap lets them, then tell what Amazon shows of each."""
    await look_at(on.services.intake, on.services.clock, on.account, list(on.orders))
    await becomes(on, "select count(*) from shipment", len(on.orders))
    await cancel(on, "accepted")
    await give(on, await ids(on, lambda gap: gap.when == "confirmed"), Confirm())
    await give(on, await ids(on, lambda gap: gap.when == "packed"), Pack(until=Goal.PACKED))
    await give(on, await ids(on, lambda gap: gap.call is not None or gap.when in ("labeled", "handed_over")), Pack())
    await becomes(on, "select count(*) from command where status = 'pending'", 0)
    await give(on, await ids(on, lambda gap: gap.when == "handed_over"), HandOver())
    await becomes(on, "select count(*) from shipment where due_at is not null", 0)
    for rest in RESTS[1:]:
        await cancel(on, rest)
    await look_at(on.services.intake, on.services.clock, on.account, list(on.orders))
    await becomes(on, "select count(*) from shipment where status <> 'CANCELLED'", 0)
    await becomes(on, "select count(*) from inbox where handled_at is null", 0)
    await becomes(on, "select count(*) from shipment where due_at is not null", 0)


async def story(on: Stage, amazon_id: str) -> list[str]:
    """List the events of a shipment as the seller's system gets them."""
    rows = await on.services.pool.fetch(
        "select e.name from event e join shipment s on s.id = e.shipment_id where s.amazon_id = $1 order by e.seq",
        amazon_id,
    )
    return [row["name"] for row in rows]


AFTER_THE_END = {
    "package.label_voided", "package.labeled", "package.created", "call.settled", "call.cleared", "call.failed",
    "document.invoice_stored", "package.slot_chosen", "shipment.anomaly", "shipment.updated", "command.cancelled",
}  # fmt: skip
"""What an answer that was on its way may still tell; none of it moves the shipment on."""


@pytest.mark.parametrize("program", ["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP", CENTRAL])
async def test_a_cancellation_is_followed_wherever_it_falls(database_url: str, tmp_path: Path, program: str) -> None:
    """Work stops, labels are void, units are back on the shelf, the seller's system is told once."""
    async with stage(database_url, tmp_path, program) as on:
        await play(on)
        pool = on.services.pool
        for amazon_id, (gap, order) in on.orders.items():
            told = await story(on, amazon_id)
            assert told.count("shipment.cancelled") == 1, (str(gap), told)
            after = told[told.index("shipment.cancelled") + 1 :]
            assert set(after) <= AFTER_THE_END, (str(gap), told)
            assert order.status.upper() in ("CANCELLED", "CANCELED"), str(gap)
        assert await pool.fetch("select tracking_id from package_label where not void") == []
        labels = "select name from shipment_document where kind = 'ship_label' and not void"
        assert await pool.fetch(labels) == []
        assert await pool.fetchval("select count(*) from shipment where goal is not null") == 0
        left = await pool.fetch("select amazon_id, problem from shipment where problem is not null")
        gone = [amazon_id for amazon_id, (gap, _) in on.orders.items() if gap.when == "handed_over"]
        assert [tuple(row) for row in left] == [(gone[0], "cancelled_after_handover")]
        shelf = "select array[sum(on_hand), sum(reserved), sum(picked), sum(labelled)]::int[] from stock_balance"
        await becomes(on, shelf, [1000 - UNITS, 0, 0, 0])  # the ledger follows the events, a moment behind them
        on.sim.check()


async def test_a_parcel_that_left_before_has_a_way_out(database_url: str, tmp_path: Path) -> None:
    """The problem names the parcel and the way; once it is back and closed, nothing is left on a person's list."""
    async with stage(database_url, tmp_path, "SELLER_FLEX") as on:
        await play(on)
        services = on.services
        (row,) = await services.pool.fetch("select id, location_id from shipment where problem is not null")
        shipment = (await services.shipments.load([row["id"]]))[row["id"]]
        assert shipment.problem is not None
        tracking = shipment.packages[0].label.tracking_id if shipment.packages[0].label else "?"
        assert tracking in shipment.problem.hint
        assert "packline stock return" in shipment.problem.hint
        stock = StockDesk(Stock(services.pool), services.accounts, services.clock)
        await stock.say_many([StockOrder("return", on.sku, UNITS, row["location_id"], on.account)])
        await give(on, [row["id"]], Retry())
        await becomes(on, "select count(*) from shipment where problem is not null", 0)
        await becomes(on, "select sum(on_hand)::int from stock_balance", 1000)
        calls = [call for call in on.sim.calls(shipment_id=shipment.amazon_id) if call.had_effect]
        assert all(call.operation != "processShipment" for call in calls[-1:])
