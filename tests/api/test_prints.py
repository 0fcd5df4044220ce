"""Selections of labels for the printer."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from api.house import House
from builders import NOON, package
from packline.amazon.seller_central.papers import PaperError
from packline.client import Client
from packline.commands.prints import PrintDesk, PrintRequest
from packline.domain import events as ev
from packline.domain.shipment import Goal, Label, Status
from packline.domain.values import file_of
from packline.storage.prints import Prints
from unit.amazon.seller_central.papers.corpus import sales
from unit.amazon.seller_central.papers.test_printing import plain, scanned, words

ORDERS = sales(6, seed=5)


async def labeled(house: House, number: int, **given: object) -> str:
    """Store a packed shipment with its label (a PDF that names the number's tracking id) and its invoice."""
    order = ORDERS[number]
    made = await house.shipment(f"S-{number}", order_id=order.order_id, **given)
    file = file_of(plain(order), "application/pdf")
    invoice = file_of(plain(ORDERS[-1 - number]), "application/pdf")
    label = Label(order.tracking_id, "ATS", 1, 1, NOON, document=file.document)
    await house.happen(
        made.id,
        ev.PackagesAdopted((replace(package(), sent=1),)),
        ev.LabelMade("PKG-1", label),
        ev.InvoiceStored(invoice.document),
        ev.Moved(Status.SHIPLABEL_GENERATED, "command", NOON),
        files=(file, invoice),
    )
    return made.id


async def printed(house: House, *references: str, **how: object) -> dict:
    answer = await house.client.post("/v1/prints", json={"shipments": list(references), **how})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def content(house: House, made: dict, kind: str = "ship_label") -> httpx.Response:
    return await house.client.get(f"/v1/prints/{made['id']}/{kind}/content")


async def test_a_selection_becomes_one_file_in_the_order_wished(house: House):
    """By SKU (numbers count as numbers), by ship-by, as given, and reversed; ids of every kind name a parcel."""
    await labeled(house, 0, items=(("KURTA-12", 1),), ship_by=NOON.replace(hour=13))
    await labeled(house, 1, items=(("KURTA-2", 1),), ship_by=NOON.replace(hour=15))
    third = await labeled(house, 2, items=(("APRON", 1),), ship_by=NOON.replace(hour=14))
    named = ("S-0", ORDERS[1].order_id, third)
    ids = [order.tracking_id for order in ORDERS]
    for order, reverse, wanted in (
        ("sku", False, [2, 1, 0]),
        ("ship_by", False, [0, 2, 1]),
        ("given", False, [0, 1, 2]),
        ("given", True, [2, 1, 0]),
    ):
        made = await printed(house, *named, order=order, reverse=reverse)
        assert scanned((await content(house, made)).content) == [[ids[number]] for number in wanted]


async def test_bins_lead_the_way_through_the_warehouse(house: House, pool: asyncpg.Pool):
    """What lies in A-2 comes before A-12; what no scan placed comes last."""
    for number, (sku, bin_) in enumerate((("ONE", "A-12"), ("TWO", "A-2"), ("THREE", ""))):
        await labeled(house, number, items=((sku, 1),))
        await pool.execute(
            "insert into stock_offer (account_id, location_id, sku, channel, pool, at_location, item, wanted,"
            " wanted_seq, changed_at)"
            " values ('acme-in', 'EXSB', $1, '', 'p', 'EXSB', $1, 3, 1, now())",
            sku,
        )
        await pool.execute("insert into stock_spot values ('p', 'EXSB', $1, $2, '', 3)", sku, bin_)
    await pool.execute("insert into stock_spot values ('p', 'EXSB', 'TWO', 'A-19', '', 1)")
    made = await printed(house, "S-0", "S-2", "S-1", order="bin")
    assert scanned((await content(house, made)).content) == [[ORDERS[number].tracking_id] for number in (1, 0, 2)]


async def test_invoices_come_apart_in_the_same_order(house: House):
    """Each kind of document is a file of its own."""
    await labeled(house, 0)
    await labeled(house, 1)
    made = await printed(house, "S-1", "S-0", order="given", documents=["ship_label", "invoice"])
    assert [file["kind"] for file in made["files"]] == ["ship_label", "invoice"]
    invoices = scanned((await content(house, made, "invoice")).content)
    assert invoices == [[ORDERS[-2].tracking_id], [ORDERS[-1].tracking_id]]


async def test_what_must_not_be_used_is_refused_and_the_rest_printed(house: House):
    """Cancelled, being rejected, superseded, unlabelled, unknown: each with its reason, none in the file."""
    good = await labeled(house, 0)
    cancelled, void, rejected, asked = [await labeled(house, number) for number in (1, 2, 3, 4)]
    await house.happen(cancelled, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))
    await house.happen(void, ev.LabelVoided("PKG-1", ORDERS[2].tracking_id, "repacked"))
    await house.happen(rejected, ev.GoalSet(Goal.REJECTED, NOON, "reject"))
    await house.happen(asked, ev.GoalSet(Goal.LABELED, NOON, "relabel", relabel=True))
    bare = await house.shipment("S-9", order_id="402-9")
    made = await printed(house, good, cancelled, void, rejected, asked, bare.id, "nobody", order="given")
    assert made["printed"] == 1
    assert {told["reference"]: told["reason"] for told in made["refused"]} == {
        cancelled: "cancelled",
        void: "superseded",
        rejected: "being_rejected",
        asked: "superseded",
        bare.id: "no_label",
        "nobody": "not_found",
    }
    assert all(told["why"] and told["hint"] for told in made["refused"])
    assert scanned((await content(house, made)).content) == [[ORDERS[0].tracking_id]]


