"""What the simulated Amazon refuses, and with which status."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.invariants import InvariantChecker
from packline_sim.records import Shipment
from packline_sim.specs import LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World
from sim.core.driving import BASE, INVENTORY, Client, package_of

Order = Callable[..., Shipment]
SIDE = {"value": "1", "dimensionUnit": "CM"}


@pytest.mark.parametrize("status", ["ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"])
async def test_calls_in_the_wrong_order_are_refused(client: Client, order: Order, status: str) -> None:
    """A write that the status does not allow answers 400, names the status, and changes nothing."""
    shipment = order()
    await client.bring_to(shipment, status)
    wrong: dict[str, list[Callable[[], Any]]] = {
        "ACCEPTED": [
            lambda: client.pack(shipment),
            lambda: client.options(shipment),
            lambda: client.invoice(shipment),
            lambda: client.label(shipment),
            lambda: client.status(shipment, {"status": "SHIPPED"}),
        ],
        "CONFIRMED": [lambda: client.options(shipment), lambda: client.invoice(shipment)],
        "PACKAGE_CREATED": [
            lambda: client.confirm(shipment),
            lambda: client.invoice(shipment),
            lambda: client.label(shipment),
        ],
        "PICKUP_SLOT_RETRIEVED": [
            lambda: client.label(shipment),
            lambda: client.status(shipment, {"status": "SHIPPED"}),
        ],
    }
    version = shipment.version
    for call in wrong[status]:
        answer = await call()
        assert (answer.status, answer.code) == (400, "InvalidInput")
        assert status in answer.text
    assert (shipment.status, shipment.version) == (status, version)


async def test_a_cancelled_shipment_refuses_every_write(client: Client, order: Order, world: World) -> None:
    """After a cancellation by the buyer every write answers 422."""
    shipment = order()
    await client.bring_to(shipment, "PICKUP_SLOT_RETRIEVED")
    world.cancel(shipment.shipment_id, "BUYER")
    calls = [
        client.confirm(shipment),
        client.reject(shipment),
        client.pack(shipment),
        client.repack(shipment, package_of(shipment)),
        client.options(shipment),
        client.invoice(shipment),
        client.label(shipment),
        client.status(shipment, {"status": "SHIPPED"}),
    ]
    assert [(await call).status for call in calls] == [422] * len(calls)
    body = await client.show(shipment)
    cancellation = body["lineItems"][0]["cancellations"][0]
    assert (body["status"], cancellation["cancellationType"]) == ("CANCELLED", "MARKETPLACE_CANCELLED")
    assert body["packages"][0]["status"] == "CANCELLED"


async def test_a_delivered_shipment_refuses_every_write(client: Client, order: Order) -> None:
    """Nothing can be changed after the delivery."""
    shipment = order()
    await client.bring_to(shipment, "DELIVERED")
    for call in (client.confirm(shipment), client.reject(shipment), client.invoice(shipment), client.label(shipment)):
        assert (await call).status == 400


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"dimensions": {"length": {"value": "0", "dimensionUnit": "CM"}, "width": SIDE, "height": SIDE}}, "length"),
        ({"dimensions": {"length": {"value": "-1", "dimensionUnit": "CM"}, "width": SIDE, "height": SIDE}}, "length"),
        ({"dimensions": {"length": SIDE, "width": SIDE}}, "height"),
        ({"dimensions": {"length": {"value": 3, "dimensionUnit": "CM"}, "width": SIDE, "height": SIDE}}, "value"),
        ({"dimensions": {"length": {"value": "3", "dimensionUnit": "FT"}, "width": SIDE, "height": SIDE}}, "FT"),
        ({"weight": {"value": "4", "weightUnit": "G"}}, "5 grams"),
        ({"weight": {"value": "NaN", "weightUnit": "G"}}, "weight"),
        ({"packageLineItems": []}, "packageLineItems"),
        ({"packageLineItems": [{"packageLineItemId": "9", "quantity": 2}]}, "packageLineItemId"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 1}]}, "only 1 are packed"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 3}]}, "quantity"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 0}]}, "quantity"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 2, "pieces": 2}]}, "pieces"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 2, "serialNumbers": ["A", "B"]}]}, "serial"),
        ({"packageLineItems": [{"packageLineItemId": "1", "quantity": 2, "countryOfOrigin": "IN"}]}, "country"),
        ({"hazmatLabels": ["UN1"]}, "hazmatLabels"),
        ({"id": ""}, "packageId"),
        ({"id": "a/b"}, "packageId"),
        ({"packageHandlingRequirements": "GENTLE"}, "GENTLE"),
    ],
)
async def test_a_package_that_cannot_be_is_refused(
    client: Client, order: Order, changes: dict[str, Any], parameter: str
) -> None:
    """Measures, lines, quantities and enums are checked against the schema and the shipment."""
    shipment = order(units=2)
    await client.confirm(shipment)
    answer = await client.pack(shipment, package_of(shipment, **changes))
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert parameter.lower() in answer.text.lower()
    assert shipment.packages == {}


@pytest.mark.parametrize(
    ("spec", "spoil"),
    [
        (SkuSpec(sku="X", serial_required=True), {"serialNumbers": ["ONE"]}),
        (SkuSpec(sku="X", serial_required=True), {"serialNumbers": ["SAME", "SAME"]}),
        (SkuSpec(sku="X", serial_required=True), {"serialNumbers": None}),
        (SkuSpec(sku="X", origin_required=True), {"countryOfOrigin": None}),
        (SkuSpec(sku="X", origin_required=True), {"countryOfOrigin": "India"}),
        (SkuSpec(sku="X", value_required=True), {"itemValue": None}),
        (SkuSpec(sku="X", value_required=True), {"itemValue": {"value": "-1", "currencyCode": "INR"}}),
        (SkuSpec(sku="X", pieces=3), {"pieces": None}),
        (SkuSpec(sku="X", pieces=3), {"pieces": 0}),
    ],
)
async def test_what_a_line_requires_must_be_sent(
    client: Client, order: Order, spec: SkuSpec, spoil: dict[str, Any]
) -> None:
    """REQUIRED serial numbers, origin, value and pieces are demanded; when all is there the package is taken."""
    client.world.create_sku(client.credentials.seller_id, spec)
    shipment = order(lines=(LineSpec(sku="X", units=2),))
    await client.confirm(shipment)
    good = package_of(shipment)
    bad = {**good, "packageLineItems": [{**good["packageLineItems"][0], **spoil}]}
    assert (await client.pack(shipment, bad)).status == 400
    assert (await client.pack(shipment, good)).status == 204


async def test_an_item_whose_pieces_are_all_packed_is_not_packed_again(client: Client, order: Order) -> None:
    """One call may lay an item of several pieces into several boxes; a later one finds nothing left of it."""
    client.world.create_sku(client.credentials.seller_id, SkuSpec(sku="TABLE", pieces=2))
    shipment = order(lines=(LineSpec(sku="TABLE", units=1),))
    await client.confirm(shipment)
    line = {"packageLineItemId": shipment.lines[0].line_id, "quantity": 1, "pieces": 1}
    boxes = [package_of(shipment, name, packageLineItems=[line]) for name in ("PKG-1", "PKG-2")]
    assert (await client.pack(shipment, *boxes)).status == 204
    again = await client.pack(shipment, package_of(shipment, "PKG-3", packageLineItems=[line]))
    assert again.status == 400
    assert "All pieces of line" in again.text
    report = InvariantChecker(client.world).report()
    assert report.ok, report.violations


async def test_a_hazmat_line_demands_labels(client: Client, order: Order) -> None:
    """A package with a hazmat line needs hazmat labels."""
    client.world.create_sku(client.credentials.seller_id, SkuSpec(sku="X", hazmat_required=True))
    shipment = order(lines=(LineSpec(sku="X"),))
    await client.confirm(shipment)
    assert (await client.pack(shipment, package_of(shipment, hazmatLabels=[]))).status == 400
    assert (await client.pack(shipment)).status == 204


async def test_unknown_ids_are_not_found(client: Client, order: Order) -> None:
    """A wrong shipment, package or return id answers 404 and names it."""
    shipment = order()
    await client.bring_to(shipment, "PACKAGE_CREATED")
    answers = [
        await client.call("GET", f"{BASE}/shipments/NOPE"),
        await client.options(shipment, "NOPE"),
        await client.repack(shipment, package_of(shipment, "NOPE")),
        await client.call("GET", f"{BASE}/returns/NOPE"),
    ]
    for answer in answers:
        assert (answer.status, answer.code) == (404, "NotFound")
        assert "'NOPE'" in answer.text


async def test_another_sellers_shipment_is_not_found(client: Client, order: Order) -> None:
    """A seller sees own shipments only."""
    shipment = order()
    other = client.world.create_seller(SellerSpec(name="Other"))
    stranger = Client(client.app, other)
    assert (await stranger.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).status == 404
    assert (await stranger.confirm(shipment)).status == 404
    page = await stranger.call("GET", f"{BASE}/shipments", status="ACCEPTED")
    assert page.json()["shipments"] == []


async def test_a_marketplace_foreign_to_the_region_is_refused(client: Client) -> None:
    """The seller's region decides which marketplaces can be asked for."""
    foreign = await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", marketplaceId="ATVPDKIKX0DER")
    assert foreign.status == 400
    assert "NA" in foreign.text
    assert (await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", marketplaceId="?")).status == 400


async def test_a_location_of_somebody_else_is_refused(client: Client) -> None:
    """getShipments for an unknown location answers 404, or what the switch says."""
    other = client.world.create_seller(SellerSpec(name="Other"))
    client.world.create_location(other.seller_id, LocationSpec(location_id="THEIRS"))
    for value, status in (("404", 404), ("400", 400), ("empty", 200)):
        client.world.switches.update({"unknown_location": value})
        answer = await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", locationId="THEIRS")
        assert answer.status == status


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({}, "status"),
        ({"status": "OPEN"}, "status"),
        ({"status": "CREATED", "maxResults": "0"}, "maxResults"),
        ({"status": "CREATED", "maxResults": "101"}, "maxResults"),
        ({"status": "CREATED", "maxResults": "ten"}, "maxResults"),
        ({"status": "CREATED", "locationId": "x" * 37}, "locationId"),
        ({"status": "CREATED", "channelName": "x" * 11}, "channelName"),
        ({"status": "CREATED", "lastUpdatedAfter": "yesterday"}, "lastUpdatedAfter"),
        ({"status": "CREATED", "paginationToken": "!!"}, "paginationToken"),
    ],
)
async def test_a_bad_query_is_refused(client: Client, query: dict[str, str], parameter: str) -> None:
    """Required parameters, enums, ranges, lengths and dates of getShipments are checked."""
    answer = await client.call("GET", f"{BASE}/shipments", **query)
    assert (answer.status, answer.code) == (400, "InvalidInput")
    assert parameter in answer.text


