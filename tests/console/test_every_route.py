"""Every address of the console, one after the other: who is not signed in, whose form it is not, who may not see."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher

from api.house import House, open_house
from console.conftest import browser, room_of
from console.test_people import WORD, enter, token_in
from packline.commands.people import NewPerson
from packline.console.guard import _OPEN
from packline.console.pages import MODULES
from packline.console.place import Path
from packline.domain.person import LOOKS, PersonRole
from packline.storage import passwords
from storage.test_personal_data import MARK, TOWN, VAULT, plant, tables

ENDLESS = "/live"
_PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")
NOT_THE_HOUSES = ("audit", "session", "sign_in_attempt", "identity_flow_used", "person", "lane_snapshot", "api_key")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least that Argon2 takes."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(1, 8, 1))


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    """Open a house that holds a buyer's name in every place that there is."""
    async with open_house(pool) as made:
        await plant(made)
        yield made


def every(method: str) -> Iterator[Path]:
    """Give the addresses of all pages."""
    for module in MODULES:
        yield from (path for path in module.PATHS if path.method == method)


async def names(house: House) -> dict[str, str]:
    """Give what stands for each parameter of an address: something that is there, where there is something."""
    pool = house.services.pool
    return {
        "shipment": await pool.fetchval("select id from shipment"),
        "document": await pool.fetchval("select sha256 from shipment_document"),
        "print": "prt_1",
        "kind": "ship_label",
        "item": await pool.fetchval("select id from return_item"),
        "photo": await pool.fetchval("select sha256 from return_photo"),
        "drop": "drop_1",
        "number": "1",
        "record": "1",
        "account": "acme-in",
        "reference": "O-1",
        "way": "paste",
        "step": "account",
        "person": await pool.fetchval("select id from person limit 1") or "none",
    }


def filled(path: Path, given: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda match: given.get(match[1], "none"), path.path)


async def person(house: House, role: str, **limits: Any) -> None:
    await room_of(house).people.add(NewPerson(role, role, **limits), "test", password=WORD)


async def state(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Read everything that the house holds."""
    kept = [table for table in await tables(pool) if table not in NOT_THE_HOUSES]
    return {
        table: [row[0] for row in await pool.fetch(f'select t::text from "{table}" t order by 1')] for table in kept
    }


async def test_nothing_is_shown_or_done_without_signing_in(house: House):
    """Every page leads to the sign-in, every form and stream is refused, and nothing has changed."""
    given, before = await names(house), await state(house.services.pool)
    async with browser(house, vault=VAULT) as client:
        for path in every("GET"):
            if not path.path.startswith(_OPEN):
                answer = await client.get(filled(path, given))
                wanted = (401,) if path.path.endswith(ENDLESS) else (303,)
                assert answer.status_code in wanted, path.path
                assert MARK not in answer.text
        for path in every("POST"):
            if not path.path.startswith(_OPEN):
                assert (await client.post(filled(path, given))).status_code == 401, path.path
    assert await state(house.services.pool) == before


async def test_a_form_of_another_site_does_nothing(house: House):
    """An admin's browser is led to send each form without its token, with a made-up one, and from elsewhere."""
    await person(house, "admin")
    given, before = await names(house), await state(house.services.pool)
    async with browser(house, vault=VAULT) as client:
        await enter(client, "admin")
        token = token_in((await client.get("/me")).text)
        for path in every("POST"):
            where = filled(path, given)
            for data, headers in (
                ({}, {}),
                ({"token": "made-up"}, {}),
                ({"token": token}, {"sec-fetch-site": "cross-site"}),
            ):
                if path.path.startswith(_OPEN) and not headers:
                    continue  # nobody is signed in there yet, so there is no token; where it is sent from counts
                answer = await client.post(where, data=data, headers=headers)
                is_told = answer.status_code == 303 and "note=" in answer.headers["location"]  # on the page before
                assert is_told or answer.status_code in (403, 404), (path.path, data.keys(), answer.status_code)
        assert (await client.get("/me")).status_code == 200
    assert await state(house.services.pool) == before


async def test_who_needs_no_personal_data_finds_none_on_any_page(house: House):
    """Neither on a page nor in what it leaves as: every address, every list as CSV too; viewers see no more."""
    role = PersonRole.SUPPORT
    assert LOOKS[PersonRole.VIEWER] == LOOKS[role]
    await person(house, role)
    given = await names(house)
    async with browser(house, vault=VAULT) as client:
        await enter(client, role)
        for path in every("GET"):
            if path.path.endswith(ENDLESS):
                continue
            where = filled(path, given)
            for address in (where,) if "{" in path.path else (where, f"{where}?as=csv"):
                answer = await client.get(address)
                assert answer.status_code < 500, address
                assert not held(answer), address
    looks = await house.services.pool.fetchval("select count(*) from audit where kind = 'look' and who like 'user:%'")
    assert looks == 0


def held(answer: httpx.Response) -> bool:
    """Tell whether an answer holds a buyer's name or town."""
    return MARK.encode() in answer.content or TOWN.encode() in answer.content


async def test_who_is_bound_to_another_account_sees_and_changes_nothing(house: House):
    """Every page without a trace of the account, every form with a good token and the account's own names."""
    await person(house, "admin", accounts=("other",))
    given, before = await names(house), await state(house.services.pool)
    traces = (given["shipment"], given["item"], "Acme Traders", "TRK-1", "REV-1", "RMA-1", "pile.pdf", MARK, TOWN)
    fields = {
        "account": "acme-in", "location": "EXSB", "id": given["shipment"], "ids": given["shipment"], "name": "Mine",
        "shipment": given["shipment"], "reference": "O-1", "code": "TRK-1", "tracking_id": "TRK-1", "order": "S-1",
        "sku": "K", "units": "1", "what": "aside", "do": "set", "place": "acme-in EXSB", "pool": "acme-in",
        "marketplace": "A21TJRUUN4KGV",
    }  # fmt: skip
    async with browser(house, vault=VAULT) as client:
        await enter(client, "admin")
        token = token_in((await client.get("/me")).text)
        for path in every("GET"):
            if not path.path.endswith(ENDLESS):
                where = filled(path, given)
                answer = await client.get(where)
                assert answer.status_code < 500, path.path
                assert not [trace for trace in traces if trace in answer.text and trace not in where], path.path
        for path in every("POST"):
            if path.path in ("/sign-out", "/me/password", "/me/sessions") or path.path.startswith(_OPEN):
                continue
            answer = await client.post(filled(path, given), data={"token": token, **fields})
            assert answer.status_code < 500, (path.path, answer.text)
            assert not held(answer), path.path
    after = await state(house.services.pool)
    assert {table for table in after if after[table] != before[table]} <= {"bulk_act", "bulk_line", "print"}
    assert await house.services.pool.fetchval("select count(*) from print where printed > 0 and id <> 'prt_1'") == 0
    assert await house.services.pool.fetchval("select count(*) from bulk_line where account_id = 'acme-in'") == 0
