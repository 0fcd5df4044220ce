"""One part of a page made a page of its own, with nothing of its neighbours in the file, not even hidden."""

import pypdfium2 as pdfium

from packline.amazon.seller_central.papers.codes import POINTS
from packline.amazon.seller_central.papers.cropping import HEIGHT, WIDTH, Box, Ink, on_paper, place

_DPI = 300
_Edges = tuple[float, float, float, float]


def take_part(pdf: pdfium.PdfDocument, at: int, box: Box, *, is_label: bool) -> None:
    """Replace page `at` by its part in the box; a label is brought to 4 x 6 inches, anything else keeps its size.

    What is drawn stays drawn; where one picture shows several parts, as in a scan, the part becomes a picture.
    """
    page = pdf[at]
    shown = (Ink(page).within(box) if is_label else None) or box
    size = (WIDTH, HEIGHT) if is_label else (box.width, box.height)
    if _remove_others(page, on_paper(page, box)):
        page.gen_content()
        place(page, shown, *size)
    else:
        _as_picture(pdf, at, page, shown)
        place(pdf[at], Box(0, 0, shown.width, shown.height), *size)


def _remove_others(page: pdfium.PdfPage, edges: _Edges) -> bool:
    """Remove what stands outside; False, and nothing changed, where something of it is inside and outside."""
    left, bottom, right, top = edges
    others = []
    for found in page.get_objects(max_depth=1):
        x, y, until, up = found.get_bounds()
        if x >= left - 1 and until <= right + 1 and y >= bottom - 1 and up <= top + 1:
            continue
        if until > left and x < right and up > bottom and y < top:
            return False
        others.append(found)
    for found in others:
        page.remove_obj(found)
    return True


def _as_picture(pdf: pdfium.PdfDocument, at: int, page: pdfium.PdfPage, box: Box) -> None:
    width, height = page.get_size()
    crop = (box.left, height - box.bottom, width - box.right, box.top)
    bitmap = page.render(scale=_DPI / POINTS, crop=crop, grayscale=True)
    picture = pdfium.PdfImage.new(pdf)
    picture.set_bitmap(bitmap)
    picture.set_matrix(pdfium.PdfMatrix().scale(box.width, box.height))
    made = pdf.new_page(box.width, box.height, index=at)
    made.insert_obj(picture)
    made.gen_content()
    page.close()
    del pdf[at + 1]
