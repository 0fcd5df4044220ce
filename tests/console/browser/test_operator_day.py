"""The day of an operator in a real browser, with the keyboard only; and what axe-core says of every page."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from console.browser.axe import faults_of
from console.browser.operator_desk import IS_HERE, WHY, Desk, desk
from e2e.stage import amazon
from packline.console import frame

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not IS_HERE, reason=WHY)]
LOOKS = (("light", "en"), ("dark", "en"), ("light", "ar"), ("light", "hi"))


@pytest.fixture(scope="module")
def market() -> Any:
    with amazon() as made:
        yield made


@pytest.fixture
async def at(market: Any, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(market, database_url, tmp_path) as made:
        yield made


async def test_an_operator_needs_no_mouse(at: Desk):
    """Confirm all, pack one by its page and one by its row, hand over in bulk, and clear what failed."""
    page, rows = at.page, at.page.locator("table.list tbody tr")
    await at.open()
    await at.order(4)
    await expect(rows).to_have_count(4, timeout=15_000)  # they come by themselves
    await go(at, "Confirm")
    await bulk(at, "4 rows are ready")
    await at.until(lambda: is_true(at, "status = 'CONFIRMED'", 4))
    await at.open()
    name = await rows.first.locator("td.c-id").inner_text()
    await at.press("/")
    await at.type(name)
    await at.press("Enter")
    await expect(page.locator("h1")).to_contain_text(name)
    await at.press("Control+k")
    await at.type("Pack")
    await expect(page.locator("#palette-hits a").first).to_contain_text("Pack")
    await at.press("Enter")
    await expect(page.locator("#act-pack")).to_be_focused()
    await at.press("Enter")
    await at.until(lambda: is_true(at, "goal = 'labeled' or status = 'SHIPLABEL_GENERATED'", 1))
    await at.press("g", "w")
    await go(at, "Pack")
    await expect(rows).to_have_count(3, timeout=15_000)
    await at.press("j", "a")  # the row's own button
    await at.until(lambda: is_true(at, "status = 'SHIPLABEL_GENERATED'", 2))
    await at.open("/?next=hand_over")
    await expect(rows).to_have_count(2, timeout=15_000)
    await at.press("j", "x", "j", "x")
    await expect(page.locator("[data-chosen]")).to_contain_text("2")
    await at.press("b")
    await at.focus_by_tab("Hand over")
    await finish(at, "2 rows are ready")
    await at.until(lambda: is_true(at, "handed_over", 2))
    await clear_failed(at)
    assert not at.faults


async def test_nothing_moves_under_the_pointer(at: Desk):
    """While somebody points into the list a new row waits; where nobody does it comes at once; the focus stays."""
    page, rows = at.page, at.page.locator("table.list tbody tr")
    await at.open()
    await at.order(1)
    await expect(rows).to_have_count(1, timeout=15_000)
    await rows.first.hover()
    await at.order(1)
    await expect(page.locator(".held")).to_be_visible(timeout=15_000)
    await expect(rows).to_have_count(1)
    await page.locator("h1").first.hover(force=True)
    await page.mouse.move(5, 5)
    await expect(rows).to_have_count(2, timeout=15_000)
    box = rows.first.locator("input[type=checkbox]")
    await box.focus()
    await at.press("Space")
    first = await rows.first.get_attribute("id")
    await at.stop(str(first).removeprefix("row-"), "label_failed", "Amazon made no label for package PKG-1: odd")
    await expect(rows.first).to_contain_text("no label", timeout=15_000)
    await expect(box).to_be_focused()
    await expect(box).to_be_checked()
    assert not at.faults


async def test_axe_finds_nothing_serious(at: Desk):
    """Every place and a shipment, light and dark, in all three languages."""
    await at.order(2)
    shipment = await at.services.pool.fetchval("select id from shipment limit 1")
    await at.stop(shipment, "label_failed", "Amazon made no label for package PKG-1: odd")
    paths = [*(place.path for place in frame.RAIL), f"/shipments/{shipment}"]
    found = []
    for scheme, language in LOOKS:
        await at.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        await at.page.context.add_cookies([{"name": "language", "value": language, "url": at.url}])
        for path in paths if (scheme, language) != ("light", "hi") else paths[:2]:
            await at.open(path)
            await at.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
            found += [(path, scheme, language, *fault) for fault in await faults_of(at.page)]
    assert not found


async def go(at: Desk, tab: str) -> None:
    """Go to a tab of the work page by the palette."""
    await at.press("Control+k")
    await at.type(tab)
    await expect(at.page.locator("#palette-hits a").first).to_contain_text(tab)
    await at.press("Enter")
    await expect(at.page.locator("#work_tabs [aria-current=true]")).to_contain_text(tab)


async def bulk(at: Desk, ready: str) -> None:
    """Choose the whole filter, and give the first act."""
    await at.press("Shift+X", "b")
    await finish(at, ready)


async def finish(at: Desk, ready: str) -> None:
    """Open the preview, read it, give it, and see it through."""
    await at.press("Enter")
    await expect(at.page.locator("#bulk")).to_contain_text(ready, timeout=15_000)
    await at.press("Enter")
    await expect(at.page.locator("#bulk .chip.good").first).to_contain_text("done", timeout=30_000)
    await expect(at.page.locator("#bulk")).not_to_contain_text("under way", timeout=30_000)
    await at.press("Escape")


async def clear_failed(at: Desk) -> None:
    """Let something fail, and mend it from the page of failed work."""
    left = await at.services.pool.fetchval("select id from shipment where status = 'CONFIRMED' limit 1")
    await at.stop(left, "amazon_unavailable", "createPackages was tried 9 times without success (no answer).")
    await at.press("g", "f")
    await expect(at.page.locator(".cause")).to_have_count(1, timeout=15_000)
    await at.focus_by_tab("Try again: this one")
    await finish(at, "1 row is ready")
    await expect(at.page.locator(".empty")).to_be_visible(timeout=15_000)


async def is_true(at: Desk, condition: str, count: int) -> bool:
    """Tell whether so many shipments are so."""
    if condition == "handed_over":
        condition = "goal in ('shipped', 'delivered') or status in ('SHIPPED', 'DELIVERED')"
    return await at.count(condition) >= count
