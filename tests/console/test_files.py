"""Files at the console: listings with their error file, documents with the pages for a person, pickup schedules."""

import io
import re
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from api.house import House
from api.test_document_imports import ORDERS, pile, scheduled, shop
from api.test_listings import BAD, GOOD, work
from console.start_fakes import files_of
from packline.errors import PacklineError

__all__ = ["shop"]


def headers(html: str, name: str) -> dict[str, str]:
    """Send as the page's script does."""
    found = re.search(r'"X-Packline-Token": "([^"]+)"', html)
    assert found
    return {"x-packline-token": found[1], "x-packline-file": name}


async def send(page: httpx.AsyncClient, path: str, content: bytes, name: str, **query: str) -> Any:
    """Send a file for the house's account."""
    token = headers((await page.get("/files")).text, name)
    return await page.post(path, content=content, params={"account": "acme-in", **query}, headers=token)


async def given_out(house: House) -> None:
    """Work files of documents off, as the keeper does."""
    drops = files_of(house.services).drops
    while await drops.work(house.services.clock.now()):
        pass


async def test_listings_are_taken_in_with_their_progress(house: House, page: httpx.AsyncClient):
    """The page of an upload follows it, and says at its end what was new."""
    sent = await send(page, "/files/listings", GOOD.encode(), "mine.csv")
    path = sent.json()["leads_to"]
    assert "waits" in (await page.get(path)).text
    await work(house)
    shown = (await page.get(path)).text
    assert "taken in" in shown
    assert "mine.csv" in shown
    assert "mine.csv" in (await page.get("/files")).text
    exported = await page.get("/files/listings/export", params={"account": "acme-in", "as": "csv"})
    assert "AMZ-1" in exported.text


async def test_rows_that_were_not_taken_come_back_as_a_file_to_mend(house: House, page: httpx.AsyncClient):
    """In the format that was sent, with every column and a reason; nothing is stored of a file with mistakes."""
    path = (await send(page, "/files/listings", BAD.encode(), "mine.csv")).json()["leads_to"]
    await work(house)
    assert "Nothing was stored" in (await page.get(path)).text
    refused = await page.get(f"{path}/refused")
    assert 'filename="mine.refused.csv"' in refused.headers["content-disposition"]
    assert "second" in refused.text
    sheet = load_workbook(io.BytesIO((await page.get(f"{path}/refused", params={"as": "xlsx"})).content)).active
    assert [cell.value for cell in sheet[1]][-1] == "reason"
    assert await house.services.pool.fetchval("select count(*) from listing") == 0
    partial = (await send(page, "/files/listings", BAD.encode(), "mine.csv", mode="partial")).json()["leads_to"]
    await work(house)
    assert "taken in" in (await page.get(partial)).text
    assert await house.services.pool.fetchval("select count(*) from listing") == 1


async def test_what_is_wrong_with_a_file_is_said_where_it_was_dropped(house: House, page: httpx.AsyncClient):
    """Empty, of a stranger's account, or without the page's token."""
    assert (await send(page, "/files/listings", b"", "mine.csv")).json()["message"] == "The file is empty."
    stranger = await send(page, "/files/listings", GOOD.encode(), "mine.csv", account="nobody")
    assert stranger.status_code == 404
    forged = await page.post("/files/listings", content=GOOD.encode(), params={"account": "acme-in"})
    assert forged.status_code == 403
    central = await send(page, "/files/documents", b"%PDF", "labels.pdf")
    assert "come with Amazon" in central.json()["message"]


async def test_documents_go_to_their_orders_and_strange_pages_to_a_person(shop: House, page: httpx.AsyncClient):
    """What matched is listed, and a page of no order stands with a form that gives it to one."""
    name = await scheduled(shop, ORDERS[0])
    sent = await send(page, "/files/documents", pile(ORDERS[0], ORDERS[3]), "labels.pdf")
    path = sent.json()["leads_to"]
    assert "waits" in (await page.get(path)).text
    await given_out(shop)
    shown = (await page.get(path)).text
    assert ORDERS[0].order_id in shown
    assert "belong to no order that is known here" in shown
    assert "a person must look" in (await page.get("/files")).text
    number = re.search(rf"{path}/pages/(\d+)", shown)[1]
    assert (await page.get(f"{path}/pages/{number}")).content.startswith(b"%PDF")
    documents = await shop.services.pool.fetchval("select count(*) from shipment_document where shipment_id = $1", name)
    assert documents == 2


