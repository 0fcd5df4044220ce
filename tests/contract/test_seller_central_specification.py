"""Every operation of Feeds, Reports, Tokens and Listings Items, good and bad, against the specifications."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from contract.conftest import INDIA
from contract.simulator import Shop
from contract.specification import ABSENT, SELLER_CENTRAL, is_present, operation_of, operations
from packline_sim.faults import FaultRule

FEEDS, REPORTS, LISTINGS = "/feeds/2021-06-30", "/reports/2021-06-30", "/listings/2021-08-01/items"
RDT = "/tokens/2021-03-01/restrictedDataToken"
TYPE, REPORT = "JSON_LISTINGS_FEED", "GET_MERCHANT_LISTINGS_ALL_DATA"
JSON = "application/json; charset=UTF-8"
pytestmark = pytest.mark.skipif(not is_present(), reason=ABSENT)
AT_ONCE = {"feed_seconds": "0", "listings_feed_seconds": "0", "report_seconds": "0", "listing_change_seconds": "0"}


class Caller:
    """Make calls without any SDK for one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        credentials = shop.credentials
        body = {
            "grant_type": "refresh_token",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "refresh_token": credentials.refresh_token,
        }
        self.token = ""
        self.token = self("POST", "/auth/o2/token", body)[1]["access_token"]

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Call with a good token; `headers` may replace any header."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        given = {"x-amz-access-token": self.token, "content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else self.shop.simulator.address + path
        try:
            with urllib.request.urlopen(urllib.request.Request(url, content, given, method=method)) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, content = refused.code, refused.read()
        return status, json.loads(content) if content.startswith((b"{", b"[")) else content

    @property
    def item(self) -> str:
        """Give the path of the shop's listing."""
        return f"{LISTINGS}/{self.shop.seller_id}/{quote(self.shop.sku.sku, safe='')}"

    def feed(self) -> tuple[str, str]:
        """Make a feed; gives the ids of feed and document."""
        document = self("POST", f"{FEEDS}/documents", {"contentType": JSON})[1]
        message = {"messageId": 1, "sku": self.shop.sku.sku, "operationType": "PATCH", "patches": [patch_of(3)]}
        content = {"header": {"sellerId": self.shop.seller_id, "version": "2.0"}, "messages": [message]}
        assert self("PUT", document["url"], content, content_type=JSON)[0] == 200
        body = {"feedType": TYPE, "marketplaceIds": [INDIA], "inputFeedDocumentId": document["feedDocumentId"]}
        return self("POST", f"{FEEDS}/feeds", body)[1]["feedId"], document["feedDocumentId"]


def patch_of(quantity: Any) -> dict[str, Any]:
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": quantity}
    return {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}


@pytest.fixture
def caller(shop: Shop) -> Iterator[Caller]:
    """Give a caller for an Indian shop whose work is done at once."""
    shop.simulator.call(shop.simulator.world.switches.update, AT_ONCE)
    return Caller(shop)


