"""The dock and the shelf in a real browser, with the keyboard only; and what axe-core says of the operators' pages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, async_playwright, expect

from api.house import ACCOUNT
from console.browser.axe import faults_of
from console.browser.operator_desk import CHROMIUM, IS_HERE, QUIET, WHY
from packline.bootstrap import Services, open_services
from packline.commands.stock import StockOrder
from packline.config import load
from packline.domain.location import Credentials, Location
from packline.domain.returns import Password, return_id
from packline.ports import Ownership
from packline.running import run
from storage.test_returns import seen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not IS_HERE, reason=WHY)]
PATIENCE = 60_000  # milliseconds
ITEM = return_id("acme-in", "R-1")
SHELF = "/stock/item?pool=acme-in&location=EXSB&sku=KURTA-M"
PAGES = (
    f"/returns/{ITEM}", SHELF, "/stock/drift", "/stock/rules", "/stock/holds", "/stock/refused",
    "/routes/ask?account=acme-in&lines=KURTA-M", "/smarthub",
)  # fmt: skip


class Dock:
    """Services without a worker, and a page on the console."""

    def __init__(self, services: Services, url: str, page: Page) -> None:
        self.services, self.url, self.page = services, url, page
        self.faults: list[str] = []

    async def press(self, *keys: str) -> None:
        """Press keys on a page that takes them."""
        for key in keys:
            await self.page.wait_for_selector("html[data-ready]", state="attached", timeout=PATIENCE)
            await self.page.keyboard.press(key)

    async def tab_to(self, place: str, most: int = 80) -> None:
        """Press Tab until what has the focus is this."""
        for _ in range(most):
            await self.press("Tab")
            if await self.page.evaluate("(place) => document.activeElement?.matches(place)", place):
                return
        raise AssertionError(f"Tab never came to {place}")

    async def says(self, place: str, text: str) -> None:
        await expect(self.page.locator(place).first).to_contain_text(text, timeout=PATIENCE)


@pytest.fixture
async def dock(database_url: str, tmp_path: Path) -> AsyncIterator[Dock]:
    """Open the console over a house with one delivered return and one SKU on the shelf."""
    chosen = {"data": tmp_path / "data", "database_url": database_url, "port": 0, "console_sign_in": False}
    async with open_services(load(chosen)) as services:
        await services.accounts.put(ACCOUNT, Credentials("id", "secret", "refresh"))
        await services.accounts.put_location(Location("acme-in", "EXSB", timezone="Asia/Kolkata"))
        await services.pool.execute(
            "insert into ownership (account_id, epoch, worker, taken_at) values ('acme-in', 1, 'test', now())"
        )
        now = services.clock.now()
        told = replace(seen("DELIVERED"), password=Password("481516", now + timedelta(hours=1)))
        await services.returns.save(Ownership("acme-in", 1), [told], now)
        await services.stock.say(StockOrder("set", "KURTA-M", 4, "EXSB", "acme-in"))
        async with run(services, faces=True, worker=False) as running, async_playwright() as player:
            browser = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            page = await browser.new_page(viewport={"width": 1366, "height": 800})
            made = Dock(services, str(running.url), page)
            page.on("pageerror", lambda error: made.faults.append(str(error)))
            page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
            yield made
            await browser.close()


async def test_the_dock_and_the_shelf_need_no_mouse(dock: Dock, tmp_path: Path) -> None:
    """Scan a parcel, receive it, see its password for a while; count its SKU, see why, stop the sale."""
    page = dock.page
    await page.goto(dock.url)
    await dock.press("g", "r")
    await dock.says("h1", "Returns")
    await dock.press("/")
    await page.keyboard.type("REV-1")
    await dock.press("Enter")
    await dock.says("h1", "RMA-1")
    await dock.tab_to("#show-password")
    await dock.press("Enter")
    await dock.says(".password", "481516")
    await page.evaluate("document.querySelector('[data-ends]').dataset.ends = '2020-01-01T00:00:00Z'")
    await expect(page.locator(".password")).to_have_count(0, timeout=PATIENCE)
    await a_photo(dock, tmp_path)
    await page.reload()
    await expect(page.locator("#f-units")).to_be_focused(timeout=PATIENCE)
    await dock.press("Enter")
    await dock.says(".notice", "3 units are received.")
    await dock.press("g", "k")
    await dock.says("h1", "Stock")
    await dock.press("j", "Enter")
    await dock.says(".sentence", "Why 7?")
    await dock.tab_to("#f-quantity")
    await page.keyboard.type("9")
    await dock.press("Enter")
    await dock.says(".notice", "7 on hand before, 9 now")
    await dock.tab_to("button.danger")
    await dock.press("Enter")
    await dock.says(".sentence", "Why 0?")
    assert not dock.faults


async def test_axe_finds_nothing_serious(dock: Dock) -> None:
    """Light in English, the fullest ones dark from right to left too; the rail is looked at elsewhere."""
    found: list[Any] = []
    for scheme, language, pages in (("light", "en", PAGES), ("dark", "ar", PAGES[:3])):
        await dock.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        await dock.page.context.add_cookies([{"name": "language", "value": language, "url": dock.url}])
        for path in pages:
            await dock.page.goto(dock.url + path)
            await dock.page.wait_for_selector("html[data-ready]", state="attached", timeout=PATIENCE)
            found += [(path, scheme, *fault) for fault in await faults_of(dock.page)]
    assert not found


async def a_photo(dock: Dock, folder: Path) -> None:
    """What is no photo is refused in words; a photo stands on the page."""
    wrong, right = folder / "note.png", folder / "corner.pdf"
    wrong.write_bytes(b"no picture")
    right.write_bytes(b"%PDF-1.4 corner")
    await dock.page.locator("#photo").set_input_files(wrong)
    await dock.says("#photo-said", "A photo is a JPEG, PNG, WebP or PDF")
    dock.faults.clear()  # the browser itself notes a refused file
    await dock.page.locator("#photo").set_input_files(right)
    await dock.says(".photos", "corner.pdf")
