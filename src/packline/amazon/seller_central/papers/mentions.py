"""Everything in a pile that may name an order, for a look-up before the pile is taken apart."""

import re

from packline.amazon.seller_central.papers.company import shows_more
from packline.amazon.seller_central.papers.sheets import Sheet, opened
from packline.amazon.seller_central.papers.wording import key, order_ids, plain
from packline.domain.values import Value

_TRACKING = re.compile(r"\A(?=(?:\D*\d){8})[A-Z0-9]{10,34}\Z")
"""Easy Ship's tracking ids are 12 or 13 digits; other carriers' have letters around eight digits and more."""


class Mentions(Value, frozen=True):
    """Order ids (3-7-7), and words and codes that may be tracking ids, reduced to letters and digits; both sorted."""

    order_ids: tuple[str, ...]
    tracking_ids: tuple[str, ...]


def mentions(content: bytes) -> Mentions:
    """Read what a pile names; codes are read where a page's text has no order id, or shows more than one label.

    Raises:
        PaperError: as `split`.

    """
    orders: set[str] = set()
    trackings: set[str] = set()
    with opened(content) as pile:
        for sheet in pile.sheets:
            ids, words = _of(sheet)
            orders |= ids
            trackings |= words
    return Mentions(tuple(sorted(orders)), tuple(sorted(trackings)))


def _of(sheet: Sheet) -> tuple[set[str], set[str]]:
    ids = order_ids(sheet.text) | order_ids(sheet.member.path)
    words = {word for word in sheet.words if _TRACKING.match(word)}
    if not sheet.flaw and (not ids or shows_more(sheet)):
        for code in sheet.codes():
            ids |= order_ids(plain(code.text))
            words |= {word for word in (key(code.text),) if _TRACKING.match(word)}
    return ids, words
