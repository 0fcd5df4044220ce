"""/v1/listings: files of which SKU is which, all of a file or nothing of it, and what was wrong as a file."""

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from api.house import House
from packline.client import Client
from packline.commands import listing_imports
from packline.commands.listing_imports import ListingImporter
from packline.oms.table_files import read_rows

IN = "A21TJRUUN4KGV"
HEAD = "clientSkuId,channelSerialNo,channelSkuId,marketplace"
GOOD = f"{HEAD}\nMY-1,B0ABCDEF12,AMZ-1,{IN}\nMY-2,B0ABCDEF13,AMZ-2,{IN}\n"
BAD = f"{HEAD},note\nMY-1,B0ABCDEF12,AMZ-1,{IN},first\n,B0,AMZ-2,XX,second\n"


async def send(house: House, content: str | bytes, media: str = "text/csv", **params: Any) -> Any:
    """Upload a file for the house's account, and work it off as the keeper does."""
    headers = {"Content-Type": media} | params.pop("headers", {})
    body = content.encode() if isinstance(content, str) else content
    made = await house.client.post(
        "/v1/listings/imports", content=body, params={"account": "acme-in"} | params, headers=headers
    )
    assert made.status_code == 202, made.text
    await work(house)
    return (await house.client.get(f"/v1/listings/imports/{made.json()['id']}")).json()


async def work(house: House, steps: int = 1000) -> None:
    """Work uploads off."""
    importer = ListingImporter(house.services.listing_files, house.services.accounts, read_rows)
    while steps and await importer.work(house.services.clock.now()):
        steps -= 1


async def stored(house: House) -> dict[str, tuple[str, str]]:
    """Read the listings by merchant SKU."""
    items = (await house.client.get("/v1/listings", params={"limit": 200})).json()["items"]
    return {row["channel_sku"]: (row["client_sku"], row["asin"]) for row in items}


def sheet(rows: list[list[Any]]) -> bytes:
    """Write a sheet as another program does."""
    book, made = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


async def test_a_good_file_is_stored_and_a_repetition_changes_nothing(house):
    """Added, then unchanged; a new ASIN is a change."""
    first = await send(house, GOOD)
    assert (first["state"], first["total"], first["added"], first["refused"]) == ("done", 2, 2, 0)
    again = await send(house, GOOD)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)
    other = await send(house, GOOD.replace("B0ABCDEF13", "B0ABCDEF99"))
    assert (other["changed"], other["unchanged"]) == (1, 1)
    assert await stored(house) == {"AMZ-1": ("MY-1", "B0ABCDEF12"), "AMZ-2": ("MY-2", "B0ABCDEF99")}
    events = (await house.client.get("/v1/events", params={"type": "listing.imported"})).json()["items"]
    assert len(events) == 3


async def test_a_sheet_says_the_same_as_a_csv_and_wrong_rows_come_back_as_a_sheet(house):
    """XLSX in, XLSX out: the same columns, and a reason that a person can act on."""
    rows = [[*HEAD.split(","), "note"], ["MY-1", "b0abcdef12", "AMZ-1", IN, ""], [77, "B0", "=1+1", "XX", "second"]]
    shown = await send(house, sheet(rows), "application/octet-stream", mode="partial")
    assert (shown["format"], shown["state"], shown["added"], shown["refused"]) == ("xlsx", "done", 1, 1)
    answer = await house.client.get(f"/v1/listings/imports/{shown['id']}/refused")
    found = [list(row) for row in load_workbook(io.BytesIO(answer.content)).active.values]
    assert found[0] == [*HEAD.split(","), "note", "reason"]
    assert found[1][0] == "77"
    assert "an ASIN has ten" in found[1][-1]
    assert f"does not sell on 'XX', but on {IN}" in found[1][-1]


async def test_one_wrong_row_leaves_everything_out_unless_the_rest_is_asked_for(house):
    """Nothing is half done: `all` stores nothing, `check` never does, `partial` stores what is good."""
    for mode, state in (("all", "refused"), ("check", "checked")):
        shown = await send(house, BAD, mode=mode)
        assert (shown["state"], shown["added"], shown["refused"]) == (state, 1, 1)
        assert await stored(house) == {}
    shown = await send(house, BAD, mode="partial")
    assert (shown["state"], shown["added"], shown["refused"]) == ("done", 1, 1)
    assert await stored(house) == {"AMZ-1": ("MY-1", "B0ABCDEF12")}
    written = (await house.client.get(f"/v1/listings/imports/{shown['id']}/refused")).text.splitlines()
    assert written[0] == f"{HEAD},note,reason"
    assert written[1].startswith(',B0,AMZ-2,XX,second,"clientSkuId is missing.')


