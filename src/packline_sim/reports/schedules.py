"""createReportSchedule, getReportSchedule, getReportSchedules and cancelReportSchedule."""

from typing import TYPE_CHECKING

from packline_sim.agenda import task
from packline_sim.call import Call, Reply, json_reply, moment, read_plain
from packline_sim.clock import to_iso
from packline_sim.refusals import Problem, bad_request, invalid_input, not_found
from packline_sim.reports import make
from packline_sim.reports.handlers import EMPTY, check_type
from packline_sim.reports.records import Schedule
from packline_sim.reports.wire import CREATE_SCHEDULE
from packline_sim.work_lists import check_marketplaces, several

if TYPE_CHECKING:
    from packline_sim.world import World

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
# Reports API 2021-06-30, CreateReportScheduleSpecification; a month is thirty days here.
PERIODS: dict[str, int] = {
    **{f"PT{minutes}M": minutes * MINUTE for minutes in (5, 15, 30)},
    **{f"PT{hours}H": hours * HOUR for hours in (1, 2, 4, 8, 12, 84)},
    **{f"P{days}D": days * DAY for days in (1, 2, 3, 7, 14, 15, 18, 30)},
    "P1M": 30 * DAY,
}


def create_report_schedule(call: Call) -> Reply:
    """Answer createReportSchedule with 201; it takes the place of one for the same type and marketplaces."""
    request = read_plain(call, CREATE_SCHEDULE)
    check_type(request.report_type)
    check_marketplaces(call, request.marketplace_ids)
    if request.period not in PERIODS:
        raise bad_request(invalid_input(request.period, "period", f"Must be one of: {', '.join(PERIODS)}."))
    world, now = call.world, call.world.clock.now_ms()
    first = moment(request.next_report_creation_time, "nextReportCreationTime")
    schedule = Schedule(
        schedule_id=world.streams.digits("schedule", 12),
        seller_id=call.seller.seller_id,
        report_type=request.report_type,
        marketplace_ids=tuple(request.marketplace_ids),
        options=request.report_options or {},
        period=request.period,
        next_ms=max(now, now + PERIODS[request.period] if first is None else first),
    )
    _replace(world, schedule)
    world.agenda.put(world, schedule.next_ms, DUE, schedule.schedule_id)
    return json_reply({"reportScheduleId": schedule.schedule_id}, 201)


def get_report_schedules(call: Call) -> Reply:
    """Answer getReportSchedules."""
    types = several(call, "reportTypes", most=10)
    if not types:
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'reportTypes'"))
    found = (
        schedule
        for schedule in call.world.schedules.values()
        if schedule.is_live and schedule.seller_id == call.seller.seller_id and schedule.report_type in types
    )
    return json_reply({"reportSchedules": [_body(schedule) for schedule in found]})


def get_report_schedule(call: Call) -> Reply:
    """Answer getReportSchedule."""
    return json_reply(_body(_schedule(call)))


def cancel_report_schedule(call: Call) -> Reply:
    """Answer cancelReportSchedule."""
    _schedule(call).is_live = False
    call.world.change_seq += 1
    return EMPTY


def _replace(world: "World", schedule: Schedule) -> None:
    for other in world.schedules.values():
        same = (other.seller_id, other.report_type) == (schedule.seller_id, schedule.report_type)
        if same and set(other.marketplace_ids) == set(schedule.marketplace_ids):
            other.is_live = False
    world.schedules[schedule.schedule_id] = schedule
    world.change_seq += 1


def _due(world: "World", schedule_id: str) -> None:
    schedule = world.schedules.get(schedule_id)
    if schedule is None or not schedule.is_live:
        return
    make.create_report(
        world,
        schedule.seller_id,
        schedule.report_type,
        schedule.marketplace_ids,
        make.REQUESTABLE[schedule.report_type],
        None,
        options=schedule.options,
        schedule_id=schedule_id,
    )
    schedule.next_ms += PERIODS[schedule.period]
    world.agenda.put(world, schedule.next_ms, DUE, schedule_id)


def _schedule(call: Call) -> Schedule:
    found = call.world.schedules.get(call.ids[0])
    if found is None or not found.is_live or found.seller_id != call.seller.seller_id:
        raise not_found("reportScheduleId", call.ids[0])
    return found


def _body(schedule: Schedule) -> dict[str, object]:
    body: dict[str, object] = {
        "reportScheduleId": schedule.schedule_id,
        "reportType": schedule.report_type,
        "marketplaceIds": schedule.marketplace_ids,
        "period": schedule.period,
        "nextReportCreationTime": to_iso(schedule.next_ms),
    }
    if schedule.options:
        body["reportOptions"] = schedule.options
    return body


DUE = task("report_schedule", _due)
