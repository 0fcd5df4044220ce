"""The feeds port: five calls and a file for a feed, and its report in every shape."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from builders import NOON
from packline.amazon.seller_central import feed_body, feed_report
from packline.amazon.seller_central.feeds import SellerCentralFeeds
from packline.amazon.spapi.transport import NoAnswer
from packline.domain.feeds import FeedItem, FeedKind, FeedState
from packline.errors import Rejected, Unavailable, Unexpected, Unresolved
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer, refusal
from unit.amazon.seller_central.seller import BRAZIL, INDIA, doors_of, told

BASE = "http://amazon.test"
PUT, GET = "http://files.test/put?signature=1", "http://files.test/get?signature=1"
SUCCESS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<EasyShipProcessingReport><FeedSubmissionID>1</FeedSubmissionID><MessagesProcessed>3</MessagesProcessed>
<MessagesWithError>1</MessagesWithError>{errors}<DocumentReportReferenceID>383187020424</DocumentReportReferenceID>
</EasyShipProcessingReport>"""
PER_ORDER = """<AmazonEnvelope><Message><ProcessingReport><SuccessMessage><MessageID>1</MessageID>
<AmazonOrderID>O-1</AmazonOrderID><documentreportreferenceid>R-1</documentreportreferenceid></SuccessMessage>
<SuccessMessage><AmazonOrderID>O-2</AmazonOrderID><DocumentReportReferenceId>R-2</DocumentReportReferenceId>
</SuccessMessage></ProcessingReport></Message></AmazonEnvelope>"""
PRODUCTION_ERROR = """<ErrorMessage><MessageID>2</MessageID><AmazonOrderID>O-2</AmazonOrderID>
<TotalErrors>1</TotalErrors>
<Error><ErrorType>ERROR</ErrorType><ErrorCode>610013</ErrorCode>
<ErrorMessage>Internal service failure. Please retry after some time.</ErrorMessage></Error></ErrorMessage>"""
GENERIC = """<AmazonEnvelope xmlns="urn:x"><MessageType>ProcessingReport</MessageType><Message><MessageID>1</MessageID>
<ProcessingReport><StatusCode>Complete</StatusCode><Result><MessageID>2</MessageID><ResultCode>Error</ResultCode>
<ResultMessageCode>18028</ResultMessageCode><ResultDescription>already scheduled</ResultDescription></Result>
<Result><MessageID>3</MessageID><ResultCode>Warning</ResultCode><ResultMessageCode>5</ResultMessageCode></Result>
</ProcessingReport></Message></AmazonEnvelope>"""


def items(count: int = 3, **payload) -> list[FeedItem]:
    """Build orders for a feed."""
    given = json.dumps(payload or {"documents": ["ship_label", "invoice"], "marketplace": INDIA}).encode()
    return [FeedItem(f"shp_{n}", f"O-{n}", given) for n in range(1, count + 1)]


class Desk:
    """The port over a scripted Amazon, with what it noted and logged."""

    def __init__(self, *replies: Reply) -> None:
        self.transport, self.clock = ScriptedTransport(*replies), DrivenClock()
        self.notes: list[tuple[str, str]] = []
        self.logged: list[str] = []
        self.port = SellerCentralFeeds(doors_of(self.transport, self.clock), self.clock, self.log)

    async def log(self, calls) -> None:
        self.logged += [call.operation for call in calls]

    async def note(self, step: str, value: str) -> None:
        self.notes.append((step, value))

    async def submit(self, kind: FeedKind = FeedKind.DOCUMENTS, given: list[FeedItem] | None = None) -> str:
        return await self.port.submit("acme-in", kind, given or items(), None, self.note)


UPLOAD = told({"feedDocumentId": "D-1", "url": PUT}, 201)
DONE = FeedState("F-1", "DONE", "R-1", NOON)


