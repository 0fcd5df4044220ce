"""An operator's desk: Amazon and Packline with its worker on this machine, and a browser without a mouse."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from e2e.stage import open_account
from packline.bootstrap import Services, open_services
from packline.config import load
from packline.domain import events as ev
from packline.domain.location import Location
from packline.domain.shipment import Problem
from packline.domain.story import Story
from packline.ports import Change
from packline.running import run
from packline_sim.control.handles import Amazon, Seller

CHROMIUM = os.environ.get("PACKLINE_CHROMIUM", "/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
WHY = f"SKIPPED LOUDLY: there is no Chromium at {CHROMIUM}"
IS_HERE = Path(CHROMIUM).exists()


class Desk:
    """Services, a seller, and a page on the console."""

    def __init__(self, services: Services, url: str, seller: Seller, page: Page) -> None:
        self.services, self.url, self.seller, self.page = services, url, seller, page
        self.faults: list[str] = []

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)

    async def press(self, *keys: str) -> None:
        """Press keys on a page that takes them: faster than a person, a test would press while scripts still load."""
        for key in keys:
            await self.page.wait_for_selector("html[data-ready]", state="attached")
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def order(self, count: int) -> None:
        """Let buyers order, and wait until Packline has read what is in the orders."""
        before = await self.services.pool.fetchval("select count(*) from shipment_body")
        await asyncio.to_thread(self.seller.orders, count, lines=[{"sku": "KURTA", "units": 1}])

        async def came() -> bool:
            return bool(await self.services.pool.fetchval("select count(*) from shipment_body") >= before + count)

        await self.until(came)

    async def count(self, condition: str) -> int:
        return int(await self.services.pool.fetchval(f"select count(*) from shipment where {condition}"))

    async def until(self, true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not await true():  # noqa: ASYNC110  the database tells nobody
                await asyncio.sleep(0.2)

    async def stop(self, shipment_id: str, code: str, message: str) -> None:
        """Let a shipment stop, as the driver commits it."""
        shipment = (await self.services.shipments.load([shipment_id]))[shipment_id]
        story = Story(shipment)
        stuck = ev.Stuck(Problem(code, message, "Look.", self.services.clock.now()), stop=True)
        story.tell_all([stuck])
        await self.services.shipments.commit([Change(story.shipment, shipment.version, (stuck,))])

    async def focus_by_tab(self, text: str, most: int = 80) -> None:
        """Press Tab until what has the focus says this."""
        for _ in range(most):
            await self.press("Tab")
            if text in (await self.page.evaluate("document.activeElement?.textContent ?? ''")):
                return
        raise AssertionError(f"Tab never came to {text!r}")


@asynccontextmanager
async def desk(market: Amazon, database_url: str, folder: Path, **context: Any) -> AsyncIterator[Desk]:
    """Open the desk over an empty database; the location confirms nothing by itself."""
    chosen = {"data": folder / "data", "database_url": database_url, "port": 0, "console_sign_in": False}
    async with open_services(load({**chosen, "poll_new_s": 0.5, "poll_rest_s": 1.0})) as services:
        seller = await asyncio.to_thread(_shop, market)
        account = await open_account(services, market, seller, "off")
        for location in seller.location_ids:
            await services.accounts.put_location(Location(account.id, location, timezone="Asia/Kolkata"))
        async with run(services, faces=True, worker=True) as running, async_playwright() as player:
            browser = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            size = {"viewport": {"width": 1366, "height": 800}, **context}
            page = await (await browser.new_context(**size)).new_page()
            made = Desk(services, str(running.url), seller, page)
            page.on("pageerror", lambda error: made.faults.append(str(error)))
            page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
            yield made
            await browser.close()


def _shop(market: Amazon) -> Seller:
    seller = market.create_seller("Acme Traders", region="EU", marketplace_ids=["A21TJRUUN4KGV"])
    seller.add_location()
    seller.add_sku("KURTA", title="Blue Kurta M", stock=500)
    return seller
