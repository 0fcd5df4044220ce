"""getShipments and listReturns: filters, order, pages and tokens."""

from collections.abc import Callable
from itertools import chain

import pytest

from packline_sim.clock import to_iso
from packline_sim.records import Shipment
from packline_sim.specs import LocationSpec, ReturnSpec
from packline_sim.world import BadMove, BadSpec, World
from sim.core.driving import BASE, Client

Order = Callable[..., Shipment]
LIST = f"{BASE}/shipments"
RETURNS = f"{BASE}/returns"


async def pages(client: Client, **query: str) -> list[list[str]]:
    """Read every page; gives the ids of each."""
    found, token = [], None
    while True:
        body = (await client.call("GET", LIST, paginationToken=token, **query)).json()
        found.append([shipment["id"] for shipment in body["shipments"]])
        token = body["pagination"].get("nextToken")
        if token is None:
            return found


async def test_pages_hold_ten_in_the_order_of_the_last_update(client: Client, order: Order, world: World) -> None:
    """Ten a page by default, the oldest update first; an updated shipment comes last."""
    made = []
    for _ in range(25):
        made.append(order())
        world.clock.advance(1)
    found = await pages(client, status="ACCEPTED")
    assert [len(page) for page in found] == [10, 10, 5]
    assert list(chain(*found)) == [shipment.shipment_id for shipment in made]
    await client.confirm(made[0])
    await client.confirm(made[3])
    assert await pages(client, status="CONFIRMED") == [[made[0].shipment_id, made[3].shipment_id]]
    assert len(list(chain(*await pages(client, status="ACCEPTED", maxResults="7")))) == 23


async def test_time_bounds_are_strict_unless_switched(client: Client, order: Order, world: World) -> None:
    """lastUpdatedAfter and lastUpdatedBefore leave out their own moment by default."""
    order()
    moment = to_iso(world.clock.now_ms())
    for bounds, count in (("strict", 0), ("inclusive", 1)):
        world.switches.update({"time_bounds": bounds})
        for name in ("lastUpdatedAfter", "lastUpdatedBefore"):
            assert len((await pages(client, status="ACCEPTED", **{name: moment}))[0]) == count
    earlier = to_iso(world.clock.now_ms() - 1)
    assert len((await pages(client, status="ACCEPTED", lastUpdatedAfter=earlier))[0]) == 1


async def test_filters_narrow(client: Client, order: Order, world: World) -> None:
    """Location, marketplace and channel are filters; without a location all are listed."""
    seller_id = client.credentials.seller_id
    world.create_location(seller_id, LocationSpec(location_id="LOC2"))
    world.set_stock(seller_id, "LOC2", "KETTLE", on_hand=9, quantity=9)
    here, flex = order(location_id="LOC1"), order(location_id="LOC2", program="SELLER_FLEX")
    assert await pages(client, status="ACCEPTED", locationId="LOC1") == [[here.shipment_id]]
    assert await pages(client, status="ACCEPTED", channelName="FBA") == [[flex.shipment_id]]
    assert len((await pages(client, status="ACCEPTED", marketplaceId="A21TJRUUN4KGV"))[0]) == 2


async def test_a_token_belongs_to_its_arguments(client: Client, order: Order, world: World) -> None:
    """A token with other filters is refused, unless the switch ignores it."""
    for _ in range(3):
        order()
    first = (await client.call("GET", LIST, status="ACCEPTED", maxResults="1")).json()
    token = first["pagination"]["nextToken"]
    changed = {"status": "ACCEPTED", "channelName": "MFN", "paginationToken": token}
    assert (await client.call("GET", LIST, **changed)).status == 400
    world.switches.update({"changed_filters": "ignore"})
    assert (await client.call("GET", LIST, **changed)).status == 200


async def test_an_empty_page_may_have_a_token(client: Client, order: Order, world: World) -> None:
    """With empty_pages the list goes on after an empty page."""
    shipment = order()
    world.switches.update({"empty_pages": "always_first"})
    assert await pages(client, status="ACCEPTED") == [[], [shipment.shipment_id]]


