"""Orders of both versions as facts and details, whatever Amazon leaves out or spells its own way."""

from __future__ import annotations

import json

import msgspec
import pytest

from packline.amazon.seller_central import parse, parse_v0
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.reactions import REACTIONS, reaction
from packline.amazon.seller_central.statuses import package_standing, standing
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import reader
from packline.domain.shipment import Status
from unit.amazon.seller_central.seller import INDIA, ORDER_ID, item, order, order_v0, package, shipment

WORDS = [
    ("PendingSchedule", "PENDING_SCHEDULE", None, "ACCEPTED", ""),
    ("PendingPickUp", "PENDING_PICK_UP", "ReadyForPickup", "SHIPLABEL_GENERATED", ""),
    ("PendingDropOff", "PENDING_DROP_OFF", "ReadyForPickup", "SHIPLABEL_GENERATED", ""),
    ("LabelCanceled", "LABEL_CANCELLED", "LabelCanceled", "PACKAGE_CREATED", "LABEL_CANCELLED"),
    ("PickedUp", "PICKED_UP", "PickedUp", "SHIPPED", "PICKED_UP"),
    ("DroppedOff", "DROPPED_OFF", None, "SHIPPED", "DROPPED_OFF"),
    ("AtOriginFC", "AT_ORIGIN_FC", "AtOriginFC", "SHIPPED", "AT_ORIGIN_FC"),
    ("AtDestinationFC", "AT_DESTINATION_FC", "AtDestinationFC", "SHIPPED", "AT_DESTINATION_FC"),
    ("OutForDelivery", "OUT_FOR_DELIVERY", "OutForDelivery", "SHIPPED", "OUT_FOR_DELIVERY"),
    ("Delivered", "DELIVERED", "Delivered", "DELIVERED", ""),
    ("RejectedByBuyer", "REJECTED_BY_BUYER", "Rejected", "SHIPPED", "REJECTED_BY_BUYER"),
    ("Undeliverable", "UNDELIVERABLE", "Undeliverable", "SHIPPED", "UNDELIVERABLE"),
    ("ReturningToSeller", "RETURNING_TO_SELLER", None, "SHIPPED", "RETURNING_TO_SELLER"),
    ("ReturnedToSeller", "RETURNED_TO_SELLER", "ReturnedToSeller", "SHIPPED", "RETURNED_TO_SELLER"),
    ("Lost", "LOST", "LostInTransit", "SHIPPED", "LOST"),
    ("Damaged", "DAMAGED", "DamagedInTransit", "SHIPPED", "DAMAGED"),
]


def facts(body, **given):
    """Read facts of an order given as a dictionary."""
    read = parse.order(json.dumps(body).encode())
    return parse.facts(read, load().of(parse.marketplace(read)), **given)


@pytest.mark.parametrize(("v0", "detailed", "of_package", "status", "sub_status"), WORDS)
def test_three_vocabularies_are_one_life(v0, detailed, of_package, status, sub_status):
    """Rule: Orders v0, 2026-01-01 and Easy Ship name the same states, in any letter case."""
    for word in filter(None, (v0, detailed, of_package, v0.lower(), detailed.lower(), v0.upper())):
        assert package_standing(word) == (Status(status), sub_status)


@pytest.mark.parametrize(
    ("order_word", "package_word", "expected"),
    [
        ("UNSHIPPED", None, ("ACCEPTED", "")),
        ("Unshipped", "", ("ACCEPTED", "")),
        ("UNSHIPPED", "PICKED_UP", ("SHIPPED", "PICKED_UP")),
        ("SHIPPED", "PENDING_PICK_UP", ("SHIPPED", "")),
        ("Shipped", None, ("SHIPPED", "")),
        ("CANCELLED", "PENDING_PICK_UP", ("CANCELLED", "")),
        ("Canceled", "LabelCanceled", ("CANCELLED", "")),
        ("UNSHIPPED", "TELEPORTED", ("ACCEPTED", "TELEPORTED")),
        ("DISSOLVED", None, ("DISSOLVED", "")),
        ("InvoiceUnconfirmed", None, ("SHIPPED", "")),
    ],
)
def test_order_and_package_lag_behind_each_other(order_word, package_word, expected):
    """Rule: the further one counts, a cancelled order is cancelled, what nobody documented is told as it is."""
    assert standing(order_word, package_word) == expected


