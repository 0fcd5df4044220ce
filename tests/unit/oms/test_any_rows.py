"""Rows of files that somebody sends."""

import pytest

from packline.errors import Invalid
from packline.oms.any_rows import rows_of

DEEP = b'{"a":' * 6000 + b"1" + b"}" * 6000


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_an_apostrophe_quotes_nothing(mark: str) -> None:
    """Rule: titles within apostrophes swallow no row; double quotes hold what parts columns."""
    lines = (("A1", "'blue'", "1"), ("B2", "'red", "2"), ("C3", f'"Men\'s {mark} x"', "3"), ("D4", "it's", "4"))
    file = "\r\n".join(mark.join(line) for line in (("sku", "title", "units"), *lines))
    rows = [tuple(row.values()) for _, row in rows_of(file.encode(), "stock.csv")]
    assert rows == [(sku, title.strip('"'), units) for sku, title, units in lines]


@pytest.mark.parametrize(
    ("content", "name"), [(b"[" + DEEP + b"]", "rows.json"), (DEEP + b"\n", "rows.jsonl"), (b"[" * 9000, "x")]
)
def test_a_file_nested_without_end_is_refused(content: bytes, name: str) -> None:
    """Rule: what cannot be read is the sender's to mend, and never a failure of ours."""
    with pytest.raises(Invalid):
        list(rows_of(content, name))
