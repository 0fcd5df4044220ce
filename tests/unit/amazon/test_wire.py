"""Amazon's bodies are read liberally and written exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from packline.amazon.external_fulfillment import build, wire
from packline.amazon.external_fulfillment.operations import OPERATIONS
from packline.amazon.times import instant, stamp

READ = wire.reader(wire.Shipment)


def test_numbers_come_as_text_or_as_numbers():
    """Rule: the model says text, Amazon's own test data has numbers."""
    body = b"""{"id":"S","status":"CONFIRMED","shipmentInfo":{"numberOfUnits":"2","orderPlacedTimestamp":1604923992000},
      "packages":[{"weight":{"value":500,"weightUnit":"G"},"dimensions":{"length":{"value":"10.50"},"width":{"value":1.1}}}]}"""
    shipment = READ.decode(body)
    package = shipment.packages[0]
    assert (package.weight.value, package.dimensions.length.value) == (Decimal(500), Decimal("10.50"))
    assert package.dimensions.width.value == Decimal("1.1")
    assert shipment.shipment_info.number_of_units == 2


@pytest.mark.parametrize("packages", ["null", "[]", None])
def test_null_missing_and_empty_all_mean_nothing(packages):
    """Rule: `shipment.packages or ()` is always a sequence."""
    extra = "" if packages is None else f',"packages":{packages}'
    shipment = READ.decode(f'{{"id":"S","status":"X"{extra}}}'.encode())
    assert list(shipment.packages or ()) == []


def test_unknown_words_and_fields_survive():
    """Rule: an enumeration is any text; what is not known is skipped."""
    shipment = READ.decode(b'{"id":"S","status":"Teleported","brandNew":{"a":[1]},"subStatus":null}')
    assert shipment.status == "Teleported"
    assert wire.canonical(" PickUp Slot_retrieved") == "PICKUP_SLOT_RETRIEVED"
    assert wire.canonical(None) == ""


def test_the_utc_in_a_name_is_capital_on_the_wire():
    """Rule: expectedShippingDateTimeInUTC, not ...InUtc."""
    body = b'{"id":"S","status":"X","shippingInfo":{"expectedShippingDateTimeInUTC":"2026-01-01T00:00:00Z"}}'
    assert READ.decode(body).shipping_info.expected_shipping_date_time_in_utc == "2026-01-01T00:00:00Z"
    head = wire.reader(wire.ShipmentHead).decode(body)
    assert head.shipping_info.expected_shipping_date_time_in_utc == "2026-01-01T00:00:00Z"


def test_one_poisoned_shipment_does_not_hide_the_others_of_its_page():
    """Rule: a page keeps its shipments as bytes; each is read by itself."""
    page = wire.reader(wire.ShipmentsPage).decode(
        b'{"shipments":[{"id":"A","status":"X"},{"id":7,"packages":"?"},{"id":"C","status":"Y"}],"pagination":{"nextToken":"t"}}'
    )
    read = []
    for raw in page.shipments:
        try:
            read.append(READ.decode(raw).id)
        except msgspec.DecodeError:
            read.append(None)
    assert read == ["A", None, "C"]
    assert page.next_token == "t"


@pytest.mark.parametrize("body", [b"{}", b'{"shipments":null,"pagination":null}', b'{"pagination":{"nextToken":""}}'])
def test_a_page_without_a_token_is_the_last(body):
    """Rule: null, missing and empty tokens all end the listing."""
    assert wire.reader(wire.ShipmentsPage).decode(body).next_token is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T08:34:05+05:30", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-06-09 14:00:00Z", datetime(2020, 6, 9, 14, tzinfo=UTC)),
        ("2020-06-09T14:00:00", datetime(2020, 6, 9, 14, tzinfo=UTC)),
        ("2020-06-09T14:00:00.123456789Z", datetime(2020, 6, 9, 14, 0, 0, 123456, tzinfo=UTC)),
        ("1604923992000", datetime(2020, 11, 9, 12, 13, 12, tzinfo=UTC)),
        (1604923992, datetime(2020, 11, 9, 12, 13, 12, tzinfo=UTC)),
        (162132660, datetime(1975, 2, 20, 12, 51, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (1e300, None),
    ],
)
def test_moments_are_read_in_every_form_of_amazons_examples(written, expected):
    """Rule: text or number, seconds or milliseconds, with or without T, zone and fraction."""
    assert instant(written) == expected


