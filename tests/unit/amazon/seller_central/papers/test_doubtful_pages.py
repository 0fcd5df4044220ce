"""Pages that say little, or two things: evidence of the page itself goes before that of its neighbours."""

from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pagesizes import A4

from packline.amazon.seller_central.papers import Reason, split
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import (
    FOUR_BY_SIX,
    SAUDI,
    SYMBOLOGY,
    Press,
    Sale,
    invoice,
    label,
    labels,
    pictured,
    sales,
    shuffled,
)

LABEL, INVOICE = DocumentKind.SHIP_LABEL, DocumentKind.INVOICE


def told(content: bytes, *orders: Sale) -> dict[tuple[str, DocumentKind], tuple[int, ...]]:
    """Tell which pages each document came to have."""
    return {(found.order_id, found.kind): found.pages for found in split(content, [o.expected for o in orders]).found}


def test_a_code_on_a_page_goes_before_the_page_s_neighbours() -> None:
    """Page 2 of 2 with its order in a QR code belongs to that order, although another's page 1 of 2 lies before it."""
    press, (first, second) = Press(), sales(2)
    for order in (first, second):
        press.page(A4).lines(60, 790, "Tax Invoice", f"Order {order.order_id}", "Page 1 of 2").done()
        press.page(A4).lines(60, 790, "Tax Invoice", "Total amount 1.00", "Page 2 of 2")
        press.bars(order.order_id, 400, 650, 90, 0, SYMBOLOGY.QRCode).done()
    content = shuffled(press.pdf(), [0, 3, 2, 1])
    assert told(content, first, second) == {(first.order_id, INVOICE): (1, 4), (second.order_id, INVOICE): (3, 2)}


def test_an_invoice_without_order_id_is_tied_by_the_label_s_invoice_number() -> None:
    """A label that tells the number of the invoice ties an invoice that tells nothing else."""
    press, orders = Press(), sales(3)
    for order in orders:
        press.page(FOUR_BY_SIX)
        label(press, order)
        press.lines(14, 40, "INVOICE", order.invoice).done()
    for order in reversed(orders):
        press.page(A4).lines(60, 790, "Tax Invoice", f"Invoice Number: {order.invoice}", "Unit price 1.00").done()
    done = told(press.pdf(), *orders)
    assert done[orders[0].order_id, INVOICE] == (6,)
    assert done[orders[2].order_id, INVOICE] == (4,)


def test_a_seller_s_identifier_says_nothing_on_an_invoice() -> None:
    """An identifier may be any number: off the label it is only a number."""
    press, (first, second) = Press(), sales(2)
    first = replace(first, identifier="110001")
    labels(second, press)
    press.page(A4).lines(60, 790, "Tax Invoice", "Test City 110001", "Total amount 1.00").done()
    done = split(press.pdf(), [first.expected, second.expected])
    assert [found.order_id for found in done.found] == [second.order_id]
    assert [left.reason for left in done.unmatched] == [Reason.NO_ORDER]


def test_an_identifier_loses_against_an_order_id() -> None:
    """Where a page names an order, another order's identifier on it is a coincidence."""
    press, (first, second) = Press(), sales(2)
    labels(replace(first, identifier="X"), press)
    clash = replace(second, identifier=first.buyer.replace(" ", ""))
    assert told(press.pdf(), first, clash) == {(first.order_id, LABEL): (1,)}


def test_a_label_drawn_in_another_unit_becomes_four_by_six() -> None:
    """A page of 812 x 1218 points is a label of a 203 dpi printer, drawn a point for a dot."""
    press, (order,) = Press(), sales(1)
    press.page((812, 1218))
    label(press, order, size=(812, 1218))
    done = split(press.done().pdf(), [order.expected])
    with pdfium.PdfDocument(done.found[0].file.content) as pdf:
        assert pdf[0].get_size() == pytest.approx(FOUR_BY_SIX)


def test_a_label_and_an_invoice_on_one_page_are_not_torn_apart() -> None:
    """Where one A4 page holds both, the label is the whole page: cropping would lose the invoice."""
    press, (order,) = Press(), sales(1)
    press.page(A4)
    label(press, order, at=(20, 430), size=SAUDI)
    press.lines(40, 380, "Tax Invoice/Bill of Supply", f"Invoice Number {order.invoice}", "GSTIN 29AAAAA0000A1Z5")
    press.lines(40, 300, "Unit price 1.00  Net amount 1.00  Tax rate 18%  Total amount 1.18").done()
    done = split(press.pdf(), [order.expected])
    assert done.unmatched == ()
    with pdfium.PdfDocument(done.found[0].file.content) as pdf:
        assert pdf[0].get_size() == pytest.approx(A4, abs=1)


def test_a_picture_of_a_label_on_a4_is_known_by_its_size() -> None:
    """A page without text that prints one thing of a label's size with the order's code is its label."""
    press, (order,) = Press(), sales(1)
    press.page(A4).frame(100, 200, *SAUDI).bars(order.order_id, 110, 300, 250, 60).done()
    assert told(pictured(press.pdf()), order) == {(order.order_id, LABEL): (1,)}


@pytest.mark.parametrize("carried", ["{0}X", "00{0}", "420110001{0}", "{0}", "short"])
def test_a_bar_code_may_carry_more_or_less_than_the_tracking_id(carried: str) -> None:
    """Carriers put prefixes before the tracking id, or leave its check digit out: that is no contradiction."""
    press, (order,) = Press(), sales(1)
    text = order.tracking_id[:-1] if carried == "short" else carried.format(order.tracking_id)
    press.page(FOUR_BY_SIX).lines(14, 400, "Ship to: Somebody", f"Order {order.order_id}")
    press.bars(text, 14, 200, 260, 60).done()
    assert told(press.pdf(), order) == {(order.order_id, LABEL): (1,)}


def test_a_routing_code_beside_the_tracking_code_is_no_contradiction() -> None:
    """A label may carry more bar codes than one."""
    press, (order,) = Press(), sales(1)
    press.page(FOUR_BY_SIX).lines(14, 400, "Ship to: Somebody", f"Order {order.order_id}")
    press.bars(order.tracking_id, 20, 200, 250, 60).bars("ROUTE00112233", 20, 60, 250, 40).done()
    assert told(press.pdf(), order) == {(order.order_id, LABEL): (1,)}


def test_without_a_tracking_id_the_order_id_is_enough() -> None:
    """A seller who scheduled by hand has no tracking id yet: the label brings it."""
    press, (order,) = Press(), sales(1)
    labels(order, press)
    assert told(press.pdf(), replace(order, tracking_id="")) == {(order.order_id, LABEL): (1,)}


def test_two_invoices_of_one_order_are_one_document() -> None:
    """Amazon may bill the goods and the carriage apart: both belong to the order."""
    press, (order,) = Press(), sales(1)
    invoice(press, order, pages=2)
    invoice(press, replace(order, invoice="SH-99887"), pages=2)
    assert told(press.pdf(), order) == {(order.order_id, INVOICE): (1, 2, 3, 4)}
