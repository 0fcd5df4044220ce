"""What ties a page without an order id to the pages around it: page counters and invoice numbers."""

import re
from collections.abc import Sequence

from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.wording import ORDER_ID, key
from packline.domain.values import Value

_WORDS = r"page|pg\.?|p[áa]g(?:ina)?\.?|seite|blatt|sayfa|strona|str\.|pagina|folha|hoja|صفحة|पृष्ठ|पेज|ページ|頁"
_COUNTER = re.compile(
    rf"(?:{_WORDS})[ \t:#]*(\d{{1,3}})[ \t]*(?:of|/|von|de|di|van|z|من|का|の|-)[ \t]*(\d{{1,3}})(?!\d)", re.IGNORECASE
)
_BARE = re.compile(r"^[ \t(-]*(\d{1,2})[ \t]*(?:/|of)[ \t]*(\d{1,2})[ \t)-]*$", re.MULTILINE | re.IGNORECASE)
_INVOICE = r"(?:invoice|fatura|factura|faktura|facture|rechnung|factuur|nota fiscal|فاتورة|請求書|चालान|बीजक)"
_INVOICE_NUMBER = re.compile(
    rf"{_INVOICE}[^\n\r\d]{{0,16}}?"
    r"(?:number|no\b|num|nr|n[º°]|#|id\b|numaras|n[úu]mero|numer|رقم|番号|संख्या|क्रमांक)"
    rf"|{_INVOICE}[ \t:#]+(?=[A-Z0-9/.-]*\d)",
    re.IGNORECASE,
)
_REACH = 70
_NUMBER = re.compile(r"[^\W_][\w/.-]{2,29}")
_DATE = re.compile(r"\A(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}-[A-Za-z]{3}-\d{2,4}|\d{4}-\d{2}-\d{2}T.*)\Z")
_TELLING = 6
"""A number of fewer letters and digits is only compared with another page's invoice number, never searched in text."""
_BREAKS_AT_MOST = 0.1
"""Of all steps from one page to the next: more, and the pages are shuffled, so that neighbours prove nothing."""


class Counter(Value, frozen=True):
    """ "Page `at` of `of`"."""

    at: int
    of: int


class Ties(Value, frozen=True):
    """What a page says about its place among others; `invoice` is "" where it tells no invoice number."""

    counter: Counter | None
    invoice: str


def ties_of(sheet: Sheet) -> Ties:
    """Read a page's counter and invoice number."""
    return Ties(_counter(sheet.text), invoice_number(sheet.text))


def _counter(text: str) -> Counter | None:
    found = _COUNTER.search(text) or _BARE.search(text)
    if not found:
        return None
    at, of = int(found.group(1)), int(found.group(2))
    return Counter(at, of) if 1 <= at <= of else None


def invoice_number(text: str) -> str:
    """Find the number that stands after the words for it, reduced to letters and digits; "" where there is none."""
    for heading in _INVOICE_NUMBER.finditer(text):
        reach = ORDER_ID.sub(" ", text[heading.end() : heading.end() + _REACH])
        for word in _NUMBER.findall(reach):
            if any(letter.isdigit() for letter in word) and not _DATE.match(word):
                return key(word)
    return ""


def is_telling(number: str) -> bool:
    """Tell whether an invoice number is long enough to be searched in any text."""
    return len(number) >= _TELLING and (not number.isdigit() or len(number) >= _TELLING + 2)


def local_counters(ties: Sequence[Ties], orders: Sequence[str]) -> list[Counter | None]:
    """Give the counters of a file's pages, or none where they only number the file itself through many orders."""
    counters = [tie.counter for tie in ties]
    told = [(place, counter) for place, counter in enumerate(counters) if counter]
    through = all(counter == Counter(place + 1, len(ties)) for place, counter in told)
    if len(told) > 1 and through and len(set(orders) - {""}) > 1:
        return [None] * len(ties)
    return counters


def is_orderly(counters: Sequence[Counter | None], orders: Sequence[str]) -> bool:
    """Tell whether pages stand behind one another as their counters say, so that neighbours prove something."""
    steps = breaks = 0
    for place, counter in enumerate(counters):
        if counter is None or counter.at == 1:
            continue
        steps += 1
        before = counters[place - 1] if place else None
        differ = place > 0 and orders[place] and orders[place - 1] and orders[place] != orders[place - 1]
        breaks += before != Counter(counter.at - 1, counter.of) or bool(differ)
    return breaks <= steps * _BREAKS_AT_MOST
