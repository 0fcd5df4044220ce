"""What makes no sense at all is refused in Amazon's words, never taken, and never a failure of the simulator."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.records import Shipment
from packline_sim.server import create_app
from packline_sim.specs import LineSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import BASE, INVENTORY, Client, package_of

Order = Callable[..., Shipment]
DEEP = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"
SIDE = {"value": "1", "dimensionUnit": "CM"}


@pytest.mark.parametrize(
    "number",
    ["9e999998", "1e999999", "1_000", " 5 ", "\u0661\u0662", "Infinity", "sNaN", "0x10", "5,5", "9" * 5000, "1E-400"],
)
async def test_a_decimal_is_written_as_json_writes_numbers(client: Client, order: Order, number: str) -> None:
    """Python reads more as a number than Amazon does, and cannot calculate with all of it."""
    shipment = order()
    await client.confirm(shipment)
    sizes = {"dimensions": {"length": SIDE, "width": SIDE, "height": {"value": number, "dimensionUnit": "CM"}}}
    for changes in (sizes, {"weight": {"value": number, "weightUnit": "KG"}}):
        answer = await client.pack(shipment, package_of(shipment, **changes))
        assert (answer.status, answer.code) == (400, "InvalidInput")
    assert shipment.packages == {}


async def test_texts_that_are_printed_hold_no_control_characters(client: Client, order: Order, world: World) -> None:
    """Serial numbers, hazmat labels, couriers and references are refused with one; an empty hazmat label is none."""
    world.create_sku(client.credentials.seller_id, SkuSpec(sku="X", serial_required=True, hazmat_required=True))
    shipment = order(lines=(LineSpec(sku="X"),), program="SELF_SHIP")
    reference = await client.reject(shipment, {"referenceId": "A\nB", "lineItems": []})
    await client.confirm(shipment)
    item = {"packageLineItemId": "1", "quantity": 1}
    spoilt: list[dict[str, Any]] = [
        {"packageLineItems": [{**item, "serialNumbers": ["A\x00B"]}]},
        {"hazmatLabels": ["UN\n1"]},
        {"hazmatLabels": [" "]},
    ]
    answers = [reference, *[await client.pack(shipment, package_of(shipment, **changes)) for changes in spoilt]]
    await client.bring_to(shipment, "INVOICE_GENERATED")
    courier = {"carrierName": "Swift\x1b", "trackingId": "T1"}
    answers.append(await client.label(shipment, {"packageIds": ["PKG-1"], "courierSupportedAttributes": courier}))
    assert [answer.status for answer in answers] == [400] * 5


@pytest.mark.parametrize("body", [DEEP, b'{"packages":' + DEEP + b"}", b'{"operation":' + DEEP + b"}"])
async def test_a_body_without_end_is_refused(client: Client, order: Order, body: bytes) -> None:
    """Lists in lists in lists are 400, at every operation that reads a body and at the control API."""
    shipment = order()
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    await client.bring_to(shipment, "PACKAGE_CREATED")
    answers = [
        await client.call("POST", path, body, operation="REJECT"),
        await client.call("POST", path, body),
        await client.call("POST", f"{path}/packages", body),
        await client.call("PUT", f"{path}/packages/PKG-1", body),
        await client.call("PATCH", f"{path}/packages/PKG-1", body),
        await client.call("PUT", f"{path}/shipLabels", body),
        await client.call("POST", INVENTORY, body),
        await Client(create_app(client.world), client.credentials).call("POST", "/_sim/sellers", body),
    ]
    assert [answer.status for answer in answers] == [400] * 8


async def test_a_page_token_that_was_tampered_with_is_refused(client: Client, order: Order, world: World) -> None:
    """It is sealed, so that nobody skips shipments by counting; that holds also where other filters are allowed."""
    for _ in range(3):
        order()
    world.switches.update({"changed_filters": "ignore"})
    page = await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", maxResults="1")
    token = page.json()["pagination"]["nextToken"]
    touch, rest = base64.urlsafe_b64decode(token).decode().split(".", 1)
    for forged in (f"{int(touch) + 1}.{rest}", f"-1.{rest}", f"{touch}.x.{rest}", touch):
        cursor = base64.urlsafe_b64encode(forged.encode()).decode()
        answer = await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", paginationToken=cursor)
        assert (answer.status, answer.code) == (400, "InvalidInput")


@pytest.mark.parametrize("size", ["9" * 5000, "0" * 5000, "00", "-1", "1.5", "\u0663"])
async def test_a_page_size_that_is_none_is_refused(client: Client, size: str) -> None:
    """Also one of thousands of digits, which Python refuses to read."""
    answer = await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", maxResults=size)
    assert (answer.status, answer.code) == (400, "InvalidInput")


@pytest.mark.parametrize(
    ("uri", "body", "kind"),
    [
        (
            "/inventory/update?locationId=LOC1&skuId=KETTLE",
            {"quantity": 2**31, "clientSequenceNumber": 9},
            "INVALID_INPUT",
        ),
        (
            "/inventory/update?locationId=LOC1&skuId=KETTLE",
            {"quantity": 1, "clientSequenceNumber": 2**63},
            "INVALID_INPUT",
        ),
        ("/inventory/fetch?locationId=LOC1&skuId=KETTLE&skuId=POT", None, "INVALID_INPUT"),
        ("//inventory/fetch?locationId=LOC1&skuId=KETTLE", None, "INVALID_REQUEST"),
        ("/inventory/fetch?locationId=LOC%2531&skuId=KETTLE", None, "INVALID_LOCATION"),
    ],
)
async def test_an_element_of_a_batch_that_makes_no_sense_is_refused(
    client: Client, uri: str, body: dict[str, Any] | None, kind: str
) -> None:
    """Numbers beyond an integer, a name given twice, an address that is none or encoded twice."""
    answer = await client.call("POST", INVENTORY, {"requests": [{"method": "POST", "uri": uri, "body": body}]})
    (response,) = answer.json()["responses"]
    assert response["status"]["statusCode"] == 400
    assert response["body"]["actionableErrors"][0]["errorType"] == kind


async def test_a_batch_echoes_no_nulls(client: Client) -> None:
    """The model has texts there; what was sent as null is left out of the answer."""
    element = {
        "method": "POST",
        "uri": "/inventory/fetch?locationId=LOC1&skuId=KETTLE",
        "body": {"marketplaceAttributes": {"channelName": None, "marketplaceId": "A21TJRUUN4KGV"}},
    }
    answer = await client.call("POST", INVENTORY, {"requests": [element]})
    body = answer.json()["responses"][0]["body"]
    assert body["marketplaceAttributes"] == {"marketplaceId": "A21TJRUUN4KGV"}


async def test_an_address_of_a_label_is_good_for_fetching_only(client: Client, order: Order) -> None:
    """Another method, or a signature in letters that no signature has, is refused as the file store does."""
    shipment = order(program="SELLER_FLEX")
    await client.bring_to(shipment, "INVOICE_GENERATED")
    label = (await client.label(shipment)).json()["packageShipLabelList"][0]
    target = label["fileData"]["url"].removeprefix("http://amazon.test")
    assert (await client.send("GET", target, b"", {})).status == 200
    for method in ("PUT", "POST", "DELETE"):
        assert (await client.send(method, target, b"", {})).status == 403
    forged = target.partition("&signature=")[0] + "&signature=%C3%A9"
    assert (await client.send("GET", forged, b"", {})).status == 403


async def test_tokens_are_not_to_be_stored_on_the_way(client: Client) -> None:
    """RFC 6749, section 5.1: whoever stands between must not keep the answer."""
    assert (await client.sign_in()).headers["cache-control"] == "no-store"
