"""Pages of one order put together as documents: in order, without copies, and none with a page missing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.judging import Verdict
from packline.amazon.seller_central.papers.records import Reason
from packline.amazon.seller_central.papers.sniff import Form
from packline.amazon.seller_central.papers.vocabulary import Kind
from packline.domain.values import DocumentKind, Value


class Heap(Value, frozen=True):
    """The pages of one document, in its order."""

    order_id: str
    kind: DocumentKind
    pages: tuple[Verdict, ...]


def heaps_of(verdicts: Sequence[Verdict], index: Index) -> list[Heap]:
    """Group settled pages by order, kind and form; pages that do not go with the others are refused, with why."""
    _name_by_elimination(verdicts, index)
    groups: defaultdict[tuple[str, Kind, Form], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.settled:
            groups[verdict.order_id, verdict.kind, verdict.sheet.member.form].append(verdict)
    heaps = []
    for (order_id, kind, _), pages in groups.items():
        kept = _without_copies(pages)
        if kind is Kind.SHIP_LABEL:
            kept = _one_label(kept)
        heaps.append(Heap(order_id, DocumentKind(kind.value), tuple(_in_order(kept))))
    _refuse_incomplete(heaps)
    return [heap for heap in heaps if heap.pages and all(page.settled for page in heap.pages)]


def _name_by_elimination(verdicts: Sequence[Verdict], index: Index) -> None:
    """Name pages whose order is sure and whose kind is not: they are the one kind that the order still waits for."""
    here: defaultdict[str, set[str]] = defaultdict(set)
    unknown: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.settled and verdict.kind is not Kind.UNKNOWN:
            here[verdict.order_id].add(verdict.kind.value)
        elif verdict.settled:
            unknown[verdict.order_id].append(verdict)
    for order_id, pages in unknown.items():
        lacking = [kind for kind in index.orders[order_id].wants if kind not in here[order_id]]
        for page in pages:
            if len(lacking) == 1 and len(pages) == 1:
                page.kind = Kind(lacking[0])
            else:
                why = f"The page names order {order_id}, but not whether it is its label, its invoice or a warranty."
                page.refuse(Reason.UNKNOWN_KIND, why)


def _without_copies(pages: list[Verdict]) -> list[Verdict]:
    kept: list[Verdict] = []
    by_text: defaultdict[str, list[Verdict]] = defaultdict(list)
    for page in pages:
        twins = by_text[page.sheet.text]
        copied = next((twin for twin in twins if twin.sheet.fingerprint() == page.sheet.fingerprint()), None)
        if copied is None:
            twins.append(page)
            kept.append(page)
        else:
            page.refuse(Reason.DUPLICATE, f"The page is the same as page {copied.sheet.number}.")
    return kept


def _one_label(pages: list[Verdict]) -> list[Verdict]:
    """Keep the order's one label: the one that carries the booking's tracking id, where there are several."""
    if len(pages) < 2 or _counted_through(pages):
        return pages
    proven = [page for page in pages if page.claim.tracking]
    order = pages[0].order_id
    for page in pages:
        if not proven:
            why = f"There are {len(pages)} different labels of order {order}, and none carries its tracking id."
            page.refuse(Reason.CONTRADICTION, why)
        elif page in proven[1:]:
            why = f"This is another label of order {order} with the tracking id of page {proven[0].sheet.number}."
            page.refuse(Reason.DUPLICATE, why)
        elif page is not proven[0]:
            why = f"This label of order {order} lacks the tracking id that page {proven[0].sheet.number} has."
            page.refuse(Reason.CONTRADICTION, why)
    return proven[:1]


def _counted_through(pages: Sequence[Verdict]) -> bool:
    counters = [page.counter for page in pages if page.counter]
    return len(counters) == len(pages) and sorted(c.at for c in counters) == list(range(1, len(pages) + 1))


def _in_order(pages: list[Verdict]) -> list[Verdict]:
    """Sort an order's pages: by the document they continue or whose invoice number they tell, then by counter."""
    if _counted_through(pages):
        return sorted(pages, key=lambda page: page.counter.at if page.counter else 0)
    documents: dict[object, int] = {}
    placed = []
    for page in pages:
        document = documents.setdefault(_document(page), page.sheet.number)
        placed.append((document, page.counter.at if page.counter else 0, page.sheet.number, page))
    counted = all(page.counter for page in pages)
    placed.sort(key=lambda entry: (entry[0], entry[1], entry[2]) if counted else (entry[0], entry[2]))
    return [page for *_, page in placed]


def _document(page: Verdict) -> object:
    while page.continues is not None and not page.ties.invoice:
        page = page.continues
    return page.ties.invoice or (id(page.sheet.member) if page.counter else page.sheet.number)


def _refuse_incomplete(heaps: Iterable[Heap]) -> None:
    """Refuse documents of which a page is missing by their own counters, wherever in the order's papers it might be."""
    counted: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for heap in heaps:
        for page in heap.pages:
            if page.counter:
                counted[heap.order_id, page.counter.of].add(page.counter.at)
    for heap in heaps:
        for of in {page.counter.of for page in heap.pages if page.counter}:
            missing = sorted(set(range(1, of + 1)) - counted[heap.order_id, of])
            if missing:
                lost = ", ".join(map(str, missing))
                why = f"Of order {heap.order_id}'s {heap.kind.value.replace('_', ' ')}, page {lost} of {of} is missing."
                for page in heap.pages:
                    page.refuse(Reason.INCOMPLETE, why)
