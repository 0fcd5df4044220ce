"""Which feeds and reports of Easy Ship orders this Amazon knows."""

from packline_sim.easy_ship_papers import cancellation, document_feed, pickup_reports
from packline_sim.feeds.kinds import register
from packline_sim.reports import make


def register_papers() -> None:
    """Make the feeds and reports known; doing it twice changes nothing."""
    register(document_feed.FEED_TYPE, document_feed.process)
    register(cancellation.XML_TYPE, cancellation.process_xml)
    register(cancellation.FLAT_TYPE, cancellation.process_flat)
    make.DRAWERS[document_feed.DRAWER] = document_feed.draw
    make.CONTENT_TYPES[document_feed.REPORT_TYPE] = "application/octet-stream"
    for report_type, draw in (
        (pickup_reports.PICKED_UP, pickup_reports.draw_picked_up),
        (pickup_reports.WAITING, pickup_reports.draw_waiting),
    ):
        make.DRAWERS[report_type] = draw
        make.REQUESTABLE[report_type] = report_type
