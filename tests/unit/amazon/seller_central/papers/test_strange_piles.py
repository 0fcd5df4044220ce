"""Piles as the world hands them on: scanned askew, turned over, scratched, encrypted, cut off. Nothing is lost."""

import random
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from packline.amazon.seller_central.papers import PaperError, Reason, split
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
)
from unit.amazon.seller_central.papers.strange import (
    encrypted,
    four_up,
    scanned,
    scratched,
    shifted,
    unseen,
    without_names,
)
from unit.amazon.seller_central.papers.test_splitting import pages_of, reasons, taken_apart

LABEL, INVOICE = DocumentKind.SHIP_LABEL, DocumentKind.INVOICE
QUARTER = (291.0, 417.0)


def pile(count: int, **manner: object) -> tuple[bytes, list[Sale]]:
    """Draw a label and an invoice for each order, behind one another."""
    press, orders = Press(), sales(count)
    for order in orders:
        labels(order, press)
        invoice(press, order, **manner)  # type: ignore[arg-type]
    return press.pdf(), orders


def only_labels(orders: list[Sale]) -> bytes:
    """Draw a label for each order."""
    press = Press()
    for order in orders:
        labels(order, press)
    return press.pdf()


@pytest.mark.parametrize(("dpi", "skew"), [(100, 1.0), (150, 2.0), (200, 4.0)])
@pytest.mark.parametrize("angle", [0, 90, 180])
def test_scanned_labels_are_read_by_their_codes(dpi: int, skew: float, angle: int) -> None:
    """A scanner's grey, turned and dirty pictures still tell whose they are."""
    orders = sales(2)
    done = taken_apart(scanned(turned(only_labels(orders), angle), dpi, skew), orders)
    assert pages_of(done) == {(order.order_id, LABEL): (at + 1,) for at, order in enumerate(orders)}


def test_a_scanned_invoice_without_a_code_goes_to_a_person_and_says_so() -> None:
    """Nothing can be read from it; its labels do not wait for it."""
    content, orders = pile(1)
    done = taken_apart(scanned(content, 100, 1.0), orders)
    assert pages_of(done) == {(orders[0].order_id, LABEL): (1,)}
    assert reasons(done) == [((2,), Reason.NO_ORDER)]
    assert "picture without text" in done.unmatched[0].why
    blank = Press()
    blank.page(FOUR_BY_SIX).done()
    assert "it is empty" in taken_apart(blank.pdf(), orders).unmatched[0].why


def test_a_pile_that_was_turned_over_is_read_from_its_end() -> None:
    """Page 2 of 2 lies before page 1 of 2, and names no order: the counters of the whole pile tell the direction."""
    content, orders = pile(4, pages=3, everywhere=False)
    done = taken_apart(shuffled(content, list(range(15, -1, -1))), orders)
    assert done.unmatched == ()
    assert pages_of(done)[orders[3].order_id, INVOICE] == (3, 2, 1)
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            texts = [page.get_textpage().get_text_range() for page in pdf]
        assert found.order_id in texts[0]
        if found.kind is INVOICE:
            assert [text.rstrip()[-11:] for text in texts] == ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]


def test_a_scratched_bar_code_is_no_loss_where_text_or_another_code_tells() -> None:
    """Half of the bars are gone: the text names the order; in a picture the Data Matrix does; else a person."""
    orders = sales(2)
    plain, picture = Press(), Press()
    for order in orders:
        for press in (plain, picture):
            press.page(FOUR_BY_SIX)
            label(press, order)
            scratched(press, 60, 170, 90, 80)
        plain.done()
        picture.bars(order.order_id, 200, 20, 60, 0, SYMBOLOGY.DataMatrix).done()
    content = plain.pdf()
    assert len(taken_apart(content, orders).found) == 2
    assert len(taken_apart(scanned(picture.pdf(), 150, 1), orders).found) == 2
    assert [reason for _, reason in reasons(taken_apart(pictured(content), orders))] == [Reason.NO_ORDER] * 2


def test_what_text_recognition_misread_does_not_beat_the_code() -> None:
    """An O for a 0 names nobody; an id of somebody else's contradicts, and a person looks."""
    order, other = sales(2)
    press = Press().page(FOUR_BY_SIX).bars(order.tracking_id, 20, 200, 248, 60)
    wrong = order.order_id.replace("-", "-O")
    unseen(press, "Easy Ship, ship to", f"Order ID: {wrong}", f"AWB {order.tracking_id[:-1]}").done()
    assert pages_of(taken_apart(press.pdf(), [order])) == {(order.order_id, LABEL): (1,)}
    press = Press().page(FOUR_BY_SIX).bars(order.tracking_id, 20, 200, 248, 60)
    unseen(press, "Easy Ship, ship to", f"Order ID: {other.order_id}").done()
    assert taken_apart(press.pdf(), [order, other]).found == ()


@pytest.mark.parametrize(
    "said", ['{{"o":"{0}","t":"{1}"}}', "https://x.test/t?id={1}&order={0}", "420110001{1}", "({0})", "{2}"]
)
def test_a_matrix_code_may_hold_more_than_the_id(said: str) -> None:
    """JSON, an address, a GS1 prefix, the digits alone: the order is found inside."""
    (order,) = sales(1)
    text = said.format(order.order_id, order.tracking_id, order.order_id.replace("-", ""))
    press = Press().page(FOUR_BY_SIX).bars(text, 60, 150, 150, 0, SYMBOLOGY.QRCode).done()
    assert pages_of(taken_apart(pictured(press.pdf(), 150), [order])) == {(order.order_id, LABEL): (1,)}


