"""Labels: regeneration, updates of packages, expiring slots and addresses."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.records import Shipment
from packline_sim.specs import LocationSpec
from packline_sim.world import World
from sim.core.driving import Client, package_of

Order = Callable[..., Shipment]


def entry(answer: Any) -> Any:
    return answer.json()["packageShipLabelList"][0]


async def fetch(client: Client, url: str) -> Any:
    return await client.send("GET", url.removeprefix("http://amazon.test"), b"", {})


async def test_regenerate_gives_the_same_label_behind_a_fresh_address(client: Client, order: Order) -> None:
    """With package and option unchanged the tracking id stays and only the address is new."""
    shipment = order()
    await client.bring_to(shipment, "INVOICE_GENERATED")
    first, again = entry(await client.label(shipment)), entry(await client.label(shipment, operation="REGENERATE"))
    assert first["shipLabelMetadata"] == again["shipLabelMetadata"]
    assert first["fileData"]["url"] != again["fileData"]["url"]
    assert (await fetch(client, first["fileData"]["url"])).body == (await fetch(client, again["fileData"]["url"])).body
    client.world.switches.update({"regenerate_label": "new_tracking"})
    fresh = entry(await client.label(shipment, operation="REGENERATE"))
    assert fresh["shipLabelMetadata"]["trackingId"] != first["shipLabelMetadata"]["trackingId"]
    assert [label.voided_ms is None for label in shipment.packages["PKG-1"].labels] == [False, True]


async def test_a_new_option_makes_a_new_label(client: Client, order: Order) -> None:
    """REGENERATE with another option voids the old label."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    options = (await client.options(shipment)).json()["shippingOptions"]
    fresh = entry(await client.label(shipment, operation="REGENERATE", option=options[3]["shippingOptionId"]))
    assert fresh["shipLabelMetadata"]["shippingOptionId"] == options[3]["shippingOptionId"]
    first, second = shipment.packages["PKG-1"].labels
    assert first.void_reason == "label regenerated"
    assert second.voided_ms is None


async def test_an_address_expires_after_300_seconds(client: Client, order: Order, world: World) -> None:
    """The signed address answers with the label's type, then 403; a tampered one is 403 at once."""
    shipment = order()
    await client.bring_to(shipment, "INVOICE_GENERATED")
    url = entry(await client.label(shipment))["fileData"]["url"]
    good = await fetch(client, url)
    assert (good.status, good.headers["content-type"]) == (200, "x.application/zpl")
    assert good.body.startswith(b"^XA")
    assert (await fetch(client, url.replace("expires=1", "expires=2"))).status == 403
    assert (await fetch(client, url.partition("?")[0])).status == 403
    world.clock.advance(300)
    expired = await fetch(client, url)
    assert (expired.status, expired.headers["content-type"]) == (403, "application/xml")
    again = entry(await client.label(shipment, operation="REGENERATE"))["fileData"]["url"]
    assert (await fetch(client, again)).status == 200


@pytest.mark.parametrize(("form", "start"), [("PNG", b"\x89PNG"), ("PDF", b"%PDF")])
async def test_labels_come_in_the_locations_format(
    client: Client, order: Order, world: World, form: Any, start: bytes
) -> None:
    """A location's label format decides what the file is."""
    world.create_location(client.credentials.seller_id, LocationSpec(location_id="DOCK", label_format=form))
    world.set_stock(client.credentials.seller_id, "DOCK", "KETTLE", on_hand=5, quantity=5)
    shipment = order(location_id="DOCK", cash_on_delivery=True, gift=True, gift_message="For you")
    await client.bring_to(shipment, "INVOICE_GENERATED")
    assert (await fetch(client, entry(await client.label(shipment))["fileData"]["url"])).body.startswith(start)


