"""People in SmartHub take the steps that API calls take, by the same rules, and leave the marks that Amazon shows."""

import msgspec
import pytest

from packline_sim.actors.parcels import Parcel
from packline_sim.actors.smarthub_desk import STEPS, Desk, Packing, ScanOf
from packline_sim.progress import BadMove
from sim.core.driving import BASE

PROGRAMS = ["SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"]


@pytest.fixture
def desk(world):
    return Desk(world)


def _scans(shipment) -> list[dict[str, object]]:
    rows = []
    for line in shipment.lines:
        told = {row["key"]: row["value"] for row in line.custom_attributes}
        rows.append({"bin": told.get("warehouseBinIdentifier"), "units": told.get("customSkuUnitIdentifiers")})
    return rows


@pytest.mark.parametrize("program", PROGRAMS)
def test_people_take_a_shipment_from_order_to_departure(stage, desk, order, program: str) -> None:
    """Each program's steps are legal, documents exist, stock leaves the floor once, every invariant holds."""
    shipment = order("KETTLE", "RADIO", "TABLE", units=2, program=program)
    assert desk.work(shipment, "ship", Packing()) == list(STEPS)
    assert shipment.status == "SHIPPED"
    assert shipment.invoice is not None
    assert all(package.live_label for package in shipment.packages.values())
    assert [stage.world.stock.row("S1", "L1", sku).on_hand for sku in ("KETTLE", "RADIO", "TABLE")] == [998] * 3
    assert stage.invariants.report().violations == []


def test_history_tells_that_smarthub_did_it(desk, order) -> None:
    """Whoever looks at the truth sees which hand took which step."""
    shipment = order()
    desk.work(shipment, "label", Packing())
    causes = [row.cause for row in shipment.history]
    assert causes[0] == "ordered"
    assert all(cause.startswith("smarthub:") for cause in causes[1:])


async def test_amazon_shows_the_panel_and_what_was_scanned(client, desk, order, world) -> None:
    """processingSource names the panel, customAttributes the bin, and the serial numbers as a JSON string."""
    world.floor.put("S1", "L1", "RADIO", "P124", ("R-1", "R-2", "R-3"))
    shipment = order("RADIO", units=2)
    before = (await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).json()
    desk.work(shipment, "pack", Packing())
    body = (await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).json()
    assert before["shipmentInfo"]["processingSource"] == "EXTERNAL_PLATFORM"
    assert body["shipmentInfo"]["processingSource"] == "INTERNAL_PLATFORM"
    assert body["lineItems"][0]["customAttributes"] == [
        {"key": "customSkuUnitIdentifiers", "type": "JSON_STRING", "value": '["R-1","R-2"]'},
        {"key": "warehouseBinIdentifier", "type": "STRING", "value": "P124"},
    ]
    assert body["packages"][0]["packageLineItems"][0]["serialNumbers"] == ["R-1", "R-2"]
    assert world.floor.bin_of("S1", "L1", "RADIO").serials == ["R-3"]


def test_two_lines_of_one_sku_take_different_units(desk, order, world) -> None:
    """The same serial number is never taken twice in one shipment."""
    world.floor.put("S1", "L1", "RADIO", "P1", ("R-1", "R-2", "R-3"))
    shipment = order("RADIO", "RADIO")
    desk.work(shipment, "pack", Packing())
    assert [row["units"] for row in _scans(shipment)] == ['["R-1"]', '["R-2"]']


def test_people_who_do_not_scan_leave_no_marks_but_the_panel(desk, order) -> None:
    """Without scanning there are no customAttributes; serial numbers that Amazon wants are typed in all the same."""
    shipment = order("RADIO", units=2)
    desk.work(shipment, "ship", Packing(scan=False))
    assert shipment.lines[0].custom_attributes == []
    assert shipment.worked_in_smarthub
    assert len(next(iter(shipment.packages.values())).lines[0].serial_numbers) == 2


def test_what_is_scanned_can_be_told(desk, order) -> None:
    """Serial numbers and bin as given, also more than the line has units, as in Amazon's example."""
    shipment = order("KETTLE", units=2)
    told = ScanOf(line_id=shipment.lines[0].line_id, serials=("A", "B", "C"), bin_id="P9")
    desk.work(shipment, "pack", Packing(scans=(told,)))
    assert _scans(shipment) == [{"bin": "P9", "units": '["A","B","C"]'}]


