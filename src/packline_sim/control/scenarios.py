"""Scenarios that come with the simulator: list them, play one."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import not_found
from packline_sim.control.stage import Stage
from packline_sim.control.state import Stats, show_stats
from packline_sim.scenario import load_scenario, play, shipped_scenarios


class ScenarioView(msgspec.Struct, frozen=True, kw_only=True):
    """Show what a scenario brings, and what it shows."""

    name: str
    title: str
    shows: str
    sellers: int
    locations: int
    buyers: int


class PlaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say what wins over the scenario's own seed and speed."""

    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None
    speed: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None


def list_scenarios(_: Stage) -> Page[ScenarioView]:
    """List the scenarios that come with the simulator."""
    return Page([_view(name) for name in shipped_scenarios()])


def play_scenario(stage: Stage, name: str, body: PlaySettings) -> Stats:
    """Empty the simulator and set it up as a scenario says."""
    if name not in shipped_scenarios():
        raise not_found("scenario", name, f"Known are {', '.join(shipped_scenarios())}.")
    play(load_scenario(name), stage, seed=body.seed, speed=body.speed)
    return show_stats(stage)


def _view(name: str) -> ScenarioView:
    scenario = load_scenario(name)
    return ScenarioView(
        name=name,
        title=scenario.title,
        shows=scenario.shows,
        sellers=len(scenario.sellers),
        locations=sum(len(seller.locations) for seller in scenario.sellers),
        buyers=len(scenario.buyers),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/scenarios", list_scenarios),
    post("/scenarios/{name}/play", play_scenario),
)
