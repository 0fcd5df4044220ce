"""Orders and Easy Ship with both public clients, with nothing changed but the address."""

import io
import urllib.request
import warnings
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
import spapi
from sp_api.api import EasyShip, Orders
from sp_api.auth import AccessTokenClient, access_token_client
from sp_api.base import SellingApiBadRequestException, SellingApiForbiddenException, SellingApiNotFoundException
from spapi.models import easyship_v2022_03_23 as ship
from spapi.models import orders_v0 as v0
from spapi.models import tokens_v2021_03_01 as tokens
from spapi.rest import ApiException

from contract.conftest import INDIA
from contract.simulator import Shop, open_shop
from contract.test_official_sdk import client_of
from contract.test_python_amazon_sp_api import given
from packline_sim.orders.records import Order
from packline_sim.orders.specs import OrderSpec

NETHERLANDS = "A1805IZSGTT6HS"
LONG_AGO = "2026-01-01"
EVERY_PART = (
    "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
)
SIZE = {"length": 20.0, "width": 15.0, "height": 10.0, "unit": "cm"}
WEIGHT = {"value": 640.0, "unit": "g"}


@pytest.fixture
def india(shop: Shop) -> Shop:
    """Give a shop whose new orders are found at once, and forget tokens that a client keeps for the whole process."""
    access_token_client.cache.clear()
    shop.simulator.call(shop.simulator.world.switches.update, {"search_bound": "now"})
    return shop


@pytest.fixture
def dutch(india: Shop) -> Shop:
    """Give a shop in the Netherlands, where orders are scheduled in bulk."""
    return open_shop(india.simulator, marketplace_id=NETHERLANDS)


def orders(shop: Shop, count: int = 1, **spec: Any) -> list[Order]:
    """Have buyers order."""
    world = shop.simulator.world
    return shop.simulator.call(world.create_orders, shop.seller_id, OrderSpec(count=count, sku=shop.sku.sku, **spec))


def client(shop: Shop, kind: type, **options: Any) -> Any:
    """Give one of the community's clients."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**given(shop, AccessTokenClient), **options)


def restricted(shop: Shop, path: str, *elements: str) -> spapi.ApiClient:
    """Give a client of the official SDK that carries a restricted data token."""
    plain = client_of(shop)
    resource = tokens.RestrictedResource(method="GET", path=path, data_elements=list(elements) or None)
    request = tokens.CreateRestrictedDataTokenRequest(restricted_resources=[resource])
    answer = spapi.TokensApi(plain).create_restricted_data_token(request)
    # The SDK has no place for such a token; it takes whatever its cache of access tokens gives.
    plain.configuration.access_token_cache = SimpleNamespace(get_lwa_access_token=lambda: answer.restricted_data_token)
    return plain


def slots(shop: Shop, order: Order) -> list[ship.TimeSlot]:
    """List an order's slots with the official SDK."""
    request = ship.ListHandoverSlotsRequest(
        marketplace_id=INDIA,
        amazon_order_id=order.order_id,
        package_dimensions=ship.Dimensions(**SIZE),
        package_weight=ship.Weight(**WEIGHT),
    )
    easy_ship = spapi.EasyShipApi(client_of(shop))
    return easy_ship.list_handover_slots(list_handover_slots_request=request).time_slots


def creation(order: Order, slot: ship.TimeSlot) -> ship.CreateScheduledPackageRequest:
    """Build a scheduling request with the order's serial numbers."""
    items = [
        ship.Item(
            order_item_id=item.order_item_id,
            order_item_serial_numbers=[f"SN-{item.order_item_id}-{at}" for at in range(item.quantity)],
        )
        for item in order.items
        if item.serial_required
    ]
    details = ship.PackageDetails(
        package_time_slot=ship.TimeSlot(slot_id=slot.slot_id), package_items=items, package_identifier="SHELF 12"
    )
    return ship.CreateScheduledPackageRequest(
        amazon_order_id=order.order_id, marketplace_id=INDIA, package_details=details
    )


