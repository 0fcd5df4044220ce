"""Rows of whatever file somebody has: CSV, tab-separated, XLSX, JSON lines, or a JSON array."""

from typing import Any

import msgspec

from packline.errors import Invalid
from packline.oms.table_files import FORMATS, format_of, read_rows


def rows_of(content: bytes, name: str, media: str = "") -> list[tuple[int, dict[str, Any]]]:
    """Read the rows of a file. Raises Invalid for one that cannot be read."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        try:
            return list(enumerate(msgspec.json.decode(content.lstrip(b"\xef\xbb\xbf"), type=list[dict[str, Any]]), 1))
        except (msgspec.MsgspecError, RecursionError) as broken:
            raise Invalid(f"The JSON cannot be read: {broken}", hint="Send an array of objects.") from None
    return list(read_rows(content, FORMATS.get(media) or format_of(name, content)))
