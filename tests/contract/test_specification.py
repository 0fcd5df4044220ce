"""Every operation's answers, good and bad, against Amazon's machine-readable specifications."""

import json
import urllib.error
import urllib.request

import msgspec
import pytest

from contract.simulator import Shop
from contract.specification import ABSENT, Exchange, complaints, is_present, operation_of, operations
from packline_sim.faults import FaultRule
from packline_sim.specs import ReturnSpec

BASE = "/externalFulfillment/2024-09-11"
pytestmark = pytest.mark.skipif(not is_present(), reason=ABSENT)


class Caller:
    """Make calls without any SDK, as bytes and headers, for one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        credentials = shop.credentials
        form = (
            f"grant_type=refresh_token&client_id={credentials.client_id}&client_secret={credentials.client_secret}"
            f"&refresh_token={credentials.refresh_token.replace('|', '%7C')}"
        )
        token = self._send("POST", "/auth/o2/token", form.encode(), {})
        self.token = msgspec.json.decode(token[1])["access_token"]

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
        """Call with a good token; `headers` may replace any header."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        given = {"x-amz-access-token": self.token, "content-type": "application/json"}
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        status, answer = self._send(method, path, content, given)
        return status, json.loads(answer) if answer else {}

    def _send(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        request = urllib.request.Request(self.shop.simulator.address + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


@pytest.fixture
def caller(shop: Shop) -> Caller:
    """Give a caller for an Indian shop."""
    return Caller(shop)


def package_of(shipment: dict) -> dict:
    """Build a package from Amazon's first recommendation."""
    recommended, line = shipment["shippingInfo"]["recommendedPackages"][0], shipment["lineItems"][0]
    items = [{"packageLineItemId": line["shipmentLineItemId"], "quantity": line["numberOfUnits"]}]
    sizes = {"dimensions": recommended["dimensions"], "weight": recommended["weight"]}
    return {"id": "PKG-1", **sizes, "packageLineItems": items}


def journey(call: Caller, **attributes: object) -> tuple[str, list[int]]:
    """Take one shipment through all its operations; give its id and the statuses of the calls."""
    at = f"{BASE}/shipments/{call.shop.order(**attributes).shipment_id}"
    package = package_of(call("GET", at)[1])
    steps = [
        call("GET", f"{BASE}/shipments?status=ACCEPTED&maxResults=100"),
        call("POST", f"{at}?operation=CONFIRM"),
        call("POST", f"{at}/packages", {"packages": [package]}),
        call("PUT", f"{at}/packages/PKG-1", package),
        call("GET", f"{at}/shippingOptions?packageId=PKG-1"),
        call("POST", f"{at}/invoice"),
        call("GET", f"{at}/invoice"),
        call("PUT", f"{at}/shipLabels?operation=GENERATE", {"packageIds": ["PKG-1"]}),
        call("PATCH", f"{at}/packages/PKG-1", {"status": "SHIPPED"}),
        call("GET", at),
    ]
    return at.rpartition("/")[2], [status for status, _ in steps]


WRITTEN = [200, 204, 204, 204, 200, 200, 200, 200, 204, 200]


def test_every_operation_answers_as_specified(caller: Caller):
    """Each of the thirteen operations is heard with success; every answer fits its schema (the fixture judges)."""
    shipment_id, statuses = journey(caller, program="EASY_SHIP")
    assert statuses == WRITTEN
    world = caller.shop.simulator.world
    made = caller.shop.simulator.call(world.create_return, ReturnSpec(shipment_id=shipment_id))
    assert caller("GET", f"{BASE}/returns?rmaId={made.rma_id}")[0] == 200
    assert caller("GET", f"{BASE}/returns/{made.return_id}")[0] == 200
    uri = f"inventory/fetch?locationId={caller.shop.location.location_id}&skuId=nothing"
    batch = {"requests": [{"method": "GET", "uri": uri}]}
    assert caller("POST", "/externalFulfillment/inventory/2024-09-11/inventories", batch)[0] == 207
    good = [exchange for exchange in caller.shop.simulator.exchanges if exchange.status < 300]
    heard = {operation.operation_id for operation in map(operation_of, good) if operation}
    assert heard == {operation.operation_id for operation in operations()}


@pytest.mark.parametrize(
    "attributes",
    [
        {"program": "SELLER_FLEX"},
        {"program": "EASY_SHIP", "serial_required": False, "gift": True, "gift_message": "For you", "priority": "HIGH"},
        {"program": "EASY_SHIP", "cash_on_delivery": True, "prime": True},
        {"program": "SELF_SHIP", "status": "CREATED"},
    ],
)
def test_every_kind_of_shipment_reads_as_specified(caller: Caller, attributes: dict):
    """Gift, cash on delivery, priority, Prime and each program fit the schema, before and after packing."""
    at = f"{BASE}/shipments/{caller.shop.order(**attributes).shipment_id}"
    status, shipment = caller("GET", at)
    assert status == 200
    assert caller("POST", f"{at}?operation=CONFIRM")[0] == 204
    assert caller("POST", f"{at}/packages", {"packages": [package_of(shipment)]})[0] == 204
    assert caller("GET", f"{at}/shippingOptions?packageId=PKG-1")[0] == 200
    assert caller("GET", at)[0] == 200


def every_call(shipment_id: str) -> list[tuple[str, str, object]]:
    """Give one call of each operation: method, path, body."""
    at = f"{BASE}/shipments/{shipment_id}"
    size = {"value": "1", "dimensionUnit": "CM"}
    package = {
        "id": "PKG-1",
        "dimensions": {"length": size, "width": size, "height": size},
        "weight": {"value": "10", "weightUnit": "G"},
        "packageLineItems": [{"packageLineItemId": "1", "quantity": 1}],
    }
    return [
        ("GET", f"{BASE}/shipments?status=ACCEPTED", None),
        ("GET", at, None),
        ("POST", f"{at}?operation=CONFIRM", None),
        ("POST", f"{at}/packages", {"packages": [package]}),
        ("PUT", f"{at}/packages/PKG-1", package),
        ("PATCH", f"{at}/packages/PKG-1", {"status": "SHIPPED"}),
        ("GET", f"{at}/shippingOptions?packageId=PKG-1", None),
        ("POST", f"{at}/invoice", None),
        ("GET", f"{at}/invoice", None),
        ("PUT", f"{at}/shipLabels?operation=GENERATE", {"packageIds": ["PKG-1"]}),
        ("POST", "/externalFulfillment/inventory/2024-09-11/inventories", {"requests": []}),
        ("GET", f"{BASE}/returns", None),
        ("GET", f"{BASE}/returns/no-such-return", None),
    ]


def test_a_bad_token_is_refused_everywhere(caller: Caller):
    """Missing, invented and grantless-looking tokens get 403 from every operation."""
    for method, path, body in every_call(caller.shop.order().shipment_id):
        for token in ("", "Atza|invented", "Atc|invented"):
            status, answer = caller(method, path, body, x_amz_access_token=token)
            assert (status, answer["errors"][0]["code"]) == (403, "Unauthorized"), path


def test_an_unknown_id_is_not_found_everywhere(caller: Caller):
    """Every operation on a shipment or return that is not there answers 404."""
    for method, path, body in every_call("no-such-shipment"):
        if "no-such" in path:
            status, answer = caller(method, path, body)
            assert (status, answer["errors"][0]["code"]) == (404, "NotFound"), path


def test_bodies_that_are_not_as_specified_are_refused(caller: Caller):
    """Another content type gets 415, broken JSON and wrong types 400, and nothing has an effect."""
    shipment_id = caller.shop.order().shipment_id
    for method, path, body in every_call(shipment_id):
        if body is None:
            continue
        assert caller(method, path, json.dumps(body).encode(), content_type="text/plain")[0] == 415, path
        assert caller(method, path, b"{", content_type="application/json")[0] == 400, path
        assert caller(method, path, b"[1, 2]")[0] == 400, path
    assert caller("GET", f"{BASE}/shipments/{shipment_id}")[1]["status"] == "ACCEPTED"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=NEW",
        "status=ACCEPTED&maxResults=0",
        "status=ACCEPTED&maxResults=101",
        "status=ACCEPTED&maxResults=ten",
        "status=ACCEPTED&lastUpdatedAfter=yesterday",
        "status=ACCEPTED&paginationToken=invented",
    ],
)
def test_queries_that_are_not_as_specified_are_refused(caller: Caller, query: str):
    """Missing and unknown statuses, pages out of bounds, times and tokens that are none get 400 with an error list."""
    status, answer = caller("GET", f"{BASE}/shipments?{query}")
    assert (status, answer["errors"][0]["code"]) == (400, "InvalidInput")


