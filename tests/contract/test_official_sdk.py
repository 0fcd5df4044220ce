"""Amazon's official Python SDK (amzn-sp-api) against the simulator, with nothing changed but the address."""

import base64
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from spapi import (
    ApiClient,
    BatchInventoryApi,
    ReturnRetrievalApi,
    ShipmentProcessingApi,
    ShipmentRetrievalApi,
    SPAPIClient,
    SPAPIConfig,
)
from spapi.models.external_fulfillment_inventory_v2024_09_11 import (
    BatchInventoryRequest,
    InventoryRequest,
    InventoryRequestParams,
    MarketplaceAttributes,
)
from spapi.models.external_fulfillment_shipments_v2024_09_11 import (
    CourierSupportedAttributes,
    LineItem,
    LineItemWithReason,
    Package,
    PackageDeliveryStatus,
    PackageLineItem,
    Packages,
    ShipLabelsInput,
    ShipmentAcknowledgementRequest,
)
from spapi.rest import ApiException

from contract.conftest import GERMANY, INDIA
from contract.simulator import Shop, open_shop
from packline_sim.specs import ReturnSpec


def client_of(shop: Shop) -> ApiClient:
    """Configure the SDK as its documentation says, with the simulator's address."""
    credentials = shop.credentials
    config = SPAPIConfig(
        credentials.client_id, credentials.client_secret, credentials.refresh_token, credentials.region
    )
    address = shop.simulator.address
    return SPAPIClient(config, oauth_endpoint=f"{address}/auth/o2/token", endpoint=address).api_client


class Desk:
    """Hold the SDK's clients for one shop."""

    def __init__(self, shop: Shop) -> None:
        client = client_of(shop)
        self.shop = shop
        self.retrieval = ShipmentRetrievalApi(client)
        self.processing = ShipmentProcessingApi(client)
        self.inventory = BatchInventoryApi(client)
        self.returns = ReturnRetrievalApi(client)

    def status(self, shipment_id: str) -> str:
        """Ask Amazon where a shipment stands."""
        return self.retrieval.get_shipment(shipment_id).status

    def package(self, shipment_id: str, package_id: str = "PKG-1") -> Package:
        """Build a package from Amazon's first recommendation, holding all units of the first line."""
        shipment = self.retrieval.get_shipment(shipment_id)
        recommended, line = shipment.shipping_info.recommended_packages[0], shipment.line_items[0]
        items = [PackageLineItem(package_line_item_id=line.shipment_line_item_id, quantity=line.number_of_units)]
        return Package(
            id=package_id, dimensions=recommended.dimensions, weight=recommended.weight, package_line_items=items
        )

    def pack(self, shipment_id: str) -> None:
        """Confirm and pack."""
        self.processing.process_shipment(shipment_id, "CONFIRM")
        self.processing.create_packages(shipment_id, Packages(packages=[self.package(shipment_id)]))


@pytest.fixture
def desk(shop: Shop) -> Desk:
    """Give the SDK's clients for an Indian shop."""
    return Desk(shop)


def refusal(call, *arguments, **options) -> ApiException:
    """Make a call that Amazon refuses and give the SDK's exception."""
    with pytest.raises(ApiException) as refused:
        call(*arguments, **options)
    return refused.value


