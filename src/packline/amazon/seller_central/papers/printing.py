"""Labels of many parcels joined for a printer: one PDF or one ZPL file."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from packline.amazon.seller_central.papers import cropping
from packline.amazon.seller_central.papers.codes import POINTS
from packline.amazon.seller_central.papers.cutting import saved
from packline.amazon.seller_central.papers.records import PaperError
from packline.amazon.seller_central.papers.sniff import Form, form_of

_A4 = (210 / 25.4 * POINTS, 297 / 25.4 * POINTS)
_TOLERANCE = 2.0


class Paper(StrEnum):
    """What the labels are printed on."""

    LABEL = "4x6"
    A4_OF_FOUR = "a4-of-four"


def print_pdf(labels: Sequence[bytes], paper: Paper = Paper.LABEL, *, reverse: bool = False) -> bytes:
    """Join label PDFs in the order given, or reversed for printers that stack face up.

    Every page becomes 4 x 6 inches, upright, with its label in the middle; A4 takes four of them, row by row.

    Raises:
        PaperError: there is no label, or one is no PDF that can be read; it says which.

    """
    if not labels:
        raise PaperError("There is no label to print.", reason="paper_empty", hint="Select at least one parcel.")
    joined = pdfium.PdfDocument.new()
    try:
        for number, content in _numbered(labels, reverse=reverse):
            _append(joined, content, number, reverse=reverse)
        for place in range(len(joined)):
            _to_label(joined[place])
        return saved(joined) if paper is Paper.LABEL else _four_to_a4(joined)
    finally:
        joined.close()


def print_zpl(labels: Sequence[bytes], *, reverse: bool = False) -> bytes:
    """Join label files in ZPL in the order given, or reversed; each prints as it would alone.

    Raises:
        PaperError: there is no label, or one is no ZPL; it says which.

    """
    if not labels:
        raise PaperError("There is no label to print.", reason="paper_empty", hint="Select at least one parcel.")
    made = []
    for number, content in _numbered(labels, reverse=reverse):
        if form_of(content) is not Form.ZPL:
            raise _unfit(number, "ZPL")
        made.append(content.strip())
    return b"\n".join((*made, b""))


def _numbered(labels: Sequence[bytes], *, reverse: bool) -> Iterable[tuple[int, bytes]]:
    numbered = list(enumerate(labels, start=1))
    return reversed(numbered) if reverse else numbered


def _append(joined: pdfium.PdfDocument, content: bytes, number: int, *, reverse: bool) -> None:
    try:
        with pdfium.PdfDocument(content) as label:
            pages = list(range(len(label)))
            joined.import_pages(label, pages[::-1] if reverse else pages)
    except pdfium.PdfiumError as error:
        raise _unfit(number, "PDF") from error


def _unfit(number: int, form: str) -> PaperError:
    return PaperError(
        f"Label {number} of the selection is no {form} that can be read, so nothing was joined.",
        hint="Take it out of the selection, or fetch its label again.",
        reason="paper_broken",
    )


def _to_label(page: pdfium.PdfPage) -> None:
    width, height = page.get_size()
    if abs(width - cropping.WIDTH) <= _TOLERANCE and abs(height - cropping.HEIGHT) <= _TOLERANCE:
        return
    fits = cropping.Box(0, 0, width, height).fits()
    box = None if fits else cropping.label_box(page) or cropping.ink_box(page)
    cropping.place(page, box or cropping.Box(0, 0, width, height))


def _four_to_a4(labels: pdfium.PdfDocument) -> bytes:
    sheets = pdfium_c.FPDF_ImportNPagesToOne(labels, *_A4, 2, 2)
    if not sheets:
        raise PaperError("The labels could not be placed on A4.", reason="paper_broken")
    with pdfium.PdfDocument(sheets) as made:
        return saved(made)
