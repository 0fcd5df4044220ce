"""Several orders' papers on one sheet of paper, as two or four labels on A4: cut into parts, one for each order."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Sequence

from packline.amazon.seller_central.papers import codes as scanner
from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.codes import Code
from packline.amazon.seller_central.papers.cropping import Box, Ink, on_paper
from packline.amazon.seller_central.papers.records import Reason
from packline.amazon.seller_central.papers.sheets import FEW_WORDS, Sheet

_GRIDS = (
    *((1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 2), (1, 4), (4, 1), (2, 4), (4, 2), (3, 3)),
    *((2, 5), (5, 2), (3, 4), (4, 3)),
)
"""Columns and rows in which makers of labels lay several on one sheet, the fewest parts first."""
_ASTRAY = 0.2
"""A white band that lies no further from a line of the grid, in parts of its cell, is where the sheet is cut."""
_SPECK = 20.0
_Placed = Sequence[tuple[Code, float, float]]


def parted(sheets: Sequence[Sheet], index: Index) -> list[Sheet]:
    """Put the parts of a sheet in its place wherever it names several orders and can be cut between them.

    A sheet is cut only where every part with anything on it names one order, and each order stands in one part.
    """
    return [part for sheet in sheets for part in _parts(sheet, index) or [sheet]]


def _parts(sheet: Sheet, index: Index) -> list[Sheet]:
    if sheet.page is None or sheet.flaw or not _names_several(sheet, index):
        return []
    ink = Ink(sheet.page)
    placed = scanner.located(sheet.page)
    named = index.named(sheet.text, sheet.words, [code for code, _, _ in placed])
    for columns, rows in _GRIDS:
        if columns * rows >= len(named) > 1:
            parts = _cut(sheet, ink, placed, columns, rows)
            if parts and _are_apart(sheet, parts, named, index):
                return [part for part in parts if part.words or part.codes() or _is_inked(part, ink)]
    return []


def _is_inked(part: Sheet, ink: Ink) -> bool:
    """Tell whether a part that says nothing shows more than a line of its frame: then a person must see it."""
    inked = part.box and ink.within(part.box)
    return inked is not None and min(inked.width, inked.height) > _SPECK


def _names_several(sheet: Sheet, index: Index) -> bool:
    claim = index.claim_of_text(sheet)
    if claim.silent and len(sheet.words) < FEW_WORDS and not sheet.is_small:
        claim = index.claim_of_codes(sheet.codes())
    return claim.reason in (Reason.SEVERAL_ORDERS, Reason.CONTRADICTION)


def _cut(sheet: Sheet, ink: Ink, placed: _Placed, columns: int, rows: int) -> list[Sheet]:
    """Cut along white bands near the lines of a grid; nothing where ink lies across a line."""
    width, height = sheet.size
    across = _lines(ink, width, columns, upright=True)
    down = _lines(ink, height, rows, upright=False)
    is_exact = across is None or down is None
    across = across or [width * at / columns for at in range(columns + 1)]
    down = down or [height * at / rows for at in range(rows + 1)]
    boxes = [
        Box(left, top, right, bottom)
        for top, bottom in itertools.pairwise(down)
        for left, right in itertools.pairwise(across)
    ]
    parts = [_part(sheet, box, placed) for box in boxes]
    if is_exact and (not sheet.words or Counter(w for part in parts for w in part.words) != Counter(sheet.words)):
        return []  # something is printed across the line: a word would be cut
    return parts


def _lines(ink: Ink, length: float, count: int, *, upright: bool) -> list[float] | None:
    """Give the edges of the cells, moved to the middle of the white band nearby; None where one has none."""
    cell = length / count
    found = [0.0]
    for at in range(1, count):
        band = ink.white_near(cell * at, cell * _ASTRAY, upright=upright)
        if band is None:
            return None
        found.append(band)
    return [*found, length]


def _part(sheet: Sheet, box: Box, placed: _Placed) -> Sheet:
    text = _text_in(sheet, box)
    part = Sheet(sheet.number, sheet.member, sheet.place, text, (box.width, box.height))
    part.page, part.box = sheet.page, box
    part.know_codes(code for code, x, y in placed if box.holds(x, y))
    return part


def _text_in(sheet: Sheet, box: Box) -> str:
    page = sheet.page
    if page is None or not sheet.words:
        return ""
    left, bottom, right, top = on_paper(page, box)
    with contextlib.closing(page.get_textpage()) as text:
        return str(text.get_text_bounded(left, bottom, right, top))


def _are_apart(sheet: Sheet, parts: Sequence[Sheet], named: frozenset[str], index: Index) -> bool:
    """Tell whether every order of the sheet stands in one part, and no part with words or codes is nobody's."""
    seen: list[str] = []
    for part in parts:
        orders = index.named(part.text, part.words, part.codes())
        if len(orders) > 1 or (not orders and (part.words or part.codes())) or _is_torn(part, parts):
            return False
        seen += orders
    return sorted(seen) == sorted(named) and bool(sheet.words or seen)


def _is_torn(part: Sheet, parts: Sequence[Sheet]) -> bool:
    """Tell whether a code lies in this part and its number stands in another one: a label was cut through."""
    return any(
        code.text in other.words and code.text not in part.words
        for code in part.codes()
        for other in parts
        if other is not part
    )
