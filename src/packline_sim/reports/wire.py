"""What the Reports API reads, as its specification (version 2021-06-30) describes it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from packline_sim.external_fulfillment.wire import Wire

Marketplaces = Annotated[list[str], Meta(min_length=1, max_length=25)]


class CreateReport(Wire, frozen=True):
    """The body of createReport."""

    report_type: str
    marketplace_ids: Marketplaces
    report_options: dict[str, str] | None = None
    data_start_time: str | None = None
    data_end_time: str | None = None


class CreateSchedule(Wire, frozen=True):
    """The body of createReportSchedule."""

    report_type: str
    marketplace_ids: Marketplaces
    period: str
    report_options: dict[str, str] | None = None
    next_report_creation_time: str | None = None


CREATE_REPORT = msgspec.json.Decoder(CreateReport)
CREATE_SCHEDULE = msgspec.json.Decoder(CreateSchedule)
