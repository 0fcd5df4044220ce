"""Which order a page names, by its text and its codes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from packline.amazon.seller_central.papers.codes import Code
from packline.amazon.seller_central.papers.records import Expected, Reason
from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.wording import Keys, key, order_ids, plain, tokens
from packline.domain.values import Value

_SHORTEST_TRACKING = 6
"""A shorter tracking id would be found by chance in house numbers and prices."""
_SHORTEST_IDENTIFIER = 5
_SHORTEST_INSIDE = 8
"""A code may hold more than the id (GS1 prefixes, whole messages); a shorter id is not looked for inside."""
_UNMISTAKABLE = 15
"""So many letters and digits do not stand in another number by chance."""
_PREFIX = re.compile(r"(?:0+|(?:42[01]\d{5,9})?9[1-6]|42[01]\d{5,9})\Z")
"""What carriers write before a tracking id: zeros, GS1's 420 and 421 with a postal code, a service's two digits."""
_ID_LETTERS, _ID_DIGITS = 8, 6


class Claim(Value, frozen=True):
    """What a page says about its order: exactly one, or why none.

    `tracking` tells that a tracking id proved it; `weak` that only the seller's own identifier did, which is printed
    on labels and may be any number elsewhere.
    """

    order_id: str = ""
    tracking: bool = False
    weak: bool = False
    reason: Reason | None = None
    why: str = ""

    @property
    def silent(self) -> bool:
        """Tell whether the page names no order at all."""
        return not self.order_id and self.reason is None


class _Evidence(Value, frozen=True):
    by_order: frozenset[str]
    by_tracking: frozenset[str]
    by_identifier: frozenset[str]
    strangers: frozenset[str]


class Index:
    """The expected orders, by everything that may name them on paper."""

    def __init__(self, expected: Sequence[Expected]) -> None:
        """Index order ids, tracking ids and package identifiers; an identifier that two orders share names neither."""
        self.orders = {order.order_id: order for order in expected}
        self._orders: dict[str, str] = {key(order.order_id): order.order_id for order in expected}
        self._trackings: defaultdict[str, set[str]] = defaultdict(set)
        self._identifiers: defaultdict[str, set[str]] = defaultdict(set)
        for order in expected:
            if order.tracking_id:
                self._trackings[key(order.tracking_id)].add(order.order_id)
            if len(key(order.identifier)) >= _SHORTEST_IDENTIFIER:
                self._identifiers[key(order.identifier)].add(order.order_id)
        self._in_text = Keys(
            (
                *self._orders,
                *(text for text in self._trackings if len(text) >= _SHORTEST_TRACKING),
                *(text for text, orders in self._identifiers.items() if len(orders) == 1),
            )
        )

    def claim_of_text(self, sheet: Sheet) -> Claim:
        """Read a claim out of a page's text."""
        return _judge(self._evidence(self._in_text.found_in(sheet.words), order_ids(sheet.text)))

    def claim_of_codes(self, codes: Iterable[Code]) -> Claim:
        """Read a claim out of a page's codes."""
        return _judge(self._evidence(*self._in_codes(codes)))

    def named(self, text: str, words: Sequence[str], codes: Iterable[Code]) -> frozenset[str]:
        """List all orders that a page names by text or codes, expected ones and strangers."""
        told = self._evidence(self._in_text.found_in(words), order_ids(text))
        coded = self._evidence(*self._in_codes(codes))
        strong = told.by_order | told.by_tracking | coded.by_order | coded.by_tracking
        return strong | told.strangers | coded.strangers

    def claim_of_path(self, path: str) -> Claim:
        """Read a claim out of a file's name and folders, a hint for files that say nothing themselves."""
        return _judge(self._evidence(self._in_text.found_in(tokens(path)), order_ids(path)))

    def denies(self, order_id: str, codes: Sequence[Code]) -> str:
        """Find a bar code that looks like another booking's tracking id where the order's own is missing; else ""."""
        own = key(self.orders[order_id].tracking_id)
        if not own or any(_is_own(key(code.text), own) for code in codes):
            return ""
        return next((code.text for code in self.foreign((order_id,), codes)), "")

    def foreign(self, order_ids: Iterable[str], codes: Iterable[Code]) -> list[Code]:
        """List bar codes that look like a tracking id and say nothing of these orders."""
        orders = [self.orders[order_id] for order_id in order_ids if order_id in self.orders]
        own = {key(text) for one in orders for text in (one.order_id, one.tracking_id, one.identifier)} - {""}
        return [code for code in codes if _is_tracking(code) and not any(_is_own(key(code.text), one) for one in own)]

    def _in_codes(self, codes: Iterable[Code]) -> tuple[set[str], set[str]]:
        keys: set[str] = set()
        ids: set[str] = set()
        for code in codes:
            text = plain(code.text)
            ids |= order_ids(text)
            words = tokens(text)
            exact = self._in_text.found_in(words) | ({key(text)} & self._trackings.keys())
            keys |= exact or {known for word in words for known in self._inside(word)}
        return keys, ids

    def _inside(self, word: str) -> set[str]:
        return {known for known in self._in_text.keys if len(known) >= _SHORTEST_INSIDE and is_inside(known, word)}

    def _evidence(self, keys: set[str], ids: set[str]) -> _Evidence:
        named = {self._orders[text] for text in keys if text in self._orders}
        return _Evidence(
            frozenset(named | (ids & self.orders.keys())),
            frozenset(order for text in keys for order in self._trackings.get(text, ())),
            frozenset(order for text in keys for order in self._identifiers.get(text, ())),
            frozenset(ids - self.orders.keys()),
        )


