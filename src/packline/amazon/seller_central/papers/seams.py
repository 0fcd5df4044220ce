"""Whether a sheet of several labels was cut between them and not through one of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.codes import Code
from packline.amazon.seller_central.papers.cropping import Box, Ink
from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.wording import plain, tokens

_NARROWER = 0.75
"""A white band inside a part is only a label's own where it is so much narrower than the space between parts."""
_RIGID = 6.0
"""Points: what has no wider white band through it, in a frame for example, is one thing."""
_ALIKE = 0.15
"""Labels of one sheet differ in size and place by no more, in parts of their cell."""
_SPACE_AT_LEAST = 4.0
_LINE = 5.0


class Part(NamedTuple):
    """A part of a sheet: its box, the ink in it, the sheet's codes with their places, a way to read text in boxes."""

    sheet: Sheet
    box: Box
    ink: Box | None
    placed: tuple[tuple[Code, float, float], ...]
    text_in: Callable[[Box], str]


class _Shown(NamedTuple):
    """A part with ink in it: the orders that it names, and whether it is one thing (`_RIGID`)."""

    part: Part
    names: frozenset[str]
    is_rigid: bool

    @property
    def is_nobodys(self) -> bool:
        """Tell whether it says something and names no order."""
        return not self.names and bool(self.part.sheet.words or self.part.sheet.codes())


def are_apart(parts: Sequence[Part], ink: Ink, named: frozenset[str], index: Index, *, is_white: bool) -> bool:
    """Tell whether every order of a sheet stands in one part, alone, and no label was cut through."""
    whose = [index.named(part.sheet.text, part.sheet.words, part.sheet.codes()) for part in parts]
    if sorted(name for names in whose for name in names) != sorted(named) or any(len(names) > 1 for names in whose):
        return False
    if any(_is_torn(part, parts) for part in parts):
        return False
    pairs = zip(parts, whose, strict=True)
    shown = [_Shown(part, names, _is_rigid(part, ink)) for part, names in pairs if part.ink is not None]
    alike = is_white and are_alike(parts)
    if any(one.is_nobodys for one in shown) and not (alike or (is_white and _are_framed(shown))):
        return False
    return _are_whole(shown, ink, _space(parts), index, alike=alike, is_white=is_white)


def _are_framed(shown: Sequence[_Shown]) -> bool:
    """Tell whether a part that names nobody may be taken for a stranger's label: all others are in a frame."""
    return all(one.is_rigid or one.is_nobodys for one in shown)


def _are_whole(shown: Sequence[_Shown], ink: Ink, space: float, index: Index, *, alike: bool, is_white: bool) -> bool:
    """Tell whether no part was cut through a label: each is of one piece, or one only is not, or all are alike."""
    loose = [one for one in shown if not _is_solid(one.part, ink, space, one.names, index)]
    crowded = any(one.names & index.orders.keys() and _has_others(one.part, one.names, index) for one in shown)
    rigid = [one.is_rigid for one in shown]
    if not loose:
        return not crowded or all(rigid)
    is_only_one = is_white and len(loose) == 1 and rigid.count(False) == 1
    return (alike or is_only_one) and not crowded


def _has_others(part: Part, names: frozenset[str], index: Index) -> bool:
    return bool(index.foreign(names, part.sheet.codes()))


def _is_torn(part: Part, parts: Sequence[Part]) -> bool:
    """Tell whether a code lies in this part and its number stands in another one: a label was cut through."""
    return any(
        code.text in other.sheet.words and code.text not in part.sheet.words
        for code in part.sheet.codes()
        for other in parts
        if other is not part
    )


def are_alike(parts: Sequence[Part]) -> bool:
    """Tell whether the ink has the same place and size in all parts that are not blank, as labels of one maker."""
    inks = [(part.box, part.ink) for part in parts if part.ink is not None]
    if len(inks) < 2:
        return False
    wide, high = max(box.width for box, _ in inks), max(box.height for box, _ in inks)
    across = [ink.left - box.left for box, ink in inks], [ink.width for _, ink in inks]
    down = [ink.top - box.top for box, ink in inks], [ink.height for _, ink in inks]
    return all(max(values) - min(values) <= _ALIKE * wide for values in across) and all(
        max(values) - min(values) <= _ALIKE * high for values in down
    )


def _space(parts: Sequence[Part]) -> float:
    """Measure the narrowest space between the inks of neighbouring parts, in points."""
    return max(_SPACE_AT_LEAST, min(_spaces([part.ink for part in parts if part.ink]), default=_SPACE_AT_LEAST))


def _spaces(inks: Sequence[Box]) -> Iterator[float]:
    for one in inks:
        for other in inks:
            if other.left >= one.right and other.top < one.bottom and one.top < other.bottom:
                yield other.left - one.right
            if other.top >= one.bottom and other.left < one.right and one.left < other.right:
                yield other.top - one.bottom


def _is_solid(part: Part, ink: Ink, space: float, names: frozenset[str], index: Index) -> bool:
    """Tell whether a part is one thing: no wide white band divides it, or the same order is named on both sides."""
    for upright in (False, True):
        pieces = _pieces(part, ink, space * _NARROWER, upright=upright)
        if len(pieces) > 1 and (not names or any(_named_in(part, piece, index) != names for piece in pieces)):
            return False
    return True


def _is_rigid(part: Part, ink: Ink) -> bool:
    return all(len(_pieces(part, ink, _RIGID, upright=upright)) < 2 for upright in (False, True))


def _pieces(part: Part, ink: Ink, wide: float, *, upright: bool) -> list[Box]:
    """Cut a part's ink at its wide white bands; a line along one of them, to cut along or to fill in, is no piece."""
    box = part.ink
    if box is None:
        return []
    bands = [band for band in ink.bands(box, upright=upright) if band[1] - band[0] >= wide]
    edges = [*bands, (box.right if upright else box.bottom, 0.0)]
    start, found = box.left if upright else box.top, []
    for end, then in edges:
        if end - start > _LINE:
            found.append(Box(start, box.top, end, box.bottom) if upright else Box(box.left, start, box.right, end))
        start = then
    return found


def _named_in(part: Part, piece: Box, index: Index) -> frozenset[str]:
    text = plain(part.text_in(piece))
    return index.named(text, tokens(text), [code for code, x, y in part.placed if piece.holds(x, y)])
