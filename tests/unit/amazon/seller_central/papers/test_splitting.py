"""A combined PDF is taken apart by what stands on its pages."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pagesizes import A4

from packline.amazon.seller_central.papers import Reason, Split, split
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import (
    FOUR_BY_SIX,
    SYMBOLOGY,
    Press,
    Sale,
    invoice,
    label,
    labels,
    other_script,
    pictured,
    sales,
    shuffled,
    turned,
    warranty,
)

LABEL, INVOICE, WARRANTY = DocumentKind.SHIP_LABEL, DocumentKind.INVOICE, DocumentKind.WARRANTY


def taken_apart(content: bytes, orders: Sequence[Sale]) -> Split:
    """Split, and hold that every page is in exactly one place."""
    done = split(content, [order.expected for order in orders])
    with pdfium.PdfDocument(content) as pdf:
        pages = len(pdf)
    everywhere = [page for part in (*done.found, *done.unmatched) for page in part.pages]
    assert sorted(everywhere) == list(range(1, pages + 1))
    for part in (*done.found, *done.unmatched):
        with pdfium.PdfDocument(part.file.content) as pdf:
            assert len(pdf) == len(part.pages)
    return done


def pages_of(done: Split) -> dict[tuple[str, DocumentKind], tuple[int, ...]]:
    """Tell which pages each order's documents came to have."""
    return {(found.order_id, found.kind): found.pages for found in done.found}


def reasons(done: Split) -> list[tuple[tuple[int, ...], Reason]]:
    """Tell why pages were left."""
    return [(left.pages, left.reason) for left in done.unmatched]


def test_labels_invoices_and_warranties_of_many_orders_come_apart() -> None:
    """Each order gets its own label, invoice and warranty, and no page is left."""
    press, orders = Press(), sales(12)
    for order in orders:
        labels(order, press)
    for order in reversed(orders):
        invoice(press, order, pages=2)
        warranty(press, order)
    done = taken_apart(press.pdf(), orders)
    assert done.unmatched == ()
    assert set(pages_of(done)) == {(order.order_id, kind) for order in orders for kind in DocumentKind}
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            assert found.order_id in pdf[0].get_textpage().get_text_range()


def test_the_same_input_gives_the_same_bytes() -> None:
    """Documents are stored by content: a second look at the same pile must not store anything twice."""
    press, orders = Press(), sales(2)
    for order in orders:
        labels(order, press)
        invoice(press, order)
    content = press.pdf()
    assert taken_apart(content, orders) == taken_apart(content, orders)


def test_pages_may_come_in_any_order() -> None:
    """Pages that name their order find it wherever they lie, and stand in the order of their counters."""
    press, orders = Press(), sales(8)
    for order in orders:
        labels(order, press)
        invoice(press, order, pages=3)
    pages = list(range(press.pages))
    random.Random(3).shuffle(pages)
    done = taken_apart(shuffled(press.pdf(), pages), orders)
    assert done.unmatched == ()
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            texts = [page.get_textpage().get_text_range() for page in pdf]
        assert all(found.order_id in text for text in texts)
        if found.kind is INVOICE:
            assert [text.rstrip()[-11:] for text in texts] == ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]


def test_pages_that_only_count_follow_the_page_before() -> None:
    """The order id may stand on the first page only: "page 2 of 3" after "page 1 of 3" belongs to the same order."""
    press, orders = Press(), sales(6)
    for order in orders:
        labels(order, press)
    for order in orders:
        invoice(press, order, pages=3, everywhere=False)
    done = taken_apart(press.pdf(), orders)
    assert done.unmatched == ()
    assert pages_of(done)[orders[1].order_id, INVOICE] == (10, 11, 12)


def test_pages_without_order_id_or_counter_follow_an_invoice_they_look_like() -> None:
    """A continued invoice that begins nothing of its own belongs to the invoice before it."""
    press, orders = Press(), sales(3)
    for order in orders:
        invoice(press, order, pages=2, everywhere=False, counter="")
        labels(order, press)
    done = taken_apart(press.pdf(), orders)
    assert done.unmatched == ()
    assert pages_of(done)[orders[2].order_id, INVOICE] == (7, 8)


