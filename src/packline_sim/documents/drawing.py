"""Marks and codes on a PDF canvas, and pages as one-bit pictures."""

import io
import struct
import threading
import zlib
from collections.abc import Iterable

import pypdfium2
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from packline_sim.documents.codes import Code
from packline_sim.documents.layout import DOTS_PER_INCH, HEIGHT, WIDTH, Bar, BarCode, Frame, Mark, MatrixCode, Text
from packline_sim.documents.lettering import BOLD, REGULAR

DOT = 72 / DOTS_PER_INCH
_CAPITALS = 0.76  # of the size: from the top of a line to its baseline
_TO_BITS = bytes(ord("1") if grey >= 128 else ord("0") for grey in range(256))
rl_config.useA85 = 0  # text armour for streams: a quarter more bytes, a quarter more time
_pdfium = threading.Lock()  # PDFium is not thread-safe


def label_pdf(marks: list[Mark], title: str) -> bytes:
    """Draw the marks as a PDF page of 4 x 6 inches; one dot is 1/203 inch."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH * DOT, HEIGHT * DOT), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.scale(DOT, DOT)
    draw_marks(canvas, marks)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_code(canvas: Canvas, code: Code, x: float, top: float, module: float, height: float) -> None:
    """Draw a code with its upper left corner at (x, top); a module is `module` wide and `height` high."""
    # Rectangles written straight in PDF's own words: a canvas formats them five times slower.
    boxes = [
        f"{x + column * module:.5g} {top - (row + 1) * height:.5g} {width * module:.5g} {height:.5g} re"
        for column, row, width in code.runs()
    ]
    canvas.drawPath(PDFPathObject(code=boxes), stroke=0, fill=1)


def one_bit_png(pdf: bytes, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """Rasterise the first page of a PDF as a black and white PNG."""
    with _pdfium:
        document = pypdfium2.PdfDocument(pdf)
        page = document[0]
        bitmap = page.render(
            scale=dots_per_inch / 72, grayscale=True, no_smoothtext=True, no_smoothpath=True, no_smoothimage=True
        )
        pixels, width, height, stride = bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride
        bitmap.close()
        page.close()
        document.close()
    return _png(pixels, width, height, stride, dots_per_inch)


def _png(pixels: bytes, width: int, height: int, stride: int, dots_per_inch: int) -> bytes:
    bits = pixels.translate(_TO_BITS)
    row_bytes = (width + 7) // 8
    padding = row_bytes * 8 - width
    rows = bytearray()
    for start in range(0, height * stride, stride):
        rows.append(0)  # PNG filter type: none
        rows += (int(bits[start : start + width], 2) << padding).to_bytes(row_bytes, "big")
    per_metre = round(dots_per_inch / 0.0254)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _chunk(b"IDAT", zlib.compress(bytes(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def draw_marks(canvas: Canvas, marks: Iterable[Mark]) -> None:
    """Draw marks on a canvas whose unit is the printer's dot; the label's lower left corner is at its origin."""
    for mark in marks:
        _draw(canvas, mark)


def _draw(canvas: Canvas, mark: Mark) -> None:
    match mark:
        case Text():
            _write(canvas, mark)
        case Bar():
            canvas.rect(mark.x, HEIGHT - mark.y - mark.height, mark.width, mark.height, stroke=0, fill=1)
        case Frame():
            inset = mark.thickness / 2
            canvas.setLineWidth(mark.thickness)
            canvas.rect(
                mark.x + inset,
                HEIGHT - mark.y - mark.height + inset,
                mark.width - mark.thickness,
                mark.height - mark.thickness,
            )
        case BarCode():
            draw_code(canvas, mark.code, mark.x, HEIGHT - mark.y, mark.module, mark.height)
        case MatrixCode():
            draw_code(canvas, mark.code, mark.x, HEIGHT - mark.y, mark.module, mark.module)


def _write(canvas: Canvas, mark: Text) -> None:
    canvas.setFont(BOLD if mark.bold else REGULAR, mark.size)
    baseline = HEIGHT - mark.y - _CAPITALS * mark.size
    if mark.white:
        canvas.setFillGray(1)
    if mark.align == "L":
        canvas.drawString(mark.x, baseline, mark.text)
    elif mark.align == "R":
        canvas.drawRightString(mark.x, baseline, mark.text)
    else:
        canvas.drawCentredString(mark.x, baseline, mark.text)
    if mark.white:
        canvas.setFillGray(0)