def test_a_shipment_goes_through_every_operation(desk: Desk):
    """From the order to the carrier's hands; after each call Amazon's status is the documented one."""
    processing, shipment_id = desk.processing, desk.shop.order(program="EASY_SHIP").shipment_id
    listed = desk.retrieval.get_shipments("ACCEPTED", location_id=desk.shop.location.location_id)
    assert [shipment.id for shipment in listed.shipments] == [shipment_id]

    assert processing.process_shipment(shipment_id, "CONFIRM") is None
    assert desk.status(shipment_id) == "CONFIRMED"
    processing.create_packages(shipment_id, Packages(packages=[desk.package(shipment_id)]))
    assert desk.status(shipment_id) == "PACKAGE_CREATED"
    processing.update_package(shipment_id, "PKG-1", desk.package(shipment_id))
    assert desk.status(shipment_id) == "PACKAGE_CREATED"

    options = processing.retrieve_shipping_options(shipment_id, "PKG-1")
    option_id = options.recommended_shipping_option.shipping_option_id
    assert option_id in {option.shipping_option_id for option in options.shipping_options}
    assert desk.status(shipment_id) == "PICKUP_SLOT_RETRIEVED"

    generated = processing.generate_invoice(shipment_id)
    assert generated.document.format == "PDF"
    assert base64.b64decode(generated.document.content).startswith(b"%PDF-")
    assert processing.retrieve_invoice(shipment_id).document.content == generated.document.content
    assert desk.status(shipment_id) == "INVOICE_GENERATED"

    body = ShipLabelsInput(package_ids=["PKG-1"])
    labels = processing.generate_ship_labels(shipment_id, "GENERATE", shipping_option_id=option_id, body=body)
    label = labels.package_ship_label_list[0]
    assert (label.package_id, label.status) == ("PKG-1", "SUCCESS")
    assert label.ship_label_metadata.tracking_id
    with urllib.request.urlopen(label.file_data.url) as file:
        assert file.headers["Content-Type"].startswith("x.application/zpl")
        assert label.ship_label_metadata.tracking_id.encode() in file.read()
    assert desk.status(shipment_id) == "SHIPLABEL_GENERATED"
    again = processing.generate_ship_labels(shipment_id, "REGENERATE", shipping_option_id=option_id, body=body)
    assert again.package_ship_label_list[0].status == "SUCCESS"

    processing.update_package_status(shipment_id, "PKG-1", body=PackageDeliveryStatus(status="SHIPPED"))
    assert desk.status(shipment_id) == "SHIPPED"


def test_a_shipment_is_rejected_with_a_reason(desk: Desk):
    """REJECT with a reference and a reason for each line ends in CANCELLED by the seller."""
    shipment_id = desk.shop.order().shipment_id
    line = desk.retrieval.get_shipment(shipment_id).line_items[0]
    item = LineItemWithReason(LineItem(id=line.shipment_line_item_id, quantity=0), reason="OUT_OF_STOCK")
    body = ShipmentAcknowledgementRequest(reference_id="REJECT-1", line_items=[item])
    desk.processing.process_shipment(shipment_id, "REJECT", body=body)
    cancelled = desk.retrieval.get_shipment(shipment_id)
    assert cancelled.status == "CANCELLED"
    assert cancelled.line_items[0].cancellations[0].cancellation_type == "SELLER_REJECTED"


def test_lists_are_paged_and_filtered(desk: Desk):
    """Pages follow by token, even after an empty one, each shipment once; a filter that matches nothing is empty."""
    world = desk.shop.simulator.world
    desk.shop.simulator.call(world.switches.update, {"empty_pages": "always_first"})
    ordered = {shipment.shipment_id for shipment in desk.shop.orders(7)}
    seen, token, calls = [], None, 0
    while token or not calls:
        more = {"pagination_token": token} if token else {}
        page = desk.retrieval.get_shipments("ACCEPTED", marketplace_id=INDIA, max_results=3, **more)
        seen += [shipment.id for shipment in page.shipments]
        token, calls = page.pagination.next_token if page.pagination else None, calls + 1
    assert (sorted(seen), len(set(seen))) == (sorted(ordered), 7)
    assert calls == 4
    assert desk.retrieval.get_shipments("DELIVERED").shipments == []
    assert desk.retrieval.get_shipments("ACCEPTED", last_updated_before="2001-01-01T00:00:00Z").shipments == []


def test_answers_carry_amazons_headers(desk: Desk):
    """Every answer names its request and the operation's rate."""
    shipment_id = desk.shop.order().shipment_id
    shipment, status, headers = desk.retrieval.get_shipment_with_http_info(shipment_id)
    assert (shipment.id, status) == (shipment_id, 200)
    assert float(headers["x-amzn-RateLimit-Limit"]) > 0
    assert headers["x-amzn-RequestId"]


def test_a_call_in_a_thread_of_the_sdk_gives_the_same(desk: Desk):
    """async_req=True answers through the SDK's own threads."""
    shipment_id = desk.shop.order().shipment_id
    threads = [desk.retrieval.get_shipment(shipment_id, async_req=True) for _ in range(8)]
    assert {thread.get(10).id for thread in threads} == {shipment_id}