def test_fonts_boxes_wrappings_and_open_encryption_change_nothing() -> None:
    """Glyphs without names, paper below zero, a head of HTTP, a lost table of contents, a copy that is forbidden."""
    orders = sales(2)
    press = other_script(Press())
    press.canvas = Canvas(press.out, pageCompression=0)
    locked = encrypted("")
    for order in orders:
        for one in (press, locked):
            labels(order, one)
            invoice(one, order)
    content = press.pdf()
    for changed in (
        without_names(content),
        shifted(content),
        turned(shifted(content), 270),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + content,
        content + b"\n<!-- served by a cache -->",
        content[: content.rindex(b"startxref")],
        locked.pdf(),
    ):
        done = split(changed, [order.expected for order in orders])
        assert (len(done.found), done.unmatched) == (4, ())


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_ends_too_early_is_refused_as_a_whole(part: float) -> None:
    """Half of the pages would look like all of them: it is fetched or asked for again."""
    content, orders = pile(3)
    with pytest.raises(PaperError) as refused:
        split(content[: int(len(content) * part)], [order.expected for order in orders])
    assert refused.value.reason == "paper_broken"


def test_a_file_with_a_password_says_what_to_do() -> None:
    """Nobody but the seller knows it."""
    press, (order,) = encrypted("secret"), sales(1)
    labels(order, press)
    with pytest.raises(PaperError) as refused:
        split(press.pdf(), [order.expected])
    assert refused.value.reason == "paper_encrypted"
    assert "without a password" in refused.value.hint


def test_four_labels_on_a_sheet_of_which_one_is_a_strangers() -> None:
    """Each of ours gets its own part; the stranger's part goes to a person with its order id."""
    orders = sales(4)
    press = Press()
    four_up(press, [lambda at, order=order: label(press, order, at=at, size=QUARTER) for order in orders])
    done = taken_apart_parts(press.pdf(), orders[:3])
    assert done == ({order.order_id for order in orders[:3]}, [orders[3].order_id])


def test_the_same_order_twice_on_a_sheet_is_given_once() -> None:
    """Copies beside each other are one label."""
    first, second = sales(2)
    press = Press()
    cells = [first, first, second, second]
    four_up(press, [lambda at, order=order: label(press, order, at=at, size=QUARTER) for order in cells])
    found, _ = taken_apart_parts(press.pdf(), [first, second])
    assert found == {first.order_id, second.order_id}


def test_a_label_printed_twice_is_a_copy_and_another_bookings_is_none() -> None:
    """Two prints differ in their time: the second is a duplicate; with another tracking id it contradicts."""
    (order,) = sales(1)
    press = Press()
    for at, sale in enumerate((order, order, replace(order, tracking_id="9990001112223"))):
        press.page(FOUR_BY_SIX)
        label(press, sale)
        press.lines(14, 14, f"printed 12:0{at}").done()
    done = taken_apart(press.pdf(), [order])
    assert pages_of(done) == {(order.order_id, LABEL): (1,)}
    assert reasons(done) == [((2,), Reason.DUPLICATE), ((3,), Reason.CONTRADICTION)]


def test_a_page_that_names_the_order_it_replaces_goes_to_a_person() -> None:
    """It names two orders; whose it is must not be guessed."""
    original, replacement = sales(2)
    press = Press().page(FOUR_BY_SIX)
    label(press, replacement)
    press.lines(14, 30, f"Replacement for order {original.order_id}").done()
    for waiting in ([original, replacement], [replacement]):
        assert taken_apart(press.out.getvalue() or press.pdf(), waiting).found == ()


def test_many_orders_of_which_some_did_not_wait() -> None:
    """Whatever the order of pages: each of ours its two papers, each stranger's named, no page twice or nowhere."""
    press, orders = Press(), sales(120)
    for order in orders:
        labels(order, press)
        invoice(press, order)
    pages = list(range(press.pages))
    random.Random(7).shuffle(pages)
    done = taken_apart(shuffled(press.pdf(), pages), orders[:96])
    assert set(pages_of(done)) == {(order.order_id, kind) for order in orders[:96] for kind in (LABEL, INVOICE)}
    strangers = {left.order_id for left in done.unmatched}
    assert strangers == {order.order_id for order in orders[96:]}


def taken_apart_parts(content: bytes, orders: list[Sale]) -> tuple[set[str], list[str]]:
    """Split sheets that are cut: which orders have a label of their own, and whose parts were left."""
    done = split(content, [order.expected for order in orders])
    for found in done.found:
        with pdfium.PdfDocument(found.file.content) as pdf:
            text = pdf[0].get_textpage().get_text_range()
        assert found.order_id in text
        assert not [other for other in orders if other.order_id != found.order_id and other.order_id in text]
    left = [one.order_id for one in done.unmatched if not one.needs_nobody({found.order_id for found in done.found})]
    return {found.order_id for found in done.found}, left
