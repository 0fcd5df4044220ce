"""Trouble: calls that go wrong on purpose, at a click or as described, and the doubts about Amazon as switches."""

from collections.abc import Mapping
from typing import Any

from packline_sim.control.stage import Stage
from packline_sim.faults import BESIDE, KINDS
from packline_sim.page.acts import Act, act
from packline_sim.page.frame import names
from packline_sim.quotas import AMAZON
from packline_sim.switches import SWITCHES

READY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Throttle a tenth", "Every tenth call is answered 429.", {"kind": "429", "share": 0.1}),
    (
        "Lose the answer to labels",
        "The label is made, the answer never comes: half of all times.",
        {"kind": "timeout_after", "operations": ["generateShipLabels", "createScheduledPackage"], "share": 0.5},
    ),
    (
        "Fail now and then",
        "One call in twenty does its work and is answered 503.",
        {"kind": "503_after", "share": 0.05},
    ),
    ("Outage, ten minutes", "Nothing is answered, simulated time.", {"kind": "timeout_before", "for_seconds": 600}),
    (
        "Refuse to sign in",
        "Nobody gets an access token for five minutes.",
        {"kind": "token_refused", "operations": ["requestAccessToken"], "for_seconds": 300},
    ),
    ("Slow", "Every answer takes three simulated seconds.", {"kind": "slow", "hold_seconds": 3}),
    ("Cut answers short", "One answer in twenty ends in the middle.", {"kind": "cut", "share": 0.05}),
    (
        "Deaf queue",
        "Half of the calls that read a queue fail.",
        {"kind": "500", "operations": ["ReceiveMessage"], "share": 0.5},
    ),
)


def facts(stage: Stage, query: Mapping[str, str]) -> dict[str, Any]:
    """Gather faults at work, those that are ready to be put to work, and the switches, changed ones first."""
    switches = stage.world.switches
    text = query.get("text", "").strip().lower()
    rows = [(row, switches[row.name]) for row in SWITCHES if text in f"{row.name} {row.settles}".lower()]
    rows.sort(key=lambda pair: pair[0].default == pair[1])
    return {
        "faults": stage.world.faults.list(),
        "ready": [(label, says, _put_to_work(label, body)) for label, says, body in READY],
        "kinds": KINDS,
        "operations": (*AMAZON, *sorted(BESIDE)),
        "switches": rows,
        "changed": sum(row.default != value for row, value in rows),
        "names": names(stage),
    }


def _put_to_work(label: str, body: dict[str, Any]) -> Act:
    return act("Amazon", label, "POST", "/faults", body, f"{label}: at work")
