"""`quota`, `switch`, `clock`, `fault`, `scenario`: the rules that the simulated Amazon goes by."""

from typing import Literal

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target
from packline_sim.faults import FaultKind

quota = App(name="quota", help="Usage plans and what is left of them.")
switch = App(name="switch", help="Doubts about Amazon's behaviour, and how they are settled here.")
clock = App(name="clock", help="The simulator's time.")
fault = App(name="fault", help="Calls that go wrong on purpose.")
scenario = App(name="scenario", help="Whole worlds that come with the simulator.")
LEVEL_COLUMNS = ("seller_id", "operation", "rate", "burst", "tokens")
PLAN_COLUMNS = ("operation", "rate", "burst", "seller_id")
SWITCH_COLUMNS = ("name", "value", "values", "settles")
FAULT_COLUMNS = ("fault_id", "kind", "operations", "seller_id", "shipment_id", "matched", "struck", "limit")


@quota.command(name="show")
def show_quota(*, plans: bool = False, to: Target = HERE) -> None:
    """Show the level of every bucket that was used, or with --plans what is allowed."""
    quotas = to.sim.get("quotas")
    to.rows(quotas["plans"] if plans else quotas["levels"], *(PLAN_COLUMNS if plans else LEVEL_COLUMNS))


@quota.command(name="set")
def set_quota(
    operation: str | None = None,
    *,
    rate: float | None = None,
    burst: int | None = None,
    seller: str | None = None,
    remove: bool = False,
    to: Target = HERE,
) -> None:
    """Give an operation, or all, another rate and burst; --remove goes back to the preset."""
    body = {"operation": operation, "rate": rate, "burst": burst, "seller_id": seller, "remove": remove}
    to.rows(to.sim.patch("quotas", body=body)["overrides"], *PLAN_COLUMNS)


@quota.command(name="preset")
def use_preset(preset: Literal["amazon", "generous", "sdk", "legacy-shared-feed", "off"], *, to: Target = HERE) -> None:
    """Change to a preset; changes to single operations are dropped."""
    to.rows(to.sim.post("quotas", "preset", body={"preset": preset})["plans"], *PLAN_COLUMNS)


@quota.command(name="refill")
def refill(*, to: Target = HERE) -> None:
    """Fill every bucket."""
    to.rows(to.sim.post("quotas", "refill")["levels"], *LEVEL_COLUMNS)


@switch.command(name="list")
def list_switches(*, to: Target = HERE) -> None:
    """List all switches with their values."""
    to.rows(to.sim.get("switches")["items"], *SWITCH_COLUMNS)


@switch.command(name="set")
def set_switch(name: str, value: str, *, to: Target = HERE) -> None:
    """Change a switch; it counts from the next call on."""
    rows = to.sim.patch("switches", body={name: value})["items"]
    to.rows([row for row in rows if row["name"] == name], *SWITCH_COLUMNS)


@switch.command(name="reset")
def reset_switches(*, to: Target = HERE) -> None:
    """Put every switch back to its default."""
    to.rows(to.sim.post("switches", "reset")["items"], *SWITCH_COLUMNS)


@clock.command(name="show")
def show_clock(*, to: Target = HERE) -> None:
    """Read the time."""
    to.one(to.sim.get("clock"))


@clock.command(name="freeze")
def freeze(*, to: Target = HERE) -> None:
    """Stop the time."""
    to.one(to.sim.post("clock", "freeze"))


@clock.command(name="resume")
def resume(*, to: Target = HERE) -> None:
    """Let the time go on."""
    to.one(to.sim.post("clock", "resume"))


@clock.command(name="advance")
def advance(seconds: float, *, to: Target = HERE) -> None:
    """Move the time forward by simulated SECONDS."""
    to.one(to.sim.post("clock", "advance", body={"seconds": seconds}))


@clock.command(name="speed")
def set_speed(speed: float, *, to: Target = HERE) -> None:
    """Let SPEED simulated seconds pass in a real one; 0 freezes."""
    to.one(to.sim.post("clock", "speed", body={"speed": speed}))