def test_every_operation_answers_as_specified(caller: Caller) -> None:
    """Each of the twenty-one operations is heard with success; every answer fits its schema (the fixture judges)."""
    call = caller
    feed_id, _ = call.feed()
    result = call("GET", f"{FEEDS}/feeds/{feed_id}")[1]["resultFeedDocumentId"]
    report = {"reportType": REPORT, "marketplaceIds": [INDIA]}
    report_id = call("POST", f"{REPORTS}/reports", report)[1]["reportId"]
    document = f"{REPORTS}/documents/{call('GET', f'{REPORTS}/reports/{report_id}')[1]['reportDocumentId']}"
    schedule = call("POST", f"{REPORTS}/schedules", {**report, "period": "P1D"})[1]["reportScheduleId"]
    put = {"productType": "PRODUCT", "attributes": {"item_name": [{"value": "Mug"}]}}
    query = f"marketplaceIds={INDIA}"
    every = "summaries,attributes,issues,offers,fulfillmentAvailability,procurement,relationships,productTypes"
    answers = [
        call("GET", f"{FEEDS}/feeds?feedTypes={TYPE}"),
        call("GET", f"{FEEDS}/documents/{result}"),
        call("GET", f"{REPORTS}/reports?reportTypes={REPORT}"),
        call("GET", document),
        call("GET", f"{REPORTS}/schedules?reportTypes={REPORT}"),
        call("GET", f"{REPORTS}/schedules/{schedule}"),
        call("DELETE", f"{REPORTS}/schedules/{schedule}"),
        call("POST", RDT, {"restrictedResources": [{"method": "GET", "path": document}]}),
        call("PATCH", f"{call.item}?{query}", {"productType": "PRODUCT", "patches": [patch_of(5)]}),
        call("PATCH", f"{call.item}?{query}", {"productType": "PRODUCT", "patches": [patch_of(-5)]}),
        call("GET", f"{call.item}?{query}&includedData={every}"),
        call("PUT", f"{LISTINGS}/{call.shop.seller_id}/NEW?{query}&includedData=issues,identifiers", put),
        call("DELETE", f"{LISTINGS}/{call.shop.seller_id}/NEW?{query}"),
        call("GET", f"{LISTINGS}/{call.shop.seller_id}?{query}&includedData={every}"),
    ]
    call.shop.simulator.call(
        call.shop.simulator.world.switches.update, {"listings_feed_seconds": "900", "report_seconds": "60-300"}
    )
    answers.append(call("DELETE", f"{FEEDS}/feeds/{call.feed()[0]}"))
    waiting = call("POST", f"{REPORTS}/reports", report)[1]["reportId"]
    answers.append(call("DELETE", f"{REPORTS}/reports/{waiting}"))
    assert [status for status, _ in answers] == [200] * len(answers)
    good = [exchange for exchange in call.shop.simulator.exchanges if exchange.status < 300]
    heard = {operation.operation_id for operation in map(operation_of, good) if operation}
    assert heard == {operation.operation_id for operation in operations(SELLER_CENTRAL)}


def every_call(caller: Caller) -> list[tuple[str, str, object]]:
    """Give one call of each operation with ids of nothing: method, path, body."""
    item, query = f"{LISTINGS}/{caller.shop.seller_id}", f"marketplaceIds={INDIA}"
    patch = {"productType": "PRODUCT", "patches": [patch_of(1)]}
    report = {"reportType": REPORT, "marketplaceIds": [INDIA]}
    feed = {"feedType": TYPE, "marketplaceIds": [INDIA], "inputFeedDocumentId": "none"}
    return [
        ("POST", f"{FEEDS}/documents", {"contentType": JSON}),
        ("POST", f"{FEEDS}/feeds", feed),
        ("GET", f"{FEEDS}/feeds?feedTypes={TYPE}", None),
        ("GET", f"{FEEDS}/feeds/no-such", None),
        ("DELETE", f"{FEEDS}/feeds/no-such", None),
        ("GET", f"{FEEDS}/documents/no-such", None),
        ("POST", f"{REPORTS}/reports", report),
        ("GET", f"{REPORTS}/reports?reportTypes={REPORT}", None),
        ("GET", f"{REPORTS}/reports/no-such", None),
        ("DELETE", f"{REPORTS}/reports/no-such", None),
        ("GET", f"{REPORTS}/documents/no-such", None),
        ("POST", f"{REPORTS}/schedules", {**report, "period": "P1D"}),
        ("GET", f"{REPORTS}/schedules?reportTypes={REPORT}", None),
        ("GET", f"{REPORTS}/schedules/no-such", None),
        ("DELETE", f"{REPORTS}/schedules/no-such", None),
        ("POST", RDT, {"restrictedResources": [{"method": "GET", "path": "/orders/v0/orders"}]}),
        ("GET", f"{item}/no-such?{query}", None),
        ("PATCH", f"{item}/X?{query}", patch),
        ("PUT", f"{item}/X?{query}", {"productType": "PRODUCT", "attributes": {}}),
        ("DELETE", f"{item}/X?{query}", None),
        ("GET", f"{item}?{query}", None),
    ]


