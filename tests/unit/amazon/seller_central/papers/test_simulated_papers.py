"""The simulator's papers, in each of the ways in which it binds them, come apart."""

import random
from itertools import product

import msgspec
import pytest

from packline.amazon.seller_central.papers import Reason, Split, mentions, split
from packline.domain.values import DocumentKind
from packline_sim.documents.data import Dimensions, SlotWindow
from packline_sim.documents.easy_ship.binder import bind
from packline_sim.documents.easy_ship.data import Binding, OrderPapers, ParcelLabel, WarrantyCard
from sim.documents.builders import BUYER, INDIA, WAREHOUSE, an_invoice
from unit.amazon.seller_central.papers.corpus import Sale, sales

BINDINGS = [
    Binding(arrangement=arrangement, order_id_on=order_id_on, invoice_terms=True, paper=paper, label_drawing=drawing)
    for arrangement, order_id_on, paper, drawing in product(
        ("per_order", "labels_first", "mixed"),
        ("every_page", "first_page", "first_page_only"),
        ("4x6", "a4"),
        ("vector", "picture"),
    )
]


def papers(sale: Sale, number: int, lines: int) -> OrderPapers:
    """Draw up an order's label, its invoice and, for every third order, two warranty cards."""
    invoice = an_invoice(lines, invoice_number=f"IN-{number + 450}", order_id=sale.order_id)
    label = ParcelLabel(
        carrier="ATS",
        tracking_id=sale.tracking_id,
        order_id=sale.order_id,
        identifier=sale.identifier if number % 2 else "",
        marketplace="IN",
        ship_from=WAREHOUSE,
        ship_to=BUYER,
        weight_g=1250,
        dimensions=Dimensions(30, 20, 12),
        made=invoice.issued,
        slot=SlotWindow(invoice.issued, invoice.issued),
        contents=("2 x Stoneware mug",),
        invoice_number=invoice.invoice_number,
    )
    card = WarrantyCard(
        order_id=sale.order_id,
        title="Kettle",
        sku="SKU-1",
        asin="B000TEST01",
        serial_numbers=tuple(f"SN{number:04d}{piece:05d}" for piece in range(14)),
        seller="Sample Seller",
        buyer="Test Buyer",
        sold=invoice.issued.astimezone(INDIA),
    )
    cards = () if number % 3 else (card, msgspec.structs.replace(card, sku="SKU-2", title="Toaster"))
    return OrderPapers(order_id=sale.order_id, label=label, invoice=invoice, warranties=cards)


def right(done: Split, orders: list[Sale]) -> None:
    """Hold that all came apart and nothing was left."""
    assert [(left.pages, left.reason, left.why) for left in done.unmatched] == []
    expected = {(order.order_id, DocumentKind.SHIP_LABEL) for order in orders}
    expected |= {(order.order_id, DocumentKind.INVOICE) for order in orders}
    expected |= {(order.order_id, DocumentKind.WARRANTY) for order in orders[::3]}
    assert {(found.order_id, found.kind) for found in done.found} == expected
    for found in done.found:
        told = mentions(found.file.content)
        assert set(told.order_ids) <= {found.order_id}
        if found.kind is DocumentKind.SHIP_LABEL:
            tracking = next(order.tracking_id for order in orders if order.order_id == found.order_id)
            assert told.order_ids or tracking in told.tracking_ids


@pytest.mark.parametrize(
    "binding", BINDINGS, ids=lambda b: f"{b.arrangement} {b.order_id_on} {b.paper} {b.label_drawing}"
)
def test_each_binding_comes_apart(binding: Binding) -> None:
    """Whatever the order, paper and drawing, each page finds its order, also those that do not name it."""
    orders = sales(5, seed=3)
    pile = [papers(order, number, 2 + 9 * number) for number, order in enumerate(orders)]
    content = bind(pile, binding, random.Random(5))
    right(split(content, [order.expected for order in orders]), orders)


@pytest.mark.parametrize("codes", ["tracking", "tracking_and_order"])
def test_shared_drawings_and_fewer_codes_come_apart(codes: str) -> None:
    """A label may carry its tracking code alone, and all invoices may share one drawing."""
    orders = sales(6, seed=4)
    pile = [papers(order, number, 2) for number, order in enumerate(orders)]
    binding = Binding(arrangement="mixed", shared=True, label_codes=codes, label_drawing="picture")
    right(split(bind(pile, binding, random.Random(6)), [order.expected for order in orders]), orders)


def test_orders_that_were_not_asked_for_stay_out() -> None:
    """Another order's papers, all of its pages, are named as such."""
    orders = sales(4, seed=8)
    pile = [papers(order, number, 12) for number, order in enumerate(orders)]
    content = bind(pile, Binding(order_id_on="first_page_only", invoice_terms=True), random.Random(7))
    done = split(content, [order.expected for order in orders[:3]])
    assert {left.reason for left in done.unmatched} == {Reason.OTHER_ORDER}
    assert {left.order_id for left in done.unmatched} == {orders[3].order_id}
    assert len(done.found) == 7
