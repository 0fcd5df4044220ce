"""The pages of an input, one after another, with what each says."""

import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pypdfium2 as pdfium

from packline.amazon.seller_central.papers import codes as scanner
from packline.amazon.seller_central.papers.codes import Code
from packline.amazon.seller_central.papers.cropping import Box
from packline.amazon.seller_central.papers.records import PaperError
from packline.amazon.seller_central.papers.sniff import Form
from packline.amazon.seller_central.papers.unpack import Member, members
from packline.amazon.seller_central.papers.wording import plain, tokens
from packline.amazon.seller_central.papers.zpl import Format, formats

_PASSWORD = 4  # FPDF_ERR_PASSWORD
FEW_WORDS = 12
"""A page with fewer is a picture with a stamp on it: it speaks by its codes, however fine they are."""
_NUMBER = re.compile(r"\d{7}")
"""A part of an order id or of a tracking id."""
_LONG_EDGE = 7.0 * scanner.POINTS
_SHORT_EDGE = 4.7 * scanner.POINTS


class Sheet:
    """One page of the input: a page of a PDF, a format of a ZPL file, or a whole file that is neither.

    `number` counts from 1 through the whole input, `place` from 0 through its member. Sizes are in points, 0 for ZPL.
    `box` is the part of the page that this sheet is, where one page holds several orders' papers or hides some beyond
    its edges; else None. `crowd` says what stands on it beside its order's papers and cannot be cut off.
    """

    def __init__(self, number: int, member: Member, place: int, text: str, size: tuple[float, float]) -> None:
        """Keep what the page says; codes are read when they are asked for."""
        self.number, self.member, self.place, self.size = number, member, place, size
        self.text = plain(text)
        self.words = tokens(self.text)
        self.page: pdfium.PdfPage | None = None
        self.format: Format | None = None
        self._codes: tuple[Code, ...] | None = None
        self._is_part = False
        self._every: tuple[Code, ...] | None = None
        self.box: Box | None = None
        self.crowd = ""
        self.flaw = ""

    @property
    def is_small(self) -> bool:
        """Tell whether the page has the size of a label: about 4 x 6 inches, either way up."""
        short, long = sorted(self.size)
        return bool(self.format) or (0 < short <= _SHORT_EDGE and long <= _LONG_EDGE)

    def quick_codes(self) -> tuple[Code, ...]:
        """Read upright codes; all of them where that finds none."""
        if self._codes is None and self.page is not None:
            self._codes = scanner.quickly_read(self.page) or None
        return self.codes()

    def know_codes(self, codes: Iterable[Code]) -> None:
        """Note codes that were read already: all that this part of a page has."""
        self._codes, self._is_part = tuple(codes), True

    def glance(self) -> tuple[Code, ...]:
        """Read upright codes if the page shows anything but text and a few lines; nothing is read twice."""
        if self._codes is None and self.page is not None and scanner.may_carry_codes(self.page):
            seen = scanner.quickly_read(self.page)
            self._codes = seen or None
            return seen
        return self._codes or ()

    def every_code(self) -> tuple[Code, ...]:
        """Read codes in any direction at both resolutions, whatever was found before, once."""
        if self.page is None or self.format is not None or self._is_part:
            return self.codes()
        if self._every is None:
            found = scanner.thoroughly_read(self.page, finest=True, all_of_them=True)
            self._every = tuple(dict.fromkeys((*self.codes(), *found)))
        return self._every

    def codes(self) -> tuple[Code, ...]:
        """Read the page's codes, once."""
        if self._codes is None:
            self._codes = self._read()
        return self._codes

    def _read(self) -> tuple[Code, ...]:
        if self.format is not None:
            return self.format.codes()
        if self.page is None:
            return ()
        if not scanner.may_carry_codes(self.page):  # but a code may be written with a font of bars
            return scanner.quickly_read(self.page)
        is_picture = len(self.words) < FEW_WORDS
        all_of_them = is_picture and not self.is_small
        return scanner.thoroughly_read(self.page, finest=self.is_small or is_picture, all_of_them=all_of_them)

    def fingerprint(self) -> bytes:
        """Give what two copies of a page have in common: their text, size and picture."""
        hasher = hashlib.blake2b(repr((self.text, [round(edge) for edge in self.size])).encode(), digest_size=16)
        if self.format is not None:
            hasher.update(self.format.content.strip())
        elif self.page is not None:
            hasher.update(repr(self.box).encode())
            hasher.update(scanner.draw(self.page, 50).pixels)
        else:
            hasher.update(self.member.content)
        return hasher.digest()