def test_moments_are_written_in_utc():
    """Rule: filters take ISO 8601 with Z."""
    assert stamp(instant("2026-01-02T08:34:05+05:30")) == "2026-01-02T03:04:05.000Z"


def test_a_package_is_sent_exactly():
    """Rule: decimals as text without exponent, nothing that was not given, no null."""
    line = build.package_line("L1", 2, serial_numbers=["A", "B"], country_of_origin="IN", item_value=("10.00", "INR"))
    described = build.package("P1", [line], size=("1E+1", 20, Decimal("5.5")), weight=500, handling="FRAGILE")
    assert json.loads(build.packages([described])) == {
        "packages": [
            {
                "id": "P1",
                "dimensions": {
                    "length": {"value": "10", "dimensionUnit": "CM"},
                    "width": {"value": "20", "dimensionUnit": "CM"},
                    "height": {"value": "5.5", "dimensionUnit": "CM"},
                },
                "weight": {"value": "500", "weightUnit": "G"},
                "packageLineItems": [
                    {
                        "packageLineItemId": "L1",
                        "quantity": 2,
                        "serialNumbers": ["A", "B"],
                        "countryOfOrigin": "IN",
                        "itemValue": {"value": "10.00", "currencyCode": "INR"},
                    }
                ],
                "packageHandlingRequirements": "FRAGILE",
            }
        ]
    }
    assert json.loads(build.one_package(described)) == json.loads(build.packages([described]))["packages"][0]
    with pytest.raises(ValueError, match="finite"):
        build.decimal("NaN")


def test_a_rejection_names_every_line_with_its_reason():
    """Rule: processShipment REJECT as the model has it."""
    assert json.loads(build.rejection("R1", [("L1", 0, "OUT_OF_STOCK")])) == {
        "referenceId": "R1",
        "lineItems": [{"lineItem": {"id": "L1", "quantity": 0}, "reason": "OUT_OF_STOCK"}],
    }


def test_delivery_news_and_labels_are_sent_exactly():
    """Rule: what is not given is left out; the model's limits hold."""
    assert json.loads(build.package_status("SHIPPED")) == {"status": "SHIPPED"}
    assert len(json.loads(build.package_status("SHIPPED", "OUT_FOR_DELIVERY", "x" * 200))["reason"]) == 128
    assert json.loads(build.ship_labels(["P1"], ("Carrier", "T1"))) == {
        "packageIds": ["P1"],
        "courierSupportedAttributes": {"carrierName": "Carrier", "trackingId": "T1"},
    }
    for wrong in ([], ["P"] * 51):
        with pytest.raises(ValueError, match="1 to 50"):
            build.ship_labels(wrong)


def test_stock_requests_carry_the_sku_percent_encoded_in_their_address():
    """Rule: absolute quantity, sequence number, and the address inside the body encoded."""
    requests = [build.stock_update("EXSB", "A/B +1", 5, 1700000000000, ("MFN", "M1")), build.stock_fetch("EXSB", "A")]
    assert json.loads(build.stock_batch(requests))["requests"] == [
        {
            "method": "POST",
            "uri": "/inventory/update?locationId=EXSB&skuId=A%2FB%20%2B1",
            "body": {
                "quantity": 5,
                "clientSequenceNumber": 1700000000000,
                "marketplaceAttributes": {"channelName": "MFN", "marketplaceId": "M1"},
            },
        },
        {"method": "POST", "uri": "/inventory/fetch?locationId=EXSB&skuId=A", "body": {}},
    ]
    for wrong in ([], [requests[1]] * 11):
        with pytest.raises(ValueError, match="1 to 10"):
            build.stock_batch(wrong)


def test_the_table_holds_thirteen_operations_and_says_which_write():
    """Rule: only reads may be repeated; asking for shipping options moves the shipment but may be repeated too."""
    assert len(OPERATIONS) == 13
    assert {name for name, operation in OPERATIONS.items() if operation.is_write} == {
        "processShipment",
        "createPackages",
        "updatePackage",
        "updatePackageStatus",
        "generateInvoice",
        "generateShipLabels",
        "batchInventory",
    }


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01", "-62135596800", 253402300799000, "9" * 400],
)
def test_the_first_and_the_last_moment_of_a_calendar_are_none(written):
    """Rule: programs write them where they know none; a database keeps them as infinite."""
    assert instant(written) is None
