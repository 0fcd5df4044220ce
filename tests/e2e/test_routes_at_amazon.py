"""A kept Self Ship order goes from location to location as they reject it at Amazon, until one ships it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.stage import IN, amazon, open_account, settings
from e2e.test_stock import working
from packline.bootstrap import Services, open_services
from packline.commands.kept_routes import RouteDesk
from packline.commands.order import Order
from packline.commands.reject import Reject
from packline.commands.route import place
from packline.commands.stock import StockOrder
from packline.domain.routing.kept import KeptOrder
from packline.domain.routing.order import Demand, Placing
from packline.errors import PacklineError
from packline.running import keeper_of
from packline.storage.route_book import RouteOrders
from packline.storage.routing import Routing
from packline.storage.stock_check import check

pytestmark = pytest.mark.e2e

_PARCELS = "select location_id || ' ' || state from route_parcel order by turn, location_id"
PLACES = ("AAA", "BBB", "CCC", "DDD")


@asynccontextmanager
async def keeping(services: Services) -> AsyncIterator[None]:
    """Run the keeper in this process."""
    stop = asyncio.Event()
    task = asyncio.create_task(keeper_of(services).run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(services: Services, sql: str, expected: Any, seconds: float = 60) -> None:
    """Wait until the first column of a query is what is expected."""
    found: Any = None
    try:
        async with asyncio.timeout(seconds):
            while (found := [row[0] for row in await services.pool.fetch(sql)]) != expected:  # noqa: ASYNC110  as in `patience`
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{found} instead of {expected} after {seconds} s: {sql}") from None


async def open_shop(services: Services, account: str, sku: str) -> None:
    """Have five units at each location; after the first one we ask from the last on, Amazon from the second on."""
    await services.pool.execute("update location set auto_confirm = false")
    said = await services.stock.say_many([StockOrder("set", sku, 5, name, account) for name in PLACES])
    assert [one for one in said if isinstance(one, PacklineError)] == []
    for priority, name in enumerate(reversed(PLACES[1:]), 2):
        await place(Routing(services.pool), services.accounts, account, Placing(name, priority=priority))
    await place(Routing(services.pool), services.accounts, account, Placing(PLACES[0], priority=1))


async def test_a_route_follows_its_order_through_every_rejection(database_url: str, tmp_path: Path) -> None:
    """Rejected here, then in SmartHub: allocated anew, until Amazon asks another one and the route follows."""
    with amazon() as sim:
        sim.set_switches(self_ship_rejected="next_location", empty_pages="never")
        seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
        for name in PLACES:
            seller.add_location(name)
        sku = seller.add_sku(stock=5)
        async with open_services(settings(database_url, tmp_path)) as services:
            account = await open_account(services, sim, seller, "off")
            await open_shop(services, account.id, sku)
            async with working(services), keeping(services):
                await until(services, "select count(*) from stock_offer where state <> 'settled'", [0])
                first = seller.order(sku, 2, program="SELF_SHIP", location_id="AAA")
                number = first.show().order_id
                await until(services, "select location_id from shipment", ["AAA"])
                desk = RouteDesk(RouteOrders(services.pool), services.accounts, services.clock)
                await desk.keep(account.id, [KeptOrder(account.id, number, (Demand("1", sku, 2),))])
                await until(services, _PARCELS, ["AAA open"])
                (shipment,) = await services.pool.fetch("select id from shipment")
                await services.desk.give(Order(shipment["id"], Reject("OUT_OF_STOCK")))
                await until(services, _PARCELS, ["AAA rejected", "DDD replaced", "BBB open"])
                (second,) = [one for one in sim.shipments() if one.location_id == "BBB"]
                sim.order(second.shipment_id).in_smarthub("reject")
                after = ["AAA rejected", "DDD replaced", "BBB rejected", "DDD replaced", "CCC open"]
                await until(services, _PARCELS, after)
                (third,) = [one for one in sim.shipments() if one.location_id == "CCC"]
                sim.order(third.shipment_id).in_smarthub()
                await until(services, "select state from route_order", ["done"])
                await until(services, "select on_hand from stock_balance order by location", [5, 5, 3, 5])
                held = await services.pool.fetchval("select count(*) from route_hold")
                events = await services.pool.fetch("select name from event where name like 'route.%' order by seq")
            assert held == 0
            assert [row["name"] for row in events] == ["route.allocated", *["route.reallocated"] * 4, "route.done"]
            assert await check(services.pool) == []
        sim.check()
