"""Reports: asked for or made by feeds, drawn when fetched, restricted, scheduled, cancelled, stuck."""

from collections.abc import Iterator
from typing import Any

import pytest

from packline_sim.faults import FaultRule
from packline_sim.progress import BadMove
from packline_sim.reports import make
from packline_sim.reports.records import Report
from packline_sim.world import World
from sim.feeds.desk import INDIA, REPORTS, Desk

TYPE = "TEST_REPORT"
drawn: list[str] = []


@pytest.fixture(autouse=True)
def drawer() -> Iterator[None]:
    """Have a type of report that says what it is about."""

    def draw(world: World, report: Report) -> bytes:
        drawn.append(report.report_id)
        return f"about {report.subject}".encode()

    make.DRAWERS["test"] = draw
    make.REQUESTABLE[TYPE] = "test"
    drawn.clear()
    yield
    del make.DRAWERS["test"], make.REQUESTABLE[TYPE]


async def create(desk: Desk, report_type: str = TYPE, **changes: Any) -> Any:
    return await desk.call(
        "POST", f"{REPORTS}/reports", {"reportType": report_type, "marketplaceIds": [INDIA], **changes}
    )


async def document(desk: Desk, report_id: str) -> Any:
    return await desk.call("GET", f"{REPORTS}/documents/{(await desk.report(report_id))['reportDocumentId']}")


async def test_a_report_is_asked_for_and_drawn_when_it_is_first_fetched(desk: Desk, world: World) -> None:
    """Queue, work, document; the drawing happens once, at the first download."""
    world.switches.update({"report_seconds": "30"})
    answer = await create(desk, dataStartTime="2026-01-01T00:00:00Z")
    report_id = answer.json()["reportId"]
    assert (answer.status, report_id.isdigit()) == (202, True)
    assert (await desk.report(report_id))["processingStatus"] == "IN_QUEUE"
    world.clock.advance(15)
    assert (await desk.report(report_id))["processingStatus"] == "IN_PROGRESS"
    world.clock.advance(15)
    shown = await desk.report(report_id)
    assert (shown["processingStatus"], shown["dataStartTime"]) == ("DONE", "2026-01-01T00:00:00.000Z")
    described = (await document(desk, report_id)).json()
    assert drawn == []
    assert described["compressionAlgorithm"] == "GZIP"
    assert [await desk.content(described) for _ in range(2)] == [b"about None"] * 2
    assert drawn == [report_id]


async def test_drawings_that_grow_too_many_are_drawn_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many bytes of drawings are kept; the oldest give way and come back when asked for."""
    monkeypatch.setattr("packline_sim.stored_files.KEPT_BYTES", 50)
    ids = [make.create_report(desk.world, desk.seller_id, TYPE, (INDIA,), "test", n, delay_ms=0) for n in range(3)]
    for _ in range(2):
        for number, report_id in enumerate(ids):
            described = (await document(desk, report_id)).json()
            assert await desk.content(described) == f"about {number}".encode()
    assert len(drawn) > 3


async def test_documents_of_easy_ship_orders_come_from_feeds_only(desk: Desk) -> None:
    """createReport with GET_EASYSHIP_DOCUMENTS is taken and ends FATAL."""
    report_id = (await create(desk, "GET_EASYSHIP_DOCUMENTS")).json()["reportId"]
    shown = await desk.report(report_id)
    assert shown["processingStatus"] == "FATAL"
    assert "reportDocumentId" not in shown


async def test_restricted_documents_need_a_token_for_their_own_path(desk: Desk, world: World) -> None:
    """403 with the plain token or another document's; 200 with the right one, or by switch without."""
    mine, other = [
        make.create_report(world, desk.seller_id, "GET_EASYSHIP_DOCUMENTS", (INDIA,), "test", n, delay_ms=0)
        for n in range(2)
    ]
    refused = await document(desk, mine)
    assert (refused.status, refused.code) == (403, "Unauthorized")
    paths = [f"{REPORTS}/documents/{(await desk.report(each))['reportDocumentId']}" for each in (mine, other)]
    plain = desk.client.token
    desk.client.token = (await desk.restricted(paths[1])).json()["restrictedDataToken"]
    assert (await desk.call("GET", paths[0])).status == 403
    assert (await desk.call("GET", paths[1])).status == 200
    desk.client.token = plain
    world.switches.update({"report_restricted_token": "off"})
    assert (await document(desk, mine)).status == 200


@pytest.mark.parametrize(
    "resource",
    [
        {"method": "GET", "path": f"{REPORTS}/documents/{{reportDocumentId}}"},
        {"method": "POST", "path": f"{REPORTS}/documents/amzn1"},
        {"method": "GET", "path": "/feeds/2021-06-30/feeds"},
        {"method": "GET", "path": "/orders/v0/orders/{orderId}", "dataElements": ["shoeSize"]},
        {"method": "LIST", "path": "/orders/v0/orders"},
        {"path": "/orders/v0/orders"},
    ],
)
async def test_tokens_for_bad_resources_are_refused(desk: Desk, resource: dict) -> None:
    """Generic paths of report documents, operations that are not restricted, unknown elements: InvalidRequest."""
    answer = await desk.call("POST", "/tokens/2021-03-01/restrictedDataToken", {"restrictedResources": [resource]})
    assert (answer.status, answer.code) == (400, "InvalidRequest")


