"""Every address of the API, one after the other: without a key, with one that sees no personal data, with another's."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from api.house import House, open_house
from console.test_every_route import held, state
from storage.test_personal_data import plant

OPEN = ("/v1/health", "/v1/errors/{code}")
ENDLESS = ("/v1/events/stream",)
_PARAMETER = re.compile(r"\{(\w+)\}")


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    """Open a house that holds a buyer's name in every place that there is."""
    async with open_house(pool) as made:
        await plant(made)
        yield made


async def every(house: House, reads: bool) -> list[tuple[str, str]]:
    """Give method and address of each operation, with the names of what is there."""
    pool = house.services.pool
    given = {
        "reference": "O-1",
        "account": "acme-in",
        "location": "EXSB",
        "document": await pool.fetchval("select sha256 from shipment_document"),
        "return_id": await pool.fetchval("select id from return_item"),
        "photo": await pool.fetchval("select sha256 from return_photo"),
        "print_id": "prt_1",
        "kind": "ship_label",
        "drop": "drop_1",
        "number": "1",
        "record": "1",
    }
    shipment = await pool.fetchval("select id from shipment")

    def filled(path: str) -> str:
        here = given | ({"reference": shipment} if path.startswith("/v1/shipments") else {})
        return _PARAMETER.sub(lambda match: here.get(match[1], "none"), path)

    def told() -> Iterator[tuple[str, str]]:
        for path, operations in schema["paths"].items():
            for method in operations:
                if (method == "get") is reads and path not in (*OPEN, *ENDLESS):
                    yield method.upper(), filled(path)

    schema: dict[str, Any] = (await house.client.get("/openapi.json")).json()
    return list(told())


async def test_nothing_is_told_or_done_without_a_key(house: House):
    """401, as a problem, before anything else is looked at."""
    before = await state(house.services.pool)
    nobody = {"Authorization": "Bearer none"}
    for reads in (True, False):
        for method, path in await every(house, reads):
            answer = await house.client.request(method, path, headers=nobody)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
    assert await state(house.services.pool) == before


async def test_a_readers_key_finds_no_personal_data_anywhere(house: House):
    """Every read with a key that looks only: no answer holds the buyer's name or town, and no look is written down."""
    reader, looks = await house.key("reader"), "select count(*) from audit where kind = 'look'"
    before = await house.services.pool.fetchval(looks)
    for method, path in await every(house, True):
        answer = await house.client.request(method, path, headers=reader)
        assert answer.status_code < 500, path
        assert not held(answer), path
    assert await house.services.pool.fetchval(looks) == before


async def test_a_key_of_another_account_sees_and_changes_nothing(house: House):
    """Not even an admin's: every read without a trace of it, every write leaves the house as it was."""
    other = await house.key("admin", accounts=("other",))
    before = await state(house.services.pool)
    traces = ("Acme Traders", "TRK-1", "REV-1", "RMA-1", "pile.pdf")
    for method, path in await every(house, True):
        answer: httpx.Response = await house.client.request(method, path, headers=other)
        assert answer.status_code < 500, path
        assert not held(answer), path
        assert not [trace for trace in traces if trace in answer.text], path
    for method, path in await every(house, False):
        body = {"account": "acme-in", "items": [], "order": "S-1", "goal": "packed"}
        answer = await house.client.request(method, path, json=body, headers=other)
        assert answer.status_code < 500, (method, path)
        assert not held(answer), path
    after = await state(house.services.pool)
    assert {table for table in after if after[table] != before[table]} <= {"stock_import"}
    assert await house.services.pool.fetchval("select count(*) from stock_import where accounts <> '{other}'") == 0