def test_throttled_calls_answer_as_specified_everywhere(caller: Caller):
    """Each operation has its own bucket and, once it is empty, answers 429 with an error list."""
    calls = every_call(caller.shop.order().shipment_id)
    caller.shop.simulator.rate(1, 2)
    for method, path, body in calls:
        statuses = [caller(method, path, body)[0] for _ in range(4)]
        assert statuses[-1] == 429, path
        assert 429 not in statuses[:2], path


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("500", 500, "InternalFailure"),
        ("503", 503, "ServiceUnavailable"),
        ("in_progress", 409, "DuplicateRequest"),
        ("busy", 409, "ServerBusy"),
    ],
)
def test_faults_answer_as_specified_everywhere(caller: Caller, kind: str, status: int, code: str):
    """Amazon's own failures have the documented status and code in every operation that knows them."""
    simulator, seller_id = caller.shop.simulator, caller.shop.seller_id
    calls = every_call(caller.shop.order().shipment_id)
    fault = simulator.call(simulator.world.faults.add, FaultRule(kind=kind, seller_id=seller_id))
    for method, path, body in calls:
        if status == 409 and "inventories" in path:  # the inventory API has no 409
            continue
        heard, answer = caller(method, path, body)
        assert (heard, answer["errors"][0]["code"]) == (status, code), path
    simulator.call(simulator.world.faults.remove, fault.fault_id)


