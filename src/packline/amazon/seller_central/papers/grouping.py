"""Pages of one order put together as documents: in order, without copies, and none with a page missing."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.judging import Verdict
from packline.amazon.seller_central.papers.kinds import is_invoice_too, is_label_too
from packline.amazon.seller_central.papers.records import Reason
from packline.amazon.seller_central.papers.sniff import Form
from packline.amazon.seller_central.papers.vocabulary import Kind
from packline.domain.values import DocumentKind, Value

_OTHER = {
    DocumentKind.SHIP_LABEL: DocumentKind.INVOICE,
    DocumentKind.INVOICE: DocumentKind.SHIP_LABEL,
}


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
        kept = [page for document in _without_copies(_documents(pages)) for page in document]
        if kind is Kind.SHIP_LABEL:
            kept = _one_label(kept)
        heaps.append(Heap(order_id, DocumentKind(kind.value), tuple(kept)))
    _refuse_incomplete(heaps)
    whole = [heap for heap in heaps if heap.pages and all(page.settled for page in heap.pages)]
    return [*whole, *_doubles(whole, index)]


def _doubles(heaps: Sequence[Heap], index: Index) -> Iterator[Heap]:
    """Give pages that are label and invoice in one to both, where the order has no other paper of that kind.

    An invoice may tell a tracking id in words; what has it as a bar code beside a label's words is the label too.
    """
    here = {(heap.order_id, heap.kind) for heap in heaps}
    for heap in heaps:
        other = _OTHER.get(heap.kind)
        sheet = heap.pages[0].sheet
        wanted = other is not None and other.value in index.orders[heap.order_id].wants
        if other is None or not wanted or (heap.order_id, other) in here:
            continue
        if other is DocumentKind.INVOICE and is_invoice_too(sheet):
            yield Heap(heap.order_id, other, heap.pages)
        if other is DocumentKind.SHIP_LABEL and is_label_too(sheet) and index.claim_of_codes(sheet.codes()).tracking:
            yield Heap(heap.order_id, other, heap.pages[:1])


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


def _documents(pages: list[Verdict]) -> list[list[Verdict]]:
    """Put an order's pages of one kind together as documents, each in the order of its counters."""
    documents: list[list[Verdict]] = []
    for page in sorted(pages, key=_counted_at) if _counted_through(pages) else pages:
        begun = next((document for document in reversed(documents) if _goes_on(document, page)), None)
        if begun is None:
            documents.append([page])
        else:
            begun.append(page)
    for document in documents:
        if all(page.counter for page in document):
            document.sort(key=_counted_at)
    return documents


def _counted_at(page: Verdict) -> int:
    return page.counter.at if page.counter else 0


def _goes_on(document: list[Verdict], page: Verdict) -> bool:
    """Tell whether a page belongs to a document: it continues it, tells its invoice number, or counts on from it."""
    if page.counter and page.counter in [known.counter for known in document]:
        return False
    if page.continues in document:
        return True
    numbers = {known.ties.invoice for known in document} - {""}
    if page.ties.invoice and numbers:
        return page.ties.invoice in numbers
    last = document[-1].counter
    return bool(page.counter and last and (last.at, last.of) == (page.counter.at - 1, page.counter.of))


def _without_copies(documents: list[list[Verdict]]) -> list[list[Verdict]]:
    """Keep one of documents that are the same; two that only share a page of terms are two."""
    kept: list[list[Verdict]] = []
    for document in documents:
        originals = next((found for known in kept if (found := _originals(document, known))), None)
        if originals is None:
            kept.append(document)
            continue
        for page, original in zip(document, originals, strict=True):
            page.refuse(Reason.DUPLICATE, f"The page is the same as page {original.sheet.number}.")
    return kept


def _originals(document: list[Verdict], known: list[Verdict]) -> list[Verdict]:
    """Find for each page of a document the page that it is a copy of; nothing where one page has none."""
    found = []
    for page in document:
        twins = [twin for twin in known if twin.sheet.text == page.sheet.text]
        original = next((twin for twin in twins if twin.sheet.fingerprint() == page.sheet.fingerprint()), None)
        if original is None:
            return []
        found.append(original)
    return found


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


def _refuse_incomplete(heaps: Iterable[Heap]) -> None:
    """Refuse documents of which a page is missing by their own counters, unless another kind of the order has it.

    Some makers count through an order's papers of all kinds ("page 2 of 3" is the invoice).
    """
    torn: defaultdict[tuple[str, int], list[Heap]] = defaultdict(list)
    for heap in heaps:
        for of in {page.counter.of for page in heap.pages if page.counter}:
            if _missing(heap.pages, of):
                torn[heap.order_id, of].append(heap)
    for (order_id, of), parts in torn.items():
        missing = _missing([page for part in parts for page in part.pages], of)
        for part in parts if missing else ():
            what = part.kind.value.replace("_", " ")
            why = f"Of order {order_id}'s {what}, page {', '.join(map(str, missing))} of {of} is missing."
            for page in part.pages:
                page.refuse(Reason.INCOMPLETE, why)


def _missing(pages: Iterable[Verdict], of: int) -> list[int]:
    tally = Tally(page.counter.at for page in pages if page.counter and page.counter.of == of)
    return [at for at in range(1, of + 1) if tally[at] < max(tally.values())]
