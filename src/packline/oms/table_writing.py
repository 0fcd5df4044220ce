"""Tables written as files that people open in a spreadsheet: CSV, XLSX or JSON lines."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from packline.oms.formulas import guarded

MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
"""Format -> media type."""


def write_table(kind: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write a header and rows in a format (csv, xlsx or jsonl); no cell becomes a formula."""
    if kind == "xlsx":
        return _xlsx(columns, rows)
    if kind == "jsonl":
        return b"".join(msgspec.json.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([guarded(name) for name in columns])
    writer.writerows([guarded("" if value is None else str(value)) for value in row] for row in rows)
    return written.getvalue().encode()


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    import xlsxwriter  # takes a quarter of a second to load: the first workbook waits for it, not every start

    made = io.BytesIO()
    # A row at a time goes to the disk: a hundred thousand of them never stand in memory together.
    book = xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, row in enumerate((columns, *rows)):
        for column, value in enumerate(row):
            sheet.write_string(number, column, "" if value is None else str(value))
    book.close()
    return made.getvalue()
