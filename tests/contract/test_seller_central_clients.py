"""Feeds, reports, tokens and listings with both public clients, with nothing changed but the address."""

import gzip
import io
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import spapi
from sp_api.api import Feeds, ListingsItems, Reports, Tokens
from sp_api.auth import AccessTokenClient, access_token_client
from sp_api.base import SellingApiBadRequestException, SellingApiForbiddenException, SellingApiNotFoundException
from spapi.models import feeds_v2021_06_30 as feed_models
from spapi.models import listings_items_v2021_08_01 as listing_models
from spapi.models import reports_v2021_06_30 as report_models
from spapi.models import tokens_v2021_03_01 as token_models
from spapi.rest import ApiException

from contract.conftest import INDIA
from contract.simulator import Shop
from contract.test_official_sdk import client_of
from contract.test_python_amazon_sp_api import given
from packline_sim.reports import make

TYPE, REPORT = "JSON_LISTINGS_FEED", "GET_MERCHANT_LISTINGS_ALL_DATA"
JSON = "application/json; charset=UTF-8"
AT_ONCE = {"feed_seconds": "0", "listings_feed_seconds": "0", "report_seconds": "0", "listing_change_seconds": "0"}


@pytest.fixture
def own_shop(shop: Shop) -> Shop:
    """Give a shop whose work is done at once, and forget tokens that a client keeps for the whole process."""
    access_token_client.cache.clear()
    shop.simulator.call(shop.simulator.world.switches.update, AT_ONCE)
    return shop


def slow(shop: Shop) -> None:
    """Let work wait."""
    shop.simulator.call(
        shop.simulator.world.switches.update, {"listings_feed_seconds": "900", "report_seconds": "60-300"}
    )


def patch_of(quantity: int) -> dict[str, Any]:
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": quantity}
    return {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}


def document_of(shop: Shop, quantity: int) -> bytes:
    message = {"messageId": 1, "sku": shop.sku.sku, "operationType": "PATCH", "patches": [patch_of(quantity)]}
    return json.dumps({"header": {"sellerId": shop.seller_id, "version": "2.0"}, "messages": [message]}).encode()


