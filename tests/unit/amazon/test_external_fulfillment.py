"""The typed client: what is asked and what comes back, for each operation."""

from __future__ import annotations

import inspect
import re
import textwrap
from datetime import UTC, datetime

import pytest

import packline.amazon
from packline.amazon import Account, Credentials, ExternalFulfillment
from packline.amazon.external_fulfillment import build
from packline.amazon.spapi.auth import AccessTokens
from packline.amazon.spapi.client import SpApi
from packline.amazon.spapi.lanes import Lanes
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.errors import Unexpected, Unresolved
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, answer

ACCOUNT = Account("a", "http://amazon.test", Credentials("client", "secret", "refresh"))
BASE = "http://amazon.test/externalFulfillment/2024-09-11"


def client(*replies: Reply) -> tuple[ExternalFulfillment, ScriptedTransport]:
    transport, clock = ScriptedTransport(*replies), DrivenClock()
    tokens = AccessTokens(transport, clock, token_url="http://amazon.test/auth/o2/token")
    return ExternalFulfillment(SpApi(transport, tokens, Lanes(UsagePlans("off"), clock), clock)), transport


PACKAGE = build.package("P 1", [build.package_line("L", 1)], size=(1, 2, 3), weight=5)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = [
    (
        "PUT",
        "/shipments/S/shipLabels?operation=REGENERATE&shippingOptionId=o%2F1%3D",
        lambda ef: ef.generate_ship_labels(ACCOUNT, "S", ["P"], operation="REGENERATE", shipping_option_id="o/1="),
    ),
    (
        "GET",
        "/shipments?status=ACCEPTED&locationId=L1&lastUpdatedAfter=2026-01-01T00%3A00%3A00.000Z&paginationToken=t%2B",
        lambda ef: ef.get_shipments(
            ACCOUNT, "ACCEPTED", location_id="L1", updated_after=NEW_YEAR, page_size=None, token="t+"
        ),
    ),
    ("POST", "/shipments/S?operation=CONFIRM", lambda ef: ef.confirm_shipment(ACCOUNT, "S")),
    (
        "POST",
        "/shipments/S?operation=REJECT",
        lambda ef: ef.reject_shipment(ACCOUNT, "S", "R", [("L", 1, "OUT_OF_STOCK")]),
    ),
    ("POST", "/shipments/S/packages", lambda ef: ef.create_packages(ACCOUNT, "S", [PACKAGE])),
    ("PUT", "/shipments/S/packages/P%201", lambda ef: ef.update_package(ACCOUNT, "S", PACKAGE)),
    ("PATCH", "/shipments/S/packages/P", lambda ef: ef.update_package_status(ACCOUNT, "S", "P", "SHIPPED")),
    ("GET", "/shipments/S/shippingOptions?packageId=P", lambda ef: ef.retrieve_shipping_options(ACCOUNT, "S", "P")),
    ("POST", "/shipments/S/invoice", lambda ef: ef.generate_invoice(ACCOUNT, "S")),
    ("GET", "/shipments/S/invoice", lambda ef: ef.retrieve_invoice(ACCOUNT, "S")),
    (
        "GET",
        "/returns?returnLocationId=L&status=CREATED&maxResults=100",
        lambda ef: ef.list_returns(ACCOUNT, location_id="L", status="CREATED"),
    ),
]


@pytest.mark.parametrize(("method", "address", "call"), CALLS)
async def test_each_operation_is_asked_as_the_model_has_it(method, address, call):
    """Rule: method, path, query and their encoding; an empty success reads as an empty answer."""
    amazon, transport = client(answer(200, b""))
    await call(amazon)
    (request,) = transport.calls
    assert (request.method, request.url) == (method, BASE + address)
    assert ("Content-Type" in request.headers) == bool(request.body)


async def test_stock_goes_to_its_own_base_path_and_each_result_has_its_own_status():
    """Rule: the inventory API has its version at another place; 207 says nothing about the items."""
    body = b'{"responses":[{"status":{"statusCode":400},"body":{"actionableErrors":[{"errorType":"STALE_DATA"}]}}]}'
    amazon, transport = client(answer(207, body))
    results = await amazon.batch_inventory(ACCOUNT, [build.stock_fetch("L", "A")])
    assert transport.calls[0].url == "http://amazon.test/externalFulfillment/inventory/2024-09-11/inventories"
    assert results.responses[0].status.status_code == 400
    assert results.responses[0].body.actionable_errors[0].error_type == "STALE_DATA"


async def test_a_shipment_and_a_return_are_read_typed():
    """Rule: getShipment and getReturn answer with their structs."""
    amazon, _ = client(answer(200, b'{"id":"X","status":"CREATED"}'))
    assert (await amazon.get_shipment(ACCOUNT, "X")).status == "CREATED"
    assert (await amazon.get_return(ACCOUNT, "X")).id == "X"


async def test_a_broken_success_is_unexpected_for_a_read_and_unresolved_for_a_write():
    """Rule: a label may have been made although its answer cannot be read."""
    amazon, _ = client(answer(200, b'{"packageShipLabelList":"?","id":5', x_amzn_RequestId="r"))
    with pytest.raises(Unresolved) as caught:
        await amazon.generate_ship_labels(ACCOUNT, "S", ["P"])
    assert (caught.value.request_id, caught.value.reread) == ("r", True)
    with pytest.raises(Unexpected):
        await amazon.get_shipment(ACCOUNT, "S")


async def test_the_example_in_the_docstring_runs(monkeypatch, capsys):
    """Rule: what an embedder reads first works as written."""
    page = answer(200, b'{"shipments":[{"id":"S1","status":"ACCEPTED"}]}')
    transport = ScriptedTransport(page, answer(204, b""), answer(200, b'{"id":"S1","status":"CONFIRMED"}'))
    transport.close = lambda: _nothing()  # type: ignore[attr-defined]
    monkeypatch.setattr(packline.amazon, "Http1Transport", lambda **_: transport)
    example = textwrap.dedent(re.split(r"\n\n", inspect.getdoc(packline.amazon) or "", maxsplit=1)[1])
    names = {"client_id": "c", "secret": "s", "refresh": "r"}
    code = f"async def example():\n{textwrap.indent(example, '    ')}\n"
    exec(code, names)  # the example itself is the test
    await names["example"]()
    assert capsys.readouterr().out.strip() == "CONFIRMED"


async def _nothing() -> None:
    return None
