"""Every operation of Easy Ship's APIs, refused in every way, through both public clients."""

import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import spapi
from sp_api.api import EasyShip, Feeds, ListingsItems, Orders, Reports, Tokens
from sp_api.auth import AccessTokenClient, access_token_client
from sp_api.base import SellingApiException, SellingApiRequestThrottledException
from spapi.models import easyship_v2022_03_23 as ship
from spapi.models import feeds_v2021_06_30 as feed_models
from spapi.models import listings_items_v2021_08_01 as listing_models
from spapi.models import orders_v0 as v0
from spapi.models import reports_v2021_06_30 as report_models
from spapi.models import tokens_v2021_03_01 as token_models
from spapi.rest import ApiException

from contract.conftest import INDIA
from contract.simulator import Shop
from contract.test_official_sdk import client_of
from contract.test_python_amazon_sp_api import given
from packline_sim.faults import FaultRule

ORDER, ID, LONG_AGO = "402-0000000-0000000", "000000000000", "2026-01-01T00:00:00Z"
SLOT = {"slotId": "AQnobody"}
PATCH = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [{"quantity": 1}]}
SIZE = {"length": 20.0, "width": 15.0, "height": 10.0, "unit": "cm"}
WEIGHT = {"value": 640.0, "unit": "g"}
Calls = dict[str, Callable[[], Any]]
WAYS = {
    "429": (429, "QuotaExceeded"),
    "500": (500, ""),
    "503": (503, ""),
    "token_refused": (403, "Unauthorized"),
}


def official(shop: Shop) -> Calls:
    """List the operations with Amazon's own SDK."""
    api = client_of(shop)
    easy, old, feeds = spapi.EasyShipApi(api), spapi.OrdersV0Api(api), spapi.FeedsApi(api)
    reports, listings, tokens = spapi.ReportsApi(api), spapi.ListingsApi(api), spapi.TokensApi(api)
    slot = ship.TimeSlot(slot_id=SLOT["slotId"])
    package = ship.PackageDetails(package_time_slot=slot)
    moved = ship.UpdatePackageDetails(
        scheduled_package_id=ship.ScheduledPackageId(amazon_order_id=ORDER), package_time_slot=slot
    )
    asked = ship.ListHandoverSlotsRequest(
        marketplace_id=INDIA,
        amazon_order_id=ORDER,
        package_dimensions=ship.Dimensions(**SIZE),
        package_weight=ship.Weight(**WEIGHT),
    )
    scheduled = ship.CreateScheduledPackageRequest(amazon_order_id=ORDER, marketplace_id=INDIA, package_details=package)
    many = ship.UpdateScheduledPackagesRequest(marketplace_id=INDIA, update_package_details_list=[moved])
    bulk = ship.CreateScheduledPackagesRequest(
        marketplace_id=INDIA,
        order_schedule_details_list=[ship.OrderScheduleDetails(amazon_order_id=ORDER)],
        label_format="PDF",
    )
    parcel = v0.PackageDetail(
        package_reference_id="1",
        carrier_code="SAMPLE",
        tracking_number="SC1",
        ship_date=LONG_AGO,
        order_items=[v0.ConfirmShipmentOrderItem(order_item_id="1", quantity=1)],
    )
    shipped = v0.ConfirmShipmentRequest(marketplace_id=INDIA, package_detail=parcel)
    collected = v0.UpdateShipmentStatusRequest(marketplace_id=INDIA, shipment_status="PickedUp")
    document = feed_models.CreateFeedDocumentSpecification(content_type="text/xml; charset=UTF-8")
    feed = feed_models.CreateFeedSpecification(
        feed_type="POST_EASYSHIP_DOCUMENTS", marketplace_ids=[INDIA], input_feed_document_id=ID
    )
    report = report_models.CreateReportSpecification(report_type="GET_EASYSHIP_PICKEDUP", marketplace_ids=[INDIA])
    patch = listing_models.ListingsItemPatchRequest(
        product_type="PRODUCT", patches=[listing_models.PatchOperation(**PATCH)]
    )
    whole = listing_models.ListingsItemPutRequest(product_type="PRODUCT", attributes={})
    path = f"/reports/2021-06-30/documents/{ID}"
    resource = token_models.RestrictedResource(method="GET", path=path)
    wanted = token_models.CreateRestrictedDataTokenRequest(restricted_resources=[resource])
    seller, sku = shop.seller_id, shop.sku.sku
    return {
        "listHandoverSlots": lambda: easy.list_handover_slots(list_handover_slots_request=asked),
        "getScheduledPackage": lambda: easy.get_scheduled_package(ORDER, INDIA),
        "createScheduledPackage": lambda: easy.create_scheduled_package(scheduled),
        "updateScheduledPackages": lambda: easy.update_scheduled_packages(update_scheduled_packages_request=many),
        "createScheduledPackageBulk": lambda: easy.create_scheduled_package_bulk(bulk),
        "searchOrders": lambda: spapi.SearchOrdersApi(api).search_orders(created_after=LONG_AGO),
        "getOrder": lambda: spapi.GetOrderApi(api).get_order(ORDER),
        "getOrders": lambda: old.get_orders([INDIA], created_after=LONG_AGO),
        "getOrderV0": lambda: old.get_order(ORDER),
        "getOrderItems": lambda: old.get_order_items(ORDER),
        "getOrderAddress": lambda: old.get_order_address(ORDER),
        "getOrderBuyerInfo": lambda: old.get_order_buyer_info(ORDER),
        "getOrderItemsBuyerInfo": lambda: old.get_order_items_buyer_info(ORDER),
        "getOrderRegulatedInfo": lambda: old.get_order_regulated_info(ORDER),
        "confirmShipment": lambda: old.confirm_shipment(ORDER, shipped),
        "updateShipmentStatus": lambda: spapi.ShipmentApi(api).update_shipment_status(ORDER, collected),
        "createFeedDocument": lambda: feeds.create_feed_document(document),
        "createFeed": lambda: feeds.create_feed(feed),
        "getFeed": lambda: feeds.get_feed(ID),
        "getFeeds": lambda: feeds.get_feeds(feed_types=["POST_EASYSHIP_DOCUMENTS"]),
        "cancelFeed": lambda: feeds.cancel_feed(ID),
        "getFeedDocument": lambda: feeds.get_feed_document(ID),
        "createReport": lambda: reports.create_report(report),
        "getReport": lambda: reports.get_report(ID),
        "getReports": lambda: reports.get_reports(report_types=["GET_EASYSHIP_PICKEDUP"]),
        "cancelReport": lambda: reports.cancel_report(ID),
        "getReportDocument": lambda: reports.get_report_document(ID),
        "createRestrictedDataToken": lambda: tokens.create_restricted_data_token(wanted),
        "getListingsItem": lambda: listings.get_listings_item(seller, sku, [INDIA]),
        "patchListingsItem": lambda: listings.patch_listings_item(seller, sku, [INDIA], patch),
        "putListingsItem": lambda: listings.put_listings_item(seller, sku, [INDIA], whole),
        "deleteListingsItem": lambda: listings.delete_listings_item(seller, sku, [INDIA]),
        "searchListingsItems": lambda: listings.search_listings_items(seller, [INDIA]),
    }