async def test_a_token_needs_resources(desk: Desk) -> None:
    """None, or more than fifty: 400 with Amazon's words."""
    path = "/tokens/2021-03-01/restrictedDataToken"
    many = [{"method": "GET", "path": "/orders/v0/orders"}] * 51
    for resources in ([], many):
        answer = await desk.call("POST", path, {"restrictedResources": resources})
        assert answer.json()["errors"][0]["details"] == "Resource not provided."


@pytest.mark.parametrize(
    "changes",
    [
        {"reportType": "NO_SUCH"},
        {"marketplaceIds": ["ATVPDKIKX0DER"]},
        {"dataStartTime": "yesterday"},
        {"dataStartTime": "2026-02-01T00:00:00Z", "dataEndTime": "2026-01-01T00:00:00Z"},
    ],
)
async def test_reports_that_make_no_sense_are_refused(desk: Desk, changes: dict) -> None:
    """Unknown types, foreign marketplaces, times that are none or run backwards."""
    answer = await create(desk, **changes)
    assert (answer.status, answer.code) == (400, "InvalidInput")


async def test_only_a_waiting_report_is_cancelled(desk: Desk, world: World) -> None:
    """cancelReport works IN_QUEUE only."""
    world.switches.update({"report_seconds": "30"})
    report_id = (await create(desk)).json()["reportId"]
    assert (await desk.call("DELETE", f"{REPORTS}/reports/{report_id}")).status == 200
    assert (await desk.call("DELETE", f"{REPORTS}/reports/{report_id}")).code == "InvalidInput"
    world.clock.advance(60)
    assert (await desk.report(report_id))["processingStatus"] == "CANCELLED"
    assert (await desk.call("DELETE", f"{REPORTS}/reports/1")).status == 404


async def test_lists_hold_reports_of_feeds_too(desk: Desk, world: World) -> None:
    """getReports gives those that feeds made and those that were asked for, the newest first."""
    one = make.create_report(world, desk.seller_id, TYPE, (INDIA,), "test", 1, delay_ms=0)
    two = (await create(desk)).json()["reportId"]
    listed = (await desk.call("GET", f"{REPORTS}/reports", reportTypes=TYPE, pageSize=1)).json()
    rest = (await desk.call("GET", f"{REPORTS}/reports", nextToken=listed["nextToken"])).json()
    assert [report["reportId"] for report in listed["reports"] + rest["reports"]] == [two, one]


async def test_work_gets_stuck_dies_and_is_released(desk: Desk, world: World) -> None:
    """By faults on processReport and by hand."""
    world.faults.add(FaultRule(kind="stuck", operations=("processReport",), nth=(1,)))
    world.faults.add(FaultRule(kind="fatal", operations=("processReport",), nth=(1,)))
    ids = [(await create(desk)).json()["reportId"] for _ in range(3)]
    statuses = [(await desk.report(each))["processingStatus"] for each in ids]
    assert statuses == ["IN_PROGRESS", "FATAL", "DONE"]
    make.release(world, world.reports[ids[0]])
    assert (await desk.report(ids[0]))["processingStatus"] == "DONE"
    world.switches.update({"report_seconds": "30"})
    late = world.reports[(await create(desk)).json()["reportId"]]
    make.stick(world, late)
    world.clock.advance(60)
    assert late.status == "IN_PROGRESS"
    make.kill(world, late)
    with pytest.raises(BadMove):
        make.release(world, late)


async def test_schedules_make_reports_again_and_again(desk: Desk, world: World) -> None:
    """A schedule makes a report in each period, is replaced by one like it, and ends when it is cancelled."""
    body = {"reportType": TYPE, "marketplaceIds": [INDIA], "period": "PT15M", "reportOptions": {"a": "b"}}
    answer = await desk.call("POST", f"{REPORTS}/schedules", body)
    first = answer.json()["reportScheduleId"]
    second = (await desk.call("POST", f"{REPORTS}/schedules", body)).json()["reportScheduleId"]
    assert answer.status == 201
    assert (await desk.call("GET", f"{REPORTS}/schedules/{first}")).status == 404
    shown = (await desk.call("GET", f"{REPORTS}/schedules/{second}")).json()
    assert (shown["period"], shown["reportOptions"]) == ("PT15M", {"a": "b"})
    listed = (await desk.call("GET", f"{REPORTS}/schedules", reportTypes=TYPE)).json()
    assert listed == {"reportSchedules": [shown]}
    kept = world.snapshot()
    for _ in range(2):
        world.clock.advance(3600)
        assert [report.schedule_id for report in world.reports.values()] == [second] * 4
        world.restore(kept)
    assert (await desk.call("DELETE", f"{REPORTS}/schedules/{second}")).status == 200
    world.clock.advance(3600)
    assert world.reports == {}


@pytest.mark.parametrize(("method", "path"), [("GET", "schedules"), ("POST", "schedules"), ("GET", "documents/none")])
async def test_what_is_missing_is_refused(desk: Desk, method: str, path: str) -> None:
    """No types, no such period, no such document."""
    body = {"reportType": TYPE, "marketplaceIds": [INDIA], "period": "PT7M"}
    answer = await desk.call(method, f"{REPORTS}/{path}", body if method == "POST" else None)
    assert answer.status == (404 if "documents" in path else 400)