async def test_a_reprint_says_so_on_the_label_and_in_the_audit(house: House, pool: asyncpg.Pool):
    """The first print is clean; every one after it is marked and counted, and the feed tells who printed what."""
    shipment = await labeled(house, 0)
    first, second = await printed(house, "S-0"), await printed(house, ORDERS[0].tracking_id)
    assert (first["reprinted"], second["reprinted"]) == (0, 1)
    assert "REPRINT" not in words((await content(house, first)).content)[0]
    assert "REPRINT 1," in words((await content(house, second)).content)[0]
    told = (await house.client.get("/v1/events", params={"after": "0.0", "type": "package.printed"})).json()["items"]
    assert [event["data"]["event"]["copy"] for event in told] == [1, 2]
    assert {event["shipment"] for event in told} == {shipment}
    assert told[0]["data"]["event"]["by"] == first["by"]
    assert await pool.fetchval("select prints from package_label where printed_at is not null") == 2


async def test_the_same_key_prints_once(house: House):
    """A request sent twice after a lost answer is no reprint."""
    await labeled(house, 0)
    body, headers = {"shipments": ["S-0"]}, {"Idempotency-Key": "one"}
    first, again = [(await house.client.post("/v1/prints", json=body, headers=headers)).json() for _ in range(2)]
    assert first == again
    assert (await house.client.get("/v1/prints")).json()["items"] == [first]


async def test_a_file_is_not_given_out_once_a_label_in_it_is_stopped(house: House):
    """Between the print and the printer, an order may be cancelled."""
    shipment = await labeled(house, 0)
    made = await printed(house, "S-0")
    await house.happen(shipment, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))
    answer = await content(house, made)
    assert (answer.status_code, answer.json()["reason"]) == (409, "cancelled")
    assert ORDERS[0].tracking_id in answer.json()["detail"]


async def test_a_file_is_given_out_for_an_hour(house: House, pool: asyncpg.Pool):
    """Addresses of buyers do not stay behind; the next print removes the bytes."""
    await labeled(house, 0)
    made = await printed(house, "S-0")
    await pool.execute("update print_file set until = until - interval '61 minutes'")
    answer = await content(house, made)
    assert (answer.status_code, answer.json()["reason"]) == (409, "print_over")
    await printed(house, "S-0")
    assert await pool.fetchval("select content from print_file where print_id = $1", made["id"]) is None


