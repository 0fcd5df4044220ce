"""Doubts about Amazon's behaviour, as switches to read and change."""

import msgspec

from packline_sim.control.endpoint import Endpoint, get, patch, post
from packline_sim.control.paging import Page
from packline_sim.control.reading import BadInput, FieldError
from packline_sim.control.stage import Stage
from packline_sim.switches import SWITCHES, TABLE


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a switch: its value now, the values it can have, what it settles and why there is a doubt."""

    name: str
    value: str
    default: str
    values: tuple[str, ...]
    settles: str
    reason: str


def list_switches(stage: Stage) -> Page[SwitchView]:
    """List all switches with their present values."""
    return Page(
        [
            SwitchView(
                name=row.name,
                value=stage.world.switches[row.name],
                default=row.default,
                values=row.values,
                settles=row.settles,
                reason=row.reason,
            )
            for row in SWITCHES
        ]
    )


def change_switches(stage: Stage, body: dict[str, str]) -> Page[SwitchView]:
    """Change several switches at once, all or none; they count from the next call on."""
    faults = tuple(fault for name, value in body.items() for fault in switch_faults(name, value))
    if faults:
        raise BadInput(*faults)
    stage.world.switches.update(body)
    return list_switches(stage)


def reset_switches(stage: Stage) -> Page[SwitchView]:
    """Put every switch back to its default."""
    stage.world.switches.reset()
    return list_switches(stage)


def switch_faults(name: str, value: str) -> tuple[FieldError, ...]:
    """Tell what is wrong with giving a switch this value."""
    switch = TABLE.get(name)
    if switch is None:
        return (FieldError(f"/{name}", f"no such switch; known are {', '.join(TABLE)}"),)
    if value not in switch.values:
        return (FieldError(f"/{name}", f"{value!r} is not one of {', '.join(switch.values)}"),)
    return ()


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/switches", list_switches),
    patch("/switches", change_switches),
    post("/switches/reset", reset_switches),
)
