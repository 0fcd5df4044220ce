"""A label found on larger paper by its ink, and brought to a page of 4 x 6 inches."""

import ctypes
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from packline.amazon.seller_central.papers import codes as scanner
from packline.amazon.seller_central.papers.codes import POINTS, Picture
from packline.domain.values import Value

WIDTH, HEIGHT = 4 * POINTS, 6 * POINTS
"""A ship label's page in points: 4 x 6 inches; the Saudi label of 99.1 x 139 mm fits into it as it is."""
_TOO_LARGE_BY = 1.04
"""A frame drawn on the label's very edge may be that much larger; it is scaled down."""
_SAME_SHAPE = 0.03
"""4 x 6 is 1.5 to 1; A4, A5 and letter are 1.41 and 1.29."""
_DPI = 40.0
_GAPS_MM = (16.0, 12.0, 9.0, 7.0, 5.0)
_SHORT_AT_LEAST, _LONG_AT_LEAST = 2.8 * POINTS, 4.0 * POINTS
"""A block cut out of a page with more on it must be at least that large, or it is only a part of the label."""
_MM = POINTS / 25.4
_TURNS = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
"""Degrees clockwise as shown, and the matrix that does it (PDF 1.7, 8.3.3)."""
_WHITE = 245
_WHITES = re.compile(rb"\xff{2,}")
_INK = bytes(0 if shade < _WHITE else 255 for shade in range(256))
_PAPER_AT_LEAST, _CLEAN, _BLANK, _DIRT = 190, 252, 255, 24
"""The commonest light shade is the paper's; where it is not clean, only what is much darker counts as ink."""
_Pixels = tuple[int, int, int, int]


class Box(Value, frozen=True):
    """A box on a page as it is shown: points from its left and its top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in points."""
        return self.bottom - self.top

    def fits(self) -> bool:
        """Tell whether it goes on a label, either way up."""
        short, long = sorted((self.width, self.height))
        return short <= WIDTH * _TOO_LARGE_BY and long <= HEIGHT * _TOO_LARGE_BY

    def is_whole(self) -> bool:
        """Tell whether it is large enough to be a label and not a part of one."""
        short, long = sorted((self.width, self.height))
        return short >= _SHORT_AT_LEAST and long >= _LONG_AT_LEAST

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def crop_to_label(page: pdfium.PdfPage, *, alone: bool = False) -> bool:
    """Make a page 4 x 6 inches around the label that stands on it; False, and nothing changed, where none is found.

    A page of a label's shape is a label drawn to another scale, and is scaled down. `alone`: what stands beside the
    label is wanted too, so only a page with nothing beside it is cropped.
    """
    width, height = page.get_size()
    short, long = sorted((width, height))
    if short > WIDTH and abs(long / short - HEIGHT / WIDTH) < _SAME_SHAPE:
        box: Box | None = Box(0, 0, width, height)
    else:
        box = label_box(page, alone=alone)
    if box is None:
        return False
    place(page, box)
    return True


def is_one_label(page: pdfium.PdfPage, part: Box | None = None) -> bool:
    """Tell whether all that is printed on a page, or on a part of it, has the size of one label."""
    box = Ink(page).within(part) if part else ink_box(page)
    return box is not None and box.fits() and box.is_whole()


def label_box(page: pdfium.PdfPage, *, alone: bool = False) -> Box | None:
    """Find the label on a page: all its ink, or else the block around its bar code, if that has a label's size."""
    picture = scanner.draw(page, _DPI)
    scale = page.get_size()[0] / picture.width
    rows = _rows(picture)
    whole = _ink(rows, 0, len(rows), 0, picture.width)
    if whole is None:
        return None
    box = _scaled(whole, scale)
    if box.fits():
        return box
    anchor = None if alone else scanner.where(page)
    if anchor is None:
        return None
    for gap in _GAPS_MM:
        pixels = max(2, round(gap * _MM / scale))
        for found in _blocks(rows, whole, pixels):
            box = _scaled(found, scale)
            if box.holds(*anchor) and box.fits():
                return box if box.is_whole() else None
    return None


