"""Sheets with several orders' papers, drawn and scanned, in grids of all kinds: each order gets its own part only."""

import random
from collections import Counter

import pypdfium2 as pdfium
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4, landscape, letter

from packline.amazon.seller_central.papers import Reason, Split, split
from packline.amazon.seller_central.papers.codes import codes_of_picture, draw
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import Press, Sale, invoice, label, pictured, sales, shuffled, turned

ORDERS = sales(14, seed=11)
GRIDS = ((1, 2), (2, 1), (2, 2), (1, 3), (2, 3), (3, 2), (2, 4))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: a page takes a tenth of a second, and what fails says what it was."""
PAGES = {"A4": A4, "A4 landscape": landscape(A4), "letter": letter}


def sheet(press: Press, page: str, grid: tuple[int, int], places: list[Sale | None], margin: float) -> None:
    """Draw labels in the cells of a grid; None leaves a cell empty."""
    width, height = PAGES[page]
    columns, rows = grid
    wide, tall = width / columns, height / rows
    press.page(PAGES[page])
    for at, order in enumerate(places):
        if order is not None:
            x, y = (at % columns) * wide + margin, (at // columns) * tall + margin
            label(press, order, at=(x, y), size=(min(280, wide - 2 * margin), tall - 2 * margin))
    press.done()


def read(content: bytes) -> tuple[str, set[str]]:
    """Give a file's text and codes."""
    with pdfium.PdfDocument(content) as pdf:
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
        return text, {code.text for page in pdf for code in codes_of_picture(draw(page, 300))}


def holds_only_its_own(done: Split, orders: list[Sale]) -> None:
    """Every label shows its own tracking id, and nothing of anybody else, not even hidden."""
    by_id = {order.order_id: order for order in orders}
    for found in done.found:
        text, codes = read(found.file.content)
        own = by_id[found.order_id]
        if found.kind is DocumentKind.SHIP_LABEL:
            assert codes == {own.tracking_id}
        for other in orders:
            if other is not own:
                assert other.order_id not in text
                assert other.tracking_id not in text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(
    st.sampled_from(sorted(PAGES)),
    st.sampled_from(GRIDS),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.sampled_from([0.0, 4.0, 9.0]),
    st.booleans(),
    st.sampled_from([0, 90, 180, 270]),
    st.integers(0, 10**6),
)
def test_labels_laid_out_on_one_sheet_are_cut_apart(
    page: str, grid: tuple[int, int], filled: list[bool], margin: float, scanned: bool, angle: int, seed: int
) -> None:
    """Each expected order has its own label, a stranger's goes to a person; the number of the sheet is on each part."""
    cells = grid[0] * grid[1]
    drawn = random.Random(seed).sample(ORDERS, cells)
    places: list[Sale | None] = [order if full else None for order, full in zip(drawn, filled, strict=False)]
    here = [order for order in places if order is not None]
    if len(here) < 2:
        places = [*drawn]
        here = drawn
    asked = here if scanned else here[1:]  # in a picture a stranger's label is only a code that nobody knows
    press = Press()
    sheet(press, page, grid, places, margin)
    content = pictured(press.pdf(), 250) if scanned else press.pdf()
    done = split(turned(content, angle), [order.expected for order in asked])
    got = {(found.order_id, found.kind) for found in done.found}
    wanted = {(order.order_id, DocumentKind.SHIP_LABEL) for order in asked}
    assert got <= wanted
    if margin or not scanned:  # of a picture in which frames touch, nobody can tell where to cut
        assert got == wanted
    assert all(found.pages == (1,) for found in done.found)
    holds_only_its_own(done, here)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
@given(st.integers(0, 10**6), st.integers(2, 8))
def test_sheets_of_labels_among_long_invoices_in_any_order(seed: int, count: int) -> None:
    """Four labels to a sheet, invoices of several pages, all shuffled: every order has both, every page is told of."""
    draw_ = random.Random(seed)
    orders = draw_.sample(ORDERS, count)
    press = Press()
    for first in range(0, count, 4):
        group: list[Sale | None] = [*orders[first : first + 4]]
        if len(group) == 1:
            sheet(press, "A4", (1, 1), group, 100.0)
        else:
            sheet(press, "A4", (2, 2), group + [None] * (4 - len(group)), 6.0)
    for order in orders:
        invoice(press, order, pages=draw_.randint(1, 3))
    pages = list(range(press.pages))
    draw_.shuffle(pages)
    done = split(shuffled(press.pdf(), pages), [order.expected for order in orders])
    assert Counter((found.order_id, found.kind) for found in done.found) == Counter(
        (order.order_id, kind) for order in orders for kind in (DocumentKind.SHIP_LABEL, DocumentKind.INVOICE)
    )
    assert done.unmatched == ()
    assert {page for found in done.found for page in found.pages} == set(range(1, len(pages) + 1))


def test_a_sheet_that_cannot_be_cut_goes_to_a_person_whole() -> None:
    """Two labels that overlap, or a text that names two orders, are nobody's: the sheet is kept as it came."""
    first, second = ORDERS[:2]
    press = Press().page(A4)
    label(press, first, at=(60, 300))
    label(press, second, at=(180, 220))
    press.done()
    done = split(press.pdf(), [first.expected, second.expected])
    assert done.found == ()
    assert [left.reason for left in done.unmatched] == [Reason.SEVERAL_ORDERS]
    press = Press().page(A4)
    press.lines(60, 700, "Tax Invoice", f"Order {first.order_id}, replaces {second.order_id}", "unit price").done()
    done = split(press.pdf(), [first.expected, second.expected])
    assert done.found == ()


def test_label_and_invoice_on_one_page_are_both() -> None:
    """Some makers print the label above its invoice: the order has both, and neither is asked for again."""
    order = ORDERS[0]
    press = Press().page(A4)
    label(press, order, at=(10, 430), size=(280, 400))
    head = ("Tax Invoice", f"Invoice Number: {order.invoice}", f"Order Number: {order.order_id}")
    press.lines(60, 390, *head, "unit price", "net amount", "GSTIN", "Total amount 12.00").done()
    done = split(press.pdf(), [order.expected])
    assert {found.kind for found in done.found} == {DocumentKind.SHIP_LABEL, DocumentKind.INVOICE}
    assert done.unmatched == ()


def test_an_invoice_written_letter_by_letter_is_an_invoice() -> None:
    """Some makers place each letter by itself, so far apart that a reader takes each for a word."""
    order = ORDERS[0]
    press = Press().page(A4)
    for row, line in enumerate(("Tax Invoice", f"Order {order.order_id}", "unit price GSTIN")):
        for at, letter_ in enumerate(line):
            press.canvas.drawString(60 + at * 9, 790 - row * 14, letter_)
    press.done()
    done = split(press.pdf(), [order.expected])
    assert [(found.order_id, found.kind) for found in done.found] == [(order.order_id, DocumentKind.INVOICE)]
