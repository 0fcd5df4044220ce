"""POST_EASYSHIP_DOCUMENTS: what is granted and what is refused, in both shapes of the processing report."""

import pytest

from packline_sim.faults import BadFault, FaultRule
from packline_sim.orders.progress import cancel_label
from sim.core.driving import START_MS
from sim.easy_ship_papers.office import (
    EMIRATES,
    FEED,
    INVOICE,
    LABEL,
    TURKEY,
    WARRANTY,
    Office,
    page_codes,
    page_texts,
    request,
    told,
)
from sim.feeds.desk import REPORTS


async def test_one_feed_for_several_orders_makes_one_combined_file(office: Office):
    """The report names one reference; its file holds label and invoice of every order, each with its own codes."""
    orders = await office.scheduled(5)
    answer = await office.ask(*orders, kinds=(LABEL, INVOICE))
    assert (answer.processed, answer.successful, answer.failed) == (5, 5, 0)
    assert len(answer.references) == 1
    assert answer.references[0].isdigit()
    pdf = await office.papers(answer.references[0])
    codes, texts = page_codes(pdf), page_texts(pdf)
    scanned = {row["Code128"]: row["DataMatrix"] for row in codes if "Code128" in row}
    assert scanned == {order.packages[-1].tracking_id: order.order_id for order in orders}
    for order in orders:
        assert sum("TAX INVOICE" in text and order.order_id in text for text in texts) == 1
    assert [text.count("TAX INVOICE") for text in texts] == [0, 1] * 5


async def test_the_order_of_the_papers_is_amazons_own(office: Office):
    """Shuffled by the seed unless a switch says otherwise; fetched again the file is the same."""
    orders = await office.scheduled(6)
    asked = [order.packages[-1].tracking_id for order in orders]
    answer = await office.ask(*orders)
    pdf = await office.papers(answer.references[0])
    found = [row["Code128"] for row in page_codes(pdf)]
    assert sorted(found) == sorted(asked)
    assert found != asked
    assert await office.papers(answer.references[0]) == pdf
    office.world.switches.update({"papers_order": "as_asked"})
    assert [row["Code128"] for row in page_codes(await office.bound(*orders))] == asked


async def test_papers_without_a_kind_are_all_that_exist(office: Office):
    """No DocumentType means all: label, invoice, and a warranty card where serial numbers were given."""
    kettle, camera = (await office.scheduled())[0], (await office.scheduled(sku="CAMERA", quantity=2))[0]
    texts = page_texts(await office.bound(kettle, kinds=()))
    assert [("WARRANTY CARD" in text, "TAX INVOICE" in text) for text in texts] == [(False, False), (False, True)]
    pdf = await office.bound(camera, kinds=())
    texts = page_texts(pdf)
    assert ["WARRANTY CARD" in text for text in texts] == [False, False, True]
    serials = camera.packages[-1].serials[camera.items[0].order_item_id]
    assert all(serial in texts[2] for serial in serials)
    assert all(camera.order_id in text for text in texts)
    warranty = page_codes(pdf)[2]
    assert warranty["DataMatrix"] == camera.order_id
    assert warranty["Code128"] in serials


async def test_one_failure_spoils_nothing_for_the_others(office: Office):
    """The good ones get their reference, each bad one an ErrorMessage; the feed is DONE."""
    good, idle = (await office.scheduled())[0], office.shop.order()
    plain = office.shop.order(easy_ship=False)
    rows = [(good.order_id, (LABEL,)), (idle.order_id, (LABEL,)), (plain.order_id, (LABEL,)), ("171-0-0", (LABEL,))]
    feed_id = await office.feed(request(rows))
    answer = told(await office.desk.result(feed_id))
    assert (answer.processed, answer.successful, answer.failed) == (4, 1, 3)
    assert answer.errors == {idle.order_id: "610003", plain.order_id: "610002", "171-0-0": "610001"}
    assert answer.root.findtext("FeedSubmissionID") == feed_id
    assert [row.findtext("MessageID") for row in answer.root.iter("ErrorMessage") if len(row)] == ["2", "3", "4"]
    assert len(page_codes(await office.papers(answer.references[0]))) == 1


