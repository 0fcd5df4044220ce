"""Processing reports in every shape that Amazon gives them, as one result for each item.

Names of elements are compared without case, wherever they stand: Amazon's own samples write DocumentReportReferenceID
and DocumentReportReferenceId, in a report of its own kind or in the envelope of order feeds.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from lxml import etree

from packline.amazon.seller_central.wire.parts import flat
from packline.domain.feeds import FeedItem, FeedKind, FeedResult, ItemResult

LARGEST = 256 * 1024 * 1024
_GZIP = b"\x1f\x8b"
NO_REPORT = "NoReport"
NO_REFERENCE = "NoReference"
PASSING = frozenset({"610013"})
"""Codes of single messages after which the same message can succeed: an internal failure, by Amazon's own words."""


class _Error(NamedTuple):
    code: str
    message: str


class Reported(NamedTuple):
    """What a report says: errors by message number or by order, and the reports that hold documents."""

    by_number: Mapping[str, _Error]
    by_order: Mapping[str, _Error]
    references: tuple[str, ...] = ()


class _Issue(msgspec.Struct, rename="camel", gc=False):
    message_id: int | None = None
    code: str | int = ""
    severity: str = ""
    message: str = ""


class _ListingsReport(msgspec.Struct, gc=False):
    issues: list[_Issue] | None = None


def unzipped(content: bytes, algorithm: str | None) -> bytes:
    """Unpack a document once where Amazon says GZIP and it still is: the storage may have unpacked it on its way.

    Raises ValueError for a broken or monstrous one.
    """
    if flat(algorithm) != "gzip" or not content.startswith(_GZIP):
        return content
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(content, LARGEST)
    except zlib.error as broken:
        raise ValueError(f"the packed document is broken: {broken}") from broken
    if not unpacker.eof:
        raise ValueError("the packed document is cut short or too large")
    return plain


def result(kind: FeedKind, content: bytes, items: Sequence[FeedItem]) -> FeedResult:
    """Read a report; raises ValueError for what is none."""
    reported = _json(content) if kind is FeedKind.STOCK else _xml(content)
    told = [_of(kind, str(number), item, reported) for number, item in enumerate(items, 1)]
    return FeedResult(tuple(told), reported.references)


def nothing(items: Iterable[FeedItem], code: str, message: str) -> FeedResult:
    """Tell that a feed came to nothing for any of its items."""
    return FeedResult(tuple(ItemResult(item.subject, False, code, message) for item in items))


def _of(kind: FeedKind, number: str, item: FeedItem, reported: Reported) -> ItemResult:
    error = reported.by_order.get(item.subject) or reported.by_number.get(number)
    if error is not None:
        return ItemResult(item.subject, False, error.code, error.message)
    if kind is FeedKind.DOCUMENTS and not reported.references:
        return ItemResult(item.subject, False, NO_REFERENCE, "Amazon's report names no document and no error.")
    return ItemResult(item.subject, True)


def _json(content: bytes) -> Reported:
    try:
        issues = msgspec.json.Decoder(_ListingsReport, strict=False).decode(content).issues or []
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise ValueError(f"the report is no JSON of a listings feed: {why}") from why
    found: dict[str, _Error] = {}
    for issue in issues:
        if issue.message_id is not None and flat(issue.severity) == "error":
            found.setdefault(str(issue.message_id), _Error(str(issue.code), issue.message))
    return Reported(found, {})


def _xml(content: bytes) -> Reported:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as why:
        raise ValueError(f"the report is no XML: {why}") from why
    by_number: dict[str, _Error] = {}
    by_order: dict[str, _Error] = {}
    references: list[str] = []
    for element in root.iter(etree.Element):
        name = _name(element)
        if name.endswith("reportreferenceid"):
            references += [_text(element)] if _text(element) else []
        elif (name == "errormessage" and len(element)) or (name == "result" and _is_error(element)):
            error = _error(element)
            number, order = _find(element, "messageid"), _find(element, "amazonorderid")
            by_number |= {number: error} if number and not order else {}
            by_order |= {order: error} if order else {}
    return Reported(by_number, by_order, tuple(dict.fromkeys(references)))


def _is_error(element: etree._Element) -> bool:
    return flat(_find(element, "resultcode")) == "error"


def _error(element: etree._Element) -> _Error:
    code = _find(element, "errorcode") or _find(element, "resultmessagecode")
    leaves = [
        _text(e)
        for e in element.iter(etree.Element)
        if _name(e) in ("errormessage", "resultdescription") and not len(e)
    ]
    return _Error(code, "; ".join(text for text in leaves if text))


def _find(element: etree._Element, name: str) -> str:
    return next((_text(e) for e in element.iter(etree.Element) if _name(e) == name), "")


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower()


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
