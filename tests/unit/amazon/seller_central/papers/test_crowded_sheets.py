"""Sheets with labels that nobody asked for, in pictures, without frames, cropped: none is cut through or swapped."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pagesizes import A4, landscape

from packline.amazon.seller_central.papers import Reason, Split, mentions, split
from packline.amazon.seller_central.papers.codes import codes_of_picture, draw
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import (
    FOUR_BY_SIX,
    SYMBOLOGY,
    Press,
    Sale,
    label,
    labels,
    pictured,
    sales,
    shuffled,
    turned,
)
from unit.amazon.seller_central.papers.strange import scanned

LEFT, RIGHT, HALF = (8, 70), (430, 70), (288, 432)


def beside(*orders: Sale) -> bytes:
    """Lay two labels side by side on A4."""
    press = Press().page(landscape(A4))
    for order, at in zip(orders, (LEFT, RIGHT), strict=True):
        label(press, order, at=at, size=HALF)
    return press.done().pdf()


def pasted(page: bytes, picture: bytes, x: float, y: float, width: float, height: float) -> bytes:
    """Paste the first page of a file as a picture of a label printer's resolution on another one."""
    out = io.BytesIO()
    with pdfium.PdfDocument(page) as made, pdfium.PdfDocument(picture) as source:
        image = pdfium.PdfImage.new(made)
        image.set_bitmap(source[0].render(scale=203 / 72, grayscale=True))
        image.set_matrix(pdfium.PdfMatrix().scale(width, height).translate(x, y))
        below = made[0]
        below.insert_obj(image)
        below.gen_content()
        made.save(out)
    return out.getvalue()


def with_picture(drawn: Sale, other: Sale) -> bytes:
    """Lay a label that is drawn beside one that is a picture."""
    press, own = Press().page(landscape(A4)), Press()
    label(press, drawn, at=LEFT, size=HALF)
    labels(other, own)
    return pasted(press.done().pdf(), own.pdf(), *RIGHT, *HALF)


def without_frame(press: Press, order: Sale, x: float, y: float) -> None:
    """Draw a label without a frame, with much white between its bar code and its order id."""
    press.lines(x + 20, y + 390, "Carrier Surface", "Ship to: A. Buyer")
    press.bars(order.tracking_id, x + 30, y + 290, 200, 50).lines(x + 60, y + 278, order.tracking_id)
    press.lines(x + 20, y + 20, f"Order {order.order_id}")


def shown(content: bytes) -> set[str]:
    """Read the codes of a file."""
    with pdfium.PdfDocument(content) as pdf:
        return {code.text for page in pdf for code in codes_of_picture(draw(page, 300))}


def apart(content: bytes, asked: Sequence[Sale]) -> Split:
    """Split, and see that each label carries its own code and no other."""
    done = split(content, [order.expected for order in asked])
    own = {order.order_id: order.tracking_id for order in asked}
    for found in done.found:
        assert found.kind is DocumentKind.SHIP_LABEL
        assert shown(found.file.content) == {own[found.order_id]}
    return done


def named(done: Split) -> set[str]:
    """Name the orders that got a label."""
    return {found.order_id for found in done.found}


@pytest.mark.parametrize("dirty", [False, True])
@pytest.mark.parametrize("ours", [0, 1])
def test_of_two_pictured_labels_only_ours_is_taken(ours: int, dirty: bool) -> None:
    """The other one's code says nothing to us: its part goes to a person, and never to our order."""
    orders = sales(2, seed=21)
    content = beside(*orders)
    done = apart(scanned(content, 200, 0.4) if dirty else pictured(content, 203), [orders[ours]])
    assert named(done) == {orders[ours].order_id}
    assert [left.reason for left in done.unmatched] == [Reason.NO_ORDER]
    assert orders[1 - ours].tracking_id in shown(done.unmatched[0].file.content)


@pytest.mark.parametrize("asked", [(0,), (1,), (0, 1)])
def test_a_drawn_label_beside_a_pictured_one(asked: tuple[int, ...]) -> None:
    """Text names one of them, a code the other: both are found, and what nobody asked for goes to a person."""
    orders = sales(2, seed=22)
    ours = [orders[at] for at in asked]
    done = apart(with_picture(*orders), ours)
    assert named(done) == {order.order_id for order in ours}
    assert len(done.unmatched) == 2 - len(ours)


def test_a_look_up_finds_the_pictured_one_too() -> None:
    """What a pile names is asked for before it is taken apart: the code beside a label that has words, too."""
    drawn, other = sales(2, seed=22)
    found = mentions(with_picture(drawn, other))
    assert found.order_ids == (drawn.order_id,)
    assert {drawn.tracking_id, other.tracking_id} <= {*found.tracking_ids}


