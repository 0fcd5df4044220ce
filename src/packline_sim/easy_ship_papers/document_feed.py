"""POST_EASYSHIP_DOCUMENTS: which papers are asked for, which exist, and the reports that will hold them."""

import random
from typing import TYPE_CHECKING, NamedTuple

from packline_sim.delays import falls_to
from packline_sim.documents.easy_ship.binder import bind
from packline_sim.easy_ship.capabilities import capability
from packline_sim.easy_ship_papers.archive import papers_tar
from packline_sim.easy_ship_papers.envelope import Malformed, Message, read_messages, texts
from packline_sim.easy_ship_papers.gathering import order_papers, warranty_data
from packline_sim.easy_ship_papers.kinds import INVOICE, KINDS, WARRANTY, binding
from packline_sim.easy_ship_papers.reports import Failure, Handled, document_report
from packline_sim.faults import DOCUMENT_OPERATION
from packline_sim.feeds.kinds import Outcome
from packline_sim.feeds.records import Feed
from packline_sim.orders.records import EasyShipPackage, Order
from packline_sim.reports.make import create_report
from packline_sim.reports.records import Report

if TYPE_CHECKING:
    from packline_sim.world import World

FEED_TYPE = "POST_EASYSHIP_DOCUMENTS"
REPORT_TYPE = "GET_EASYSHIP_DOCUMENTS"
DRAWER = "easy_ship_documents"
INTERNAL_FAILURE = Failure("610013", "Internal service failure. Please retry after some time.")
# Of the codes only 610013 is known from production; the others are this simulator's, in the same range.
UNKNOWN_ORDER = Failure("610001", "The order does not exist.")
NOT_EASY_SHIP = Failure("610002", "The order is not an Easy Ship order.")
NOT_SCHEDULED = Failure("610003", "The order is not scheduled.")
UNKNOWN_KIND = Failure("610004", "The document type is not one of ShippingLabel, Invoice, Warranty.")
UNAVAILABLE = Failure("610005", "The document is not available for the order.")
UNSUPPORTED = Failure("610006", "Documents are not supported for the order's marketplace.")
TOO_EARLY = Failure("610007", "The label of the order cannot be printed yet.")
TOO_MANY = Failure("610008", "The feed has more orders than one feed takes.")
_BY_NAME = {name.lower(): name for name in KINDS}


class Chosen(NamedTuple):
    """Name the papers that were granted to an order; plain data that a report keeps."""

    order_id: str
    package_id: str
    kinds: tuple[str, ...]


