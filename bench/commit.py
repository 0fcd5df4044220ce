"""The group commit: whole journeys written, beside the same bytes by bare statements that check and index nothing."""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import uvloop
from msgspec.structs import replace

from bench.database import ACCOUNT, EPOCH, database
from packline.amazon.programs.seller_flex import SELLER_FLEX
from packline.amazon.spapi.clock import SystemClock
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.reconcile import reconcile
from packline.domain.reports import Done, Facts, LabelResult
from packline.domain.shipment import Goal, Package, PackageLine
from packline.domain.slot import ShippingOption
from packline.domain.step import StepKind
from packline.domain.steps import begin, next_step
from packline.domain.story import Story
from packline.domain.values import Box, File, file_of
from packline.ports import Call, Change
from packline.storage.codec import encode_shipment, events_data
from packline.storage.shipments import Shipments

BATCH = 200
TARGET = 0.4
_TABLES = """
create table bare (id text primary key, state bytea not null) with (fillfactor = 50);
create table bare_event (data bytea not null);
create table bare_call (request bytea, response bytea);
create table bare_document (content bytea not null);
alter table bare_document alter column content set storage external;
"""
_STATES = "update bare set state = b.state from unnest($1::text[], $2::bytea[]) as b(id, state) where bare.id = b.id"
_EVENTS = "insert into bare_event select * from unnest($1::bytea[])"
_CALLS = "insert into bare_call select * from unnest($1::bytea[], $2::bytea[])"
_DOCUMENTS = "insert into bare_document select * from unnest($1::bytea[])"


class Bytes(NamedTuple):
    """What a batch writes, encoded before the clock runs."""

    states: tuple[list[str], list[bytes]]
    events: list[bytes]
    calls: tuple[list[bytes], list[bytes]]
    documents: list[bytes]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write whole journeys in batches, several rounds, and compare the medians."""
    return uvloop.run(_run(*(2, 400) if args.short else (5, 2000)))


async def _run(rounds: int, shipments: int) -> dict[str, Any]:
    full, bare = [], []
    async with database() as pool:
        await pool.execute(_TABLES)
        for number in range(rounds):
            batches = _journeys(number, shipments, SystemClock().now())
            gc.collect()
            full.append(await _full(pool, batches))
            bare.append(await _bare(pool, batches))
    return _compare(statistics.median(full), statistics.median(bare))


def _compare(full: float, bare: float) -> dict[str, Any]:
    ratio = round(full / bare, 2)
    print(f"  {full:8.0f} steps/s, {1e6 / full:.0f} us each with events, calls and documents, {BATCH} in a commit")
    print(f"  {bare:8.0f} steps/s by bare statements with the same bytes; {ratio} of it (target {TARGET})")
    return {
        "steps_per_second": round(full),
        "bare_steps_per_second": round(bare),
        "ratio": ratio,
        "target": TARGET,
        "passed": ratio >= TARGET,
    }


async def _full(pool: asyncpg.Pool, batches: Sequence[Sequence[Change]]) -> float:
    store = Shipments(pool, SystemClock())
    await store.insert([c for c in batches[0] if c.version == 0])

    async def write(batch: Sequence[Change]) -> None:
        fates = await store.commit(batch)
        assert all(fate.outcome == "written" for fate in fates), fates[0]

    return await _timed(batches[1:], write, sum(len(batch) for batch in batches[1:]))


async def _bare(pool: asyncpg.Pool, batches: Sequence[Sequence[Change]]) -> float:
    await pool.executemany("insert into bare values ($1, '')", [(c.shipment.id,) for c in batches[0]])

    async def write(batch: Bytes) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_STATES, *batch.states)
            await connection.execute(_EVENTS, batch.events)
            await connection.execute(_CALLS, *batch.calls)
            if batch.documents:
                await connection.execute(_DOCUMENTS, batch.documents)

    encoded = [_bytes(batch) for batch in batches[1:]]
    return await _timed(encoded, write, sum(len(batch) for batch in batches[1:]))


def _bytes(batch: Sequence[Change]) -> Bytes:
    calls = [call for change in batch for call in change.calls]
    return Bytes(
        ([c.shipment.id for c in batch], [encode_shipment(c.shipment) for c in batch]),
        [data for c in batch for data in events_data(c.events, c.shipment)],
        ([call.request for call in calls], [call.response for call in calls]),
        [file.content for c in batch for file in c.files],
    )


async def _timed(batches: Sequence[Any], write: Callable[[Any], Awaitable[None]], steps: int) -> float:
    began = time.perf_counter()
    for batch in batches:
        await write(batch)
    return steps / (time.perf_counter() - began)


def _journeys(number: int, shipments: int, now: datetime) -> list[list[Change]]:
    """Make the changes of whole journeys: first all insertions, then step by step in batches."""
    journeys = [_journey(f"{number}-{n}", now) for n in range(shipments)]
    steps = [list(changes) for changes in zip(*journeys, strict=True)]
    cut = [changes[at : at + BATCH] for changes in steps[1:] for at in range(0, len(changes), BATCH)]
    return [steps[0], *cut]


def _journey(name: str, now: datetime) -> list[Change]:
    facts = Facts(
        f"B{name}", "EXSB", "A21TJRUUN4KGV", "FBA", "MARKETPLACE", f"402-{name}", "ACCEPTED", now, needs_invoice=True
    )
    received = ev.Received(facts, SELLER_FLEX.code, now)
    shipment = receive(ACCOUNT, received)
    changes = [Change(shipment, 0, (received,), now)]
    story = Story(shipment)
    packages = (Package("PKG-1", Box(30, 20, 10, 850), (PackageLine("L-1", 2),)),)
    story.tell(ev.GoalSet(Goal.LABELED, now, command="pack", ticket=f"cmd_{name}", packages=packages))
    while (step := next_step(story.shipment, SELLER_FLEX, now)) is not None:
        going = begin(story.shipment, step, now)
        done, files = _answer(step.kind, Done(step, now))
        told = reconcile(going, done, SELLER_FLEX)
        call = Call(now, ACCOUNT, step.kind.value, 1, 200, 12.5, shipment.id, request=b"{}" * 60, response=b"{}" * 200)
        version = len(changes)
        changes.append(Change(told.shipment, version, (*story.events, *told.events), now, EPOCH, files, (call,)))
        story = Story(told.shipment)
    return changes


def _answer(kind: StepKind, done: Done) -> tuple[Done, tuple[File, ...]]:
    match kind:
        case StepKind.READ_OPTIONS:
            return replace(done, options=(ShippingOption("OPT-1", "AMAZON", recommended=True),)), ()
        case StepKind.GENERATE_INVOICE:
            file = file_of(os.urandom(20_000), "application/pdf")
            return replace(done, invoice=file.document), (file,)
        case StepKind.GENERATE_LABELS:
            file = file_of(os.urandom(6_000), "application/zpl")
            label = LabelResult("PKG-1", True, os.urandom(5).hex(), "ATS", document=file.document)
            return replace(done, labels=(label,)), (file,)
        case _:
            return done, ()