async def test_an_option_expires_when_its_window_begins(client: Client, order: Order, world: World) -> None:
    """A slot in the past fails the package and names the parameter; a fresh one works."""
    shipment = order()
    await client.bring_to(shipment, "INVOICE_GENERATED")
    option = (await client.options(shipment)).json()["shippingOptions"][0]
    world.clock.advance(option["timeSlot"]["startTime"] - world.clock.now_ms() / 1000)
    await client.sign_in()
    failed = entry(await client.label(shipment, option=option["shippingOptionId"]))
    assert failed["status"] == "FAILURE"
    assert "shippingOptionId" in failed["errorDetails"]["message"]
    world.switches.update({"label_failure": "whole_call"})
    assert (await client.label(shipment, option=option["shippingOptionId"])).status == 400
    assert (await client.label(shipment, option="never-offered")).status == 400
    assert entry(await client.label(shipment))["status"] == "SUCCESS"


async def test_slots_keep_to_the_calendar(client: Client, order: Order, world: World) -> None:
    """Windows begin at least an hour ahead, on working days, at the marketplace's hours."""
    shipment = order()
    await client.bring_to(shipment, "PACKAGE_CREATED")
    options = (await client.options(shipment)).json()["shippingOptions"]
    starts = [option["timeSlot"]["startTime"] for option in options]
    assert starts == sorted(starts)
    assert starts[0] * 1000 > world.clock.now_ms() + 3_600_000
    assert {(start + 19_800) % 86_400 // 3600 for start in starts} <= {10, 14, 17}


async def test_an_update_after_the_label_starts_over(client: Client, order: Order) -> None:
    """updatePackage ends the label; options, invoice and label follow again, with one invoice number."""
    shipment = order()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    invoice, old = shipment.invoice, shipment.packages["PKG-1"].labels[0]
    assert (
        await client.repack(shipment, package_of(shipment, weight={"value": "1", "weightUnit": "KG"}))
    ).status == 204
    assert (shipment.status, shipment.sub_status) == ("PACKAGE_CREATED", "LABEL_CANCELED")
    assert old.voided_ms is not None
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert shipment.invoice == invoice
    assert shipment.packages["PKG-1"].live_label is not old
    await client.bring_to(shipment, "SHIPPED")
    assert (await client.repack(shipment, package_of(shipment))).status == 400


async def test_an_update_keeps_the_package_and_its_units(client: Client, order: Order, world: World) -> None:
    """The body must name the path's package and still pack every unit; a switch stops updates earlier."""
    shipment = order(units=2)
    await client.bring_to(shipment, "INVOICE_GENERATED")
    assert (await client.repack(shipment, package_of(shipment, "OTHER"), "PKG-1")).status == 400
    short = package_of(shipment, packageLineItems=[{"packageLineItemId": "1", "quantity": 1}])
    assert (await client.repack(shipment, short)).status == 400
    world.switches.update({"update_package_until": "invoice"})
    assert (await client.repack(shipment, package_of(shipment))).status == 400


async def test_partial_packing_can_append(client: Client, order: Order, world: World) -> None:
    """With partial_packing=append packages may follow until every unit is packed, never more."""
    world.switches.update({"partial_packing": "append"})
    shipment = order(units=2)
    await client.confirm(shipment)
    item = [{"packageLineItemId": "1", "quantity": 1}]
    for name in ("PKG-1", "PKG-2"):
        assert (await client.pack(shipment, package_of(shipment, name, packageLineItems=item))).status == 204
    assert (await client.pack(shipment, package_of(shipment, "PKG-3", packageLineItems=item))).status == 400


async def test_invoices_are_numbered_without_gaps_and_kept(client: Client, order: Order) -> None:
    """generateInvoice repeated gives the same invoice; retrieveInvoice is 404 before it exists."""
    first, second = order(), order()
    for shipment in (first, second):
        await client.bring_to(shipment, "PICKUP_SLOT_RETRIEVED")
    path = f"/externalFulfillment/2024-09-11/shipments/{first.shipment_id}/invoice"
    missing = await client.call("GET", path)
    assert (missing.status, "INVOICE" in missing.text) == (404, True)
    made = await client.invoice(first)
    assert (await client.invoice(first)).body == made.body == (await client.call("GET", path)).body
    await client.invoice(second)
    numbers = [int(row.invoice.invoice_id.rpartition("-")[2]) for row in (first, second) if row.invoice]
    assert numbers == [1, 2]
