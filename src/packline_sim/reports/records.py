"""What the simulator remembers of reports and of their schedules."""

from typing import Any

import msgspec

from packline_sim.feeds.records import Fate, Status


class Report(msgspec.Struct, kw_only=True):
    """Remember one report.

    `draw` names the drawer of its content, `subject` is what the drawer draws it from: plain data that a snapshot
    can keep. `fate` is what was done to it on purpose, `end_ms` when it is due to end.
    """

    report_id: str
    seller_id: str
    report_type: str
    marketplace_ids: tuple[str, ...]
    draw: str
    subject: Any
    created_ms: int
    end_ms: int
    options: dict[str, str] = {}
    data_start_ms: int | None = None
    data_end_ms: int | None = None
    schedule_id: str | None = None
    status: Status = "IN_QUEUE"
    started_ms: int | None = None
    ended_ms: int | None = None
    document_id: str | None = None
    fate: Fate | None = None
    call_seq: int = 0


class Schedule(msgspec.Struct, kw_only=True):
    """Remember that a report is made again and again; `period` is as Amazon spells it."""

    schedule_id: str
    seller_id: str
    report_type: str
    marketplace_ids: tuple[str, ...]
    options: dict[str, str]
    period: str
    next_ms: int
    is_live: bool = True
