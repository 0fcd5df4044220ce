"""Acts on many rows outlive the process that began them: kept in the database, given once, with the time left."""

import asyncio
import re
from datetime import timedelta

import httpx

from api.house import House
from console.conftest import browser
from console.start_fakes import bulk_of
from packline.storage.bulk_acts import BulkActs


async def until(page: httpx.AsyncClient, path: str, text: str) -> str:
    """Follow an act until it says this; as its dialog does, for a minute at most."""
    async with asyncio.timeout(60):
        while text not in (html := (await page.get(path, headers={"hx-request": "true"})).text):  # noqa: ASYNC110  as a browser does
            await asyncio.sleep(0.05)
    return html


async def preview(page: httpx.AsyncClient, *ids: str, act: str = "pack") -> str:
    """Begin an act on rows, wait until they are looked at, and give its address."""
    token = token_in((await page.get("/shipments")).text)
    begun = await page.post("/bulk/preview", data={"act": act, "ids": " ".join(ids)}, headers=token)
    named = re.search(r'/bulk/([\w-]+)"', begun.text)
    assert named
    path = f"/bulk/{named[1]}"
    await until(page, path, "ready")
    return path


def token_in(html: str) -> dict[str, str]:
    found = re.search(r'"X-Packline-Token": "([^"]+)"', html)
    assert found
    return {"X-Packline-Token": found[1]}


async def test_another_process_shows_and_gives_what_one_began(house: House):
    """A restart between the preview and the yes, or a second process behind a balancer, changes nothing."""
    shipment = await house.shipment("S-1", "CONFIRMED")
    async with browser(house, sign_in=False) as first:
        path = await preview(first, shipment.id)
    async with browser(house, sign_in=False) as second:
        assert "1 row is ready" in (await second.get(path)).text
        await second.post(f"{path}/give", headers=token_in((await second.get("/shipments")).text))
        await until(second, path, "under way")
    async with browser(house, sign_in=False) as third:
        assert "S-1" in (await third.get(path)).text
    assert (await house.store.load([shipment.id]))[shipment.id].goal == "labeled"


async def test_what_a_dead_process_gave_in_part_is_given_on_and_once(house: House, page: httpx.AsyncClient):
    """Its claim ends after some seconds; rows that it had given already keep their one command."""
    shipments = [await house.shipment(f"S-{number}", "CONFIRMED") for number in range(3)]
    name = (await preview(page, *(one.id for one in shipments))).removeprefix("/bulk/")
    store, clock, bulk = BulkActs(house.services.pool), house.services.clock, bulk_of(house.services)
    assert await bulk.give(name)
    act = await store.claim(clock.now())  # by a process that gives the first row, and dies before it notes so
    assert act is not None
    line = (await store.waiting(name, 1))[0]
    from packline.commands.bulk_acts import _order

    await house.services.desk.give_many([_order(act, line)])
    assert not await bulk.work(clock.now(), name)
    assert await bulk.work(clock.now() + timedelta(minutes=1))
    await bulk.run(name)
    rows = await house.services.pool.fetch("select shipment_id, count(*) as n from command group by shipment_id")
    assert sorted(row["n"] for row in rows) == [1, 1, 1]
    states = await house.services.pool.fetch("select distinct fate from bulk_line where act_id = $1", name)
    assert [row["fate"] for row in states] == ["given"]


async def test_two_processes_give_each_row_once(house: House, page: httpx.AsyncClient):
    """Whoever is up takes a part; yes is said once."""
    shipments = [await house.shipment(f"S-{number}", "CONFIRMED") for number in range(5)]
    name = (await preview(page, *(one.id for one in shipments))).removeprefix("/bulk/")
    one, other = bulk_of(house.services), bulk_of(house.services)
    assert [await one.give(name), await other.give(name)] == [True, False]
    await asyncio.gather(one.run(name), other.run(name))
    assert await house.services.pool.fetchval("select count(*) from command") == 5


async def test_rows_that_nobody_looks_at_any_more_are_told(house: House, page: httpx.AsyncClient):
    """A process that ends while it looks has given nothing; the page says so in the place of turning for ever."""
    act = await bulk_of(house.services).begin("pack", "console", "console: console")
    await house.services.pool.execute("update bulk_act set claimed_until = now() - interval '1 second'")
    shown = (await page.get(f"/bulk/{act.id}", headers={"hx-request": "true"})).text
    assert "nothing was given" in shown
    assert "hx-trigger" not in shown


async def test_an_act_is_its_owners_alone(house: House, page: httpx.AsyncClient):
    """Another person's results are not found."""
    act = await bulk_of(house.services).begin("pack", "somebody", "console: somebody")
    assert (await page.get(f"/bulk/{act.id}")).status_code == 404
    assert (await page.get("/bulk/nothing")).status_code == 404


async def test_the_time_left_follows_from_the_quota(house: House, page: httpx.AsyncClient):
    """The slowest lane of the calls that the act needs: of 20 rows four calls a second late, here one a second."""
    ids = [(await house.shipment(f"S-{number}", "CONFIRMED")).id for number in range(20)]
    path = await preview(page, *ids)
    assert "By Amazon&#39;s quotas it takes about 20 s." in (await page.get(path)).text
