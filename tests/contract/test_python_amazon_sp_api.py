"""The community's client (python-amazon-sp-api) against the simulator, with nothing changed but the address."""

import base64
import urllib.request
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sp_api.api.external_fulfillment.inventory_2024_09_11 import ExternalFulfillmentInventoryV20240911
from sp_api.api.external_fulfillment.returns_2024_09_11 import ExternalFulfillmentReturnsV20240911
from sp_api.api.external_fulfillment.shipping_2024_09_11 import ExternalFulfillmentShippingV20240911
from sp_api.asyncio.api.external_fulfillment.shipping_2024_09_11 import (
    ExternalFulfillmentShippingV20240911 as AsyncShipping,
)
from sp_api.asyncio.auth import AccessTokenClient as AsyncLogin
from sp_api.auth import AccessTokenClient, access_token_client
from sp_api.base import SellingApiException, SellingApiNotFoundException

from contract.conftest import INDIA
from contract.simulator import Shop
from packline_sim.specs import ReturnSpec


@pytest.fixture(autouse=True)
def no_remembered_tokens():
    """Forget the tokens that the client keeps for the whole process."""
    access_token_client.cache.clear()
    access_token_client.grantless_cache.clear()


def given(shop: Shop, login: type) -> dict:
    """Give a client's arguments: the shop's credentials and the simulator's address."""
    address, credentials = shop.simulator.address, shop.credentials
    local = type("LocalLogin", (login,), {"scheme": "http://", "host": address.removeprefix("http://")})
    return {
        "marketplace": SimpleNamespace(endpoint=address, marketplace_id=INDIA, region="eu-west-1"),
        "refresh_token": credentials.refresh_token,
        "credentials": {"lwa_app_id": credentials.client_id, "lwa_client_secret": credentials.client_secret},
        "auth_token_client_class": local,
    }


@pytest.fixture
def shipping(shop: Shop) -> ExternalFulfillmentShippingV20240911:
    """Give the client for shipments."""
    return ExternalFulfillmentShippingV20240911(**given(shop, AccessTokenClient))


def package_of(shipment: dict) -> dict:
    """Build a package from Amazon's first recommendation, holding all units of the first line."""
    recommended, line = shipment["shippingInfo"]["recommendedPackages"][0], shipment["lineItems"][0]
    item = {"packageLineItemId": line["shipmentLineItemId"], "quantity": line["numberOfUnits"]}
    sizes = {"dimensions": recommended["dimensions"], "weight": recommended["weight"]}
    return {"id": "PKG-1", **sizes, "packageLineItems": [item]}


def test_a_shipment_goes_through_every_operation(shop: Shop, shipping: ExternalFulfillmentShippingV20240911):
    """From the order to the carrier's hands, with this client's own way of passing arguments."""
    shipment_id = shop.order(program="EASY_SHIP").shipment_id

    def status() -> str:
        return shipping.get_shipment(shipment_id).payload["status"]

    listed = shipping.get_shipments(status="ACCEPTED", locationId=shop.location.location_id).payload
    assert [shipment["id"] for shipment in listed["shipments"]] == [shipment_id]
    shipping.process_shipment(shipment_id, operation="CONFIRM")
    assert status() == "CONFIRMED"
    package = package_of(shipping.get_shipment(shipment_id).payload)
    shipping.create_packages(shipment_id, packages=[package])
    assert status() == "PACKAGE_CREATED"
    shipping.update_package(shipment_id, "PKG-1", **package)
    options = shipping.retrieve_shipping_options(shipment_id, packageId="PKG-1").payload
    assert status() == "PICKUP_SLOT_RETRIEVED"
    invoice = shipping.generate_invoice(shipment_id).payload["document"]
    assert base64.b64decode(invoice["content"]).startswith(b"%PDF-")
    assert shipping.retrieve_invoice(shipment_id).payload["document"] == invoice
    option_id = options["recommendedShippingOption"]["shippingOptionId"]
    wanted = {"packageIds": ["PKG-1"], "shippingOptionId": option_id, "operation": "GENERATE"}
    labels = shipping.generate_ship_labels(shipment_id, **wanted).payload["packageShipLabelList"]
    assert labels[0]["status"] == "SUCCESS"
    assert urllib.request.urlopen(labels[0]["fileData"]["url"]).read().startswith(b"^XA")
    shipping.update_package_status(shipment_id, "PKG-1", status="SHIPPED")
    assert status() == "SHIPPED"


def test_a_refusal_is_the_clients_exception(shop: Shop, shipping: ExternalFulfillmentShippingV20240911):
    """A shipment that is not there, and a step out of order, raise what the client has for their status."""
    with pytest.raises(SellingApiNotFoundException):
        shipping.get_shipment("no-such-shipment")
    with pytest.raises(SellingApiException) as refused:
        shipping.create_packages(shop.order().shipment_id, packages=[])
    assert refused.value.code == 400


def test_the_rate_is_in_the_answers_headers(shop: Shop, shipping: ExternalFulfillmentShippingV20240911):
    """The client reads the operation's rate."""
    answer = shipping.get_shipment(shop.order().shipment_id)
    assert float(answer.rate_limit) > 0


def test_stock_is_published_and_fetched(shop: Shop):
    """A batch of an update and a fetch."""
    inventory = ExternalFulfillmentInventoryV20240911(**given(shop, AccessTokenClient))
    where = f"locationId={shop.location.location_id}&skuId={quote(shop.sku.sku, safe='')}"
    body = {"marketplaceAttributes": {"channelName": "MFN", "marketplaceId": INDIA}}
    update = {"uri": f"/inventory/update?{where}", "method": "POST"}
    answer = inventory.batch_inventory(
        requests=[
            {**update, "body": {**body, "quantity": 12, "clientSequenceNumber": 5_000}},
            {"uri": f"/inventory/fetch?{where}", "method": "POST", "body": body},
        ]
    )
    assert [item["body"]["sellableQuantity"] for item in answer.payload["responses"]] == [12, 12]


def test_returns_are_listed_and_read(shop: Shop, shipping: ExternalFulfillmentShippingV20240911):
    """The two operations of the present version."""
    shipment_id = shop.order(program="SELLER_FLEX").shipment_id
    shipping.process_shipment(shipment_id, operation="CONFIRM")
    shipping.create_packages(shipment_id, packages=[package_of(shipping.get_shipment(shipment_id).payload)])
    shipping.generate_invoice(shipment_id)
    shipping.generate_ship_labels(shipment_id, operation="GENERATE", packageIds=["PKG-1"])
    shipping.update_package_status(shipment_id, "PKG-1", status="SHIPPED")
    made = shop.simulator.call(shop.simulator.world.create_return, ReturnSpec(shipment_id=shipment_id))
    returns = ExternalFulfillmentReturnsV20240911(**given(shop, AccessTokenClient))
    listed = returns.list_returns_get(returnLocationId=made.return_location_id, status="CREATED").payload
    assert [item["id"] for item in listed["returns"]] == [made.return_id]
    assert returns.get_return_get(made.return_id).payload["merchantSku"] == shop.sku.sku


async def test_the_asynchronous_client_works_too(shop: Shop):
    """Its asyncio twin reads and confirms."""
    shipment_id = shop.order().shipment_id
    async with AsyncShipping(**given(shop, AsyncLogin)) as client:
        await client.process_shipment(shipment_id, operation="CONFIRM")
        shipment = await client.get_shipment(shipment_id)
    assert shipment.payload["status"] == "CONFIRMED"
