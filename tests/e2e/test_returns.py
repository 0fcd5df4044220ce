"""Returns from Amazon's list to the shelf, with a simulator and a worker of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from e2e.patience import until
from e2e.stage import IN, amazon, open_account, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk, StockOrder
from packline.domain.values import shipment_id
from packline.errors import Denied
from packline.ports.returns import Piece
from packline.running import worker_of
from packline.storage.return_receipts import ReturnDock
from packline.storage.stock import Stock
from packline.views import returns as views
from packline_sim.control.handles import Order, Seller

pytestmark = pytest.mark.e2e
FAST = {"poll_returns_s": 0.5}


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Run a worker in this process."""
    worker = worker_of(services)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def row_with(services: Services, condition: str) -> asyncpg.Record:
    """Wait until a row of `return_item` fits; give it."""
    return await until(lambda: services.pool.fetchrow(f"select * from return_item where {condition}"))


def delivered(seller: Seller, units: int = 2) -> Order:
    """Give an order of Seller Flex that a person shipped in SmartHub."""
    order = seller.order(seller.skus[0], units, program="SELLER_FLEX")
    order.in_smarthub("work", until="ship")
    return order


async def names(pool: asyncpg.Pool, like: str = "return.%") -> list[str]:
    """List the names of events in their order."""
    rows = await pool.fetch("select name from event where name like $1 order by seq", like)
    return [row["name"] for row in rows]


async def everything_kept(pool: asyncpg.Pool) -> str:
    """Give all rows of the tables in which a password might be left behind, as one text."""
    tables = ("event", "call", "parked", "inbox", "return_item", "return_look", "shipment_body")
    found = [await pool.fetch(f"select * from {table}") for table in tables]
    return "\n".join(
        " ".join(bytes(value).decode("latin-1") if isinstance(value, bytes) else str(value) for value in row.values())
        for rows in found
        for row in rows
    )