async def test_labels_for_a_zpl_printer(house: House):
    """PDF labels are drawn for it; ZPL goes on label paper only."""
    await labeled(house, 0)
    made = await printed(house, "S-0", format="zpl")
    answer = await content(house, made)
    assert answer.headers["content-type"] == "application/zpl"
    assert answer.content.startswith(b"^XA^PW")
    wrong = await house.client.post("/v1/prints", json={"shipments": ["S-0"], "format": "zpl", "paper": "a4-of-four"})
    assert wrong.status_code == 422


async def test_a_key_prints_only_what_it_sees(house: House):
    """Another account's labels do not exist for a bound key, nor do prints with them; readers print nothing."""
    await labeled(house, 0)
    made = await printed(house, "S-0")
    bound = await house.key("packer", accounts=("other",))
    answer = (await house.client.post("/v1/prints", json={"shipments": ["S-0"]}, headers=bound)).json()
    assert [told["reason"] for told in answer["refused"]] == ["not_found"]
    assert (await house.client.get(f"/v1/prints/{made['id']}", headers=bound)).status_code == 404
    reader = await house.key("reader")
    assert (await house.client.post("/v1/prints", json={"shipments": ["S-0"]}, headers=reader)).status_code == 403


async def test_the_client_prints(house: House, address: str):
    """The Python client gets the record, then the file."""
    await labeled(house, 0)
    secret = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, secret) as client:
        made = await client.print(["S-0"], paper="a4-of-four")
        assert scanned(await client.print_file(made["id"])) == [[ORDERS[0].tracking_id]]


class Jammed:
    """A press that breaks in the middle, once."""

    def __init__(self, press: Any) -> None:
        self.press, self.failure = press, PaperError("It ended.", reason="paper_crashed")

    async def join(self, *asked: Any, **how: Any) -> Any:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        return await self.press.join(*asked, **how)


async def test_a_print_that_did_not_come_out_is_no_print(house: House, pool: asyncpg.Pool):
    """Where the process that draws ends, nothing is kept, and the label that is printed after it is the first one."""
    await labeled(house, 0)
    services = house.services
    desk = PrintDesk(house.store, Prints(pool), Jammed(services.papers), services.clock)
    asked = PrintRequest(("S-0",))
    with pytest.raises(PaperError):
        await desk.print(asked, "me", lambda *_: True, "one")
    assert await pool.fetchval("select count(*) from print") == 0
    made = await desk.print(asked, "me", lambda *_: True, "one")
    assert (made.printed, made.reprinted) == (1, 0)


async def test_two_printers_at_once_give_one_clean_label(house: House):
    """Whoever is second gets a reprint, even at the same moment: two clean labels could go on two parcels."""
    await labeled(house, 0)
    made = await asyncio.gather(*(printed(house, "S-0") for _ in range(4)))
    assert sorted(one["reprinted"] for one in made) == [0, 1, 1, 1]


async def test_a_broken_file_costs_one_label(house: House):
    """What cannot be read is refused with the reason; the others are printed."""
    await labeled(house, 0)
    made = await house.shipment("S-1", order_id="402-1")
    broken = file_of(b"%PDF-1.4 cut off", "application/pdf")
    label = Label("TRK-BROKEN", "ATS", 1, 1, NOON, document=broken.document)
    await house.happen(
        made.id, ev.PackagesAdopted((replace(package(), sent=1),)), ev.LabelMade("PKG-1", label), files=(broken,)
    )
    told = await printed(house, "S-0", "S-1")
    assert (told["printed"], [one["reason"] for one in told["refused"]]) == (1, ["unreadable"])
    again = await printed(house, "S-1")
    assert (again["printed"], again["files"], again["reprinted"]) == (0, [], 0)
