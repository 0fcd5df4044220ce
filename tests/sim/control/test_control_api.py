"""The control API: what people and tests do to the simulated Amazon, and what they hear when they ask wrongly."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from packline_sim.control.client import ControlClient, SimulatorError
from packline_sim.control.handles import Amazon, Seller
from packline_sim.switches import SWITCHES
from sim.control.connector import Connector


@pytest.fixture
def control(amazon: Amazon) -> ControlClient:
    return amazon.control


def _problem(failure: pytest.ExceptionInfo[SimulatorError]) -> dict[str, Any]:
    return dict(failure.value.problem)


def _sign_in(amazon: Amazon, **form: str) -> int:
    content = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(f"{amazon.url}/auth/o2/token", content) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_bad_input_names_every_field(control: ControlClient, seller: Seller) -> None:
    """One answer lists all that must be mended, as problem details with JSON pointers."""
    body = {"seller_id": seller.seller_id, "count": 0, "program": "DRONE", "lines": [{"sku": 1}], "colour": "red"}
    with pytest.raises(SimulatorError) as failure:
        control.post("shipments", body=body)
    problem = _problem(failure)
    assert (problem["status"], problem["title"]) == (422, "Bad input")
    assert {row["pointer"] for row in problem["errors"]} == {"/colour", "/count", "/program", "/lines/0/sku"}


@pytest.mark.parametrize(
    "path",
    [
        ("sellers", "X"),
        ("shipments", "X"),
        ("returns", "X"),
        ("buyers", "X"),
        ("sellers", "X", "stock"),
        ("sellers", "X", "locations"),
    ],
)
def test_what_is_not_there_is_404_with_a_cure(control: ControlClient, path: tuple[str, ...]) -> None:
    """An unknown id is told with its kind and where to look."""
    with pytest.raises(SimulatorError) as failure:
        control.get(*path)
    problem = _problem(failure)
    assert problem["status"] == 404
    assert "X" in problem["detail"]
    assert "lists them" in problem["hint"]


def test_a_misspelt_query_is_refused(control: ControlClient) -> None:
    """A filter that does not exist is not ignored."""
    for path in ("shipments", "clock"):
        with pytest.raises(SimulatorError, match="colour"):
            control.get(path, colour="red")


def test_a_body_that_is_not_json_is_400(amazon: Amazon) -> None:
    """The parser's own words are passed on."""
    request = urllib.request.Request(f"{amazon.url}/_sim/sellers", b"{", {"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(request)
    assert failure.value.code == 400
    assert failure.value.headers["content-type"] == "application/problem+json"


def test_a_seller_s_authorisation_comes_and_goes(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """Code, revocation, another authorisation and a rotated secret act on the token endpoint at once."""
    keys = {"client_id": seller.client_id, "client_secret": seller.client_secret}
    code = control.post("sellers", seller.seller_id, "authorization_codes")["code"]
    assert _sign_in(amazon, grant_type="authorization_code", code=code, **keys) == 200
    assert _sign_in(amazon, grant_type="authorization_code", code=code, **keys) == 400
    seller.revoke()
    assert _sign_in(amazon, grant_type="refresh_token", refresh_token=seller.refresh_token, **keys) == 400
    assert control.get("sellers", seller.seller_id)["refresh_token"] is None
    fresh = control.post("sellers", seller.seller_id, "authorize")["refresh_token"]
    assert _sign_in(amazon, grant_type="refresh_token", refresh_token=fresh, **keys) == 200
    rotated = control.post("applications", seller.client_id, "rotate_secret", body={"keep_old_s": 0})
    assert _sign_in(amazon, grant_type="refresh_token", refresh_token=fresh, **keys) == 401
    keys["client_secret"] = rotated["client_secret"]
    assert _sign_in(amazon, grant_type="refresh_token", refresh_token=fresh, **keys) == 200


def test_expired_tokens_are_refused(amazon: Amazon, seller: Seller) -> None:
    """Access tokens end when they are told to, and a new one works."""
    connector = Connector(amazon.url, seller)
    shipment_id = seller.order("MUG-BLUE").shipment_id
    seller.expire_tokens()
    assert connector.confirm(shipment_id) == 403
    assert Connector(amazon.url, seller).confirm(shipment_id) == 204


def test_shipments_are_listed_page_by_page(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """Every shipment comes once, in order, whatever the page size."""
    made = [order.shipment_id for order in seller.orders(25)]
    seen, after = [], None
    while True:
        page = control.get("shipments", limit=10, after=after)
        seen += [row["shipment_id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == made
    assert [row.shipment_id for row in amazon.shipments(status="CANCELLED")] == []


def test_many_shipments_are_scanned_at_once(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """The filter takes what has a label; a named shipment that cannot be scanned is told with the reason."""
    orders = seller.orders(3, lines=[{"sku": "MUG-BLUE", "units": 1}], program="SELLER_FLEX")
    connector = Connector(amazon.url, seller)
    for order in orders[:2]:
        connector.label(order.shipment_id)
    ids = [order.shipment_id for order in orders]
    assert control.post("scans", body={})["scanned"] == ids[:2]
    result = control.post("scans", body={"shipment_ids": ids, "event": "DELIVERED"})
    assert (result["scanned"], [row["shipment_id"] for row in result["refused"]]) == (ids[:2], ids[2:])


def test_attributes_of_orders_reach_amazon_s_answer(amazon: Amazon, seller: Seller) -> None:
    """Gift, cash on delivery, serial numbers and pieces are what the connector reads."""
    order = seller.order(
        "MUG-BLUE", gift=True, gift_message="Well done", cash_on_delivery=True, serial_required=True, multi_piece=True
    )
    _, shipment = Connector(amazon.url, seller).call("GET", f"/shipments/{order.shipment_id}")
    line = shipment["lineItems"][0]
    assert shipment["shipmentInfo"]["paymentMethod"] == "CASH_ON_DELIVERY"
    assert line["giftAttributes"]["giftMessagePresence"] == "PRESENT"
    assert (line["complianceAttributes"]["serialNumberRequirement"], line["pieceType"]) == ("REQUIRED", "MULTIPLE")
    replacement = seller.order(shipment_type="REPLACEMENT", original_shipment_id=order.shipment_id)
    assert replacement.show().shipment_type == "REPLACEMENT"


def test_stock_can_be_counted_anew(control: ControlClient, seller: Seller) -> None:
    """The floor and the published number are set together, or the floor alone; oversell shows."""
    seller.order("MUG-BLUE", units=5)
    counted = control.patch(
        "sellers",
        seller.seller_id,
        "stock",
        body={"location_id": "BLR1", "sku": "MUG-BLUE", "on_hand": 3, "publish": False},
    )
    assert (counted["quantity"], counted["on_hand"], counted["oversold"], counted["sellable"]) == (100, 3, 2, 95)
    assert control.get("stats")["oversold_units"] == 2


def test_quotas_show_levels_and_change_while_running(amazon: Amazon, seller: Seller) -> None:
    """One operation, or all, for one seller, or all; removed again."""
    amazon.clock.freeze()
    amazon.set_quotas("amazon")
    changed = amazon.control.patch("quotas", body={"operation": "getShipment", "rate": 0, "burst": 1})
    assert changed["overrides"] == [{"operation": "getShipment", "rate": 0.0, "burst": 1, "seller_id": None}]
    connector = Connector(amazon.url, seller)
    path = f"/shipments/{seller.order('MUG-BLUE').shipment_id}"
    assert [connector.call("GET", path)[0] for _ in range(2)] == [200, 429]
    level = amazon.control.get("quotas")["levels"][0]
    assert (level["operation"], level["tokens"]) == ("getShipment", 0.0)
    amazon.control.patch("quotas", body={"operation": "getShipment", "remove": True})
    amazon.control.post("quotas", "refill")
    assert connector.call("GET", path)[0] == 200
    with pytest.raises(SimulatorError, match="shipIt"):
        amazon.control.patch("quotas", body={"operation": "shipIt", "rate": 1})


def test_switches_change_together_or_not_at_all(amazon: Amazon, control: ControlClient) -> None:
    """A wrong value among right ones changes nothing; the list explains each switch."""
    with pytest.raises(SimulatorError, match="bad_token"):
        control.patch("switches", body={"wrong_state": "409", "bad_token": "402", "no_such": "x"})
    rows = {row["name"]: row for row in control.get("switches")["items"]}
    assert len(rows) == len(SWITCHES)
    assert rows["wrong_state"]["value"] == rows["wrong_state"]["default"] == "400"
    amazon.set_switches(wrong_state="409")
    assert control.post("switches", "reset")["items"][0]["value"] == "400"


def test_the_journal_filters_follows_and_counts(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """Calls are found by operation and effect, continued from a number, and counted for ever."""
    connector = Connector(amazon.url, seller)
    order = seller.order("MUG-BLUE")
    connector.confirm(order.shipment_id)
    first = control.get("journal", operation="processShipment")
    connector.confirm(order.shipment_id)
    later = control.get("journal", after_seq=first["last_seq"])["items"]
    assert [(row["status"], row["had_effect"]) for row in later] == [(409, False)]
    assert [row.operation for row in amazon.calls(had_effect=True)] == ["processShipment"]
    assert amazon.counters()["processShipment", 204] == 1
    assert amazon.stats().refused == 1


def test_faults_are_listed_with_what_they_did(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """Matched and struck calls are counted; an unknown operation is refused."""
    fault_id = amazon.add_fault("503", "processShipment", limit=1)
    order = seller.order("MUG-BLUE")
    connector = Connector(amazon.url, seller)
    assert [connector.confirm(order.shipment_id) for _ in range(2)] == [503, 204]
    listed = control.get("faults")["items"]
    assert [(row["fault_id"], row["matched"], row["struck"]) for row in listed] == [(fault_id, 2, 1)]
    assert control.delete("faults", fault_id)["struck"] == 1
    with pytest.raises(SimulatorError, match="/operations/0"):
        amazon.add_fault("500", "shipIt")


def test_a_snapshot_brings_everything_back(amazon: Amazon, control: ControlClient, seller: Seller) -> None:
    """Orders, credentials, randomness and time return; what came later is gone."""
    amazon.clock.freeze()
    kept = seller.order("MUG-BLUE")
    taken = control.post("snapshots")
    lost = seller.order("LAMP-CANE")
    amazon.clock.advance(3600)
    control.post("snapshots", taken["snapshot_id"], "restore")
    assert [row.shipment_id for row in amazon.shipments()] == [kept.shipment_id]
    assert control.get("clock")["now"] == taken["at"]
    assert seller.order("LAMP-CANE").shipment_id == lost.shipment_id
    assert Connector(amazon.url, seller).confirm(kept.shipment_id) == 204
    assert amazon.invariants().ok
    control.delete("snapshots", taken["snapshot_id"])
    with pytest.raises(SimulatorError, match="snapshot"):
        control.post("snapshots", taken["snapshot_id"], "restore")


def test_returns_travel_back(control: ControlClient, seller: Seller, amazon: Amazon) -> None:
    """A return is listed, moved along its way, and refuses an impossible step."""
    order = seller.order("MUG-BLUE")
    Connector(amazon.url, seller).label(order.shipment_id)
    order.scan()
    order.scan("DELIVERED")
    return_id = order.send_back(reason="Broken")
    assert control.post("returns", return_id, "move", body={"status": "IN_TRANSIT"})["status"] == "IN_TRANSIT"
    assert [row["return_id"] for row in control.get("returns", status="IN_TRANSIT")["items"]] == [return_id]
    with pytest.raises(SimulatorError, match="cannot follow"):
        control.post("returns", return_id, "move", body={"status": "CREATED"})


def test_a_scenario_is_played_by_name(amazon: Amazon, control: ControlClient) -> None:
    """The simulator is emptied first; an unknown name lists those that exist."""
    assert {"demo", "quiet"} <= {row["name"] for row in control.get("scenarios")["items"]}
    assert amazon.play("quiet").sellers == 1
    with pytest.raises(SimulatorError, match="Known are cancel_race, demo"):
        amazon.play("absent")


def test_buyers_and_carriers_make_a_living_world(amazon: Amazon, seller: Seller) -> None:
    """Orders come by themselves; labelled parcels leave and arrive by themselves; all rules hold."""
    amazon.clock.freeze()
    amazon.set_carriers(automatic=True, pickup_after_s=10, deliver_after_s=10)
    amazon.start_buyers(seller, orders_per_minute=5, programs={"SELLER_FLEX": 1}, skus=["MUG-BLUE"], stop_after=3)
    amazon.clock.advance(600)
    connector = Connector(amazon.url, seller)
    for row in amazon.shipments():
        assert connector.label(row.shipment_id) == 200
    amazon.clock.advance(60)
    stats = amazon.stats()
    assert (stats.states, stats.labels_made) == ({"DELIVERED": 3}, 3)
    amazon.check()


def test_the_description_is_whole(control: ControlClient) -> None:
    """Every operation has an id of its own, a summary and a schema for its answer; every reference leads somewhere."""
    described = control.get("openapi.json")
    assert described["openapi"] == "3.1.0"
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    assert all(operation["summary"].endswith(".") for operation in operations)
    references = set(json.dumps(described).split('"#/components/schemas/')[1:])
    assert {text.split('"')[0] for text in references} <= set(described["components"]["schemas"])


def test_a_client_that_was_idle_goes_on(control: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that the server has given up meanwhile is opened anew, unnoticed."""
    control.get("health")
    before = control._connection.sock
    monkeypatch.setattr("packline_sim.control.client.IDLE_SECONDS", 0.0)
    assert control.get("health")["status"] == "ok"
    assert control._connection.sock is not before
