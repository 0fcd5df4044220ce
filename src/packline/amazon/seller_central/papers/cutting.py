"""Pages cut out of the input into files of their own, the same bytes each time."""

import hashlib
import io
import re
from collections.abc import Sequence

import pypdfium2 as pdfium

from packline.amazon.seller_central.papers.cropping import crop_to_label
from packline.amazon.seller_central.papers.isolating import take_part
from packline.amazon.seller_central.papers.kinds import is_invoice_too
from packline.amazon.seller_central.papers.sheets import Pile, Sheet
from packline.amazon.seller_central.papers.sniff import Form
from packline.domain.values import File, file_of

_MADE = re.compile(rb"/CreationDate ?\(D:[^)]{14,30}\)")
_HEAD = 1024
"""PDFium writes the document's information among its first objects."""
_NOBODY = b"/ID[<%s><%s>]"
_IDENTITY = re.compile(rb"/ID ?\[<([0-9A-Fa-f]{32})><([0-9A-Fa-f]{32})>\]")


def cut(sheets: Sequence[Sheet], pile: Pile, *, crop: bool = False) -> File:
    """Make one file of some pages of one form; `crop` brings labels on larger paper to 4 x 6 inches.

    A file of which all pages go together stays as it came, byte by byte.
    """
    first = sheets[0]
    if first.flaw or first.member.form not in (Form.PDF, Form.ZPL):
        return file_of(first.member.content, first.member.form.value)
    if first.format is not None:
        content = b"\n".join(sheet.format.content.strip() for sheet in sheets if sheet.format)
        return file_of(content + b"\n", Form.ZPL.value)
    if first.box is None and _whole(sheets, pile) and not (crop and any(not sheet.is_small for sheet in sheets)):
        return file_of(first.member.content, Form.PDF.value)
    return file_of(_pages_of(sheets, pile, crop=crop), Form.PDF.value)


def _whole(sheets: Sequence[Sheet], pile: Pile) -> bool:
    first = sheets[0]
    return [sheet.place for sheet in sheets] == list(range(len(pile.pdf_of(first)))) and all(
        sheet.member is first.member for sheet in sheets
    )


def _pages_of(sheets: Sequence[Sheet], pile: Pile, *, crop: bool) -> bytes:
    made = pdfium.PdfDocument.new()
    try:
        for sheet in sheets:
            made.import_pages(pile.pdf_of(sheet), [sheet.place])
        for place, sheet in enumerate(sheets):
            if sheet.box is not None:
                take_part(made, place, sheet.box, is_label=crop)
            elif crop and not sheet.is_small:
                crop_to_label(made[place], alone=is_invoice_too(sheet))
        return saved(made)
    finally:
        made.close()


def saved(pdf: pdfium.PdfDocument) -> bytes:
    """Write a PDF so that the same pages give the same bytes: without PDFium's time and random identity."""
    out = io.BytesIO()
    pdf.save(out)
    content = out.getvalue()
    end = content.rfind(b"trailer")
    start = min(_HEAD, end)
    head = _MADE.sub(
        lambda found: b"/CreationDate" + b" " * (len(found.group()) - 15) + b"()", content[:start], count=1
    )
    blank = head + content[start:end] + _IDENTITY.sub(_NOBODY % (b"0" * 32, b"0" * 32), content[end:])
    name = hashlib.blake2b(blank, digest_size=16).hexdigest().encode()
    return blank[:end] + _IDENTITY.sub(_NOBODY % (name, name), blank[end:])