def test_an_order_becomes_facts():
    """Rule: one order, one shipment at the default place, with its lines and its ship-by."""
    lines = [item("L-1", "MUG RED/1", 2), item("L-2", "CUP", 1), item("L-3", "GONE", 0)]
    found = facts(order(orderItems=lines))
    assert (found.amazon_id, found.order_id, found.location, found.marketplace) == (
        ORDER_ID,
        ORDER_ID,
        "DEFAULT",
        INDIA,
    )
    assert (found.channel, found.shipping_type, found.status, found.sub_status) == (
        "MFN",
        "MARKETPLACE",
        "ACCEPTED",
        "",
    )
    assert found.items == (("MUG RED/1", 2), ("CUP", 1))
    assert found.ship_by.isoformat() == "2026-11-22T18:29:59+00:00"
    assert found.needs_invoice
    assert "PICKUP_SLOT_RETRIEVED" in found.rejectable
    assert found.packages == ()


def test_a_scheduled_order_shows_its_one_package_under_our_name():
    """Rule: Amazon's reference is not ours; the only package keeps the name that it has here."""
    found = facts(order(detailed="PENDING_PICK_UP"), package_id="SHELF-7")
    ((seen,),) = (found.packages,)
    assert (seen.id, seen.status, seen.lines) == ("SHELF-7", "SHIPLABEL_GENERATED", (("L-1", 2),))


def test_the_live_package_counts_and_not_the_cancelled_ones_before_it():
    """Rule: after a cancelled label the order has a second package; Amazon lists them in any order."""

    def one(word, time):
        return {"packageReferenceId": word, "createdTime": time, "packageStatus": {"detailedStatus": word}}

    live, old = one("PENDING_PICK_UP", "2026-11-21T11:00:00Z"), one("LABEL_CANCELLED", "2026-11-21T10:00:00Z")
    assert facts(order(packages=[live, old])).status == "SHIPLABEL_GENERATED"
    assert facts(order(packages=[one("LABEL_CANCELLED", "2026-11-21T12:00:00Z")])).sub_status == "LABEL_CANCELLED"


def test_a_buyer_who_wants_to_cancel_is_told_until_the_order_moves():
    """Rule: Amazon leaves the order as it is; the seller must know before it is packed."""
    wish = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "NO_LONGER_WANTED"}}
    line = item("L-1", "A", 1) | {"cancellation": wish}
    assert facts(order(orderItems=[line])).sub_status == "BUYER_REQUESTED_CANCEL"
    assert facts(order(detailed="PENDING_PICK_UP", orderItems=[line])).sub_status == ""


@pytest.mark.parametrize(
    ("by", "told"),
    [("BUYER", "MARKETPLACE_CANCELLED"), ("merchant", "SELLER_REJECTED"), ("AMAZON", "MARKETPLACE_CANCELLED")],
)
def test_who_cancelled_is_told_in_the_words_of_every_program(by, told):
    """Rule: the WMS does not see which API a seller is on."""
    line = item("L-1", "A", 1) | {"cancellation": {"cancellationExecution": {"cancelledBy": by}}}
    found = facts(order("CANCELLED", orderItems=[line]))
    assert (found.status, found.cancelled_by) == ("CANCELLED", told)


