"""Bar codes and matrix codes read from pages as a scanner would see them."""

import ctypes
from typing import Any

import pypdfium2.raw as raw
import zxingcpp
from pypdfium2 import PdfPage
from zxingcpp import BarcodeFormat as Symbology

from packline.domain.values import Value

POINTS = 72
FIRST_DPI, SECOND_DPI = 150, 300
"""A code of a 203 dpi printer has bars of at least one dot: 150 dpi finds most of them, 300 dpi the finest."""
_LINES_AT_MOST = 160
"""Segments of paths: a box has five, and the smallest code has more than forty boxes."""
_PIXELS_AT_MOST = 24_000_000
_EDGE_AT_MOST = 16_000
_LINEAR = (Symbology.Code128, Symbology.Code39, Symbology.Code93, Symbology.Codabar, Symbology.ITF)
_MATRIX = (Symbology.QRCode, Symbology.DataMatrix, Symbology.PDF417, Symbology.Aztec, Symbology.MaxiCode)
_READ = zxingcpp.BarcodeFormats((*_LINEAR, *_MATRIX))
# Every other read of a bar code is a chance to read one where there is none; these have no check digit of their own.
_SHORTEST = {Symbology.ITF: 8, Symbology.Codabar: 6, Symbology.Code39: 5}


class Code(Value, frozen=True):
    """What one code says; `linear` tells a bar code from a matrix code."""

    text: str
    linear: bool


class Picture(Value, frozen=True):
    """A page drawn in grey: one byte for each pixel, 0 is black, rows of `stride` bytes."""

    width: int
    height: int
    stride: int
    pixels: bytes

    def shaped(self) -> memoryview:
        """View the pixels as rows; what fills a row up to its stride is white."""
        return memoryview(self.pixels).cast("B", (self.height, self.stride))


def draw(page: PdfPage, dpi: float) -> Picture:
    """Render a page, at a lower resolution where it is larger than any printer takes."""
    width, height = page.get_size()
    scale = dpi / POINTS
    area = width * height * scale * scale
    if area > _PIXELS_AT_MOST:
        scale *= (_PIXELS_AT_MOST / area) ** 0.5
    scale = min(scale, _EDGE_AT_MOST / max(width, height))
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    held: Any = bitmap.buffer
    pixels = ctypes.string_at(held, bitmap.stride * bitmap.height)
    if bitmap.stride != bitmap.width:
        pixels = _padded(pixels, bitmap.width, bitmap.height, bitmap.stride)
    picture = Picture(bitmap.width, bitmap.height, bitmap.stride, pixels)
    bitmap.close()
    return picture


def _padded(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    fill = b"\xff" * (stride - width)
    return b"".join(pixels[row * stride : row * stride + width] + fill for row in range(height))


def may_carry_codes(page: PdfPage) -> bool:
    """Tell whether a page shows pictures, or more lines than a table has: text alone is no code."""
    segments = 0
    for at in range(raw.FPDFPage_CountObjects(page)):
        shown = raw.FPDFPage_GetObject(page, at)
        match raw.FPDFPageObj_GetType(shown):
            case raw.FPDF_PAGEOBJ_IMAGE | raw.FPDF_PAGEOBJ_FORM | raw.FPDF_PAGEOBJ_SHADING:
                return True
            case raw.FPDF_PAGEOBJ_PATH:
                segments += raw.FPDFPath_CountSegments(shown)
                if segments > _LINES_AT_MOST:
                    return True
    return False


def quickly_read(page: PdfPage) -> tuple[Code, ...]:
    """Read upright codes at the lower resolution: a few milliseconds for a label."""
    return _decode(draw(page, FIRST_DPI), quick=True)


def thoroughly_read(page: PdfPage, *, finest: bool, all_of_them: bool = False) -> tuple[Code, ...]:
    """Read codes in any direction; `finest`: at the higher resolution too where the lower shows none.

    `all_of_them`: at both, as a sheet may hold several labels of which only one is plain enough for the lower.
    """
    found = _decode(draw(page, FIRST_DPI))
    if all_of_them:
        return tuple(dict.fromkeys((*found, *_decode(draw(page, SECOND_DPI)))))
    return found or (_decode(draw(page, SECOND_DPI)) if finest else ())


def codes_of_picture(picture: Picture) -> tuple[Code, ...]:
    """Read the codes of a picture, in any direction."""
    return _decode(picture)


def _decode(picture: Picture, *, quick: bool = False) -> tuple[Code, ...]:
    found = zxingcpp.read_barcodes(
        picture.shaped(), formats=_READ, try_rotate=not quick, try_downscale=not quick, try_invert=not quick
    )
    return tuple(
        Code(code.text, code.format in _LINEAR)
        for code in found
        if code.valid and len(code.text) >= _SHORTEST.get(code.format, 1)
    )


def located(page: PdfPage) -> tuple[tuple[Code, float, float], ...]:
    """Read codes in any direction, each with its middle in points from the page's left and top as it is shown."""
    found: dict[Code, tuple[float, float]] = {}
    for dpi in (FIRST_DPI, SECOND_DPI):
        picture = draw(page, dpi)
        scale = page.get_size()[0] / picture.width
        for code in zxingcpp.read_barcodes(picture.shaped(), formats=_READ):
            if code.valid and len(code.text) >= _SHORTEST.get(code.format, 1):
                across, down = _middle(code)
                found.setdefault(Code(code.text, code.format in _LINEAR), (across * scale, down * scale))
    return tuple((code, *where) for code, where in found.items())


def _middle(code: Any) -> tuple[float, float]:
    corners = code.position
    across = (corners.top_left.x + corners.bottom_right.x) / 2
    return across, (corners.top_left.y + corners.bottom_right.y) / 2


def where(page: PdfPage) -> tuple[float, float] | None:
    """Find the middle of the page's first bar code, or matrix code, in points from its left and top as it is shown."""
    picture = draw(page, FIRST_DPI)
    found = [code for code in zxingcpp.read_barcodes(picture.shaped(), formats=_READ) if code.valid]
    if not found:
        return None
    across, down = _middle(min(found, key=lambda code: code.format not in _LINEAR))
    scale = page.get_size()[0] / picture.width
    return across * scale, down * scale
