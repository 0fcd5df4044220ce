"""A shipment's way from the order to the carrier, for each program."""

from base64 import b64decode
from collections.abc import Callable

import pytest

from packline_sim.records import Shipment
from packline_sim.specs import Credentials, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import Client, package_of

Order = Callable[..., Shipment]


async def test_easy_ship_in_india_passes_every_status(client: Client, order: Order) -> None:
    """Each call moves the shipment one status along the documented sequence."""
    shipment = order(units=2)
    assert shipment.status == "ACCEPTED"
    assert (await client.confirm(shipment)).status == 204
    assert (await client.pack(shipment)).status == 204
    assert shipment.status == "PACKAGE_CREATED"
    options = (await client.options(shipment)).json()
    assert options["recommendedShippingOption"] == options["shippingOptions"][0]
    assert shipment.status == "PICKUP_SLOT_RETRIEVED"
    invoice = (await client.invoice(shipment)).json()["document"]
    assert invoice["format"] == "PDF"
    assert b64decode(invoice["content"]).startswith(b"%PDF")
    assert shipment.status == "INVOICE_GENERATED"
    chosen = options["shippingOptions"][1]
    label = (await client.label(shipment, {"packageIds": ["PKG-1"]}, option=chosen["shippingOptionId"])).json()
    entry = label["packageShipLabelList"][0]
    assert entry["status"] == "SUCCESS"
    assert entry["shipLabelMetadata"]["pickupWindow"] == chosen["pickupWindow"]
    assert shipment.status == "SHIPLABEL_GENERATED"
    assert (await client.status(shipment, {"status": "SHIPPED"})).status == 204
    assert (await client.status(shipment, {"status": "DELIVERED"})).status == 204
    body = await client.show(shipment)
    assert body["status"] == "DELIVERED"
    assert body["shipmentRequirements"]["invoice"]["status"] == "AVAILABLE"


async def test_seller_flex_has_no_options_and_needs_none(client: Client, order: Order) -> None:
    """Seller Flex gets an empty answer to the options call, may leave it out, and sends no option id."""
    asked, skipped = order(program="SELLER_FLEX"), order(program="SELLER_FLEX")
    await client.bring_to(asked, "PACKAGE_CREATED")
    assert (await client.options(asked)).json() == {"shippingOptions": []}
    await client.bring_to(asked, "SHIPLABEL_GENERATED")
    await client.bring_to(skipped, "PACKAGE_CREATED")
    assert (await client.invoice(skipped)).status == 200
    assert (await client.label(skipped)).status == 200
    assert (await client.show(skipped))["shippingInfo"]["shipToAddress"].keys() == {"postalCode"}
    assert (await client.label(skipped, operation="REGENERATE", option="any")).status == 200


async def test_self_ship_echoes_the_sellers_own_carrier(client: Client, order: Order) -> None:
    """With a third-party carrier the label carries the courier and tracking id that the seller sent."""
    shipment = order(program="SELF_SHIP")
    await client.bring_to(shipment, "PICKUP_SLOT_RETRIEVED")
    options = (await client.options(shipment)).json()["shippingOptions"]
    hired = next(option for option in options if option["shipBy"] == "THIRD_PARTY_CARRIER")["shippingOptionId"]
    await client.invoice(shipment)
    missing = (await client.label(shipment, {"packageIds": ["PKG-1"]}, option=hired)).json()
    assert missing["packageShipLabelList"][0]["status"] == "FAILURE"
    assert shipment.status == "INVOICE_GENERATED"
    courier = {"carrierName": "Sample Express", "trackingId": "SE-1"}
    body = {"packageIds": ["PKG-1"], "courierSupportedAttributes": courier}
    made = (await client.label(shipment, body, option=hired)).json()["packageShipLabelList"][0]
    assert made["shipLabelMetadata"]["trackingId"] == "SE-1"
    assert shipment.status == "SHIPLABEL_GENERATED"


@pytest.mark.parametrize(("marketplace", "country"), [("A2VIGQ35RCS4UG", "AE"), ("A1PA6795UKMFR9", "DE")])
async def test_easy_ship_outside_india_skips_the_invoice(client: Client, marketplace: str, country: str) -> None:
    """Outside India there is no invoice, and slots are offered for pickup and drop-off."""
    world = client.world
    seller = world.create_seller(SellerSpec(name="Dune Goods", marketplace_ids=(marketplace,)))
    world.create_location(seller.seller_id, LocationSpec(label_format="PNG"))
    world.create_sku(seller.seller_id, SkuSpec())
    shipment = world.create_shipments(seller.seller_id, ShipmentSpec())[0]
    abroad = Client(client.app, seller)
    await abroad.bring_to(shipment, "PICKUP_SLOT_RETRIEVED")
    assert (await abroad.invoice(shipment)).status == 400
    options = (await abroad.options(shipment)).json()["shippingOptions"]
    dropoff = next(option for option in options if option["timeSlot"]["handoverMethod"] == "DROPOFF")
    assert dropoff["handoverLocation"]["address"]["countryCode"] == country
    assert (await abroad.label(shipment, option=dropoff["shippingOptionId"])).status == 200
    assert (shipment.status, shipment.sub_status) == ("SHIPLABEL_GENERATED", "PENDING_DROP_OFF")


async def test_a_carrier_scan_ships_and_delivers(client: Client, order: Order, world: World) -> None:
    """The carrier moves labelled packages without any call of the seller."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    world.carrier_scan(shipment.shipment_id)
    assert (shipment.status, shipment.sub_status) == ("SHIPPED", "PICKED_UP")
    world.carrier_scan(shipment.shipment_id, "OUT_FOR_DELIVERY")
    world.carrier_scan(shipment.shipment_id, "DELIVERED")
    assert shipment.status == "DELIVERED"


async def test_two_packages_ship_one_by_one(client: Client, order: Order) -> None:
    """The shipment is SHIPPED only when all of its packages are."""
    shipment = order(units=2)
    await client.confirm(shipment)
    item = {"packageLineItemId": "1", "quantity": 1}
    await client.pack(shipment, *(package_of(shipment, name, packageLineItems=[item]) for name in ("PKG-1", "PKG-2")))
    for name in ("PKG-1", "PKG-2"):
        await client.options(shipment, name)
    await client.invoice(shipment)
    await client.label(shipment, {"packageIds": ["PKG-1"]})
    assert shipment.status == "INVOICE_GENERATED"
    await client.label(shipment, {"packageIds": ["PKG-2"]})
    assert shipment.status == "SHIPLABEL_GENERATED"
    await client.status(shipment, {"status": "SHIPPED"}, "PKG-1")
    assert shipment.status == "SHIPLABEL_GENERATED"
    await client.status(shipment, {"status": "SHIPPED"}, "PKG-2")
    assert shipment.status == "SHIPPED"


def test_the_seller_of_the_fixture_sells_in_india(credentials: Credentials) -> None:
    """The journeys above are Indian ones."""
    assert credentials.marketplace_ids == ("A21TJRUUN4KGV",)
