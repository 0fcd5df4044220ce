"""People at the console in a real browser, keyboard only: the first admin, a packer, a locked door, axe-core."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Page, async_playwright, expect

from console.browser.axe import faults_of
from console.browser.operator_desk import CHROMIUM, IS_HERE, QUIET, WHY
from packline.bootstrap import Services, open_services, people_desk
from packline.commands.people import NewPerson
from packline.config import load
from packline.running import run

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not IS_HERE, reason=WHY)]
WORD = "seven green parcels"
PATIENCE = 60_000
LOOKS = (("light", "en"), ("dark", "ar"))


class House(NamedTuple):
    """A console that asks who it is, and a page on it."""

    services: Services
    url: str
    page: Page


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Serve the console, without a worker, over an empty database."""
    settings = load({"data": tmp_path / "data", "database_url": database_url, "port": 0})
    async with (
        open_services(settings) as services,
        run(services, faces=True, worker=False) as running,
        async_playwright() as player,
    ):
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = await (await browser.new_context(viewport={"width": 1366, "height": 800})).new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)
        yield House(services, str(running.url), page)
        await browser.close()


async def write(page: Page, *words: str) -> None:
    """Write into the focused field and those that follow, as fingers do, then Enter."""
    for number, word in enumerate(words):
        if number:
            await page.keyboard.press("Tab")
        await page.keyboard.type(word)
    await page.keyboard.press("Enter")


async def inside(page: Page) -> None:
    await expect(page.locator("nav.rail")).to_be_visible(timeout=PATIENCE)


async def test_from_the_set_up_link_to_a_packer_who_is_let_in(house: House):
    """The first admin, somebody new, the link, the packer's own rail: no mouse, nothing serious for axe-core."""
    page, desk = house.page, people_desk(house.services)
    first = await desk.first_link()
    assert first is not None
    await page.goto(house.url + first.path)
    assert await faults_of(page) == []
    await write(page, "ravi", "Ravi at the desk", WORD, WORD)
    await inside(page)
    await page.goto(house.url + "/people/new")
    await expect(page.locator("[name=name]")).to_be_focused(timeout=PATIENCE)
    await write(page, "asha")
    notice = page.locator(".notice")
    await expect(notice).to_contain_text("/welcome/", timeout=PATIENCE)
    link = (await notice.inner_text()).partition("password: ")[2].split()[0]
    for scheme, language in LOOKS:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        await page.context.add_cookies([{"name": "language", "value": language, "url": house.url}])
        for path in ("/people", "/people/new", "/people/asha", "/me", "/audit"):
            await page.goto(house.url + path)
            assert await faults_of(page) == [], (path, scheme, language)
    await page.context.clear_cookies()
    await page.goto(link)
    await expect(page.locator("[name=password]")).to_be_visible(timeout=PATIENCE)
    await page.locator("[name=password]").focus()
    await write(page, WORD, WORD)
    await inside(page)
    rail = page.locator("nav.rail")
    await expect(rail).to_contain_text("asha")
    await expect(rail).not_to_contain_text("People")
    await expect(rail).not_to_contain_text("Audit")


async def test_the_door_locks_and_says_for_how_long(house: House):
    """Five wrong passwords, then a wait in words, on the page and for whoever only hears it."""
    page = house.page
    await people_desk(house.services).add(NewPerson("asha", "packer"), "test", password=WORD)
    await page.goto(house.url + "/shipments?status=SHIPPED")
    for number in range(5):
        await page.locator("[name=name]").fill("asha")
        await page.locator("[name=password]").focus()
        async with page.expect_response("**/sign-in") as told:
            await write(page, f"wrong parcels {number}")
        assert (await told.value).status == 401
        await expect(page.get_by_role("alert")).to_contain_text("wrong", timeout=PATIENCE)
    await page.locator("[name=password]").focus()
    await write(page, WORD)
    await expect(page.get_by_role("alert")).to_contain_text("Try again in", timeout=PATIENCE)
    assert await faults_of(page) == []
    await house.services.pool.execute("update sign_in_attempt set locked_until = at")
    await page.locator("[name=password]").focus()
    await write(page, WORD)
    await inside(page)
    assert page.url == house.url + "/shipments?status=SHIPPED"


async def test_a_page_that_is_open_ends_with_its_session(house: House):
    """Whoever is signed out elsewhere is led to the sign-in by the next thing that the page or the person asks."""
    page, desk = house.page, people_desk(house.services)
    await desk.add(NewPerson("asha", "manager"), "test", password=WORD)
    await page.goto(house.url + "/calls")
    await expect(page.locator("[name=name]")).to_be_focused(timeout=PATIENCE)
    await write(page, "asha", WORD)
    await inside(page)
    await page.wait_for_selector("html[data-ready]", state="attached")
    assert await desk.sign_out("asha", "test") == 1
    await page.keyboard.press("Control+k")
    async with asyncio.timeout(60):
        while "/sign-in" not in page.url:  # the console asks the database again after five seconds
            await page.keyboard.type("a")
            await page.wait_for_timeout(500)
    assert page.url == house.url + "/sign-in?back=/calls"