@fault.command(name="add")
def add_fault(
    kind: FaultKind,
    *,
    operation: tuple[str, ...] = (),
    seller: str | None = None,
    shipment: str | None = None,
    nth: tuple[int, ...] = (),
    every: int | None = None,
    share: float | None = None,
    limit: int | None = None,
    hold_seconds: float = 0.0,
    location: str | None = None,
    after_seconds: float = 0.0,
    for_seconds: float | None = None,
    to: Target = HERE,
) -> None:
    """Let calls go wrong.

    Args:
        kind: What happens; `_after` and `timeout_after` do the work first, so that the answer is lost after its effect.
        operation: Amazon's operation names; repeat for several, all otherwise, `*` with sign-in and downloads. Kinds
            stuck and fatal need the work that they strike: processFeed, processReport, makeEasyShipDocument.
        nth: The n-th matching call, from 1; repeat for several.
        every: Each n-th matching call.
        share: Part of the matching calls, 0 to 1.
        limit: End after so many.
        hold_seconds: How long slow answers and time-outs take, in simulated seconds.
        location: Calls that name this location, or a shipment there.
        after_seconds: Begin so many simulated seconds from now.
        for_seconds: End so many simulated seconds later.
    """
    body: dict[str, object] = {"kind": kind, "operations": operation, "seller_id": seller, "shipment_id": shipment}
    body |= {"location_id": location, "after_seconds": after_seconds, "for_seconds": for_seconds}
    body |= {"nth": nth, "every": every, "share": share, "limit": limit, "hold_seconds": hold_seconds}
    to.rows([_flat(to.sim.post("faults", body=body))], *FAULT_COLUMNS)


@fault.command(name="outage")
def outage(
    for_seconds: float,
    *,
    kind: Literal["503", "500", "timeout_before", "reset"] = "503",
    operation: tuple[str, ...] = ("*",),
    seller: str | None = None,
    location: str | None = None,
    after_seconds: float = 0.0,
    to: Target = HERE,
) -> None:
    """Let all of Amazon, or a part, be down for simulated seconds.

    Args:
        kind: What callers get.
        operation: Operations that are down; everything otherwise, sign-in and downloads too.
        seller: This seller's calls only; sign-in and downloads go on then.
        location: Calls about this location only.
        after_seconds: Begin so many simulated seconds from now.
    """
    body: dict[str, object] = {"kind": kind, "operations": operation, "seller_id": seller, "location_id": location}
    body |= {"after_seconds": after_seconds, "for_seconds": for_seconds}
    to.rows([_flat(to.sim.post("faults", body=body))], *FAULT_COLUMNS)


@fault.command(name="list")
def list_faults(*, to: Target = HERE) -> None:
    """List faults at work and what they did."""
    to.rows([_flat(row) for row in to.sim.get("faults")["items"]], *FAULT_COLUMNS)


@fault.command(name="remove")
def remove_fault(fault_id: str | None = None, *, to: Target = HERE) -> None:
    """Take a fault away, or all of them."""
    rows = [to.sim.delete("faults", fault_id)] if fault_id else to.sim.delete("faults")["items"]
    to.rows([_flat(row) for row in rows], *FAULT_COLUMNS)


@scenario.command(name="list")
def list_scenarios(*, to: Target = HERE) -> None:
    """List the scenarios that come with the simulator."""
    to.rows(to.sim.get("scenarios")["items"], "name", "title", "shows", "sellers", "buyers")


@scenario.command(name="play")
def play_scenario(name: str, *, seed: int | None = None, speed: float | None = None, to: Target = HERE) -> None:
    """Empty the simulator and set it up as a scenario says."""
    to.one(to.sim.post("scenarios", name, "play", body={"seed": seed, "speed": speed}))


def _flat(row: dict[str, object]) -> dict[str, object]:
    rule = row.pop("rule")
    return {**row, **rule} if isinstance(rule, dict) else row
