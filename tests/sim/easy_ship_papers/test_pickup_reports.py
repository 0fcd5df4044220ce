"""GET_EASYSHIP_PICKEDUP and GET_EASYSHIP_WAITING_FOR_PICKUP: what the carrier has, what waits for it."""

from typing import Any

from packline_sim.clock import to_iso
from packline_sim.orders.progress import cancel_label, carrier_moves
from packline_sim.orders.specs import OrderLineSpec
from sim.easy_ship_papers.office import Office
from sim.feeds.desk import REPORTS

PICKED_UP, WAITING = "GET_EASYSHIP_PICKEDUP", "GET_EASYSHIP_WAITING_FOR_PICKUP"


async def table(office: Office, report_type: str, **times: Any) -> list[dict[str, str]]:
    """Ask for a report and read its table."""
    body = {"reportType": report_type, "marketplaceIds": [office.marketplace_id], **times}
    answer = await office.client.call("POST", f"{REPORTS}/reports", body)
    assert answer.status == 202, answer.text
    report = await office.desk.report(answer.json()["reportId"])
    assert report["processingStatus"] == "DONE"
    path = f"{REPORTS}/documents/{report['reportDocumentId']}"
    content = (await office.desk.content((await office.client.call("GET", path)).json())).decode()
    head, *lines = [line.split("\t") for line in content.splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


async def test_a_package_waits_until_the_carrier_has_it(office: Office):
    """Scheduled ones are in the one report, collected ones in the other, unscheduled and voided ones in none."""
    waiting, gone, voided = await office.scheduled(3)
    office.shop.order()
    carrier_moves(office.world, gone, "PickedUp")
    cancel_label(office.world, voided)
    rows = await table(office, WAITING)
    assert [row["order-id"] for row in rows] == [waiting.order_id]
    package = waiting.packages[-1]
    assert rows[0]["tracking-id"] == package.tracking_id
    assert rows[0]["invoice-id"] == package.invoice_number
    assert rows[0]["package-identifier"] == waiting.order_id
    assert rows[0]["picked-up-date"] == ""
    assert rows[0]["expected-ship-date"].endswith("+05:30")
    assert rows[0]["ship-postal-code"] == waiting.place.postal_code
    picked = await table(office, PICKED_UP)
    assert [row["order-id"] for row in picked] == [gone.order_id]
    assert picked[0]["picked-up-date"].endswith("+05:30")
    assert picked[0]["package-identifier"] == "BIN-1"
    assert "expected-ship-date" not in picked[0]
    assert picked[0]["carrier"] == "ATSPL"


async def test_each_item_has_a_line(office: Office):
    """Two items of one order share its tracking id."""
    lines = (OrderLineSpec(sku="KETTLE", quantity=2), OrderLineSpec(sku="CAMERA", serial_required=False))
    order = office.shop.order(lines=lines)
    await office.shop.scheduled(order)
    rows = await table(office, WAITING)
    assert [(row["sku"], row["quantity-purchased"]) for row in rows] == [("KETTLE", "2"), ("CAMERA", "1")]
    assert {row["order-item-id"] for row in rows} == {item.order_item_id for item in order.items}
    assert len({row["tracking-id"] for row in rows}) == 1


async def test_a_report_covers_its_time(office: Office):
    """What was collected before dataStartTime or after dataEndTime is not in it."""
    first, second = await office.scheduled(2)
    carrier_moves(office.world, first, "PickedUp")
    office.world.clock.advance(600)
    middle = to_iso(office.world.clock.now_ms())
    office.world.clock.advance(600)
    carrier_moves(office.world, second, "PickedUp")
    late = await table(office, PICKED_UP, dataStartTime=middle)
    assert [row["order-id"] for row in late] == [second.order_id]
    early = await table(office, PICKED_UP, dataEndTime=middle)
    assert [row["order-id"] for row in early] == [first.order_id]
    assert len(await table(office, PICKED_UP)) == 2


async def test_asking_for_papers_by_report_ends_fatal(office: Office):
    """GET_EASYSHIP_DOCUMENTS comes from the feed only."""
    body = {"reportType": "GET_EASYSHIP_DOCUMENTS", "marketplaceIds": [office.marketplace_id]}
    report_id = (await office.client.call("POST", f"{REPORTS}/reports", body)).json()["reportId"]
    assert (await office.desk.report(report_id))["processingStatus"] == "FATAL"
