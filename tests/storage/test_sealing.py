"""Raw answers and documents at rest: encrypted soon after they came, readable where they are needed."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import msgspec
import pytest

from api.house import DETAILS, House, open_house
from builders import LABEL_FILE
from packline.amazon.gateways import Gateways
from packline.errors import ConfigError
from packline.ports import Change
from packline.storage import sealing as sealing_module
from packline.storage.prints import Prints
from packline.storage.sealed import opened, seal
from packline.storage.sealing import LATER, Sealing
from packline.storage.secrets import Vault
from packline.storage.shipments import Shipments
from packline.views import documents

VAULT = Vault({1: b"k" * 32})


@pytest.fixture
async def house(pool: asyncpg.Pool) -> AsyncIterator[House]:
    async with open_house(pool) as made:
        yield made


async def plain(house: House) -> list[str]:
    """Name the tables in which the buyer's name or a label can be read."""
    found = []
    for table in ("shipment_body", "document"):
        text = await house.services.pool.fetchval(f"select string_agg(t::text, ' ') from {table} t") or ""
        if b"A Buyer".hex() in text or LABEL_FILE.content[8:40].hex() in text:
            found.append(table)
    return found


class Reader:
    """An API that reads bodies as the house writes them."""

    def details(self, body: bytes) -> Any:
        return msgspec.json.decode(body, type=type(DETAILS))


async def test_what_intake_wrote_is_encrypted_minutes_later(house: House, monkeypatch: pytest.MonkeyPatch):
    """Not at once, for intake is short of time; then set by set, once each."""
    shipments = [await house.shipment(f"S-{number}") for number in range(3)]
    await house.labeled(shipments[0].id)
    sealing, now = Sealing(house.services.pool, VAULT), house.services.clock.now()
    await house.services.pool.execute("update shipment set received_at = $1", now)
    assert not await sealing.work(now)
    assert await plain(house) == ["shipment_body", "document"]
    monkeypatch.setattr(sealing_module, "AT_ONCE", 2)
    assert await sealing.work(now + LATER + timedelta(minutes=1))  # there is more
    assert await plain(house) == ["shipment_body"]
    assert not await sealing.work(now + LATER + timedelta(minutes=1))
    assert await plain(house) == []
    before = await house.services.pool.fetch("select body from shipment_body order by shipment_id")
    assert not await sealing.work(now + LATER + timedelta(minutes=2))
    assert await house.services.pool.fetch("select body from shipment_body order by shipment_id") == before


async def test_what_is_encrypted_is_read_where_it_is_needed(house: House):
    """Details, a document's bytes and its type, and what a print joins."""
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    before = await documents.documents(house.services.pool, shipment.id)
    await Sealing(house.services.pool, VAULT).work(house.services.clock.now() + LATER + timedelta(minutes=1))
    body = await house.services.pool.fetchval("select body from shipment_body")
    doors: Any = None
    apis: Any = {"external_fulfillment": Reader()}
    assert Gateways(doors, apis, partial(opened, VAULT)).details(body, "external_fulfillment") == DETAILS
    assert await Shipments(house.services.pool, house.services.clock, VAULT).body(shipment.id) == msgspec.json.encode(
        DETAILS
    )
    assert await documents.documents(house.services.pool, shipment.id) == before
    name = before[0]["id"]
    read = await documents.content(house.services.pool, shipment.id, name, partial(opened, VAULT))
    assert (read.content, read.kind) == (LABEL_FILE.content, "ship_label")
    assert await Prints(house.services.pool, VAULT).contents([name]) == {name: LABEL_FILE.content}


async def test_what_a_change_brings_is_encrypted_at_once(house: House):
    """The driver's commits are sealed; the mark that intake compares is the plain body's."""
    shipment = await house.shipment()
    store = Shipments(house.services.pool, house.services.clock, VAULT)
    known = (await store.known([shipment.id]))[shipment.id]
    loaded = (await store.load([shipment.id]))[shipment.id]
    body = msgspec.json.encode(DETAILS)
    await store.commit([Change(loaded, loaded.version, (), None, body=body)])
    assert await plain(house) == []
    assert (await store.known([shipment.id]))[shipment.id] == known
    assert await store.body(shipment.id) == body


async def test_a_body_that_changes_meanwhile_is_left_to_whoever_wrote_it(house: House):
    """The job writes only over what it read."""
    shipment = await house.shipment()
    pool = house.services.pool
    sealing = Sealing(pool, VAULT)
    real = sealing._sealed

    def slow(contents: Any) -> list[bytes]:
        async def change() -> None:
            connection = await asyncpg.connect(pool._connect_args[0])
            await connection.execute("update shipment_body set body = 'newer', hash = 'other'")
            await connection.close()

        asyncio.run(change())
        return real(contents)

    sealing._sealed = slow  # type: ignore[method-assign]
    await sealing.work(house.services.clock.now() + LATER + timedelta(minutes=1))
    assert await pool.fetchval("select body from shipment_body where shipment_id = $1", shipment.id) == b"newer"


async def test_two_workers_share_the_work(house: House):
    """Each body is encrypted once, whoever comes first."""
    for number in range(5):
        await house.shipment(f"S-{number}")
    later = house.services.clock.now() + LATER + timedelta(minutes=1)
    jobs = [Sealing(house.services.pool, VAULT) for _ in range(2)]
    sealed: list[bytes] = []
    for job in jobs:
        real = job._sealed
        job._sealed = lambda contents, real=real: sealed.extend(contents) or real(contents)  # type: ignore[method-assign]
    await asyncio.gather(*(job.work(later) for job in jobs))
    assert len(sealed) == 5
    assert await plain(house) == []


def test_an_older_key_still_opens_and_a_missing_one_says_so():
    """The version stands before the bytes; what was never sealed passes as it is."""
    old, new = b"o" * 32, b"n" * 32
    kept = seal(Vault({1: old}), b'{"name": "A Buyer"}')
    assert opened(Vault({1: old, 2: new}), kept) == b'{"name": "A Buyer"}'
    assert opened(Vault({2: new}), b'{"plain": 1}') == b'{"plain": 1}'
    assert b"Buyer" not in kept
    with pytest.raises(ConfigError):
        opened(Vault({2: new}), kept)
    assert seal(Vault({1: old}), os.urandom(10)) != seal(Vault({1: old}), os.urandom(10))
