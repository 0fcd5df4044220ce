"""What can be created, and what cannot."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.marketplaces import MARKETPLACES
from packline_sim.records import Shipment
from packline_sim.specs import Credentials, LineSpec, LocationSpec, ReturnSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import BadSpec, NotThere, World

Order = Callable[..., Shipment]


def test_sellers_live_in_every_region(world: World) -> None:
    """One simulator serves sellers of NA, EU and FE; each ships in its marketplace's money."""
    for marketplace in MARKETPLACES.values():
        spec = SellerSpec(name="X", region=marketplace.region, marketplace_ids=(marketplace.marketplace_id,))
        seller = world.create_seller(spec)
        world.create_location(seller.seller_id, LocationSpec())
        world.create_sku(seller.seller_id, SkuSpec())
        (shipment,) = world.create_shipments(seller.seller_id, ShipmentSpec())
        total = shipment.charges[0]["totalCharge"]["netAmount"]
        assert total["currencyCode"] == marketplace.currency
        assert shipment.ship_to.country == marketplace.country


def test_two_sellers_may_share_an_application(world: World) -> None:
    """A second seller authorises an application that exists; own ids and secrets are kept."""
    first = world.create_seller(SellerSpec(name="A", client_id="app", client_secret="s", refresh_token="r"))
    second = world.create_seller(SellerSpec(name="B", client_id="app", seller_id="B1"))
    assert (first.client_id, first.client_secret, first.refresh_token) == ("app", "s", "r")
    assert (second.application_id, second.client_secret) == (first.application_id, "s")
    with pytest.raises(BadSpec) as fault:
        world.create_seller(SellerSpec(name="C", refresh_token="r"))
    assert fault.value.field == "refresh_token"
    with pytest.raises(BadSpec) as fault:
        world.create_seller(SellerSpec(name="C", seller_id="B1"))
    assert fault.value.field == "seller_id"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda w, s: w.create_seller(SellerSpec(name="X", marketplace_ids=())), "marketplace_ids"),
        (lambda w, s: w.create_seller(SellerSpec(name="X", marketplace_ids=("?",))), "marketplace_id"),
        (lambda w, s: w.create_location(s, LocationSpec(location_id="LOC1")), "location_id"),
        (lambda w, s: w.create_location(s, LocationSpec(location_id="x" * 37)), "location_id"),
        (lambda w, s: w.create_location(s, LocationSpec(marketplace_id="ATVPDKIKX0DER")), "marketplace_id"),
        (lambda w, s: w.create_sku(s, SkuSpec(sku="KETTLE")), "sku"),
        (lambda w, s: w.create_sku(s, SkuSpec(weight_g=0)), "weight_g"),
        (lambda w, s: w.create_sku(s, SkuSpec(pieces=0)), "pieces"),
        (lambda w, s: w.create_sku(s, SkuSpec(price="free")), "price"),
        (lambda w, s: w.create_sku(s, SkuSpec(tax_rate="-0.1")), "tax_rate"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(location_id="NO")), "location_id"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(marketplace_id="A1PA6795UKMFR9")), "location_id"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(lines=(LineSpec(sku="NO"),))), "lines"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(lines=(LineSpec(sku="KETTLE", units=0),))), "lines"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(program="SELLER_FLEX", status="CREATED")), "status"),
        (lambda w, s: w.create_shipments(s, ShipmentSpec(shipment_type="EXCHANGE")), "original_shipment_id"),
        (lambda w, s: w.create_return(ReturnSpec(shipment_id="NO")), "shipment_id"),
    ],
)
def test_what_cannot_be_names_its_field(world: World, credentials: Credentials, make: Any, field: str) -> None:
    """A description that makes no sense is refused with the field to change."""
    with pytest.raises(BadSpec) as fault:
        make(world, credentials.seller_id)
    assert fault.value.field == field


def test_what_is_not_there_is_said(world: World, credentials: Credentials) -> None:
    """Unknown sellers, locations, SKUs and returns are NotThere with kind and id."""
    for make, kind in (
        (lambda: world.create_location("NO", LocationSpec()), "seller"),
        (lambda: world.create_sku(credentials.seller_id, SkuSpec(location_ids=("NO",))), "location"),
        (lambda: world.set_stock(credentials.seller_id, "LOC1", "NO"), "SKU"),
        (lambda: world.move_return("NO", "DELIVERED"), "return"),
        (lambda: world.cancel("NO"), "shipment"),
    ):
        with pytest.raises(NotThere) as fault:
            make()  # type: ignore[no-untyped-call]
        assert (fault.value.kind, fault.value.id) == (kind, "NO")


def test_orders_may_override_what_skus_say(order: Order) -> None:
    """Serial numbers and pieces can be demanded for one order; a missing package size hides the recommendation."""
    shipment = order(serial_required=True, multi_piece=True)
    assert (shipment.lines[0].serial_required, shipment.lines[0].pieces) == (True, 2)
    assert shipment.recommended_packages[0]["weight"] == {"value": "500", "weightUnit": "G"}


def test_invented_orders_draw_on_the_sellers_skus(world: World, credentials: Credentials) -> None:
    """Orders without lines get one or two of the seller's SKUs; without a size there is no recommended package."""
    world.create_sku(credentials.seller_id, SkuSpec(sku="CUP", has_recommended_package=False))
    made = world.create_shipments(credentials.seller_id, ShipmentSpec(count=30))
    assert {line.sku for shipment in made for line in shipment.lines} == {"KETTLE", "CUP"}
    for shipment in made:
        has_cup = any(line.sku == "CUP" for line in shipment.lines)
        assert (shipment.recommended_packages == []) == has_cup
