"""Scenarios set up whole worlds, and a bad one is told completely."""

from pathlib import Path

import pytest

from packline_sim.control.stage import Stage
from packline_sim.scenario import BadScenario, load_scenario, play, shipped_scenarios
from packline_sim.world import World


@pytest.fixture
def stage() -> Stage:
    return Stage(World())


def _written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_scenario_that_comes_along_can_be_played(name: str, stage: Stage) -> None:
    """Each of them sets up without a fault, and all rules hold after a simulated minute."""
    play(load_scenario(name), stage, speed=0)
    stage.world.clock.advance(60)
    assert stage.world.sellers
    assert stage.invariants.report().ok


def test_the_demo_shows_three_programs_in_three_countries(stage: Stage) -> None:
    """Seller Flex, Easy Ship and Self Ship are all ordered, in India, the UAE and Germany."""
    play(load_scenario("demo"), stage, speed=0)
    stage.world.clock.advance(300)
    orders = stage.world.shipments.values()
    assert {row.program for row in orders} == {"SELLER_FLEX", "EASY_SHIP", "SELF_SHIP"}
    assert {row.marketplace_id for row in orders} == {"A21TJRUUN4KGV", "A2VIGQ35RCS4UG", "A1PA6795UKMFR9"}
    assert all(crowd.state.ordered for crowd in stage.buyers.values())


def test_quiet_is_quiet(stage: Stage) -> None:
    """Nobody orders."""
    play(load_scenario("quiet"), stage, speed=0)
    stage.world.clock.advance(3600)
    assert not stage.world.shipments


def test_a_scenario_settles_rules_and_faults(stage: Stage, tmp_path: Path) -> None:
    """Switches, quotas, single plans and faults come from the file; seed and speed can be overruled."""
    text = """
    title = "Rough"
    seed = 9
    quotas = "sdk"
    switches = { bad_token = "401" }
    [[plans]]
    operation = "getShipment"
    rate = 7
    burst = 9
    [[faults]]
    kind = "503"
    share = 0.5
    """
    play(load_scenario(_written(tmp_path, text)), stage, seed=10, speed=3)
    world = stage.world
    assert (world.seed, world.clock.speed, world.quotas.preset) == (10, 3, "sdk")
    assert world.switches["bad_token"] == "401"
    plan = world.quotas.plan("S", "getShipment")
    assert plan is not None
    assert (plan.rate, plan.burst) == (7, 9)
    assert [fault.rule.kind for fault in world.faults.list()] == ["503"]


def test_every_fault_of_a_file_is_named(tmp_path: Path) -> None:
    """Misspelt fields and impossible values are told together, each with its place."""
    text = """
    title = "Bad"
    sped = 2
    [[sellers]]
    seller_id = "S1"
    name = 7
    [[buyers]]
    seller_id = "S1"
    orders_per_minute = -1
    """
    with pytest.raises(BadScenario) as refusal:
        load_scenario(_written(tmp_path, text))
    assert [error.pointer for error in refusal.value.errors] == [
        "/sped",
        "/sellers/0/name",
        "/buyers/0/orders_per_minute",
    ]


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ('switches = { bad_token = "402" }', "/switches/bad_token"),
        ('[[buyers]]\nseller_id = "S9"', "/buyers/0"),
        ('[[sellers]]\nseller_id = "S1"\nname = "N"\nregion = "NA"', "/sellers/0/marketplace_ids"),
        ('[[faults]]\nkind = "500"\noperations = ["shipIt"]', "/faults/0/operations/0"),
        ('[[plans]]\noperation = "shipIt"\nrate = 1\nburst = 1', "/plans/0"),
    ],
)
def test_entries_that_do_not_fit_together_are_named(entry: str, place: str, stage: Stage, tmp_path: Path) -> None:
    """What only shows when the world is set up is told with its place in the file."""
    with pytest.raises(BadScenario) as refusal:
        play(load_scenario(_written(tmp_path, f'title = "Bad"\n{entry}\n')), stage)
    assert [error.pointer for error in refusal.value.errors] == [place]


def test_a_file_that_is_not_toml_or_not_there_is_told(tmp_path: Path) -> None:
    """The message says what is wrong with the file itself, or which scenarios exist."""
    with pytest.raises(BadScenario, match="not TOML"):
        load_scenario(_written(tmp_path, "title ="))
    with pytest.raises(BadScenario, match=r"cannot be read"):
        load_scenario(str(tmp_path / "absent.toml"))
    with pytest.raises(BadScenario, match="known are cancel_race, demo, easy-ship"):
        load_scenario("absent")