def test_the_official_sdk_schedules_reads_and_moves_a_package(india: Shop) -> None:
    """listHandoverSlots, createScheduledPackage, getScheduledPackage, updateScheduledPackages."""
    order = orders(india, quantity=2, serial_required=True)[0]
    easy_ship = spapi.EasyShipApi(client_of(india))
    listed = slots(india, order)
    made = easy_ship.create_scheduled_package(creation(order, listed[-1]))
    assert made.package_status == "ReadyForPickup"
    assert made.package_identifier == "SHELF 12"
    assert len(made.package_items[0].order_item_serial_numbers) == 2
    read = easy_ship.get_scheduled_package(order.order_id, INDIA)
    assert read == made
    entry = ship.UpdatePackageDetails(
        scheduled_package_id=made.scheduled_package_id, package_time_slot=ship.TimeSlot(slot_id=listed[-2].slot_id)
    )
    request = ship.UpdateScheduledPackagesRequest(marketplace_id=INDIA, update_package_details_list=[entry])
    moved = easy_ship.update_scheduled_packages(update_scheduled_packages_request=request)
    assert moved.packages[0].package_time_slot.slot_id == listed[-2].slot_id
    assert moved.packages[0].tracking_details == made.tracking_details


def test_the_official_sdk_schedules_in_bulk(dutch: Shop) -> None:
    """createScheduledPackageBulk: packages, refused orders, and an archive to fetch."""
    good, pending = orders(dutch)[0], orders(dutch, status="Pending")[0]
    request = ship.CreateScheduledPackagesRequest(
        marketplace_id=NETHERLANDS,
        order_schedule_details_list=[
            ship.OrderScheduleDetails(amazon_order_id=one.order_id) for one in (good, pending)
        ],
        label_format="PDF",
    )
    answer = spapi.EasyShipApi(client_of(dutch)).create_scheduled_package_bulk(request)
    assert [row.scheduled_package_id.amazon_order_id for row in answer.scheduled_packages] == [good.order_id]
    assert answer.rejected_orders[0].error.code == "InvalidOrderState"
    with urllib.request.urlopen(answer.printable_documents_url) as archive:
        assert f"{good.order_id}/label.pdf" in zipfile.ZipFile(io.BytesIO(archive.read())).namelist()


def test_the_official_sdk_is_told_the_codes(india: Shop) -> None:
    """Refusals carry status and code."""
    order = orders(india)[0]
    easy_ship = spapi.EasyShipApi(client_of(india))
    with pytest.raises(ApiException) as missing:
        easy_ship.get_scheduled_package(order.order_id, INDIA)
    assert (missing.value.status, "ResourceNotFound" in missing.value.body) == (404, True)
    slot = slots(india, order)[0]
    easy_ship.create_scheduled_package(creation(order, slot))
    with pytest.raises(ApiException) as again:
        easy_ship.create_scheduled_package(creation(order, slot))
    assert (again.value.status, "ScheduledPackageAlreadyExists" in again.value.body) == (400, True)


def test_the_official_sdk_searches_and_reads_orders(india: Shop) -> None:
    """searchOrders by pages and getOrder, with every part."""
    made = orders(india, 3)
    search = spapi.SearchOrdersApi(client_of(india))
    first = search.search_orders(
        created_after=LONG_AGO, max_results_per_page=2, included_data=EVERY_PART.split(","), marketplace_ids=[INDIA]
    )
    rest = search.search_orders(pagination_token=first.pagination.next_token, included_data=EVERY_PART.split(","))
    assert [row.order_id for row in (*first.orders, *rest.orders)] == [order.order_id for order in made]
    get = spapi.GetOrderApi(client_of(india))
    one = get.get_order(made[0].order_id, included_data=EVERY_PART.split(",")).order
    assert one.packages[0].package_status.detailed_status == "PENDING_SCHEDULE"
    assert one.recipient.delivery_address.address_line1 == made[0].place.line