def test_refusals_arrive_as_the_sdks_exceptions(desk: Desk):
    """Unknown ids, steps out of order, foreign quantities and empty sizes are refused with Amazon's status."""
    processing, shipment_id = desk.processing, desk.shop.order(program="EASY_SHIP").shipment_id
    unknown = refusal(desk.retrieval.get_shipment, "no-such-shipment")
    assert (unknown.status, "NotFound" in unknown.body) == (404, True)
    body = ShipLabelsInput(package_ids=["PKG-1"])
    assert refusal(processing.generate_ship_labels, shipment_id, "GENERATE", body=body).status == 400
    assert refusal(processing.process_shipment, shipment_id, "MAYBE").status == 400
    assert refusal(processing.retrieve_invoice, shipment_id).status == 404
    processing.process_shipment(shipment_id, "CONFIRM")
    for attribute, value in (("weight", {"value": "0", "weightUnit": "G"}), ("package_line_items", [])):
        package = desk.package(shipment_id)
        setattr(package, attribute, value)
        assert refusal(processing.create_packages, shipment_id, Packages(packages=[package])).status == 400
    package = desk.package(shipment_id)
    package.package_line_items[0].quantity = 99
    assert refusal(processing.create_packages, shipment_id, Packages(packages=[package])).status == 400
    assert desk.status(shipment_id) == "CONFIRMED"


def test_a_cancelled_shipment_refuses_every_write(desk: Desk):
    """After the buyer's cancellation nothing has effect."""
    shipment_id = desk.shop.order(program="EASY_SHIP").shipment_id
    desk.pack(shipment_id)
    body = Packages(packages=[desk.package(shipment_id)])
    desk.shop.simulator.call(desk.shop.simulator.world.cancel, shipment_id, "BUYER")
    calls = (
        (desk.processing.process_shipment, (shipment_id, "CONFIRM"), {}),
        (desk.processing.create_packages, (shipment_id, body), {}),
        (desk.processing.update_package, (shipment_id, "PKG-1", body.packages[0]), {}),
        (desk.processing.generate_invoice, (shipment_id,), {}),
        (desk.processing.generate_ship_labels, (shipment_id, "GENERATE"), {"body": ShipLabelsInput(["PKG-1"])}),
        (desk.processing.update_package_status, (shipment_id, "PKG-1"), {"body": PackageDeliveryStatus("SHIPPED")}),
    )
    assert {refusal(call, *arguments, **options).status for call, arguments, options in calls} == {422}
    assert desk.status(shipment_id) == "CANCELLED"


def test_a_seller_cannot_see_anothers_shipments(desk: Desk):
    """A shipment of another seller is not found, and not listed."""
    other = Desk(open_shop(desk.shop.simulator, marketplace_id=INDIA))
    shipment_id = desk.shop.order().shipment_id
    assert refusal(other.retrieval.get_shipment, shipment_id).status == 404
    assert refusal(other.processing.process_shipment, shipment_id, "CONFIRM").status == 404
    assert other.retrieval.get_shipments("ACCEPTED").shipments == []


def test_a_marketplace_of_another_region_is_refused(desk: Desk):
    """An account in Europe cannot ask for a marketplace in North America."""
    assert refusal(desk.retrieval.get_shipments, "ACCEPTED", marketplace_id="ATVPDKIKX0DER").status in {400, 403}


def test_self_ship_carries_the_sellers_courier(simulator):
    """Carrier and tracking id that a seller brings are on the label and in its metadata."""
    desk = Desk(open_shop(simulator, marketplace_id=GERMANY))
    shipment_id = desk.shop.order(program="SELF_SHIP").shipment_id
    desk.pack(shipment_id)
    options = desk.processing.retrieve_shipping_options(shipment_id, "PKG-1").shipping_options
    option = next(option for option in options if option.ship_by == "THIRD_PARTY_CARRIER")
    courier = CourierSupportedAttributes(carrier_name="Paketbote", tracking_id="PB-0042")
    body = ShipLabelsInput(package_ids=["PKG-1"], courier_supported_attributes=courier)
    answer = desk.processing.generate_ship_labels(
        shipment_id, "GENERATE", shipping_option_id=option.shipping_option_id, body=body
    )
    label = answer.package_ship_label_list[0]
    assert (label.ship_label_metadata.carrier_name, label.ship_label_metadata.tracking_id) == ("Paketbote", "PB-0042")


