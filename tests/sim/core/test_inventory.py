"""Stock, reservations, sequence numbers, and how oversell becomes visible."""

from collections.abc import Callable
from typing import Any

import pytest

from packline_sim.records import Shipment
from packline_sim.specs import LocationSpec, ShipmentSpec
from packline_sim.world import World
from sim.core.driving import INVENTORY, Client

Order = Callable[..., Shipment]


def element(action: str, location: str = "LOC1", sku: str = "KETTLE", method: str = "POST", **body: Any) -> Any:
    uri = f"/inventory/{action}?locationId={location}&skuId={sku}"
    return {"uri": uri, "method": method, **({"body": body} if body else {})}


async def batch(client: Client, *elements: Any) -> list[Any]:
    answer = await client.call("POST", INVENTORY, {"requests": list(elements)})
    assert answer.status == 207
    responses: list[Any] = answer.json()["responses"]
    return responses


async def test_sellable_is_quantity_less_reserved(client: Client, order: Order) -> None:
    """A published quantity is absolute; what shipments hold is not sellable."""
    order(units=3)
    done = await batch(client, element("update", quantity=10, clientSequenceNumber=5), element("fetch", method="GET"))
    for response in done:
        assert response["status"] == {"statusCode": 200, "reasonPhrase": "Success"}
        body = response["body"]
        assert (body["sellableQuantity"], body["reservedQuantity"], body["clientSequenceNumber"]) == (7, 3, 5)
        assert body["actionableErrors"] == []


async def test_a_stale_sequence_changes_nothing(client: Client) -> None:
    """A number that is not greater than the last is refused with the stored one, in either style."""
    await batch(client, element("update", quantity=10, clientSequenceNumber=5))
    for value, status in (("400", 400), ("409", 409)):
        client.world.switches.update({"stale_sequence": value})
        (response,) = await batch(client, element("update", quantity=99, clientSequenceNumber=5))
        assert response["status"]["statusCode"] == status
        assert response["body"]["actionableErrors"][0]["errorType"] == "STALE_DATA"
        assert (response["body"]["clientSequenceNumber"], response["body"]["sellableQuantity"]) == (5, 10)


async def test_sequences_are_kept_per_channel_when_sent(client: Client) -> None:
    """A number for one channel does not make another channel's stale, unless the switch says per location."""
    india = {"marketplaceId": "A21TJRUUN4KGV", "channelName": "MFN"}
    await batch(client, element("update", quantity=10, clientSequenceNumber=50, marketplaceAttributes=india))
    (plain,) = await batch(client, element("update", quantity=11, clientSequenceNumber=1))
    assert plain["status"]["statusCode"] == 200
    client.world.switches.update({"sequence_scope": "location"})
    (stale,) = await batch(client, element("update", quantity=12, clientSequenceNumber=1, marketplaceAttributes=india))
    assert stale["status"]["statusCode"] == 400


@pytest.mark.parametrize(
    ("request_element", "kind"),
    [
        (element("update", sku="NONE", quantity=1, clientSequenceNumber=1), "INVALID_SKU"),
        (element("update", location="NONE", quantity=1, clientSequenceNumber=1), "INVALID_LOCATION"),
        (element("update", clientSequenceNumber=1), "INVALID_INPUT"),
        (element("update", quantity=-1, clientSequenceNumber=1), "INVALID_INPUT"),
        (element("update", quantity=1.5, clientSequenceNumber=1), "INVALID_INPUT"),
        (element("update", quantity=1), "INVALID_INPUT"),
        (element("update", method="GET", quantity=1, clientSequenceNumber=1), "INVALID_REQUEST"),
        (element("delete"), "INVALID_REQUEST"),
        (
            element(
                "update", quantity=1, clientSequenceNumber=1, marketplaceAttributes={"marketplaceId": "ATVPDKIKX0DER"}
            ),
            "INVALID_MARKETPLACE",
        ),
        (
            element("update", quantity=1, clientSequenceNumber=1, marketplaceAttributes={"channelName": "WEB"}),
            "INVALID_INPUT",
        ),
    ],
)
async def test_one_bad_element_spoils_only_itself(client: Client, request_element: Any, kind: str) -> None:
    """Each element of a batch is refused or done for itself."""
    bad, good = await batch(client, request_element, element("fetch"))
    assert bad["body"]["actionableErrors"][0]["errorType"] == kind
    assert bad["status"]["statusCode"] == 400
    assert good["status"]["statusCode"] == 200


