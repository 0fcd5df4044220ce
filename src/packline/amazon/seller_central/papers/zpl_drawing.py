"""A page drawn for a ZPL printer: one bit for each dot, as one graphic field."""

import base64
import binascii
import zlib

import pypdfium2 as pdfium

from packline.amazon.seller_central.papers import codes as scanner
from packline.amazon.seller_central.papers.codes import Picture

DPI = 203.2  # eight dots a millimetre
_DARK = 128
_BITS = bytes(shade < _DARK for shade in range(256))  # 1 prints a dot
_QUICKLY = 1  # of zlib: half a second less for 500 labels, for a tenth more bytes


def drawn(page: pdfium.PdfPage) -> bytes:
    """Draw a page of label size as one ZPL label (^GF with its data compressed, as Zebra's printers take it)."""
    picture = scanner.draw(page, DPI)
    row, bits = _bits(picture)
    size = len(bits)
    packed = base64.b64encode(zlib.compress(bits, _QUICKLY))
    check = binascii.crc_hqx(packed, 0)
    return (
        b"^XA^PW%d^LL%d^FO0,0^GFA,%d,%d,%d,:Z64:" % (8 * row, picture.height, size, size, row)
        + packed
        + b":%04X^FS^PQ1^XZ" % check
    )


def _bits(picture: Picture) -> tuple[int, bytes]:
    """Turn grey into bits, rows filled up to whole bytes; gives the bytes of a row, and all of them."""
    row = (picture.width + 7) // 8
    dots = picture.pixels.translate(_BITS)
    fill = bytes(8 * row - picture.width)
    starts = range(0, picture.stride * picture.height, picture.stride)
    padded = b"".join(dots[at : at + picture.width] + fill for at in starts)
    bits = 0
    for place in range(8):  # eight numbers of a million bits are quicker than a million bits one by one
        bits |= int.from_bytes(padded[place::8]) << (7 - place)
    return row, bits.to_bytes(row * picture.height)