async def test_a_feed_is_a_document_an_upload_and_a_feed():
    """Rule: the upload carries the declared type and no token; each step is noted before the next."""
    desk = Desk(UPLOAD, answer(200), told({"feedId": 383186020424}, 202))
    assert await desk.submit() == "383186020424"
    made, put, feed = desk.transport.calls
    assert json.loads(made.body) == {"contentType": "text/xml; charset=UTF-8"}
    assert (put.method, put.url, put.headers) == ("PUT", PUT, {"Content-Type": "text/xml; charset=UTF-8"})
    assert json.loads(feed.body) == {
        "feedType": "POST_EASYSHIP_DOCUMENTS", "marketplaceIds": [INDIA], "inputFeedDocumentId": "D-1",
    }  # fmt: skip
    assert desk.notes == [("document", "D-1"), ("uploaded", "D-1")]
    assert desk.logged == ["createFeedDocument", "createFeed"]
    assert len(etree.fromstring(put.body).findall("Message")) == 3


def test_the_document_feed_is_as_amazons_schema_has_it():
    """Rule: an envelope with a header, one message for each order, numbered from one."""
    root = etree.fromstring(
        feed_body.body(FeedKind.DOCUMENTS, "A1 & CO", items(2, documents=["ship_label", "warranty"]))
    )
    assert (root.tag, root.findtext("Header/MerchantIdentifier")) == ("AmazonEnvelope", "A1 & CO")
    assert root.findtext("MessageType") == "EasyShipDocument"
    assert [m.findtext("MessageID") for m in root.findall("Message")] == ["1", "2"]
    first = root.find("Message/EasyShipDocument")
    assert [child.tag for child in first] == ["AmazonOrderID", "DocumentType", "DocumentType"]
    assert [child.text for child in first] == ["O-1", "ShippingLabel", "Warranty"]


def test_a_cancellation_names_every_line_with_amazons_reason():
    """Rule: Failure cancels; Packline's reasons are told in Amazon's words, Amazon's own go as they are."""
    given = items(1, reason="OUT_OF_STOCK", lines=["L-1", "L-2"]) + items(1, reason="PricingError", lines=["L-3"])
    root = etree.fromstring(feed_body.body(FeedKind.CANCEL, "A1", given))
    assert root.findtext("MessageType") == "OrderAcknowledgement"
    assert [e.findtext("StatusCode") for e in root.iter("OrderAcknowledgement")] == ["Failure", "Failure"]
    told_lines = [(i.findtext("AmazonOrderItemCode"), i.findtext("CancelReason")) for i in root.iter("Item")]
    assert told_lines == [("L-1", "NoInventory"), ("L-2", "NoInventory"), ("L-3", "PricingError")]


def test_quantities_merge_into_a_listings_feed():
    """Rule: only the quantity changes; messages are numbered from one."""
    body = json.loads(feed_body.body(FeedKind.STOCK, "A1", items(1, quantity=7)))
    assert body["header"] == {"sellerId": "A1", "version": "2.0", "issueLocale": "en_US"}
    (message,) = body["messages"]
    assert (message["messageId"], message["sku"], message["operationType"]) == (1, "O-1", "PATCH")
    assert message["patches"][0]["op"] == "merge"
    assert message["patches"][0]["value"] == [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}]


def test_a_feed_without_items_or_with_a_strange_payload_is_refused():
    """Rule: nothing is sent that Amazon would not take."""
    with pytest.raises(ValueError, match="25000"):
        feed_body.body(FeedKind.STOCK, "A1", [])
    assert feed_body.marketplaces(items(1, documents=[]), (INDIA, BRAZIL)) == [INDIA, BRAZIL]


async def test_an_unclear_feed_is_unresolved_and_looked_for():
    """Rule: createFeed is sent once; feeds of that type since then tell whether it was taken."""
    desk = Desk(UPLOAD, answer(200), NoAnswer("time-out"))
    with pytest.raises(Unresolved):
        await desk.submit()
    assert len(desk.transport.calls) == 3
    one = {"feedId": "F-1", "processingStatus": "IN_QUEUE", "createdTime": "2026-11-21T12:00:00Z"}
    two = one | {"feedId": "F-2", "createdTime": "2026-11-21T12:05:00Z"}
    desk = Desk(told({"feeds": [one], "nextToken": "n/1"}), told({"feeds": [two]}))
    found = await desk.port.find("acme-in", FeedKind.DOCUMENTS, NOON, None)
    assert [state.feed_id for state in found] == ["F-2", "F-1"]
    first, second = (call.url.removeprefix(BASE) for call in desk.transport.calls)
    assert first.startswith("/feeds/2021-06-30/feeds?feedTypes=POST_EASYSHIP_DOCUMENTS&createdSince=2026-11-21")
    assert second == "/feeds/2021-06-30/feeds?nextToken=n%2F1"


