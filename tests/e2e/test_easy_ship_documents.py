"""The four ways in which documents come, side by side: a feed, a ZIP, a feed where the ZIP was lost, a hand."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from e2e.stage import IN, amazon, open_seller_central, settings
from packline.bootstrap import Services, open_services
from packline.commands.order import Order
from packline.commands.pack import Pack, PackageRequest
from packline.domain.shipment import PackageLine
from packline.domain.values import Box
from packline.errors import PacklineError
from packline.running import worker_of
from packline_sim.control.handles import Amazon, Seller
from unit.amazon.seller_central.papers.corpus import Press, Sale, labels

pytestmark = pytest.mark.e2e

POLAND, NETHERLANDS, TURKEY = "A1C3SOZRARQ6R3", "A1805IZSGTT6HS", "A33AVAJ2PDY3EV"
ALL = (IN, POLAND, NETHERLANDS, TURKEY)
EACH = 4
PATIENCE_S = 300
BOX = Box(20, 15, 10, 400)
_IN = "select count(*) from shipment"
_OF = "select id, amazon_id from shipment where marketplace_id = $1 order by id"
_WITH_LABEL = """
select count(*) from shipment s where id = any($1) and exists (
    select 1 from shipment_document d where d.shipment_id = s.id and d.kind = 'ship_label' and not d.void)
"""
_TO_PERSONS = "select count(*) from shipment where id = any($1) and problem = 'documents_by_hand'"
_FEEDS = "select count(*) from feed_batch where kind = 'documents'"


async def test_each_marketplace_gets_its_documents_in_its_own_way(database_url: str, tmp_path: Path) -> None:
    """Rule: `feed` and `zip` need nobody; `zip_or_feed` spends a feed only where the ZIP was lost; `zip` whose answer
    was lost, and `hand`, wait for a person's file, which ends it. No order is scheduled twice."""
    table = tmp_path / "marketplaces.toml"
    table.write_text(f'[{NETHERLANDS}]\ndocuments = "zip_or_feed"\n')
    with amazon() as sim:
        seller = _seller(sim)
        chosen = settings(
            database_url, tmp_path, documents_wait_s=1.0, call_timeout_s=5.0, easy_ship_marketplaces=table
        )
        async with open_services(chosen) as services:
            account = await open_seller_central(services, sim, seller, "off")
            await services.accounts.put(replace(account, marketplaces=ALL))
            worker = worker_of(services)
            await worker.start()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await _walk(services, sim, account.id)
            finally:
                await worker.stop()
        sim.check()


async def _walk(services: Services, sim: Amazon, account: str) -> None:
    await _until(services, _IN, len(ALL) * EACH)
    india, poland, dutch, turkey = [[row["id"] for row in await services.pool.fetch(_OF, place)] for place in ALL]
    sim.add_fault("cut", "createScheduledPackageBulk", limit=1)
    await _pack(services, dutch[:2])
    await _until(services, _WITH_LABEL, 2, dutch[:2])
    assert await services.pool.fetchval(_FEEDS) == 1
    sim.add_fault("cut", "createScheduledPackageBulk", limit=1)
    await _pack(services, poland[:2])
    await _until(services, _TO_PERSONS, 2, poland[:2])
    await _pack(services, [*poland[2:], *dutch[2:]])
    await _until(services, _WITH_LABEL, 4, [*poland[2:], *dutch[2:]])
    assert await services.pool.fetchval(_FEEDS) == 1  # both came by ZIP
    await _pack(services, [*india, *turkey])
    await _until(services, _WITH_LABEL, EACH, india)
    await _until(services, _TO_PERSONS, EACH, turkey)
    by_hand = [*poland[:2], *turkey]
    told = await services.drops.drop(account, await _saved(services, by_hand))
    assert [sheets.outcome for sheets in told] == ["stored"] * len(by_hand)
    await _until(services, _WITH_LABEL, len(by_hand), by_hand)
    assert await services.pool.fetchval(_TO_PERSONS, by_hand) == 0
    assert await services.pool.fetchval("select count(*) from parked where resolved_at is null") == 0
    assert {len(sim.central_order(row.order_id).show().packages) for row in sim.central_orders()} == {1}


def _seller(sim: Amazon) -> Seller:
    """Open a shop in four marketplaces; the Dutch one gives documents by a feed too."""
    sim.set_switches(feed_seconds="0", report_seconds="0")
    sim.easy_ship.offer(NETHERLANDS, document_feed=True)
    seller = sim.create_seller("Sample Seller", region="EU", marketplace_ids=list(ALL))
    seller.add_location()
    seller.add_sku(stock=100_000)
    for place in ALL:
        sim.control.post("orders", body={"seller_id": seller.seller_id, "count": EACH, "marketplace_id": place})
    sim.clock.advance(150)
    return seller


async def _pack(services: Services, ids: Sequence[str]) -> None:
    orders = []
    for name, shipment in (await services.shipments.load(ids)).items():
        body = await services.shipments.body(name)
        assert body is not None
        lines = services.gateway.details(body, shipment.api).lines
        box = PackageRequest(BOX, tuple(PackageLine(line.id, line.units) for line in lines))
        orders.append(Order(name, Pack((box,)), key=f"pack-{name}"))
    answers = await services.desk.give_many(orders)
    assert [answer for answer in answers if isinstance(answer, PacklineError)] == []


async def _saved(services: Services, ids: Sequence[str]) -> bytes:
    """Draw the file that a person saves from Seller Central: the labels of these orders."""
    press = Press()
    for shipment in (await services.shipments.load(ids)).values():
        label = shipment.packages[0].label
        assert label is not None
        labels(Sale(shipment.amazon_id, label.tracking_id, "IN-1"), press)
    return press.pdf()


async def _until(services: Services, sql: str, count: int, *given: object) -> None:
    while await services.pool.fetchval(sql, *given) < count:  # noqa: ASYNC110  within PATIENCE_S
        await asyncio.sleep(0.1)
