"""Returns as Amazon writes them, in our words; what cannot be read is kept without its password."""

import msgspec
import pytest

from packline.amazon.external_fulfillment import wire
from packline.amazon.external_fulfillment.returns import page_of, without_password
from packline.domain.returns import Kind

_PAGE = wire.reader(wire.ReturnsPage)
FULL = {
    "id": "R-1",
    "status": "Out For Delivery",
    "returnType": "REJECT",
    "returnSubType": "NORMAL",
    "merchantSku": "KURTA-M",
    "numberOfUnits": "2",
    "returnLocationId": "EXSB",
    "fulfillmentLocationId": "EXSB",
    "creationDateTime": "2026-01-05T04:30:00Z",
    "lastUpdatedDateTime": 1767587400,
    "returnMetadata": {"returnReason": "Missed", "rmaId": "RMA1", "fulfillmentOrderId": "F1"},
    "returnShippingInfo": {
        "deliveryDateTime": None,
        "forwardTrackingInfo": {"carrierName": "ATS", "trackingId": 123},
        "reverseTrackingInfo": {"carrierName": "ATS", "trackingId": "456"},
    },
    "marketplaceChannelDetails": {"shipmentId": "S-1", "customerOrderId": "O-1", "returnLocationId": "EDD9"},
    "otpDetails": {"otp": 481516, "validTill": 1767587400},
    "replanningDetails": {"previousTrackingInfo": [{"carrierName": "ATS", "trackingId": "111"}]},
}


def read(*returns: object, token: str | None = None):
    """Read a page of returns."""
    return page_of(_PAGE.decode(msgspec.json.encode({"returns": returns, "nextToken": token})))


def test_a_return_is_read_in_any_of_amazons_spellings():
    """Numbers as text, text as numbers, seconds since 1970, words with spaces; REJECT is a return to origin."""
    (one,) = read(FULL, token="T").entries
    assert (one.status, one.kind, one.units) == ("OUT_FOR_DELIVERY", Kind.ORIGIN, 2)
    assert (one.location, one.amazon_shipment, one.order_id) == ("EXSB", "S-1", "O-1")
    assert (one.tracking_id, one.forward_tracking_id, one.previous) == ("456", "123", (("ATS", "111"),))
    assert one.password is not None
    assert one.password.word == "481516"
    assert "481516" not in repr(one)


def test_what_is_missing_null_or_empty_is_survived():
    """Only id and status are needed; a location that is left out is the one that shipped."""
    (one,) = read({"id": "R-2", "status": "NEW_ONE", "fulfillmentLocationId": "EXSB", "otpDetails": None}).entries
    assert (one.status, one.kind, one.units, one.location, one.password) == ("NEW_ONE", Kind.CUSTOMER, 1, "EXSB", None)
    assert read().entries == ()


def test_one_that_cannot_be_read_hides_no_other_and_keeps_no_password():
    """Its bytes go to a person's list without whatever is called a one-time password."""
    broken = {"id": ["no text"], "status": "CREATED", "otpDetails": {"otp": "481516"}, "inner": [{"OTP": "481516"}]}
    page = read(FULL, broken)
    assert len(page.entries) == 1
    ((body, reason),) = page.unreadable
    assert b"481516" not in body
    assert b"CREATED" in body
    assert reason


def test_a_control_character_is_unreadable():
    """What cannot be stored is told, not guessed."""
    assert read(FULL | {"merchantSku": "A\x00B"}).entries == ()


@pytest.mark.parametrize("body", [b"{broken", b'{"otp": "481516"', b"\xff"])
def test_of_broken_bytes_nothing_is_kept(body):
    """Where a password stands in them cannot be known."""
    assert without_password(body) == b""
