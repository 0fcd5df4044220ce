"""createReport, getReport, getReports, cancelReport and getReportDocument."""

from typing import Any

from packline_sim.call import Call, Reply, json_reply, moment, read_plain
from packline_sim.clock import to_iso
from packline_sim.progress import BadMove
from packline_sim.refusals import Problem, Refusal, bad_request, invalid_input, not_found, unauthorized
from packline_sim.reports import make
from packline_sim.reports.records import Report
from packline_sim.reports.wire import CREATE_REPORT, CreateReport
from packline_sim.stored_files import StoredFile, describe
from packline_sim.work_lists import check_marketplaces, flag, read_filters, take_page

EMPTY = Reply(200)


def create_report(call: Call) -> Reply:
    """Answer createReport with 202."""
    request = read_plain(call, CREATE_REPORT)
    check_type(request.report_type)
    check_marketplaces(call, request.marketplace_ids)
    start, end = _data_times(request)
    report_id = make.create_report(
        call.world,
        call.seller.seller_id,
        request.report_type,
        tuple(request.marketplace_ids),
        make.REQUESTABLE[request.report_type],
        None,
        options=request.report_options or {},
        data_start_ms=start,
        data_end_ms=end,
    )
    return json_reply({"reportId": report_id}, 202)


def get_report(call: Call) -> Reply:
    """Answer getReport."""
    call.world.agenda.run_due(call.world)
    return json_reply(_body(_report(call)))


def get_reports(call: Call) -> Reply:
    """Answer getReports: the newest first, at most ninety days old."""
    call.world.agenda.run_due(call.world)
    filters = read_filters(call, "reportTypes")
    newest = reversed(call.world.reports.values())
    page, token = take_page(call, filters, newest, lambda report: report.report_id, lambda report: report.report_type)
    body: dict[str, object] = {"reports": [_body(report) for report in page]}
    if token is not None:
        body["nextToken"] = token
    return json_reply(body)


def cancel_report(call: Call) -> Reply:
    """Answer cancelReport, which works only while the report waits."""
    call.world.agenda.run_due(call.world)
    report = _report(call)
    try:
        make.cancel(call.world, report)
    except BadMove as late:
        if call.world.switches["late_cancel"] == "400":
            raise bad_request(Problem("InvalidInput", str(late))) from None
    return EMPTY


def get_report_document(call: Call) -> Reply:
    """Answer getReportDocument: an address to download from; restricted types demand a restricted data token."""
    file = call.world.files.get(call.ids[0], call.seller.seller_id)
    if file is None or file.drawn_for is None:
        raise not_found("reportDocumentId", call.ids[0])
    _check_restricted(call, file)
    says = flag(call, "enableContentEncodingUrlHeader")
    return json_reply(describe(call.world, file, call.base_url, name="reportDocumentId", says_encoding=says))


def check_type(report_type: str) -> None:
    """Check that this Amazon makes reports of a type. Raises Refusal 400."""
    if report_type not in make.REQUESTABLE:
        raise bad_request(invalid_input(report_type, "reportType", "There is no such report type."))


def _check_restricted(call: Call, file: StoredFile) -> None:
    report = call.world.reports[file.drawn_for or ""]
    is_restricted = report.report_type in make.RESTRICTED
    has_token = call.token is not None and bool(call.token.paths)
    demands = call.world.switches["report_restricted_token"] == "required"  # noqa: S105 - a switch
    if is_restricted and demands and not has_token:
        raise unauthorized(403, "")


def _data_times(request: CreateReport) -> tuple[int | None, int | None]:
    start = moment(request.data_start_time, "dataStartTime")
    end = moment(request.data_end_time, "dataEndTime")
    if start is not None and end is not None and end < start:
        raise Refusal(400, invalid_input(request.data_end_time, "dataEndTime", "It lies before dataStartTime."))
    return start, end


def _report(call: Call) -> Report:
    report = call.world.reports.get(call.ids[0])
    if report is None or report.seller_id != call.seller.seller_id:
        raise not_found("reportId", call.ids[0])
    return report


def _body(report: Report) -> dict[str, Any]:
    times = {
        "dataStartTime": report.data_start_ms,
        "dataEndTime": report.data_end_ms,
        "processingStartTime": report.started_ms,
        "processingEndTime": report.ended_ms,
    }
    ids = {"reportScheduleId": report.schedule_id, "reportDocumentId": report.document_id}
    return {
        "reportId": report.report_id,
        "reportType": report.report_type,
        "marketplaceIds": report.marketplace_ids,
        "createdTime": to_iso(report.created_ms),
        "processingStatus": report.status,
        **{name: to_iso(value) for name, value in times.items() if value is not None},
        **{name: value for name, value in ids.items() if value is not None},
    }