def test_in_a_shuffled_pile_neighbours_prove_nothing() -> None:
    """Where pages do not follow their counters, a page that only counts goes to a person, never to a neighbour."""
    press, orders = Press(), sales(10)
    for order in orders:
        invoice(press, order, pages=2, everywhere=False)
    pages = [*range(0, 20, 2), *range(1, 20, 2)]
    done = taken_apart(shuffled(press.pdf(), pages), orders)
    assert done.found == ()
    assert {left.reason for left in done.unmatched} == {Reason.INCOMPLETE, Reason.NO_ORDER}


def test_an_invoice_number_ties_pages_wherever_they_lie() -> None:
    """A page with the invoice number of an order's invoice belongs to that order, in any order of pages."""
    press, orders = Press(), sales(5)
    for order in orders:
        invoice(press, order, pages=2, everywhere=False)
    for order in orders:
        press.page(A4).lines(60, 790, "Tax Invoice, annexure", f"Invoice No. {order.invoice}", "Serials").done()
    pages = [14, 0, 1, 12, 2, 3, 13, 4, 5, 10, 6, 7, 11, 8, 9]
    done = taken_apart(shuffled(press.pdf(), pages), orders)
    assert done.unmatched == ()
    assert pages_of(done)[orders[4].order_id, INVOICE] == (1, 14, 15)


def test_a_document_with_a_page_missing_is_not_given_out() -> None:
    """An invoice of three pages of which one is missing would be wrong: a person gets what there is."""
    press, orders = Press(), sales(2)
    for order in orders:
        invoice(press, order, pages=3)
    done = taken_apart(shuffled(press.pdf(), [0, 2, 3, 4, 5]), orders)
    assert list(pages_of(done)) == [(orders[1].order_id, INVOICE)]
    assert reasons(done) == [((1, 2), Reason.INCOMPLETE)]
    assert "page 2 of 3 is missing" in done.unmatched[0].why


def test_counters_that_number_the_whole_file_tear_nothing_apart() -> None:
    """ "Page 3 of 6" of a file of six pages and several orders says nothing about one order's document."""
    press, orders = Press(), sales(3)
    for at, order in enumerate(orders):
        press.page(FOUR_BY_SIX)
        label(press, order)
        press.lines(14, 20, f"Page {2 * at + 1} of 6").done()
        invoice(press, order, counter=f"Page {2 * at + 2} of 6")
    done = taken_apart(press.pdf(), orders)
    assert done.unmatched == ()
    assert len(done.found) == 6


def test_two_orders_on_a_page_go_to_a_person() -> None:
    """A page that names two orders and cannot be cut between them belongs to nobody alone."""
    press, (first, second) = Press(), sales(2)
    press.page(A4)
    label(press, first, at=(60, 300))
    label(press, second, at=(180, 220))
    press.done()
    done = taken_apart(press.pdf(), [first, second])
    assert reasons(done) == [((1,), Reason.SEVERAL_ORDERS)]
    assert first.order_id in done.unmatched[0].why
    assert second.order_id in done.unmatched[0].why


def test_a_page_of_one_order_with_the_tracking_id_of_another_contradicts_itself() -> None:
    """Evidence for two orders is evidence for none."""
    press, (first, second) = Press(), sales(2)
    labels(replace(first, tracking_id=second.tracking_id), press)
    done = taken_apart(press.pdf(), [first, second])
    assert reasons(done) == [((1,), Reason.CONTRADICTION)]


def test_the_bar_code_is_believed_over_a_missing_text() -> None:
    """A label whose text names one order and whose bar code is another's contradicts itself."""
    press, (first, second) = Press(), sales(2)
    press.page(FOUR_BY_SIX).lines(14, 400, "Easy Ship", "Ship to: Somebody", f"Order {first.order_id}")
    press.bars(second.tracking_id, 20, 200, 248, 60).done()
    assert reasons(taken_apart(press.pdf(), [first, second])) == [((1,), Reason.CONTRADICTION)]