def test_the_official_sdk_reads_orders_of_v0(india: Shop) -> None:
    """getOrders by pages, getOrder, getOrderItems, getOrderRegulatedInfo, and what needs a restricted token."""
    made = orders(india, 3)
    api = spapi.OrdersV0Api(client_of(india))
    first = api.get_orders([INDIA], created_after=LONG_AGO, max_results_per_page=2).payload
    rest = api.get_orders([INDIA], next_token=first.next_token).payload
    assert [row.amazon_order_id for row in (*first.orders, *rest.orders)] == [order.order_id for order in made]
    order_id = made[0].order_id
    assert api.get_order(order_id).payload.easy_ship_shipment_status == "PendingSchedule"
    assert api.get_order_items(order_id).payload.order_items[0].seller_sku == india.sku.sku
    assert api.get_order_regulated_info(order_id).payload.requires_dosage_label is False
    with pytest.raises(ApiException) as refused:
        api.get_order_address(order_id)
    assert refused.value.status == 403
    path = f"/orders/v0/orders/{order_id}"
    address = spapi.OrdersV0Api(restricted(india, f"{path}/address")).get_order_address(order_id)
    assert address.payload.shipping_address.address_line1 == made[0].place.line
    buyer = spapi.OrdersV0Api(restricted(india, f"{path}/buyerInfo")).get_order_buyer_info(order_id)
    assert buyer.payload.buyer_name == made[0].buyer_name
    items = spapi.OrdersV0Api(restricted(india, f"{path}/orderItems/buyerInfo"))
    assert items.get_order_items_buyer_info(order_id).payload.order_items[0].order_item_id
    whole = spapi.OrdersV0Api(restricted(india, path, "buyerInfo", "shippingAddress")).get_order(order_id).payload
    assert (whole.shipping_address.name, whole.buyer_info.buyer_name) == (made[0].place.name, made[0].buyer_name)


def test_the_official_sdk_ships_what_the_seller_carries(india: Shop) -> None:
    """confirmShipment, updateShipmentStatus, updateVerificationStatus."""
    own, collected = orders(india, easy_ship=False)[0], orders(india, easy_ship=False, in_store_pickup=True)[0]
    api = spapi.OrdersV0Api(client_of(india))
    detail = v0.PackageDetail(
        package_reference_id="1",
        carrier_code="Other",
        carrier_name="Sample Couriers",
        tracking_number="SC0001",
        ship_date="2026-11-23T06:00:00Z",
        order_items=[v0.ConfirmShipmentOrderItem(order_item_id=own.items[0].order_item_id, quantity=1)],
    )
    api.confirm_shipment(own.order_id, v0.ConfirmShipmentRequest(marketplace_id=INDIA, package_detail=detail))
    assert api.get_order(own.order_id).payload.order_status == "Shipped"
    request = v0.UpdateShipmentStatusRequest(marketplace_id=INDIA, shipment_status="PickedUp")
    spapi.ShipmentApi(client_of(india)).update_shipment_status(collected.order_id, request)
    assert api.get_order(collected.order_id).payload.order_status == "Shipped"
    review = {"regulatedOrderVerificationStatus": {"externalReviewerId": "R1", "status": "Approved"}}
    with pytest.raises(ApiException) as refused:
        api.update_verification_status(own.order_id, review)
    assert refused.value.status == 400


