"""The call log never holds a person's data or a secret."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.external_fulfillment.operations import OPERATIONS
from packline.amazon.spapi.call_log import ERRORS, HIDDEN, redacted

SHIPMENT = {
    "id": "S1",
    "status": "CONFIRMED",
    "somethingNew": {"name": "Ada"},
    "shippingInfo": {"shippingType": "SELF", "shipToAddress": {"name": "Ada", "postalCode": "560001"}},
    "partyInfoList": [{"address": {"name": "Ada"}}],
    "lineItems": [
        {"shipmentLineItemId": "1", "merchantSku": "SKU", "serialNumbers": ["IMEI"], "giftAttributes": {"x": 1}}
    ],
    "packages": [{"id": "P1", "weight": {"value": "500", "weightUnit": "G"}}],
}


def test_only_named_fields_are_kept():
    """Rule: ids, states and sizes stay; everything else, known or not, is hidden."""
    kept = json.loads(redacted(json.dumps(SHIPMENT).encode(), KEPT_FIELDS["getShipment"]))
    assert kept == {
        "id": "S1",
        "status": "CONFIRMED",
        "somethingNew": HIDDEN,
        "shippingInfo": {"shippingType": "SELF", "shipToAddress": HIDDEN},
        "partyInfoList": HIDDEN,
        "lineItems": [
            {"shipmentLineItemId": "1", "merchantSku": "SKU", "serialNumbers": HIDDEN, "giftAttributes": HIDDEN}
        ],
        "packages": [{"id": "P1", "weight": {"value": "500", "weightUnit": "G"}}],
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("SECRET"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["address", "name", "otp", "url", "content", "access_token"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(KEPT_FIELDS)), json_values)
def test_a_secret_under_an_unnamed_field_never_gets_through(operation, value):
    """Rule: redaction is an allow-list; no shape of unknown data can slip past it."""
    body = json.dumps({"unknown": value, "shippingInfo": {"shipToAddress": value}}).encode()
    assert b"SECRET" not in redacted(body, KEPT_FIELDS[operation])


def test_a_plain_field_that_turns_out_to_be_an_object_is_hidden():
    """Rule: a field is kept only in the shape it was allowed in."""
    kept = json.loads(
        redacted(b'{"id":{"name":"Ada"},"shipmentInfo":"Ada","status":["A"]}', KEPT_FIELDS["getShipment"])
    )
    assert kept == {"id": HIDDEN, "shipmentInfo": HIDDEN, "status": ["A"]}


def test_what_is_no_json_is_hidden_whole():
    """Rule: bytes that cannot be read cannot be judged."""
    assert redacted(b"<html>Ada</html>", ERRORS) == f'"{HIDDEN} 16 bytes"'.encode()
    assert redacted(b"", ERRORS) == b""


def test_every_operation_says_what_may_be_kept():
    """Rule: a new operation without a row keeps nothing, and this test asks for the row."""
    assert set(KEPT_FIELDS) == set(OPERATIONS)