async def test_bodies_must_be_json_of_a_bearable_size(client: Client, order: Order) -> None:
    """Wrong content type is 415, too large 413, broken or missing JSON 400."""
    shipment = order()
    await client.confirm(shipment)
    path = f"{BASE}/shipments/{shipment.shipment_id}/packages"
    assert (await client.call("POST", path, b"{}", content_type="text/plain")).status == 415
    assert (await client.call("POST", path, b" " * 1_100_000)).status == 413
    assert (await client.call("POST", path, b"{broken")).status == 400
    assert (await client.call("POST", path)).status == 400
    assert (await client.call("POST", path, {"packages": []})).status == 400


async def test_a_batch_has_at_most_ten_and_a_label_call_fifty(client: Client, order: Order) -> None:
    """Eleven inventory requests are BATCH_SIZE_EXCEED; 51 packages are too many."""
    one = {"uri": "/inventory/fetch?locationId=LOC1&skuId=KETTLE", "method": "GET"}
    answer = await client.call("POST", INVENTORY, {"requests": [one] * 11})
    assert (answer.status, answer.code) == (400, "BATCH_SIZE_EXCEED")
    shipment = order()
    await client.bring_to(shipment, "INVOICE_GENERATED")
    many = {"packageIds": [f"P{number}" for number in range(51)]}
    assert (await client.label(shipment, many)).status == 400