async def test_custom_attributes_appear_where_the_switch_says(client: Client, order: Order, world: World) -> None:
    """What SmartHub scanned is in the list, and in the detail unless list_only."""
    shipment = order()
    shipment.lines[0].custom_attributes = [{"key": "warehouseBinIdentifier", "type": "STRING", "value": "P124"}]
    shipment.worked_in_smarthub = True
    world.touch(shipment)
    body = await client.show(shipment)
    assert body["lineItems"][0]["customAttributes"][0]["value"] == "P124"
    assert body["shipmentInfo"]["processingSource"] == "INTERNAL_PLATFORM"
    world.switches.update({"custom_attributes": "list_only", "processing_source": "external_is_smarthub"})
    body = await client.show(shipment)
    assert "customAttributes" not in body["lineItems"][0]
    assert body["shipmentInfo"]["processingSource"] == "EXTERNAL_PLATFORM"
    (listed,) = (await client.call("GET", LIST, status="ACCEPTED")).json()["shipments"]
    assert "customAttributes" in listed["lineItems"][0]


async def test_a_return_travels_back(client: Client, order: Order, world: World) -> None:
    """A return is listed, read, moved along its way, re-planned with a new tracking id, and delivered with its OTP."""
    shipment = order(units=2)
    await client.bring_to(shipment, "DELIVERED")
    record = world.create_return(ReturnSpec(shipment_id=shipment.shipment_id))
    path = f"{RETURNS}/{record.return_id}"
    created = (await client.call("GET", path)).json()
    assert created["marketplaceChannelDetails"]["shipmentId"] == shipment.shipment_id
    assert created["returnMetadata"]["invoiceInformation"]["id"] == shipment.invoice.invoice_id  # type: ignore[union-attr]
    assert len(created["otpDetails"]["otp"]) == 6
    with pytest.raises(BadMove):
        world.move_return(record.return_id, "PROCESSED")
    for status in ("PICKED_FROM_CUSTOMER", "IN_TRANSIT", "REPLANNED", "DELIVERED", "PROCESSED"):
        world.move_return(record.return_id, status)  # type: ignore[arg-type]
    done = (await client.call("GET", path)).json()
    assert (done["status"], done["packageDeliveryMode"]) == ("PROCESSED", "WITH_OTP")
    old = created["returnShippingInfo"]["reverseTrackingInfo"]
    assert done["replanningDetails"]["previousTrackingInfo"] == [old]
    assert done["returnShippingInfo"]["reverseTrackingInfo"] != old
    with pytest.raises(BadSpec):
        world.create_return(ReturnSpec(shipment_id=shipment.shipment_id, units=2))


async def test_what_was_never_shipped_cannot_come_back(client: Client, order: Order, world: World) -> None:
    """A return of a shipment that is still with the seller is refused, with what to do."""
    shipment = order()
    for status in ("ACCEPTED", "SHIPLABEL_GENERATED"):
        await client.bring_to(shipment, status)
        with pytest.raises(BadSpec, match="only what was shipped can come back"):
            world.create_return(ReturnSpec(shipment_id=shipment.shipment_id))


async def test_returns_are_listed_by_their_rules(client: Client, order: Order, world: World) -> None:
    """Windows of the last update need location and status; pages have tokens; a lone call lists all or is refused."""
    shipment = order(units=3)
    await client.bring_to(shipment, "SHIPPED")
    for _ in range(3):
        world.create_return(ReturnSpec(shipment_id=shipment.shipment_id))
    moment = to_iso(world.clock.now_ms())
    assert (await client.call("GET", RETURNS, lastUpdatedSince=moment)).status == 400
    query = {"lastUpdatedSince": moment, "returnLocationId": "LOC1", "status": "CREATED"}
    assert len((await client.call("GET", RETURNS, **query)).json()["returns"]) == 3
    first = (await client.call("GET", RETURNS, maxResults="2")).json()
    second = (await client.call("GET", RETURNS, maxResults="2", nextToken=first["nextToken"])).json()
    assert (len(first["returns"]), len(second["returns"]), second.get("nextToken")) == (2, 1, None)
    assert (await client.call("GET", RETURNS, status="LOST")).status == 400
    assert (await client.call("GET", RETURNS, createdSince="2027-01-01T00:00:00Z", createdUntil=moment)).status == 400
    assert (await client.call("GET", RETURNS, rmaId="NONE")).json()["returns"] == []
    world.switches.update({"returns_without_filter": "400"})
    assert (await client.call("GET", RETURNS)).status == 400
