"""People work in SmartHub while Packline is down: statuses, stock and documents are right when it is back."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from e2e.patience import until
from e2e.stage import IN, Packer, amazon, open_account, settings
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockOrder
from packline.running import run
from packline.storage.stock_check import check
from packline.views.shipments import load
from packline.views.smarthub import report
from packline_sim.control.handles import Amazon, Seller

pytestmark = pytest.mark.e2e
_DOCUMENTS = """
select amazon_id, array_agg(distinct d.kind order by d.kind) as kinds from shipment s
join shipment_document d on d.shipment_id = s.id group by 1
"""


async def has_looked(services: Services) -> bool:
    """Tell whether every listing was read once."""
    row = await services.pool.fetchrow("select count(*) as n, count(succeeded_at) as read from intake_cursor")
    return bool(row["n"] == row["read"] == 10)


async def statuses(services: Services) -> dict[str, str]:
    rows = await services.pool.fetch("select amazon_id, status from shipment")
    return {row["amazon_id"]: row["status"] for row in rows}


def opened(sim: Amazon) -> tuple[Seller, str, str]:
    """Open a shop whose units lie in a bin that SmartHub knows."""
    shop = sim.create_seller("Sample Seller", region="EU", marketplace_ids=[IN])
    place, sku = shop.add_location(), shop.add_sku(stock=1000)
    floor = {"location_id": place, "sku": sku, "bin_id": "A-01", "serials": ["SN-1", "SN-2"]}
    sim.control.post("sellers", shop.seller_id, "floor", body=floor)
    return shop, place, sku


async def counted(services: Services, account: str, place: str, sku: str) -> None:
    """Say that 100 units are there, two of them by serial number."""
    await services.stock.say_many([StockOrder("set", sku, 100, place, account)])


async def test_what_was_done_in_smarthub_while_we_were_down_is_here_afterwards(
    database_url: str, tmp_path: Path
) -> None:
    """Known or never seen, labelled, shipped or cancelled: status, units once, label and invoice, and the report."""
    with amazon() as sim:
        shop, place, sku = await asyncio.to_thread(opened, sim)
        chosen = settings(database_url, tmp_path, poll_new_s=0.5, poll_rest_s=0.5)
        async with open_services(chosen) as services:
            account = await open_account(services, sim, shop, "off")
            await services.pool.execute("update location set auto_confirm = false")
            await counted(services, account.id, place, sku)
            known = await asyncio.to_thread(lambda: [shop.order(sku, program="SELLER_FLEX") for _ in range(3)])
            async with run(services, faces=False, worker=True):
                await until(lambda: has_looked(services))
                await until(lambda: services.pool.fetchval("select count(*) = 3 from shipment"))
            fresh = await asyncio.to_thread(lambda: shop.order(sku, program="SELLER_FLEX"))
            labelled, left, gone = known
            await asyncio.to_thread(labelled.in_smarthub, "work", until="label")
            await asyncio.to_thread(fresh.in_smarthub, "work", until="ship", scan=False)
            await asyncio.to_thread(gone.cancel)
            expected = {
                labelled.shipment_id: "SHIPLABEL_GENERATED", fresh.shipment_id: "SHIPPED",
                gone.shipment_id: "CANCELLED", left.shipment_id: "ACCEPTED",
            }  # fmt: skip
            async with run(services, faces=False, worker=True):

                async def agrees() -> bool:
                    return await statuses(services) == expected

                async def has_papers() -> bool:
                    kinds = {row["amazon_id"]: row["kinds"] for row in await services.pool.fetch(_DOCUMENTS)}
                    whole = ["invoice", "ship_label"]  # of one that has left Amazon gives no copy
                    return kinds == {labelled.shipment_id: whole, fresh.shipment_id: ["invoice"]}

                async def is_taken() -> bool:
                    sql = "select (on_hand, reserved, labelled) = (98, 1, 1) from stock_balance"
                    return bool(await services.pool.fetchval(sql))

                for done in (agrees, has_papers, is_taken):
                    await until(done)
            spots = {(r["bin"], r["serial"]): r["units"] for r in await services.pool.fetch("select * from stock_spot")}
            assert spots == {("A-01", "SN-1"): -1}, "nobody counted the bin, and the unit left it"
            now = services.clock.now()
            failed = await services.pool.fetchval("select count(*) from event where name = 'package.label_failed'")
            assert failed == 1, "that there is no copy is said, once"
            told = await report(services.pool, now.replace(year=now.year - 1), now.replace(year=now.year + 1))
            (row,) = told["places"]
            assert (row["units"], row["scanned"], row["unscanned"]) == (2, 1, 1)
            assert [one["sku"] for one in told["to_count"]] == [sku]
            assert told["people"] == []
            invariants = await asyncio.to_thread(lambda: sim.control.get("invariants"))
            assert invariants["violations"] == []


@pytest.mark.parametrize(
    ("reading", "meanings", "source"),
    [
        ("internal_is_smarthub", {}, "smarthub"),
        ("external_is_smarthub", {}, "integrator"),
        ("external_is_smarthub", {"EXTERNAL_PLATFORM": "smarthub", "INTERNAL_PLATFORM": "integrator"}, "smarthub"),
        ("internal_is_smarthub", {"INTERNAL_PLATFORM": "unknown"}, "elsewhere"),
    ],
)
async def test_what_processing_source_means_is_a_setting(
    database_url: str, tmp_path: Path, reading: str, meanings: dict[str, str], source: str
) -> None:
    """Amazon's words can be read both ways: whoever knows better says so, and the shipment shows it."""
    given = {"processing_sources": meanings} if meanings else {}
    with amazon() as sim:
        shop, _, _ = await asyncio.to_thread(opened, sim)
        sim.set_switches(processing_source=reading)
        chosen = settings(database_url, tmp_path, poll_new_s=0.5, poll_rest_s=0.5, **given)
        async with open_services(chosen) as services:
            await open_account(services, sim, shop, "off")
            await services.pool.execute("update location set auto_confirm = false")
            order = await asyncio.to_thread(lambda: shop.order(program="SELLER_FLEX"))
            await asyncio.to_thread(order.in_smarthub, "work", until="pack", scan=False)
            async with run(services, faces=False, worker=True):
                await until(lambda: services.pool.fetchval("select count(*) = 1 from shipment"))
            shown = await load(services.pool, await services.pool.fetchval("select id from shipment"))
            assert shown.source == source


