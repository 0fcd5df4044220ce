"""Lists as files: told how far they are, whole or cut, and an error in words."""

import io
import json
from typing import Any

import httpx
import openpyxl
import pytest
from msgspec.structs import replace

from api.house import House
from console.conftest import room_of
from packline.console import exports, shipment_list
from packline.console.lists import Asked, Found
from packline.console.room import Room
from packline.errors import StoreAway
from packline.views.paging import EVERYTHING


def told(answer: httpx.Response) -> tuple[list[dict[str, Any]], bytes]:
    """Part the lines from the file behind them."""
    lines, rest = [], answer.content
    while rest:
        line, _, rest = rest.partition(b"\n")
        lines.append(json.loads(line))
        if "size" in lines[-1] or "error" in lines[-1]:
            break
    return lines, rest


@pytest.fixture
async def five(house: House) -> None:
    for number in range(5):
        await house.shipment(f"S-{number}", "ACCEPTED")


@pytest.mark.parametrize("path", ["/shipments", "/"])
async def test_a_file_tells_how_far_it_is(page: httpx.AsyncClient, five: None, monkeypatch: Any, path: str):
    """Rows so far of all rows, then the size, then exactly so many bytes: the same file as the plain download."""
    monkeypatch.setattr(exports, "STEP", 2)
    answer = await page.get(path, params={"as": "csv", "told": "yes"})
    lines, file = told(answer)
    assert [line["rows"] for line in lines] == [0, 2, 4, 5, 5]
    assert {line["total"] for line in lines[:-1]} == {5}
    assert lines[-1] == {"size": len(file), "rows": 5, "more": False}
    assert file == (await page.get(path, params={"as": "csv"})).content
    assert file.count(b"S-") == 5
    assert ".csv" in answer.headers["content-disposition"]


async def test_a_workbook_is_told_too(page: httpx.AsyncClient, five: None):
    """The bytes behind the last line are a workbook with a head and a row for each shipment; the filter counts."""
    lines, file = told(await page.get("/shipments", params={"as": "xlsx", "told": "yes", "order": "nobody"}))
    assert lines[-1]["rows"] == 0
    lines, file = told(await page.get("/shipments", params={"as": "xlsx", "told": "yes"}))
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    assert sheet.max_row == 6
    assert len(file) == lines[-1]["size"]


async def test_a_list_that_is_too_long_says_so(page: httpx.AsyncClient, five: None, monkeypatch: Any):
    """The file holds the first rows, and the last line says that there are more."""
    monkeypatch.setattr(exports, "STEP", 2)
    monkeypatch.setattr(exports, "AT_MOST", 4)
    lines, file = told(await page.get("/shipments", params={"as": "csv", "told": "yes"}))
    assert lines[-1]["more"]
    assert (lines[-2]["rows"], lines[-2]["total"]) == (4, 4)
    assert file.count(b"S-") == 4


@pytest.mark.parametrize(
    "path", ["/calls", "/returns", "/stock", "/manifests", "/prints", "/audit", "/quotas", "/routes"]
)
async def test_every_list_is_a_file(page: httpx.AsyncClient, path: str):
    """An empty one has its head; where nobody counts, the total is left open."""
    lines, file = told(await page.get(path, params={"as": "csv", "told": "yes"}))
    assert lines[0]["total"] in (0, None)
    assert lines[-1]["size"] == len(file) > 0


async def test_what_goes_wrong_in_the_middle_is_said(house: House, five: None, monkeypatch: Any):
    """The answer has begun: a line says it, in words, and no file follows."""
    monkeypatch.setattr(exports, "STEP", 2)
    asked = []

    async def breaks(room: Room, wanted: Asked) -> Found:
        asked.append(wanted)
        if len(asked) > 1:
            raise StoreAway("The database is away.")
        return await shipment_list.read(room, wanted)

    table = replace(shipment_list.TABLE, read=breaks)
    answer = exports.export(table, room_of(house), Asked({}, EVERYTHING), "csv", is_told=True)
    lines = [json.loads(line) async for line in answer.body_iterator]  # type: ignore[attr-defined]
    assert [line.get("rows") for line in lines] == [0, 2, None]
    assert lines[-1] == {"error": "The database is away."}
