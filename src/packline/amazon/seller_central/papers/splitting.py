"""The whole way of a pile of papers: opened, read, judged, grouped, cut."""

from collections.abc import Sequence
from itertools import groupby

from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.cutting import cut
from packline.amazon.seller_central.papers.grouping import Heap, heaps_of
from packline.amazon.seller_central.papers.judging import Verdict, judge
from packline.amazon.seller_central.papers.parting import parted
from packline.amazon.seller_central.papers.records import Expected, Found, Reason, Split, Unmatched
from packline.amazon.seller_central.papers.sheets import Pile, opened
from packline.domain.values import DocumentKind


def split(content: bytes, expected: Sequence[Expected]) -> Split:
    """Take a PDF, ZPL, tar or zip (gzip'd or not) apart into documents of the expected orders.

    Pages are matched by what stands on them, in whatever order they come; every page is in exactly one Found or
    Unmatched, but one that holds several orders' papers side by side: it is cut, and each part is in one. An order has
    at most one document of each kind and form.

    Raises:
        PaperError: the file is empty, broken, encrypted, too large, or neither of those forms.

    """
    with opened(content) as pile:
        index = Index(expected)
        verdicts = judge(parted(pile.sheets, index), index)
        heaps = heaps_of(verdicts, index)
        found = tuple(_found(heap, pile) for heap in heaps)
        return Split(found, _unmatched(verdicts, pile))


def _found(heap: Heap, pile: Pile) -> Found:
    sheets = [page.sheet for page in heap.pages]
    file = cut(sheets, pile, crop=heap.kind is DocumentKind.SHIP_LABEL)
    return Found(heap.order_id, heap.kind, file, tuple(sheet.number for sheet in sheets))


def _unmatched(verdicts: Sequence[Verdict], pile: Pile) -> tuple[Unmatched, ...]:
    """Put neighbours that are refused for the same reason into one file, so that a person looks once."""
    left = [verdict for verdict in verdicts if not verdict.settled]
    runs = groupby(left, key=_cause)
    return tuple(_leftover(list(run), pile) for _, run in runs)


def _cause(verdict: Verdict) -> tuple[object, ...]:
    alone = verdict.sheet.number if verdict.claim.reason in _ALONE else 0
    return id(verdict.sheet.member), verdict.claim.reason, verdict.order_id, verdict.claim.why, alone


_ALONE = (Reason.NO_ORDER, Reason.UNREADABLE, Reason.SEVERAL_ORDERS, Reason.CONTRADICTION)


def _leftover(run: list[Verdict], pile: Pile) -> Unmatched:
    claim = run[0].claim
    sheets = [verdict.sheet for verdict in run]
    reason = claim.reason or Reason.NO_ORDER
    return Unmatched(cut(sheets, pile), tuple(sheet.number for sheet in sheets), claim.why, reason, claim.order_id)