def test_what_cannot_be_cut_from_its_neighbour_goes_to_a_person() -> None:
    """Our label with another's over its edge: printed as it is, two codes would be on the parcel."""
    order, other = sales(2, seed=23)
    press = Press().page(A4)
    label(press, order, at=(20, 380))
    press.frame(200, 60, 300, 420).bars(other.tracking_id, 330, 100, 160, 60).done()
    done = apart(press.pdf(), [order])
    assert done.found == ()
    assert [left.reason for left in done.unmatched] == [Reason.SEVERAL_ORDERS]
    assert other.tracking_id in done.unmatched[0].why


@pytest.mark.parametrize("left_out", [None, 0, 1, 2])
def test_white_bands_inside_of_labels_are_not_cut(left_out: int | None) -> None:
    """The wide band between a bar code and an order id is the label's own, also that of a stranger's label."""
    orders = sales(3, seed=24)
    press = Press().page(A4)
    for order, (x, y) in zip(orders, ((0, 420), (300, 420), (0, 0)), strict=True):
        without_frame(press, order, x, y)
    asked = [order for at, order in enumerate(orders) if at != left_out]
    done = apart(press.done().pdf(), asked)
    assert named(done) == {order.order_id for order in asked}
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            assert found.order_id in pdf[0].get_textpage().get_text_range()


@pytest.mark.parametrize("angle", [0, 90])
def test_a_page_that_was_cropped_to_one_label_shows_one(angle: int) -> None:
    """Two labels on a page that comes twice, each time with the other one beyond its edge: it is not in the file."""
    orders = sales(2, seed=25)
    content, out = shuffled(beside(*orders), [0, 0]), io.BytesIO()
    width, height = landscape(A4)
    with pdfium.PdfDocument(content) as pdf:
        pdf[0].set_cropbox(0, 0, width / 2, height)
        second = pdf[1]
        second.set_mediabox(width / 2, 0, width, height)
        second.set_cropbox(width / 2, 0, width, height)
        pdf.save(out)
    done = apart(turned(out.getvalue(), angle), orders)
    assert {found.order_id: found.pages for found in done.found} == {
        orders[0].order_id: (1,),
        orders[1].order_id: (2,),
    }
    for found, other in zip(done.found, reversed(orders), strict=True):
        with pdfium.PdfDocument(found.file.content) as pdf:
            assert other.order_id not in pdf[0].get_textpage().get_text_range()


def test_a_longer_number_is_another_number() -> None:
    """A tracking id that begins or ends another one's says nothing about it, with and without text."""
    order = sales(1, seed=26)[0]
    longer = replace(order, order_id="405-0000001-0000002", tracking_id=order.tracking_id + "7")
    behind = replace(order, order_id="405-0000001-0000003", tracking_id="9" + order.tracking_id)
    press = Press()
    for one in (order, longer, behind):
        press.page(FOUR_BY_SIX).bars(one.tracking_id, 20, 200, 248, 60).done()
    content = press.pdf()
    assert {one.order_id: one.pages for one in apart(content, [order, longer, behind]).found} == {
        order.order_id: (1,),
        longer.order_id: (2,),
        behind.order_id: (3,),
    }
    alone = apart(content, [order])
    assert [found.pages for found in alone.found] == [(1,)]
    assert {left.reason for left in alone.unmatched} == {Reason.NO_ORDER}


def test_a_bar_code_on_its_side_is_read_beside_an_upright_matrix_code() -> None:
    """A code that says nothing to us does not end the search for one that does."""
    order = sales(1, seed=27)[0]
    press = Press().page((432, 288)).bars(order.tracking_id, 60, 60, 312, 60).done()
    sideways = turned(press.pdf(), 90)
    press = Press().page(FOUR_BY_SIX).bars("NW-AA", 8, 380, 40, 0, SYMBOLOGY.DataMatrix).done()
    done = split(pasted(press.pdf(), sideways, 20, 10, 240, 360), [order.expected])
    assert [(found.order_id, found.kind) for found in done.found] == [(order.order_id, DocumentKind.SHIP_LABEL)]


def test_a_label_is_known_by_its_heading() -> None:
    """Nothing but its title, a buyer and a code: on A4 too it is the label."""
    order = sales(1, seed=28)[0]
    press = Press().page(A4).lines(40, 790, "Shipping Label", "Ship to: A. Buyer")
    press.bars(order.order_id.replace("-", ""), 40, 600, 208, 60).done()
    done = split(press.pdf(), [order.expected])
    assert [(found.order_id, found.kind) for found in done.found] == [(order.order_id, DocumentKind.SHIP_LABEL)]
