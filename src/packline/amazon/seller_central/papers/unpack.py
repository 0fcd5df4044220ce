"""Archives opened in memory, within limits: nothing is written to a disk, so a member's path can harm nobody."""

import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from packline.amazon.seller_central.papers.records import PaperError
from packline.amazon.seller_central.papers.sniff import Form, form_of
from packline.domain.values import Value

BYTES_AT_MOST = 512 * 1024 * 1024
"""Of all that is unpacked from one input; 5,000 labels with invoices are about 100 MB."""
MEMBERS_AT_MOST = 20_000
DEPTH_AT_MOST = 4
"""gzip of tar of zip of gzip; Amazon's deepest is a gzip of a tar."""
_CHUNK = 1 << 20
_LITTER = re.compile(r"(?:\A|/)(?:__MACOSX/|\._|(?:\.DS_Store|Thumbs\.db|desktop\.ini)\Z)", re.IGNORECASE)
"""What desktops leave in folders: no paper of anybody."""
_BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(OSError, ValueError, OverflowError, NotImplementedError, RuntimeError),
)
"""What the standard library raises for archives that are broken, encrypted or lie about their sizes.

Each family of archives has errors of its own; beyond them zipfile raises RuntimeError where a password is asked for and
NotImplementedError for methods of packing that it does not know, and numbers in a head that cannot be (dates, offsets,
sizes) come out as OSError, ValueError or OverflowError from wherever they are used first.
"""


class Member(Value, frozen=True):
    """One file of the input. `path` is its name in its archive ("" for the input itself): a hint, never proof."""

    path: str
    form: Form
    content: bytes


class _Allowance:
    """What may still be unpacked of this input."""

    def __init__(self) -> None:
        self.bytes = BYTES_AT_MOST
        self.members = MEMBERS_AT_MOST

    def take(self, size: int) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise _too_large(f"The file unpacks to more than {BYTES_AT_MOST >> 20} MiB")

    def member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise _too_large(f"The archive holds more than {MEMBERS_AT_MOST} files")


def _too_large(what: str) -> PaperError:
    return PaperError(f"{what}, so it was not opened.", hint="Send it in several parts.", reason="paper_too_large")


def members(content: bytes) -> tuple[Member, ...]:
    """Give all files of an input, archives within archives opened, in the order in which they lie there.

    Raises:
        PaperError: the input is empty, is a broken archive, or unpacks to more than the limits.

    """
    if not content:
        raise PaperError("The file is empty.", reason="paper_empty")
    found = tuple(_open("", content, 0, _Allowance()))
    if not found:
        raise PaperError("The archive holds no files.", reason="paper_empty")
    return found


def _open(path: str, content: bytes, depth: int, allowance: _Allowance) -> Iterator[Member]:
    form = form_of(content)
    if form not in _OPENERS or depth >= DEPTH_AT_MOST:
        allowance.member()
        yield Member(path, form, content)
        return
    try:
        for name, inner in _OPENERS[form](content, allowance):
            if _LITTER.search(name) and form_of(inner) is Form.OTHER:
                allowance.member()
                continue
            yield from _open(f"{path}/{name}" if path and name else path or name, inner, depth + 1, allowance)
    except _BROKEN as error:
        if not depth:
            raise _not_opened(form, error) from error
        allowance.member()
        yield Member(path, Form.OTHER, content)  # one broken archive among good files loses none of them


def _not_opened(form: Form, error: Exception) -> PaperError:
    return PaperError(
        f"The {form.name.lower()} file is broken or encrypted and cannot be opened: {error}.",
        hint="Download it again; if it has a password, save it without one.",
        reason="paper_broken",
    )


def _gunzip(content: bytes, allowance: _Allowance) -> Iterator[tuple[str, bytes]]:
    """Unpack all members of a gzip, as gunzip does, chunk by chunk so that a bomb stops at the limit."""
    whole, rest = io.BytesIO(), content
    while rest:
        inflater = zlib.decompressobj(wbits=31)
        while not inflater.eof:
            chunk = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            allowance.take(len(chunk))
            whole.write(chunk)
            if not chunk and not rest and not inflater.eof:
                raise EOFError("it ends too early")
        rest = inflater.unused_data.lstrip(b"\0")
    # What is only a wrapping is not counted as unpacked twice.
    allowance.take(-whole.tell() if form_of(whole.getvalue()) in _OPENERS else 0)
    yield "", whole.getvalue()


def _untar(content: bytes, allowance: _Allowance) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for entry in archive:
            if not entry.isfile():
                continue
            allowance.take(entry.size)
            held = archive.extractfile(entry)
            yield entry.name, held.read() if held else b""


def _unzip(content: bytes, allowance: _Allowance) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            out = io.BytesIO()
            with archive.open(entry) as held:
                while chunk := held.read(_CHUNK):  # the size that the directory tells may be a lie
                    allowance.take(len(chunk))
                    out.write(chunk)
            yield entry.filename, out.getvalue()


_OPENERS = {Form.GZIP: _gunzip, Form.TAR: _untar, Form.ZIP: _unzip}
