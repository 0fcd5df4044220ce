"""Amazon's published order-processing recipe, step by step with the official SDK, for each program and marketplace."""

import time
import urllib.request

import pytest
import zxingcpp
from PIL import Image
from spapi import ApiClient, ShipmentProcessingApi, ShipmentRetrievalApi, SPAPIClient, SPAPIConfig
from spapi.models.external_fulfillment_shipments_v2024_09_11 import Package, PackageLineItem, Packages, ShipLabelsInput

from contract.conftest import GERMANY, INDIA, UAE
from contract.simulator import RunningSimulator, Shop, open_shop

LABELS = {"PNG": "image/png", "PDF": "application/pdf", "ZPL": "x.application/zpl"}


class Recipe:
    """Process the first open order of a shop as the recipe does."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        client = self._client()
        self.retrieval, self.processing = ShipmentRetrievalApi(client), ShipmentProcessingApi(client)
        self.package_id = f"PKG-{int(time.time())}"

    def _client(self) -> ApiClient:
        credentials, address = self.shop.credentials, self.shop.simulator.address
        config = SPAPIConfig(credentials.client_id, credentials.client_secret, credentials.refresh_token, "EU")
        return SPAPIClient(config, oauth_endpoint=f"{address}/auth/o2/token", endpoint=address).api_client

    def fetch(self, status: str) -> str:
        """Find the first open shipment."""
        found = self.retrieval.get_shipments(status, marketplace_id=self.shop.location.marketplace_id).shipments
        self.shipment = found[0]
        return self.shipment.id

    def confirm_and_pack(self) -> None:
        """Confirm, and pack one unit of the first line as Amazon recommends."""
        recommended = self.shipment.shipping_info.recommended_packages[0]
        item = PackageLineItem(package_line_item_id=self.shipment.line_items[0].shipment_line_item_id, quantity=1)
        package = Package(
            id=self.package_id,
            dimensions=recommended.dimensions,
            weight=recommended.weight,
            package_line_items=[item],
        )
        self.processing.process_shipment(shipment_id=self.shipment.id, operation="CONFIRM")
        self.processing.create_packages(shipment_id=self.shipment.id, body=Packages(packages=[package]))

    def choose(self) -> str | None:
        """Take the recommended option, else the first, else none."""
        answer = self.processing.retrieve_shipping_options(shipment_id=self.shipment.id, package_id=self.package_id)
        options = [answer.recommended_shipping_option, *(answer.shipping_options or [])]
        return next((option.shipping_option_id for option in options if option), None)

    def label(self, option_id: str | None):
        """Generate the label with the option, if there is one."""
        chosen = {"shipping_option_id": option_id} if option_id else {}
        body = ShipLabelsInput(package_ids=[self.package_id])
        answer = self.processing.generate_ship_labels(self.shipment.id, "GENERATE", body=body, **chosen)
        return answer.package_ship_label_list[0]


def downloaded(label) -> tuple[str, bytes]:
    """Fetch a label as the recipe does: a plain GET, its type from the answer's header."""
    with urllib.request.urlopen(label.file_data.url) as answer:
        return answer.headers["Content-Type"].split(";")[0], answer.read()


@pytest.mark.parametrize(
    ("program", "marketplace_id", "has_options", "needs_invoice"),
    [
        ("SELLER_FLEX", INDIA, False, True),
        ("SELLER_FLEX", GERMANY, False, False),
        ("EASY_SHIP", INDIA, True, True),
        ("EASY_SHIP", UAE, True, False),
        ("EASY_SHIP", GERMANY, True, False),
        ("SELF_SHIP", INDIA, True, True),
        ("SELF_SHIP", UAE, True, False),
        ("SELF_SHIP", GERMANY, True, False),
    ],
)
def test_the_recipe_ends_with_a_label(
    simulator: RunningSimulator, program: str, marketplace_id: str, has_options: bool, needs_invoice: bool
):
    """Fetch, confirm, pack, choose, invoice where India asks for it, label, download; the code on the label scans."""
    shop = open_shop(simulator, marketplace_id=marketplace_id, label_format="PNG")
    ordered = shop.order(program=program).shipment_id
    recipe = Recipe(shop)
    assert recipe.fetch("ACCEPTED") == ordered
    recipe.confirm_and_pack()
    option_id = recipe.choose()
    assert (option_id is not None) == has_options
    assert (recipe.shipment.shipment_requirements.invoice.requirement == "REQUIRED") == needs_invoice
    if needs_invoice:
        assert recipe.processing.generate_invoice(ordered).document.format == "PDF"
    label = recipe.label(option_id)
    assert (label.status, label.package_id) == ("SUCCESS", recipe.package_id)
    kind, content = downloaded(label)
    assert kind == "image/png"
    codes = {code.text for code in zxingcpp.read_barcodes(_picture(content))}
    assert label.ship_label_metadata.tracking_id in codes
    assert recipe.retrieval.get_shipment(ordered).status == "SHIPLABEL_GENERATED"


@pytest.mark.parametrize("label_format", ["ZPL", "PNG", "PDF"])
def test_a_label_comes_in_the_locations_format(simulator: RunningSimulator, label_format: str):
    """The seller's setup decides the format; the answer's header tells it."""
    shop = open_shop(simulator, marketplace_id=GERMANY, label_format=label_format)
    shop.order(program="EASY_SHIP")
    recipe = Recipe(shop)
    recipe.fetch("ACCEPTED")
    recipe.confirm_and_pack()
    kind, content = downloaded(recipe.label(recipe.choose()))
    assert kind == LABELS[label_format]
    assert content.startswith({"ZPL": b"^XA", "PNG": b"\x89PNG", "PDF": b"%PDF-"}[label_format])


def test_the_recipe_works_on_orders_that_wait_for_listings_stock(simulator: RunningSimulator):
    """A seller whose stock is on listings finds new work as CREATED and confirms it from there."""
    shop = open_shop(simulator, marketplace_id=GERMANY, stock_source="LISTINGS")
    ordered = shop.order(program="EASY_SHIP").shipment_id
    recipe = Recipe(shop)
    assert recipe.fetch("CREATED") == ordered
    recipe.confirm_and_pack()
    assert recipe.label(recipe.choose()).status == "SUCCESS"


def test_in_india_the_recipe_alone_is_refused_a_label(simulator: RunningSimulator):
    """The recipe leaves the invoice out; where one is required the label waits for it."""
    shop = open_shop(simulator, marketplace_id=INDIA)
    shop.order(program="EASY_SHIP")
    recipe = Recipe(shop)
    recipe.fetch("ACCEPTED")
    recipe.confirm_and_pack()
    option_id = recipe.choose()
    with pytest.raises(Exception, match="400"):
        recipe.label(option_id)
    recipe.processing.generate_invoice(recipe.shipment.id)
    assert recipe.label(option_id).status == "SUCCESS"


def _picture(content: bytes) -> Image.Image:
    import io

    return Image.open(io.BytesIO(content))
