"""Documents that a person saved from Seller Central and drops in."""

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from api.house import ACCOUNT, DETAILS, House
from builders import NOON
from packline.client import Client
from packline.domain import events as ev
from packline.domain.location import Api
from packline.domain.shipment import Label, Package, PackageStatus, Problem, Status
from packline.domain.values import Box
from packline.errors import Denied
from unit.amazon.seller_central.papers.corpus import FOUR_BY_SIX, Press, Sale, invoice, label, pictured, sales

ORDERS = sales(4, seed=3)
URL = "/v1/imports/documents?account=acme-in"


def pile(*orders: Sale, invoices: bool = True) -> bytes:
    """Draw labels and invoices, in turn."""
    press = Press()
    for order in orders:
        press.page(FOUR_BY_SIX)
        label(press, order)
        press.done()
        if invoices:
            invoice(press, order)
    return press.pdf()


@pytest.fixture
async def shop(house: House) -> House:
    """Give the account to Seller Central."""
    store = house.services.accounts
    await store.put(replace(ACCOUNT, api=Api.SELLER_CENTRAL))
    return house


async def scheduled(house: House, order: Sale, *, known: bool = True) -> str:
    """Store an order that is scheduled: by us, with its tracking id, or in Seller Central."""
    made = await house.shipment(
        order.order_id, "SHIPLABEL_GENERATED", order_id=order.order_id, api="seller_central", needs_invoice=True,
        program="easy_ship",
    )  # fmt: skip
    if known:
        package = Package("PKG-1", Box(20, 15, 10, 400), (), sent=1, status=PackageStatus.LABELED)
        awaited = Label(order.tracking_id, "ATS", 1, 1, NOON, awaits="hand")
        problem = Problem("documents_by_hand", "No documents.", "Drop them in.", NOON)
        await house.happen(
            made.id, ev.PackagesAdopted((package,)), ev.LabelMade("PKG-1", awaited), ev.Stuck(problem, stop=False)
        )
    return made.id


async def kinds(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    rows = await pool.fetch("select shipment_id, kind from shipment_document where not void order by 1, 2")
    return [(row["shipment_id"], row["kind"]) for row in rows]


async def test_each_order_gets_its_own_documents(shop: House) -> None:
    """Labels and invoices of a pile go to their orders, and what a person had to do is solved."""
    ids = [await scheduled(shop, order) for order in ORDERS[:2]]

    answer = await shop.client.post(URL, content=pile(*ORDERS[:2]))

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["stored"], told["parked"], told["refused"]) == (4, 0, 0)
    assert await kinds(shop.services.pool) == sorted((i, kind) for i in ids for kind in ("invoice", "ship_label"))
    for one in (await shop.store.load(ids)).values():
        assert one.problem is None
        assert one.packages[0].label is not None
        assert one.packages[0].label.document is not None


async def test_the_same_file_again_changes_nothing(shop: House) -> None:
    """A drop that is repeated finds its documents known, and writes no event."""
    name = await scheduled(shop, ORDERS[0])
    first = await shop.client.post(URL, content=pile(ORDERS[0], ORDERS[3]))
    version = (await shop.store.load([name]))[name].version
    events = await shop.services.pool.fetchval("select count(*) from event")

    again = await shop.client.post(URL, content=pile(ORDERS[0], ORDERS[3]))

    assert (first.json()["stored"], first.json()["parked"]) == (2, 1)
    assert (again.json()["stored"], again.json()["known"]) == (0, 2)
    assert (await shop.store.load([name]))[name].version == version
    assert await shop.services.pool.fetchval("select count(*) from event") == events
    assert await shop.services.pool.fetchval("select count(*) from parked") == 1


async def test_a_label_of_seller_central_is_taken(shop: House) -> None:
    """An order that was scheduled there, of which no package is known, takes its label with its tracking id."""
    name = await scheduled(shop, ORDERS[1], known=False)

    answer = await shop.client.post(URL, content=pile(ORDERS[1]))

    assert answer.json()["stored"] == 2, answer.text
    taken = (await shop.store.load([name]))[name]
    assert taken.packages[0].label is not None
    assert taken.packages[0].label.tracking_id == ORDERS[1].tracking_id
    assert len(await kinds(shop.services.pool)) == 2


