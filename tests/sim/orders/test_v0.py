"""The Orders API v0: lists, items, personal data, the seller's own shipments."""

from typing import Any

from sim.core.driving import Answer
from sim.easy_ship.shop import INDIA, ORDERS_V0, Shop

LONG_AGO = "2020-01-01"


async def listed(shop: Shop, **query: Any) -> Answer:
    shop.world.clock.advance(180)
    return await shop.call("GET", ORDERS_V0, **{"MarketplaceIds": INDIA, "CreatedAfter": LONG_AGO, **query})


async def restricted(shop: Shop, path: str, *elements: str) -> None:
    """Let the shop call with a restricted token for one path."""
    resource = {"method": "GET", "path": path, "dataElements": list(elements)}
    body = {"restrictedResources": [{key: value for key, value in resource.items() if value}]}
    answer = await shop.call("POST", "/tokens/2021-03-01/restrictedDataToken", body)
    assert answer.status == 200, answer.text
    shop.client.token = answer.json()["restrictedDataToken"]


async def test_orders_are_listed_with_their_easy_ship_status(shop: Shop):
    """The payload holds the orders and the bound to go on from."""
    order = shop.order()
    payload = (await listed(shop)).json()["payload"]
    row = payload["Orders"][0]
    assert row["AmazonOrderId"] == order.order_id
    assert row["EasyShipShipmentStatus"] == "PendingSchedule"
    assert row["OrderTotal"] == {"CurrencyCode": "INR", "Amount": "999.00"}
    assert payload["CreatedBefore"].endswith("Z")


async def test_a_filter_on_easy_ship_statuses_gives_easy_ship_orders_only(shop: Shop):
    """Orders that the seller ships itself have no such status."""
    waiting, _ = shop.order(), shop.order(easy_ship=False)
    scheduled = shop.order()
    await shop.scheduled(scheduled)
    rows = (await listed(shop, EasyShipShipmentStatuses="PendingSchedule")).json()["payload"]["Orders"]
    assert [row["AmazonOrderId"] for row in rows] == [waiting.order_id]


async def test_lists_may_come_with_commas_or_repeated(shop: Shop):
    """Some clients join the values of a list with commas, others repeat the parameter."""
    waiting, scheduled = shop.order(), shop.order()
    await shop.scheduled(scheduled)
    shop.world.clock.advance(180)
    statuses = ("PendingSchedule", "PendingPickUp")
    repeated = "&".join(f"EasyShipShipmentStatuses={status}" for status in statuses)
    for asked in (repeated, f"EasyShipShipmentStatuses={','.join(statuses)}"):
        answer = await shop.call("GET", f"{ORDERS_V0}?MarketplaceIds={INDIA}&CreatedAfter={LONG_AGO}&{asked}")
        found = {row["AmazonOrderId"] for row in answer.json()["payload"]["Orders"]}
        assert found == {waiting.order_id, scheduled.order_id}


async def test_a_marketplace_must_be_named(shop: Shop):
    """MarketplaceIds is required."""
    answer = await shop.call("GET", ORDERS_V0, CreatedAfter=LONG_AGO)
    assert (answer.status, answer.code) == (400, "InvalidInput")


async def test_personal_data_needs_a_restricted_token(shop: Shop):
    """A plain token reads city and postal code; with the data element the whole address."""
    order = shop.order()
    path = f"{ORDERS_V0}/{order.order_id}"
    plain = (await shop.call("GET", path)).json()["payload"]
    assert set(plain["ShippingAddress"]) == {"City", "StateOrRegion", "PostalCode", "CountryCode"}
    assert "BuyerInfo" not in plain
    await restricted(shop, path, "shippingAddress")
    full = (await shop.call("GET", path)).json()["payload"]
    assert full["ShippingAddress"]["Name"] == order.place.name
    assert "BuyerInfo" not in full


async def test_address_and_buyer_are_refused_to_a_plain_token(shop: Shop):
    """Where everything is personal, 403 without a restricted token."""
    order = shop.order()
    for part in ("address", "buyerInfo", "orderItems/buyerInfo"):
        answer = await shop.call("GET", f"{ORDERS_V0}/{order.order_id}/{part}")
        assert (answer.status, answer.code) == (403, "Unauthorized"), part
    await restricted(shop, f"{ORDERS_V0}/{{orderId}}/address")
    payload = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}/address")).json()["payload"]
    assert payload["ShippingAddress"]["AddressLine1"] == order.place.line


