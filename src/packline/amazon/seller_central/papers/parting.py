"""Several orders' papers on one sheet of paper, as two or four labels on A4: cut into parts, one for each order."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from packline.amazon.seller_central.papers import codes as scanner
from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.codes import Code
from packline.amazon.seller_central.papers.company import company_of
from packline.amazon.seller_central.papers.cropping import Box, Ink, on_paper
from packline.amazon.seller_central.papers.records import Reason
from packline.amazon.seller_central.papers.seams import Part, are_alike, are_apart
from packline.amazon.seller_central.papers.sheets import FEW_WORDS, Sheet
from packline.domain.values import Value

_GRIDS = (
    *((1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 2), (1, 4), (4, 1), (2, 4), (4, 2), (3, 3)),
    *((2, 5), (5, 2), (3, 4), (4, 3)),
)
"""Columns and rows in which makers of labels lay several on one sheet, the fewest parts first."""
_ASTRAY = 0.2
"""A white band that lies no further from a line of the grid, in parts of its cell, is where the sheet is cut."""
_SPECK = 20.0
_Placed = Sequence[tuple[Code, float, float]]


class _Cut(Value, frozen=True):
    """A sheet in parts; `is_white`: no ink lies on a line."""

    parts: tuple[Part, ...]
    is_white: bool


def parted(sheets: Sequence[Sheet], index: Index) -> list[Sheet]:
    """Put the parts of a sheet in its place wherever it shows several orders' papers and can be cut between them.

    A sheet is cut only where no part holds more than one order, each order stands in one part, and no label is cut
    through. One that shows another label beside its order's own and cannot be cut is marked as a crowd.
    """
    return [part for sheet in sheets for part in _parts(sheet, index)]


def _parts(sheet: Sheet, index: Index) -> list[Sheet]:
    if sheet.page is None or sheet.flaw:
        return [sheet]
    several = _names_several(sheet, index)
    company = "" if several else company_of(sheet, index)
    if not several and not company:
        return [sheet]
    ink = Ink(sheet.page)
    placed = scanner.located(sheet.page)
    named = index.named(sheet.text, sheet.words, [code for code, _, _ in placed])
    cut = _best_cut(sheet, ink, placed, named, index)
    if cut is None:
        sheet.crowd = company
        return [sheet]
    return [one.sheet for one in cut.parts if _says_something(one)]


def _best_cut(sheet: Sheet, ink: Ink, placed: _Placed, named: frozenset[str], index: Index) -> _Cut | None:
    """Find the coarsest grid that takes the orders apart, first among those whose parts are alike.

    A coarser one may leave a label without any code beside another one.
    """
    spare: _Cut | None = None
    for columns, rows in _GRIDS:
        if columns * rows < max(2, len(named)):
            continue
        for cut in _cuts(sheet, ink, placed, columns, rows):
            if are_apart(cut.parts, ink, named, index, is_white=cut.is_white):
                if cut.is_white and are_alike(cut.parts):
                    return cut
                spare = spare or cut
    return spare


def _says_something(part: Part) -> bool:
    """Tell whether a part is more than blank, or a line of its frame: then somebody must see it."""
    shows = part.ink is not None and min(part.ink.width, part.ink.height) > _SPECK
    return bool(part.sheet.words or part.sheet.codes()) or shows


def _names_several(sheet: Sheet, index: Index) -> bool:
    claim = index.claim_of_text(sheet)
    if claim.silent and len(sheet.words) < FEW_WORDS and not sheet.is_small:
        claim = index.claim_of_codes(sheet.codes())
    return claim.reason in (Reason.SEVERAL_ORDERS, Reason.CONTRADICTION)


def _cuts(sheet: Sheet, ink: Ink, placed: _Placed, columns: int, rows: int) -> Iterator[_Cut]:
    """Cut along white bands near the lines of a grid, the nearest or the widest; or where words alone allow it."""
    seen: list[list[Box]] = []
    for nearest in (True, False):
        across = _lines(ink, sheet.size[0], columns, upright=True, nearest=nearest)
        down = _lines(ink, sheet.size[1], rows, upright=False, nearest=nearest)
        boxes = _boxes(across or _even(sheet.size[0], columns), down or _even(sheet.size[1], rows))
        if boxes in seen:
            continue
        seen.append(boxes)
        parts = tuple(_part(sheet, box, placed, ink) for box in boxes)
        is_white = across is not None and down is not None
        if is_white or (sheet.words and _is_uncut(sheet, parts)):
            yield _Cut(parts, is_white)


def _boxes(across: Sequence[float], down: Sequence[float]) -> list[Box]:
    return [
        Box(left, top, right, bottom)
        for top, bottom in itertools.pairwise(down)
        for left, right in itertools.pairwise(across)
    ]


def _even(length: float, count: int) -> list[float]:
    return [length * at / count for at in range(count + 1)]


def _is_uncut(sheet: Sheet, parts: Sequence[Part]) -> bool:
    """Tell whether every word of the sheet is whole in one part: what is printed across a line says nothing."""
    return Counter(word for part in parts for word in part.sheet.words) == Counter(sheet.words)


def _lines(ink: Ink, length: float, count: int, *, upright: bool, nearest: bool) -> list[float] | None:
    """Give the edges of the cells, moved to the middle of the white band nearby; None where one has none."""
    cell = length / count
    found = [0.0]
    for at in range(1, count):
        band = ink.white_near(cell * at, cell * _ASTRAY, upright=upright, nearest=nearest)
        if band is None:
            return None
        found.append(band)
    return [*found, length]


def _part(sheet: Sheet, box: Box, placed: _Placed, ink: Ink) -> Part:
    def text_in(some: Box) -> str:
        return _text_in(sheet, some)

    part = Sheet(sheet.number, sheet.member, sheet.place, text_in(box), (box.width, box.height))
    part.page, part.box = sheet.page, box
    part.know_codes(code for code, x, y in placed if box.holds(x, y))
    return Part(part, box, ink.within(box), tuple(placed), text_in)


def _text_in(sheet: Sheet, box: Box) -> str:
    page = sheet.page
    if page is None or not sheet.words:
        return ""
    left, bottom, right, top = on_paper(page, box)
    with contextlib.closing(page.get_textpage()) as text:
        return str(text.get_text_bounded(left, bottom, right, top))
