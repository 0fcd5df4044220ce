"""A word printed on a label beside what Amazon drew, where it covers nothing: that this is a reprint."""

import ctypes
import re

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from packline.amazon.seller_central.papers import cropping
from packline.amazon.seller_central.papers.zpl import PRINTS

_SIZE = 7.0  # points
_BAND = 10.0  # points that a line of that size needs, with a little air
_EDGE = 3.0
_FONT = b"Helvetica-Bold"
_FORMAT = re.compile(rb"\^XA.*?\^XZ", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(rb"\^LL(\d{1,5})", re.IGNORECASE)
_DOTS = 1218  # of 6 inches at 203 dpi, where the label does not say its length


def mark_page(document: pdfium.PdfDocument, place: int, page: pdfium.PdfPage, mark: str) -> None:
    """Write a mark into the white band at the page's bottom or top; a page without one is made a little smaller.

    `page` is the one that was loaded from that place after its last change.
    """
    height = page.get_height()
    ink = cropping.ink_box(page)
    if ink is None or height - ink.bottom >= _BAND:
        baseline = _EDGE
    elif ink.top >= _BAND:
        baseline = height - _EDGE - _SIZE + 1
    else:
        _make_room(page)
        page, baseline = document[place], _EDGE  # read anew: what was moved is in the page's stream only
    text = pdfium_c.FPDFPageObj_NewTextObj(document, _FONT, _SIZE)
    written = (mark + "\0").encode("utf-16-le")
    pdfium_c.FPDFText_SetText(text, ctypes.cast(ctypes.create_string_buffer(written), pdfium_c.FPDF_WIDESTRING))
    pdfium_c.FPDFPageObj_Transform(text, 1, 0, 0, 1, 12.0, baseline)
    pdfium_c.FPDFPage_InsertObject(page, text)
    if not pdfium_c.FPDFPage_GenerateContent(page):
        raise pdfium.PdfiumError("The mark could not be written.")


def _make_room(page: pdfium.PdfPage) -> None:
    width, height = page.get_size()
    scale = (height - _BAND) / height
    left = width * (1 - scale) / 2
    matrix = pdfium_c.FS_MATRIX(scale, 0, 0, scale, left, _BAND)
    clip = pdfium_c.FS_RECTF(0, height, width, 0)
    pdfium_c.FPDFPage_TransFormWithClip(page, ctypes.byref(matrix), ctypes.byref(clip))


def mark_zpl(content: bytes, mark: str) -> bytes:
    """Write a mark at the bottom of each label of a ZPL file."""
    if not mark:
        return content
    field = b"^A0N,20,20^FD%s^FS" % mark.encode("ascii", "replace")

    def marked(found: re.Match[bytes]) -> bytes:
        body = found.group()
        if not PRINTS.search(body):
            return body
        length = _LENGTH.search(body)
        down = max(0, (int(length.group(1)) if length else _DOTS) - 26)
        return body[:-3] + b"^FO30,%d" % down + field + body[-3:]

    return _FORMAT.sub(marked, content)
