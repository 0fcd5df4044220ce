"""What a file is, by its bytes and never by its name."""

import re
from enum import StrEnum


class Form(StrEnum):
    """A form that papers come in."""

    PDF = "application/pdf"
    ZPL = "application/zpl"
    TAR = "application/x-tar"
    ZIP = "application/zip"
    GZIP = "application/gzip"
    OTHER = "application/octet-stream"


_PDF_WITHIN = 1024  # readers accept that many bytes before the header (PDF 1.7, appendix H.3, note 13)
_ZPL = re.compile(rb"\A[\x00-\x20\xef\xbb\xbf]*(?:\^XA|~[A-Z]{2}|\^FX|\$\{?\^XA|CT~~)", re.IGNORECASE)
_ZPL_FORMAT = re.compile(rb"\^XA.*?\^XZ", re.IGNORECASE | re.DOTALL)
_TAR_MAGIC = 257


def form_of(content: bytes) -> Form:
    """Tell the form of a file: PDF, ZPL, tar, zip or gzip, else OTHER."""
    if content.startswith(b"\x1f\x8b"):
        return Form.GZIP
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Form.ZIP
    if content[_TAR_MAGIC : _TAR_MAGIC + 5] == b"ustar" or _old_tar(content):
        return Form.TAR
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return Form.PDF
    if _ZPL.match(content[:512]) or _ZPL_FORMAT.search(content[:65536]):
        return Form.ZPL
    return Form.OTHER


def _old_tar(content: bytes) -> bool:
    """Recognise a tar from before POSIX, which has no magic word, by the check sum of its first header."""
    header = content[:512]
    if len(header) < 512 or len(content) % 512 or not header[0]:
        return False
    try:
        told = int(header[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return told == sum(header[:148]) + 8 * 0x20 + sum(header[156:])
