"""The operations of the Reports API: names, paths, queries, handlers."""

from packline_sim.operation import Operation, operation
from packline_sim.reports import handlers, make, schedules

BASE = "/reports/2021-06-30"
FILTERS = "reportTypes processingStatuses marketplaceIds pageSize createdSince createdUntil nextToken"
ENCODING = "enableContentEncodingUrlHeader"
# Only the feed POST_EASYSHIP_DOCUMENTS makes it; asked for by createReport it ends FATAL.
make.REQUESTABLE["GET_EASYSHIP_DOCUMENTS"] = make.NEVER_DRAWN

OPERATIONS: tuple[Operation, ...] = (
    operation("getReports", "GET", f"{BASE}/reports", FILTERS, handlers.get_reports, writes=False),
    operation("createReport", "POST", f"{BASE}/reports", "", handlers.create_report, writes=False),
    operation("getReport", "GET", f"{BASE}/reports/{{}}", "", handlers.get_report, writes=False),
    operation("cancelReport", "DELETE", f"{BASE}/reports/{{}}", "", handlers.cancel_report, writes=False),
    operation(
        "getReportDocument", "GET", f"{BASE}/documents/{{}}", ENCODING, handlers.get_report_document, writes=False
    ),
    operation(
        "getReportSchedules", "GET", f"{BASE}/schedules", "reportTypes", schedules.get_report_schedules, writes=False
    ),
    operation("createReportSchedule", "POST", f"{BASE}/schedules", "", schedules.create_report_schedule, writes=False),
    operation("getReportSchedule", "GET", f"{BASE}/schedules/{{}}", "", schedules.get_report_schedule, writes=False),
    operation(
        "cancelReportSchedule", "DELETE", f"{BASE}/schedules/{{}}", "", schedules.cancel_report_schedule, writes=False
    ),
)
