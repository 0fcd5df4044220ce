"""The world as a whole: the same seed gives the same bytes, snapshots, reset, followers, switches."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from packline_sim.clock import SimClock
from packline_sim.faults import FaultRule
from packline_sim.records import Change, Shipment
from packline_sim.server import Simulator
from packline_sim.specs import LineSpec, LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.switches import SWITCHES, Switches, UnknownSwitch, markdown
from packline_sim.world import BadMove, NotThere, World
from sim.core.driving import BASE, START_MS, Client, package_of

Order = Callable[..., Shipment]


async def story(seed: int) -> list[bytes]:
    """Live a small story and give every byte of it."""
    world = World(seed, clock=SimClock(start_ms=START_MS, speed=0), quotas="off")
    seller = world.create_seller(SellerSpec(name="Blue Kettle Trading"))
    world.create_location(seller.seller_id, LocationSpec())
    world.create_sku(seller.seller_id, SkuSpec())
    client = Client(Simulator(world), seller)
    heard = [(await client.sign_in()).body]
    for shipment in world.create_shipments(seller.seller_id, ShipmentSpec(count=3)):
        heard += [(await client.confirm(shipment)).body, (await client.pack(shipment)).body]
        heard += [(await client.options(shipment)).body, (await client.invoice(shipment)).body]
        label = await client.label(shipment)
        url = label.json()["packageShipLabelList"][0]["fileData"]["url"]
        file = await client.send("GET", url.removeprefix("http://amazon.test"), b"", {})
        shown = await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")
        heard += [label.body, file.body, shown.body, shown.headers["x-amzn-requestid"].encode()]
        world.clock.advance(60)
    return heard


async def test_the_same_seed_and_calls_give_the_same_bytes() -> None:
    """Ids, tracking numbers, tokens, documents and request ids follow from the seed."""
    assert await story(3) == await story(3)
    assert await story(3) != await story(4)


async def test_a_snapshot_brings_everything_back(client: Client, order: Order, world: World) -> None:
    """Records, stock, tokens, randomness, quotas, faults, switches, journal and time are as they were."""
    shipment = order(units=2)
    await client.bring_to(shipment, "CONFIRMED")
    world.faults.add(FaultRule(kind="503", nth=(99,)))
    kept = world.snapshot()
    first = order()
    world.clock.advance(500)
    world.switches.update({"wrong_state": "409"})
    world.faults.clear()
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    world.restore(kept)
    assert world.clock.now_ms() == START_MS
    back = world.shipment(shipment.shipment_id)
    assert (back.status, back.packages) == ("CONFIRMED", {})
    assert world.switches["wrong_state"] == "400"
    assert len(world.faults.list()) == 1
    assert world.stock.row(back.seller_id, "LOC1", "KETTLE").reserved == 2
    assert order() == first
    await client.bring_to(back, "DELIVERED")


def test_reset_starts_over_from_a_seed(order: Order, world: World) -> None:
    """After reset the world is empty, followers stay and are told."""
    order()
    told = []
    world.on_reset.append(lambda: told.append(world.seed))
    world.reset(9, start_ms=5)
    assert (world.shipments, world.sellers, world.clock.now_ms(), told) == ({}, {}, 5, [9])
    with pytest.raises(NotThere):
        world.shipment("X")


async def test_followers_hear_every_change_in_order(client: Client, order: Order, world: World) -> None:
    """Each status change is told once, with the call that caused it."""
    heard: list[Change] = []
    world.on_change.append(heard.append)
    shipment = order()
    await client.bring_to(shipment, "SHIPPED")
    moves = [(change.before, change.after) for change in heard if change.kind == "shipment_status"]
    assert [after for _, after in moves] == [row.after for row in shipment.history[1:]]
    assert all(left[1] == right[0] for left, right in pairwise(moves))
    assert [change.call_seq for change in heard if change.kind == "shipment_status"] == [
        row.call_seq for row in shipment.history[1:]
    ]


def test_shipments_come_as_described(order: Order, world: World) -> None:
    """Gift, cash on delivery, replacement, priority and ship-by time are in the shipment."""
    first = order(gift=True, gift_message="Hi", cash_on_delivery=True, prime=True, ship_by_hours=3)
    assert (first.payment, first.priority, first.ship_by_ms - first.created_ms) == (
        "CASH_ON_DELIVERY",
        "HIGH",
        10_800_000,
    )
    again = order(shipment_type="REPLACEMENT", original_shipment_id=first.shipment_id)
    assert again.original is not None
    assert again.original["id"] == first.shipment_id
    assert again.charges[0]["totalCharge"]["netAmount"]["value"] == "0.00"


def test_charges_add_up(order: Order, world: World) -> None:
    """Base and tax give the price, and the taxes give the total tax: CGST and SGST at home, IGST elsewhere."""
    for state, kinds in (("Karnataka", ["CGST", "SGST"]), ("Delhi", ["IGST"])):
        (charge,) = order(units=3, ship_to_state=state).charges
        base, tax, total = (charge[key] for key in ("baseCharge", "totalTax", "totalCharge"))
        cents = [round(float(part["netAmount"]["value"]) * 100) for part in (base, tax["charge"], total)]
        assert cents[0] + cents[1] == cents[2] == 299_700
        assert [row["type"] for row in charge["taxBreakup"]] == kinds
        parts = [round(float(row["charge"]["netAmount"]["value"]) * 100) for row in charge["taxBreakup"]]
        assert sum(parts) == cents[1]


async def test_wrong_state_can_answer_otherwise(client: Client, order: Order, world: World) -> None:
    """wrong_state gives 409, or lets the call through as Amazon's local sandbox does."""
    shipment = order()
    world.switches.update({"wrong_state": "409"})
    assert (await client.pack(shipment)).status == 409
    world.switches.update({"wrong_state": "lenient"})
    assert (await client.pack(shipment)).status == 204
    assert shipment.status == "PACKAGE_CREATED"