async def test_a_pictured_label_of_seller_central_is_known_by_what_amazon_tells(shop: House) -> None:
    """No text names the order, and no call of ours made the label: Amazon's answer tells its tracking id."""
    order, other = ORDERS[:2]
    name = await scheduled(shop, order, known=False)
    told = msgspec.json.encode(replace(DETAILS, tracking_id=order.tracking_id))
    await shop.happen(name, ev.Stuck(Problem("looked", "Looked.", "", NOON), stop=False), body=told)

    answer = await shop.client.post(URL, content=pictured(pile(order, other, invoices=False)))

    assert [(row["outcome"], row["order_id"]) for row in answer.json()["items"]] == [
        ("stored", order.order_id),
        ("parked", ""),
    ]
    shown = (await shop.client.get(f"/v1/shipments/{name}")).json()
    assert shown["tracking_ids"] == [order.tracking_id]


async def test_a_cancelled_order_takes_nothing(shop: House) -> None:
    """Its label must not be printed; the answer says so and nothing is stored."""
    name = await scheduled(shop, ORDERS[0])
    await shop.happen(name, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))

    told = (await shop.client.post(URL, content=pile(ORDERS[0]))).json()

    assert (told["stored"], told["refused"]) == (0, 2)
    assert "cancelled" in told["items"][0]["why"]
    assert await kinds(shop.services.pool) == []


async def test_an_order_that_is_not_scheduled_waits(shop: House) -> None:
    """Before Amazon shows it as scheduled the label is refused, with what to do."""
    await shop.shipment(ORDERS[2].order_id, "ACCEPTED", api="seller_central", program="easy_ship")

    told = (await shop.client.post(URL, content=pile(ORDERS[2], invoices=False))).json()

    assert told["refused"] == 1
    assert "SHIPLABEL_GENERATED" in told["items"][0]["why"]


async def test_a_void_label_stays_void(shop: House) -> None:
    """The label that Amazon cancelled is refused; the new one with another tracking id is taken."""
    name = await scheduled(shop, ORDERS[0])
    await shop.happen(name, ev.LabelVoided("PKG-1", ORDERS[0].tracking_id, "Amazon cancelled it"))
    anew = Sale(ORDERS[0].order_id, ORDERS[1].tracking_id, "IN-1")

    old = (await shop.client.post(URL, content=pile(ORDERS[0], invoices=False))).json()
    new = (await shop.client.post(URL, content=pile(anew, invoices=False))).json()

    assert (old["refused"], old["stored"]) == (1, 0)
    assert new["stored"] == 1


async def test_a_form_and_the_client_do_the_same(shop: House, address: str) -> None:
    """A multipart form with one file, and the client's method, reach the same desk."""
    await scheduled(shop, ORDERS[0])
    content = pile(ORDERS[0])

    form = await shop.client.post(URL, files={"file": ("labels.pdf", content, "application/pdf")})
    key = shop.client.headers["authorization"].removeprefix("Bearer ")
    async with Client(address, key) as client:
        told = await client.drop("acme-in", content)

    assert form.json()["stored"] == 2
    assert told["known"] == 2


@pytest.mark.parametrize(
    ("mark", "told", "fields"),
    [
        ("a1", "boundary=a1; charset=utf-8", b'name="file"; filename="l.pdf"'),
        ("==a,b:c", 'Boundary="==a,b:c"', b"name=file; FILENAME*=UTF-8''l%C3%A4.pdf"),
    ],
)
async def test_forms_are_read_as_clients_write_them(shop: House, mark: str, told: str, fields: bytes) -> None:
    """Boundaries may be quoted and odd; a field that is only called `filename` is no file."""
    await scheduled(shop, ORDERS[0])
    head = f"--{mark}\r\nContent-Disposition: form-data; ".encode()
    body = head + b'name="filename"\r\n\r\nl.pdf\r\n' + head + fields + b"\r\n\r\n" + pile(ORDERS[0]) + b"\r\n"
    headers = {"Content-Type": f"multipart/form-data; {told}"}

    answer = await shop.client.post(URL, content=body + f"--{mark}--\r\n".encode(), headers=headers)

    assert answer.json()["stored"] == 2


async def test_what_cannot_be_read_is_refused(shop: House) -> None:
    """No document, an empty body, an unknown account, a form without a file."""
    assert (await shop.client.post(URL, content=b"no document at all")).status_code == 422
    assert (await shop.client.post(URL, content=b"")).status_code == 422
    assert (await shop.client.post("/v1/imports/documents?account=nobody", content=b"x")).status_code == 404
    assert (await shop.client.post(URL, data={"a": "b"}, files={})).status_code == 422


async def test_an_account_of_the_other_api_needs_no_drop(house: House) -> None:
    """Its documents come with Amazon's calls."""
    answer = await house.client.post(URL, content=pile(ORDERS[0]))

    assert answer.status_code == Denied.http_status
    assert answer.json()["reason"] == "documents_by_call"
