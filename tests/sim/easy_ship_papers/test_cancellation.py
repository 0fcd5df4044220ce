"""Acknowledgement feeds: the seller cancels orders, by XML and by flat file."""

import pytest
from lxml import etree

from packline_sim.orders.progress import cancel_label, cancel_order
from packline_sim.orders.records import Order
from packline_sim.orders.specs import OrderLineSpec
from sim.easy_ship_papers.office import Office

XML, FLAT = "POST_ORDER_ACKNOWLEDGEMENT_DATA", "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA"
COLUMNS = "order-id\tamazon-order-item-code\tcancellation-reason-code\n"


def acknowledgement(*rows: tuple[str, str, list[tuple[str, str]]]) -> bytes:
    """Write an acknowledgement feed."""
    root = etree.Element("AmazonEnvelope")
    etree.SubElement(root, "MessageType").text = "OrderAcknowledgement"
    for number, (order_id, status, items) in enumerate(rows, 1):
        message = etree.SubElement(root, "Message")
        etree.SubElement(message, "MessageID").text = str(number)
        content = etree.SubElement(message, "OrderAcknowledgement")
        etree.SubElement(content, "AmazonOrderID").text = order_id
        etree.SubElement(content, "StatusCode").text = status
        for item_id, reason in items:
            item = etree.SubElement(content, "Item")
            etree.SubElement(item, "AmazonOrderItemCode").text = item_id
            etree.SubElement(item, "CancelReason").text = reason
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def items_of(order: Order, reason: str = "NoInventory") -> list[tuple[str, str]]:
    """Name all items of an order."""
    return [(item.order_item_id, reason) for item in order.items]


async def told(office: Office, content: bytes, feed_type: str = XML) -> dict[str, str]:
    """Make a feed and give the codes of its failures by message."""
    feed_id = await office.feed(content, feed_type)
    assert (await office.desk.show(feed_id))["processingStatus"] == "DONE"
    report = etree.fromstring(await office.desk.result(feed_id))
    assert report.findtext("MessageType") == "ProcessingReport"
    body = report.find("Message/ProcessingReport")
    assert (body.findtext("DocumentTransactionID"), body.findtext("StatusCode")) == (feed_id, "Complete")
    failures = {row.findtext("MessageID"): row.findtext("ResultMessageCode") for row in body.iter("Result")}
    counts = [int(body.findtext(f"ProcessingSummary/Messages{name}")) for name in ("Processed", "Successful")]
    assert counts[0] - counts[1] == len(failures) == int(body.findtext("ProcessingSummary/MessagesWithError"))
    return failures


async def test_failure_cancels_and_success_does_not(office: Office):
    """Failure with or without items cancels the whole order; Success is noted."""
    first, second, third = office.shop.orders(3)
    rows = ((first.order_id, "Failure", items_of(first)), (second.order_id, "failure", []))
    assert await told(office, acknowledgement(*rows, (third.order_id, "Success", []))) == {}
    assert [order.status for order in (first, second, third)] == ["Canceled", "Canceled", "Unshipped"]
    assert (first.cancelled_by, first.cancel_reason) == ("SELLER", "NoInventory")


async def test_a_scheduled_order_cannot_be_cancelled(office: Office):
    """It is refused until Amazon has cancelled the label."""
    order = (await office.scheduled())[0]
    content = acknowledgement((order.order_id, "Failure", items_of(order)))
    assert await told(office, content) == {"1": "20006"}
    assert order.status == "Unshipped"
    cancel_label(office.world, order)
    assert await told(office, content) == {}
    assert order.status == "Canceled"


async def test_each_wrong_message_fails_alone(office: Office):
    """Unknown order, item, reason or status: an error each; the good one is cancelled."""
    good, other = office.shop.orders(2)
    rows = (
        ("171-0000000-0000000", "Failure", []),
        (other.order_id, "Failure", [("1", "NoInventory")]),
        (other.order_id, "Failure", items_of(other, "Weather")),
        (other.order_id, "Perhaps", []),
        (good.order_id, "Failure", items_of(good)),
    )
    assert await told(office, acknowledgement(*rows)) == {"1": "20001", "2": "20002", "3": "20003", "4": "20004"}
    assert (good.status, other.status) == ("Canceled", "Unshipped")


async def test_another_sellers_order_cannot_be_cancelled(office: Office, office_in):
    """It does not exist for him."""
    order = office.shop.order()
    assert await told(office_in(office.marketplace_id), acknowledgement((order.order_id, "Failure", []))) == {
        "1": "20001"
    }
    assert order.status == "Unshipped"


@pytest.mark.parametrize(("switch", "failures"), [("error", {"1": "20006"}), ("success", {})])
async def test_cancelling_twice_is_an_error_unless_a_switch_says_otherwise(office: Office, switch: str, failures):
    """The order stays cancelled by whom it was."""
    office.world.switches.update({"repeated_cancellation": switch})
    order = office.shop.order()
    cancel_order(office.world, order, "BUYER")
    assert await told(office, acknowledgement((order.order_id, "Failure", items_of(order)))) == failures
    assert order.cancelled_by == "BUYER"


@pytest.mark.parametrize(("switch", "status"), [("error", "Unshipped"), ("whole_order", "Canceled")])
async def test_an_order_is_cancelled_whole(office: Office, switch: str, status: str):
    """Some of its items alone are refused, or take the whole order with them."""
    office.world.switches.update({"partial_cancellation": switch})
    order = office.shop.order(lines=(OrderLineSpec(sku="KETTLE"), OrderLineSpec(sku="CAMERA")))
    failures = await told(office, acknowledgement((order.order_id, "Failure", items_of(order)[:1])))
    assert failures == ({"1": "20005"} if switch == "error" else {})
    assert order.status == status


async def test_a_flat_file_cancels_too(office: Office):
    """Rows of one order belong together; columns may stand in any order, with a line of the template before them."""
    one, two = office.shop.order(lines=(OrderLineSpec(sku="KETTLE"), OrderLineSpec(sku="CAMERA"))), office.shop.order()
    lines = [f"{one.order_id}\t{item.order_item_id}\tNoInventory" for item in one.items]
    content = (
        "TemplateType=OrderCancellation\tVersion=1\n" + COLUMNS + "\n".join([*lines, f"{two.order_id}\t\tOops", ""])
    )
    assert await told(office, content.encode(), FLAT) == {"3": "20003"}
    assert (one.status, two.status) == ("Canceled", "Unshipped")


async def test_a_flat_file_may_be_answered_in_text(office: Office):
    """Counts, then a line with tabs for each record that failed."""
    office.world.switches.update({"flat_file_report": "text"})
    order = office.shop.order()
    row = f"{order.order_id}\t{order.items[0].order_item_id}\tBuyerCanceled\n171-1\t\tNoInventory\n"
    report = (await office.desk.result(await office.feed((COLUMNS + row).encode(), FLAT))).decode()
    assert "Number of records processed\t\t2" in report
    assert "Number of records successful\t\t1" in report
    assert "2\t171-1\t20001\tError\t" in report


@pytest.mark.parametrize("content", [b"", b"order-id\tother\n1\t2", COLUMNS.encode(), b"<AmazonEnvelope/>"])
@pytest.mark.parametrize("feed_type", [XML, FLAT])
async def test_what_cannot_be_read_is_fatal(office: Office, content: bytes, feed_type: str):
    """No columns, no rows, no envelope: the feed ends FATAL."""
    assert (await office.desk.show(await office.feed(content, feed_type)))["processingStatus"] == "FATAL"