async def test_an_upload_is_repeated_until_it_is_there_and_an_address_that_died_is_told():
    """Rule: the same document at the same address is one; an expired address is Rejected, before any feed."""
    desk = Desk(UPLOAD, NoAnswer("reset"), answer(200), told({"feedId": "F"}, 202))
    import asyncio

    task = asyncio.create_task(desk.submit())
    await desk.clock.advance(5)
    assert await task == "F"
    desk = Desk(UPLOAD, answer(403, b"<Error><Code>AccessDenied</Code></Error>"))
    with pytest.raises(Rejected):
        await desk.submit()
    assert desk.notes == [("document", "D-1")]


@pytest.mark.parametrize("algorithm", [None, "GZIP"])
async def test_a_report_is_unzipped_once_and_read(algorithm):
    """Rule: GZIP is unpacked where it still is packed; the error of one order leaves the others."""
    content = SUCCESS.format(errors=PRODUCTION_ERROR).encode()
    address = {"feedDocumentId": "R-1", "url": GET} | ({"compressionAlgorithm": algorithm} if algorithm else {})
    desk = Desk(told(address), answer(200, gzip.compress(content) if algorithm else content))
    result = await desk.port.result("acme-in", FeedKind.DOCUMENTS, DONE, items(), None)
    assert result.references == ("383187020424",)
    assert [(item.subject, item.ok, item.code) for item in result.items] == [
        ("O-1", True, ""), ("O-2", False, "610013"), ("O-3", True, ""),
    ]  # fmt: skip
    assert result.items[1].message == "Internal service failure. Please retry after some time."


@pytest.mark.parametrize(
    ("kind", "content", "oks", "references"),
    [
        (FeedKind.DOCUMENTS, PER_ORDER, [True, True, True], ("R-1", "R-2")),
        (FeedKind.DOCUMENTS, "<EasyShipProcessingReport/>", [False, False, False], ()),
        (FeedKind.DOCUMENTS, PRODUCTION_ERROR, [False, False, False], ()),
        (FeedKind.CANCEL, GENERIC, [True, False, True], ()),
        (
            FeedKind.STOCK,
            '{"issues":[{"messageId":"3","code":9,"severity":"ERROR","message":"no"}]}',
            [True, True, False],
            (),
        ),
        (FeedKind.STOCK, '{"issues":[{"messageId":3,"severity":"WARNING"}],"summary":{}}', [True, True, True], ()),
    ],
)
def test_every_shape_of_report_is_read(kind, content, oks, references):
    """Rule: names of elements in any letter case, anywhere, with or without a namespace."""
    result = feed_report.result(kind, content.encode(), items())
    assert [item.ok for item in result.items] == oks
    assert result.references == references


def test_an_entity_in_a_report_opens_nothing():
    """Rule: a report is data from outside."""
    bomb = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><ReportReferenceId>&x;</ReportReferenceId></r>'
    assert feed_report.result(FeedKind.DOCUMENTS, bomb, items(1)).references == ()


async def test_a_feed_that_died_gives_every_item_its_status():
    """Rule: FATAL may or may not have a report."""
    desk = Desk(told({"url": GET}), answer(200, b"<r>wrong type</r>"))
    fatal = FeedState("F-1", "FATAL", None, NOON)
    result = await desk.port.result("acme-in", FeedKind.DOCUMENTS, fatal, items(2), None)
    assert [(item.ok, item.code) for item in result.items] == [(False, "FATAL")] * 2
    with_report = FeedState("F-1", "FATAL", "R-1", NOON)
    result = await desk.port.result("acme-in", FeedKind.DOCUMENTS, with_report, items(1), None)
    assert "wrong type" in result.items[0].message


async def test_a_report_that_is_none_is_unexpected():
    """Rule: the feed may have had its effect; a person must look."""
    desk = Desk(told({"url": GET}), answer(200, b"not xml"))
    with pytest.raises(Unexpected):
        await desk.port.result("acme-in", FeedKind.DOCUMENTS, DONE, items(), None)