async def test_items_tell_whether_serial_numbers_are_needed(shop: Shop):
    """SerialNumberRequired, price and tax of all units."""
    order = shop.order(quantity=2, serial_required=True)
    item = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}/orderItems")).json()["payload"]["OrderItems"][0]
    assert item["SerialNumberRequired"] is True
    assert item["ItemPrice"]["Amount"] == "1998.00"
    assert item["ItemTax"]["Amount"] == "304.78"


async def test_a_pending_order_shows_no_price_and_no_address(shop: Shop):
    """Prices and the address come with the payment."""
    order = shop.order(status="Pending", pending_minutes=30)
    pending = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}")).json()["payload"]
    assert "OrderTotal" not in pending
    assert "ShippingAddress" not in pending
    assert "EasyShipShipmentStatus" not in pending
    shop.world.clock.advance(1800)
    paid = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}")).json()["payload"]
    assert (paid["OrderStatus"], paid["EasyShipShipmentStatus"]) == ("Unshipped", "PendingSchedule")


def confirmation(order: Any, quantity: int, reference: str = "1", **changes: Any) -> dict[str, Any]:
    detail = {
        "packageReferenceId": reference,
        "carrierCode": "Other",
        "carrierName": "Sample Couriers",
        "trackingNumber": "T1",
        "shipDate": "2026-09-21T15:00:00Z",
        "orderItems": [{"orderItemId": order.items[0].order_item_id, "quantity": quantity}],
    }
    return {"marketplaceId": INDIA, "packageDetail": {**detail, **changes}}


async def test_the_seller_confirms_its_own_shipments_in_parts(shop: Shop):
    """Part of the units makes the order PartiallyShipped, all of them Shipped; the same package again is edited."""
    order = shop.order(easy_ship=False, quantity=3)
    path = f"{ORDERS_V0}/{order.order_id}/shipmentConfirmation"
    assert (await shop.call("POST", path, confirmation(order, 1))).status == 204
    assert order.status == "PartiallyShipped"
    assert (await shop.call("POST", path, confirmation(order, 2))).status == 204
    assert order.items[0].shipped == 2
    assert (await shop.call("POST", path, confirmation(order, 1, "2"))).status == 204
    assert order.status == "Shipped"
    late = await shop.call("POST", path, confirmation(order, 1, "3"))
    assert late.json()["errors"][0]["details"] == "PackageToUpdateNotFound"


async def test_too_many_units_and_missing_carriers_are_refused(shop: Shop):
    """Nothing changes when a confirmation makes no sense."""
    order = shop.order(easy_ship=False)
    path = f"{ORDERS_V0}/{order.order_id}/shipmentConfirmation"
    for bad in (confirmation(order, 2), confirmation(order, 1, "0"), confirmation(order, 1, carrierName=None)):
        answer = await shop.call("POST", path, bad)
        assert (answer.status, answer.code) == (400, "InvalidInput")
    assert order.status == "Unshipped"


async def test_an_easy_ship_order_is_never_confirmed_by_the_seller(shop: Shop):
    """Amazon confirms it when the carrier collects."""
    order = shop.order()
    answer = await shop.call("POST", f"{ORDERS_V0}/{order.order_id}/shipmentConfirmation", confirmation(order, 1))
    assert (answer.status, answer.code) == (400, "InvalidInput")


async def test_store_pickup_orders_are_moved_by_the_seller(shop: Shop):
    """PickedUp ships the order; other orders do not know the call."""
    order, other = shop.order(easy_ship=False, in_store_pickup=True), shop.order()
    body = {"marketplaceId": INDIA, "shipmentStatus": "PickedUp"}
    assert (await shop.call("POST", f"{ORDERS_V0}/{other.order_id}/shipment", body)).status == 400
    assert (await shop.call("POST", f"{ORDERS_V0}/{order.order_id}/shipment", body)).status == 204
    assert order.status == "Shipped"


async def test_nothing_is_regulated(shop: Shop):
    """The answer has the fields that the specification requires."""
    order = shop.order()
    payload = (await shop.call("GET", f"{ORDERS_V0}/{order.order_id}/regulatedInfo")).json()["payload"]
    assert payload["RegulatedOrderVerificationStatus"]["RequiresMerchantAction"] is False


