"""The day of a newcomer in a real browser, keyboard only: from an empty database to the first parcel handed over."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from console.browser.axe import faults_of
from console.browser.newcomer_desk import Newcomer, newcomer
from console.browser.operator_desk import IS_HERE, WHY
from e2e.stage import amazon

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not IS_HERE, reason=WHY)]
PICTURES = os.environ.get("PACKLINE_PICTURES")  # a folder: what the newcomer sees is kept there, to be looked at


@pytest.fixture(scope="module")
def market() -> Any:
    with amazon() as made:
        yield made


@pytest.fixture
async def at(market: Any, database_url: str, tmp_path: Path) -> AsyncIterator[Newcomer]:
    async with newcomer(market, database_url, tmp_path) as made:
        yield made


async def test_a_newcomer_comes_from_nothing_to_the_first_parcel_handed_over(at: Newcomer):
    """Consent, locations, programs, numbers, notifications, order, label, carrier; axe finds nothing serious."""
    found: list[Any] = []
    await at.open("/")
    assert at.page.url.endswith("/setup")  # an empty installation begins there
    await look(at, "1-empty", ".way", found)
    await at.push("a[href='/setup/new/simulator']")
    await at.enter("#f-address", at.market.url)
    await look(at, "2-form", "#f-address", found)
    await at.push("form.setup-form button.main")
    await look(at, "3-consent", "#to-consent", found)
    await at.push("#to-consent")
    await at.page.wait_for_url("**/apps/authorize/consent*")
    await look(at, "4-amazon", "[name=seller_id]", found)
    await at.tab_to("button.main")
    await at.page.keyboard.press("Enter")
    await at.see("Acme Traders has consented.")
    await look(at, "5-locations", "#find-places", found)
    await at.push("#find-places")
    await at.push("#found button.main")
    await at.see("1 location is taken in.")
    await at.push("#on")
    await look(at, "6-programs", ".place-form", found)
    await at.tab_to("[name=auto_confirm]")
    await at.page.keyboard.press("Space")
    await at.push(".place-form button")
    await at.see("is set.")
    await at.push("#on")
    await look(at, "7-numbers", "[name=how]", found)
    await at.push(".setup-step form button.main")
    await at.see("That is settled.")
    await at.push("#on")
    await at.push(".setup-step form button.main")
    await at.see("Amazon sends 1 type to packline.")
    await at.push("#check-links")
    await at.see("came through in")
    await look(at, "8-notifications", "#links li", found)
    await at.push("#on")
    await at.push("#order-now")
    await at.push("#first")
    await at.page.wait_for_url("**/shipments/*")
    await hand_over(at)
    await at.open("/setup")
    await look(at, "9-done", ".setup-row", found)
    assert await at.page.locator(".trail .good").count() == 6
    assert not found
    assert not at.faults


async def hand_over(at: Newcomer) -> None:
    """Pack the first order from its page, and hand it to the carrier."""
    await at.push("#act-pack")
    await at.until(lambda: is_true(at, "status = 'SHIPLABEL_GENERATED'"))
    await at.push("#act-hand_over")
    await at.until(lambda: is_true(at, "status = 'SHIPPED'"))


async def is_true(at: Newcomer, condition: str) -> bool:
    """Tell whether the one shipment is so."""
    return await at.count(condition) == 1


async def look(at: Newcomer, name: str, shows: str, found: list[Any]) -> None:
    """Wait for the page that shows this; keep what axe finds on it, and its picture where one is wanted."""
    await at.page.wait_for_selector(shows)
    await at.page.wait_for_load_state("load")
    found += [(name, *fault) for fault in await faults_of(at.page)]
    if PICTURES:
        await at.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
