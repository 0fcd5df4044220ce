"""Intake: pages read, parsed, guarded and stored with their events, beside a bare batched upsert of the same bodies."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import statistics
import time
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, cast

import asyncpg
import msgspec
import uvloop

from bench.database import ACCOUNT, EPOCH, database
from bench.simulator import simulator
from packline.amazon.external_fulfillment import gateway as amazon
from packline.amazon.programs import PROGRAMS, program_of
from packline.amazon.spapi.clock import SystemClock
from packline.domain.location import Location
from packline.driver.group_commit import Committer
from packline.driver.intake import Intake
from packline.driver.ownership import Guard
from packline.driver.tools import Tools
from packline.ports import Gateway, Ownership, Page
from packline.storage.accounts import Accounts
from packline.storage.intake import Intake as Inbox
from packline.storage.ownership import Owners
from packline.storage.secrets import KEY_BYTES, Vault
from packline.storage.shipments import Shipments

PAGE = 100
READERS = 4
"""Listings that are read at the same time, as those of several accounts are."""
TARGET = 0.6
FLAT_MB = 40
"""What memory may grow by after the first round; the rounds together take in 100,000 shipments."""
_TABLE = "create table bare (id text primary key, body bytea not null)"
_UPSERT = """
insert into bare select * from unnest($1::text[], $2::bytea[]) on conflict (id) do update set body = excluded.body
"""


class _Head(msgspec.Struct):
    id: str


class _Bare(msgspec.Struct):
    shipments: list[msgspec.Raw]


class Round(NamedTuple):
    """Shipments a second: new ones, the same pages again, and the bare upsert."""

    new: float
    again: float
    bare: float


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Take in shipments, several rounds, and compare the medians."""
    rounds, shipments = (3, 2_000) if args.short else (5, 20_000)
    return uvloop.run(_run(rounds, shipments, _template()))


async def _run(rounds: int, shipments: int, template: bytes) -> dict[str, Any]:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as `packline worker` does, and for both
    found: list[Round] = []
    memory: list[float] = []
    async with database() as pool:
        await pool.execute(_TABLE)
        intake = await _intake(pool, json.loads(template)["shipments"][0]["locationId"])
        for number in range(rounds):
            gc.collect()
            found.append(await _round(pool, intake, _pages(template, number, shipments), shipments))
            memory.append(_peak_mb())
    return _compare(found, memory, rounds * shipments)


async def _round(pool: asyncpg.Pool, intake: Intake, pages: Sequence[bytes], shipments: int) -> Round:
    async def take_in(body: bytes) -> None:
        page = amazon._PAGE.decode(body)
        entries, unreadable = amazon._sorted(page.shipments or ())
        await intake.store(Page(entries, unreadable, None, SystemClock().now()))

    async def upsert(body: bytes) -> None:
        raws = msgspec.json.decode(body, type=_Bare).shipments
        ids = [msgspec.json.decode(raw, type=_Head).id for raw in raws]
        await pool.execute(_UPSERT, ids, [bytes(raw) for raw in raws])

    bare = await _timed(pages, upsert)
    new = await _timed(pages, take_in)
    again = await _timed(pages, take_in)
    return Round(shipments / new, shipments / again, shipments / bare)


async def _timed(pages: Sequence[bytes], store: Callable[[bytes], Awaitable[None]]) -> float:
    async def reader(mine: Sequence[bytes]) -> None:
        for body in mine:
            await store(body)

    began = time.perf_counter()
    await asyncio.gather(*(reader(pages[n::READERS]) for n in range(READERS)))
    return time.perf_counter() - began


def _compare(found: Sequence[Round], memory: Sequence[float], shipments: int) -> dict[str, Any]:
    new, again, bare = (statistics.median(column) for column in zip(*found, strict=True))
    ratio = round(statistics.median(r.new / r.bare for r in found), 2)
    growth = round(memory[-1] - memory[0], 1)
    print(f"  {new:8.0f} new shipments/s with event and state; {again:.0f} seen before and left alone")
    print(f"  {bare:8.0f} bodies/s by a bare upsert; {ratio} of it (target {TARGET})")
    print(f"  {growth:8.1f} MB more memory after {shipments} shipments than after the first round (at most {FLAT_MB})")
    return {
        "new_per_second": round(new),
        "seen_before_per_second": round(again),
        "bare_upserts_per_second": round(bare),
        "ratio": ratio,
        "target": TARGET,
        "memory_growth_mb": growth,
        "shipments": shipments,
        "passed": ratio >= TARGET and growth <= FLAT_MB,
    }


def _peak_mb() -> float:
    """Never less than before. A round's pages are let go before the next are made, so it is not they that grow."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _intake(pool: asyncpg.Pool, location: str) -> Intake:
    clock = SystemClock()
    accounts, shipments, owners = Accounts(pool, Vault({1: bytes(KEY_BYTES)})), Shipments(pool, clock), Owners(pool)
    await accounts.put_location(Location(ACCOUNT, location, programs=tuple(PROGRAMS)))
    account = await accounts.account(ACCOUNT)
    assert account is not None
    tools = Tools(shipments, owners, Inbox(pool), accounts, _programs(), clock, Committer(shipments, clock))
    intake = Intake(tools, account, Guard(Ownership(ACCOUNT, EPOCH), owners, clock), lambda: None)
    await intake.open()
    return intake


def _programs() -> Gateway:
    class Programs:
        program_for = staticmethod(lambda shipment: PROGRAMS[shipment.program])
        listings = staticmethod(lambda _account: ())
        program_of = staticmethod(lambda facts: program_of(facts.channel, facts.shipping_type))

    return cast(Gateway, Programs())


def _pages(template: bytes, number: int, shipments: int) -> list[bytes]:
    first = json.loads(template)["shipments"][0]
    body = json.dumps(first, separators=(",", ":"))
    order = first["shipmentInfo"]["buyerOrderId"]

    def one(n: int) -> str:
        return body.replace(first["id"], f"B{number}N{n:08}").replace(order, f"402-{number:07}-{n:07}")

    return [
        f'{{"shipments":[{",".join(one(n) for n in range(at, at + PAGE))}],"pagination":{{}}}}'.encode()
        for at in range(0, shipments, PAGE)
    ]


def _template() -> bytes:
    """Read one shipment as the simulator lists it."""
    with simulator() as control:
        seller = control.post("sellers", body={"name": "Benchmark"})
        control.post("sellers", seller["seller_id"], "locations", body={"location_id": "BEN1"})
        control.post("sellers", seller["seller_id"], "skus", body={"sku": "SKU-1"})
        order = {"seller_id": seller["seller_id"], "program": "SELLER_FLEX", "lines": [{"sku": "SKU-1"}]}
        control.post("shipments", body=order)
        asked = {"grant_type": "refresh_token"} | {
            name: seller[name] for name in ("client_id", "client_secret", "refresh_token")
        }
        with urllib.request.urlopen(control.url + "/auth/o2/token", urllib.parse.urlencode(asked).encode()) as answer:
            token = json.load(answer)["access_token"]
        address = control.url + "/externalFulfillment/2024-09-11/shipments?status=ACCEPTED"
        with urllib.request.urlopen(urllib.request.Request(address, headers={"x-amz-access-token": token})) as answer:
            return bytes(answer.read())