def is_inside(known: str, word: str) -> bool:
    """Tell whether an id stands in a run of letters and digits by itself, and not as a part of a longer number."""
    at = word.find(known)
    if at < 0 or len(known) >= _UNMISTAKABLE:
        return at >= 0
    before, after = word[:at], word[at + len(known) :]
    digits = before[len(before.rstrip("0123456789")) :]
    ends = not (known[-1].isdigit() and after[:1].isdigit())
    return ends and (not known[0].isdigit() or not digits or _PREFIX.match(digits) is not None)


def _is_own(text: str, own: str) -> bool:
    """Tell whether a code says an id, with something before or after it, or without its check digit."""
    return is_inside(own, text) or (len(text) >= _SHORTEST_INSIDE and text in own)


def _is_tracking(code: Code) -> bool:
    text = key(code.text)
    return code.linear and len(text) >= _ID_LETTERS and len(re.findall(r"\d", text)) >= _ID_DIGITS


def joined(first: Claim, second: Claim) -> Claim:
    """Add what codes say to what the text says: they must not name different orders."""
    if first.weak or second.weak:
        return first if second.silent or (second.weak and not first.weak) else second
    if first.silent or second.reason is not None:
        return second if first.reason is None else first
    if second.silent or first.reason is not None:
        return first
    if first.order_id != second.order_id:
        return _contradiction(first.order_id, second.order_id)
    return Claim(first.order_id, first.tracking or second.tracking)


def _judge(evidence: _Evidence) -> Claim:
    strong = evidence.by_order | evidence.by_tracking
    if len(strong | evidence.strangers) > 1:
        if len(evidence.by_order | evidence.strangers) == 1 and evidence.by_tracking:
            (first,) = evidence.by_order | evidence.strangers
            return _contradiction(first, ", ".join(sorted(evidence.by_tracking - {first})))
        named = ", ".join(sorted(strong | evidence.strangers)[:4])
        return Claim(reason=Reason.SEVERAL_ORDERS, why=f"The page names several orders: {named}.")
    if evidence.strangers:
        (stranger,) = evidence.strangers
        why = f"The page belongs to order {stranger}, which is not among the orders that wait for papers."
        return Claim(stranger, reason=Reason.OTHER_ORDER, why=why)
    if strong:
        (order,) = strong
        return Claim(order, tracking=bool(evidence.by_tracking))
    if len(evidence.by_identifier) == 1:
        (order,) = evidence.by_identifier
        return Claim(order, weak=True)
    return Claim()


def _contradiction(first: str, second: str) -> Claim:
    why = f"The page contradicts itself: part of it belongs to order {first}, part to order {second}."
    return Claim(reason=Reason.CONTRADICTION, why=why)