def test_units_can_be_split_over_parcels(desk, order) -> None:
    """Each unit lies in one parcel, its serial number with it."""
    shipment = order("RADIO", units=3)
    line = shipment.lines[0].line_id
    desk.confirm(shipment)
    desk.pack(shipment, Packing(parcels=(Parcel(units={line: 2}, weight_g=900), Parcel(package_id="REST"))))
    serials = [number for package in shipment.packages.values() for number in package.lines[0].serial_numbers]
    assert list(shipment.packages) == ["SH-1", "REST"]
    assert [package.lines[0].units for package in shipment.packages.values()] == [2, 1]
    assert len(set(serials)) == 3


async def test_either_side_may_take_the_next_step(client, stage, desk, order) -> None:
    """A shipment goes back and forth between the API and the panel; a step that the other has taken is refused."""
    shipment = order("KETTLE")
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    assert (await client.call("POST", path, operation="CONFIRM")).status == 204
    with pytest.raises(BadMove, match="CONFIRMED already"):
        desk.confirm(shipment)
    desk.pack(shipment, Packing())
    again = {"packages": [next(iter(shipment.packages.values())).body]}
    assert (await client.call("POST", f"{path}/packages", again)).status == 409
    assert (await client.call("GET", f"{path}/shippingOptions", packageId="SH-1")).status == 200
    assert (await client.call("POST", f"{path}/invoice")).status == 200
    desk.label(shipment)
    assert (await client.call("PUT", f"{path}/shipLabels", operation="GENERATE")).status == 409
    desk.ship(shipment)
    assert stage.invariants.report().violations == []


def test_the_panel_cannot_touch_what_was_cancelled(desk, order, world) -> None:
    """A buyer's cancellation stops people as it stops the API."""
    shipment = order()
    desk.work(shipment, "pack", Packing())
    world.cancel(shipment.shipment_id, by="BUYER")
    with pytest.raises(BadMove, match="cancelled"):
        desk.label(shipment)
    with pytest.raises(BadMove):
        desk.work(shipment, "ship", Packing())


def test_the_panel_waits_while_a_call_is_under_way(desk, order, world) -> None:
    """What concurrent calls may not do, people may not do."""
    shipment = order()
    world.busy[shipment.shipment_id] = "processShipment"
    with pytest.raises(BadMove, match="processShipment is under way"):
        desk.confirm(shipment)


def test_people_reject_what_is_not_there(desk, order) -> None:
    """A rejection in the panel is the seller's."""
    shipment = order()
    desk.reject(shipment, "OUT_OF_STOCK")
    assert shipment.status == "CANCELLED"
    assert shipment.cancellation.kind == "SELLER_REJECTED"


@pytest.mark.parametrize(("rule", "told"), [("any_step", True), ("last_step", False), ("label", True)])
async def test_a_switch_says_which_steps_name_the_panel(client, world, desk, order, rule: str, told: bool) -> None:
    """Confirmed by the API, labelled in the panel, shipped by the API: three readings of processingSource."""
    world.switches.update({"smarthub_credit": rule})
    shipment = order()
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    await client.call("POST", path, operation="CONFIRM")
    desk.work(shipment, "label", Packing())
    await client.call("PATCH", f"{path}/packages/SH-1", {"status": "SHIPPED"})
    assert shipment.status == "SHIPPED"
    assert shipment.worked_in_smarthub is told


def test_scans_and_floor_survive_a_snapshot(world, desk, order) -> None:
    """The floor is part of the world's state."""
    world.floor.put("S1", "L1", "RADIO", "P124", ("R-1", "R-2"))
    kept = world.snapshot()
    shipment = order("RADIO")
    desk.work(shipment, "pack", Packing())
    world.restore(kept)
    assert world.floor.bin_of("S1", "L1", "RADIO").serials == ["R-1", "R-2"]
    assert msgspec.json.encode(world.floor.bins["S1", "L1", "RADIO"])


async def test_a_delivered_package_gets_no_label_again(client, world, desk, order) -> None:
    """Where REGENERATE is allowed after departure it gives the same label, and moves no package back."""
    world.switches.update({"regenerate_after_shipped": "allow", "regenerate_label": "new_tracking"})
    shipment = order("KETTLE", units=2)
    desk.confirm(shipment)
    desk.pack(shipment, Packing(parcels=(Parcel(units={"1": 1}), Parcel())))
    desk.label(shipment)
    desk.ship(shipment)
    world.carrier_scan(shipment.shipment_id, "DELIVERED", package_id="SH-2")
    answer = await client.call("PUT", f"{BASE}/shipments/{shipment.shipment_id}/shipLabels", operation="REGENERATE")
    assert answer.status == 200
    assert [(row.status, len(row.labels)) for row in shipment.packages.values()] == [("SHIPPED", 1), ("DELIVERED", 1)]