async def test_when_all_fail_there_is_no_reference(office: Office):
    """Nothing was made, so there is nothing to fetch; the feed is DONE all the same."""
    answer = await office.ask(office.shop.order())
    assert (answer.failed, answer.references) == (1, [])
    assert office.world.reports == {}


async def test_another_sellers_order_does_not_exist(office: Office, office_in):
    """Nor does an order of a marketplace that the feed does not name."""
    order = (await office.scheduled())[0]
    other = office_in(office.marketplace_id)
    assert (await other.ask(order)).errors == {order.order_id: "610001"}
    both = (office.marketplace_id, EMIRATES)
    office.world.sellers[office.seller_id].marketplace_ids = both
    assert (await office.ask(order, marketplaceIds=[EMIRATES])).errors == {order.order_id: "610001"}
    assert (await office.ask(order, marketplaceIds=list(both))).errors == {}


@pytest.mark.parametrize(("switch", "errors"), [("error", 1), ("left_out", 0)])
async def test_an_invoice_where_none_is_made_is_an_error(office_in, switch: str, errors: int):
    """In the Emirates Amazon makes no invoice; a switch gives the label without it."""
    office = office_in(EMIRATES)
    office.world.switches.update({"unavailable_document": switch})
    order = (await office.scheduled())[0]
    answer = await office.ask(order, kinds=(LABEL, INVOICE, WARRANTY))
    assert list(answer.errors.values()) == ["610005"] * errors
    if not errors:
        assert len(page_texts(await office.papers(answer.references[0]))) == 1
    assert (await office.ask(order, kinds=(INVOICE,))).errors == {order.order_id: "610005"}


async def test_a_warranty_card_alone_needs_serial_numbers(office: Office):
    """Where it is all that was asked for, nothing is left to give."""
    order = (await office.scheduled())[0]
    assert (await office.ask(order, kinds=(WARRANTY,))).errors == {order.order_id: "610005"}


@pytest.mark.parametrize("settings", [{}, {"unsupported_document_feed": "fatal"}])
async def test_a_marketplace_without_the_feed_refuses(office_in, settings: dict[str, str]):
    """Turkey is served by the API and not by the feed; a switch kills the whole feed."""
    office = office_in(TURKEY)
    office.world.switches.update(settings)
    order = (await office.scheduled())[0]
    if not settings:
        assert (await office.ask(order)).errors == {order.order_id: "610006"}
        return
    shown = await office.desk.show(await office.feed(request([(order.order_id, (LABEL,))])))
    assert shown["processingStatus"] == "FATAL"


async def test_the_strict_profile_serves_india_and_singapore_only(office: Office):
    """India keeps its document feed under the strict profile."""
    order = (await office.scheduled())[0]
    office.world.switches.update({"easy_ship_profile": "strict"})
    assert (await office.ask(order)).errors == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<AmazonEnvelope><MessageType>EasyShipDocument</MessageType>",
        b"<AmazonEnvelope><MessageType>EasyShipDocument</MessageType></AmazonEnvelope>",
        request([("1", (LABEL,))]).replace(b"<MessageType>EasyShipDocument", b"<MessageType>Inventory"),
        request([("1", (LABEL,))]).replace(b"AmazonEnvelope", b"Envelope"),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><AmazonEnvelope>&x;</AmazonEnvelope>',
    ],
)
@pytest.mark.parametrize("report", ["none", "text"])
async def test_a_feed_that_cannot_be_read_is_fatal(office: Office, content: bytes, report: str):
    """No XML, another message type or no message: FATAL, with or without a document that says why."""
    office.world.switches.update({"fatal_feed_report": report})
    feed_id = await office.feed(content)
    shown = await office.desk.show(feed_id)
    assert shown["processingStatus"] == "FATAL"
    assert ("resultFeedDocumentId" in shown) == (report == "text")
    if report == "text":
        assert b"root:" not in await office.desk.result(feed_id)


