"""Every room of the page as it is served, without a browser: what stands there, and that it can be done."""

import json
import re
import urllib.error
import urllib.request
from html import unescape
from typing import Any

import pytest

from packline_sim.control.handles import Amazon, Seller
from packline_sim.page.rooms import ROOMS
from packline_sim.page.words import short, span, tone

BUTTON = re.compile(r'data-call="([^"]+)"(?: data-body="([^"]*)")?')


def page(amazon: Amazon, path: str = "") -> str:
    """Fetch a room."""
    with urllib.request.urlopen(f"{amazon.url}/_sim/{path}") as answer:
        text: str = answer.read().decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return text


def press(amazon: Amazon, shown: str, words: str) -> Any:
    """Press the button on a page whose operation contains some words, as the page's script does."""
    found = [(unescape(call), unescape(body)) for call, body in BUTTON.findall(shown) if words in unescape(call)]
    assert found, f"no button for {words}"
    (method, path), body = found[0][0].split(), found[0][1]
    content = body.encode() if body and method != "DELETE" else None
    request = urllib.request.Request(amazon.url + path, content, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_every_room_stands_in_an_empty_world(amazon: Amazon, room: str) -> None:
    """Nobody sells yet: each room says what will come and how to make it come."""
    text = page(amazon, f"page/{room}")
    assert 'class="empty"' in text or room == "world"
    assert "Simulated Amazon" in text


def test_an_empty_world_offers_scenarios(amazon: Amazon) -> None:
    """Somebody who opens the page first of all gets to a world with one click."""
    press(amazon, page(amazon), "/scenarios/quiet/play")
    assert amazon.sellers()


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_every_room_stands_in_a_full_world(amazon: Amazon, seller: Seller, room: str) -> None:
    """With shipments, orders, returns, a queue, faults: everything is drawn, nothing is missing."""
    queue = amazon.notifications.create_queue("told")
    queue.write("hello")
    order = seller.order("MUG-BLUE", units=2)
    amazon.control.post("smarthub", order.shipment_id, "work", body={"until": "ship"})
    amazon.control.post("shipments", order.shipment_id, "scan", body={"event": "DELIVERED"})
    order.send_back()
    seller.central_orders(2)
    amazon.add_fault("503", "getShipment", share=0.5)
    amazon.start_buyers(seller, 0.01)
    amazon.control.post("operators", body={"seller_id": seller.seller_id})
    amazon.control.post("integrators", body={"seller_id": seller.seller_id})
    text = page(amazon, f"page/{room}")
    assert {"shipments": order.shipment_id, "stock": "MUG-BLUE", "queues": "told"}.get(room, "Amazon") in text
    assert "Traceback" not in text


def test_a_shipment_is_taken_to_its_end_by_buttons_alone(amazon: Amazon, seller: Seller) -> None:
    """SmartHub confirms, packs, labels, ships; the carrier delivers, the buyer sends it back, the carrier takes it."""
    order = seller.order("MUG-BLUE", program="SELLER_FLEX")
    for words in ("/confirm", "/pack", "/label", "/ship", "/scan", "/returns"):
        press(amazon, page(amazon, f"page/shipments/{order.shipment_id}"), words)
    assert order.status == "DELIVERED"
    for words in ("/move",):
        press(amazon, page(amazon, "page/returns"), words)
    record = amazon.control.get("returns")["items"][0]
    assert record["status"] == "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER"
    amazon.check()


def test_an_order_is_taken_to_its_end_by_buttons_alone(amazon: Amazon, seller: Seller) -> None:
    """The seller's people schedule, the carrier collects and delivers; another one the buyer cancels."""
    order = seller.central_order("MUG-BLUE")
    for words in ("/schedule", "/scan"):
        press(amazon, page(amazon, f"page/orders?text={order.order_id}"), words)
    assert order.status == "Shipped"
    other = seller.central_order("MUG-BLUE")
    press(amazon, page(amazon, f"page/orders?text={other.order_id}"), "/request_cancel")
    assert "buyer asks to cancel" in page(amazon, f"page/orders?text={other.order_id}")
    press(amazon, page(amazon, f"page/orders?text={other.order_id}"), f"{other.order_id}/cancel")
    assert other.status == "Canceled"


def test_only_what_is_possible_is_offered(amazon: Amazon, seller: Seller) -> None:
    """Every button of every list can be pressed at once: none is refused."""
    for status in ("confirm", "pack", "label", "ship"):
        order = seller.order("MUG-BLUE", program="SELLER_FLEX")
        amazon.control.post("smarthub", order.shipment_id, "work", body={"until": status})
    seller.central_orders(2)
    kept = amazon.control.post("snapshots")["snapshot_id"]
    for room in ("shipments", "orders", "returns"):
        for call, body in BUTTON.findall(page(amazon, f"page/{room}")):
            method, path = unescape(call).split()
            if "/clock/" in path:
                continue
            request = urllib.request.Request(amazon.url + path, unescape(body).encode() or b"{}", method=method)
            with urllib.request.urlopen(request) as answer:
                assert answer.status < 300, path
            amazon.control.post("snapshots", kept, "restore")


def test_every_ready_trouble_can_be_made(amazon: Amazon) -> None:
    """Each button of the room of trouble puts a fault to work; the room shows it and takes it away."""
    calls = [row for row in BUTTON.findall(page(amazon, "page/trouble")) if row[0] == "POST /_sim/faults" and row[1]]
    assert len(calls) == 8
    for _, body in calls:
        amazon.control.post("faults", body=json.loads(unescape(body)))
    text = page(amazon, "page/trouble")
    assert text.count('data-row="fault-') == 8
    press(amazon, text, "DELETE /_sim/faults")
    assert "Nothing goes wrong on purpose" in page(amazon, "page/trouble")


def test_filters_are_in_the_address(amazon: Amazon, seller: Seller) -> None:
    """What is shown can be sent to a colleague; nothing that fits says so and how to see all."""
    one, other = seller.orders(2)
    one.cancel()
    text = page(amazon, "page/shipments?status=CANCELLED")
    assert one.shipment_id in text
    assert other.shipment_id not in text
    assert "Nothing fits" in page(amazon, "page/shipments?text=NOSUCH")
    assert other.shipment_id in page(amazon, f"page/shipments?text={other.shipment_id.lower()}")


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_filters_of_any_letters_break_no_room(amazon: Amazon, seller: Seller, room: str) -> None:
    """Whatever stands in the address: nothing fits, and the page stands."""
    for value in ("%C2%B2", "%D9%A3", "%00", "%FF", "9" * 5000, "-1", "%22%3E%3Cscript%3E"):
        names = ("status", "seller", "text", "operation", "shipment", "program", "location")
        text = page(amazon, f"page/{room}?{'&'.join(f'{name}={value}' for name in names)}")
        assert "<script>alert" not in text
        assert "Simulated Amazon" in text


def test_whoever_works_at_seller_central_is_not_called_smarthub(amazon: Amazon, seller: Seller) -> None:
    """Two panels, two names."""
    amazon.start_operator(seller, api="seller_central", share=0.5)
    text = page(amazon)
    assert "<b>Somebody at Seller Central</b> of" in text
    assert "50 % of the orders" in text
    assert "<b>SmartHub</b>" not in text


def test_a_rule_that_breaks_is_told_where_the_page_stands(amazon: Amazon) -> None:
    """The place of the alarm is there before there is one, so that it appears without loading the page."""
    assert 'id="broken" data-live="broken"' in page(amazon)


def test_broken_rules_are_shown(amazon_server: Any, amazon: Amazon, seller: Seller) -> None:
    """What does not add up stands on top of the world, by rule and subject."""
    assert "adds up" in page(amazon)
    amazon.notifications.create_queue("told").write("hello")
    amazon_server.world.queues.get("told").sent += 1
    text = page(amazon)
    assert "1 broken rule" in text
    assert "queues_add_up" in text


def test_what_is_not_there_is_told(amazon: Amazon) -> None:
    """A wrong address gets a page that leads on, and files come from the page's own folder only."""
    for path in ("page/nowhere", "page/shipments/NOSUCH", "page/static/nothing.css", "page/static/..%2fmount.py"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{amazon.url}/_sim/{path}")
        assert missing.value.code == 404


def test_texts_of_strangers_are_only_text(amazon: Amazon) -> None:
    """A name with markup in it is written, not obeyed."""
    amazon.create_seller("<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(amazon)
    assert "&lt;script&gt;" in page(amazon)


def test_words_of_time_and_status() -> None:
    """Lengths of time in two units, statuses in a word, each with a tone."""
    assert [span(ms) for ms in (0, 59_000, 61_000, 3_600_000, 7_500_000, 90_000_000)] == [
        "0 s", "59 s", "1 min", "1 h", "2 h 5 min", "1 d 1 h"
    ]  # fmt: skip
    assert [short(one) for one in ("SHIPLABEL_GENERATED", "OUT_FOR_DELIVERY", "PendingPickUp")] == [
        "Labelled", "Out for delivery", "Pending pick up"
    ]  # fmt: skip
    assert [tone(one) for one in ("DELIVERED", "Lost", "SHIPPED")] == ["good", "bad", "away"]
