"""Cells of CSV that must not become formulas, in files that we write and read again."""

import csv
import io

import pytest

from packline.oms.formulas import guarded, unguarded
from packline.oms.table_files import read_rows
from packline.oms.table_writing import write_table

BAD = ("=1+1", "@SUM(A1)", "+1+cmd|' /C calc'!A0", '-1+HYPERLINK("x")', "\tx", "\rx", "\nx", "+91 80 1234", "-SKU-1")
GOOD = ("", "x", "-3", "+2", "-1.5", "-1,234.50", "+919876543210", "-4%", "'tis", "2026-11-22", "a=b")


@pytest.mark.parametrize("text", BAD)
def test_a_text_that_a_spreadsheet_would_calculate_is_guarded(text: str) -> None:
    """Rule: no cell of a CSV file of ours begins a formula, whatever a buyer or a title says."""
    assert guarded(text) == f"'{text}"
    cell = next(csv.reader(io.StringIO(write_table("csv", ["a"], [[text]]).decode().partition("\n")[2], newline="")))[0]
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", GOOD)
def test_numbers_and_plain_texts_are_left_alone(text: str) -> None:
    """Rule: a number with a sign stays a number."""
    assert guarded(text) == text
    assert write_table("csv", ["a", "b"], [[text, 1]]).decode().splitlines()[1].strip('"').startswith(text)


@pytest.mark.parametrize("text", [*BAD, *GOOD, "''=x"])
def test_what_was_guarded_comes_back_as_it_was(text: str) -> None:
    """Rule: a file of ours that is mended and sent again names the same SKU, without an apostrophe."""
    assert unguarded(guarded(text)) == text


def test_a_file_of_ours_is_read_as_it_was_written() -> None:
    """Rule: every reader of files takes the guard away."""
    written = write_table("csv", ["sku", "units"], [["-SKU-1", -3], ["=A", 4], ["plain", "+5"]])
    assert [row for _, row in read_rows(written, "csv")] == [
        {"sku": "-SKU-1", "units": "-3"},
        {"sku": "=A", "units": "4"},
        {"sku": "plain", "units": "+5"},
    ]
