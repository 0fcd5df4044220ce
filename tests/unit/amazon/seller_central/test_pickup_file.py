"""Pickups are scheduled by a file where there is no API."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from packline.amazon.seller_central.pickup_file import Dates, Pickup, pickup_files
from packline.domain.values import Box, Window
from packline.errors import Invalid

RIYADH = ZoneInfo("Asia/Riyadh")
WINDOW = Window(datetime(2026, 11, 22, 21, 30, tzinfo=UTC), datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "PICKUP")
ROW = Pickup("402-1234567-7654321", Box(30, 20.5, 10.25, 850), WINDOW, "BIN 7")


def numbered(count: int) -> list[Pickup]:
    """Give so many different orders."""
    return [replace(ROW, order_id=f"402-1234567-{number:07d}") for number in range(count)]


def test_a_file_has_the_columns_of_seller_central() -> None:
    """Header and row are tab-delimited; dates are the seller's local ones."""
    made = pickup_files([ROW], RIYADH)
    assert made.files[0].content.decode().split("\n") == [
        (
            "order_id\tpackage_weight\tpackage_length\tpackage_width\tpackage_height"
            "\tschedule_pickup_date\tschedule_pickup_time\tmerchant_additional_identifier"
        ),
        "402-1234567-7654321\t850\t30\t20.5\t10.25\t2026-11-23\t00:30\tBIN 7",
        "",
    ]
    other = pickup_files([ROW], RIYADH, Dates("%d/%m/%Y", "%I:%M %p"))
    assert b"23/11/2026\t12:30 AM" in other.files[0].content


def test_a_file_holds_at_most_500_orders() -> None:
    """More orders are more files, none of them lost or twice."""
    made = pickup_files(numbered(1201), RIYADH)
    assert [len(file.order_ids) for file in made.files] == [500, 500, 201]
    assert [id_ for file in made.files for id_ in file.order_ids] == [row.order_id for row in numbered(1201)]
    assert all(file.content.count(b"\n") == len(file.order_ids) + 1 for file in made.files)
    assert made.refused == ()


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        (replace(ROW, order_id="402-1"), "/order_id"),
        (replace(ROW, box=Box(30, 20, 10, 10.9)), "/box/weight_g"),
        (replace(ROW, box=Box(30, 20, 10, float("nan"))), "/box/weight_g"),
        (replace(ROW, box=Box(0, 20, 10, 850)), "/box/length_cm"),
        (replace(ROW, box=Box(30, -1, 10, 850)), "/box/width_cm"),
        (replace(ROW, window=replace(WINDOW, start=datetime(2026, 11, 22))), "/window"),
        (replace(ROW, window=replace(WINDOW, method="DROPOFF")), "/window"),
        (replace(ROW, identifier="two\tcolumns"), "/identifier"),
        (replace(ROW, identifier="two\nlines"), "/identifier"),
        (replace(ROW, identifier="x" * 256), "/identifier"),
    ],
)
def test_a_row_that_would_be_refused_is_named(row: Pickup, pointer: str) -> None:
    """A bad row is left out with the field and the reason; the good ones around it are written."""
    good = numbered(2)
    made = pickup_files([good[0], row, good[1]], RIYADH)
    assert made.files[0].order_ids == (good[0].order_id, good[1].order_id)
    assert [(refused.row, refused.order_id) for refused in made.refused] == [(1, row.order_id)]
    assert [fault.pointer for fault in made.refused[0].faults] == [pointer]


def test_an_order_stands_in_one_row() -> None:
    """The second row of an order is refused, pointing at the first."""
    made = pickup_files([ROW, ROW], RIYADH)
    assert made.files[0].order_ids == (ROW.order_id,)
    assert "row 0" in made.refused[0].faults[0].message


def test_no_rows_are_refused_and_only_bad_rows_make_no_file() -> None:
    """An empty file helps nobody."""
    with pytest.raises(Invalid, match="no order"):
        pickup_files([], RIYADH)
    assert pickup_files([replace(ROW, order_id="x")], RIYADH).files == ()