async def test_a_return_comes_in_and_goes_back_to_the_shelf_by_condition(database_url: str, tmp_path: Path) -> None:
    """It is found, moves with Amazon, is received in parts, and the ledger takes each part once by its condition."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        place = seller.add_location()
        seller.add_sku(stock=100)
        async with open_services(settings(database_url, tmp_path, **FAST)) as services:
            account = await open_account(services, sim, seller, "off")
            sku = seller.skus[0]
            stock = StockDesk(Stock(services.pool), services.accounts, services.clock)
            await stock.say(StockOrder("set", sku, 10, place, account.id))
            order = delivered(seller)
            amazon_id = order.send_back(units=2)
            desk = ReturnDesk(ReturnDock(services.pool), services.returns, services.clock)
            async with working(services):
                row = await row_with(services, "status = 'CREATED'")
                assert (row["amazon_id"], row["units"], row["kind"]) == (amazon_id, 2, "customer")
                linked = await row_with(services, "shipment_id is not null")
                assert linked["shipment_id"] == shipment_id(account.id, order.shipment_id)
                for status in ("PICKED_FROM_CUSTOMER", "IN_TRANSIT", "OUT_FOR_DELIVERY"):
                    sim.control.post("returns", amazon_id, "move", body={"status": status})
                await row_with(services, "status = 'OUT_FOR_DELIVERY'")
                word = await desk.password(row["id"], by="dock")
                truth = sim.control.get("returns", amazon_id)
                assert word.word == truth["otp"]
                before = await on_hand(services, sku)
                first = await desk.receive(row["id"], [Piece(1, "sellable", "B-7")], key="scan 1", by="dock")
                again = await desk.receive(row["id"], [Piece(1, "sellable", "B-7")], key="scan 1", by="dock")
                assert (first.outcome, again.outcome, again.awaited_units) == ("restocked", "known", 1)
                with pytest.raises(Denied, match="too many"):
                    await desk.receive(row["id"], [Piece(2, "sellable")], key="scan 2", by="dock")
                held = await desk.receive(row["id"], [Piece(1, "customer_damaged")], restock=False, by="dock")
                assert (held.outcome, held.received_units, held.awaited_units) == ("received", 2, 0)
                assert [one.condition for one in (await desk.restock(row["id"])).restocked] == ["customer_damaged"]
                assert (await desk.restock(row["id"])).outcome == "known"
                after = await on_hand(services, sku)
                assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
                assert word.word not in await everything_kept(services.pool)
            told = await names(services.pool)
            assert told[0] == "return.created"
            assert {"return.out_for_delivery", "return.received", "return.restocked"} <= set(told)
            shown = await views.detail(services.pool, row["id"])
            assert (shown["stage"], [look["by"] for look in shown["looks"]]) == ("received", ["dock"])


async def on_hand(services: Services, sku: str) -> tuple[int, int]:
    """Read the units of a SKU that may be sold, and those that may not."""
    row = await services.pool.fetchrow("select on_hand, unsellable from stock_balance where sku = $1", sku)
    return row["on_hand"], row["unsellable"]


async def test_what_arrives_at_a_strange_place_and_what_was_refused_are_found(
    database_url: str, tmp_path: Path
) -> None:
    """A returns centre that is no location of ours is swept too; a refused parcel is told as return to origin."""
    with amazon() as sim:
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.add_sku(stock=100)
        async with open_services(settings(database_url, tmp_path, **FAST)) as services:
            await open_account(services, sim, seller, "off")
            one, other = delivered(seller), delivered(seller)
            centre = seller.add_location("RETURNS-9")
            strange = one.send_back(units=2, return_location_id=centre, return_type="REJECT", with_otp=False)
            async with working(services):
                row = await row_with(services, f"location_id = '{centre}'")
                assert (row["amazon_id"], row["kind"]) == (strange, "origin")
                sim.control.post("returns", strange, "move", body={"status": "IN_TRANSIT"})
                await row_with(services, f"location_id = '{centre}' and status = 'IN_TRANSIT'")
                cancelled = other.send_back(units=2)
                await row_with(services, f"amazon_id = '{cancelled}'")
                sim.control.post("returns", cancelled, "move", body={"status": "CANCELLED"})
                await row_with(services, "status = 'CANCELLED'")
            assert "return.cancelled" in await names(services.pool)


async def test_easy_ship_parcels_that_come_back_are_returns_to_origin(database_url: str, tmp_path: Path) -> None:
    """An order that the buyer refused, and that travels back, is a return of each of its SKUs."""
    with amazon() as sim:
        sim.set_switches(feed_seconds="0", report_seconds="0")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        seller.add_location()
        seller.add_sku(stock=100)
        async with open_services(settings(database_url, tmp_path, **FAST)) as services:
            account = await open_seller_central(services, sim, seller, "off")
            async with working(services):
                shipment = await _central_parcel(services, account.id, "REJECTED_BY_BUYER", "2026-11-20T10:00:00Z")
                row = await row_with(services, "status = 'CREATED'")
                assert (row["kind"], row["shipment_id"], row["source"]) == ("origin", shipment, "easy_ship")
                await _central_parcel(services, account.id, "RETURNED_TO_SELLER", "2026-11-21T10:00:00Z")
                await row_with(services, "status = 'DELIVERED'")
            assert await names(services.pool) == ["return.created", "return.delivered"]


async def _central_parcel(services: Services, account: str, sub_status: str, at: str) -> str:
    """Write a shipment of Seller Central with a sub-status, as intake would."""
    from datetime import datetime

    from msgspec.structs import replace

    from builders import facts
    from packline.domain import events as ev
    from packline.domain.apply import receive
    from packline.storage.codec import encode_shipment

    moment = datetime.fromisoformat(at)
    made = receive(account, ev.Received(facts("SHIPPED", location="DEFAULT", order_id="O-77"), "easy_ship", moment))
    made = replace(made, sub_status=sub_status, as_of=moment, api="seller_central", version=1)
    await services.pool.execute(
        "insert into shipment (id, account_id, amazon_id, location_id, marketplace_id, order_id, program, status,"
        " sub_status, as_of, version, received_at, updated_at, state)"
        " values ($1, $2, $3, 'DEFAULT', 'm', 'O-77', 'easy_ship', 'SHIPPED', $4, $5, 1, $5, $5, $6)"
        " on conflict (id) do update set sub_status = excluded.sub_status, as_of = excluded.as_of,"
        " state = excluded.state",
        made.id,
        account,
        made.amazon_id,
        sub_status,
        moment,
        encode_shipment(made),
    )
    return made.id