class _Refused(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class _Unserved(Exception):
    """The whole feed ends FATAL."""


def process(world: "World", feed: Feed, content: bytes) -> Outcome:
    """Grant or refuse the papers of each message, make the reports that hold them, write the processing report."""
    try:
        messages = read_messages(content, "EasyShipDocument")
        rows = [_handle(world, feed, message, place) for place, message in enumerate(messages, 1)]
    except (Malformed, _Unserved) as why:
        with_text = world.switches["fatal_feed_report"] == "text"
        return Outcome("FATAL", f"{why}\n".encode() if with_text else None, "text/plain; charset=UTF-8")
    granted = [row for _, row in rows if row is not None]
    per_order = world.switches["document_reports"] == "per_order"
    references = _reports(world, feed, granted, per_order=per_order)
    handled = [told if row is None else told._replace(reference=references[row.order_id]) for told, row in rows]
    shape = world.switches["document_report_shape"]
    return Outcome("DONE", document_report(feed.feed_id, handled, shape=shape, per_order=per_order))


def draw(world: "World", report: Report) -> bytes:
    """Draw a report of papers: PDF, or tar; the same again gives the same bytes."""
    chosen = [Chosen(*row) for row in report.subject]
    pairs = [(world.order(row.order_id), row) for row in chosen]
    papers = [order_papers(world, order, _package(order, row.package_id), row.kinds) for order, row in pairs]
    if _is_archive(world, [order for order, _ in pairs]):
        formats = [_package(order, row.package_id).label_format for order, row in pairs]
        return papers_tar(world, papers, formats)
    stream = random.Random(f"{world.seed}|papers|{report.report_id}")
    return bind(papers, binding(world), stream, f"Easy Ship documents {report.report_id}")


def _handle(world: "World", feed: Feed, message: Message, place: int) -> tuple[Handled, Chosen | None]:
    order_id = next(texts(message.content, "AmazonOrderID"), "")
    told = Handled(message.message_id, order_id)
    try:
        _check_room(world, place)
        return told, _grant(world, feed, order_id, message)
    except _Refused as refused:
        return told._replace(failure=refused.failure), None


def _grant(world: "World", feed: Feed, order_id: str, message: Message) -> Chosen:
    order = world.orders.get(order_id)
    if order is None or order.seller_id != feed.seller_id or order.marketplace_id not in feed.marketplace_ids:
        raise _Refused(UNKNOWN_ORDER)
    if not order.is_easy_ship:
        raise _Refused(NOT_EASY_SHIP)
    row = capability(world, order.marketplace_id)
    if row is None or not row.document_feed:
        if world.switches["unsupported_document_feed"] == "fatal":
            raise _Unserved(UNSUPPORTED.text)
        raise _Refused(UNSUPPORTED)
    package = order.live_package
    if package is None:
        raise _Refused(NOT_SCHEDULED)
    if _is_early(world, order):
        raise _Refused(TOO_EARLY)
    kinds = _available(world, order, package, _wanted(feed, message))
    fault = world.faults.strike(DOCUMENT_OPERATION, order.seller_id, order_id) if world.faults else None
    if fault is not None or falls_to(world, "document_failure_share"):
        raise _Refused(INTERNAL_FAILURE)
    package.documents_made += 1
    return Chosen(order_id, package.package_id, kinds)


def _check_room(world: "World", place: int) -> None:
    most = world.switches["document_feed_most_orders"]
    if most != "unlimited" and place > int(most):
        raise _Refused(TOO_MANY)


def _is_early(world: "World", order: Order) -> bool:
    early = order.label_from_ms is not None and order.label_from_ms > world.clock.now_ms()
    return early and world.switches["early_label"] == "error"


def _wanted(feed: Feed, message: Message) -> tuple[str, ...]:
    """Read the wanted kinds: the XML wins over the feed's options; without any word all that exist are meant."""
    named = [text for text in texts(message.content, "DocumentType") if text]
    if not named and "DocumentType" in feed.options:
        named = [feed.options["DocumentType"]]
    unknown = [name for name in named if name.lower() not in _BY_NAME]
    if unknown:
        raise _Refused(UNKNOWN_KIND)
    return tuple(dict.fromkeys(_BY_NAME[name.lower()] for name in named))


def _available(world: "World", order: Order, package: EasyShipPackage, wanted: tuple[str, ...]) -> tuple[str, ...]:
    missing = set()
    if package.invoice_number is None:
        missing.add(INVOICE)
    if not warranty_data(world, order, package):
        missing.add(WARRANTY)
    if INVOICE in missing and INVOICE in wanted and world.switches["unavailable_document"] == "error":
        raise _Refused(UNAVAILABLE)
    kinds = tuple(name for name in wanted or KINDS if name not in missing)
    if not kinds:
        raise _Refused(UNAVAILABLE)
    return kinds


def _reports(world: "World", feed: Feed, granted: list[Chosen], *, per_order: bool) -> dict[str, str]:
    """Make the reports; gives the id of each order's."""
    merged: dict[str, Chosen] = {}
    for row in granted:
        before = merged.get(row.order_id, row)
        kinds = tuple(name for name in KINDS if name in before.kinds or name in row.kinds)
        merged[row.order_id] = row._replace(kinds=kinds)
    groups = [[row] for row in merged.values()] if per_order else [list(merged.values())]
    references: dict[str, str] = {}
    for group in groups:
        if group:
            references |= dict.fromkeys((row.order_id for row in group), _make(world, feed, group))
    return references


def _make(world: "World", feed: Feed, group: list[Chosen]) -> str:
    subject = tuple(tuple(row) for row in group)
    return create_report(
        world, feed.seller_id, REPORT_TYPE, feed.marketplace_ids, DRAWER, subject, report_id=_old_id(world)
    )


def _old_id(world: "World") -> str | None:
    if world.switches["document_report_shape"] == "current":
        return None
    return f"amzn1.easyship.document.{world.streams.uuid('easyship-document')}"


def _is_archive(world: "World", orders: list[Order]) -> bool:
    mode = world.switches["papers_archive"]
    if mode != "by_marketplace":
        return mode == "always"
    rows = (capability(world, order.marketplace_id) for order in orders)
    return any(row is not None and row.archive for row in rows)


def _package(order: Order, package_id: str) -> EasyShipPackage:
    return next(package for package in order.packages if package.package_id == package_id)