async def test_a_documents_file_is_opened_with_a_restricted_token_for_its_own_address():
    """Rule: a token for exactly this path; it is sent instead of the account's."""
    token = told({"restrictedDataToken": "Atz.sprdt|1", "expiresIn": 3600})
    address = told({"reportDocumentId": "X/1", "url": GET, "compressionAlgorithm": "GZIP"})
    desk = Desk(token, address, answer(200, gzip.compress(b"%PDF-1.7")))
    assert await desk.port.report_file("acme-in", "X/1", None) == b"%PDF-1.7"
    asked, opened, fetched = desk.transport.calls
    path = "/reports/2021-06-30/documents/X%2F1"
    assert json.loads(asked.body) == {"restrictedResources": [{"method": "GET", "path": path}]}
    assert (opened.url, opened.headers["x-amz-access-token"]) == (BASE + path, "Atz.sprdt|1")
    assert "x-amz-access-token" not in fetched.headers
    assert desk.logged == ["createRestrictedDataToken", "getReportDocument"]


async def test_an_address_that_dies_is_asked_for_once_more():
    """Rule: presigned addresses live five minutes."""
    token, address = told({"restrictedDataToken": "t"}), told({"url": GET})
    desk = Desk(token, address, answer(403, b"<Error/>"), address, answer(200, b"%PDF-1.7"))
    assert await desk.port.report_file("acme-in", "X", None) == b"%PDF-1.7"
    desk = Desk(token, address, answer(403, b"<Error/>"), address, answer(403, b"<Error/>"))
    with pytest.raises(Rejected):
        await desk.port.report_file("acme-in", "X", None)


async def test_without_the_role_the_documents_stay_shut_and_the_account_goes_on():
    """Rule: a missing role is this feature's trouble: told with the way out, never as a refused sign-in."""
    desk = Desk(refusal(400, "InvalidRequest"), refusal(403, "Unauthorized"))
    with pytest.raises(Rejected) as caught:
        await desk.port.report_file("acme-in", "X", None)
    assert "drop them in" in caught.value.hint
    assert desk.logged[0] == "createRestrictedDataToken"


async def test_a_broken_file_is_asked_for_later():
    """Rule: a packed file that is cut short is no document."""
    packed = gzip.compress(b"%PDF" * 1000)[:-20]
    desk = Desk(
        told({"restrictedDataToken": "t"}), told({"url": GET, "compressionAlgorithm": "GZIP"}), answer(200, packed)
    )
    with pytest.raises(Unavailable):
        await desk.port.report_file("acme-in", "X", None)


async def test_how_far_a_feed_and_a_report_are_is_read():
    """Rule: statuses in Amazon's words; the document once there is one."""
    created = {"feedId": "F-1", "createdTime": "2026-11-21T12:00:00.000Z"}
    desk = Desk(told(created | {"processingStatus": "DONE", "resultFeedDocumentId": "R"}))
    state = await desk.port.look("acme-in", "F-1", None)
    assert (state.status, state.is_over, state.result_document_id) == ("DONE", True, "R")
    assert state.created_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
    desk = Desk(told({"processingStatus": "in_progress"}), told({"processingStatus": "DONE", "reportDocumentId": "X"}))
    assert await desk.port.report("acme-in", "R-1", None) == ("IN_PROGRESS", None)
    assert await desk.port.report("acme-in", "R-1", None) == ("DONE", "X")


@pytest.mark.parametrize(("kind", "content"), [(FeedKind.STOCK, b"{"), (FeedKind.CANCEL, b"<a>")])
def test_what_is_no_report_says_so(kind, content):
    """Rule: nothing is guessed from bytes that are no report."""
    with pytest.raises(ValueError, match="report"):
        feed_report.result(kind, content, items())


def test_a_packed_file_that_is_none_is_refused():
    """Rule: the first bytes promise a packed file; the rest must keep it."""
    with pytest.raises(ValueError, match="broken"):
        feed_report.unzipped(b"\x1f\x8b\x08" + b"x" * 40, "GZIP")
    assert feed_report.unzipped(b"%PDF", "gzip") == b"%PDF"