def test_a_replacement_is_linked_to_the_order_that_it_replaces():
    """Rule: a shipment of its own, with the original's id."""
    linked = [{"orderId": "402-1-1", "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    found = facts(order(associatedOrders=linked))
    assert (found.kind, found.original_id) == ("REPLACEMENT", "402-1-1")
    old = facts(order_v0(IsReplacementOrder="true", ReplacedOrderId="402-1-1"))
    assert (old.kind, old.original_id) == ("REPLACEMENT", "402-1-1")


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        (order(), True),
        (order(programs=["DELIVERY_BY_AMAZON"]), True),
        (order(programs=["amazon_easy_ship"], packages=[]), True),
        (order(programs=None), True),
        (order(programs=["PRIME"], packages=[]), False),
        (order("PENDING"), False),
        (order("PENDING_AVAILABILITY"), False),
        (order("CANCELLED"), True),
        (order() | {"fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "AMAZON"}}, False),
    ],
)
def test_easy_ship_orders_are_told_by_program_or_package(body, ours):
    """Rule: Amazon has no filter for them; orders that wait for their payment are taken in when they are ready."""
    assert parse.is_ours(parse.order(json.dumps(body).encode())) is ours


@pytest.mark.parametrize(
    ("body", "silent", "ours"),
    [
        (order_v0(), False, True),
        (order_v0(easy_ship=None), False, False),
        (order_v0(easy_ship=None), True, True),
        (order_v0("Shipped", None), True, False),
        (order_v0(easy_ship=None, ShipServiceLevel="Std EZ Local"), False, True),
        (order_v0("Canceled", None), False, True),
        (order_v0("Pending"), False, False),
        (order_v0(FulfillmentChannel="AFN"), True, False),
    ],
)
def test_in_v0_the_status_tells_and_where_it_is_missing_the_service_level(body, silent, ours):
    """Rule: in FE a new order may have no Easy Ship status; a cancellation is never missed."""
    assert parse_v0.is_ours(parse_v0.head(json.dumps(body).encode()), silent=silent) is ours


def test_both_versions_give_the_same_facts_and_details():
    """Rule: v0 is a switch; the warehouse sees no difference."""
    items = [
        {
            "OrderItemId": "L-1",
            "SellerSKU": "MUG RED/1",
            "Title": "A mug",
            "QuantityOrdered": "2",
            "SerialNumberRequired": "true",
        }
    ]
    old = json.dumps(order_v0() | {"OrderItems": items}).encode()
    new = json.dumps(order(orderItems=[item("L-1", "MUG RED/1", 2, serials=True)])).encode()
    assert facts(json.loads(old)) == facts(json.loads(new))
    assert parse.details(old) == parse.details(new)
    assert parse.details(new).lines[0].serial_numbers == "REQUIRED"


def test_a_buyers_address_is_read_where_amazon_gives_one_and_cash_is_told():
    """Rule: v0 gives town and postal code without a restricted token."""
    address = {"City": "Pune", "PostalCode": 411001, "CountryCode": "IN", "StateOrRegion": None}
    read = parse.details(json.dumps(order_v0(ShippingAddress=address, PaymentMethod="COD")).encode())
    assert read.ship_to == {"city": "Pune", "postal_code": "411001", "country_code": "IN"}
    assert read.payment == "COD"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"orderId":" "}', b'{"orderId":[]}', b'{"AmazonOrderId":"X","OrderItems":7}', b"\xff"]
)
def test_what_is_no_order_says_so(body):
    """Rule: the reader raises, so that the bytes are kept for a person."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        parse.order(body)


def test_nulls_numbers_and_missing_fields_are_read():
    """Rule: everything but the id may be missing or null, and unknown fields are skipped."""
    bare = {
        "orderId": "403-1-1",
        "fulfillment": None,
        "orderItems": None,
        "packages": None,
        "programs": None,
        "new": {"x": []},
    }
    found = facts(bare)
    assert (found.amazon_id, found.items, found.as_of) == ("403-1-1", (), parse.LONG_AGO)


def test_a_package_gives_facts_of_the_shipment_that_is_known():
    """Rule: what a package does not tell stays, so that nothing seems changed; a new status is at least live."""
    known = shipment()
    read = reader(easy_ship.Package).decode(json.dumps(package("BeamedUp")).encode())
    found = parse.package_facts(read, known)
    assert (found.status, found.items, found.as_of) == ("SHIPLABEL_GENERATED", known.items, known.as_of)
    assert found.packages[0].window.start.isoformat() == "2026-11-22T04:30:00+00:00"


def test_each_code_of_amazons_has_its_reaction():
    """Rule: the eleven of the model and the two that every API has; in any spelling; each says what Packline does."""
    assert len(REACTIONS) == 13
    assert reaction("scheduled package already exists").kind == "conflict"
    assert {r.kind for r in REACTIONS.values()} == {"refused", "conflict", "slot", "unclear", "wait"}
    for one in REACTIONS.values():
        assert one.meaning.endswith(".")
        assert one.packline.endswith(".")
        assert one.person or "refused" not in (one.kind, one.on_read)
    assert reaction("BrandNewCode") is None
