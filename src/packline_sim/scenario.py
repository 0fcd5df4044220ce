"""Scenarios: a whole world described in a TOML file, read with every fault named, and put on the stage."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec

from packline_sim.actors.buyers import Buyers
from packline_sim.actors.carriers import Carriers
from packline_sim.actors.former_integrator import Integrator
from packline_sim.actors.smarthub_operator import Operator
from packline_sim.clock import to_ms
from packline_sim.control.faults import FaultSpec, check_operations
from packline_sim.control.problems import Refused, problem_of
from packline_sim.control.reading import BadInput, FieldError, read
from packline_sim.control.smarthub import FloorUnits, lay_on_floor
from packline_sim.control.stage import Stage
from packline_sim.control.switches import switch_faults
from packline_sim.control.timetable import Appointment
from packline_sim.faults import FaultRule
from packline_sim.orders.specs import OrderSpec
from packline_sim.quotas import Plan, Preset
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import NotThere


class SellerPlan(SellerSpec, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a seller with its places, products and first shipments, or orders of Seller Central."""

    seller_id: str
    locations: tuple[LocationSpec, ...] = ()
    skus: tuple[SkuSpec, ...] = ()
    shipments: tuple[ShipmentSpec, ...] = ()
    orders: tuple[OrderSpec, ...] = ()
    floor: tuple[FloorUnits, ...] = ()


class QuotaPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe the plan of one operation that differs from the preset, for one seller or all."""

    operation: str
    rate: Annotated[float, msgspec.Meta(ge=0)]
    burst: Annotated[int, msgspec.Meta(ge=1)]
    seller_id: str | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a world: seed, time, speed, who sells, buys and works, what is in doubt, what happens and goes wrong.

    `shows` says what the scenario is for, `start` the moment at which it begins (the present when left out).
    """

    title: str
    shows: str = ""
    start: datetime | None = None
    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    speed: Annotated[float, msgspec.Meta(ge=0, le=100_000)] = 1.0
    quotas: Preset = "amazon"
    plans: tuple[QuotaPlan, ...] = ()
    switches: dict[str, str] = {}
    sellers: tuple[SellerPlan, ...] = ()
    buyers: tuple[Buyers, ...] = ()
    carriers: Carriers = Carriers()
    operators: tuple[Operator, ...] = ()
    integrators: tuple[Integrator, ...] = ()
    timetable: tuple[Appointment, ...] = ()
    faults: tuple[FaultSpec, ...] = ()


class BadScenario(ValueError):
    """The scenario cannot be played; the message names the file and every place to mend."""

    def __init__(self, name: str, errors: tuple[FieldError, ...]) -> None:
        lines = [f"Scenario {name} cannot be used:", *(f"  {row.pointer or '/'}: {row.detail}" for row in errors)]
        super().__init__("\n".join(lines))
        self.errors = errors


def shipped_scenarios() -> tuple[str, ...]:
    """List the scenarios that come with the simulator, by name."""
    folder = resources.files("packline_sim") / "scenarios"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load_scenario(name: str) -> Scenario:
    """Read a scenario, by the name of one that comes with the simulator or by a file's path. Raises BadScenario."""
    text = _text(name)
    try:
        return read(Scenario, tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise BadScenario(name, (FieldError("", f"it is not TOML: {fault}"),)) from None
    except BadInput as refusal:
        raise BadScenario(name, refusal.errors) from None


def play(scenario: Scenario, stage: Stage, *, seed: int | None = None, speed: float | None = None) -> None:
    """Empty the stage's world and set it up as the scenario says; `seed` and `speed` win over its own.

    Raises BadScenario, naming the entry, when the entries do not fit together.
    """
    world = stage.world
    start_ms = None if scenario.start is None else to_ms(scenario.start)
    world.reset(scenario.seed if seed is None else seed, start_ms=start_ms)
    _play_rules(scenario, stage)
    for index, plan in enumerate(scenario.sellers):
        with _entry(scenario, f"/sellers/{index}"):
            _play_seller(stage, plan)
    stage.carriers.change(scenario.carriers)
    _play_people(scenario, stage)
    for index, fault in enumerate(scenario.faults):
        with _entry(scenario, f"/faults/{index}"):
            check_operations(fault.operations)
            world.faults.add(FaultRule(**msgspec.structs.asdict(fault)))
    world.clock.set_speed(scenario.speed if speed is None else speed)


def _play_people(scenario: Scenario, stage: Stage) -> None:
    for index, settings in enumerate(scenario.buyers):
        with _entry(scenario, f"/buyers/{index}"):
            stage.start_buyers(settings)
    for index, operator in enumerate(scenario.operators):
        with _entry(scenario, f"/operators/{index}"):
            stage.hire_operator(operator)
    for index, integrator in enumerate(scenario.integrators):
        with _entry(scenario, f"/integrators/{index}"):
            stage.employ_integrator(integrator)
    for index, appointment in enumerate(scenario.timetable):
        with _entry(scenario, f"/timetable/{index}"):
            stage.timetable.put(appointment)


def _play_rules(scenario: Scenario, stage: Stage) -> None:
    faults = [fault for name, value in scenario.switches.items() for fault in switch_faults(name, value)]
    with _entry(scenario, "/switches"):
        if faults:
            raise BadInput(*faults)
    stage.world.switches.update(scenario.switches)
    stage.world.quotas.use(scenario.quotas)
    for index, plan in enumerate(scenario.plans):
        with _entry(scenario, f"/plans/{index}"):
            stage.world.quotas.override(plan.operation, Plan(plan.rate, plan.burst), seller_id=plan.seller_id)


def _play_seller(stage: Stage, plan: SellerPlan) -> None:
    fields: dict[str, Any] = {name: getattr(plan, name) for name in SellerSpec.__struct_fields__}
    stage.world.create_seller(SellerSpec(**fields))
    for location in plan.locations:
        stage.world.create_location(plan.seller_id, location)
    for sku in plan.skus:
        stage.world.create_sku(plan.seller_id, sku)
    for shipments in plan.shipments:
        stage.world.create_shipments(plan.seller_id, shipments)
    for units in plan.floor:
        lay_on_floor(stage, plan.seller_id, units)
    for orders in plan.orders:
        stage.world.create_orders(plan.seller_id, orders)


@contextmanager
def _entry(scenario: Scenario, place: str) -> Iterator[None]:
    try:
        yield
    except (BadInput, Refused, NotThere, ValueError) as failure:
        problem = problem_of(failure)
        errors = problem.errors or (FieldError("", problem.detail),)
        within = tuple(FieldError(place + row.pointer, row.detail) for row in errors)
        raise BadScenario(repr(scenario.title), within) from None


def _text(name: str) -> str:
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise BadScenario(name, (FieldError("", f"the file cannot be read: {fault}"),)) from None
    known = shipped_scenarios()
    if name not in known:
        detail = f"there is no scenario of that name; known are {', '.join(known)}, or give the path of a .toml file"
        raise BadScenario(name, (FieldError("", detail),))
    return (resources.files("packline_sim") / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
