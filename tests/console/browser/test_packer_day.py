"""The day of a packer in a real browser: keyboard and scanner only, from the order to the closed manifest."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from console.browser.axe import faults_of
from e2e.stage import amazon, open_account
from packline.bootstrap import Services, open_services
from packline.config import load
from packline.domain.shipment import Status
from packline.running import run
from packline_sim.control.handles import Amazon, Seller

CHROMIUM = os.environ.get("PACKLINE_CHROMIUM", "/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"SKIPPED LOUDLY: there is no Chromium at {CHROMIUM}"),
]
PICTURES = os.environ.get("PACKLINE_PICTURES")  # a folder: what the packer sees is kept there, to be looked at
TWO_AND_ONE = [{"sku": "KURTA", "units": 2}, {"sku": "PHONE", "units": 1}]


class Floor:
    """A warehouse: Amazon beside it, a packer before a browser that has no mouse."""

    def __init__(self, services: Services, url: str, seller: Seller, page: Page) -> None:
        self.services, self.url, self.seller, self.page = services, url, seller, page
        self.labels: list[dict[str, Any]] = []

    def note(self, label: dict[str, Any]) -> None:
        """Keep what went to the printer."""
        self.labels.append(label)

    async def open(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def scan(self, code: str) -> None:
        """Type as a scanner does: the code, then Enter."""
        await self.page.keyboard.type(code)
        await self.page.keyboard.press("Enter")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def asks(self, text: str) -> None:
        await expect(self.page.locator("#ask")).to_contain_text(text, timeout=15_000)

    async def is_in_state(self, state: str) -> None:
        await expect(self.page.locator("#bench")).to_have_attribute("data-state", state, timeout=15_000)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=f"{PICTURES}/{name}.png")

    async def until(self, true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not await true():  # noqa: ASYNC110  the database tells nobody
                await asyncio.sleep(0.2)

    async def came_in(self, count: int) -> None:
        async def all_here() -> bool:
            sql = "select count(*) from shipment_body b join shipment s on s.id = b.shipment_id where s.status = $1"
            return bool(await self.services.pool.fetchval(sql, "CONFIRMED") >= count)

        await self.until(all_here)

    async def told_shipped(self, count: int) -> None:
        async def shipped() -> bool:
            sql = "select count(*) from shipment where status = $1"
            return bool(await self.services.pool.fetchval(sql, Status.SHIPPED) >= count)

        await self.until(shipped)


@pytest.fixture(scope="module")
def market() -> Any:
    with amazon() as made:
        yield made


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as player:
        made = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield made
        await made.close()


def open_shop(market: Amazon) -> Seller:
    """Let a seller open whose labels are PDF, with a plain product, one with serial numbers, one with hazards."""
    seller = market.create_seller("Acme Traders", region="EU", marketplace_ids=["A21TJRUUN4KGV"])
    seller.add_location(label_format="PDF")
    seller.add_sku("KURTA", title="Blue Kurta M", stock=500)
    seller.add_sku("PHONE", title="Small Phone", stock=500, serial_required=True)
    seller.add_sku("GLUE", title="Strong Glue", stock=500, hazmat_required=True)
    return seller


@pytest.fixture
async def floor(market: Amazon, database_url: str, tmp_path: Path, chromium: Browser) -> AsyncIterator[Floor]:
    """Open the warehouse: Packline with its worker over an empty database, and a browser on its bench."""
    chosen = {"data": tmp_path / "data", "database_url": database_url, "port": 0, "console_sign_in": False}
    async with open_services(load({**chosen, "poll_new_s": 0.5, "poll_rest_s": 1.0})) as services:
        seller = await asyncio.to_thread(open_shop, market)
        await open_account(services, market, seller, "off")
        async with run(services, faces=True, worker=True) as running:
            page = await chromium.new_page(viewport={"width": 1366, "height": 768})
            made = Floor(services, str(running.url), seller, page)
            await page.expose_function("packlineLabel", made.note)
            await page.add_init_script(
                "addEventListener('label', (told) => window.packlineLabel(told.detail)); window.print = () => {};"
            )
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            yield made
            assert not faults


async def test_the_day_of_a_packer(floor: Floor) -> None:
    """Scan, tick, answer, Enter; a wrong scan stands until Esc; labels print; the manifest is closed, handed over."""
    orders = [
        await asyncio.to_thread(floor.seller.order, lines=TWO_AND_ONE, program="SELLER_FLEX"),
        await asyncio.to_thread(floor.seller.order, "KURTA", program="SELLER_FLEX"),
        await asyncio.to_thread(floor.seller.order, "GLUE", program="SELLER_FLEX"),
    ]
    await floor.came_in(3)
    await floor.open("/bench")
    await expect(floor.page.locator("#scan")).to_be_focused()
    await floor.picture("bench-idle")
    await the_wrong_one(floor)
    await two_and_a_serial(floor, orders[0].shipment_id)
    await one_by_its_sku(floor)
    await with_a_hazard(floor)
    await labels_came(floor, 3)
    await the_manifest(floor)
    await floor.told_shipped(3)
    await asyncio.to_thread(floor_check, floor, orders)


def floor_check(floor: Floor, orders: list[Any]) -> None:
    """Amazon saw what the packer did."""
    assert [order.status for order in orders] == ["SHIPPED"] * 3
    packed = orders[0].show()
    assert len(packed["packages"] if isinstance(packed, dict) else packed.packages) == 1


async def the_wrong_one(floor: Floor) -> None:
    """What is unknown buzzes, turns the panel red, takes no scan until Esc, and leads nowhere by itself."""
    await floor.scan("NO-SUCH-THING")
    await floor.is_in_state("wrong")
    await expect(floor.page.locator("#wrong-what")).to_contain_text("NO-SUCH-THING")
    await floor.picture("bench-wrong")
    await floor.scan("gw")
    await floor.is_in_state("wrong")
    assert floor.page.url.endswith("/bench")
    await floor.press("Escape")
    await floor.is_in_state("idle")


async def two_and_a_serial(floor: Floor, name: str) -> None:
    """Units are ticked one by one; a serial number is asked for with its unit; the box is weighed."""
    await floor.scan(name)
    await floor.asks("Scan each unit")
    await floor.scan("GLUE")
    await expect(floor.page.locator("#wrong-what")).to_contain_text("does not belong in this order")
    await floor.press("Escape")
    await floor.scan("KURTA")
    await floor.scan("2")
    await expect(floor.page.locator("#lines li").first).to_have_class("in at")
    await floor.picture("bench-units")
    await floor.scan("PHONE")
    await floor.asks("Scan the serial number of PHONE")
    await floor.picture("bench-serial")
    await floor.scan("SN-0001")
    await floor.asks("Size and weight of box 1")
    await floor.picture("bench-box")
    await floor.scan("nonsense")
    await floor.press("Escape")
    await floor.scan("31x21x11x1210")
    await floor.asks("Enter packs")
    await floor.picture("bench-ready")
    await floor.press("Enter")
    await floor.is_in_state("idle")


async def one_by_its_sku(floor: Floor) -> None:
    """An order with one unit: its SKU is scanned, and three times Enter packs it."""
    await floor.scan("KURTA")
    await floor.asks("Size and weight of box 1")
    await floor.press("Enter")
    await floor.asks("Enter packs")
    await floor.press("Enter")
    await floor.is_in_state("idle")


async def with_a_hazard(floor: Floor) -> None:
    """Hazardous goods get their label before the box is closed; Esc takes an answer back."""
    await floor.scan("GLUE")
    await floor.asks("hazardous goods label")
    await floor.scan("FLAMMABLE")
    await floor.asks("Size and weight")
    await floor.press("Escape")
    await floor.asks("hazardous goods label")
    await floor.scan("FLAMMABLE")
    await floor.scan("250")
    await floor.asks("Enter packs")
    await floor.press("Enter")
    await floor.is_in_state("idle")


async def labels_came(floor: Floor, count: int) -> None:
    """Every label goes to the printer by itself; F4 prints the last one again, and it is marked."""

    async def printed() -> bool:
        return len(floor.labels) >= count

    await floor.until(printed)
    assert {label["media_type"] for label in floor.labels} == {"application/pdf"}
    assert not any(label["reprinted"] for label in floor.labels)
    await expect(floor.page.locator("#last li .chip.good")).to_have_count(3)
    await floor.picture("bench-last")
    await floor.press("F4")
    count += 1
    await floor.until(printed)
    assert floor.labels[-1]["reprinted"] == 1


async def the_manifest(floor: Floor) -> None:
    """Open one, scan the parcels in, close it, hand it over: with Tab and Enter."""
    rows = await floor.services.pool.fetch("select tracking_id, shipment_id from package_label where not void")
    await floor.open("/manifests")
    await tab_to(floor, "open-manifest")
    await floor.press("Enter")
    await expect(floor.page.locator("#code")).to_be_focused()
    await expect(floor.page.locator("#scan-in[data-ready]")).to_be_visible()
    await floor.scan("NO-PARCEL")
    await expect(floor.page.locator("#wrong-what")).to_contain_text("No parcel has this code")
    await floor.picture("manifest-wrong")
    await floor.press("Escape")
    for row in rows:
        await floor.scan(row["tracking_id"])
    await expect(floor.page.locator(".parcels tbody tr")).to_have_count(len(rows))
    await floor.picture("manifest-open")
    await tab_to(floor, "close-manifest")
    await floor.press("Enter")
    await expect(floor.page.locator(".notice.good")).to_contain_text("Closed with 3 parcels.")
    await floor.picture("manifest-closed")
    await tab_to(floor, "hand-over-all")
    await floor.press("Enter")
    await expect(floor.page.locator(".notice.good")).to_contain_text("3 parcels are handed over.")


async def test_a_scanner_may_be_quicker_than_the_page(floor: Floor) -> None:
    """A code that comes before the script has loaded is taken like any other; nothing has to be scanned again."""
    order = await asyncio.to_thread(floor.seller.order, "KURTA", program="SELLER_FLEX")
    await floor.came_in(1)
    loads = asyncio.Event()

    async def late(route: Route) -> None:
        await loads.wait()
        await route.continue_()

    await floor.page.route("**/static/bench.js*", late)
    await floor.page.goto(f"{floor.url}/bench", wait_until="commit")
    await expect(floor.page.locator("#scan")).to_be_focused()
    await floor.scan(order.shipment_id)
    await floor.page.wait_for_url("**/bench?scan=*", wait_until="commit")
    loads.set()
    await floor.is_in_state("units")
    await expect(floor.page).to_have_url(f"{floor.url}/bench")


async def tab_to(floor: Floor, element: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        await floor.press("Tab")
        if await floor.page.evaluate("document.activeElement?.id") == element:
            return
    raise AssertionError(f"Tab does not lead to #{element}")


async def test_several_boxes_and_a_network_that_dies(floor: Floor) -> None:
    """F2 begins another box; what could not be sent is packed once the network is back, and only once."""
    order = await asyncio.to_thread(floor.seller.order, "KURTA", 3, program="SELLER_FLEX")
    await floor.came_in(1)
    await floor.open("/bench")
    await floor.scan(order.shipment_id)
    await floor.asks("Scan each unit")
    await floor.press("F2")
    await expect(floor.page.locator("#wrong-what")).to_contain_text("Nothing is in this box yet.")
    await floor.press("Escape")
    await floor.scan("KURTA")
    await floor.press("F2")
    await floor.scan("KURTA")
    await floor.scan("2")
    await expect(floor.page.locator("#boxes li")).to_have_count(2)
    for number, size in ((1, "30x20x10x600"), (2, "40x30x20x1200")):
        await floor.asks(f"Size and weight of box {number}")
        await floor.scan(size)
    await floor.asks("Enter packs")
    await floor.page.context.set_offline(True)
    await floor.press("Enter")
    await expect(floor.page.locator("#wrong-what")).to_contain_text("The server does not answer.")
    await floor.page.context.set_offline(False)
    await floor.press("Escape")
    await floor.asks("Enter packs")
    await floor.press("Enter")
    await floor.is_in_state("idle")

    async def printed() -> bool:
        return bool(floor.labels)

    await floor.until(printed)
    rows = await floor.services.pool.fetch("select package_id from package_label where not void")
    assert len(rows) == 2
    assert await floor.services.pool.fetchval("select count(*) from command where kind = 'pack'") == 1


async def test_axe_finds_nothing_serious_where_people_pack(floor: Floor) -> None:
    """Names, contrast, roles and order of the bench, the print page and the manifest, in light and dark."""
    order = await asyncio.to_thread(floor.seller.order, "KURTA", 2, program="SELLER_FLEX")
    await floor.came_in(1)
    for scheme in ("light", "dark"):
        await floor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        await floor.open("/bench")
        await looked_at(floor, "bench")
        await floor.scan(order.shipment_id)
        await floor.asks("Scan each unit")
        await looked_at(floor, "bench with an order")
        await floor.scan("NOTHING")
        await floor.is_in_state("wrong")
        await looked_at(floor, "bench with an error")
        for path in ("/prints", "/manifests"):
            await floor.open(path)
            await looked_at(floor, path)
        await tab_to(floor, "open-manifest")
        await floor.press("Enter")
        await expect(floor.page.locator("#code")).to_be_focused()
        await looked_at(floor, "a manifest")


async def looked_at(floor: Floor, what: str) -> None:
    """Let axe-core look at the page that is open."""
    assert await faults_of(floor.page) == [], what