async def test_xml_is_read_leniently(office: Office):
    """Name spaces, letter case, a missing header, wrong merchants, comments and unknown elements do not matter."""
    order = (await office.scheduled())[0]
    content = f"""
    <!-- a comment --><amazonenvelope xmlns="urn:some" version="9"><Unknown/>
    <messagetype>easyshipdocument</messagetype><MESSAGE><easyshipdocument><?work on?>
    <amazonorderid> {order.order_id} </amazonorderid><documenttype>shippinglabel</documenttype><Extra>1</Extra>
    </easyshipdocument></MESSAGE></amazonenvelope>"""
    feed_id = await office.feed(content.encode())
    answer = told(await office.desk.result(feed_id))
    assert (answer.successful, len(answer.references)) == (1, 1)


async def test_the_kinds_of_the_xml_win_over_the_feeds_options(office: Office):
    """feedOptions count only where the XML names no kind; an unknown kind is an error."""
    order = (await office.scheduled())[0]
    options = {"AmazonOrderId": order.order_id, "DocumentType": "Invoice"}
    for kinds, has_invoice in (((LABEL,), False), ((), True)):
        answer = await office.ask(order, kinds=kinds, feedOptions=options)
        texts = page_texts(await office.papers(answer.references[0]))
        assert ["TAX INVOICE" in text for text in texts] == [has_invoice]
    assert (await office.ask(order, kinds=("Receipt",))).errors == {order.order_id: "610004"}


async def test_an_order_asked_for_twice_is_drawn_once(office: Office):
    """Two messages for one order are granted both, and their kinds are put together."""
    order = (await office.scheduled())[0]
    feed_id = await office.feed(request([(order.order_id, (LABEL,)), (order.order_id, (LABEL, INVOICE))]))
    answer = told(await office.desk.result(feed_id))
    assert answer.successful == 2
    assert len(page_texts(await office.papers(answer.references[0]))) == 2


async def test_610013_strikes_and_passes(office: Office):
    """By a fault on one order's papers, or by share; asked again they are made."""
    orders = await office.scheduled(3)
    rule = FaultRule(kind="fatal", operations=("makeEasyShipDocument",), shipment_id=orders[1].order_id, limit=1)
    office.world.faults.add(rule)
    first = await office.ask(*orders)
    assert first.errors == {orders[1].order_id: "610013"}
    assert "Please retry" in first.root.findtext("ErrorMessage/Error/ErrorMessage")
    assert (await office.ask(*orders)).errors == {}
    office.world.switches.update({"document_failure_share": "1"})
    assert set((await office.ask(*orders)).errors.values()) == {"610013"}
    assert [order.packages[-1].documents_made for order in orders] == [2, 1, 2]


def test_the_making_of_papers_cannot_be_stuck(office: Office):
    """A feed can; the rule says so."""
    with pytest.raises(BadFault, match="processFeed"):
        office.world.faults.add(FaultRule(kind="stuck", operations=("makeEasyShipDocument",)))


async def test_labels_can_be_printed_from_a_moment_on(office: Office):
    """Before it the papers are refused, from it on they are made; a switch does not look at it."""
    order = (await office.scheduled(label_after_hours=0.5))[0]
    assert (await office.ask(order)).errors == {order.order_id: "610007"}
    office.world.switches.update({"early_label": "given"})
    assert (await office.ask(order)).errors == {}
    office.world.switches.update({"early_label": "error"})
    office.world.clock.advance(1800)
    assert (await office.ask(order)).errors == {}


async def test_a_feed_may_take_a_number_of_orders_only(office: Office):
    """Those beyond the switch fail, the others do not."""
    orders = await office.scheduled(3)
    office.world.switches.update({"document_feed_most_orders": "1"})
    answer = await office.ask(*orders)
    assert answer.errors == dict.fromkeys((order.order_id for order in orders[1:]), "610008")


