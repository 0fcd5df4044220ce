"""A combined PDF is taken apart by what stands on its pages."""

import pypdfium2 as pdfium

from packline.amazon.seller_central.papers import split
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import Press, invoice, labels, sales, warranty


def test_labels_invoices_and_warranties_of_many_orders_come_apart() -> None:
    """Each order gets its own label, invoice and warranty, and no page is left."""
    press, orders = Press(), sales(12)
    for order in orders:
        labels(order, press)
    for order in reversed(orders):
        invoice(press, order, pages=2)
        warranty(press, order)
    done = split(press.pdf(), [order.expected for order in orders])
    assert done.unmatched == ()
    assert {(found.order_id, found.kind) for found in done.found} == {
        (order.order_id, kind) for order in orders for kind in DocumentKind
    }
    assert sorted(page for found in done.found for page in found.pages) == list(range(1, 49))
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            assert found.order_id in pdf[0].get_textpage().get_text_range()
