"""The life of a report: it is asked for or made by a feed, waits, is worked on, ends with a document or without."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from packline_sim.agenda import task
from packline_sim.delays import delay_ms
from packline_sim.faults import REPORT_OPERATION
from packline_sim.feeds.records import Status
from packline_sim.progress import BadMove
from packline_sim.reports.records import Report
from packline_sim.stored_files import chooses_gzip

if TYPE_CHECKING:
    from packline_sim.world import World

Drawer = Callable[["World", Report], bytes]
QUEUED_SHARE = 0.4
DRAWERS: dict[str, Drawer] = {}
"""Name of a drawer -> what makes a report's content when it is first fetched."""
REQUESTABLE: dict[str, str] = {}
"""Type of report that createReport takes -> name of its drawer; NEVER_DRAWN ends FATAL."""
NEVER_DRAWN = ""
CONTENT_TYPES: dict[str, str] = {}
"""Type of report -> Content-Type of its document, where it is not the usual one."""
RESTRICTED = frozenset(
    {
        "GET_EASYSHIP_DOCUMENTS",
        "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
        "GET_ORDER_REPORT_DATA_SHIPPING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX",
        "GET_GST_MTR_B2B_CUSTOM",
    }
)
"""Types whose document needs a restricted data token (Tokens API guide)."""
USUAL_CONTENT_TYPE = "text/plain; charset=UTF-8"


def create_report(
    world: "World",
    seller_id: str,
    report_type: str,
    marketplace_ids: tuple[str, ...],
    draw: str,
    subject: Any,
    *,
    delay_ms: int | None = None,
    report_id: str | None = None,
    **fields: Any,
) -> str:
    """Put a report into the queue, to be drawn by `draw` from `subject`; gives its id.

    `subject` must be picklable. `delay_ms` None takes the switch `report_seconds`, `report_id` None a new number.
    `fields` are further fields of the record: options, data_start_ms, data_end_ms, schedule_id.
    """
    now = world.clock.now_ms()
    report = Report(
        report_id=report_id or world.streams.digits("report", 12),
        seller_id=seller_id,
        report_type=report_type,
        marketplace_ids=marketplace_ids,
        draw=draw,
        subject=subject,
        created_ms=now,
        end_ms=now + (_drawn_delay(world) if delay_ms is None else delay_ms),
        call_seq=world.current_call,
        **fields,
    )
    world.reports[report.report_id] = report
    _tell(world, report, None)
    world.agenda.put(world, now + round((report.end_ms - now) * QUEUED_SHARE), START, report.report_id)
    return report.report_id


def cancel(world: "World", report: Report) -> None:
    """Cancel a report that waits. Raises BadMove."""
    if report.status != "IN_QUEUE":
        raise BadMove(f"Report {report.report_id} is {report.status}; only one that is IN_QUEUE can be cancelled.")
    _finish(world, report, "CANCELLED")


def stick(world: "World", report: Report) -> None:
    """Let a report stay IN_PROGRESS until it is released. Raises BadMove for one that has ended."""
    _check_open(report)
    report.fate = "stuck"
    if report.status == "IN_QUEUE":
        _begin(world, report)


def kill(world: "World", report: Report) -> None:
    """End a report as FATAL now. Raises BadMove for one that has ended."""
    _check_open(report)
    report.fate = "fatal"
    _finish(world, report, "FATAL")


def release(world: "World", report: Report) -> None:
    """Let a report go on and end now. Raises BadMove for one that has ended."""
    _check_open(report)
    report.fate = None
    if report.status == "IN_QUEUE":
        _begin(world, report)
    _complete(world, report)


def draw_content(world: "World", report_id: str) -> bytes:
    """Draw the content of a report."""
    report = world.reports[report_id]
    return DRAWERS[report.draw](world, report)


def _drawn_delay(world: "World") -> int:
    return delay_ms(world, "report_seconds")


def _start_due(world: "World", report_id: str) -> None:
    report = world.reports.get(report_id)
    if report is None or report.status != "IN_QUEUE":
        return
    _begin(world, report)
    fault = world.faults.strike(REPORT_OPERATION, report.seller_id, report.report_type) if world.faults else None
    if fault is not None and report.fate is None:
        report.fate = "stuck" if fault.rule.kind == "stuck" else "fatal"
    world.agenda.put(world, report.end_ms, END, report_id)


def _end_due(world: "World", report_id: str) -> None:
    report = world.reports.get(report_id)
    if report is None or report.status != "IN_PROGRESS" or report.fate == "stuck":
        return
    _complete(world, report)


def _begin(world: "World", report: Report) -> None:
    report.status = "IN_PROGRESS"
    report.started_ms = world.clock.now_ms()
    _tell(world, report, "IN_QUEUE")


def _complete(world: "World", report: Report) -> None:
    if report.fate == "fatal" or report.draw == NEVER_DRAWN:
        _finish(world, report, "FATAL")
        return
    content_type = CONTENT_TYPES.get(report.report_type, USUAL_CONTENT_TYPE)
    gzipped = chooses_gzip(world, is_report=True)
    file = world.files.create(world, report.seller_id, content_type, gzipped=gzipped, drawn_for=report.report_id)
    report.document_id = file.document_id
    _finish(world, report, "DONE")


def _finish(world: "World", report: Report, status: Status) -> None:
    before = report.status
    report.status = status
    report.ended_ms = world.clock.now_ms()
    _tell(world, report, before)


def _check_open(report: Report) -> None:
    if report.status not in ("IN_QUEUE", "IN_PROGRESS"):
        raise BadMove(f"Report {report.report_id} is {report.status}; what has ended stays as it is.")


def _tell(world: "World", report: Report, before: str | None) -> None:
    world.tell(
        "report_status", report.seller_id, report.report_id, report.report_type, before=before, after=report.status
    )


START = task("report_start", _start_due)
END = task("report_end", _end_due)