@contextlib.contextmanager
def opened(content: bytes) -> Iterator["Pile"]:
    """Open an input, and close it again.

    Raises:
        PaperError: it cannot be read, or breaks while it is read.

    """
    pile = Pile(members(content))
    try:
        yield pile
    except pdfium.PdfiumError as error:
        raise PaperError(f"The PDF is broken: {error}.", reason="paper_broken") from error
    finally:
        pile.close()


class Pile:
    """All pages of an input; PDFs stay open until `close`."""

    def __init__(self, members: tuple[Member, ...]) -> None:
        """Read every page of every member; what cannot be read is kept as one sheet with its `flaw`.

        Raises:
            PaperError: the input is one single file, and that cannot be read.

        """
        self.pdfs: dict[int, pdfium.PdfDocument] = {}
        self.sheets: list[Sheet] = []
        try:
            for member in members:
                self._add(member, alone=len(members) == 1)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the PDFs go."""
        for sheet in self.sheets:
            if sheet.page is not None:
                sheet.page.close()
        for pdf in self.pdfs.values():
            pdf.close()

    def pdf_of(self, sheet: Sheet) -> pdfium.PdfDocument:
        """Give the open PDF that a sheet is a page of."""
        return self.pdfs[id(sheet.member)]

    def _add(self, member: Member, *, alone: bool) -> None:
        try:
            self.sheets.extend(self._read(member))
        except PaperError as error:
            if alone:
                raise
            self._append_whole(member, error.message)

    def _append_whole(self, member: Member, flaw: str) -> None:
        sheet = Sheet(len(self.sheets) + 1, member, 0, "", (0, 0))
        sheet.flaw = flaw
        self.sheets.append(sheet)

    def _read(self, member: Member) -> Iterator[Sheet]:
        match member.form:
            case Form.PDF:
                pdf = self.pdfs[id(member)] = _opened(member.content)
                yield from self._pages(member, pdf)
            case Form.ZPL:
                yield from self._formats(member)
            case _:
                raise PaperError(
                    "The file is neither PDF nor ZPL nor an archive of them.",
                    hint="Drop in the PDF as Seller Central or Amazon gave it.",
                    reason="paper_unknown",
                )

    def _pages(self, member: Member, pdf: pdfium.PdfDocument) -> Iterator[Sheet]:
        first = len(self.sheets) + 1
        for place in range(len(pdf)):
            text, hides, size, page, flaw = "", False, (0.0, 0.0), None, ""
            try:
                page = pdf[place]
                size = page.get_size()
                text, hides = _text(page)
            except pdfium.PdfiumError as error:
                flaw = f"The page is broken and cannot be read: {error}."
            sheet = Sheet(first + place, member, place, text, size)
            sheet.page, sheet.flaw = page, flaw
            sheet.box = Box(0, 0, *size) if hides else None
            yield sheet

    def _formats(self, member: Member) -> Iterator[Sheet]:
        first = len(self.sheets) + 1
        for place, one in enumerate(formats(member.content)):
            sheet = Sheet(first + place, member, place, one.text(), (0, 0))
            sheet.format = one
            yield sheet


def _text(page: pdfium.PdfPage) -> tuple[str, bool]:
    """Give a page's text as far as it is shown, and whether more is hidden beyond its edges that may name somebody.

    People crop two labels on a page to one by the page's box: the other is still there.
    """
    with contextlib.closing(page.get_textpage()) as text:
        if not text.count_chars():
            return "", False
        whole, shown = str(text.get_text_range()), str(text.get_text_bounded(*page.get_cropbox()))
    hidden = Counter(tokens(plain(whole))) - Counter(tokens(plain(shown)))
    hides = any(_NUMBER.search(word) for word in hidden)
    return shown if hides else whole, hides


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(content)
        pages = len(pdf)
    except pdfium.PdfiumError as error:
        raise _unopened(error, content) from error
    if not pages:
        raise PaperError("The PDF has no pages.", reason="paper_empty")
    return pdf


def _unopened(error: pdfium.PdfiumError, content: bytes) -> PaperError:
    # PDFium's last error may be an earlier document's.
    if getattr(error, "err_code", None) == _PASSWORD and b"/Encrypt" in content:
        return PaperError(
            "The PDF is encrypted and asks for a password.",
            hint="Save it without a password and send that.",
            reason="paper_encrypted",
        )
    return PaperError("The PDF is broken, or has no pages, and cannot be opened.", reason="paper_broken")
