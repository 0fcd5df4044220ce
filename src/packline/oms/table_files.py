"""Rows of a file that people and systems send: CSV, XLSX or JSON lines, as text by column name."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec
from lxml import etree

from packline.errors import FieldError, Invalid
from packline.oms.formulas import unguarded

Row = dict[str, Any]
FORMATS = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "application/json-lines": "jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""Media type -> format."""
MOST_ROWS = 100_000
MOST_BYTES = 256 << 20
"""What a sheet may grow to when it is unpacked; a hundred thousand rows stay far below."""
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_WAY_OUT = "Send CSV with a header line, the first sheet of an XLSX file, or one JSON object a line."


def format_as_sent(media_type: str, name: str, content: bytes) -> str:
    """Tell the format of a file by the media type that it was sent with, else as `format_of`. Raises Invalid."""
    media = media_type.partition(";")[0].strip().lower()
    return FORMATS.get(media) or format_of(name, content)


def format_of(name: str, content: bytes) -> str:
    """Tell the format of a file by its content, then by its name.

    Raises Invalid where it is none of the three.
    """
    if content[:4] == b"PK\x03\x04":
        return "xlsx"
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        return "jsonl"
    if b"\0" in start or name.lower().endswith((".xls", ".ods", ".pdf")):
        raise Invalid(f"{name or 'The file'} is neither CSV, XLSX nor JSON lines.", hint=_WAY_OUT)
    return "csv"


def read_rows(content: bytes, kind: str) -> Iterator[tuple[int, Row]]:
    """Give (line, row) one by one; lines are counted as a person sees them, empty ones are passed over.

    Raises Invalid for a file that cannot be read, or that has more than 100,000 rows, when it comes to that line.
    """
    for count, (line, row) in enumerate(_READERS[kind](content)):
        if count >= MOST_ROWS:
            raise Invalid(f"The file has more than {MOST_ROWS:,} rows.", hint="Send it in parts.")
        yield line, row


def _csv(content: bytes) -> Iterator[tuple[int, Row]]:
    text = _text(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True)
    names: list[str] | None = None
    try:
        for written in reader:
            values = [unguarded(value) for value in written]
            if not any(value.strip() for value in values):
                continue
            if names is None:
                names = _names(values)
                continue
            yield reader.line_num, _row(names, values)
    except csv.Error as broken:
        raise _broken(reader.line_num, str(broken)) from None


def _delimiter(text: str) -> str:
    """Guess what parts the columns; nothing else of a guess is trusted: an apostrophe in a name quotes nothing."""
    try:
        return csv.Sniffer().sniff(text[:4096], ",;\t|").delimiter
    except csv.Error:
        return ","


def _jsonl(content: bytes) -> Iterator[tuple[int, Row]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    for line, text in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if text.strip():
            try:
                yield line, decoder.decode(text)
            except (msgspec.MsgspecError, RecursionError) as broken:
                raise _broken(line, str(broken)) from None


def _xlsx(content: bytes) -> Iterator[tuple[int, Row]]:
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
        sheet = _first_sheet(book)
        if sum(part.file_size for part in book.infolist()) > MOST_BYTES:
            raise Invalid("The file unpacks to more than a sheet of 100,000 rows can hold.", hint="Send it in parts.")
        with book:
            yield from _sheet(book.open(sheet), _shared(book))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, ValueError, IndexError) as broken:
        raise Invalid(f"The XLSX file cannot be read: {broken}", hint=_WAY_OUT) from None


def _first_sheet(book: zipfile.ZipFile) -> str:
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    if not sheets:
        raise KeyError("it has no sheet")
    return min(sheets, key=lambda name: (len(name), name))


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    with book.open("xl/sharedStrings.xml") as file:
        return [
            "".join(node.text or "" for node in element.iter(f"{_SHEET}t"))
            for element in _elements(file, f"{_SHEET}si")
        ]


def _sheet(file: IO[bytes], shared: list[str]) -> Iterator[tuple[int, Row]]:
    names: list[str] | None = None
    for count, element in enumerate(_elements(file, f"{_SHEET}row"), 1):
        values = _cells(element, shared)
        if not any(value.strip() for value in values):
            continue
        if names is None:
            names = _names(values)
            continue
        yield int(element.get("r") or count), _row(names, values)


def _elements(file: IO[bytes], tag: str) -> Iterator[Any]:
    for _, element in etree.iterparse(file, tag=tag, resolve_entities=False, no_network=True, huge_tree=False):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _cells(row: Any, shared: list[str]) -> list[str]:
    values: list[str] = []
    for cell in row.iter(f"{_SHEET}c"):
        place = _column(cell.get("r") or "")
        while place is not None and len(values) < place:
            values.append("")
        values.append(_value(cell, shared))
    return values


def _value(cell: Any, shared: list[str]) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(node.text or "" for node in cell.iter(f"{_SHEET}t"))
    node = cell.find(f"{_SHEET}v")
    text = (node.text or "") if node is not None else ""
    if kind == "s" and text:
        return shared[int(text)]
    return text.removesuffix(".0")


def _column(reference: str) -> int | None:
    """Count the columns before a cell such as `AB12`."""
    letters = "".join(letter for letter in reference if letter.isalpha()).upper()
    if not letters or len(letters) > 3:
        return None
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what a spreadsheet on Windows writes


def _names(values: list[str]) -> list[str]:
    names = [value.strip().lower().replace(" ", "_").replace("-", "_") for value in values]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        said = FieldError("/header", f"{', '.join(twice)} stands there twice.")
        raise Invalid("The header names a column twice.", errors=(said,))
    return names


def _row(names: list[str], values: list[str]) -> Row:
    return {name: value.strip() for name, value in zip(names, values, strict=False) if name and value.strip()}


def _broken(line: int, why: str) -> Invalid:
    return Invalid(f"Line {line} cannot be read: {why}", hint=_WAY_OUT)


_READERS: dict[str, Callable[[bytes], Iterator[tuple[int, Row]]]] = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx}
