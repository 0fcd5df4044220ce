"""Which kind of document a page is, by its words and its size."""

import re
import unicodedata

from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.vocabulary import FIELDS, ON_BOTH, SHORT, TITLES, Kind

_TITLE_LETTERS = 220
"""What stands in a document's first lines names it; later words only support."""
_TITLE, _FIRST_TITLE, _MENTION = 4, 2, 1
_FIELDS_AT_MOST = 4
_SMALL_PAGE, _TRACKING, _PATH = 4, 3, 3
_ENOUGH = 3
_WHOLE_INVOICE = 5
_LABEL_FIELDS = 2
_LONE_LETTERS = 0.6
"""Share of words of one letter above which a text was written letter by letter."""
_PATHS = (
    (Kind.OTHER, re.compile(r"post[-_ ]?list|manifest|packing|slip", re.IGNORECASE)),
    (Kind.INVOICE, re.compile(r"invoice|fatura|factura|faktura", re.IGNORECASE)),
    (Kind.WARRANTY, re.compile(r"warranty|garant", re.IGNORECASE)),
    (Kind.SHIP_LABEL, re.compile(r"label|etiqueta", re.IGNORECASE)),
)


def _either_way(words: tuple[str, ...]) -> tuple[str, ...]:
    """Add Arabic words backwards: as they come out of a file whose maker wrote them without regard to direction."""
    return (*words, *(word[::-1] for word in words if unicodedata.bidirectional(word[0]) in {"R", "AL"}))


_TITLES = {kind: _either_way(words) for kind, words in TITLES.items()}
_FIELDS = {kind: _either_way(words) for kind, words in FIELDS.items()}
_ON_BOTH = frozenset(_either_way(tuple(ON_BOTH)))


def kind_of(sheet: Sheet, *, carries_tracking: bool) -> Kind:
    """Tell a page's kind; `carries_tracking`: a tracking id that is expected stands on it, as text or code.

    A page without words is a label when it has a label's size or carries a tracking id; its file's name helps.
    """
    scores = _scores(sheet)
    if (told := _by_path(sheet)) is not Kind.UNKNOWN:
        scores[told] += _PATH
    if sheet.is_small:
        scores[Kind.SHIP_LABEL] += _SMALL_PAGE
    if carries_tracking:
        scores[Kind.SHIP_LABEL] += _TRACKING
    (best, most), (_, next_most) = sorted(scores.items(), key=lambda entry: -entry[1])[:2]
    return best if most >= _ENOUGH and most > next_most else Kind.UNKNOWN


def is_label_too(sheet: Sheet) -> bool:
    """Tell whether an invoice's page has the words of a label as well, and not only those that invoices have too."""
    text, squeezed = _plain(sheet)
    found = {field for field in _FIELDS[Kind.SHIP_LABEL] if _place(field, text, squeezed) >= 0}
    found |= SHORT[Kind.SHIP_LABEL].intersection(sheet.words)
    return len(found) >= _LABEL_FIELDS and not found <= _ON_BOTH


def is_invoice_too(sheet: Sheet) -> bool:
    """Tell whether a label's page has the words of a whole invoice as well: some marketplaces print both on one."""
    return _scores(sheet)[Kind.INVOICE] >= _WHOLE_INVOICE


def _scores(sheet: Sheet) -> dict[Kind, int]:
    text, squeezed = _plain(sheet)
    scores = dict.fromkeys(TITLES, 0)
    places: dict[Kind, int] = {}
    for kind, titles in _TITLES.items():
        places[kind] = min((at for title in titles if (at := _place(title, text, squeezed)) >= 0), default=-1)
        if places[kind] >= 0:
            scores[kind] += _TITLE if places[kind] < _TITLE_LETTERS else _MENTION
    first = min((at for at in places.values() if 0 <= at < _TITLE_LETTERS), default=-1)
    for kind, at in places.items():
        scores[kind] += _FIRST_TITLE if 0 <= first == at else 0
    for kind, fields in _FIELDS.items():
        found = sum(_place(field, text, squeezed) >= 0 for field in fields) + len(
            SHORT.get(kind, frozenset()).intersection(sheet.words)
        )
        scores[kind] += min(_FIELDS_AT_MOST, found)
    return scores


def _plain(sheet: Sheet) -> tuple[str, str | None]:
    """Give a page's text in small letters, and without any space where it was written letter by letter."""
    text = " ".join(sheet.text.lower().split())
    return text, _squeezed(text) if _is_spelled(sheet) else None


def _place(words: str, text: str, squeezed: str | None) -> int:
    return text.find(words) if squeezed is None else squeezed.find(_squeezed(words))


def _squeezed(text: str) -> str:
    return text.replace(" ", "")


def _is_spelled(sheet: Sheet) -> bool:
    """Tell whether a text was written letter by letter, so far apart that each came out as a word."""
    return bool(sheet.words) and sum(len(word) == 1 for word in sheet.words) > _LONE_LETTERS * len(sheet.words)


def _by_path(sheet: Sheet) -> Kind:
    name = sheet.member.path.rsplit("/", 1)[-1]
    return next((kind for kind, pattern in _PATHS if pattern.search(name)), Kind.UNKNOWN)
