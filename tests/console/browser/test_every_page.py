"""Every page of the console in a real browser: axe-core in both themes, 360 pixels, and focus while news arrive."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from console.browser.axe import faults_of, faults_of_colours
from console.browser.full_house import FullHouse, full_house
from console.browser.operator_desk import IS_HERE, WHY
from packline.domain.events import Stuck
from packline.domain.shipment import Problem
from packline.domain.story import Story
from packline.ports import Change

pytestmark = [
    *(pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)),
    pytest.mark.skipif(not IS_HERE, reason=WHY),
]
PATIENCE = 60_000  # milliseconds
LANGUAGES = ("en", "ar", "hi")
LISTS = ("/", "/shipments", "/returns", "/stock", "/reconciliations")
CHANGED = {
    "/returns": "update return_item set received_units = 0, tracking_id = 'CHANGED' where id = $1",
    "/stock": "update stock_balance set reserved = 4711 where $1 like '%' || sku || '%'",
    "/reconciliations": "update reconciliation set compared = 4711 where id = $1",
}
"""How the first row of a list becomes another; shipments stop."""
TOLD = """
insert into event (at, account_id, name, cause, data)
values (now(), 'bench', 'account.paused', 'command', '{"event":{}}')
"""
HELD = "document.activeElement?.closest('tbody tr')?.id"


@pytest.fixture
async def house(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FullHouse]:
    async with full_house(database_url, tmp_path, monkeypatch) as made:
        yield made


async def test_axe_finds_nothing_serious_on_any_page(house: FullHouse) -> None:
    """All rules in the light, those of colours in the dark again; languages take turns; 360 pixels hold every page."""
    page, found, wide, faults = await house.browser.new_page(), [], [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for number, path in enumerate(house.pages):
        await look_at(page, house.url, path, LANGUAGES[number % len(LANGUAGES)])
        told = await faults_of(page)
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [(path, *fault) for fault in (*told, *await faults_of_colours(page))]
        await page.set_viewport_size({"width": 360, "height": 740})
        width = await page.evaluate("document.documentElement.scrollWidth")
        wide += [(path, width)] if width > 360 else []
    assert not found
    assert not wide
    assert not faults


async def test_news_keep_focus_and_choice_on_every_live_list(house: FullHouse) -> None:
    """The row under the hand becomes another where it stands: whatever has the focus keeps it, what is ticked stays."""
    tabs = [(path, await house.browser.new_page()) for path in LISTS]
    held = {path: await hold(page, house.url, path) for path, page in tabs}
    for path, row in held.items():
        await change(house, path, row)
    await house.services.pool.execute(TOLD)
    for path, page in tabs:
        row = page.locator(f"[id={json.dumps(held[path])}]")
        said = "no label" if path in ("/", "/shipments") else "CHANGED" if path == "/returns" else "4,711"
        await expect(row).to_contain_text(said, timeout=PATIENCE)
        assert await page.evaluate(HELD) == held[path], path
        if await row.locator("input[type=checkbox]").count():
            await expect(row.locator("input[type=checkbox]")).to_be_checked()


async def hold(page: Page, url: str, path: str) -> str:
    """Put the focus into the first row of a list, and tick it where that can be done; give the row's id."""
    await page.goto(url + path)
    await page.wait_for_selector("html[data-ready]", state="attached", timeout=PATIENCE)
    await page.wait_for_selector(".pulse[data-state=yes]", timeout=PATIENCE)
    row = page.locator("table.list tbody tr").first
    box = row.locator("input[type=checkbox]")
    if await box.count():
        await box.focus()
        await page.keyboard.press("Space")
    else:
        await row.locator("a").first.focus()
    return str(await page.evaluate(HELD))


async def change(house: FullHouse, path: str, row: str) -> None:
    """Let the thing of a row become another."""
    name = row.removeprefix("row-")
    if path in CHANGED:
        await house.services.pool.execute(CHANGED[path], name)
        return
    store = house.services.shipments
    shipment = (await store.load([name]))[name]
    story = Story(shipment)
    why = Problem("label_failed", "Amazon made no label for package PKG-1: odd", "Look.", house.services.clock.now())
    story.tell_all([Stuck(why, stop=True)])
    await store.commit([Change(story.shipment, shipment.version, (Stuck(why, stop=True),))])


async def look_at(page: Page, url: str, path: str, language: str) -> None:
    """Open a page on a desk, in the light and in a language."""
    await page.set_viewport_size({"width": 1366, "height": 800})
    await page.context.add_cookies([{"name": "language", "value": language, "url": url}])
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.goto(url + path, timeout=PATIENCE)
