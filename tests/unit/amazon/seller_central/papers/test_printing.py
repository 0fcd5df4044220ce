"""A selection of labels becomes one file for the printer."""

import io
import time

import pypdfium2 as pdfium
import pytest
import zxingcpp
from reportlab.lib.pagesizes import A4

from packline.amazon.seller_central.papers import PaperError
from packline.amazon.seller_central.papers.printing import Paper, print_pdf, print_zpl
from unit.amazon.seller_central.papers.corpus import FOUR_BY_SIX, INCH, SAUDI, Press, Sale, label, labels, sales, turned


def on(paper: tuple[float, float], sale: Sale, size: tuple[float, float] = SAUDI) -> bytes:
    """Draw a label on larger paper."""
    press = Press().page(paper)
    label(press, sale, at=(30, 40), size=size)
    return press.done().pdf()


def plain(sale: Sale) -> bytes:
    """Draw a label on its own page."""
    labels(sale, press := Press())
    return press.pdf()


def scanned(content: bytes) -> list[list[str]]:
    """Scan each page as it would be printed, from the top left to the bottom right."""
    pages = []
    with pdfium.PdfDocument(content) as pdf:
        for page in pdf:
            codes = zxingcpp.read_barcodes(page.render(scale=203 / 72, grayscale=True).to_pil())
            codes.sort(key=lambda code: (code.position.top_left.y // 200, code.position.top_left.x))
            pages.append([code.text for code in codes])
    return pages


def sizes(content: bytes) -> set[tuple[int, int]]:
    """Tell the sizes of pages in whole points."""
    with pdfium.PdfDocument(content) as pdf:
        return {(round(page.get_width()), round(page.get_height())) for page in pdf}


def test_labels_of_all_sizes_become_four_by_six_in_order() -> None:
    """Whatever paper the labels came on, the printer gets 4 x 6 inches, in pick order or reversed."""
    one, two, three, four = orders = sales(4)
    made = [plain(one), on(A4, two), turned(plain(three), 90), turned(on(A4, four), 270)]
    wanted = [[order.tracking_id] for order in orders]
    assert scanned(print_pdf(made)) == wanted
    assert sizes(print_pdf(made)) == {(288, 432)}
    assert scanned(print_pdf(made, reverse=True)) == wanted[::-1]


def test_four_labels_go_on_an_a4_page() -> None:
    """A4 takes four labels row by row; the last page may have fewer."""
    orders = sales(6)
    content = print_pdf([plain(order) for order in orders], Paper.A4_OF_FOUR)
    ids = [order.tracking_id for order in orders]
    assert scanned(content) == [ids[:4], ids[4:]]
    assert sizes(content) == {(595, 842)}


def test_a_label_larger_than_its_paper_is_made_smaller() -> None:
    """A label that fills A5 is scaled down to 4 x 6 inches, whole and readable."""
    (order,) = sales(1)
    press = Press().page(A4)
    label(press, order, at=(50, 100), size=(400, 580))
    content = print_pdf([press.done().pdf()])
    assert sizes(content) == {(288, 432)}
    assert scanned(content) == [[order.tracking_id]]


def test_a_label_on_its_side_is_turned() -> None:
    """A 6 x 4 inch page is printed upright."""
    (order,) = sales(1)
    press = Press().page((6 * INCH, 4 * INCH))
    press.bars(order.tracking_id, 60, 100, 300, 60).done()
    content = print_pdf([press.pdf()])
    assert sizes(content) == {(288, 432)}
    assert scanned(content) == [[order.tracking_id]]


def test_the_same_selection_gives_the_same_bytes() -> None:
    """A job that is made twice is the same job."""
    made = [plain(order) for order in sales(3)]
    assert print_pdf(made) == print_pdf(made)
    assert print_pdf(made, Paper.A4_OF_FOUR) == print_pdf(made, Paper.A4_OF_FOUR)


@pytest.mark.parametrize("bad", [b"", b"%PDF-1.4 broken", b"^XA^XZ"])
def test_a_label_that_cannot_be_printed_is_named(bad: bytes) -> None:
    """Nobody gets a pile with one label fewer than parcels."""
    with pytest.raises(PaperError, match="Label 2 of the selection"):
        print_pdf([plain(sales(1)[0]), bad])
    with pytest.raises(PaperError, match="Label 2 of the selection"):
        print_zpl([b"^XA^FDx^FS^XZ", b"%PDF-1.4"])


def test_an_empty_selection_is_refused() -> None:
    """Nothing to print is said, not printed."""
    for make in (print_pdf, print_zpl):
        with pytest.raises(PaperError, match="no label"):
            make([])


def test_zpl_labels_are_joined() -> None:
    """ZPL labels follow one another, or in reverse."""
    assert print_zpl([b"^XA^FD1^FS^XZ\n", b"^XA^FD2^FS^XZ"]) == b"^XA^FD1^FS^XZ\n^XA^FD2^FS^XZ\n"
    assert print_zpl([b"^XA^FD1^FS^XZ", b"^XA^FD2^FS^XZ"], reverse=True) == b"^XA^FD2^FS^XZ\n^XA^FD1^FS^XZ\n"


def test_five_hundred_labels_are_joined_within_seconds() -> None:
    """A morning's labels must not keep a packer waiting: under 3 s for 500, also from A4."""
    made = [on(A4, order) for order in sales(50)] * 10
    start = time.perf_counter()
    content = print_pdf(made)
    assert time.perf_counter() - start < 6  # twice the target: other tests run beside this one
    with pdfium.PdfDocument(io.BytesIO(content)) as pdf:
        assert len(pdf) == 500
        assert pdf[499].get_size() == pytest.approx(FOUR_BY_SIX)