def put(url: str, content: bytes) -> None:
    request = urllib.request.Request(url, content, {"Content-Type": JSON}, method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def fetch(url: str, compression: str | None) -> bytes:
    with urllib.request.urlopen(url) as answer:
        content: bytes = answer.read()
    return gzip.decompress(content) if compression == "GZIP" else content


def easy_ship_report(shop: Shop) -> str:
    """Have a feed's report made as Easy Ship documents are; gives its id."""
    world = shop.simulator.world
    arguments = (world, shop.seller_id, "GET_EASYSHIP_DOCUMENTS", (INDIA,), "merchant_listings", None)
    return shop.simulator.call(make.create_report, *arguments, delay_ms=0)


def test_the_official_sdk_makes_feeds(own_shop: Shop) -> None:
    """createFeedDocument, createFeed, getFeed, getFeeds, getFeedDocument, cancelFeed."""
    feeds = spapi.FeedsApi(client_of(own_shop))
    document = feeds.create_feed_document(feed_models.CreateFeedDocumentSpecification(content_type=JSON))
    put(document.url, document_of(own_shop, 8))
    wanted = feed_models.CreateFeedSpecification(
        feed_type=TYPE, marketplace_ids=[INDIA], input_feed_document_id=document.feed_document_id
    )
    feed_id = feeds.create_feed(wanted).feed_id
    feed = feeds.get_feed(feed_id)
    assert feed.processing_status == "DONE"
    result = feeds.get_feed_document(feed.result_feed_document_id)
    assert json.loads(fetch(result.url, result.compression_algorithm))["summary"]["messagesAccepted"] == 1
    listed = feeds.get_feeds(feed_types=[TYPE, "OTHER"], processing_statuses=["DONE"], page_size=1)
    assert [row.feed_id for row in listed.feeds] == [feed_id]
    slow(own_shop)
    waiting = feeds.create_feed(wanted).feed_id
    feeds.cancel_feed(waiting)
    assert feeds.get_feed(waiting).processing_status == "CANCELLED"
    with pytest.raises(ApiException) as refused:
        feeds.cancel_feed(waiting)
    assert refused.value.status == 400


def test_the_official_sdk_makes_reports(own_shop: Shop) -> None:
    """createReport, getReport, getReports, getReportDocument, cancelReport and the schedules."""
    reports = spapi.ReportsApi(client_of(own_shop))
    wanted = report_models.CreateReportSpecification(report_type=REPORT, marketplace_ids=[INDIA])
    report_id = reports.create_report(wanted).report_id
    report = reports.get_report(report_id)
    assert report.processing_status == "DONE"
    document = reports.get_report_document(report.report_document_id)
    assert own_shop.sku.sku.encode() in fetch(document.url, document.compression_algorithm)
    assert [row.report_id for row in reports.get_reports(report_types=[REPORT]).reports] == [report_id]
    again = report_models.CreateReportScheduleSpecification(report_type=REPORT, marketplace_ids=[INDIA], period="P1D")
    schedule_id = reports.create_report_schedule(again).report_schedule_id
    assert reports.get_report_schedule(schedule_id).period == "P1D"
    assert len(reports.get_report_schedules([REPORT]).report_schedules) == 1
    reports.cancel_report_schedule(schedule_id)
    assert reports.get_report_schedules([REPORT]).report_schedules == []
    slow(own_shop)
    waiting = reports.create_report(wanted).report_id
    reports.cancel_report(waiting)
    assert reports.get_report(waiting).processing_status == "CANCELLED"


def test_the_official_sdk_opens_restricted_documents(own_shop: Shop) -> None:
    """Without a restricted data token 403; with one for the document's own path its address."""
    client = client_of(own_shop)
    reports, tokens = spapi.ReportsApi(client), spapi.TokensApi(client)
    document_id = reports.get_report(easy_ship_report(own_shop)).report_document_id
    with pytest.raises(ApiException) as refused:
        reports.get_report_document(document_id)
    assert refused.value.status == 403
    resource = token_models.RestrictedResource(method="GET", path=f"/reports/2021-06-30/documents/{document_id}")
    wanted = token_models.CreateRestrictedDataTokenRequest(restricted_resources=[resource])
    token = tokens.create_restricted_data_token(wanted).restricted_data_token
    headers = {"x-amz-access-token": token}
    address = f"{own_shop.simulator.address}{resource.path}"
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        assert json.loads(answer.read())["reportDocumentId"] == document_id


def test_the_official_sdk_keeps_listings(own_shop: Shop) -> None:
    """getListingsItem, patchListingsItem, putListingsItem, deleteListingsItem, searchListingsItems."""
    listings = spapi.ListingsApi(client_of(own_shop))
    seller_id, sku = own_shop.seller_id, own_shop.sku.sku
    patches = [listing_models.PatchOperation(**patch_of(6))]
    body = listing_models.ListingsItemPatchRequest(product_type="PRODUCT", patches=patches)
    preview = listings.patch_listings_item(seller_id, sku, [INDIA], body, mode="VALIDATION_PREVIEW")
    assert preview.status == "VALID"
    assert listings.patch_listings_item(seller_id, sku, [INDIA], body).status == "ACCEPTED"
    item = listings.get_listings_item(seller_id, sku, [INDIA], included_data=["summaries", "fulfillmentAvailability"])
    assert item.fulfillment_availability[0].quantity == 6
    whole = listing_models.ListingsItemPutRequest(
        product_type="PRODUCT", attributes={"item_name": [{"value": "New mug"}]}
    )
    assert listings.put_listings_item(seller_id, "NEW/1", [INDIA], whole).status == "ACCEPTED"
    found = listings.search_listings_items(seller_id, [INDIA], identifiers=["NEW/1"], identifiers_type="SKU")
    assert [row.summaries[0].item_name for row in found.items] == ["New mug"]
    assert listings.delete_listings_item(seller_id, "NEW/1", [INDIA]).status == "ACCEPTED"
    with pytest.raises(ApiException) as refused:
        listings.get_listings_item(seller_id, "NEW/1", [INDIA])
    assert refused.value.status == 404


def community(shop: Shop) -> Callable[[type], Any]:
    """Give what makes a client of python-amazon-sp-api for a shop."""
    return lambda kind: kind(**given(shop, AccessTokenClient))


def test_the_community_client_makes_feeds(own_shop: Shop) -> None:
    """submit_feed uploads and creates; the result document comes as text; lists and cancellation work."""
    feeds = community(own_shop)(Feeds)
    file = io.BytesIO(document_of(own_shop, 4))
    _, made = feeds.submit_feed(TYPE, file, content_type=JSON)
    feed = feeds.get_feed(made.payload["feedId"]).payload
    assert feed["processingStatus"] == "DONE"
    result = feeds.get_feed_result_document(feed["resultFeedDocumentId"])
    assert json.loads(result)["summary"]["messagesAccepted"] == 1
    assert feeds.get_feed_document(feed["resultFeedDocumentId"])
    listed = feeds.get_feeds(feedTypes=[TYPE, "OTHER"], pageSize=1).payload["feeds"]
    assert [row["feedId"] for row in listed] == [feed["feedId"]]
    slow(own_shop)
    _, waiting = feeds.submit_feed(TYPE, io.BytesIO(b"{}"), content_type=JSON)
    feeds.cancel_feed(waiting.payload["feedId"])
    with pytest.raises(SellingApiBadRequestException):
        feeds.cancel_feed(waiting.payload["feedId"])


def test_the_community_client_reads_gzipped_results(own_shop: Shop) -> None:
    """compressionAlgorithm is told and followed."""
    own_shop.simulator.call(own_shop.simulator.world.switches.update, {"stored_gzip": "all"})
    feeds = community(own_shop)(Feeds)
    _, made = feeds.submit_feed(TYPE, io.BytesIO(document_of(own_shop, 4)), content_type=JSON)
    result = feeds.get_feed(made.payload["feedId"]).payload["resultFeedDocumentId"]
    assert json.loads(feeds.get_feed_result_document(result))["summary"]["messagesAccepted"] == 1


def test_the_community_client_makes_reports(own_shop: Shop) -> None:
    """create, get, list, download, cancel, and schedules."""
    reports = community(own_shop)(Reports)
    report_id = reports.create_report(reportType=REPORT).payload["reportId"]
    report = reports.get_report(report_id).payload
    document = reports.get_report_document(report["reportDocumentId"], download=True).payload["document"]
    assert own_shop.sku.sku in document
    listed = reports.get_reports(reportTypes=[REPORT], processingStatuses=["DONE"]).payload["reports"]
    assert [row["reportId"] for row in listed] == [report_id]
    schedule = reports.create_report_schedule(reportType=REPORT, period="P1D").payload["reportScheduleId"]
    assert reports.get_report_schedule(schedule).payload["period"] == "P1D"
    assert len(reports.get_report_schedules(reportTypes=[REPORT]).payload["reportSchedules"]) == 1
    reports.cancel_report_schedule(schedule)
    slow(own_shop)
    waiting = reports.create_report(reportType=REPORT).payload["reportId"]
    reports.cancel_report(waiting)
    assert reports.get_report(waiting).payload["processingStatus"] == "CANCELLED"


def test_the_community_client_opens_restricted_documents(own_shop: Shop) -> None:
    """Its own way of passing a restricted data token."""
    reports, tokens = community(own_shop)(Reports), community(own_shop)(Tokens)
    document_id = reports.get_report(easy_ship_report(own_shop)).payload["reportDocumentId"]
    with pytest.raises(SellingApiForbiddenException):
        reports.get_report_document(document_id)
    path = f"/reports/2021-06-30/documents/{document_id}"
    made = tokens.create_restricted_data_token(restrictedResources=[{"method": "GET", "path": path}])
    arguments = given(own_shop, AccessTokenClient)
    opened = Reports(**arguments, restricted_data_token=made.payload["restrictedDataToken"])
    assert own_shop.sku.sku in opened.get_report_document(document_id, download=True).payload["document"]


def test_the_community_client_keeps_listings(own_shop: Shop) -> None:
    """get, patch, put, delete and search, with its own way of passing arguments."""
    listings = community(own_shop)(ListingsItems)
    seller_id, sku = own_shop.seller_id, own_shop.sku.sku
    body = {"productType": "PRODUCT", "patches": [patch_of(6)]}
    answer = listings.patch_listings_item(seller_id, sku, marketplaceIds=[INDIA], body=body)
    assert answer.payload["status"] == "ACCEPTED"
    item = listings.get_listings_item(
        seller_id, sku, marketplaceIds=[INDIA], includedData=["summaries", "fulfillmentAvailability"]
    )
    assert item.payload["fulfillmentAvailability"][0]["quantity"] == 6
    whole = {"productType": "PRODUCT", "attributes": {"item_name": [{"value": "New mug"}]}}
    listings.put_listings_item(seller_id, "NEW", marketplaceIds=[INDIA], body=whole)
    found = listings.search_listings_items(seller_id, marketplaceIds=[INDIA], sortBy="sku").payload
    assert {row["sku"] for row in found["items"]} == {sku, "NEW"}
    with pytest.raises(SellingApiNotFoundException):
        listings.get_listings_item(seller_id, "NONE", marketplaceIds=[INDIA])
    listings.delete_listings_item(seller_id, "NEW", marketplaceIds=[INDIA])