FAULTS = {
    "processShipment": "500_after", "createPackages": "timeout_after", "generateInvoice": "in_progress",
    "generateShipLabels": "timeout_after",
}  # fmt: skip
"""What hides from Packline that it was done, or by whom."""


def scanned_at_amazon(sim: Amazon, shipments: list[str]) -> Counter[str]:
    """Count the units that people scanned, by serial number, as many for a line as it has units."""
    found: Counter[str] = Counter()
    for shipment in shipments:
        for line in sim.control.get("shipments", shipment)["lines"]:
            for one in line["custom_attributes"]:
                if one["key"] == "customSkuUnitIdentifiers":
                    found.update(json.loads(one["value"])[: line["units"]])
    return found


async def test_both_panels_at_once_make_each_label_and_take_each_unit_once(database_url: str, tmp_path: Path) -> None:
    """People in SmartHub race a packer and a worker whose answers are lost: books, bins and labels agree in the end."""
    orders = 20
    with amazon() as sim:
        shop, place, sku = await asyncio.to_thread(opened, sim)
        people = {"share": 0.5, "takeover_share": 0.5, "step_after_s": 0.7, "scan_share": 0.6, "until": "label"}
        await asyncio.to_thread(lambda: sim.control.post("operators", body={"seller_id": shop.seller_id, **people}))
        for operation, kind in FAULTS.items():
            sim.add_fault(kind, operation, share=0.15)
        async with open_services(settings(database_url, tmp_path, poll_new_s=0.5, poll_rest_s=0.5)) as services:
            account = await open_account(services, sim, shop, "off")
            await counted(services, account.id, place, sku)
            packer = Packer(services)
            async with run(services, faces=False, worker=True):
                await until(lambda: has_looked(services))
                made = await asyncio.to_thread(lambda: shop.orders(orders, lines=[{"sku": sku}], program="SELLER_FLEX"))
                names = [order.shipment_id for order in made]

                async def is_done() -> bool:
                    await packer.once()
                    here = Counter((await statuses(services)).values())
                    labels = "select count(distinct shipment_id) from shipment_document where kind = 'ship_label'"
                    return (
                        here
                        == {"SHIPLABEL_GENERATED": orders}
                        == Counter({"SHIPLABEL_GENERATED": await services.pool.fetchval(labels)})
                    )

                async def is_taken() -> bool:
                    sql = "select (on_hand, reserved, picked, labelled) = ($1, 0, 0, $2) from stock_balance"
                    return bool(await services.pool.fetchval(sql, 100 - orders, orders))

                async def fits() -> bool:
                    sql = "select serial, -units as units from stock_spot where serial <> '' and units <> 0"
                    taken = {row["serial"]: row["units"] for row in await services.pool.fetch(sql)}
                    return taken == await asyncio.to_thread(scanned_at_amazon, sim, names)

                for done in (is_done, is_taken, fits):
                    await until(done)
            assert await check(services.pool) == []
            assert await services.pool.fetchval("select count(*) from shipment where problem is not null") == 0
            invariants = await asyncio.to_thread(lambda: sim.control.get("invariants"))
            assert invariants["violations"] == []
