"""Pictures inside ZPL (^GF, ~DG), as labels that are drawn elsewhere and only printed by ZPL have them."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

from packline.amazon.seller_central.papers.codes import Picture

_FIELD = re.compile(rb"\^GF[AC],\d+,\d+,(\d+),([^\^~]+)|~DG[^,~\^]*,\d+,(\d+),([^\^~]+)", re.IGNORECASE)
_BINARY = re.compile(rb"\^GFB,\d+,(\d+),(\d+),", re.IGNORECASE)
_BYTES_AT_MOST = 4_000_000
"""A label of 4 x 6 inches at 600 dpi has one million."""
_EDGE_AT_MOST = 16_000
_ENCODED = re.compile(rb"\s*:(Z64|B64):([^:]*)")
_REPEATED = {
    **{letter: count for count, letter in enumerate(b"GHIJKLMNOPQRSTUVWXY", start=1)},
    **{letter: 20 * count for count, letter in enumerate(b"ghijklmnopqrstuvwxyz", start=1)},
}
"""How often the next hexadecimal digit stands; letters in a row add up ("Alternative Data Compression Scheme")."""
_QUIET = 10
"""White around a picture, in dots: codes need it."""


def pictures(content: bytes) -> Iterator[Picture]:
    """Draw the pictures of a label; what cannot be decoded is left out."""
    for inline_row, inline, stored_row, stored in _FIELD.findall(content):
        row = int(inline_row or stored_row)
        bits = _bits(inline or stored, row)
        if bits and row and max(8 * row, len(bits) // row) <= _EDGE_AT_MOST:
            yield _drawn(bits, row)
    for found in _BINARY.finditer(content):
        size, row = int(found.group(1)), int(found.group(2))
        if row > 0 and 0 < size <= _BYTES_AT_MOST:
            yield _drawn(content[found.end() : found.end() + size], row)


def _bits(data: bytes, row: int) -> bytes:
    if not row:
        return b""
    encoded = _ENCODED.match(data)
    if not encoded:
        return _from_hex(data, row)
    try:
        raw = base64.b64decode(encoded.group(2))
        if encoded.group(1).upper() == b"B64":
            return raw
        return zlib.decompressobj().decompress(raw, _BYTES_AT_MOST)
    except (binascii.Error, ValueError, zlib.error):
        return b""


def _from_hex(data: bytes, row: int) -> bytes:
    """Undo Zebra's run lengths: digits by letters, a rest of a line by "," and "!", a whole line by ":"."""
    rows: list[bytes] = []
    line, times, wide = bytearray(), 0, 2 * row
    for letter in data:
        if letter in _REPEATED:
            times += _REPEATED[letter]
        elif letter in b"0123456789ABCDEFabcdef":
            line += bytes((letter,)) * (times or 1)
            times = 0
        elif letter in b",!":
            line += (b"0" if letter in b"," else b"F") * (wide - len(line) % wide)
        elif letter in b":" and not line and rows:
            rows.append(rows[-1])
        while len(line) >= wide:
            rows.append(bytes(line[:wide]))
            del line[:wide]
        if len(rows) * row > _BYTES_AT_MOST:
            return b""
    return bytes.fromhex(b"".join(rows).decode())


def _drawn(bits: bytes, row: int) -> Picture:
    """Turn bits (1 is black) into grey pixels with white around them."""
    width, lines = 8 * row, [bits[at : at + row] for at in range(0, len(bits) - row + 1, row)]
    edge = b"\xff" * _QUIET
    blank = b"\xff" * (width + 2 * _QUIET) * _QUIET
    pixels = blank + b"".join(edge + _line(line) + edge for line in lines) + blank
    return Picture(width + 2 * _QUIET, len(lines) + 2 * _QUIET, width + 2 * _QUIET, pixels)


def _line(line: bytes) -> bytes:
    return b"".join(_EIGHT[byte] for byte in line)


_EIGHT = [bytes(0 if byte & (128 >> bit) else 255 for bit in range(8)) for byte in range(256)]