async def test_every_filter_of_v0_leaves_what_it_names(shop: Shop):
    """By ids, payment, channel, invoice, store pickup and delivery dates."""
    cash, other = shop.order(cash_on_delivery=True), shop.order(easy_ship=False, in_store_pickup=True)

    async def ids(**query: Any) -> set[str]:
        answer = await listed(shop, **query)
        assert answer.status == 200, answer.text
        return {row["AmazonOrderId"] for row in answer.json()["payload"]["Orders"]}

    both = {cash.order_id, other.order_id}
    assert await ids(PaymentMethods="COD") == {cash.order_id}
    assert await ids(FulfillmentChannels="AFN") == set()
    assert await ids(FulfillmentChannels="MFN,AFN") == both
    assert await ids(ElectronicInvoiceStatuses="NotFound") == {cash.order_id}
    assert await ids(IsISPU="true") == {other.order_id}
    assert await ids(StoreChainStoreId="X") == set()
    assert await ids(OrderStatuses="Shipped") == set()
    assert await ids(LatestDeliveryDateAfter="2020-01-01", EarliestDeliveryDateBefore="2040-01-01") == both
    assert await ids(EarliestDeliveryDateAfter="2040-01-01") == set()


async def test_named_orders_need_no_period(shop: Shop):
    """AmazonOrderIds alone finds them, however new."""
    order, _ = shop.orders(2)
    answer = await shop.call("GET", ORDERS_V0, MarketplaceIds=INDIA, AmazonOrderIds=order.order_id)
    assert [row["AmazonOrderId"] for row in answer.json()["payload"]["Orders"]] == [order.order_id]


async def test_unshipped_alone_is_refused_when_the_switch_says_so(shop: Shop):
    """As the API before it did."""
    assert (await listed(shop, OrderStatuses="Unshipped")).status == 200
    shop.world.switches.update({"unshipped_alone": "refuse"})
    assert (await listed(shop, OrderStatuses="Unshipped")).status == 400
    assert (await listed(shop, OrderStatuses="Unshipped,PartiallyShipped")).status == 200


async def test_open_personal_data_spares_the_token(shop: Shop):
    """A switch for tests; gifts carry their message."""
    shop.world.switches.update({"v0_personal_data": "open"})
    order = shop.order(gift=True)
    path = f"{ORDERS_V0}/{order.order_id}"
    assert (await shop.call("GET", path)).json()["payload"]["BuyerInfo"]["BuyerName"] == order.buyer_name
    items = (await shop.call("GET", f"{path}/orderItems")).json()["payload"]["OrderItems"]
    assert items[0]["BuyerInfo"]["GiftMessageText"]
    assert (await shop.call("GET", f"{path}/orderItems/buyerInfo")).status == 200
    assert (await shop.call("GET", f"{path}/buyerInfo")).status == 200
    assert (await shop.call("GET", f"{path}/orderItems", NextToken="more")).status == 400


async def test_a_refused_pickup_cancels_and_ready_changes_nothing(shop: Shop):
    """Once it is over, no more changes."""
    order = shop.order(easy_ship=False, in_store_pickup=True)
    path, body = f"{ORDERS_V0}/{order.order_id}/shipment", {"marketplaceId": INDIA}
    assert (await shop.call("POST", path, {**body, "shipmentStatus": "ReadyForPickup"})).status == 204
    assert order.status == "Unshipped"
    assert (await shop.call("POST", path, {**body, "shipmentStatus": "RefusedPickup"})).status == 204
    assert order.status == "Canceled"
    assert (await shop.call("POST", path, {**body, "shipmentStatus": "PickedUp"})).status == 400


async def test_a_confirmation_names_items_and_marketplace_of_the_order(shop: Shop):
    """Foreign items and marketplaces are refused, as are orders that cannot be shipped."""
    order, pending = shop.order(easy_ship=False), shop.order(easy_ship=False, status="Pending")
    foreign = confirmation(order, 1)
    foreign["packageDetail"]["orderItems"][0]["orderItemId"] = "1"
    path = f"{ORDERS_V0}/{order.order_id}/shipmentConfirmation"
    assert (await shop.call("POST", path, foreign)).status == 400
    assert (await shop.call("POST", path, {**confirmation(order, 1), "marketplaceId": "X"})).status == 400
    late = await shop.call("POST", f"{ORDERS_V0}/{pending.order_id}/shipmentConfirmation", confirmation(pending, 1))
    assert late.status == 400
    shown = (await shop.show(order, "PACKAGES"))["packages"]
    assert shown == []
    assert (await shop.call("POST", path, confirmation(order, 1))).status == 204
    assert (await shop.show(order, "PACKAGES"))["packages"][0]["carrier"] == "Sample Couriers"
