"""The whole simulator: is it well, what happened, does everything add up, start over, go back."""

from collections import Counter
from datetime import datetime
from typing import Annotated

import msgspec

from packline_sim.clock import to_datetime, to_ms
from packline_sim.control.endpoint import Endpoint, delete, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import not_found
from packline_sim.control.stage import SavedStage, Stage
from packline_sim.invariants import RULES, InvariantReport
from packline_sim.quotas import Preset


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Tell that the simulator answers, and its time."""

    status: str
    now: datetime
    seed: int


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Sum up what happened since the last reset; `orders` are shipments, `central_orders` those of Seller Central.

    The latter are counted by Easy Ship status where they have one.
    """

    now: datetime
    sellers: int
    orders: int
    states: dict[str, int]
    labels_made: int
    labels_live: int
    invoices: int
    returns: int
    calls: int
    throttled: int
    refused: int
    failed: int
    oversold_units: int
    central_orders: dict[str, int]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Name one invariant and what it says."""

    name: str
    says: str


class Reset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how to start over: from which seed (the same when None), at what time, how fast, with which quotas."""

    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None
    start: datetime | None = None
    speed: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    quotas: Preset = "amazon"


class SnapshotView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a snapshot that the simulator keeps in its memory."""

    snapshot_id: str
    at: datetime


def show_health(stage: Stage) -> Health:
    """Tell that the simulator answers."""
    return Health(status="ok", now=stage.world.clock.now(), seed=stage.world.seed)


def show_stats(stage: Stage) -> Stats:
    """Sum up orders, states, labels and calls since the last reset."""
    world, tally = stage.world, stage.tally
    statuses = [(status, count) for (_, status), count in world.journal.counters.items()]
    return Stats(
        now=world.clock.now(),
        sellers=len(world.sellers),
        orders=len(world.shipments),
        states=dict(sorted((status, count) for status, count in tally.states.items() if count)),
        labels_made=tally.labels_made,
        labels_live=tally.labels_made - tally.labels_voided,
        invoices=tally.invoices,
        returns=len(world.returns),
        calls=world.journal.total,
        throttled=sum(count for status, count in statuses if status == 429),
        refused=sum(count for status, count in statuses if 400 <= status < 500 and status != 429),
        failed=sum(count for status, count in statuses if status >= 500 or status == 0),
        oversold_units=sum(row.oversold for row in world.stock.rows.values()),
        central_orders=dict(
            sorted(Counter(row.easy_ship_status or row.status for row in world.orders.values()).items())
        ),
    )


def check_invariants(stage: Stage) -> InvariantReport:
    """Check that everything adds up; looks again only at what changed since the last check."""
    return stage.invariants.report()


def list_invariants(_: Stage) -> Page[Rule]:
    """List the rules that are checked."""
    return Page([Rule(name=name, says=says) for name, says in RULES.items()])


def reset(stage: Stage, body: Reset) -> Health:
    """Empty the world and start again; followers of time, faults, switches and quotas begin anew."""
    world = stage.world
    world.reset(body.seed, start_ms=None if body.start is None else to_ms(body.start))
    world.quotas.use(body.quotas)
    if body.speed is not None:
        world.clock.set_speed(body.speed)
    return show_health(stage)


def take_snapshot(stage: Stage) -> SnapshotView:
    """Keep the whole state in the simulator's memory."""
    snapshot_id = f"snapshot-{len(stage.snapshots) + 1}"
    saved = stage.snapshots[snapshot_id] = stage.save()
    return _view(snapshot_id, saved)


def list_snapshots(stage: Stage) -> Page[SnapshotView]:
    """List the snapshots that are kept."""
    return Page([_view(key, saved) for key, saved in stage.snapshots.items()])


def restore_snapshot(stage: Stage, snapshot_id: str) -> SnapshotView:
    """Go back to a snapshot, in time too; buyers and carriers go on as they did then."""
    saved = stage.snapshots.get(snapshot_id)
    if saved is None:
        raise not_found("snapshot", snapshot_id, "GET /_sim/snapshots lists them.")
    stage.load(saved)
    return _view(snapshot_id, saved)


def drop_snapshot(stage: Stage, snapshot_id: str) -> SnapshotView:
    """Forget a snapshot."""
    saved = stage.snapshots.pop(snapshot_id, None)
    if saved is None:
        raise not_found("snapshot", snapshot_id, "GET /_sim/snapshots lists them.")
    return _view(snapshot_id, saved)


def _view(snapshot_id: str, saved: SavedStage) -> SnapshotView:
    return SnapshotView(snapshot_id=snapshot_id, at=to_datetime(saved.world.at_ms))


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/health", show_health),
    get("/stats", show_stats),
    get("/invariants", check_invariants),
    get("/invariants/rules", list_invariants),
    post("/reset", reset),
    post("/snapshots", take_snapshot, status=201),
    get("/snapshots", list_snapshots),
    post("/snapshots/{snapshot_id}/restore", restore_snapshot),
    delete("/snapshots/{snapshot_id}", drop_snapshot),
)