async def test_unknown_paths_are_loud(client: Client) -> None:
    """An operation that is not simulated answers 404 and says so."""
    answer = await client.call("DELETE", f"{BASE}/shipments/X")
    assert (answer.status, answer.code) == (404, "NotFound")
    assert "DELETE" in answer.text


async def test_repeats_are_duplicates_or_harmless(client: Client, order: Order) -> None:
    """The same call twice answers 409, or 204 and 200 where the switch makes it harmless; never a second effect."""
    shipment = order()
    await client.bring_to(shipment, "CONFIRMED")
    assert (await client.confirm(shipment)).code == "DuplicateRequest"
    await client.bring_to(shipment, "PACKAGE_CREATED")
    assert (await client.pack(shipment)).status == 409
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert (await client.label(shipment)).status == 409
    client.world.switches.update({"repeated_call": "204"})
    assert (await client.pack(shipment)).status == 204
    assert (await client.label(shipment)).status == 200
    assert len(shipment.packages["PKG-1"].labels) == 1
    await client.bring_to(shipment, "SHIPPED")
    assert (await client.status(shipment, {"status": "SHIPPED"})).status == 204
    client.world.switches.update({"repeated_call": "409"})
    assert (await client.status(shipment, {"status": "SHIPPED"})).status == 409