def test_a_label_of_an_earlier_booking_is_not_taken() -> None:
    """After a label was cancelled the order has a new tracking id: the old label must not be stuck on the parcel."""
    press, (order,) = Press(), sales(1)
    old = replace(order, tracking_id="9990001112223")
    labels(old, press)
    done = taken_apart(press.pdf(), [order])
    assert reasons(done) == [((1,), Reason.CONTRADICTION)]
    assert "9990001112223" in done.unmatched[0].why
    labels(order, both := Press())
    labels(old, both)
    done = taken_apart(both.pdf(), [order])
    assert pages_of(done) == {(order.order_id, LABEL): (1,)}
    assert reasons(done) == [((2,), Reason.CONTRADICTION)]


def test_copies_of_a_page_are_kept_apart() -> None:
    """The same page twice is one document and a copy that needs nobody."""
    press, orders = Press(), sales(2)
    for order in orders:
        labels(order, press)
        invoice(press, order)
    done = taken_apart(shuffled(press.pdf(), [0, 1, 2, 3, 0, 3]), orders)
    assert len(done.found) == 4
    assert reasons(done) == [((5,), Reason.DUPLICATE), ((6,), Reason.DUPLICATE)]


def test_an_order_that_was_not_asked_for_is_named() -> None:
    """Pages of another order are put aside together, with its order id."""
    press, orders = Press(), sales(3)
    for order in orders:
        labels(order, press)
        invoice(press, order, pages=2, everywhere=False)
    done = taken_apart(press.pdf(), orders[:2])
    assert len(done.found) == 4
    assert reasons(done) == [((7, 8, 9), Reason.OTHER_ORDER)]
    assert done.unmatched[0].order_id == orders[2].order_id


def test_other_papers_of_an_order_are_no_label() -> None:
    """A packing slip names its order too, and is put aside."""
    press, (order,) = Press(), sales(1)
    labels(order, press)
    press.page(A4).lines(60, 790, "Packing slip", f"Order {order.order_id}", "Ship to: Somebody", "1 Thing").done()
    press.page(A4).lines(60, 790, "Thank you for your purchase").done()
    press.page(A4).done()
    done = taken_apart(press.pdf(), [order])
    assert reasons(done) == [((2,), Reason.OTHER_PAPER), ((3,), Reason.NO_ORDER), ((4,), Reason.NO_ORDER)]


@pytest.mark.parametrize("symbology", ["Code128", "QRCode", "DataMatrix", "Code39", "PDF417", "ITF", "Aztec", "Code93"])
@pytest.mark.parametrize("text", ["tracking_id", "order_id"])
def test_a_label_that_is_a_picture_is_read_by_its_code(symbology: str, text: str) -> None:
    """Any usual code with the tracking id or the order id names the order of a page without text."""
    order = replace(sales(1)[0], tracking_id="165296933969")
    if (symbology, text) == ("ITF", "order_id"):
        pytest.skip("ITF holds digits only")
    press = Press().page(FOUR_BY_SIX).lines(14, 400, "SHIP TO")
    press.bars(getattr(order, text), 14, 150, 260, 60, getattr(SYMBOLOGY, symbology)).done()
    done = taken_apart(pictured(press.pdf()), [order])
    assert pages_of(done) == {(order.order_id, LABEL): (1,)}


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("as_picture", [False, True])
def test_pages_may_lie_in_any_direction(angle: int, as_picture: bool) -> None:
    """A page that is turned, by its own setting or as a picture, is read as well."""
    press, orders = Press(), sales(2)
    for order in orders:
        labels(order, press)
        if not as_picture:
            invoice(press, order)
    content = turned(press.pdf(), angle)
    done = taken_apart(pictured(content) if as_picture else content, orders)
    assert done.unmatched == ()
    assert len(done.found) == (2 if as_picture else 4)


def test_what_an_invoice_is_can_be_told_by_what_is_missing() -> None:
    """A pictured page with the order's code is its invoice when the label is there and nothing else is awaited."""
    press, (order,) = Press(), sales(1)
    labels(order, press)
    press.page(A4).bars(order.order_id, 60, 600, 100, 0, SYMBOLOGY.QRCode).done()
    content = press.pdf()
    assert pages_of(taken_apart(content, [order])) == {(order.order_id, LABEL): (1,), (order.order_id, INVOICE): (2,)}
    alone = taken_apart(shuffled(content, [1]), [order])
    assert reasons(alone) == [((1,), Reason.UNKNOWN_KIND)]