def community(shop: Shop) -> Calls:
    """List the operations with the community's client."""
    access_token_client.cache.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = given(shop, AccessTokenClient)
        easy, new, old = EasyShip(**arguments), Orders(**arguments, version="2026-01-01"), Orders(**arguments)
        feeds, reports = Feeds(**arguments), Reports(**arguments)
        listings, tokens = ListingsItems(**arguments), Tokens(**arguments)
    names = {"amazonOrderId": ORDER, "marketplaceId": INDIA}
    package = {"packageTimeSlot": SLOT}
    moved = {"scheduledPackageId": {"amazonOrderId": ORDER}, "packageTimeSlot": SLOT}
    parcel = {
        "packageReferenceId": "1",
        "carrierCode": "SAMPLE",
        "trackingNumber": "SC1",
        "shipDate": LONG_AGO,
        "orderItems": [{"orderItemId": "1", "quantity": 1}],
    }
    seller, sku = shop.seller_id, shop.sku.sku
    patch, whole = {"productType": "PRODUCT", "patches": [PATCH]}, {"productType": "PRODUCT", "attributes": {}}
    resource = {"method": "GET", "path": f"/reports/2021-06-30/documents/{ID}"}
    return {
        "listHandoverSlots": lambda: easy.list_handover_slots(**names, packageDimensions=SIZE, packageWeight=WEIGHT),
        "getScheduledPackage": lambda: easy.get_scheduled_package(**names),
        "createScheduledPackage": lambda: easy.create_scheduled_package(**names, packageDetails=package),
        "updateScheduledPackages": lambda: easy.update_scheduled_packages(
            marketplaceId=INDIA, updatePackageDetailsList=[moved]
        ),
        "createScheduledPackageBulk": lambda: easy.create_scheduled_package_bulk(
            marketplaceId=INDIA, orderScheduleDetailsList=[{"amazonOrderId": ORDER}], labelFormat="PDF"
        ),
        "searchOrders": lambda: new.search_orders(createdAfter=LONG_AGO),
        "getOrder": lambda: new.get_order(ORDER),
        "getOrders": lambda: old.get_orders(CreatedAfter=LONG_AGO),
        "getOrderV0": lambda: old.get_order(ORDER),
        "getOrderItems": lambda: old.get_order_items(ORDER),
        "getOrderAddress": lambda: old.get_order_address(ORDER),
        "getOrderBuyerInfo": lambda: old.get_order_buyer_info(ORDER),
        "getOrderItemsBuyerInfo": lambda: old.get_order_items_buyer_info(ORDER),
        "getOrderRegulatedInfo": lambda: old.get_order_regulated_info(ORDER),
        "confirmShipment": lambda: old.confirm_shipment(ORDER, marketplaceId=INDIA, packageDetail=parcel),
        "updateShipmentStatus": lambda: old.update_shipment_status(
            ORDER, marketplaceId=INDIA, shipmentStatus="PickedUp"
        ),
        "createFeedDocument": lambda: feeds.create_feed_document(
            io.BytesIO(b"<x/>"), content_type="text/xml; charset=UTF-8"
        ),
        "createFeed": lambda: feeds.create_feed("POST_EASYSHIP_DOCUMENTS", ID, marketplaceIds=[INDIA]),
        "getFeed": lambda: feeds.get_feed(ID),
        "getFeeds": lambda: feeds.get_feeds(feedTypes=["POST_EASYSHIP_DOCUMENTS"]),
        "cancelFeed": lambda: feeds.cancel_feed(ID),
        "getFeedDocument": lambda: feeds.get_feed_document(ID),
        "createReport": lambda: reports.create_report(reportType="GET_EASYSHIP_PICKEDUP", marketplaceIds=[INDIA]),
        "getReport": lambda: reports.get_report(ID),
        "getReports": lambda: reports.get_reports(reportTypes=["GET_EASYSHIP_PICKEDUP"]),
        "cancelReport": lambda: reports.cancel_report(ID),
        "getReportDocument": lambda: reports.get_report_document(ID),
        "createRestrictedDataToken": lambda: tokens.create_restricted_data_token(restrictedResources=[resource]),
        "getListingsItem": lambda: listings.get_listings_item(seller, sku, marketplaceIds=[INDIA]),
        "patchListingsItem": lambda: listings.patch_listings_item(seller, sku, marketplaceIds=[INDIA], body=patch),
        "putListingsItem": lambda: listings.put_listings_item(seller, sku, marketplaceIds=[INDIA], body=whole),
        "deleteListingsItem": lambda: listings.delete_listings_item(seller, sku, marketplaceIds=[INDIA]),
        "searchListingsItems": lambda: listings.search_listings_items(seller, marketplaceIds=[INDIA]),
    }