async def test_a_reject_follows_the_shipments_own_list(client: Client, order: Order) -> None:
    """REJECT is legal in orderStatesEligibleForRejection only, and cancels the whole shipment."""
    listed, late = order(), order()
    body = {"referenceId": "R1", "lineItems": [{"lineItem": {"id": "1", "quantity": 0}, "reason": "OUT_OF_STOCK"}]}
    assert (await client.reject(listed, body)).status == 204
    shown = await client.show(listed)
    assert shown["lineItems"][0]["cancellations"][0]["cancellationType"] == "SELLER_REJECTED"
    assert (await client.reject(listed, body)).status == 409
    await client.bring_to(late, "INVOICE_GENERATED")
    assert (await client.reject(late)).status == 400
    client.world.switches.update({"rejectable_states": "any_before_label"})
    assert (await client.reject(late, {**body, "referenceId": "R1"})).status == 409
    assert (await client.reject(late, {**body, "referenceId": "R2"})).status == 204


@pytest.mark.parametrize(
    "items",
    [
        [{"lineItem": {"id": "9"}, "reason": "OUT_OF_STOCK"}],
        [{"lineItem": {"id": "1"}, "reason": "OUT_OF_STOCK"}],
        [{"lineItem": {"id": "1"}, "reason": "BORED"}],
        [{"lineItem": {"id": "1", "quantity": 1}}, {"lineItem": {"id": "2"}}],
        [{"lineItem": {"id": "1"}}, {"lineItem": {"id": "1"}}],
    ],
)
async def test_a_reject_names_all_lines_or_none(client: Client, order: Order, items: list[Any]) -> None:
    """Unknown lines, a strict subset, parts of a line and unknown reasons are refused."""
    client.world.create_sku(client.credentials.seller_id, SkuSpec(sku="CUP"))
    shipment = order(lines=(LineSpec(sku="KETTLE", units=2), LineSpec(sku="CUP")))
    assert (await client.reject(shipment, {"lineItems": items})).status == 400
    assert shipment.status == "ACCEPTED"


def test_a_world_refuses_specs_that_cannot_be(world: World) -> None:
    """A marketplace of another region, an unknown location and an impossible stock name the field at fault."""
    from packline_sim.world import BadSpec

    with pytest.raises(BadSpec) as fault:
        world.create_seller(SellerSpec(name="X", region="NA"))
    assert fault.value.field == "marketplace_ids"
    seller = world.create_seller(SellerSpec(name="X"))
    with pytest.raises(BadSpec) as fault:
        world.create_shipments(seller.seller_id, ShipmentSpec())
    assert fault.value.field == "location_id"
    with pytest.raises(BadSpec) as fault:
        world.create_sku(seller.seller_id, SkuSpec(stock=-1))
    assert fault.value.field == "stock"
