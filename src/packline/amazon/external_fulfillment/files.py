"""Documents as Amazon hands them over: the bytes tell what they are, not the label on them."""

import base64
import binascii
import zlib

from packline.domain.values import File, file_of

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)

LARGEST_LABEL = 32 * 1024 * 1024


def media_type(content: bytes) -> str:
    """Tell a document's type by its first bytes; text that starts a Zebra format is ZPL, any other is plain text."""
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    start = content.lstrip()[:512]
    if b"^XA" in start or start.startswith((b"~DG", b"^FX", b"CT~~")):
        return "application/zpl"
    return "text/plain"


def stored(content: bytes) -> File:
    """Make a file of downloaded bytes."""
    return file_of(content, media_type(content))


def label(content: bytes) -> File | None:
    """Make a file of a downloaded label; None for what no printer takes: nothing, HTML, XML, JSON, a broken archive.

    File stores answer 200 with a page about their trouble now and then, and some hand out gzip without saying so.
    """
    plain = _unpacked(content) if content.startswith(b"\x1f\x8b") else content
    start = plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return None if start in (b"", b"<", b"{") else stored(plain)


def from_base64(content: str) -> File | None:
    """Make a file of a base64 document; None where the text is empty or no base64."""
    try:
        decoded = base64.b64decode(content.encode(), validate=False)
    except (binascii.Error, ValueError):
        return None
    return stored(decoded) if decoded else None


def _unpacked(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(content, LARGEST_LABEL)
    except zlib.error:
        return b""
    return plain if unpacker.eof else b""
