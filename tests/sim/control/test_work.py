"""Feeds, reports and listings through the control API, the handles and the command line."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, AmazonClock, Seller

INDIA = "A21TJRUUN4KGV"
XML = "text/xml; charset=UTF-8"


class Uploader:
    """Make feeds with nothing but HTTP."""

    def __init__(self, url: str, seller: Seller) -> None:
        self._url = url
        body = {
            "grant_type": "refresh_token",
            "client_id": seller.client_id,
            "client_secret": seller.client_secret,
            "refresh_token": seller.refresh_token,
        }
        self._token = self._send("POST", f"{url}/auth/o2/token", json.dumps(body).encode())["access_token"]

    def feed(self, feed_type: str, content: bytes, content_type: str = XML) -> str:
        document = self._call("/feeds/2021-06-30/documents", {"contentType": content_type})
        self._send("PUT", document["url"], content, content_type)
        body = {"feedType": feed_type, "marketplaceIds": [INDIA], "inputFeedDocumentId": document["feedDocumentId"]}
        return str(self._call("/feeds/2021-06-30/feeds", body)["feedId"])

    def report(self, report_type: str) -> str:
        body = {"reportType": report_type, "marketplaceIds": [INDIA]}
        return str(self._call("/reports/2021-06-30/reports", body)["reportId"])

    def _call(self, path: str, body: object) -> Any:
        return self._send("POST", self._url + path, json.dumps(body).encode())

    def _send(self, method: str, url: str, content: bytes, content_type: str = "application/json") -> Any:
        headers = {"content-type": content_type, "x-amz-access-token": getattr(self, "_token", "")}
        with urllib.request.urlopen(urllib.request.Request(url, content, headers, method=method)) as answer:
            return json.loads(answer.read() or b"null")


def test_work_is_held_released_and_killed(amazon: Amazon, amazon_clock: AmazonClock, seller: Seller) -> None:
    """A feed that is held stays IN_PROGRESS; released it ends with its report; killed it is FATAL."""
    uploader = Uploader(amazon.url, seller)
    content = json.dumps({"header": {"sellerId": seller.seller_id, "version": "2.0"}, "messages": [{}]}).encode()
    uploader.feed("JSON_LISTINGS_FEED", content)
    uploader.feed("POST_PRODUCT_DATA", b"<a/>")
    report_id = uploader.report("GET_MERCHANT_LISTINGS_ALL_DATA")
    held, doomed = amazon.feeds(seller_id=seller.seller_id)
    report = amazon.reports(report_type="GET_MERCHANT_LISTINGS_ALL_DATA")[0]
    held.hold()
    report.hold()
    doomed.kill()
    amazon_clock.advance(3600)
    assert (held.status, doomed.status, report.status) == ("IN_PROGRESS", "FATAL", "IN_PROGRESS")
    held.release()
    report.release()
    assert (held.status, report.status, report.work_id) == ("DONE", "DONE", report_id)
    shown = held.show()
    assert json.loads(shown["result"]["text"])["summary"]["messagesInvalid"] == 1
    assert shown["input"]["uploads"] == 1
    assert [feed.work_id for feed in amazon.feeds(status="FATAL", feed_type="POST_PRODUCT_DATA")] == [doomed.work_id]
    with pytest.raises(SimulatorError, match="stays as it is"):
        doomed.release()
    with pytest.raises(SimulatorError, match="no feed"):
        amazon.control.get("feeds", "1")


def test_listings_are_made_counted_and_set(amazon: Amazon, seller: Seller) -> None:
    """Every product is listed with its stock; many are listed at once; a number is set past Amazon's queue."""
    assert seller.listing("MUG-BLUE")["available"] == 100
    assert seller.list_many(3, "S-", quantity=2) == 3
    assert seller.list_many(4, "S-", quantity=9) == 1
    seller.set_listing("S-000002", 7)
    numbers = [seller.listing(f"S-{number:06}")["available"] for number in (1, 2, 4)]
    assert numbers == [2, 7, 9]
    with pytest.raises(LookupError):
        seller.listing("NONE")
    with pytest.raises(SimulatorError, match="no listing"):
        seller.set_listing("NONE", 1)


