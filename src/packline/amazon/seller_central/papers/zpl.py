"""ZPL files cut into their labels, and what each label says."""

import re

from packline.amazon.seller_central.papers.codes import Code, codes_of_picture
from packline.amazon.seller_central.papers.zpl_picture import pictures
from packline.domain.values import Value

_FORMAT = re.compile(rb"\^XA.*?\^XZ", re.IGNORECASE | re.DOTALL)
PRINTS = re.compile(rb"\^(?:FD|FV|GF|GB|GC|GD|GE|GS|XG|IM|SN|FN)", re.IGNORECASE)
_DEFINES = re.compile(rb"\^DF([^\^,]*)", re.IGNORECASE)
_DELETES = re.compile(rb"\^ID", re.IGNORECASE)
_DOWNLOAD = re.compile(rb"~D[A-Z]([^,~\^]*),", re.IGNORECASE)
_RECALLS = re.compile(rb"\^(?:XG|IM|XF|IL|A@[A-Z]?,?\d*,?\d*,)([^\^,]*)", re.IGNORECASE)
_COMMAND = re.compile(r"\^([A-Z@][A-Z0-9@])([^\^~]*)", re.IGNORECASE)
_LINEAR = {"BC", "B3", "BA", "BK", "B2", "BI", "BJ", "B1", "BL", "BM"}
_MATRIX = {"BQ", "BX", "B7", "BO", "B0", "BF", "BD", "BR"}
_SUBSET = re.compile(r">[1-9:;<=]")  # Code 128 in a field changes its subset by > and a letter (^BC)
_QR_HEAD = re.compile(
    r"\A[HQML]?[AM],(?:[NABK]\d{0,4})?"
)  # error correction and input mode stand before the data (^BQ)


class Format(Value, frozen=True):
    """One printed label: the bytes from ^XA to ^XZ, with the downloads and stored formats that it needs before it."""

    content: bytes

    def text(self) -> str:
        """Give the text of all fields that are no codes, a line each."""
        return "\n".join(text for kind, text in self._fields() if not kind)

    def codes(self) -> tuple[Code, ...]:
        """Give what the label's codes say; a label without code fields may have them in a picture."""
        told = tuple(Code(_payload(kind, text), kind in _LINEAR) for kind, text in self._fields() if kind)
        return told or tuple(code for picture in pictures(self.content) for code in codes_of_picture(picture))

    def _fields(self) -> list[tuple[str, str]]:
        """List the fields as (bar code command or "", data)."""
        found, kind, escape = [], "", ""
        for name, rest in _COMMAND.findall(self.content.decode("utf-8", "replace")):
            match name.upper():
                case "FD" | "FV":
                    found.append((kind, _unescaped(rest.strip("\r\n"), escape)))
                case "FH":
                    escape = rest[:1].strip() or "_"
                case "FS" | "XA":
                    kind = escape = ""
                case code if code in _LINEAR | _MATRIX:
                    kind = code
        return found


def formats(content: bytes) -> tuple[Format, ...]:
    """Cut a file into its labels, each of which prints by itself.

    Graphics and fonts that are loaded first, and formats that are only stored (^DF), go with every label that recalls
    them; formats that only set the printer up go with the label after them, those that clean up (^ID) with the one
    before.
    """
    stored: list[tuple[bytes, bytes]] = []
    made: list[bytes] = []
    waiting, end = b"", 0
    for found in _FORMAT.finditer(content):
        between, body, end = content[end : found.start()], found.group(), found.end()
        stored += _downloads(between)
        waiting += _DOWNLOAD_WHOLE.sub(b"", between)
        if name := _DEFINES.search(body):
            stored.append((_name(name.group(1)), body))
        elif not PRINTS.search(body):
            if made and _DELETES.search(body):
                made[-1] += waiting + body
                waiting = b""
            else:
                waiting += body
        else:
            made.append(waiting.lstrip() + _needed(body, stored) + body)
            waiting = b""
    tail = waiting + content[end:]
    if made and tail.strip():
        made[-1] += tail
    return tuple(map(Format, made)) or (Format(content),)


# A download runs to the next command that is not data: hex, base64 and line ends only.
_DOWNLOAD_WHOLE = re.compile(rb"~D[A-Z][^,~\^]*,[^~\^]*", re.IGNORECASE)


def _downloads(between: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    for whole in _DOWNLOAD_WHOLE.findall(between):
        name = _DOWNLOAD.match(whole)
        found.append((_name(name.group(1)) if name else b"", whole))
    return found


def _needed(body: bytes, stored: list[tuple[bytes, bytes]]) -> bytes:
    recalled = {_name(name) for name in _RECALLS.findall(body)}
    return b"".join(whole for name, whole in stored if name in recalled)


def _name(written: bytes) -> bytes:
    """Reduce an object's name to what tells it apart: without its drive and its extension."""
    return written.strip().upper().rsplit(b":", 1)[-1].split(b".", 1)[0]


def _unescaped(text: str, escape: str) -> str:
    if not escape:
        return text
    pattern = re.compile(rf"(?:{re.escape(escape)}[0-9A-Fa-f]{{2}})+")
    return pattern.sub(lambda run: bytes.fromhex(run.group().replace(escape, "")).decode("utf-8", "replace"), text)


def _payload(kind: str, text: str) -> str:
    if kind == "BC":
        return _SUBSET.sub("", text)
    if kind == "BQ":
        return _QR_HEAD.sub("", text)
    return text
