"""By command line and from tests: people, integrators, returns, outages and the timetable."""

import json

import pytest

from packline_sim.control.client import SimulatorError
from packline_sim.control.handles import Amazon, Seller


@pytest.fixture
def run(run, amazon: Amazon):
    """Run a command line against a simulator whose clock stands."""
    amazon.clock.freeze()
    return run


def test_a_shipment_goes_through_smarthub_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """Each step is a verb; the floor says what is scanned."""
    one, other, third = (order.shipment_id for order in seller.orders(3, lines=[{"sku": "MUG-BLUE", "units": 2}]))
    place = ("--location", "BLR1", "--sku", "MUG-BLUE", "--bin-id", "A-1", "--serial", "M1", "--serial", "M2")
    assert run("smarthub", "floor", seller.seller_id, *place)[0]["serials"] == ["M1", "M2"]
    run("smarthub", "confirm", one)
    packed = run("smarthub", "pack", one)[0]
    assert '"M1","M2"' in str(packed["lines"])
    run("smarthub", "scan", one, "--line", "1", "--serial", "X1", "--bin-id", "B-2")
    assert run("smarthub", "label", one)[0]["status"] == "SHIPLABEL_GENERATED"
    assert run("smarthub", "ship", one)[0]["status"] == "SHIPPED"
    assert run("smarthub", "reject", other)[0]["status"] == "CANCELLED"
    done = run("smarthub", "work", "--until", "label", "--no-scan")
    assert [(row["shipment_id"], row["steps"]) for row in done] == [(third, ["confirm", "pack", "label"])]
    amazon.check()


def test_people_and_integrators_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """They start, change, stop and go on; what they did is listed."""
    seller.orders(5)
    run("operators", "start", seller.seller_id, "--share", "1", "--step-after-s", "10")
    run("clock", "advance", "3600")
    assert run("operators", "list")[0]["steps"] == {"confirm": 5, "label": 5, "pack": 5, "ship": 5}
    assert run("operators", "set", "operator-1", "--share", "0.2")[0]["share"] == 0.2
    assert run("operators", "stop", "operator-1")[0]["working"] is False
    assert run("operators", "resume", "operator-1")[0]["working"] is True
    run("integrators", "start", seller.seller_id, "--sequences", "epoch_ms")
    assert run("integrators", "write", "integrator-1")[0]["written"] == 2
    assert run("integrators", "set", "integrator-1", "--no-confirms")[0]["confirms"] is False
    assert run("integrators", "stop", "integrator-1")[0]["working"] is False
    assert run("integrators", "resume", "integrator-1")[0]["working"] is True
    assert run("integrators", "list")[0]["written"] == 2
    amazon.check()


def test_a_return_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """Password, door and floor."""
    order = seller.order("MUG-BLUE", 2)
    order.in_smarthub()
    return_id = str(run("return", "create", order.shipment_id, "--units", "2")[0]["return_id"])
    run("return", "move", return_id, "OUT_FOR_DELIVERY")
    assert run("return", "otp", return_id, "--otp", "424242", "--valid-seconds", "60")[0]["otp"] == "424242"
    with pytest.raises(SystemExit):
        run("return", "move", return_id, "DELIVERED", "--otp", "111111")
    assert run("return", "move", return_id, "DELIVERED", "--otp", "424242")[0]["delivery_mode"] == "WITH_OTP"
    assert run("return", "restock", return_id, "--units", "1")[0]["restocked"] == 1
    assert seller.stock("MUG-BLUE")["on_hand"] == 99
    amazon.check()


def test_outages_and_the_timetable_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """What is to come is listed, and can be called off."""
    outage = run("fault", "outage", "600", "--kind", "reset", "--after-seconds", "60")[0]
    assert (outage["operations"], outage["for_seconds"]) == (["*"], 600)
    body = json.dumps({"seller_id": seller.seller_id})
    first = run("timetable", "add", "POST /operators", "--after-s", "60", "--body", body)[0]
    second = run("timetable", "add", "DELETE /operators/operator-1", "--after-s", "120")[0]
    run("timetable", "remove", str(second["appointment_id"]))
    run("clock", "advance", "300")
    assert [(row["appointment_id"], row["happened"]) for row in run("timetable", "list")] == [
        (first["appointment_id"], 1)
    ]
    assert run("operators", "list")[0]["working"] is True
    with pytest.raises(SystemExit):
        run("timetable", "add", "POST /operators", "--body", "{nonsense")


def test_pickups_are_booked_in_seller_central_by_command_line(run, seller: Seller, amazon: Amazon) -> None:
    """By hand and by people."""
    order = seller.central_order("MUG-BLUE")
    assert run("order", "schedule", order.order_id, "--method", "PICKUP")[0]["easy_ship_status"] == "PendingPickUp"
    late = seller.central_order("MUG-BLUE")
    run("operators", "start", seller.seller_id, "--seller-central", "--share", "1", "--step-after-s", "10")
    run("clock", "advance", "3600")
    assert late.easy_ship_status in {"PendingPickUp", "PendingDropOff"}
    amazon.check()


def test_the_scenarios_say_what_they_show(run) -> None:
    """In one sentence each."""
    told = {row["name"]: row["shows"] for row in run("scenario", "list")}
    assert "SmartHub" in str(told["outage_with_smarthub"]) or "scanned" in str(told["outage_with_smarthub"])


def test_handles_reach_everybody_who_acts(amazon: Amazon, seller: Seller) -> None:
    """From a test: steps by hand, people, an integrator, something later, an outage."""
    amazon.clock.freeze()
    seller.lay_on_floor("MUG-BLUE", "A-1", "M1", "M2")
    order = seller.order("MUG-BLUE")
    shown = order.in_smarthub("work", until="pack", scans=[{"line_id": "1", "serials": ["M1"], "bin_id": "A-1"}])
    assert shown.status == "PACKAGE_CREATED"
    assert shown.worked_in_smarthub
    with pytest.raises(SimulatorError, match="CONFIRM"):
        order.in_smarthub("confirm")
    assert order.in_smarthub("label").status == "SHIPLABEL_GENERATED"
    assert order.in_smarthub("ship").status == "SHIPPED"
    assert amazon.start_integrator(seller, confirms=False).settings.confirms is False
    assert amazon.start_operator(seller, share=1.0, step_after_s=5).working
    late = seller.order("MUG-BLUE")
    amazon.later(f"POST /shipments/{late.shipment_id}/cancel", 3600, by="BUYER")
    amazon.outage(60, location_id="BLR1")
    amazon.clock.advance(1800)
    assert late.status == "SHIPPED"
    returned = amazon.move_return(order.send_back(units=1), "PICKED_FROM_CUSTOMER", "IN_TRANSIT", "DELIVERED")
    assert (returned["status"], returned["delivery_mode"]) == ("DELIVERED", "WITH_OTP")
    amazon.check()


@pytest.mark.amazon(scenario="outage_with_smarthub", speed=0)
def test_a_marker_plays_a_scenario(amazon: Amazon) -> None:
    """With the test's own speed."""
    amazon.clock.advance(4600)
    assert any(amazon.order(row.shipment_id).show().worked_in_smarthub for row in amazon.shipments(status="SHIPPED"))
    amazon.check()
