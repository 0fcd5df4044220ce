"""Each page judged: its order and its kind, or why it has none."""

from collections import defaultdict
from collections.abc import Sequence

from packline.amazon.seller_central.papers import continuing
from packline.amazon.seller_central.papers.claims import Claim, Index, joined
from packline.amazon.seller_central.papers.codes import may_carry_codes
from packline.amazon.seller_central.papers.continuing import Counter, Ties
from packline.amazon.seller_central.papers.cropping import is_one_label
from packline.amazon.seller_central.papers.kinds import kind_of
from packline.amazon.seller_central.papers.records import Reason
from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.vocabulary import Kind
from packline.amazon.seller_central.papers.wording import Keys

_CONTINUES = (Kind.INVOICE, Kind.WARRANTY)


class Verdict:
    """What is known of one page; `reason` is None where it belongs to `order_id`."""

    def __init__(self, sheet: Sheet, claim: Claim, ties: Ties) -> None:
        """Begin with what the page's text says."""
        self.sheet, self.ties = sheet, ties
        self.claim = claim
        self.kind = Kind.UNKNOWN
        self.counter: Counter | None = None
        self.continues: Verdict | None = None

    @property
    def order_id(self) -> str:
        """Name the order, "" where none is named."""
        return self.claim.order_id

    @property
    def settled(self) -> bool:
        """Tell whether the page belongs to an expected order."""
        return bool(self.claim.order_id) and self.claim.reason is None

    def refuse(self, reason: Reason, why: str) -> None:
        """Take the page away from its order, and say why."""
        self.claim = Claim(self.claim.order_id, reason=reason, why=why)