def test_a_bad_token_is_refused_everywhere(caller: Caller) -> None:
    """Missing and invented tokens get 403 from every operation."""
    for method, path, body in every_call(caller):
        for token in ("", "Atza|invented"):
            status, answer = caller(method, path, body, x_amz_access_token=token)
            assert (status, answer["errors"][0]["code"]) == (403, "Unauthorized"), path


def test_an_unknown_id_is_not_found_everywhere(caller: Caller) -> None:
    """Every operation on a thing that is not there answers 404, in the words of its API."""
    for method, path, body in every_call(caller):
        if "no-such" in path:
            status, answer = caller(method, path, body)
            code = "NOT_FOUND" if "/listings/" in path else "NotFound"
            assert (status, answer["errors"][0]["code"]) == (404, code), path


def test_bodies_that_are_not_as_specified_are_refused(caller: Caller) -> None:
    """Another content type gets 415, broken JSON and wrong types 400."""
    for method, path, body in every_call(caller):
        if body is None:
            continue
        assert caller(method, path, json.dumps(body).encode(), content_type="text/plain")[0] == 415, path
        assert caller(method, path, b"{")[0] == 400, path
        assert caller(method, path, b"[1, 2]")[0] == 400, path
        assert caller(method, path, b"")[0] == 400, path


@pytest.mark.parametrize("path", [f"{FEEDS}/feeds?feedTypes={TYPE}", f"{REPORTS}/reports?reportTypes={REPORT}"])
@pytest.mark.parametrize(
    "query", ["pageSize=0", "pageSize=101", "processingStatuses=NEW", "createdSince=yesterday", "nextToken=invented"]
)
def test_queries_that_are_not_as_specified_are_refused(caller: Caller, path: str, query: str) -> None:
    """Pages out of bounds, unknown statuses, times and tokens that are none get 400 with an error list."""
    status, answer = caller("GET", f"{path}&{query}")
    assert (status, answer["errors"][0]["code"]) == (400, "InvalidInput")


def test_throttled_calls_answer_as_specified_everywhere(caller: Caller) -> None:
    """Each operation has its own bucket and, once it is empty, answers 429 QuotaExceeded."""
    calls = every_call(caller)
    caller.shop.simulator.rate(1, 2)
    for method, path, body in calls:
        answers = [caller(method, path, body) for _ in range(4)]
        assert (answers[-1][0], answers[-1][1]["errors"][0]["code"]) == (429, "QuotaExceeded"), path
        assert 429 not in [status for status, _ in answers[:2]], path


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("503", 503)])
def test_faults_answer_as_specified_everywhere(caller: Caller, kind: str, status: int) -> None:
    """Amazon's own failures have a documented status in every operation."""
    simulator = caller.shop.simulator
    calls = every_call(caller)
    rule = FaultRule(kind=kind, seller_id=caller.shop.seller_id)
    fault = simulator.call(simulator.world.faults.add, rule)
    for method, path, body in calls:
        assert caller(method, path, body)[0] == status, path
    simulator.call(simulator.world.faults.remove, fault.fault_id)


def test_the_processing_report_tells_of_every_message(caller: Caller) -> None:
    """Fetched from its address it holds header, issues and summary."""
    feed_id, _ = caller.feed()
    result = caller("GET", f"{FEEDS}/feeds/{feed_id}")[1]["resultFeedDocumentId"]
    address = caller("GET", f"{FEEDS}/documents/{result}")[1]["url"]
    report = msgspec.json.decode(json.dumps(caller("GET", address)[1]))
    assert report["header"]["feedId"] == feed_id
    assert report["summary"]["messagesAccepted"] == 1