async def test_the_old_report_names_a_reference_of_its_own_form(office: Office):
    """SuccessMessage for each order, DocumentReportReferenceId with an id that getReport takes."""
    office.world.switches.update({"document_report_shape": "old_sample"})
    orders = await office.scheduled(2)
    answer = await office.ask(*orders)
    rows = list(answer.root.iter("SuccessMessage"))
    assert [row.findtext("AmazonOrderID") for row in rows] == [order.order_id for order in orders]
    assert len({row.findtext("DocumentReportReferenceId") for row in rows}) == 1
    assert answer.references[0].startswith("amzn1.easyship.document.")
    assert len(page_texts(await office.papers(answer.references[0]))) == 2


@pytest.mark.parametrize("shape", ["current", "old_sample"])
async def test_each_order_may_have_a_report_of_its_own(office: Office, shape: str):
    """In the mode of one report for each order every reference holds that order's papers only."""
    office.world.switches.update({"document_reports": "per_order", "document_report_shape": shape})
    orders = await office.scheduled(3)
    answer = await office.ask(*orders, kinds=(LABEL, INVOICE))
    assert len(set(answer.references)) == 3
    for order, reference in zip(orders, answer.references, strict=True):
        texts = page_texts(await office.papers(reference))
        assert len(texts) == 2
        assert all(order.order_id in text for text in texts)


async def test_a_cancelled_label_is_not_printed_and_a_new_one_is(office: Office):
    """After LabelCanceled the order is not scheduled; scheduled again its new tracking id is on the label."""
    order = (await office.scheduled())[0]
    old = order.packages[-1].tracking_id
    cancel_label(office.world, order)
    assert (await office.ask(order)).errors == {order.order_id: "610003"}
    await office.shop.scheduled(order)
    new = order.packages[-1].tracking_id
    assert new != old
    assert page_codes(await office.bound(order))[0]["Code128"] == new


async def test_a_rescheduled_label_shows_its_new_slot(office: Office):
    """Tracking id and label stay, the window on it changes."""
    order = (await office.scheduled())[0]
    before = page_texts(await office.bound(order))[0]
    slots = (await office.shop.slots(order)).json()["timeSlots"]
    answer = await office.shop.reschedule((order, slots[-1]["slotId"]))
    assert answer.status == 200, answer.text
    after = page_texts(await office.bound(order))[0]
    assert order.packages[-1].tracking_id in before
    assert order.packages[-1].tracking_id in after
    assert before != after


async def test_the_file_needs_a_restricted_token(office: Office):
    """getReportDocument of GET_EASYSHIP_DOCUMENTS is 403 with a plain token."""
    order = (await office.scheduled())[0]
    reference = (await office.ask(order)).references[0]
    report = (await office.client.call("GET", f"{REPORTS}/reports/{reference}")).json()
    path = f"{REPORTS}/documents/{report['reportDocumentId']}"
    assert (await office.client.call("GET", path)).status == 403
    wanted = {"restrictedResources": [{"method": "GET", "path": path}]}
    granted = await office.client.call("POST", "/tokens/2021-03-01/restrictedDataToken", wanted)
    office.client.token = granted.json()["restrictedDataToken"]
    assert (await office.client.call("GET", path)).status == 200


async def test_work_goes_on_after_a_snapshot(office: Office):
    """Feed and report end in a restored world, and the file is drawn there."""
    office.world.switches.update({"feed_seconds": "30", "report_seconds": "30"})
    order = (await office.scheduled())[0]
    feed_id = await office.feed(request([(order.order_id, (LABEL,))]), FEED)
    kept = office.world.snapshot()
    office.world.clock.advance(600)
    office.world.restore(kept)
    assert office.world.clock.now_ms() == START_MS
    office.world.clock.advance(31)
    answer = told(await office.desk.result(feed_id))
    office.world.clock.advance(31)
    kept = office.world.snapshot()
    office.world.restore(kept)
    assert len(page_texts(await office.papers(answer.references[0]))) == 1