KNOWN = frozenset(
    {
        *("getOrders", "searchOrders", "createFeedDocument", "getFeeds", "createReport", "getReports"),
        *("createRestrictedDataToken", "getListingsItem", "patchListingsItem", "putListingsItem"),
        *("deleteListingsItem", "searchListingsItems"),
    }
)
"""Operations that need no id of nobody: they succeed where the others say that there is no such thing."""


@pytest.fixture
def faulty(shop: Shop) -> Iterator[Callable[[str], None]]:
    """Give what lets every call go wrong in one way."""
    world, call = shop.simulator.world, shop.simulator.call
    yield lambda kind: (call(world.faults.clear), call(world.faults.add, FaultRule(kind=kind)))  # type: ignore[arg-type, func-returns-value, return-value]
    call(world.faults.clear)


def test_the_official_sdk_is_told_every_refusal(shop: Shop, faulty: Callable[[str], None]) -> None:
    """Status and code of each operation come as the SDK's exception, with Amazon's words."""
    calls = official(shop)
    for kind, (status, code) in WAYS.items():
        faulty(kind)
        for name, call in calls.items():
            with pytest.raises(ApiException) as refused:
                call()
            assert (refused.value.status, code in refused.value.body) == (status, True), (name, kind)


def test_the_communitys_client_is_told_every_refusal(shop: Shop, faulty: Callable[[str], None]) -> None:
    """Each status has its exception, or the base one where the client knows none."""
    calls = community(shop)
    for kind, (status, _) in WAYS.items():
        faulty(kind)
        for name, call in calls.items():
            with pytest.raises(SellingApiException) as refused:
                call()
            assert refused.value.code == status, (name, kind, refused.value)
            assert isinstance(refused.value, SellingApiRequestThrottledException) is (status == 429)


@pytest.mark.parametrize("make", [official, community])
def test_ids_of_nobody_are_refused_and_never_found(shop: Shop, make: Callable[[Shop], Calls]) -> None:
    """What names nothing that exists is a refusal of the request (400 to 404); the rest answers."""
    for name, call in make(shop).items():
        if name in KNOWN:
            call()
            continue
        with pytest.raises((ApiException, SellingApiException)) as refused:
            call()
        found = getattr(refused.value, "status", None) or refused.value.code
        assert found in (400, 403, 404), (name, refused.value)
