"""Whatever field Amazon leaves out, sends as null or spells as another type: it is read, or the bytes are kept."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from packline.amazon.seller_central import parse
from packline.amazon.seller_central.capabilities import load
from packline.amazon.seller_central.kept_fields import KEPT_FIELDS
from packline.amazon.seller_central.operations import OPERATIONS
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import reader
from packline.amazon.spapi.call_log import redacted
from packline.errors import Unexpected
from packline.ports import Query
from unit.amazon.scripted_transport import answer
from unit.amazon.seller_central.seller import gateway, item, order, order_v0, package, shipment, time_slot

ORDER = order(
    detailed="PENDING_PICK_UP",
    orderItems=[
        item("L-1", "A", 2, serials=True)
        | {
            "cancellation": {
                "cancellationRequest": {"requester": "BUYER"},
                "cancellationExecution": {"cancelledBy": "BUYER"},
            },
            "proceeds": {"proceedsTotal": {"amount": "10.50", "currencyCode": "INR"}},
        }
    ],
    associatedOrders=[{"orderId": "1-1-1", "associationType": "REPLACEMENT_ORIGINAL_ID"}],
    recipient={"deliveryAddress": {"name": "Someone", "addressLine1": "1 Road", "postalCode": "411001"}},
    payment={"paymentExecutions": [{"paymentMethod": "COD"}]},
)
ORDER_V0 = order_v0(
    ShippingAddress={"City": "Pune", "PostalCode": "411001", "Name": "Someone"},
    OrderItems=[
        {
            "OrderItemId": "L-1",
            "SellerSKU": "A",
            "QuantityOrdered": 2,
            "ItemPrice": {"Amount": "1.0", "CurrencyCode": "INR"},
            "BuyerRequestedCancel": {"IsBuyerRequestedCancel": "false"},
        }
    ],
)
CAPABILITIES = load()
KEYS = ("orderId", "AmazonOrderId")


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield (*at, key)
        yield from places(child, (*at, key))


def changed(document: Any, place: tuple[Any, ...], value: Any, *, gone: bool = False) -> bytes:
    """Write a document with one place changed or taken out."""
    copied = copy.deepcopy(document)
    parent = copied
    for key in place[:-1]:
        parent = parent[key]
    if gone:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return json.dumps(copied).encode()


def read_all(body: bytes) -> None:
    """Read everything that Packline reads of an order."""
    read = parse.order(body)
    parse.is_ours(read)
    parse.facts(read, CAPABILITIES.of(parse.marketplace(read)))
    parse.details(body)


def optional(document: Any) -> list[tuple[Any, ...]]:
    """List the places that may be empty: all fields but the order's id; an element of a list is there or not."""
    return [place for place in places(document) if isinstance(place[-1], str) and place not in [(k,) for k in KEYS]]


@pytest.mark.parametrize("document", [ORDER, ORDER_V0], ids=["2026-01-01", "v0"])
def test_every_field_but_the_id_may_be_missing_or_null(document):
    """Rule: a field that Amazon leaves out costs what it says, not the order."""
    for place in optional(document):
        read_all(changed(document, place, None))
        read_all(changed(document, place, None, gone=True))


def test_every_field_of_a_package_and_of_slots_may_be_missing_or_null():
    """Rule: a scheduled package is a label, however little it says."""
    for place in optional(package()):
        read = reader(easy_ship.Package).decode(changed(package(), place, None))
        parse.label(read, "PKG-1")
        parse.package_facts(read, shipment())
    slots = {"timeSlots": [time_slot()]}
    for place in optional(slots):
        parse.options(reader(easy_ship.HandoverSlots).decode(changed(slots, place, None)))


@given(
    st.sampled_from([(ORDER, place) for place in places(ORDER)] + [(ORDER_V0, place) for place in places(ORDER_V0)]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([{}])),
)
def test_what_cannot_be_read_says_so_and_nothing_else_happens(where, value):
    """Rule: a wrong type ends as DecodeError, so that the bytes are kept for a person; never as another error."""
    document, place = where
    with contextlib.suppress(msgspec.DecodeError):
        read_all(changed(document, place, value))


def test_the_call_log_keeps_no_name_address_money_or_serial_number():
    """Rule: ids, states, sizes and times; a table names what is kept, everything else is hidden."""
    secret = ("Someone", "1 Road", "411001", "10.50", "S-SECRET", "https://files")
    scheduled = package(packageItems=[{"orderItemId": "L-1", "orderItemSerialNumbers": ["S-SECRET"]}])
    bodies = {
        "searchOrders": {"orders": [ORDER]},
        "getOrder": {"order": ORDER},
        "getOrders": {"payload": {"Orders": [ORDER_V0]}},
        "getOrderV0": {"payload": ORDER_V0},
        "getOrderItems": {"payload": {"OrderItems": ORDER_V0["OrderItems"]}},
        "createScheduledPackage": scheduled | {"packageDetails": scheduled},
        "createScheduledPackageBulk": {"scheduledPackages": [scheduled], "printableDocumentsUrl": "https://files"},
        "createFeedDocument": {"feedDocumentId": "D", "url": "https://files"},
        "getReportDocument": {"reportDocumentId": "D", "url": "https://files"},
    }
    for operation, body in bodies.items():
        kept = redacted(json.dumps(body).encode(), KEPT_FIELDS[operation]).decode()
        assert not [word for word in secret if word in kept], operation
    assert "403-1234567-1234567" in redacted(json.dumps(ORDER).encode(), KEPT_FIELDS["getOrder"]["order"]).decode()
    assert OPERATIONS.keys() == KEPT_FIELDS.keys()


async def test_an_answer_that_is_nested_without_end_is_told_and_crashes_nothing():
    """Rule: what cannot be read is Amazon's misfit, with the operation's name, whatever it is made of."""
    amazon, _ = gateway(answer(200, b'{"orders":[' + b"[" * 20_000 + b"]" * 20_000 + b"]}"))
    with pytest.raises(Unexpected, match="searchOrders"):
        await amazon.list_page("acme-in", Query("orders", after=NOON), None)