class Ink:
    """Where a page is inked, in points as it is shown."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        """Draw the page once."""
        picture = scanner.draw(page, _DPI)
        self._rows = _rows(picture)
        self._width = picture.width
        self._scale = page.get_size()[0] / picture.width

    def white_near(self, at: float, reach: float, *, upright: bool, nearest: bool) -> float | None:
        """Find the middle of a white band through the whole page within `reach` of a line; None without.

        It is the one nearest to the line, or else the widest.
        """
        line = self._line(upright=upright)
        first = max(0, round((at - reach) / self._scale))
        until = min(len(line), round((at + reach) / self._scale) + 1)
        bands = [found.span() for found in _WHITES.finditer(line[first:until])]
        if not bands:
            return None
        aim = at / self._scale - first
        start, end = min(
            bands,
            key=lambda band: max(band[0] - aim, aim - band[1], 0.0) if nearest else float(band[0] - band[1]),
        )
        return float((first + (start + end) / 2) * self._scale)

    def within(self, box: Box) -> Box | None:
        """Shrink a box to its ink; None where it is white."""
        left, top, right, bottom = self._pixels(box)
        found = _ink(self._rows, top, bottom, left, right)
        return found and _scaled(found, self._scale)

    def whole(self) -> Box | None:
        """Give the box around all ink; None where the page is blank."""
        found = _ink(self._rows, 0, len(self._rows), 0, self._width)
        return found and _scaled(found, self._scale)

    def bands(self, box: Box, *, upright: bool) -> list[tuple[float, float]]:
        """List the white bands through a box, from edge to edge, by their two ends."""
        left, top, right, bottom = self._pixels(box)
        if upright:
            line, first = _columns(self._rows, top, bottom, left, right), left
        else:
            line = bytes(0 if row[left:right].strip(b"\xff") else 255 for row in self._rows[top:bottom])
            first = top
        spans = (found.span() for found in _WHITES.finditer(line))
        return [((first + start) * self._scale, (first + end) * self._scale) for start, end in spans]

    def _pixels(self, box: Box) -> _Pixels:
        left, top = max(0, round(box.left / self._scale)), max(0, round(box.top / self._scale))
        right, bottom = round(box.right / self._scale), round(box.bottom / self._scale)
        return left, top, min(right, self._width), min(bottom, len(self._rows))

    def _line(self, *, upright: bool) -> bytes:
        if upright:
            return _columns(self._rows, 0, len(self._rows), 0, self._width)
        return bytes(0 if row[: self._width].strip(b"\xff") else 255 for row in self._rows)


def place(page: pdfium.PdfPage, box: Box, width: float = WIDTH, height: float = HEIGHT) -> None:
    """Make a page of that size in points with the box in its middle, upright, nothing else showing.

    A box that lies on its side is turned; one that is too large is scaled down, never up.
    """
    turn = page.get_rotation()
    left, bottom, right, top = on_paper(page, box)
    if (box.width > box.height) != (width > height) and not (box.width <= width and box.height <= height):
        turn = (turn + 90) % 360
    shown = (right - left, top - bottom) if turn % 180 == 0 else (top - bottom, right - left)
    scale = min(1.0, width / shown[0], height / shown[1])
    a, b, c, d = (factor * scale for factor in _TURNS[turn])
    middle = ((left + right) / 2, (bottom + top) / 2)
    e = width / 2 - (a * middle[0] + c * middle[1])
    f = height / 2 - (b * middle[0] + d * middle[1])
    half = (shown[0] * scale / 2 + 1, shown[1] * scale / 2 + 1)
    matrix = pdfium_c.FS_MATRIX(a, b, c, d, e, f)
    clip = pdfium_c.FS_RECTF(width / 2 - half[0], height / 2 + half[1], width / 2 + half[0], height / 2 - half[1])
    pdfium_c.FPDFPage_TransFormWithClip(page, ctypes.byref(matrix), ctypes.byref(clip))
    pdfium_c.FPDFPage_TransformAnnots(page, a, b, c, d, e, f)
    page.set_rotation(0)
    for setter in (page.set_mediabox, page.set_cropbox, page.set_trimbox, page.set_bleedbox, page.set_artbox):
        setter(0, 0, width, height)


def on_paper(page: pdfium.PdfPage, box: Box) -> tuple[float, float, float, float]:
    """Turn a box as shown into left, bottom, right, top of the page's own space."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation():
        case 90:
            return left + box.top, bottom + box.left, left + box.bottom, bottom + box.right
        case 180:
            return right - box.right, bottom + box.top, right - box.left, bottom + box.bottom
        case 270:
            return right - box.bottom, top - box.right, right - box.top, top - box.left
    return left + box.left, top - box.bottom, left + box.right, top - box.top


