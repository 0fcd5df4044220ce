"""A house in which every page of the console has something to show, made by the rows of the console's benchmark."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from console.browser.operator_desk import CHROMIUM, QUIET
from packline.bootstrap import Services, open_services
from packline.config import load
from packline.domain.location import DEFAULT_LOCATION
from packline.running import run

ROOT = Path(__file__).parents[3]
ACCOUNT, LOCATION, COUNT, SHARE, ONE = "bench", "BEN1", 2500, 0.0005, 20
SMALL = {
    "console_books": {"SKUS": 40, "RUNS": 25},
    "console_desks": {"PARCELS": 5, "ITEMS": 2, "REFUSED": 5, "SHEETS": 60, "PEOPLE": 8, "PARTS": 2, "BUSY": 60},
}
"""What the benchmark makes many of, and a test needs few."""

LONGER = ("after", "received", "called", "audited", "request", "old")
PARTS = ("/bundle", "lst_1/refused", "/bench/last", "/health/charts", "here=/")


class FullHouse:
    """Services, the console's address, a browser, and addresses of every page."""

    def __init__(self, services: Services, url: str, browser: Browser, pages: list[str]) -> None:
        self.services, self.url, self.browser, self.pages = services, url, browser, pages


@asynccontextmanager
async def full_house(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FullHouse]:
    """Fill an empty database, and open the console over it without a worker."""
    monkeypatch.syspath_prepend(str(ROOT))
    chosen = {"data": folder / "data", "database_url": database_url, "port": 0, "console_sign_in": False}
    async with open_services(load(chosen)) as services:
        await _fill(services, monkeypatch)
        pages = importlib.import_module("bench.console_pages")
        names = await _names(services)
        async with run(services, faces=True, worker=False) as running, async_playwright() as player:
            browser = await player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            shown = [page.format(**names) for page in pages.PAGES if _is_known(page)]
            yield FullHouse(services, str(running.url), browser, list(_first_of_each(shown)))
            await browser.close()


async def _fill(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("console_rows", "console_books", "console_desks", "console")
    rows, books, desks, bench = (importlib.import_module(f"bench.{name}") for name in names)
    for name, numbers in SMALL.items():
        for number, value in numbers.items():
            monkeypatch.setattr(importlib.import_module(f"bench.{name}"), number, value)
    monkeypatch.setattr(desks, "FEEDER", books.FEEDER)
    pool, now = services.pool, services.clock.now()
    await pool.execute(bench._ACCOUNT, ACCOUNT)
    await pool.execute(bench._LOCATION, ACCOUNT, LOCATION)
    await rows.fill(pool, ACCOUNT, LOCATION, COUNT, now, b"{}")
    await pool.execute("delete from shipment_body")  # no answer of Amazon has such a body
    await books.fill_books(pool, ACCOUNT, LOCATION, now, SHARE)
    await pool.execute(bench._LOCATION, books.FEEDER, DEFAULT_LOCATION)
    await desks.fill_desks(pool, ACCOUNT, LOCATION, now, SHARE)


async def _names(services: Services) -> dict[str, Any]:
    shipment = await services.pool.fetchval("select id from shipment where status = 'SHIPLABEL_GENERATED' limit 1")
    feed = await services.pool.fetchval("select max(id) from feed_batch")
    return {"shipment": shipment, "feed": feed, "one": ONE, "half": COUNT // 2}


def _is_known(page: str) -> bool:
    """Leave out second pages, which a small house does not have, files, and what is only a part of a page."""
    return not page.endswith(PARTS) and all(f"{{{name}" not in page for name in LONGER)


def _first_of_each(pages: list[str]) -> dict[str, None]:
    """Give one address of each page, with its filters where the first has some."""
    seen: dict[str, str] = {}
    for page in pages:
        seen.setdefault(page.partition("?")[0], page)
    return dict.fromkeys(seen.values())
