"""Text that fits: what the standard fonts can show, how wide it runs, where it breaks."""

import unicodedata
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics

REGULAR = "Helvetica"
BOLD = "Helvetica-Bold"
SMALLEST = 16
string_width = lru_cache(16_384)(pdfmetrics.stringWidth)  # most words come again
_UNDIVIDED = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "ẞ": "SS"}  # letters that Unicode does not take apart
_WIDEST = 1.02  # of the size: no letter of the two fonts is wider


def printable(text: str) -> str:
    """Write text with the letters that label printers and the standard PDF fonts have (Windows-1252).

    Accents that are missing there are dropped, line breaks become spaces, what remains unknown becomes a question mark.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_letter(char) for char in unicodedata.normalize("NFC", text)).strip()


def fitted(text: str, size: int, width: int, font: str = REGULAR) -> tuple[str, int]:
    """Shrink text into a width, down to the smallest legible size, and cut what still stands out."""
    text = printable(text)
    if len(text) * size * _WIDEST <= width:
        return text, size
    needed = string_width(text, font, size)
    if needed <= width:
        return text, size
    size = max(SMALLEST, int(size * width / needed))
    while string_width(text, font, size) > width and len(text) > 1:
        text = text[:-2].rstrip() + "…"
    return text, size


def wrapped(text: str, size: float, width: float, font: str = REGULAR) -> list[str]:
    """Break text into lines of a width, at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in _pieces(printable(text), size, width, font):
        longer = f"{line} {word}".strip()
        if line and string_width(longer, font, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _pieces(text: str, size: float, width: float, font: str) -> list[str]:
    pieces = []
    for word in text.split():
        rest = word
        while string_width(rest, font, size) > width and len(rest) > 1:
            fits = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or string_width(rest[:n], font, size) <= width)
            pieces.append(rest[:fits])
            rest = rest[fits:]
        pieces.append(rest)
    return pieces


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    if _is_known(char):
        return char
    plain = _UNDIVIDED.get(char) or "".join(
        part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
    )
    return plain if plain and all(_is_known(part) for part in plain) else "?"


def _is_known(char: str) -> bool:
    return bool(char.encode("cp1252", "ignore"))
