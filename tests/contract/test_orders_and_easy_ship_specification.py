"""Every operation of Orders and Easy Ship, good and refused, held against Amazon's specifications."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from contract.conftest import INDIA
from contract.simulator import Shop, open_shop
from contract.specification import ORDERS_AND_EASY_SHIP, complaints, is_present, operation_of, operations
from contract.test_orders_and_easy_ship_clients import EVERY_PART, LONG_AGO, NETHERLANDS, SIZE, WEIGHT, orders
from packline_sim.orders import progress
from packline_sim.orders.records import Order

EASY_SHIP, ORDERS, ORDERS_V0 = "/easyShip/2022-03-23", "/orders/2026-01-01/orders", "/orders/v0/orders"
Caller = Callable[..., tuple[int, Any]]


def caller_of(shop: Shop) -> Caller:
    """Call as plain HTTP, for statuses that a client would not let through."""
    token = {"value": shop.simulator.call(token_of, shop)}

    def call(method: str, path: str, body: Any = None, *, with_token: str | None = None) -> tuple[int, Any]:
        headers = {"x-amz-access-token": with_token or token["value"], "content-type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{shop.simulator.address}{path}", content, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")

    return call


def token_of(shop: Shop, *paths: str, elements: tuple[str, ...] = ()) -> str:
    """Issue an access token, restricted to paths when some are given."""
    return shop.simulator.world.credentials.issue(
        shop.credentials.client_id,
        seller_id=shop.seller_id,
        refresh_token=shop.credentials.refresh_token,
        paths=tuple(("GET", path) for path in paths),
        elements=(elements,) * len(paths),
    ).value


@pytest.fixture
def india(shop: Shop) -> Shop:
    """Give a shop whose new orders are found at once."""
    shop.simulator.call(shop.simulator.world.switches.update, {"search_bound": "now"})
    return shop


def listing(order: Order, **changes: Any) -> dict[str, Any]:
    body = {"marketplaceId": INDIA, "amazonOrderId": order.order_id}
    return {**body, "packageDimensions": SIZE, "packageWeight": WEIGHT, **changes}


def creation(order: Order, slot_id: str, **details: Any) -> dict[str, Any]:
    details = {"packageTimeSlot": {"slotId": slot_id}, **details}
    return {"amazonOrderId": order.order_id, "marketplaceId": INDIA, "packageDetails": details}


def confirmation(order: Order) -> dict[str, Any]:
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "SAMPLE",
        "trackingNumber": "SC1",
        "shipDate": "2026-11-23T06:00:00Z",
        "orderItems": [{"orderItemId": order.items[0].order_item_id, "quantity": 1}],
    }
    return {"marketplaceId": INDIA, "packageDetail": detail}


def slot_ids(call: Caller, order: Order) -> list[str]:
    status, body = call("POST", f"{EASY_SHIP}/timeSlot", listing(order))
    assert status == 200, body
    return [row["slotId"] for row in body["timeSlots"]]


@pytest.mark.skipif(not is_present(), reason="Amazon's specifications are absent")
def test_every_operation_answers_as_specified(india: Shop) -> None:
    """A good answer of each operation but one that this Amazon never gives; the fixture judges them all."""
    call = caller_of(india)
    order, other = orders(india, 2, quantity=2, cash_on_delivery=True, gift=True)
    slots = slot_ids(call, order)
    assert call("POST", f"{EASY_SHIP}/package", creation(order, slots[-1]))[0] == 200
    query = f"amazonOrderId={order.order_id}&marketplaceId={INDIA}"
    assert call("GET", f"{EASY_SHIP}/package?{query}")[0] == 200
    entry = {"scheduledPackageId": {"amazonOrderId": order.order_id}, "packageTimeSlot": {"slotId": slots[-2]}}
    body = {"marketplaceId": INDIA, "updatePackageDetailsList": [entry]}
    assert call("PATCH", f"{EASY_SHIP}/package", body)[0] == 200
    dutch = open_shop(india.simulator, marketplace_id=NETHERLANDS)
    rows = [{"amazonOrderId": orders(dutch)[0].order_id}, {"amazonOrderId": "402-0000000-0000000"}]
    bulk = {"marketplaceId": NETHERLANDS, "orderScheduleDetailsList": rows, "labelFormat": "ZPL"}
    assert caller_of(dutch)("POST", f"{EASY_SHIP}/packages/bulk", bulk)[0] == 200
    assert call("GET", f"{ORDERS}?createdAfter={LONG_AGO}&includedData={EVERY_PART}")[0] == 200
    assert call("GET", f"{ORDERS}/{order.order_id}?includedData={EVERY_PART}")[0] == 200
    paths = (ORDERS_V0, f"{ORDERS_V0}/{{orderId}}", f"{ORDERS_V0}/{{orderId}}/orderItems")
    opened = india.simulator.call(token_of, india, *paths, elements=("buyerInfo", "shippingAddress"))
    address = f"{ORDERS_V0}?MarketplaceIds={INDIA}&CreatedAfter={LONG_AGO}"
    assert call("GET", address, with_token=opened)[0] == 200
    for part in ("", "/orderItems"):
        assert call("GET", f"{ORDERS_V0}/{other.order_id}{part}", with_token=opened)[0] == 200
    personal = [f"{ORDERS_V0}/{{orderId}}{part}" for part in ("/buyerInfo", "/address", "/orderItems/buyerInfo")]
    opened = india.simulator.call(token_of, india, *personal)
    for path in personal:
        assert call("GET", path.replace("{orderId}", other.order_id), with_token=opened)[0] == 200
    assert call("GET", f"{ORDERS_V0}/{other.order_id}/regulatedInfo")[0] == 200
    own, collected = orders(india, easy_ship=False)[0], orders(india, easy_ship=False, in_store_pickup=True)[0]
    assert call("POST", f"{ORDERS_V0}/{own.order_id}/shipmentConfirmation", confirmation(own))[0] == 204
    status = {"marketplaceId": INDIA, "shipmentStatus": "ReadyForPickup"}
    assert call("POST", f"{ORDERS_V0}/{collected.order_id}/shipment", status)[0] == 204
    good = [exchange for exchange in india.simulator.exchanges if exchange.status < 300]
    heard = {operation.operation_id for operation in map(operation_of, good) if operation}
    assert heard == {row.operation_id for row in operations(ORDERS_AND_EASY_SHIP)} - {"updateVerificationStatus"}


@pytest.mark.parametrize("legacy", [False, True], ids=["model", "other switches"])
def test_every_moment_of_an_order_is_told_as_specified(india: Shop, legacy: bool) -> None:
    """Orders in every status, in both versions and all parts; the fixture judges the bodies."""
    world, run, call = india.simulator.world, india.simulator.call, caller_of(india)
    if legacy:
        changed = {"order_personal_data": "withheld", "v0_personal_data": "open", "slot_times": "utc"}
        run(world.switches.update, changed)
    made = orders(india, 8)
    orders(india, status="Pending")
    orders(india, easy_ship=False)
    orders(india, replaced_order_id=made[0].order_id, label_after_hours=1, prime=True, serial_required=True)
    for order in made[1:]:
        assert call("POST", f"{EASY_SHIP}/package", creation(order, slot_ids(call, order)[0]))[0] == 200
    for order in made[2:6]:
        run(progress.carrier_moves, world, order, "PickedUp")
    for order, status in zip(made[3:6], ("Delivered", "Lost", "RejectedByBuyer"), strict=True):
        run(progress.carrier_moves, world, order, status)
    run(progress.cancel_label, world, made[6])
    run(progress.cancel_order, world, made[7], "BUYER", "Changed mind")
    run(progress.request_cancel, world, made[0])
    status, body = call("GET", f"{ORDERS}?lastUpdatedAfter={LONG_AGO}&includedData={EVERY_PART}")
    assert (status, len(body["orders"])) == (200, 11)
    assert call("GET", f"{ORDERS_V0}?MarketplaceIds={INDIA}&LastUpdatedAfter={LONG_AGO}")[0] == 200
    for order in made:
        assert call("GET", f"{ORDERS_V0}/{order.order_id}/orderItems")[0] == 200


def test_refusals_are_as_specified(india: Shop) -> None:
    """Bad input, foreign things, wrong tokens, exhausted rates: bodies and headers are judged by the fixture."""
    call, order = caller_of(india), orders(india)[0]
    assert call("POST", f"{EASY_SHIP}/timeSlot", {})[0] == 400
    assert call("POST", f"{EASY_SHIP}/timeSlot", listing(order, amazonOrderId="402-0000000-0000000"))[0] == 404
    assert call("POST", f"{EASY_SHIP}/package", creation(order, "AQ"))[0] == 400
    assert call("GET", f"{EASY_SHIP}/package?amazonOrderId={order.order_id}&marketplaceId={INDIA}")[0] == 404
    assert call("GET", ORDERS)[0] == 400
    assert call("GET", f"{ORDERS}/402-0000000-0000000")[0] == 404
    assert call("GET", f"{ORDERS_V0}/402-0000000-0000000")[0] == 404
    assert call("GET", f"{ORDERS_V0}/{order.order_id}/address")[0] == 403
    for path in (f"{ORDERS}/{order.order_id}", f"{ORDERS_V0}/{order.order_id}", f"{EASY_SHIP}/package"):
        assert call("GET", path, with_token="nonsense")[0] == 403
    india.simulator.rate(0.001, 1)
    for _ in range(2):
        status, body = call("GET", f"{ORDERS}/{order.order_id}")
    assert (status, body["errors"][0]["code"]) == (429, "QuotaExceeded")


def test_the_judge_finds_what_departs(india: Shop) -> None:
    """A package without its size would be noticed."""
    if not is_present():
        pytest.skip("Amazon's specifications are absent")
    call, order = caller_of(india), orders(india)[0]
    call("POST", f"{EASY_SHIP}/package", creation(order, slot_ids(call, order)[0]))
    whole = india.simulator.exchanges[-1]
    body = json.loads(whole.body)
    del body["packageWeight"]
    maimed = type(whole)(
        whole.method, whole.path, whole.query, whole.request, whole.status, whole.headers, json.dumps(body).encode()
    )
    assert complaints(maimed)
