"""What is told, of what, to whom, in which letters."""

import pytest

from packline_sim.delays import delay_ms
from packline_sim.notifications.shapes import FEED_FINISHED, ORDER_CHANGE, QUANTITY_CHANGE, SHIPMENT_STATUS
from packline_sim.orders import progress
from packline_sim.orders.specs import OrderSpec
from packline_sim.reports import make
from packline_sim.specs import SellerSpec, SkuSpec
from sim.notifications.reader import Reader

pytestmark = pytest.mark.anyio


def of(reader: Reader, notification_type: str) -> list[dict[str, object]]:
    """Give what was told of a type."""
    names = ("notificationType", "NotificationType")
    return [body for body in reader.told() if notification_type in map(body.get, names)]


async def test_every_change_of_a_shipments_status_is_told(reader: Reader) -> None:
    """Each status is told once, with seller, location, channel and shipment, and nothing of the buyer."""
    (shipment,) = reader.order()
    await reader.client.confirm(shipment)
    await reader.client.pack(shipment)
    reader.world.cancel(shipment.shipment_id)
    told = [body["payload"]["externalFulfillmentShipmentNotification"] for body in of(reader, SHIPMENT_STATUS)]
    assert [row["shipmentStatus"] for row in told] == [row.after for row in shipment.history]
    assert told[0] == {
        "merchantId": reader.seller_id,
        "locationId": "BLR1",
        "channelName": shipment.channel,
        "shipmentId": shipment.shipment_id,
        "shipmentStatus": "ACCEPTED",
    }
    notices = [row for row in reader.board.notices.values() if row.subject == shipment.shipment_id]
    assert [row.status for row in notices] == ["ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "CANCELLED"]


async def test_created_is_told_only_where_the_switch_says_so(reader: Reader) -> None:
    """The status CREATED is left out unless somebody wants it."""
    reader.order(status="CREATED")
    assert of(reader, SHIPMENT_STATUS) == []
    reader.world.switches.update({"notify_created_shipments": "yes"})
    reader.order(status="CREATED")
    assert len(of(reader, SHIPMENT_STATUS)) == 1


async def test_an_orders_changes_and_the_buyers_wish_are_told(reader: Reader) -> None:
    """A new order, a wish to cancel, a cancellation: with the order's summary, capitals first."""
    world = reader.world
    (order,) = world.create_orders(reader.seller_id, OrderSpec(sku="KETTLE"))
    progress.request_cancel(world, order)
    progress.cancel_order(world, order, "BUYER")
    told = [body["Payload"]["OrderChangeNotification"] for body in of(reader, ORDER_CHANGE)]
    assert [row["OrderChangeType"] for row in told] == [
        "OrderStatusChange",
        "BuyerRequestedChange",
        "OrderStatusChange",
    ]
    assert [row["Summary"]["OrderStatus"] for row in told] == ["Unshipped", "Unshipped", "Canceled"]
    assert [row["Summary"]["OrderItems"][0]["IsBuyerRequestedCancel"] for row in told] == [False, True, True]
    assert {row["AmazonOrderId"] for row in told} == {order.order_id}
    assert order.buyer_name not in str(told)


async def test_a_filter_keeps_the_rest_away(reader: Reader) -> None:
    """orderChangeTypes and marketplaceIds of a subscription choose what is sent."""
    reader.unsubscribe(ORDER_CHANGE)
    chosen = {"eventFilterType": ORDER_CHANGE, "orderChangeTypes": ["BuyerRequestedChange"]}
    reader.subscribe(ORDER_CHANGE, directive={"eventFilter": chosen})
    (order,) = reader.world.create_orders(reader.seller_id, OrderSpec(sku="KETTLE"))
    assert of(reader, ORDER_CHANGE) == []
    progress.request_cancel(reader.world, order)
    assert len(of(reader, ORDER_CHANGE)) == 1


async def test_feeds_reports_and_quantities_are_told_when_they_end(reader: Reader) -> None:
    """A report that is done is told with its document, a quantity as buyers see it."""
    world = reader.world
    report_id = make.create_report(world, reader.seller_id, "GET_X", (), "merchant_listings", None)
    assert reader.told() == []
    world.clock.advance(delay_ms(world, "report_seconds") / 1000 + 600)
    (told,) = (body["payload"]["reportProcessingFinishedNotification"] for body in reader.told())
    assert told["reportDocumentId"] == world.reports[report_id].document_id
    world.create_orders(reader.seller_id, OrderSpec(sku="KETTLE"))
    assert of(reader, QUANTITY_CHANGE)[0]["Payload"]["Sku"] == "KETTLE"
    assert of(reader, FEED_FINISHED) == []


@pytest.mark.parametrize(("case", "name"), [("camel", "notificationType"), ("pascal", "NotificationType")])
async def test_the_letter_case_can_be_chosen_for_all(reader: Reader, case: str, name: str) -> None:
    """Both spellings exist at Amazon; the switch makes every type use one of them, down to the last field."""
    reader.world.switches.update({"notification_case": case})
    reader.order()
    reader.world.create_orders(reader.seller_id, OrderSpec(sku="KETTLE"))
    assert all(name in body for body in reader.told())
    assert all(_cases(body) == {name[0].isupper()} for body in reader.told())


def _cases(value: object) -> set[bool]:
    if isinstance(value, list):
        return {case for inner in value for case in _cases(inner)}
    if not isinstance(value, dict):
        return set()
    return {key[0].isupper() for key in value} | {case for inner in value.values() for case in _cases(inner)}


async def test_only_who_subscribed_is_told(reader: Reader) -> None:
    """Another seller's orders are none of this reader's business, nor is anything after the end of a subscription."""
    other = reader.world.create_seller(SellerSpec(name="Red Pan Trading")).seller_id
    reader.world.create_sku(other, SkuSpec(sku="PAN"))
    reader.world.create_orders(other, OrderSpec(sku="PAN"))
    assert reader.told() == []
    reader.unsubscribe(SHIPMENT_STATUS)
    reader.order()
    assert reader.told() == []
