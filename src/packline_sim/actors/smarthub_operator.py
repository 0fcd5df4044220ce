"""People in SmartHub who work by themselves: they take some of the orders, or some steps of the connector's orders."""

import random
from typing import Annotated, Literal

import msgspec

from packline_sim.actors.shift import Shift
from packline_sim.actors.smarthub_desk import NEXT, STEPS, Desk, Packing, Step
from packline_sim.hands import SMARTHUB
from packline_sim.programs import Program
from packline_sim.records import Change, Shipment
from packline_sim.streams import happens
from packline_sim.world import World

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_MOVES = frozenset({"shipment_created", "shipment_status"})


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how one seller's people work in SmartHub.

    `share` is the part of the new shipments that they take, `takeover_share` the part of the steps of others'
    shipments that they take when somebody else could. Each step comes after `step_after_s` simulated seconds on
    average; whoever is faster takes it. What they have begun they carry on up to `until`. `scan_share` of the parcels
    are scanned, `reject_share` of the shipments that they take are rejected instead. Empty `locations` and `programs`
    mean all. With `api` seller_central they book the pickups of `share` of the Easy Ship orders in Seller Central,
    where only `step_after_s` counts besides.
    """

    seller_id: str
    share: Share = 0.3
    takeover_share: Share = 0.0
    step_after_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    until: Step = "ship"
    scan_share: Share = 0.8
    reject_share: Share = 0.0
    locations: tuple[str, ...] = ()
    programs: tuple[Program, ...] = ()
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment"


class OperatorChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change some of the settings of people in SmartHub; what is left out stays."""

    share: Share | None = None
    takeover_share: Share | None = None
    step_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    until: Step | None = None
    scan_share: Share | None = None
    reject_share: Share | None = None
    locations: tuple[str, ...] | None = None
    programs: tuple[Program, ...] | None = None


class OperatorState(msgspec.Struct, frozen=True, kw_only=True):
    """Show people in SmartHub and what they did: steps by name, steps that somebody else had taken, refusals."""

    operator_id: str
    working: bool
    steps: dict[str, int]
    outrun: int
    refused: int
    last_refusal: str | None
    settings: Operator


class SmartHubOperator:
    """Follow a seller's shipments; what is drawn for a step of one of them is its own."""

    def __init__(self, world: World, operator_id: str, settings: Operator) -> None:
        self._world = world
        self._id = operator_id
        self._settings = settings
        self._desk = Desk(world)
        self._shift = Shift()
        self._steps: dict[str, int] = {}
        self._outrun = self._refused = 0
        self._last_refusal: str | None = None

    @property
    def seller_id(self) -> str:
        """Tell whose people they are."""
        return self._settings.seller_id

    @property
    def state(self) -> OperatorState:
        """Show settings and counts."""
        return OperatorState(
            operator_id=self._id,
            working=self._shift.is_on,
            steps=dict(self._steps),
            outrun=self._outrun,
            refused=self._refused,
            last_refusal=self._last_refusal,
            settings=self._settings,
        )

    def start(self) -> None:
        """Begin to work, first of all on their share of what lies there."""
        if not self._shift.begin():
            return
        self._take_stock_of_work()

    def _take_stock_of_work(self) -> None:
        for status in NEXT:
            for shipment in list(self._world.shipment_shelves.shelf(self.seller_id, status).after(0)):
                self._consider(shipment, begun=shipment.worked_in_smarthub)

    def stop(self) -> None:
        """Go home; what was planned is left."""
        self._shift.end()

    def change(self, settings: Operator) -> None:
        """Work by other settings from the next shipment on."""
        self._settings = settings

    def follow(self, change: Change) -> None:
        """Take note of a shipment that waits for its next step."""
        if not self._shift.is_on or change.kind not in _MOVES or change.seller_id != self.seller_id:
            return
        shipment = self._world.shipments[change.subject]
        self._consider(shipment, begun=change.cause.startswith(SMARTHUB))

    def _consider(self, shipment: Shipment, *, begun: bool) -> None:
        settings, step = self._settings, NEXT.get(shipment.status)
        if step is None or STEPS.index(step) > STEPS.index(settings.until):
            return
        if settings.locations and shipment.location_id not in settings.locations:
            return
        if settings.programs and shipment.program not in settings.programs:
            return
        share = settings.share if step == "confirm" else settings.takeover_share
        draw = self._draw(shipment.shipment_id, step)
        if not happens(draw, share) and not begun:
            return
        wait = draw.expovariate(1 / settings.step_after_s)
        shift = self._shift.number
        self._world.clock.after(wait, lambda: self._take(shipment, step, shift))

    def _take(self, shipment: Shipment, step: Step, shift: int) -> None:
        if shift != self._shift.number:
            return
        if NEXT.get(shipment.status) != step:
            self._outrun += 1
            return
        try:
            done = self._do(shipment)
        except ValueError as refusal:
            self._note_refusal(refusal)
            return
        self._steps[done] = self._steps.get(done, 0) + 1

    def _note_refusal(self, refusal: ValueError) -> None:
        self._refused += 1
        self._last_refusal = str(refusal)

    def _do(self, shipment: Shipment) -> str:
        settings, draw = self._settings, self._draw(shipment.shipment_id, "how")
        rejects, scans = happens(draw, settings.reject_share), happens(draw, settings.scan_share)
        if NEXT[shipment.status] == "confirm" and rejects:
            self._desk.reject(shipment, "OUT_OF_STOCK")
            return "reject"
        return self._desk.step(shipment, Packing(scan=scans and NEXT[shipment.status] == "pack"))

    def _draw(self, subject: str, step: str, *more: int) -> random.Random:
        """Give the stream of one step of a shipment or order, another one each time that they come to work."""
        return self._world.streams.about(f"operators.{self._id}", subject, step, self._shift.number, *more)
