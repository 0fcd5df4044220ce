"""A label that came as a PNG, as a page of a PDF; its data is taken over as it is where both formats agree."""

import io
import struct
import zlib
from collections.abc import Iterator

from packline.amazon.seller_central.papers.records import PaperError

PNG = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOURS, _PALETTE = 0, 2, 3
"""PNG colour types (PNG, third edition, 11.2.1) that a PDF image can hold without decoding (PDF 1.7, 7.4.4.4)."""
_PIXELS_AT_MOST = 60_000_000
_BROKEN = "It is a PNG that cannot be read. Ask for the label again."


def picture_page(content: bytes, width: float, height: float) -> bytes:
    """Make a page of that size in points, or lying on its side, with the picture on it as large as it goes.

    Raises:
        PaperError: the picture is broken.

    """
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise PaperError(_BROKEN, reason="paper_broken")
    across, down, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if not 0 < across * down <= _PIXELS_AT_MOST:
        raise PaperError(_BROKEN, reason="paper_broken")
    page = (width, height) if (across > down) == (width > height) else (height, width)
    if interlaced or bits > 8 or colour not in (_GREY, _COLOURS, _PALETTE):
        return _redrawn(content, page)
    data = b"".join(body for name, body in chunks if name == b"IDAT")
    palette = b"".join(body for name, body in chunks if name == b"PLTE")
    _refuse_broken(data, down)
    space = _space(colour, palette)
    colours = 3 if colour == _COLOURS else 1
    image = (
        f"/Type /XObject /Subtype /Image /Width {across} /Height {down} /BitsPerComponent {bits} /ColorSpace {space}"
        f" /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors {colours} /BitsPerComponent {bits}"
        f" /Columns {across} >>"
    )
    return _document(page, _placed(page, across, down), image, data)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length


def _refuse_broken(data: bytes, rows: int) -> None:
    """A picture that ends in the middle would print as a label without its codes."""
    try:
        unpacked = zlib.decompressobj()
        size = len(unpacked.decompress(data))
    except zlib.error as error:
        raise PaperError(_BROKEN, reason="paper_broken") from error
    if not unpacked.eof or size < rows:
        raise PaperError(_BROKEN, reason="paper_broken")


def _space(colour: int, palette: bytes) -> str:
    if colour == _PALETTE:
        return f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    return "/DeviceRGB" if colour == _COLOURS else "/DeviceGray"


def _placed(page: tuple[float, float], across: int, down: int) -> str:
    scale = min(page[0] / across, page[1] / down)
    wide, high = across * scale, down * scale
    left, bottom = (page[0] - wide) / 2, (page[1] - high) / 2
    return f"q {wide:.4f} 0 0 {high:.4f} {left:.4f} {bottom:.4f} cm /I Do Q"


def _document(page: tuple[float, float], drawing: str, image: str, data: bytes) -> bytes:
    """Write the smallest PDF there is: a page, what it shows, and the picture."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.4f %.4f] /Contents 4 0 R"
        b" /Resources << /XObject << /I 5 0 R >> >> >>" % page,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing.encode()),
        b"<< %s /Length %d >>\nstream\n%s\nendstream" % (image.encode(), len(data), data),
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _redrawn(content: bytes, page: tuple[float, float]) -> bytes:
    """Decode what PDF cannot hold as it is: transparency, interlacing, 16 bits."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    try:
        picture = ImageReader(io.BytesIO(content))
        across, down = picture.getSize()
        scale = min(page[0] / across, page[1] / down)
        wide, high = across * scale, down * scale
        canvas = Canvas(out := io.BytesIO(), pagesize=page, invariant=True)
        canvas.drawImage(picture, (page[0] - wide) / 2, (page[1] - high) / 2, wide, high, mask="auto")
        canvas.save()
    except (OSError, ValueError, SyntaxError) as error:
        raise PaperError(_BROKEN, reason="paper_broken") from error
    return out.getvalue()
