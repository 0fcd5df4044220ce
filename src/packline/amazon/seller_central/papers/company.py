"""What stands on a page beside its order's label: another label, which must neither be lost nor be printed with it."""

import contextlib

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from packline.amazon.seller_central.papers.claims import Index
from packline.amazon.seller_central.papers.codes import may_carry_codes
from packline.amazon.seller_central.papers.cropping import Box, Ink, label_box, on_paper
from packline.amazon.seller_central.papers.kinds import is_invoice_too, is_label_too, kind_of
from packline.amazon.seller_central.papers.sheets import Sheet
from packline.amazon.seller_central.papers.vocabulary import Kind

_PICTURE = 115.0
"""Points: the smaller side of a picture that may be a label; a code's or a logo's is smaller."""
_DOCUMENTS = (Kind.INVOICE, Kind.WARRANTY, Kind.OTHER)


def company_of(sheet: Sheet, index: Index) -> str:
    """Say what a large page shows beside one order's label: others' codes, a picture of a label's size; else ""."""
    if not _may_hold_more(sheet) or _is_document(sheet, carries_tracking=index.claim_of_text(sheet).tracking):
        return ""
    found = _beyond_one_label(sheet)
    return _said_of(sheet, index, *found) if found else ""


def shows_more(sheet: Sheet) -> bool:
    """Tell whether a page is larger than a label, may carry codes, and is inked beyond one label's size."""
    if not _may_hold_more(sheet) or _is_document(sheet, carries_tracking=False):
        return False
    return _beyond_one_label(sheet) is not None


def _said_of(sheet: Sheet, index: Index, ink: Ink, whole: Box) -> str:
    codes = sheet.codes()
    named = index.named(sheet.text, sheet.words, codes)
    if len(named) > 1:
        return f"The page shows labels of several orders: {', '.join(sorted(named)[:4])}."
    own = named & index.orders.keys()
    if not own or is_invoice_too(sheet):
        return ""
    others = index.foreign(own, codes)
    if others:
        return f"The page shows a label of order {min(own)} and beside it the code {others[0].text} of another one."
    if _shows_another(sheet, ink, whole):
        return f"The page shows a label of order {min(own)} and beside it a picture that may be another one."
    return ""


def _may_hold_more(sheet: Sheet) -> bool:
    return sheet.page is not None and not sheet.is_small and may_carry_codes(sheet.page)


def _beyond_one_label(sheet: Sheet) -> tuple[Ink, Box] | None:
    """Give a page's ink and the box around all of it; None where it has the size of one label, or is blank."""
    if sheet.page is None:
        return None
    ink = Ink(sheet.page)
    whole = ink.whole()
    return None if whole is None or whole.fits() else (ink, whole)


def _is_document(sheet: Sheet, *, carries_tracking: bool) -> bool:
    return kind_of(sheet, carries_tracking=carries_tracking) in _DOCUMENTS and not is_label_too(sheet)


def _shows_another(sheet: Sheet, ink: Ink, whole: Box) -> bool:
    """Tell whether something of a label's size, without a word in it, stands outside the label."""
    page = sheet.page
    if page is None:
        return False
    label = label_box(page)
    if label is None:
        return _holds_silent_picture(page)
    around = (
        Box(whole.left, whole.top, label.left - 1, whole.bottom),
        Box(label.right + 1, whole.top, whole.right, whole.bottom),
        Box(whole.left, whole.top, whole.right, label.top - 1),
        Box(whole.left, label.bottom + 1, whole.right, whole.bottom),
    )
    inked = [found for box in around if box.width > 1 and box.height > 1 and (found := ink.within(box))]
    return any(box.is_whole() and _is_silent(page, on_paper(page, box)) for box in inked)


def _holds_silent_picture(page: pdfium.PdfPage) -> bool:
    """Tell whether a page on which no label can be made out has a picture that is too large for a code or a logo."""
    shown = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM], max_depth=1)
    edges = [found.get_bounds() for found in shown]
    large = [one for one in edges if min(one[2] - one[0], one[3] - one[1]) >= _PICTURE]
    return any(_is_silent(page, one) for one in large)


def _is_silent(page: pdfium.PdfPage, edges: tuple[float, float, float, float]) -> bool:
    with contextlib.closing(page.get_textpage()) as text:
        return not text.get_text_bounded(*edges).strip()
