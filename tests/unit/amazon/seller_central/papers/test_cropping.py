"""Labels on larger paper are brought to 4 x 6 inches, with nothing of the label lost and nothing else beside it."""

import io

import pypdfium2 as pdfium
import pytest
import zxingcpp
from reportlab.lib.pagesizes import A4, A5

from packline.amazon.seller_central.papers import split
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import (
    FOUR_BY_SIX,
    INCH,
    MM,
    SAUDI,
    Press,
    Sale,
    label,
    pictured,
    sales,
    turned,
)

LETTER = (612.0, 792.0)


def label_of(content: bytes, order: Sale) -> pdfium.PdfDocument:
    """Give the order's label as it was cut out."""
    done = split(content, [order.expected])
    assert done.unmatched == ()
    (found,) = [found for found in done.found if found.kind is DocumentKind.SHIP_LABEL]
    return pdfium.PdfDocument(found.file.content)


def codes_on(page: pdfium.PdfPage) -> list[str]:
    """Scan a page as a printer of 203 dpi would print it."""
    return [code.text for code in zxingcpp.read_barcodes(page.render(scale=203 / 72, grayscale=True).to_pil())]


def assert_is_label(pdf: pdfium.PdfDocument, order: Sale) -> None:
    """Hold that a file is one page of 4 x 6 inches with the whole label on it, upright, its code readable."""
    (page,) = list(pdf)
    assert page.get_size() == pytest.approx(FOUR_BY_SIX, abs=1)
    assert page.get_rotation() == 0
    assert codes_on(page) == [order.tracking_id]
    ink = page.render(scale=1, grayscale=True).to_pil().point(lambda shade: 255 * (shade < 200)).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    assert right - left == pytest.approx(SAUDI[0] - 4, abs=4)
    assert bottom - top == pytest.approx(SAUDI[1] - 4, abs=4)


@pytest.mark.parametrize("paper", [A4, A5, LETTER], ids=["A4", "A5", "letter"])
@pytest.mark.parametrize("place", ["middle", "top left", "bottom right"])
def test_a_label_alone_on_larger_paper_is_cropped(paper: tuple[float, float], place: str) -> None:
    """Wherever the label stands on the paper, its box is found by its ink."""
    order = sales(1)[0]
    free = (paper[0] - SAUDI[0], paper[1] - SAUDI[1])
    at = {"middle": (free[0] / 2, free[1] / 2), "top left": (0.0, free[1]), "bottom right": (free[0], 0.0)}[place]
    press = Press().page(paper)
    label(press, order, at=at, size=SAUDI)
    assert_is_label(label_of(press.done().pdf(), order), order)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_that_is_shown_turned_is_cropped_upright(angle: int) -> None:
    """The label is cut out as a reader sees it, whatever way the page itself lies."""
    order = sales(1)[0]
    press = Press().page(A4)
    label(press, order, at=(40, 60), size=SAUDI)
    assert_is_label(label_of(turned(press.done().pdf(), angle), order), order)


def test_a_label_that_lies_on_its_side_is_turned() -> None:
    """A label drawn sideways on A4 becomes an upright page."""
    order = sales(1)[0]
    press = Press().page(A4)
    press.canvas.translate(500, 300)
    press.canvas.rotate(90)
    label(press, order, size=SAUDI)
    assert_is_label(label_of(press.done().pdf(), order), order)


def test_a_picture_of_a_label_is_cropped() -> None:
    """The ink may be a picture as well."""
    order = sales(1)[0]
    press = Press().page(A4)
    label(press, order, at=(30, 300), size=SAUDI)
    assert_is_label(label_of(pictured(press.done().pdf(), 300), order), order)


@pytest.mark.parametrize("where", ["below", "beside", "around"])
def test_instructions_around_a_label_are_cut_off(where: str) -> None:
    """What stands apart from the label's block is not printed with it."""
    order = sales(1)[0]
    press = Press().page(A4)
    label(press, order, at=(20, 420), size=SAUDI)
    if where in ("below", "around"):
        press.lines(20, 300, "How to use this label", "1. Print this page", "2. Cut along the line", "3. Stick it on")
    if where in ("beside", "around"):
        press.lines(360, 700, "Seller's copy", "Keep this part")
    cropped = label_of(press.done().pdf(), order)
    assert_is_label(cropped, order)


def test_what_does_not_fit_is_left_as_it_is() -> None:
    """A label as large as its A4 page is handed over whole: half a label is worse than a large one."""
    order = sales(1)[0]
    press = Press().page(A4)
    label(press, order, at=(10, 10), size=(575, 820))
    (page,) = list(label_of(press.done().pdf(), order))
    assert page.get_size() == pytest.approx(A4, abs=1)


def test_parts_of_a_large_label_are_not_taken_for_the_label() -> None:
    """A large label with wide white bands is not cut at them."""
    order = sales(1)[0]
    press = Press().page(A4)
    press.lines(40, 800, "Easy Ship", "Ship to: Somebody", "A street", size=20)
    press.bars(order.tracking_id, 60, 450, 450, 120)
    press.lines(40, 200, f"Order {order.order_id}", "Return to: Seller", size=20).done()
    (page,) = list(label_of(press.pdf(), order))
    assert page.get_size() == pytest.approx(A4, abs=1)


@pytest.mark.parametrize("paper", [FOUR_BY_SIX, (101 * MM, 151 * MM), (100 * MM, 150 * MM), (6 * INCH, 4 * INCH)])
def test_pages_of_a_label_s_size_stay_as_they_came(paper: tuple[float, float]) -> None:
    """A label on its own page is given out byte by byte."""
    order = sales(1)[0]
    press = Press().page(paper)
    press.lines(14, paper[1] - 20, "Easy Ship", f"Order {order.order_id}")
    press.bars(order.tracking_id, 20, 100, paper[0] - 40, 60).done()
    content = press.pdf()
    done = split(content, [order.expected])
    assert done.found[0].file.content == content


def test_the_crop_box_counts() -> None:
    """Only what a reader sees of a page is the page."""
    order = sales(1)[0]
    press = Press().page(A4)
    label(press, order, at=(100, 200), size=SAUDI)
    press.lines(20, 100, "Outside of the crop box").done()
    out = io.BytesIO()
    with pdfium.PdfDocument(press.pdf()) as pdf:
        pdf[0].set_cropbox(60, 150, 560, 800)
        pdf.save(out)
    assert_is_label(label_of(out.getvalue(), order), order)
