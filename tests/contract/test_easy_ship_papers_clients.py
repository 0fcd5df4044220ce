"""The whole way from an order to its label with both public clients, with nothing changed but the address."""

import gzip
import io
import json
import re
import urllib.request
from typing import Any

import pypdfium2
import pytest
import spapi
import zxingcpp
from sp_api.api import Feeds, Reports, Tokens
from sp_api.auth import access_token_client
from spapi.models import feeds_v2021_06_30 as feed_models
from spapi.models import tokens_v2021_03_01 as token_models

from contract.conftest import INDIA
from contract.simulator import Shop
from contract.test_official_sdk import client_of
from contract.test_orders_and_easy_ship_clients import client, creation, orders, slots
from packline_sim.orders.records import Order

XML = "text/xml; charset=UTF-8"
FEED, REPORT = "POST_EASYSHIP_DOCUMENTS", "GET_EASYSHIP_DOCUMENTS"


@pytest.fixture
def india(shop: Shop) -> Shop:
    """Give a shop whose feeds and reports are made at once, and forget tokens that a client keeps."""
    access_token_client.cache.clear()
    shop.simulator.call(shop.simulator.world.switches.update, {"feed_seconds": "0", "report_seconds": "0"})
    return shop


@pytest.fixture
def scheduled(india: Shop) -> list[Order]:
    """Schedule two orders with the official SDK."""
    made = orders(india, 2)
    for order in made:
        spapi.EasyShipApi(client_of(india)).create_scheduled_package(creation(order, slots(india, order)[0]))
    return made


def envelope(wanted: list[Order]) -> bytes:
    """Write the feed as Amazon's guide shows it."""
    messages = "".join(
        f"<Message><MessageID>{number}</MessageID><EasyShipDocument><AmazonOrderID>{order.order_id}</AmazonOrderID>"
        "<DocumentType>ShippingLabel</DocumentType><DocumentType>Invoice</DocumentType></EasyShipDocument></Message>"
        for number, order in enumerate(wanted, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="amzn-envelope.xsd"><Header><DocumentVersion>1.01</DocumentVersion>'
        "<MerchantIdentifier>A1EXAMPLE</MerchantIdentifier></Header><MessageType>EasyShipDocument</MessageType>"
        f"{messages}</AmazonEnvelope>"
    ).encode()


def fetched(url: str, compression: str | None) -> bytes:
    """Download a document and unzip it when it says so."""
    with urllib.request.urlopen(url) as answer:
        content: bytes = answer.read()
    return gzip.decompress(content) if compression == "GZIP" else content


def reference_of(report: str) -> str:
    """Find the report's id, whatever the letter case of its element."""
    found = re.search(r"<DocumentReportReferenceId>([^<]+)<", report, re.IGNORECASE)
    assert found, report
    return found[1]


def scanned(pdf: bytes) -> set[tuple[str, str]]:
    """Scan the labels of a PDF: tracking id and order id of each."""
    found = set()
    for page in pypdfium2.PdfDocument(pdf):
        codes = {code.format.name: code.text for code in zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())}
        if "Code128" in codes:
            found.add((codes["Code128"], codes["DataMatrix"]))
    return found


def codes_of(wanted: list[Order]) -> set[tuple[str, str]]:
    """Say what the labels of orders must carry."""
    return {(order.packages[-1].tracking_id, order.order_id) for order in wanted}


def test_the_official_sdk_gets_labels_and_invoices(india: Shop, scheduled: list[Order]) -> None:
    """Feed, processing report, report, restricted token, document: one PDF with every order's codes."""
    api = client_of(india)
    feeds, reports, tokens = spapi.FeedsApi(api), spapi.ReportsApi(api), spapi.TokensApi(api)
    document = feeds.create_feed_document(feed_models.CreateFeedDocumentSpecification(content_type=XML))
    upload = urllib.request.Request(document.url, envelope(scheduled), {"Content-Type": XML}, method="PUT")
    urllib.request.urlopen(upload).close()
    wanted = feed_models.CreateFeedSpecification(
        feed_type=FEED, marketplace_ids=[INDIA], input_feed_document_id=document.feed_document_id
    )
    feed = feeds.get_feed(feeds.create_feed(wanted).feed_id)
    assert feed.processing_status == "DONE"
    result = feeds.get_feed_document(feed.result_feed_document_id)
    report = reports.get_report(reference_of(fetched(result.url, result.compression_algorithm).decode()))
    assert (report.report_type, report.processing_status) == (REPORT, "DONE")
    path = f"/reports/2021-06-30/documents/{report.report_document_id}"
    resource = token_models.RestrictedResource(method="GET", path=path)
    token = tokens.create_restricted_data_token(
        token_models.CreateRestrictedDataTokenRequest(restricted_resources=[resource])
    ).restricted_data_token
    opened = _opened(india, path, token)
    assert scanned(fetched(opened["url"], opened.get("compressionAlgorithm"))) == codes_of(scheduled)


def _opened(india: Shop, path: str, token: str) -> dict[str, Any]:
    # The SDK takes a restricted token for its constructor's own calls only.
    request = urllib.request.Request(f"{india.simulator.address}{path}", headers={"x-amz-access-token": token})
    with urllib.request.urlopen(request) as answer:
        return dict(json.loads(answer.read()))


@pytest.mark.parametrize("shape", ["current", "old_sample"])
def test_the_communitys_client_gets_labels_and_invoices(india: Shop, scheduled: list[Order], shape: str) -> None:
    """The same way with this client's own helpers, for both shapes of the processing report."""
    india.simulator.call(india.simulator.world.switches.update, {"document_report_shape": shape})
    feeds, reports, tokens = client(india, Feeds), client(india, Reports), client(india, Tokens)
    _, made = feeds.submit_feed(FEED, io.BytesIO(envelope(scheduled)), content_type=XML)
    feed = feeds.get_feed(made.payload["feedId"]).payload
    assert feed["processingStatus"] == "DONE"
    reference = reference_of(feeds.get_feed_result_document(feed["resultFeedDocumentId"]))
    report = reports.get_report(reference).payload
    path = f"/reports/2021-06-30/documents/{report['reportDocumentId']}"
    granted = tokens.create_restricted_data_token(restrictedResources=[{"method": "GET", "path": path}])
    opened = client(india, Reports, restricted_data_token=granted.payload["restrictedDataToken"])
    document = opened.get_report_document(report["reportDocumentId"]).payload
    assert scanned(fetched(document["url"], document.get("compressionAlgorithm"))) == codes_of(scheduled)


@pytest.mark.parametrize("report_type", ["GET_EASYSHIP_PICKEDUP", "GET_EASYSHIP_WAITING_FOR_PICKUP"])
def test_the_communitys_client_reads_what_waits_for_the_carrier(
    india: Shop, scheduled: list[Order], report_type: str
) -> None:
    """A table with tabs: what is scheduled waits, nothing was fetched."""
    reports = client(india, Reports)
    report = reports.get_report(reports.create_report(reportType=report_type).payload["reportId"]).payload
    document = reports.get_report_document(report["reportDocumentId"], download=True).payload["document"]
    head, *rows = document.splitlines()
    assert head.startswith("order-id\ttracking-id\tpurchase-date")
    expected = {order.order_id for order in scheduled} if "WAITING" in report_type else set()
    assert {row.partition("\t")[0] for row in rows} == expected