async def test_a_person_gives_a_page_to_its_order_or_puts_it_aside(shop: House, page: httpx.AsyncClient):
    """The order has the label then, the page leaves the list, and who did it stands beside it."""
    path = (await send(page, "/files/documents", pile(ORDERS[3], invoices=False), "odd.pdf")).json()["leads_to"]
    await given_out(shop)
    number = re.search(rf"{path}/pages/(\d+)", (await page.get(path)).text)[1]
    token = {"token": headers((await page.get("/files")).text, "")["x-packline-token"]}
    wrong = await page.post(f"{path}/pages/{number}", data={**token, "order": "000", "kind": "ship_label"})
    assert "There is no order 000" in (await page.get(wrong.headers["location"])).text
    name = await scheduled(shop, ORDERS[1])
    unsaid = await page.post(f"{path}/pages/{number}", data={**token, "order": ORDERS[1].order_id, "kind": ""})
    assert "do not say which papers" in (await page.get(unsaid.headers["location"])).text
    right = await page.post(f"{path}/pages/{number}", data={**token, "order": ORDERS[1].order_id, "kind": "ship_label"})
    shown = (await page.get(right.headers["location"])).text
    assert f"The label is with order {ORDERS[1].order_id} now." in shown
    assert "by console" in shown
    label = (await shop.store.load([name]))[name].packages[0].label
    assert label is not None
    assert label.document is not None
    again = await page.post(f"{path}/pages/{number}", data={**token, "what": "aside"})
    assert "do not wait for anybody any more" in (await page.get(again.headers["location"])).text
    assert await shop.services.pool.fetchval("select count(*) from parked where resolved_at is null") == 0


async def test_pages_that_came_before_their_order_say_themselves_what_they_are(shop: House, page: httpx.AsyncClient):
    """Label and invoice of one order lie together aside until it is there; one press gives it both."""
    path = (await send(page, "/files/documents", pile(ORDERS[1]), "early.pdf")).json()["leads_to"]
    await given_out(shop)
    number = re.search(rf"{path}/pages/(\d+)", (await page.get(path)).text)[1]
    name = await scheduled(shop, ORDERS[1])
    token = {"token": headers((await page.get("/files")).text, "")["x-packline-token"]}
    given = await page.post(f"{path}/pages/{number}", data={**token, "order": ORDERS[1].order_id, "kind": ""})
    assert "is with order" in (await page.get(given.headers["location"])).text
    documents = await shop.services.pool.fetch("select kind from shipment_document where shipment_id = $1", name)
    assert sorted(row["kind"] for row in documents) == ["invoice", "ship_label"]
    looked = await shop.services.pool.fetchval("select count(*) from audit where kind = 'look'")
    await page.get(f"{path}/pages/{number}")
    assert await shop.services.pool.fetchval("select count(*) from audit where kind = 'look'") == looked + 1


async def test_a_file_that_cannot_be_read_says_why(shop: House, page: httpx.AsyncClient):
    """The cure stands with it."""
    path = (await send(page, "/files/documents", b"%PDF-1.4 but torn", "torn.pdf")).json()["leads_to"]
    await given_out(shop)
    assert "cannot be read" in (await page.get(path)).text


async def test_a_file_that_a_dead_process_left_is_worked_off_by_another(shop: House, page: httpx.AsyncClient):
    """Its claim ends after some minutes; nothing is stored twice, and a late finish changes nothing."""
    await scheduled(shop, ORDERS[0])
    path = (await send(page, "/files/documents", pile(ORDERS[0]), "labels.pdf")).json()["leads_to"]
    drops, clock = files_of(shop.services).drops, shop.services.clock
    taken = await drops._store.claim(clock.now())
    assert not await drops.work(clock.now())
    await shop.services.pool.execute("update document_drop set claimed_until = now()")
    await given_out(shop)
    assert "given out" in (await page.get(path)).text
    await drops._store.fail(taken.id, PacklineError("late"), clock.now())
    assert "given out" in (await page.get(path)).text


@pytest.mark.parametrize("at", ["", "2030-01-01T16:00"])
async def test_a_pickup_schedule_is_shown_before_it_is_downloaded(shop: House, page: httpx.AsyncClient, at: str):
    """How many orders are in it, and what is left out and why."""
    await shop.services.accounts.put_location(_default())
    await shop.shipment(ORDERS[2].order_id, "CONFIRMED", location="DEFAULT", api="seller_central", program="easy_ship")
    shown = await page.get("/files/pickups", params={"account": "acme-in", "pickup_at": at})
    assert shown.status_code == 200
    assert "order" in shown.text
    wrong = await page.get("/files/pickups", params={"account": "acme-in", "pickup_at": "soon"})
    assert wrong.status_code == 422
    if "/files/pickups/file" in shown.text:
        file = await page.get("/files/pickups/file", params={"account": "acme-in", "pickup_at": at})
        assert "attachment" in file.headers["content-disposition"]


def _default() -> Any:
    from packline.domain.location import DEFAULT_LOCATION, Location

    return Location("acme-in", DEFAULT_LOCATION, timezone="Asia/Kolkata", programs=("easy_ship",))