async def test_error_codes_can_be_written_otherwise(client: Client, world: World) -> None:
    """Codes may be spaced, be SC codes, or carry them in the details."""
    path = f"{BASE}/shipments/NOPE"
    world.switches.update({"error_spelling": "spaced"})
    assert (await client.call("GET", path)).code == "Not Found"
    world.switches.update({"error_codes": "sc"})
    assert (await client.call("GET", path)).code == "SC_00003"
    world.switches.update({"error_codes": "short_with_sc_details", "error_spelling": "closed"})
    error = (await client.call("GET", path)).json()["errors"][0]
    assert (error["code"], error["details"]) == ("NotFound", "SC_00003")


async def test_unknown_fields_can_be_refused(client: Client, order: Order, world: World) -> None:
    """By default unknown parameters and fields are ignored; the switch refuses them by name."""
    shipment = order()
    await client.confirm(shipment)
    extra = {"id": "PKG-1", "colour": "blue"}
    world.switches.update({"unknown_fields": "refuse"})
    refused = await client.pack(shipment, package_of(shipment, **extra))
    assert (refused.status, "colour" in refused.text) == (400, True)
    assert (await client.call("GET", f"{BASE}/shipments", status="CREATED", MarketplaceId="X")).status == 400
    world.switches.update({"unknown_fields": "ignore"})
    assert (await client.pack(shipment, package_of(shipment, **extra))).status == 204
    assert (await client.call("GET", f"{BASE}/shipments", status="CREATED", MarketplaceId="X")).status == 200


async def test_query_parameters_in_the_body_are_taken(client: Client, order: Order, world: World) -> None:
    """A client that sends operation in the JSON body is understood, unless the switch refuses it."""
    path = f"{BASE}/shipments/{order().shipment_id}"
    world.switches.update({"query_in_body": "refuse"})
    assert (await client.call("POST", path, {"operation": "CONFIRM"})).status == 400
    world.switches.update({"query_in_body": "accept"})
    assert (await client.call("POST", path, {"operation": "CONFIRM"})).status == 204


def test_switches_are_checked_and_described() -> None:
    """Unknown names and values are refused, all or none; every switch says what it settles."""
    switches = Switches()
    with pytest.raises(UnknownSwitch, match="no value"):
        switches.update({"bad_token": "401", "wrong_state": "418"})
    with pytest.raises(UnknownSwitch, match="no switch"):
        switches.update({"weather": "good"})
    assert switches["bad_token"] == "403"
    assert all(switch.settles.endswith(".") and switch.reason.endswith(".") for switch in SWITCHES)
    text = markdown()
    assert all(f"`{switch.name}`" in text for switch in SWITCHES)
    done = subprocess.run([sys.executable, "-m", "packline_sim.switches"], capture_output=True, text=True, check=True)
    assert done.stdout == text


def test_a_large_world_stays_quick_to_list(world: World) -> None:
    """An index keeps shipments by status in the order of their update, whatever moves meanwhile."""
    seller = world.create_seller(SellerSpec(name="Large"))
    world.create_location(seller.seller_id, LocationSpec())
    world.create_sku(seller.seller_id, SkuSpec(sku="A", stock=100_000))
    spec = ShipmentSpec(count=300, lines=(LineSpec(sku="A"),))
    made = world.create_shipments(seller.seller_id, spec)
    for shipment in made[:250]:
        world.cancel(shipment.shipment_id)
    shelf = world.shipment_shelves.shelf(seller.seller_id, "ACCEPTED")
    assert len(shelf) == 50
    assert [row.shipment_id for row in shelf.after(0)] == [row.shipment_id for row in made[250:]]


async def test_a_shipment_that_has_left_cannot_be_cancelled(client: Client, order: Order, world: World) -> None:
    """Once a package is with the carrier, or delivered, nobody cancels any more."""
    shipment = order(units=2)
    await client.confirm(shipment)
    item = [{"packageLineItemId": "1", "quantity": 1}]
    await client.pack(shipment, *(package_of(shipment, name, packageLineItems=item) for name in ("PKG-1", "PKG-2")))
    for name in ("PKG-1", "PKG-2"):
        await client.options(shipment, name)
    await client.invoice(shipment)
    await client.label(shipment)
    world.carrier_scan(shipment.shipment_id, package_id="PKG-1")
    with pytest.raises(BadMove, match="not left"):
        world.cancel(shipment.shipment_id)
    with pytest.raises(NotThere):
        world.carrier_scan(shipment.shipment_id, package_id="PKG-9")
    world.carrier_scan(shipment.shipment_id)
    with pytest.raises(BadMove):
        world.carrier_scan(shipment.shipment_id)
    assert shipment.status == "SHIPPED"
