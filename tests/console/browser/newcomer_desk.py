"""A newcomer's desk: an empty Packline with a worker, an empty Amazon beside it, and a browser without a mouse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from console.browser.operator_desk import CHROMIUM, QUIET, Desk
from packline.bootstrap import open_services
from packline.config import load
from packline.running import run
from packline_sim.control.handles import Amazon

WAIT_MS = 60_000
"""On a machine that is ten times slower a page may take that long."""


class Newcomer(Desk):
    """A desk with nothing on it; the simulator is `market`."""

    market: Amazon

    async def tab_to(self, selector: str, most: int = 120) -> None:
        """Wait for this on a page whose script is ready, then press Tab until it has the focus."""
        await self.page.wait_for_selector(selector, timeout=WAIT_MS)
        await self.page.wait_for_load_state("load")
        script = "selector => document.activeElement?.matches(selector) ?? false"
        for _ in range(most):
            if await self.page.evaluate(script, selector):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {selector}")

    async def enter(self, selector: str, text: str) -> None:
        """Write over what stands in a field."""
        await self.tab_to(selector)
        await self.page.keyboard.press("Control+a")
        await self.page.keyboard.type(text)

    async def push(self, selector: str) -> None:
        """Go to a button or a link, and press it."""
        await self.page.wait_for_selector(selector, timeout=WAIT_MS)
        await self.ready()
        await self.tab_to(selector)
        await self.page.keyboard.press("Enter")

    async def ready(self) -> None:
        """Wait until the page's script takes keys."""
        await self.page.wait_for_selector("html[data-ready]", state="attached", timeout=WAIT_MS)

    async def see(self, text: str) -> None:
        """Wait until the page says this."""
        await self.page.get_by_text(text).first.wait_for(timeout=WAIT_MS)


@asynccontextmanager
async def newcomer(market: Amazon, database_url: str, folder: Path, **context: Any) -> AsyncIterator[Newcomer]:
    """Open the desk over an empty database and an empty Amazon."""
    chosen = {"data": folder / "data", "database_url": database_url, "port": 0, "console_sign_in": False}
    async with open_services(load({**chosen, "poll_new_s": 0.5, "poll_rest_s": 1.0})) as services:
        await asyncio.to_thread(market.reset)
        async with run(services, faces=True, worker=True) as running, async_playwright() as player:
            browser = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            size = {"viewport": {"width": 1366, "height": 900}, **context}
            page = await (await browser.new_context(**size)).new_page()
            page.set_default_timeout(WAIT_MS)
            made = Newcomer(services, str(running.url), None, page)  # type: ignore[arg-type]  no seller yet
            made.market = market
            page.on("pageerror", lambda error: made.faults.append(str(error)))
            page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
            yield made
            await browser.close()
