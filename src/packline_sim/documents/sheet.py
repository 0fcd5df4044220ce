"""A4 pages filled from the top: text, boxes and ruled tables that go on overleaf."""

import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from packline_sim.documents.codes import Code
from packline_sim.documents.drawing import draw_code
from packline_sim.documents.lettering import BOLD, REGULAR, printable, wrapped

WIDTH, HEIGHT = 595.28, 841.89
MARGIN = 30.0
BOTTOM = 62.0
INNER = WIDTH - 2 * MARGIN
_PADDING = 3.0

Drawing = Callable[[Canvas], None]


class Column(msgspec.Struct, frozen=True):
    """Head one column of a table; width in points."""

    title: str
    width: float
    align: Literal["L", "R"] = "R"


class Cell(msgspec.Struct, frozen=True):
    """Hold the paragraphs of one cell; each is broken to the column's width."""

    paragraphs: tuple[str, ...]
    bold: bool = False


class Sheet:
    """Collect what is drawn, page by page; `top` falls as the page fills, in points from the bottom edge."""

    def __init__(self) -> None:
        self.pages: list[list[Drawing]] = [[]]
        self.top = HEIGHT - MARGIN

    def write(self, x: float, y: float, text: str, size: float = 8, bold: bool = False, align: str = "L") -> None:
        """Write one line with its baseline at y; align L, C or R at x."""
        text, font = printable(text), BOLD if bold else REGULAR

        def draw(canvas: Canvas) -> None:
            canvas.setFont(font, size)
            writers = {"L": canvas.drawString, "C": canvas.drawCentredString, "R": canvas.drawRightString}
            writers[align](x, y, text)

        self.pages[-1].append(draw)

    def box(self, x: float, y: float, width: float, height: float, grey: float | None = None) -> None:
        """Outline a box, or fill it with a grey (0 black, 1 white)."""
        # Written in PDF's own words: a table has hundreds, and a canvas formats them five times slower.
        path = PDFPathObject(code=[f"{x:.6g} {y:.6g} {width:.6g} {height:.6g} re"])

        def draw(canvas: Canvas) -> None:
            canvas.setLineWidth(0.6)
            if grey is not None:
                canvas.setFillGray(grey)
            canvas.drawPath(path, stroke=1, fill=int(grey is not None))
            canvas.setFillGray(0)

        self.pages[-1].append(draw)

    def code(self, code: Code, x: float, top: float, side: float) -> None:
        """Draw a matrix code of a side length with its upper left corner at (x, top)."""
        module = side / code.width
        self.pages[-1].append(lambda canvas: draw_code(canvas, code, x, top, module, module))

    def bars(self, code: Code, x: float, top: float, width: float, height: float) -> None:
        """Draw a bar code of a width with its upper left corner at (x, top)."""
        module = width / code.width
        self.pages[-1].append(lambda canvas: draw_code(canvas, code, x, top, module, height))

    def lines(self, x: float, top: float, lines: Sequence[str], size: float = 8, leading: float = 10.5) -> float:
        """Write lines from the top down and return where the next would begin."""
        for line in lines:
            top -= leading
            self.write(x, top, line, size)
        return top

    def room(self, height: float) -> bool:
        """Start another page unless this one has room; True when it did."""
        if self.top - height >= BOTTOM:
            return False
        self.pages.append([])
        self.top = HEIGHT - MARGIN
        return True

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], size: float = 7.5) -> None:
        """Rule a table; its head is repeated on each page that it reaches."""
        head = [Cell((column.title,), bold=True) for column in columns]
        head_height = _height(columns, head, size)
        first = _height(columns, rows[0], size) if rows else 0
        self.room(head_height + first)
        self._row(columns, head, size, head_height, grey=0.9)
        for row in rows:
            height = _height(columns, row, size)
            if self.room(height):
                self._row(columns, head, size, head_height, grey=0.9)
            self._row(columns, row, size, height)

    def sign(self, footer: Callable[["Sheet", int], None]) -> None:
        """Write the foot of every page; `footer` is called for each page with its number, from 1."""
        every_page = self.pages
        for number, page in enumerate(every_page, 1):
            self.pages = [page]
            footer(self, number)
        self.pages = every_page

    def pdf(self, title: str) -> bytes:
        """Print all pages."""
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        canvas.setTitle(printable(title))
        for page in self.pages:
            draw_page(canvas, page)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def _row(
        self, columns: Sequence[Column], row: Sequence[Cell], size: float, height: float, grey: float | None = None
    ) -> None:
        x = MARGIN
        for column, cell in zip(columns, row, strict=True):
            self.box(x, self.top - height, column.width, height, grey)
            at = x + _PADDING if column.align == "L" else x + column.width - _PADDING
            for position, line in enumerate(_broken(column, cell, size)):
                y = self.top - _PADDING - size - position * (size + 1.5) + 1
                self.write(at, y, line, size, cell.bold, column.align)
            x += column.width
        self.top -= height


def draw_page(canvas: Canvas, page: Sequence[Drawing]) -> None:
    """Draw what was collected for a page on the canvas's present one."""
    for draw in page:
        draw(canvas)


@lru_cache(4096)
def _broken(column: Column, cell: Cell, size: float) -> tuple[str, ...]:
    font = BOLD if cell.bold else REGULAR
    return tuple(line for part in cell.paragraphs for line in wrapped(part, size, column.width - 2 * _PADDING, font))


def _height(columns: Sequence[Column], row: Sequence[Cell], size: float) -> float:
    most = max(len(_broken(column, cell, size)) for column, cell in zip(columns, row, strict=True))
    return most * (size + 1.5) + 2 * _PADDING