def test_the_command_line_has_the_same_verbs(run, amazon: Amazon, seller: Seller) -> None:
    """feed, report and listing: list, show, hold, release, kill, create, set."""
    amazon.clock.freeze()
    uploader = Uploader(amazon.url, seller)
    feed_id, report_id = uploader.feed("POST_PRODUCT_DATA", b"<a/>"), uploader.report("GET_MERCHANT_LISTINGS_ALL_DATA")
    assert run("feed", "hold", feed_id)[0]["fate"] == "stuck"
    assert run("feed", "list", "--status", "IN_PROGRESS")[0]["feed_id"] == feed_id
    assert run("feed", "release", feed_id)[0]["status"] == "FATAL"
    assert run("feed", "show", feed_id)[0]["input"]["text"] == "<a/>"
    assert run("report", "hold", report_id)[0]["status"] == "IN_PROGRESS"
    assert run("report", "release", report_id)[0]["status"] == "DONE"
    assert run("report", "list")[0]["report_id"] == run("report", "show", report_id)[0]["report_id"]
    second = uploader.report("GET_MERCHANT_LISTINGS_ALL_DATA")
    assert run("report", "kill", second)[0]["status"] == "FATAL"
    third = uploader.feed("POST_PRODUCT_DATA", b"<a/>")
    assert run("feed", "kill", third)[0]["status"] == "FATAL"
    assert run("listing", "create", seller.seller_id, "2", "--prefix", "T-")[0]["created"] == 2
    assert run("listing", "set", seller.seller_id, "T-000001", "5")[0]["available"] == 5
    assert len(run("listing", "list", seller.seller_id)) == 4
    assert run("quota", "preset", "legacy-shared-feed")


def test_large_documents_go_over_the_wire(amazon: Amazon, seller: Seller) -> None:
    """Thirty megabytes are uploaded in one PUT, where the APIs themselves take one."""
    amazon.clock.freeze()
    feed_id = Uploader(amazon.url, seller).feed("POST_PRODUCT_DATA", b"<a>" + b"x" * 30_000_000 + b"</a>")
    assert amazon.control.get("feeds", feed_id)["input"]["size"] == 30_000_007


def test_the_journal_names_feeds_and_skus(amazon: Amazon, seller: Seller) -> None:
    """What a call was about can be looked for, and struck by a fault."""
    uploader = Uploader(amazon.url, seller)
    amazon.add_fault("503", "getListingsItem", shipment_id="MUG-BLUE")
    path = f"/listings/2021-08-01/items/{seller.seller_id}/MUG-BLUE?marketplaceIds={INDIA}"
    with pytest.raises(urllib.error.HTTPError, match="503"):
        uploader._send("GET", amazon.url + path, b"")
    assert [call.shipment_id for call in amazon.calls(operation="getListingsItem")] == ["MUG-BLUE"]


def test_documents_are_shown_as_text_or_bytes(amazon: Amazon, seller: Seller) -> None:
    """What is no text is shown in base64; changes that wait are counted."""
    amazon.clock.freeze()
    uploader = Uploader(amazon.url, seller)
    shown = amazon.control.get("feeds", uploader.feed("POST_PRODUCT_DATA", b"\xff\x00"))["input"]
    assert (shown["text"], shown["base64"], shown["size"]) == (None, "/wA=", 2)
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 3}]
    merge = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
    path = f"/listings/2021-08-01/items/{seller.seller_id}/MUG-BLUE?marketplaceIds={INDIA}"
    body = json.dumps({"productType": "PRODUCT", "patches": [merge]}).encode()
    assert uploader._send("PATCH", amazon.url + path, body)["status"] == "ACCEPTED"
    assert (seller.listing("MUG-BLUE")["waiting"], seller.listing("MUG-BLUE")["available"]) == (1, 100)
    amazon.clock.advance(10)
    assert (seller.listing("MUG-BLUE")["waiting"], seller.listing("MUG-BLUE")["available"]) == (0, 3)
