"""Documents of many parcels joined for a printer: one PDF or one ZPL file."""

from collections.abc import Callable, Iterable, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from packline.amazon.seller_central.papers import cropping
from packline.amazon.seller_central.papers.codes import POINTS
from packline.amazon.seller_central.papers.cutting import saved
from packline.amazon.seller_central.papers.marking import mark_page, mark_zpl
from packline.amazon.seller_central.papers.picture_page import PNG, picture_page
from packline.amazon.seller_central.papers.records import PaperError
from packline.amazon.seller_central.papers.sniff import Form as Kind
from packline.amazon.seller_central.papers.sniff import form_of
from packline.amazon.seller_central.papers.zpl_drawing import drawn
from packline.domain.printing import Form, Joined, Leaf, Paper

__all__ = ["Form", "Joined", "Leaf", "Paper", "join"]

_A4 = (210 / 25.4 * POINTS, 297 / 25.4 * POINTS)
_TOLERANCE = 2.0
_BROKEN = "It cannot be read: it is neither PDF nor PNG nor ZPL, or it is broken. Ask for the label again."
_ZPL_ONLY = "It is a ZPL label, which only label printers can draw. Print the selection as ZPL."


def join(leaves: Sequence[Leaf], form: Form = Form.PDF, paper: Paper = Paper.LABEL, *, reverse: bool = False) -> Joined:
    """Join documents in the order given, or reversed for printers that stack face up.

    As PDF, every page becomes 4 x 6 inches, upright, with its label in the middle; A4 takes four of them, row by row;
    AS_IT_IS leaves the pages alone. As ZPL, labels that are PDF or PNG become pictures of 203 dpi; ZPL goes as it came.
    What cannot be read is left out and told; the others are printed.

    Raises:
        PaperError: there is nothing to print, or nothing of it can be read.

    """
    if not leaves:
        raise PaperError("There is no label to print.", reason="paper_empty", hint="Select at least one parcel.")
    made = _zpl(leaves, reverse=reverse) if form is Form.ZPL else _pdf(leaves, paper, reverse=reverse)
    if len(made.refused) == len(leaves):
        raise PaperError(f"Nothing of it can be printed. {made.refused[0][1]}", reason="paper_broken")
    return made


def _pdf(leaves: Sequence[Leaf], paper: Paper, *, reverse: bool) -> Joined:
    joined = pdfium.PdfDocument.new()
    try:
        refused = _each(leaves, lambda leaf: _append(joined, leaf, paper, reverse=reverse), reverse=reverse)
        if len(refused) == len(leaves):
            return Joined(b"", refused)
        return Joined(_four_to_a4(joined) if paper is Paper.A4_OF_FOUR else saved(joined), refused)
    finally:
        joined.close()


def _zpl(leaves: Sequence[Leaf], *, reverse: bool) -> Joined:
    made: list[bytes] = []
    refused = _each(leaves, lambda leaf: made.append(_as_zpl(leaf)), reverse=reverse)
    return Joined(b"\n".join((*made, b"")), refused)


def _each(leaves: Sequence[Leaf], take: Callable[[Leaf], None], *, reverse: bool) -> tuple[tuple[int, str], ...]:
    """Take one leaf after another; give the places of those that could not be taken, with the reason."""
    refused: list[tuple[int, str]] = []
    numbered: Iterable[tuple[int, Leaf]] = list(enumerate(leaves))
    for place, leaf in reversed(list(numbered)) if reverse else numbered:
        try:
            take(leaf)
        except pdfium.PdfiumError:
            refused.append((place, _BROKEN))
        except PaperError as error:
            refused.append((place, error.message))
    return tuple(sorted(refused))


def _append(joined: pdfium.PdfDocument, leaf: Leaf, paper: Paper, *, reverse: bool) -> None:
    # Cropped and marked while it is alone: changing a page takes the longer, the more pages its document has.
    with pdfium.PdfDocument(_as_pdf(leaf.content)) as document:
        pages = list(range(len(document)))
        if not pages:
            raise PaperError(_BROKEN, reason="paper_broken")
        for place in pages:
            page = document[place]
            if paper is not Paper.AS_IT_IS and _to_label(page) and leaf.mark:
                page = document[place]
            if leaf.mark:
                mark_page(document, place, page, leaf.mark)
        joined.import_pages(document, pages[::-1] if reverse else pages)


def _as_pdf(content: bytes) -> bytes:
    if content.startswith(PNG):
        return picture_page(content, cropping.WIDTH, cropping.HEIGHT)
    match form_of(content):
        case Kind.PDF:
            return content
        case Kind.ZPL:
            raise PaperError(_ZPL_ONLY, reason="paper_zpl")
        case _:
            raise PaperError(_BROKEN, reason="paper_broken")


def _as_zpl(leaf: Leaf) -> bytes:
    if not leaf.content.startswith(PNG) and form_of(leaf.content) is Kind.ZPL:
        return mark_zpl(leaf.content.strip(), leaf.mark)
    with pdfium.PdfDocument(_as_pdf(leaf.content)) as document:
        if not len(document):
            raise PaperError(_BROKEN, reason="paper_broken")
        return b"\n".join(_drawn_page(document, place, leaf.mark) for place in range(len(document)))


def _drawn_page(document: pdfium.PdfDocument, place: int, mark: str) -> bytes:
    page = document[place]
    page = document[place] if _to_label(page) else page
    if not mark:
        return drawn(page)
    mark_page(document, place, page, mark)
    return drawn(document[place])


def _to_label(page: pdfium.PdfPage) -> bool:
    """Bring a page to label size; False where it has that already, and nothing was changed."""
    width, height = page.get_size()
    if abs(width - cropping.WIDTH) <= _TOLERANCE and abs(height - cropping.HEIGHT) <= _TOLERANCE:
        return False
    fits = cropping.Box(0, 0, width, height).fits()
    box = None if fits else cropping.label_box(page) or cropping.ink_box(page)
    cropping.place(page, box or cropping.Box(0, 0, width, height))
    return True


def _four_to_a4(labels: pdfium.PdfDocument) -> bytes:
    sheets = pdfium_c.FPDF_ImportNPagesToOne(labels, *_A4, 2, 2)
    if not sheets:
        raise PaperError("The labels could not be placed on A4.", reason="paper_broken")
    with pdfium.PdfDocument(sheets) as made:
        return saved(made)
