"""/v1/stock/imports: files of up to 100,000 lines, with progress and the lines that were not taken."""

import io
import zipfile
from typing import Any

import pytest

from api.house import House
from packline.commands.stock_imports import STEP, StockImporter
from packline.oms.table_files import read_rows

SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


async def send(house: House, content: bytes, media: str = "text/csv", **given: Any) -> Any:
    """Upload a file for the house's location."""
    headers = {"Content-Type": media} | given.pop("headers", {})
    params = {"account": "acme-in", "location": "EXSB"} | given
    return await house.client.post("/v1/stock/imports", content=content, params=params, headers=headers)


async def work(house: House, steps: int = 1000) -> None:
    """Work uploads off, as the keeper does."""
    importer = StockImporter(house.services.stock, house.services.stock_files, read_rows)
    while steps and await importer.work(house.services.clock.now()):
        steps -= 1


async def on_hand(house: House) -> dict[str, int]:
    """Read what there is."""
    items = (await house.client.get("/v1/stock", params={"limit": 200})).json()["items"]
    return {row["sku"]: row["on_hand"] for row in items}


def xlsx(rows: list[list[str]]) -> bytes:
    """Write the least that is a sheet, with shared strings as spreadsheets have them."""
    strings = [value for row in rows for value in row]
    cells = iter(range(len(strings)))
    body = "".join("<row>" + "".join(f'<c t="s"><v>{next(cells)}</v></c>' for _ in row) + "</row>" for row in rows)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
        book.writestr("xl/sharedStrings.xml", f"<sst {SHEET}>{shared}</sst>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {SHEET}><sheetData>{body}</sheetData></worksheet>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("text/csv", b"SKU;Quantity\nKURTA-M;5\n\nSAREE;7\n"),
        ("text/csv", "﻿sku,quantity\nKURTA-M,5\nSAREE,7".encode()),
        ("application/x-ndjson", b'{"sku":"KURTA-M","quantity":5}\n{"sku":"SAREE","quantity":"7"}'),
        ("application/octet-stream", xlsx([["sku", "quantity"], ["KURTA-M", "5"], ["SAREE", "7"]])),
    ],
)
async def test_three_formats_say_the_same(house, media, content):
    """CSV, JSON lines and XLSX; the format is told by the media type, else by the content."""
    answer = await send(house, content, media)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    await work(house)
    shown = (await house.client.get(f"/v1/stock/imports/{answer.json()['id']}")).json()
    assert (shown["state"], shown["total"], shown["applied"], shown["refused"]) == ("done", 2, 2, 0)
    assert await on_hand(house) == {"KURTA-M": 5, "SAREE": 7}


async def test_lines_that_are_refused_come_back_as_a_file(house):
    """One bad line hinders no other; the file has the same columns, the line and the reason."""
    content = b"sku,quantity,location\nKURTA-M,5,\nSAREE,many,\nSCARF,-1,\nSHIRT,3,NOWHERE\n"
    made = (await send(house, content)).json()
    await work(house)
    shown = (await house.client.get(f"/v1/stock/imports/{made['id']}")).json()
    assert (shown["applied"], shown["refused"]) == (1, 3)
    written = (await house.client.get(f"/v1/stock/imports/{made['id']}/refusals.csv")).text.splitlines()
    assert written[0] == "sku,quantity,location,line,refused_because"
    assert written[2] == "SCARF,-1,,4,quantity: A count is 0 or more."
    listed = (await house.client.get(f"/v1/stock/imports/{made['id']}/refusals")).json()["items"]
    assert [item["line"] for item in listed] == [3, 4, 5]
    events = (await house.client.get("/v1/events", params={"type": "stock.imported"})).json()["items"]
    assert events[0]["data"]["event"]["refused"] == 3


async def test_an_import_goes_on_where_a_dead_process_left_it(house):
    """The step that was under way is repeated; differences are not added twice."""
    lines = "\n".join(f"SKU-{n % 10},1" for n in range(STEP + 100))
    content = f"sku,quantity\n{lines}".encode()
    made = (await send(house, content, do="receive")).json()
    await work(house, steps=1)
    shown = (await house.client.get(f"/v1/stock/imports/{made['id']}")).json()
    assert (shown["state"], shown["done"]) == ("running", STEP)
    await house.services.pool.execute("update stock_import set done = 0, applied = 0")  # died before it was noted
    await work(house)
    assert sum((await on_hand(house)).values()) == STEP + 100


async def test_the_same_key_gives_the_same_import(house):
    """A repetition of an upload is not another one."""
    content, key = b"sku,quantity\nKURTA-M,5", {"Idempotency-Key": "one"}
    first, again = [await send(house, content, do="receive", headers=key) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    await work(house)
    assert await on_hand(house) == {"KURTA-M": 5}


async def test_what_is_no_table_fails_with_its_reason(house):
    """A broken sheet is said to be broken; nothing is applied."""
    made = (await send(house, b"PK\x03\x04 no zip", "application/octet-stream")).json()
    await work(house)
    shown = (await house.client.get(f"/v1/stock/imports/{made['id']}")).json()
    assert (shown["state"], shown["applied"]) == ("failed", 0)
    assert "cannot be read" in shown["error"]
    assert (await send(house, b"")).status_code == 422


async def test_a_bound_key_touches_only_its_own(house):
    """A line for another location is refused, and the import is nobody else's to see."""
    mine = await house.key("packer", accounts=("acme-in",), locations=("EXSB",))
    content = b"sku,quantity,location,pool\nKURTA-M,5,EXSB,\nSAREE,5,BLR7,\nSCARF,5,EXSB,acme-in\n"
    made = (await send(house, content, headers=mine)).json()
    await work(house)
    shown = (await house.client.get(f"/v1/stock/imports/{made['id']}", headers=mine)).json()
    assert (shown["applied"], shown["refused"]) == (1, 2)
    other = await house.key("packer", accounts=("someone",))
    assert (await house.client.get(f"/v1/stock/imports/{made['id']}", headers=other)).status_code == 404


async def test_the_file_of_refused_lines_is_mended_and_sent_again(house: House) -> None:
    """It holds the columns that were sent and says why in words; its own columns are passed over."""
    made = (await send(house, b"sku,quantity,reason\nKURTA-M,seven,count\nSAREE,3,count")).json()
    await work(house)
    refused = (await house.client.get(f"/v1/stock/imports/{made['id']}/refusals.csv")).text
    assert refused.splitlines()[1] == 'KURTA-M,seven,count,2,"quantity: A whole number, such as 7."'
    again = (await send(house, refused.replace("seven", "7").encode())).json()
    await work(house)
    row = (await house.client.get(f"/v1/stock/imports/{again['id']}")).json()
    assert (row["state"], row["applied"], row["refused"]) == ("done", 1, 0)
    assert await on_hand(house) == {"KURTA-M": 7, "SAREE": 3}