def _rows(picture: Picture) -> list[bytes]:
    """Give the rows of a picture, 0 where there is ink and 255 where there is paper, which scanners make grey."""
    paper = _paper(picture.pixels)
    ink = picture.pixels.translate(
        _INK if paper >= _CLEAN else bytes(0 if s < paper - _DIRT else 255 for s in range(256))
    )
    return [ink[at : at + picture.width] for at in range(0, picture.stride * picture.height, picture.stride)]


def _paper(pixels: bytes) -> int:
    """Find the shade that most of a page has: white as a rule, so that it alone is counted."""
    if 2 * pixels.count(_BLANK) >= len(pixels):
        return _BLANK
    counts = {shade: pixels.count(shade) for shade in range(_PAPER_AT_LEAST, _BLANK + 1)}
    return max(counts, key=lambda shade: counts[shade])


def _ink(rows: list[bytes], top: int, bottom: int, left: int, right: int) -> _Pixels | None:
    """Shrink a box of pixels to its ink; None where it is white. Gives left, top, right, bottom, the last exclusive."""
    inked = [row for row in range(top, bottom) if rows[row][left:right].strip(b"\xff")]
    if not inked:
        return None
    columns = _columns(rows, inked[0], inked[-1] + 1, left, right)
    start = len(columns) - len(columns.lstrip(b"\xff"))
    return left + start, inked[0], left + len(columns.rstrip(b"\xff")), inked[-1] + 1


def _columns(rows: list[bytes], top: int, bottom: int, left: int, right: int) -> bytes:
    """Look at a box from above: a byte for each column, 0 where any of its rows has ink."""
    seen = int.from_bytes(b"\xff" * (right - left))
    for row in range(top, bottom):
        seen &= int.from_bytes(rows[row][left:right])
    return seen.to_bytes(right - left)


def _blocks(rows: list[bytes], box: _Pixels, gap: int) -> Iterator[_Pixels]:
    """Cut a box along white bands of at least `gap` pixels, across and down in turn, until nothing can be cut."""
    left, top, right, bottom = box
    lines = bytes(0 if rows[row][left:right].strip(b"\xff") else 255 for row in range(top, bottom))
    bands = [(left, top + start, right, top + end) for start, end in _runs(lines, gap)]
    if len(bands) == 1:
        columns = _columns(rows, top, bottom, left, right)
        bands = [(left + start, top, left + end, bottom) for start, end in _runs(columns, gap)]
    if len(bands) == 1:
        yield box
        return
    for x, y, until, down in bands:
        inner = _ink(rows, y, down, x, until)
        if inner is not None:
            yield from _blocks(rows, inner, gap)


def _runs(line: bytes, gap: int) -> list[tuple[int, int]]:
    """Find the inked runs of a line; white of fewer than `gap` pixels belongs to a run."""
    runs: list[tuple[int, int]] = []
    at = line.find(0)
    while at >= 0:
        end = line.find(255, at)
        end = len(line) if end < 0 else end
        if runs and at - runs[-1][1] < gap:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((at, end))
        at = line.find(0, end)
    return runs


def _scaled(pixels: _Pixels, scale: float) -> Box:
    left, top, right, bottom = (edge * scale for edge in pixels)
    return Box(left, top, right, bottom)


def ink_box(page: pdfium.PdfPage) -> Box | None:
    """Find the box around all that is printed on a page; None where it is blank."""
    picture = scanner.draw(page, _DPI)
    rows = _rows(picture)
    whole = _ink(rows, 0, len(rows), 0, picture.width)
    return whole and _scaled(whole, page.get_size()[0] / picture.width)
