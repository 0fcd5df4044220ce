"""/v1/reconciliations: the seller's books beside ours, what differs with its cause, and the repair."""

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from api.house import House
from packline.client import Client
from packline.domain import events as ev
from packline.domain.shipment import Status
from packline.driver.reconciling.judge import Judge
from packline.storage.judging import Judgements
from packline.storage.shipments import Shipments


@pytest.fixture(autouse=True)
async def week(house: House) -> None:
    """Have three orders: one confirmed, one labelled, one shipped; all came in an hour ago."""
    for amazon_id, status in (("S-1", "CONFIRMED"), ("S-2", "SHIPLABEL_GENERATED"), ("S-3", "SHIPPED")):
        await house.shipment(amazon_id, status, order_id=f"O-{amazon_id[-1]}")
    await house.services.pool.execute(
        "update shipment set received_at = $1", house.services.clock.now() - timedelta(hours=1)
    )


async def judge(house: House) -> None:
    """Judge what is read, as the worker's process does."""
    services: Any = house.services
    shipments = Shipments(services.pool, services.clock)
    one = Judge(Judgements(services.pool), shipments, services.accounts, services.gateway, services.clock)
    while await one.work(services.clock.now()):
        pass


async def compare(house: House, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Compare rows and give the reconciliation when it is over."""
    body = {"account": "acme-in", "side": "seller", "rows": rows, **more}
    made = await house.client.post("/v1/reconciliations", json=body)
    assert made.status_code == 202, made.text
    await judge(house)
    row = (await house.client.get(f"/v1/reconciliations/{made.json()['id']}")).json()
    assert row["state"] == "done"
    return row | {"refused": made.json()["refused"]}


async def differing(house: House, run: str, **params: Any) -> list[dict[str, Any]]:
    """List the differences."""
    return (await house.client.get(f"/v1/reconciliations/{run}/differences", params=params)).json()["items"]


async def test_books_that_agree_have_no_difference(house):
    """A seller's words mean stages; one that ends at shipped agrees with what was delivered."""
    rows = [
        {"order_id": "O-1", "status": "processing"},
        {"amazon_id": "S-2", "status": "Ready to ship"},
        {"order_id": "O-3", "status": "dispatched"},
    ]
    row = await compare(house, rows)
    assert (row["stated"], row["compared"], row["missing"], row["extra"], row["different"]) == (3, 3, 0, 0, 0)


async def test_each_difference_has_its_likely_cause_and_its_repair(house):
    """Behind: tell it again; further: hand over; not there: tell; unknown to us: read; no machine cancels."""
    rows = [
        {"order_id": "O-1", "status": "cancelled"},
        {"order_id": "O-2", "status": "shipped"},
        {"amazon_id": "S-9", "status": "new"},
    ]
    row = await compare(house, rows)
    assert (row["missing"], row["extra"], row["different"]) == (1, 1, 2)
    found = {one["order_id"] or one["amazon_id"]: one for one in await differing(house, row["id"])}
    said = {name: (one["kind"], one["cause"], one["repair"]) for name, one in found.items()}
    assert said == {
        "O-1": ("different", "contradicted", ""),
        "O-2": ("different", "done_elsewhere", "hand_over"),
        "O-3": ("extra", "not_delivered", "tell"),
        "S-9": ("missing", "not_seen", "read"),
    }
    assert "no webhook" in found["O-3"]["words"]
    only = await differing(house, row["id"], kind="extra")
    assert [one["order_id"] for one in only] == ["O-3"]


async def test_repairs_are_previewed_then_done_once(house):
    """An event tells again, the inbox reads, the command hands over; what a person must decide stays."""
    rows = [
        {"order_id": "O-1", "status": "cancelled"},
        {"order_id": "O-2", "status": "shipped"},
        {"amazon_id": "S-9", "status": "new"},
    ]
    run = (await compare(house, rows))["id"]
    would = (await house.client.post(f"/v1/reconciliations/{run}/mend", json={"preview": True})).json()["items"]
    assert {one["repair"]: one["outcome"] for one in would} == dict.fromkeys(
        ("hand_over", "tell", "read"), "would be done"
    )
    pool = house.services.pool
    assert await pool.fetchval("select count(*) from inbox") == 0
    done = (await house.client.post(f"/v1/reconciliations/{run}/mend", json={})).json()["items"]
    outcomes = {one["repair"]: one["outcome"] for one in done}
    assert (outcomes["tell"], outcomes["read"]) == ("told", "is read again")
    assert outcomes["hand_over"].startswith("command cmd_")
    assert await pool.fetchval("select amazon_id from inbox") == "S-9"
    assert await pool.fetchval("select count(*) from event where name = 'shipment.repeated'") == 1
    assert (await house.store.load([(await pool.fetchval("select id from shipment where amazon_id = 'S-2'"))])) != {}
    assert (await house.client.post(f"/v1/reconciliations/{run}/mend", json={})).json()["items"] == []
    left = await differing(house, run, only_open="true")
    assert [one["order_id"] for one in left] == ["O-1"]
    named = (await house.client.post(f"/v1/reconciliations/{run}/mend", json={"items": [left[0]["id"]]})).json()
    assert named["items"][0]["outcome"] == "a person must decide"


async def test_what_was_cancelled_must_stop_in_the_sellers_system(house):
    """Cancelled here, open there: telling it again says so."""
    shipment = await house.shipment("S-4", "CONFIRMED", order_id="O-4")
    await house.happen(shipment.id, ev.Moved(Status.CANCELLED, "amazon", house.services.clock.now(), "BUYER"))
    rows = [
        {"order_id": f"O-{n}", "status": word} for n, word in ((1, "new"), (2, "packed"), (3, "shipped"), (4, "new"))
    ]
    row = await compare(house, rows)
    (one,) = await differing(house, row["id"])
    assert (one["order_id"], one["repair"]) == ("O-4", "tell")
    assert "stop it there" in one["words"]


async def test_units_and_labels_are_compared_where_they_are_given(house):
    """A line for each SKU; a count that is not Amazon's is a difference of its own."""
    rows = [
        {"order_id": "O-1", "sku": "KURTA-M", "quantity": "7"},
        {"order_id": "O-2"},
        {"order_id": "O-3"},
    ]
    row = await compare(house, rows)
    (one,) = await differing(house, row["id"])
    assert (one["field"], one["cause"]) == ("units", "counted_differently")


async def test_rows_that_say_nothing_are_told_and_own_words_can_be_explained(house):
    """An unknown word is refused, not guessed; `words` explain it."""
    rows = [{"order_id": "O-1", "status": "on the shelf of Ravi"}, {"status": "new"}, {"order_id": "O-2", "units": "x"}]
    row = await compare(house, rows)
    assert [one["line"] for one in row["refused"]] == [2, 3, 1]
    assert row["unreadable"] == 3
    words = {"on the shelf of Ravi": "open"}
    again = await compare(house, [rows[0], {"order_id": "O-2"}, {"order_id": "O-3"}], words=words)
    assert (again["refused"], again["different"]) == ([], 0)
    bad = await house.client.post(
        "/v1/reconciliations", json={"account": "acme-in", "side": "seller", "rows": [], "words": {"a": "b"}}
    )
    assert bad.status_code == 422


async def test_a_parked_order_says_why_it_is_missing(house):
    """The reason of the parked record is the cause."""
    await house.services.pool.execute(
        "insert into parked (account_id, source, hash, body, reason, created_at) values ('acme-in', 'getShipments',"
        " 'h', '{\"id\":\"S-9\"}', 'Location X is not one of this account''s', now())"
    )
    rows = [{"order_id": f"O-{n}"} for n in (1, 2, 3)] + [{"amazon_id": "S-9"}]
    row = await compare(house, rows)
    (one,) = await differing(house, row["id"])
    assert (one["cause"], one["kind"]) == ("parked", "missing")
    assert "Location X" in one["words"]


async def test_files_of_every_kind_are_read(house):
    """CSV, tabs as in Amazon's reports, XLSX, JSON lines and a JSON array."""
    book, made = Workbook(), io.BytesIO()
    for line in (["Order ID", "Status"], ["O-1", "new"], ["O-2", "packed"], ["O-3", "shipped"]):
        book.active.append(line)
    book.save(made)
    lines = ('{"order_id":"O-1"}', '{"order_id":"O-2"}', '{"order_id":"O-3"}')
    files = [
        b"order_id,status\nO-1,new\nO-2,packed\nO-3,shipped\n",
        b"order-id\ttracking-id\tsku\nO-1\t\tKURTA-M\nO-2\t\t\nO-3\t\t\n",
        made.getvalue(),
        "\n".join(lines).encode(),
        f"[{','.join(lines)}]".encode(),
    ]
    for content in files:
        answer = await house.client.post(
            "/v1/reconciliations/files", content=content, params={"account": "acme-in", "name": "orders"}
        )
        assert answer.status_code == 202, answer.text
        assert (answer.json()["stated"], answer.json()["unreadable"]) == (3, 0)
    await judge(house)
    listed = (await house.client.get("/v1/reconciliations")).json()["items"]
    assert [row["state"] for row in listed] == ["done"] * 5


async def test_a_saved_report_is_compared_without_asking_amazon(house):
    """What waits for the carrier by Amazon's report: O-2 does, and O-9 we do not know."""
    content = b"order-id\ttracking-id\tpurchase-date\nO-2\tT-1\t2026-11-20\nO-9\tT-2\t2026-11-20\n"
    answer = await house.client.post(
        "/v1/reconciliations/files", content=content, params={"account": "acme-in", "side": "pending_report"}
    )
    await judge(house)
    found = await differing(house, answer.json()["id"])
    assert [(one["order_id"], one["kind"]) for one in found] == [("O-9", "missing")]


async def test_stock_goes_to_the_comparison_that_there_is(house):
    """No second engine: the reconciliation names the drift comparison and shows its state."""
    made = await house.client.post("/v1/reconciliations", json={"account": "acme-in", "what": "stock"})
    row = made.json()
    assert row["drift"].startswith("dft_")
    drift = (await house.client.get(f"/v1/stock/drift/comparisons/{row['drift']}")).json()
    assert drift["state"] == row["state"] == "waiting"


async def test_what_cannot_be_compared_is_refused_with_the_way_out(house):
    """No rows of the seller's, reports of no order, an Amazon report for SmartConnect, a foreign account."""

    async def refused(**body: Any) -> tuple[int, Any]:
        answer = await house.client.post("/v1/reconciliations", json={"account": "acme-in"} | body)
        return answer.status_code, answer.json().get("reason")

    assert (await refused(side="seller"))[0] == 422
    assert (await refused(what="returns", side="pending_report"))[0] == 422
    assert (await refused(location="NOWHERE"))[0] == 422
    assert await refused(side="pending_report") == (409, "reconcile_no_report")
    assert (await refused(account="other"))[0] == 404
    key = await house.key("operator", locations=("EXSB",))
    other = await house.client.post("/v1/reconciliations", json={"account": "acme-in"}, headers=key)
    assert other.status_code == 404


async def test_the_client_reconciles(house, address):
    """Ask, read, list and mend from Python; the same Idempotency-Key is the same reconciliation."""
    key = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, key) as client:
        row = await client.reconcile("acme-in", side="seller", rows=[{"order_id": "O-1"}])
        await judge(house)
        over = await client.reconciliation(row["id"], wait=5)
        assert (over["state"], over["extra"]) == ("done", 2)
        assert {one["order_id"] async for one in client.differences(row["id"])} == {"O-2", "O-3"}
        assert {one["outcome"] for one in await client.mend(row["id"])} == {"told"}
    headers = {"Idempotency-Key": "r-1"}
    body = {"account": "acme-in", "side": "seller", "rows": []}
    first = await house.client.post("/v1/reconciliations", json=body, headers=headers)
    again = await house.client.post("/v1/reconciliations", json=body, headers=headers)
    assert first.json()["id"] == again.json()["id"]
