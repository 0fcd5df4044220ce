"""`journal`, `stats`, `invariants`, `reset`, `snapshot`: what happened, whether it adds up, and starting over."""

import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

from cyclopts import App, Parameter

from packline_sim.control.commands.target import HERE, Target

snapshot = App(name="snapshot", help="Keep the whole state and go back to it.")
CALL_COLUMNS = ("seq", "operation", "shipment_id", "status", "error_code", "had_effect", "fault", "ms", "seller_id")
COUNT_COLUMNS = ("operation", "status", "count")
VIOLATION_COLUMNS = ("rule", "subject", "package_id", "call_seq", "detail")
FOLLOW_SECONDS = 0.5


def journal(
    *,
    operation: str | None = None,
    shipment: str | None = None,
    seller: str | None = None,
    status: int | None = None,
    limit: int = 50,
    counters: Annotated[bool, Parameter(negative="")] = False,
    follow: Annotated[bool, Parameter(negative="")] = False,
    to: Target = HERE,
) -> None:
    """Show the last calls that connectors made.

    Args:
        limit: How many, up to 1000.
        counters: Count all calls by operation and status instead.
        follow: Go on showing calls as they come, until interrupted.
    """
    if counters:
        to.rows(to.sim.get("journal", "counters")["calls"], *COUNT_COLUMNS)
        return
    chosen = {"operation": operation, "shipment_id": shipment, "seller_id": seller, "status": status}
    page = to.sim.get("journal", limit=limit, **chosen)
    to.rows(page["items"], *CALL_COLUMNS)
    if follow:
        for call in _coming(to, page["last_seq"], chosen):
            to.line(call, *CALL_COLUMNS)


def stats(*, to: Target = HERE) -> None:
    """Sum up orders, states, labels and calls since the last reset."""
    to.one(to.sim.get("stats"))


def health(*, to: Target = HERE) -> None:
    """Tell whether the simulator answers."""
    to.one(to.sim.get("health"))


def invariants(*, to: Target = HERE) -> None:
    """Check that everything adds up; exit code 1 when a rule is broken."""
    report = to.sim.get("invariants")
    violations = report.pop("violations")
    if to.json:
        to.one({**report, "violations": violations})
    else:
        to.one(report)
        if violations:
            to.rows(violations, *VIOLATION_COLUMNS)
    if violations:
        sys.exit(1)


def reset(*, seed: int | None = None, start: str | None = None, quotas: str = "amazon", to: Target = HERE) -> None:
    """Empty the simulator and start again.

    Args:
        seed: Another seed; the same otherwise.
        start: The time to start at, RFC 3339; the time goes on otherwise.
        quotas: Preset of usage plans.
    """
    to.one(to.sim.post("reset", body={"seed": seed, "start": start, "quotas": quotas}))


@snapshot.command(name="take")
def take_snapshot(*, to: Target = HERE) -> None:
    """Keep the whole state in the simulator's memory."""
    to.one(to.sim.post("snapshots"))


@snapshot.command(name="list")
def list_snapshots(*, to: Target = HERE) -> None:
    """List the snapshots that are kept."""
    to.rows(to.sim.get("snapshots")["items"], "snapshot_id", "at")


@snapshot.command(name="restore")
def restore_snapshot(snapshot_id: str, *, to: Target = HERE) -> None:
    """Go back to a snapshot, in time too."""
    to.one(to.sim.post("snapshots", snapshot_id, "restore"))


@snapshot.command(name="drop")
def drop_snapshot(snapshot_id: str, *, to: Target = HERE) -> None:
    """Forget a snapshot."""
    to.one(to.sim.delete("snapshots", snapshot_id))


def _coming(to: Target, last_seq: int, chosen: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sim = to.sim
    while True:
        page = sim.get("journal", after_seq=last_seq, limit=1000, **chosen)
        yield from page["items"]
        last_seq = page["last_seq"]
        if not page["items"]:
            time.sleep(FOLLOW_SECONDS)
