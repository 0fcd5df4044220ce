"""Files of documents that are taken apart beside the request, over REST and by the client."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from api.house import ACCOUNT, DETAILS, House
from api.test_document_imports import FOUR_BY_SIX, ORDERS, Press, pile, scheduled
from builders import NOON
from packline.client import Client, Drops
from packline.client.connection import Connection, _Again
from packline.domain import events as ev
from packline.domain.location import Api
from packline.domain.shipment import Problem
from packline.errors import DeliveryError, NotFound

URL = "/v1/imports/document_drops"


async def shop(house: House) -> None:
    """Give the account to Seller Central."""
    store = house.services.accounts
    await store.put(replace(ACCOUNT, api=Api.SELLER_CENTRAL))


def strange() -> bytes:
    """Draw a page that says nothing."""
    press = Press()
    press.page(FOUR_BY_SIX)
    press.canvas.drawString(40, 200, "A page of nobody")
    press.done()
    return press.pdf()


async def test_a_file_is_kept_and_taken_apart_by_whoever_is_free(house: House, address: str):
    """The answer comes at once; later the pages are with their orders, and what nobody could place is given by hand."""
    await shop(house)
    ids = [await scheduled(house, order) for order in ORDERS[:2]]
    async with Client(address, house.client.headers["authorization"].split()[1]) as client:
        drops = Drops(client)
        made = await drops.add("acme-in", pile(ORDERS[0]), name="monday.pdf")
        assert (made["state"], made["name"], made["size"] > 100) == ("waiting", "monday.pdf", True)
        other = await drops.add("acme-in", strange())
        now = house.services.clock.now()
        while await house.services.files.work(now):
            pass
        told = await drops.show(made["id"])
        assert (told["state"], told["matched"], told["left"]) == ("done", 2, 0)
        assert [row["id"] async for row in drops.all()] == [other["id"], made["id"]]
        assert {sheet["shipment_id"] for sheet in await drops.sheets(made["id"])} == {ids[0]}
        [sheet] = [one for one in await drops.sheets(other["id"]) if one["waits"]]
        assert (await drops.pages(other["id"], sheet["number"])).startswith(b"%PDF")
        given = await drops.give(other["id"], sheet["number"], ORDERS[1].order_id, kind="invoice")
        assert (given["outcome"], given["shipment"]) == ("stored", ids[1])
        for late in (drops.put_aside(other["id"], sheet["number"]), drops.show("drop_none")):
            with pytest.raises(NotFound):
                await late
    looks = (await house.client.get("/v1/audit", params={"kind": "look"})).json()["items"]
    assert [row["act"] for row in looks] == ["label"]


async def test_pages_are_given_by_the_tracking_id_that_only_amazon_tells(house: House):
    """An order that was scheduled in Seller Central is found by what is scanned, as the hint says, however written."""
    await shop(house)
    order = ORDERS[2]
    name = await scheduled(house, order, known=False)
    told = msgspec.json.encode(replace(DETAILS, tracking_id=order.tracking_id))
    await house.happen(name, ev.Stuck(Problem("looked", "Looked.", "", NOON), stop=False), body=told)
    made = (await house.client.post(f"{URL}?account=acme-in", content=strange())).json()
    await house.services.files.work(house.services.clock.now())
    scanned = f" {order.tracking_id[:4]} {order.tracking_id[4:]}"
    body = {"order": scanned, "kind": "ship_label"}
    given = await house.client.post(f"{URL}/{made['id']}/sheets/1/give", json=body)
    assert (given.status_code, given.json()["shipment"]) == (200, name), given.text
    shown = (await house.client.get(f"/v1/shipments/{name}")).json()
    assert shown["tracking_ids"] == [order.tracking_id]


async def test_a_file_whose_answer_was_lost_is_kept_once(house: House, address: str, monkeypatch: pytest.MonkeyPatch):
    """The client sends it again under the same key, and gets the same file told."""
    await shop(house)
    async with Client(address, house.client.headers["authorization"].split()[1]) as client:
        whole, lost = Connection._once, []  # the wire, on which an answer is lost

        async def once(self: Connection, *given: Any) -> bytes:
            answer = await whole(self, *given)
            if not lost:
                lost.append(answer)
                raise _Again(DeliveryError("The answer was lost."), 0)
            return answer

        monkeypatch.setattr(Connection, "_once", once)
        made = await Drops(client).add("acme-in", strange())
        assert [row["id"] async for row in Drops(client).all()] == [made["id"]]
    assert lost


async def test_a_file_may_be_as_large_as_is_said(house: House):
    """What is larger than other bodies may be is a file all the same; only more than 50 MB is refused."""
    await shop(house)
    large = await house.client.post(f"{URL}?account=acme-in", content=bytes(17 << 20))
    assert (large.status_code, large.json()["size"]) == (202, 17 << 20)


async def test_files_of_others_and_pages_with_addresses_are_not_shown(house: House):
    """A reader sees that a file was brought and not its pages; a key of another account sees nothing."""
    await shop(house)
    made = (await house.client.post(f"{URL}?account=acme-in", content=strange())).json()
    await house.services.files.work(house.services.clock.now())
    reader, other = await house.key("reader"), await house.key("packer", accounts=("other",))
    sheet = f"{URL}/{made['id']}/sheets/1"
    assert (await house.client.get(f"{URL}/{made['id']}", headers=reader)).status_code == 200
    assert (await house.client.get(f"{sheet}/content", headers=reader)).status_code == 403
    assert (await house.client.post(f"{sheet}/aside", headers=reader)).status_code == 403
    assert (await house.client.get(URL, headers=other)).json()["items"] == []
    for path in (f"{URL}/{made['id']}", f"{URL}/{made['id']}/sheets", f"{sheet}/content"):
        assert (await house.client.get(path, headers=other)).status_code == 404, path
    assert (await house.client.post(f"{sheet}/aside", headers=other)).status_code == 404
    refused = await house.client.post(f"{URL}?account=acme-in", content=b"%PDF", headers=other)
    assert refused.status_code == 404
    elsewhere = await house.key("packer", locations=("EXSB",))  # the orders of Seller Central are at no place of hers
    assert (await house.client.get(URL, headers=elsewhere)).json()["items"] == []
    for path in (f"{URL}/{made['id']}", f"{URL}/{made['id']}/sheets", f"{sheet}/content"):
        assert (await house.client.get(path, headers=elsewhere)).status_code == 404, path
    assert (await house.client.post(f"{sheet}/aside")).status_code == 204
    assert (await house.client.post(f"{sheet}/aside")).json()["code"] == "not_found"
