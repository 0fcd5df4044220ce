"""Feeds and reports as the control API shows them."""

import base64

import msgspec

from packline_sim.feeds.records import Fate, Feed, Status
from packline_sim.reports.records import Report


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a feed; `fate` is what was done to it on purpose, `end_ms` when it is or was due to end."""

    feed_id: str
    seller_id: str
    client_id: str
    feed_type: str
    marketplace_ids: tuple[str, ...]
    status: Status
    fate: Fate | None
    created_ms: int
    started_ms: int | None
    end_ms: int
    ended_ms: int | None
    input_document_id: str
    result_document_id: str | None
    options: dict[str, str]


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a report; `fate` is what was done to it on purpose, `end_ms` when it is or was due to end."""

    report_id: str
    seller_id: str
    report_type: str
    marketplace_ids: tuple[str, ...]
    status: Status
    fate: Fate | None
    created_ms: int
    started_ms: int | None
    end_ms: int
    ended_ms: int | None
    document_id: str | None
    schedule_id: str | None


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a document: its text when it is text, else its bytes in base64; `size` in bytes, all of it unzipped."""

    document_id: str
    content_type: str
    gzipped: bool
    uploads: int
    downloads: int
    size: int | None
    text: str | None = None
    base64: str | None = None


class FeedDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Show a feed with what was uploaded for it and what came of it."""

    feed: FeedView
    input: DocumentView | None
    result: DocumentView | None


def feed_view(feed: Feed) -> FeedView:
    """Show a feed."""
    return msgspec.convert(feed, FeedView, from_attributes=True)


def report_view(report: Report) -> ReportView:
    """Show a report."""
    return msgspec.convert(report, ReportView, from_attributes=True)


def document_view(
    document_id: str, content_type: str, content: bytes | None, *, gzipped: bool, uploads: int, downloads: int
) -> DocumentView:
    """Show a document with its unzipped content."""
    shown = DocumentView(
        document_id=document_id,
        content_type=content_type,
        gzipped=gzipped,
        uploads=uploads,
        downloads=downloads,
        size=None if content is None else len(content),
    )
    if content is None:
        return shown
    try:
        return msgspec.structs.replace(shown, text=content.decode())
    except UnicodeDecodeError:
        return msgspec.structs.replace(shown, base64=base64.b64encode(content).decode())
