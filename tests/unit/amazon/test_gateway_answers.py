"""Answers of Amazon that are no answers: nothing, HTML in place of a label, numbers that nobody can calculate with."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from builders import NOON, package, shipment
from packline.amazon.external_fulfillment import files
from packline.amazon.external_fulfillment.gateway import ExternalFulfillmentGateway
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.spapi.clock import SystemClock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.transport import NoAnswer
from packline.domain.location import Account, Credentials, Region
from packline.domain.reports import Done, Failed
from packline.domain.shipment import Label
from packline.domain.step import Step, StepKind
from packline.errors import Unavailable, Unexpected
from packline.ports import Performed, Query
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer

HTML = b"\n<!DOCTYPE html><html><body>Something went wrong</body></html>"
XML = b'\xef\xbb\xbf<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
ZPL = b"^XA^FDT1^FS^XZ"
LABELED = json.dumps(
    {
        "packageShipLabelList": [
            {
                "packageId": "PKG-1",
                "status": "SUCCESS",
                "shipLabelMetadata": {"trackingId": "T1", "carrierName": "C"},
                "fileData": {"url": "http://amazon.test/label"},
            }
        ]
    }
).encode()
LABELS = Step(StepKind.GENERATE_LABELS, (("PKG-1", 1),))


class Impatient(SystemClock):
    """A clock whose pauses are over at once."""

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0


def gateway(*replies: Reply) -> ExternalFulfillmentGateway:
    account = Account("a", "A", "S", Region.EU, ("M",), "http://amazon.test", "http://amazon.test/auth/o2/token", "app")
    clock = Impatient()

    async def directory(_: str) -> tuple[Account, Credentials]:
        return account, Credentials("client", "secret", "refresh")

    return ExternalFulfillmentGateway(Doors(ScriptedTransport(*replies), clock, directory, KEPT_FIELDS), clock)


def told(**changes: Any) -> bytes:
    return json.dumps({"id": "S1", "status": "ACCEPTED", "locationId": "L1", **changes}).encode()


async def perform(step: Step, *replies: Reply) -> Performed:
    return await gateway(*replies).perform("a", shipment(), step)


@pytest.mark.parametrize(
    "content", [b"", b" \n", HTML, XML, b'{"errors":[]}', gzip.compress(HTML, mtime=0), b"\x1f\x8bbroken"]
)
def test_what_no_printer_takes_is_no_label(content: bytes) -> None:
    """Rule: a file store answers 200 with a page about its trouble now and then; that is not kept as a label."""
    assert files.label(content) is None


@pytest.mark.parametrize(
    "content", [ZPL, b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n...", b"N\nq609\nA50,50", gzip.compress(ZPL, mtime=0)]
)
def test_a_label_is_known_by_its_bytes_also_where_it_came_packed(content: bytes) -> None:
    """Rule: gzip that nobody announced is unpacked; plain text of an old printer language stays what it is."""
    file = files.label(content)
    assert file is not None
    assert not file.content.startswith(b"\x1f\x8b")


async def test_a_page_of_html_at_the_labels_address_leaves_the_label_without_a_file() -> None:
    """Rule: the label is made, its file is still to be fetched: nothing that is no label gets into the store."""
    performed = await perform(LABELS, answer(200, LABELED), answer(200, HTML))
    assert isinstance(performed.report, Done)
    assert (performed.files, performed.report.labels[0].document) == ((), None)
    assert performed.report.labels[0].url == "http://amazon.test/label"


async def test_a_page_of_html_is_fetched_again() -> None:
    """Rule: a download that gives no label is a failure of the moment, not an end."""
    label = Label("T1", "C", 1, 0, NOON, url="http://amazon.test/label")
    made = shipment("SHIPLABEL_GENERATED", packages=(package(label=label),))
    with pytest.raises(Unavailable):
        await gateway(answer(200, HTML)).perform("a", made, Step(StepKind.DOWNLOAD_LABEL, (("PKG-1", 1),)))


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b'{"packageShipLabelList":[]}', b'{"packageShipLabelList":null}']
)
async def test_a_label_answer_without_packages_proves_nothing(body: bytes) -> None:
    """Rule: the labels may have been made: a look decides, as after any answer that cannot be read."""
    performed = await perform(LABELS, answer(200, body))
    assert isinstance(performed.report, Failed)
    assert performed.report.failure.kind == "unclear"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"document":{"format":"PDF","content":""}}'])
async def test_an_invoice_answer_without_document_proves_nothing(body: bytes) -> None:
    """Rule: a write may have had its effect; a read is unexpected, and tried again with growing pauses."""
    made = await perform(Step(StepKind.GENERATE_INVOICE), answer(200, body))
    assert isinstance(made.report, Failed)
    with pytest.raises(Unexpected):
        await perform(Step(StepKind.FETCH_INVOICE), answer(200, body))


async def test_a_page_of_html_is_no_success_of_a_write() -> None:
    """Rule: whoever stands between may answer 200 without having asked Amazon; 204 and JSON are Amazon's own words."""
    for step in (Step(StepKind.CONFIRM), Step(StepKind.CREATE_PACKAGES, (("PKG-1", 1),))):
        made = shipment(packages=(package(),))
        refused = await gateway(answer(200, HTML)).perform("a", made, step)
        assert isinstance(refused.report, Failed)
        assert refused.report.failure.kind == "unclear"
        taken = await gateway(answer(204, b"")).perform("a", made, step)
        assert isinstance(taken.report, Done)


async def test_shipping_options_whose_answer_is_lost_may_have_moved_the_shipment() -> None:
    """Rule: that read has an effect: it is told as unclear, so that a look decides and nobody else is blamed."""
    step = Step(StepKind.READ_OPTIONS, (("PKG-1", 1),))
    performed = await gateway(NoAnswer("lost")).perform("a", shipment("PACKAGE_CREATED", packages=(package(),)), step)
    assert isinstance(performed.report, Failed)
    assert performed.report.failure.kind == "unclear"
    assert len(performed.calls) == 3


async def test_a_listing_without_a_body_is_no_empty_page() -> None:
    """Rule: what lies behind a page that is not there would be passed over."""
    with pytest.raises(Unexpected):
        await gateway(answer(200, b"")).list_page("a", Query("ACCEPTED", None, datetime(2026, 1, 1, tzinfo=UTC)), None)
    page = await gateway(answer(200, b'{"shipments":[],"pagination":{}}')).list_page("a", Query("ACCEPTED", None), None)
    assert (page.entries, page.next_token) == ((), None)


async def test_one_shipment_that_nobody_can_calculate_with_does_not_stop_the_others() -> None:
    """Rule: numbers without bounds are no numbers; they never stop a page."""
    size = {"value": "9e999998", "dimensionUnit": "M"}
    package = {"id": "P", "dimensions": {"length": size, "width": size, "height": size}, "weight": {"value": "sNaN"}}
    page = b",".join([told(), told(id="S2", packages=[package]), told(id="S4")])
    found = await gateway(answer(200, b'{"shipments":[' + page + b"]}")).list_page("a", Query("ACCEPTED", None), None)
    assert [facts.amazon_id for facts, _ in found.entries] == ["S1", "S2", "S4"]
    assert found.entries[1][0].packages[0].box is None
