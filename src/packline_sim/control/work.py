"""Feeds and reports: what Amazon works on, to look at, to hold up, to kill and to let go."""

import msgspec

from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.problems import not_found
from packline_sim.control.stage import Stage
from packline_sim.control.work_views import (
    DocumentView,
    FeedDetail,
    FeedView,
    ReportView,
    document_view,
    feed_view,
    report_view,
)
from packline_sim.feeds import progress
from packline_sim.feeds.records import Feed, Status
from packline_sim.reports import make
from packline_sim.reports.records import Report


class FeedQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose feeds, oldest first."""

    seller_id: str | None = None
    feed_type: str | None = None
    status: Status | None = None
    limit: Limit = 100
    after: After = None


class ReportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose reports, oldest first."""

    seller_id: str | None = None
    report_type: str | None = None
    status: Status | None = None
    limit: Limit = 100
    after: After = None


def list_feeds(stage: Stage, query: FeedQuery) -> Page[FeedView]:
    """List feeds in the order in which they were made."""
    feeds = stage.world.feeds
    chosen = (
        feed_view(feed)
        for feed in map(feeds.__getitem__, beyond(feeds, query.after))
        if query.seller_id in (None, feed.seller_id)
        and query.feed_type in (None, feed.feed_type)
        and query.status in (None, feed.status)
    )
    return page(chosen, query.limit, lambda row: row.feed_id)


def show_feed(stage: Stage, feed_id: str) -> FeedDetail:
    """Show a feed, what was uploaded for it, and its processing report."""
    feed = _feed(stage, feed_id)
    return FeedDetail(
        feed=feed_view(feed),
        input=_document(stage, feed.input_document_id),
        result=_document(stage, feed.result_document_id),
    )


def hold_feed(stage: Stage, feed_id: str) -> FeedView:
    """Let a feed be stuck: it stays IN_PROGRESS until it is released."""
    feed = _feed(stage, feed_id)
    progress.stick(stage.world, feed)
    return feed_view(feed)


def kill_feed(stage: Stage, feed_id: str) -> FeedView:
    """End a feed as FATAL now, without reading it."""
    feed = _feed(stage, feed_id)
    progress.kill(stage.world, feed)
    return feed_view(feed)


def release_feed(stage: Stage, feed_id: str) -> FeedView:
    """Read a feed and end it now, stuck or not."""
    feed = _feed(stage, feed_id)
    progress.release(stage.world, feed)
    return feed_view(feed)


def list_reports(stage: Stage, query: ReportQuery) -> Page[ReportView]:
    """List reports in the order in which they were made."""
    reports = stage.world.reports
    chosen = (
        report_view(report)
        for report in map(reports.__getitem__, beyond(reports, query.after))
        if query.seller_id in (None, report.seller_id)
        and query.report_type in (None, report.report_type)
        and query.status in (None, report.status)
    )
    return page(chosen, query.limit, lambda row: row.report_id)


def show_report(stage: Stage, report_id: str) -> ReportView:
    """Show a report."""
    return report_view(_report(stage, report_id))


def hold_report(stage: Stage, report_id: str) -> ReportView:
    """Let a report be stuck: it stays IN_PROGRESS until it is released."""
    report = _report(stage, report_id)
    make.stick(stage.world, report)
    return report_view(report)


def kill_report(stage: Stage, report_id: str) -> ReportView:
    """End a report as FATAL now."""
    report = _report(stage, report_id)
    make.kill(stage.world, report)
    return report_view(report)


def release_report(stage: Stage, report_id: str) -> ReportView:
    """Make a report's document and end it now, stuck or not."""
    report = _report(stage, report_id)
    make.release(stage.world, report)
    return report_view(report)


def _feed(stage: Stage, feed_id: str) -> Feed:
    found = stage.world.feeds.get(feed_id)
    if found is None:
        raise not_found("feed", feed_id, "GET /_sim/feeds lists them.")
    return found


def _report(stage: Stage, report_id: str) -> Report:
    found = stage.world.reports.get(report_id)
    if found is None:
        raise not_found("report", report_id, "GET /_sim/reports lists them.")
    return found


def _document(stage: Stage, document_id: str | None) -> DocumentView | None:
    file = stage.world.files.find(document_id or "")
    if file is None:
        return None
    return document_view(
        file.document_id,
        file.content_type,
        file.plain(),
        gzipped=file.gzipped,
        uploads=file.uploads,
        downloads=file.downloads,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/feeds", list_feeds),
    get("/feeds/{feed_id}", show_feed),
    post("/feeds/{feed_id}/hold", hold_feed),
    post("/feeds/{feed_id}/kill", kill_feed),
    post("/feeds/{feed_id}/release", release_feed),
    get("/reports", list_reports),
    get("/reports/{report_id}", show_report),
    post("/reports/{report_id}/hold", hold_report),
    post("/reports/{report_id}/kill", kill_report),
    post("/reports/{report_id}/release", release_report),
)