@pytest.mark.parametrize(
    "written",
    [
        "{0}-{1}-\n{2}",
        "{0} - {1} - {2}",
        "{0}\u2011{1}\u2013{2}",
        "{0}{1}{2}",
        "#{0}-{1}-{2}.",
        "https://example.test/orders/{0}-{1}-{2}?ref=label",
        "\u200e{0}-{1}-{2}\u200f",
        "IN-{0}-{1}-{2}-1",
        "{0}\n{1}\n{2}",
    ],
)
def test_an_order_id_may_be_written_in_many_ways(written: str) -> None:
    """Line ends, blanks, other dashes and invisible marks do not hide an order id."""
    press, orders = other_script(Press()), sales(3)
    for order in orders:
        press.page(A4).lines(60, 790, "Tax Invoice", "Invoice date 21.11.2026", "Unit price 1.00")
        press.lines(60, 700, *written.format(*order.order_id.split("-")).split("\n")).done()
    done = taken_apart(press.pdf(), orders)
    assert pages_of(done) == {(order.order_id, INVOICE): (at + 1,) for at, order in enumerate(orders)}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("فاتورة ضريبية", INVOICE),
        ("e-Arşiv Fatura   KDV", INVOICE),
        ("Faktura VAT", INVOICE),
        ("Factuur", INVOICE),
        ("Nota Fiscal Eletrônica", INVOICE),
        ("ضمان", WARRANTY),
        ("Garanti Belgesi", WARRANTY),
        ("Karta gwarancyjna", WARRANTY),
        ("Etiqueta de envío  Destinatario  Guía", LABEL),
        ("Kargo  Gönderi  Alıcı", LABEL),
        ("شحن  بوليصة  رقم التتبع", LABEL),
    ],
)
def test_documents_of_other_languages_are_known_by_their_words(title: str, kind: DocumentKind) -> None:
    """Titles in the languages of Amazon's Easy Ship marketplaces name the kind, on A4 and without a known layout."""
    press, (order,) = other_script(Press()), sales(1)
    press.page(A4).lines(60, 790, title).lines(60, 700, order.order_id, "1.652,00").done()
    assert list(pages_of(taken_apart(press.pdf(), [order]))) == [(order.order_id, kind)]


def test_digits_of_another_script_are_digits() -> None:
    """An order id in Arabic digits is the same order id."""
    press, (order,) = other_script(Press()), sales(1)
    arabic = order.order_id.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    press.page(A4).lines(60, 790, "فاتورة", arabic).done()
    assert list(pages_of(taken_apart(press.pdf(), [order]))) == [(order.order_id, INVOICE)]


def test_a_label_may_mention_an_invoice_and_an_invoice_a_warranty() -> None:
    """The kind is what a page is, not every word that it mentions."""
    press, (order,) = Press(), sales(1)
    press.page(FOUR_BY_SIX)
    label(press, order)
    press.lines(
        14, 40, f"Invoice No. {order.invoice}   GSTIN 29AAAAA0000A1Z5", "Warranty void if seal is broken"
    ).done()
    invoice(press, order)
    press.page(A4).lines(60, 790, "Warranty certificate", f"Order {order.order_id}, invoice {order.invoice}").done()
    expected = {(order.order_id, LABEL): (1,), (order.order_id, INVOICE): (2,), (order.order_id, WARRANTY): (3,)}
    assert pages_of(taken_apart(press.pdf(), [order])) == expected


def test_the_package_identifier_names_an_order_where_nothing_better_does() -> None:
    """The seller's own identifier on a label is enough, if only one order has it."""
    press, orders = Press(), sales(2)
    for order in orders:
        press.page(FOUR_BY_SIX).lines(14, 400, "Easy Ship", f"Package {order.identifier}").done()
    done = taken_apart(press.pdf(), orders)
    assert pages_of(done) == {(order.order_id, LABEL): (at + 1,) for at, order in enumerate(orders)}
    shared = [replace(order, identifier=orders[0].identifier) for order in orders]
    assert taken_apart(press.out.getvalue(), shared).found == ()
