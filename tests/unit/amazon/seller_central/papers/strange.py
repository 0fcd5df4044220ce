"""What happens to papers on their way: scanned askew, scratched, encrypted, cut off, written in fonts without names."""

from __future__ import annotations

import io
import random
import re
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from unit.amazon.seller_central.papers.corpus import Press


def scanned(content: bytes, dpi: int = 150, skew: float = 1.5, *, specks: int = 400, seed: int = 5) -> bytes:
    """Give what an office scanner makes of the pages: grey pictures, a little turned, blurred and dirty."""
    out, draw = io.BytesIO(), random.Random(seed)
    canvas = Canvas(out)
    with pdfium.PdfDocument(content) as source:
        for page in source:
            size = page.get_size()
            picture = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
            picture = picture.rotate(draw.choice((-skew, skew)), resample=Image.Resampling.BICUBIC, fillcolor=255)
            picture = picture.filter(ImageFilter.GaussianBlur(0.5))
            for _ in range(specks):
                at = (draw.randrange(picture.width), draw.randrange(picture.height))
                picture.putpixel(at, draw.randrange(256))
            canvas.setPageSize(size)
            canvas.drawImage(ImageReader(picture), 0, 0, *size)
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def without_names(content: bytes) -> bytes:
    """Take the tables away that say which letters a font's glyphs are."""
    return re.sub(rb"/ToUnicode( \d+ 0 R)", rb"/XxUnicode\1", content)


def encrypted(password: str, owner: str = "owner") -> Press:
    """Begin a PDF that asks for this password; an empty one opens without asking, but forbids to copy."""
    press = Press()
    press.canvas = Canvas(press.out, encrypt=StandardEncryption(password, owner, canPrint=0, canCopy=0, canModify=0))
    return press


def scratched(press: Press, x: float, y: float, width: float, height: float) -> Press:
    """Scratch white over a part of the page."""
    press.canvas.saveState()
    press.canvas.setFillColorRGB(1, 1, 1)
    press.canvas.setStrokeColorRGB(1, 1, 1)
    press.canvas.rect(x, y, width, height, 1, 1)
    press.canvas.restoreState()
    return press


def shifted(content: bytes) -> bytes:
    """Give pages whose paper begins below zero, and of which a smaller box is shown."""
    out = io.BytesIO()
    with pdfium.PdfDocument(content) as source:
        for page in source:
            left, bottom, right, top = page.get_mediabox()
            page.set_mediabox(left - 40, bottom - 30, right + 40, top + 30)
            page.set_cropbox(left, bottom, right, top)
        source.save(out)
    return out.getvalue()


def unseen(press: Press, *lines: str) -> Press:
    """Write lines that nobody sees, as text recognition lays them under a scan."""
    text = press.canvas.beginText(20, 400)
    text.setTextRenderMode(3)
    text.setFont("Helvetica", 8)
    for line in lines:
        text.textLine(line)
    press.canvas.drawText(text)
    return press


def four_up(press: Press, cells: list[Any]) -> None:
    """Lay up to four drawings on one A4, each called with its lower left corner."""
    width, height = A4
    press.page(A4)
    for place, draw in enumerate(cells):
        if draw is not None:
            draw((place % 2 * width / 2 + 4, (1 - place // 2) * height / 2 + 4))
    press.done()