async def test_the_reservation_ends_with_the_label(client: Client, order: Order, world: World) -> None:
    """From the label on the units are no longer reserved, so an update that still counts them oversells."""
    shipment = order(units=4)
    row = world.stock.row(shipment.seller_id, "LOC1", "KETTLE")
    await client.bring_to(shipment, "INVOICE_GENERATED")
    assert (row.reserved, row.on_hand, row.sellable) == (4, 50, 46)
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert (row.reserved, row.on_hand, row.sellable) == (0, 46, 50)
    order(units=50)
    assert (row.reserved, row.oversold) == (50, 4)


async def test_published_stock_can_fall_by_itself(client: Client, order: Order, world: World) -> None:
    """With stock_after_label=decrement Amazon counts the labelled units off."""
    world.switches.update({"stock_after_label": "decrement"})
    shipment = order(units=4)
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert world.stock.row(shipment.seller_id, "LOC1", "KETTLE").sellable == 46


async def test_a_cancellation_frees_the_units(client: Client, order: Order, world: World) -> None:
    """Cancelled units are sellable again, and back on the floor if they had a label."""
    shipment = order(units=4)
    row = world.stock.row(shipment.seller_id, "LOC1", "KETTLE")
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    world.cancel(shipment.shipment_id, "MARKETPLACE")
    assert (row.reserved, row.on_hand) == (0, 50)
    assert shipment.sub_status == "LABEL_CANCELED"
    assert shipment.packages["PKG-1"].live_label is None


async def test_a_created_shipment_is_accepted_when_stock_arrives(client: Client, order: Order) -> None:
    """An MFN order without stock waits as CREATED; a covering update accepts it, the oldest first."""
    await batch(client, element("update", quantity=0, clientSequenceNumber=1))
    first, second = order(units=2), order(units=2)
    assert (first.status, second.status) == ("CREATED", "CREATED")
    await batch(client, element("update", quantity=3, clientSequenceNumber=2))
    assert (first.status, second.status) == ("ACCEPTED", "CREATED")
    assert (await client.confirm(second)).status == 204


async def test_a_seller_flex_buyer_finds_no_stock(client: Client, world: World) -> None:
    """Without stock there is no Seller Flex shipment at all."""
    await batch(client, element("update", quantity=1, clientSequenceNumber=1))
    spec = ShipmentSpec(count=20, program="SELLER_FLEX")
    assert len(world.create_shipments(client.credentials.seller_id, spec)) <= 1


async def test_listings_stock_arrives_as_created(client: Client, world: World) -> None:
    """A location whose stock is on listings gets CREATED shipments, which CONFIRM takes."""
    seller_id = client.credentials.seller_id
    world.create_location(seller_id, LocationSpec(location_id="DEFAULT", stock_source="LISTINGS"))
    world.set_stock(seller_id, "DEFAULT", "KETTLE", on_hand=9, quantity=9)
    (shipment,) = world.create_shipments(seller_id, ShipmentSpec(location_id="DEFAULT"))
    assert shipment.status == "CREATED"
    assert shipment.holds_stock
    assert (await client.confirm(shipment)).status == 204


async def test_out_of_stock_can_zero_the_stock(client: Client, order: Order, world: World) -> None:
    """With out_of_stock_zeroes=on a rejection for lack of stock empties the published number."""
    world.switches.update({"out_of_stock_zeroes": "on"})
    body = {"lineItems": [{"lineItem": {"id": "1"}, "reason": "OUT_OF_STOCK"}]}
    await client.reject(order(), body)
    assert world.stock.row(client.credentials.seller_id, "LOC1", "KETTLE").quantity == 0