async def test_contradictions_name_their_lines_and_repetitions_hinder_nobody(house):
    """Two ASINs for one merchant SKU: a person must say which; the same line twice is only named."""
    content = GOOD + f"MY-1,B0ABCDEF12,AMZ-1,{IN}\n"
    shown = await send(house, content)
    assert (shown["state"], shown["added"], shown["refused"], shown["repeated"]) == ("done", 2, 0, 1)
    told = (await house.client.get(f"/v1/listings/imports/{shown['id']}/refused")).text.splitlines()
    assert told[1].endswith("Line 2 says the same.")
    shown = await send(house, GOOD + f"MY-9,B0ABCDEF12,AMZ-2,{IN}\n", mode="partial")
    assert (shown["unchanged"], shown["refused"]) == (1, 2)
    told = (await house.client.get(f"/v1/listings/imports/{shown['id']}/refused")).text
    assert told.count("Lines 3, 4 contradict each other about AMZ-2") == 2


async def test_an_import_goes_on_behind_a_dead_process(house, monkeypatch):
    """Rows that are laid aside stay; another process reads on behind them, and nothing counts before the end."""
    monkeypatch.setattr(listing_imports, "STEP", 10)
    lines = "".join(f"MY-{n},B{n:09},AMZ-{n},{IN}\n" for n in range(35))
    made = await house.client.post(
        "/v1/listings/imports", content=f"{HEAD}\n{lines}".encode(), params={"account": "acme-in"}
    )
    await work(house, steps=2)
    shown = (await house.client.get(f"/v1/listings/imports/{made.json()['id']}")).json()
    assert (shown["state"], shown["done"], await stored(house)) == ("running", 20, {})
    await work(house)
    shown = (await house.client.get(f"/v1/listings/imports/{made.json()['id']}")).json()
    assert (shown["state"], shown["total"], shown["added"]) == ("done", 35, 35)
    assert len(await stored(house)) == 35


async def test_pages_filters_and_the_exported_file(house):
    """Pages follow each other; what was exported can be imported again and changes nothing."""
    await send(house, GOOD)
    page = (await house.client.get("/v1/listings", params={"limit": 1})).json()
    rest = (await house.client.get("/v1/listings", params={"limit": 1, "after": page["next"]})).json()
    assert [page["items"][0]["channel_sku"], rest["items"][0]["channel_sku"]] == ["AMZ-1", "AMZ-2"]
    found = (await house.client.get("/v1/listings", params={"client_sku": "MY-2"})).json()["items"]
    assert [row["asin"] for row in found] == ["B0ABCDEF13"]
    for kind in ("csv", "xlsx", "jsonl"):
        params = {"account": "acme-in", "format": kind}
        exported = (await house.client.get("/v1/listings/export", params=params)).content
        shown = await send(house, exported, "application/octet-stream", name=f"x.{kind}")
        assert (shown["state"], shown["unchanged"]) == ("done", 2)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"sku,quantity\nA,1\n", "no row with the columns"), (b"PK\x03\x04 no zip", "cannot be read")],
)
async def test_what_is_no_file_of_listings_fails_with_its_reason(house, content, why):
    """Nothing is stored, and the reason is there to be read."""
    shown = await send(house, content, "application/octet-stream")
    assert shown["state"] == "failed"
    assert why in shown["error"]


async def test_the_same_key_is_the_same_import_and_other_accounts_are_nobody_elses(house):
    """A repeated upload is one import; a key bound to another account sees neither imports nor listings."""
    key = {"Idempotency-Key": "one"}
    assert (await send(house, GOOD, headers=key))["id"] == (await send(house, GOOD, headers=key))["id"]
    other = await house.key("operator", accounts=("someone",))
    shown = await house.client.get("/v1/listings", headers=other)
    assert shown.json()["items"] == []
    refused = await house.client.post(
        "/v1/listings/imports", content=GOOD.encode(), params={"account": "acme-in"}, headers=other
    )
    assert refused.status_code == 404
    empty = await house.client.post("/v1/listings/imports", content=b" ", params={"account": "acme-in"})
    assert empty.status_code == 422


async def test_the_client_sends_a_file_lists_what_is_stored_and_asks_for_a_route(house, address):
    """The Python client has the same doors as the API."""
    key = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, key) as client:
        made = await client.import_listings("acme-in", GOOD.encode(), name="mine.csv")
        assert (made["state"], made["format"]) == ("waiting", "csv")
        await work(house)
        assert [row["channel_sku"] async for row in client.listings(account="acme-in", limit=1)] == ["AMZ-1", "AMZ-2"]
        found = await client.allocate("acme-in", [{"line": "1", "sku": "X", "units": 1}], stock={"EXSB": {"X": 1}})
        assert found["parcels"][0]["location"] == "EXSB"