def judge(sheets: Sequence[Sheet], index: Index) -> list[Verdict]:
    """Judge all pages of an input: by their own words and codes first, then by what ties them to others."""
    verdicts = [Verdict(sheet, index.claim_of_text(sheet), continuing.ties_of(sheet)) for sheet in sheets]
    for verdict in verdicts:
        _know_kind(verdict)
    by_member: defaultdict[int, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_member[id(verdict.sheet.member)].append(verdict)
    invoices = _Invoices(verdicts)
    for pages in by_member.values():
        _judge_member(pages, index, invoices)
    _follow_folders(by_member, index)
    for verdict in verdicts:
        _close(verdict)
    return verdicts


def _know_kind(verdict: Verdict) -> None:
    verdict.kind = kind_of(verdict.sheet, carries_tracking=verdict.claim.tracking)
    if verdict.claim.weak and verdict.kind is not Kind.SHIP_LABEL:
        verdict.claim = Claim()


def _judge_member(pages: list[Verdict], index: Index, invoices: "_Invoices") -> None:
    orders = [page.order_id for page in pages]
    for page, counter in zip(pages, continuing.local_counters([page.ties for page in pages], orders), strict=True):
        page.counter = counter
    counters = [page.counter for page in pages]
    orderly = continuing.is_orderly(counters, orders)
    if not orderly and continuing.is_orderly(counters[::-1], orders[::-1]):
        pages, orderly = pages[::-1], True  # a scanner or a printer turned the pile over
    before: Verdict | None = None
    for page in pages:
        if not page.sheet.flaw:
            _judge_page(page, before if orderly else None, index, invoices)
        before = page


def _judge_page(page: Verdict, before: Verdict | None, index: Index, invoices: "_Invoices") -> None:
    if page.claim.silent:
        _ = (
            _by_invoice(page, invoices)
            or _by_glance(page, index)
            or _by_counter(page, before)
            or _by_codes(page, index)
            or _by_likeness(page, before)
        )
    elif page.settled and page.kind in (Kind.SHIP_LABEL, Kind.UNKNOWN) and not page.claim.tracking:
        _by_codes(page, index)
    if page.settled and page.sheet.crowd:
        page.refuse(Reason.SEVERAL_ORDERS, page.sheet.crowd)
    if page.settled and page.kind is Kind.SHIP_LABEL and not page.claim.tracking:
        other = index.denies(page.order_id, page.sheet.quick_codes())
        if other and (other := index.denies(page.order_id, page.sheet.every_code())):
            own = index.orders[page.order_id].tracking_id
            page.refuse(
                Reason.CONTRADICTION,
                f"The label names order {page.order_id} but carries {other} and not its tracking id {own}: it may be "
                "the label of an earlier booking.",
            )


def _by_invoice(page: Verdict, invoices: "_Invoices") -> bool:
    first = invoices.first_page(page)
    if first is None:
        return False
    _continue(page, first)
    return True


def _by_counter(page: Verdict, before: Verdict | None) -> bool:
    counter = page.counter
    if before is None or counter is None or counter.at == 1 or not before.order_id or _clashes(page, before):
        return False
    if before.counter != Counter(counter.at - 1, counter.of) or before.kind not in (*_CONTINUES, Kind.SHIP_LABEL):
        return False
    if before.kind is Kind.SHIP_LABEL and page.kind is not Kind.SHIP_LABEL:
        return False
    _continue(page, before)
    return True


def _by_likeness(page: Verdict, before: Verdict | None) -> bool:
    """Take a page of the same kind as the one before it, that begins nothing of its own, for its continuation."""
    if before is None or not before.order_id or page.kind is not before.kind or page.kind not in _CONTINUES:
        return False
    begins = page.ties.invoice or (page.counter and page.counter.at == 1) or page.sheet.size != before.sheet.size
    ended = before.counter is not None and before.counter.at == before.counter.of
    if begins or ended or (page.counter is None) != (before.counter is None) or page.counter:
        return False
    _continue(page, before)
    return True


def _clashes(page: Verdict, before: Verdict) -> bool:
    different = bool(page.ties.invoice and before.ties.invoice and page.ties.invoice != before.ties.invoice)
    known = page.kind not in (Kind.UNKNOWN, before.kind)
    return different or (known and page.kind is not Kind.OTHER)


def _continue(page: Verdict, before: Verdict) -> None:
    page.claim = Claim(before.claim.order_id, reason=before.claim.reason, why=before.claim.why)
    if before.kind is Kind.SHIP_LABEL and page.kind is not Kind.SHIP_LABEL:
        return  # a label told the invoice's number: the invoice is a document of its own
    page.continues = before
    if page.kind is not Kind.WARRANTY:
        page.kind = before.kind


def _by_glance(page: Verdict, index: Index) -> bool:
    """Look for a code that names the order before neighbours are believed, where that costs little."""
    claim = index.claim_of_codes(page.sheet.glance())
    _learn(page, claim)
    return not page.claim.silent


def _by_codes(page: Verdict, index: Index) -> bool:
    quick = page.kind is Kind.SHIP_LABEL
    claim = index.claim_of_codes(page.sheet.quick_codes() if quick else page.sheet.codes())
    # Upright codes may say nothing beside one that lies on its side.
    if claim.silent and page.claim.silent and page.sheet.codes():
        claim = index.claim_of_codes(page.sheet.every_code())
    _learn(page, claim)
    return not page.claim.silent


def _learn(page: Verdict, claim: Claim) -> None:
    page.claim = joined(page.claim, claim)
    _know_kind(page)
    if page.settled and page.kind is Kind.UNKNOWN and page.sheet.page is not None and not page.sheet.words:
        page.kind = Kind.SHIP_LABEL if is_one_label(page.sheet.page, page.sheet.box) else Kind.UNKNOWN


class _Invoices:
    """Invoice numbers that tie pages which name no order to pages of exactly one order."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        named = [verdict for verdict in verdicts if verdict.order_id]
        told = {verdict.ties.invoice for verdict in verdicts} - {""}
        telling = Keys(filter(continuing.is_telling, told))
        seen: defaultdict[str, dict[str, Verdict]] = defaultdict(dict)
        for verdict in sorted(named, key=lambda verdict: verdict.kind is Kind.SHIP_LABEL):
            numbers = telling.found_in(verdict.sheet.words) if verdict.kind is Kind.SHIP_LABEL else set()
            for number in {*numbers, verdict.ties.invoice} - {""}:
                seen[number].setdefault(verdict.order_id, verdict)
        self._first = {number: next(iter(pages.values())) for number, pages in seen.items() if len(pages) == 1}
        self._telling = Keys(filter(continuing.is_telling, self._first))

    def first_page(self, page: Verdict) -> Verdict | None:
        """Find the page that tells this page's order by the invoice number on both; None where none or several do."""
        if page.ties.invoice:
            return self._first.get(page.ties.invoice)
        found = {self._first[number] for number in self._telling.found_in(page.sheet.words)}
        return found.pop() if len(found) == 1 else None


def _follow_folders(by_member: dict[int, list[Verdict]], index: Index) -> None:
    """Give whole files that say nothing to the order of their name, or of the other files in their folder."""
    folders: defaultdict[str, set[str]] = defaultdict(set)
    for pages in by_member.values():
        folder = pages[0].sheet.member.path.rpartition("/")[0]
        folders[folder] |= {page.order_id for page in pages if page.order_id}
    for pages in by_member.values():
        path = pages[0].sheet.member.path
        if not path or any(not page.claim.silent or page.sheet.flaw for page in pages):
            continue
        claim = index.claim_of_path(path)
        near = folders[path.rpartition("/")[0]] if "/" in path else set()
        if claim.silent and len(near) == 1 and near <= index.orders.keys():
            claim = Claim(next(iter(near)))
        for page in pages:
            page.claim = claim


def _close(verdict: Verdict) -> None:
    """Say why of a page that has no order, or no use."""
    if verdict.sheet.flaw:
        verdict.refuse(Reason.UNREADABLE, verdict.sheet.flaw)
    elif verdict.claim.silent:
        verdict.refuse(Reason.NO_ORDER, f"No order is named on the page: {_why_silent(verdict.sheet)}.")
    elif verdict.kind is Kind.OTHER and (verdict.settled or verdict.claim.reason is Reason.SEVERAL_ORDERS):
        named = f"order {verdict.order_id}" if verdict.order_id else "several orders"
        verdict.refuse(Reason.OTHER_PAPER, f"The page names {named} but is no label, invoice or warranty.")


def _why_silent(sheet: Sheet) -> str:
    if sheet.words or sheet.codes():
        return "text and codes say nothing that an expected order is known by"
    if sheet.page is not None and may_carry_codes(sheet.page):
        return "it is a picture without text, and no code on it can be read"
    return "it is empty"