def test_an_address_of_a_label_expires(desk: Desk):
    """A signed address answers for its time only, and only as it was signed."""
    shipment_id = desk.shop.order(program="SELLER_FLEX").shipment_id
    desk.pack(shipment_id)
    desk.processing.generate_invoice(shipment_id)
    answer = desk.processing.generate_ship_labels(shipment_id, "GENERATE", body=ShipLabelsInput(["PKG-1"]))
    url = answer.package_ship_label_list[0].file_data.url
    assert urllib.request.urlopen(url).status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url[:-1] + ("0" if url[-1] != "0" else "1"))
    desk.shop.simulator.call(desk.shop.simulator.world.clock.advance, 3600)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)


def stock_request(shop: Shop, verb: str, **body: int) -> InventoryRequest:
    """Build one request of a batch as Amazon's guide does: the SKU URL-encoded."""
    place, sku = shop.location.location_id, quote(shop.sku.sku, safe="")
    attributes = MarketplaceAttributes(channel_name="MFN", marketplace_id=shop.location.marketplace_id)
    params = InventoryRequestParams(marketplace_attributes=attributes, **body)
    return InventoryRequest(f"/inventory/{verb}?locationId={place}&skuId={sku}", "POST", params)


def test_stock_is_published_and_fetched(desk: Desk):
    """An update sets the quantity, a fetch reads it, an old sequence number is refused inside a 207."""
    request = BatchInventoryRequest(
        requests=[
            stock_request(desk.shop, "update", quantity=40, client_sequence_number=1_000),
            stock_request(desk.shop, "fetch"),
            stock_request(desk.shop, "update", quantity=7, client_sequence_number=1_000),
        ]
    )
    updated, fetched, stale = desk.inventory.batch_inventory(request).responses
    assert (updated.status.status_code, updated.body.sellable_quantity) == (200, 40)
    assert (fetched.body.client_sequence_number, fetched.body.sellable_quantity) == (1_000, 40)
    assert fetched.body.sku_id == desk.shop.sku.sku
    assert stale.status.status_code == 400
    assert stale.body.actionable_errors[0].error_type == "STALE_DATA"


def test_a_batch_of_eleven_is_refused(desk: Desk):
    """Ten requests are the most of one batch."""
    # As plain data: the SDK's own model refuses an eleventh request before anything is sent.
    refused = refusal(desk.inventory.batch_inventory, {"requests": [stock_request(desk.shop, "fetch")] * 11})
    assert (refused.status, "BATCH_SIZE_EXCEED" in refused.body) == (400, True)


def test_returns_are_listed_and_read(desk: Desk):
    """A buyer's return is found by its location and status, and read by its id."""
    shop, world = desk.shop, desk.shop.simulator.world
    shipment_id = shop.order(program="SELLER_FLEX").shipment_id
    desk.pack(shipment_id)
    desk.processing.generate_invoice(shipment_id)
    desk.processing.generate_ship_labels(shipment_id, "GENERATE", body=ShipLabelsInput(["PKG-1"]))
    desk.processing.update_package_status(shipment_id, "PKG-1", body=PackageDeliveryStatus("SHIPPED"))
    made = shop.simulator.call(world.create_return, ReturnSpec(shipment_id=shipment_id))
    listed = desk.returns.list_returns(return_location_id=made.return_location_id, status="CREATED", max_results=5)
    assert [item.id for item in listed.returns] == [made.return_id]
    assert desk.returns.get_return(made.return_id).merchant_sku == shop.sku.sku
    assert refusal(desk.returns.get_return, "no-such-return").status == 404
    assert refusal(desk.returns.list_returns, last_updated_since="2026-01-01T00:00:00Z").status == 400


def test_more_calls_than_the_rate_are_throttled(desk: Desk):
    """At a rate like Amazon's the burst is served, the next call is refused with 429 and its code."""
    desk.shop.simulator.rate(2, 4)
    served = []

    def flood() -> None:
        served.extend(desk.retrieval.get_shipments("ACCEPTED") for _ in range(100))

    refused = refusal(flood)
    assert 4 <= len(served) < 20
    assert refused.status == 429
    assert "QuotaExceeded" in refused.body or "RateLimited" in refused.body
    assert refused.headers["x-amzn-RequestId"]