def test_the_communitys_client_schedules_reads_and_moves_a_package(india: Shop) -> None:
    """Its own way of passing bodies, with the extra parameters that it adds."""
    order = orders(india)[0]
    easy_ship = client(india, EasyShip)
    names = {"amazonOrderId": order.order_id, "marketplaceId": INDIA}
    listed = easy_ship.list_handover_slots(**names, packageDimensions=SIZE, packageWeight=WEIGHT).payload["timeSlots"]
    details = {"packageTimeSlot": {"slotId": listed[-1]["slotId"]}}
    made = easy_ship.create_scheduled_package(**names, packageDetails=details).payload
    assert easy_ship.get_scheduled_package(**names).payload == made
    entry = {"scheduledPackageId": made["scheduledPackageId"], "packageTimeSlot": {"slotId": listed[-2]["slotId"]}}
    moved = easy_ship.update_scheduled_packages(marketplaceId=INDIA, updatePackageDetailsList=[entry]).payload
    assert moved["packages"][0]["packageTimeSlot"] == listed[-2]
    with pytest.raises(SellingApiBadRequestException):
        easy_ship.create_scheduled_package(**names, packageDetails=details)
    with pytest.raises(SellingApiNotFoundException):
        easy_ship.get_scheduled_package(amazonOrderId="402-0000000-0000000", marketplaceId=INDIA)


def test_the_communitys_client_schedules_in_bulk(dutch: Shop) -> None:
    """createScheduledPackageBulk in the Netherlands."""
    order = orders(dutch)[0]
    arguments = given(dutch, AccessTokenClient)
    arguments["marketplace"].marketplace_id = NETHERLANDS
    answer = EasyShip(**arguments).create_scheduled_package_bulk(
        marketplaceId=NETHERLANDS, orderScheduleDetailsList=[{"amazonOrderId": order.order_id}], labelFormat="ZPL"
    )
    assert answer.payload["scheduledPackages"][0]["scheduledPackageId"]["amazonOrderId"] == order.order_id


def test_the_communitys_client_reads_orders_of_both_versions(india: Shop) -> None:
    """searchOrders and getOrder; getOrders with pages, items, and personal data by its own restricted tokens."""
    made = orders(india, 3)
    latest = client(india, Orders, version="2026-01-01")
    found = latest.search_orders(createdAfter=LONG_AGO, includedData=EVERY_PART).payload["orders"]
    assert [row["orderId"] for row in found] == [order.order_id for order in made]
    assert latest.get_order(made[0].order_id, includedData=EVERY_PART).payload["order"] == found[0]
    old = client(india, Orders, version="v0")
    page = old.get_orders(CreatedAfter=LONG_AGO, MaxResultsPerPage=2, EasyShipShipmentStatuses="PendingSchedule")
    rest = old.get_orders(NextToken=page.next_token).payload["Orders"]
    assert [row["AmazonOrderId"] for row in (*page.payload["Orders"], *rest)] == [order.order_id for order in made]
    order_id = made[0].order_id
    assert old.get_order(order_id).payload["OrderStatus"] == "Unshipped"
    assert old.get_order_items(order_id).payload["OrderItems"][0]["SellerSKU"] == india.sku.sku
    with pytest.raises(SellingApiForbiddenException):
        old.get_order_buyer_info(order_id)
    whole = old.get_order(order_id, RestrictedResources=["buyerInfo", "shippingAddress"]).payload
    assert whole["ShippingAddress"]["Name"] == made[0].place.name
    assert old.get_order_regulated_info(order_id).payload["AmazonOrderId"] == order_id


def test_the_communitys_client_ships_what_the_seller_carries(india: Shop) -> None:
    """confirmShipment and updateShipmentStatus."""
    own, collected = orders(india, easy_ship=False)[0], orders(india, easy_ship=False, in_store_pickup=True)[0]
    old = client(india, Orders, version="v0")
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "SAMPLE",
        "trackingNumber": "SC0001",
        "shipDate": "2026-11-23T06:00:00Z",
        "orderItems": [{"orderItemId": own.items[0].order_item_id, "quantity": 1}],
    }
    old.confirm_shipment(own.order_id, marketplaceId=INDIA, packageDetail=detail)
    old.update_shipment_status(collected.order_id, marketplaceId=INDIA, shipmentStatus="PickedUp")
    assert [old.get_order(one.order_id).payload["OrderStatus"] for one in (own, collected)] == ["Shipped", "Shipped"]