def test_sizes_as_numbers_are_refused_unless_the_switch_takes_them(caller: Caller):
    """Decimals are strings; with the switch, JSON numbers (Amazon's recipe falls back to them) count like strings."""
    simulator = caller.shop.simulator
    at = f"{BASE}/shipments/{caller.shop.order().shipment_id}"
    package = package_of(caller("GET", at)[1])
    package["dimensions"] = {side: {"value": 28, "dimensionUnit": "CM"} for side in ("length", "width", "height")}
    package["weight"] = {"value": 280.5, "weightUnit": "G"}
    assert caller("POST", f"{at}?operation=CONFIRM", {})[0] == 204
    assert caller("POST", f"{at}/packages", {"packages": [package]})[0] == 400
    simulator.call(simulator.world.switches.update, {"decimal_numbers": "accept"})
    assert caller("POST", f"{at}/packages", {"packages": [package]})[0] == 204
    assert caller("GET", at)[1]["packages"][0]["weight"]["value"] == "280.5"


def test_the_judge_sees_departures():
    """Wrong types, missing fields, undocumented statuses, unwanted bodies and missing headers are seen."""
    path, headers = f"{BASE}/shipments/1", {"x-amzn-requestid": "1", "x-amzn-ratelimit-limit": "2.0"}
    answered = {**headers, "content-type": "application/json"}
    error = b'{"errors": [{"code": "NotFound", "message": "not found"}]}'
    good = Exchange("GET", path, "", b"", 404, answered, error)
    assert complaints(good) == []
    departures = (
        msgspec.structs.replace(good, body=b'{"errors": [{"code": 404, "message": "not found"}]}'),
        msgspec.structs.replace(good, body=b'{"errors": [{"code": "NotFound"}]}'),
        msgspec.structs.replace(good, body=b"not found"),
        msgspec.structs.replace(good, status=418),
        msgspec.structs.replace(good, status=200),
        msgspec.structs.replace(good, headers={}),
        msgspec.structs.replace(good, method="POST", status=204, body=b"{}"),
    )
    assert all(complaints(departure) for departure in departures)
