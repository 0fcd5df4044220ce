"""Rows of files that somebody sends."""

import pytest

from packline.errors import Invalid
from packline.oms.any_rows import rows_of

DEEP = b'{"a":' * 6000 + b"1" + b"}" * 6000


@pytest.mark.parametrize(
    ("content", "name"), [(b"[" + DEEP + b"]", "rows.json"), (DEEP + b"\n", "rows.jsonl"), (b"[" * 9000, "x")]
)
def test_a_file_nested_without_end_is_refused(content: bytes, name: str) -> None:
    """Rule: what cannot be read is the sender's to mend, and never a failure of ours."""
    with pytest.raises(Invalid):
        list(rows_of(content, name))
