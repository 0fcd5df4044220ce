"""One shipment's day: the domain and the gateway against the simulator, without a database between."""

from datetime import UTC, datetime, timedelta

import anyio
from msgspec.structs import replace

from packline.amazon.external_fulfillment.gateway import ExternalFulfillmentGateway
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.spapi.clock import SystemClock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.http1 import Http1Transport
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.location import Account, Credentials, Region
from packline.domain.recommendation import recommended
from packline.domain.reconcile import reconcile
from packline.domain.reports import Done, Facts, Failed, Seen
from packline.domain.shipment import Goal, Package, Shipment
from packline.domain.step import Step, StepKind
from packline.domain.steps import PROBE, begin, next_step
from packline.domain.story import Story
from packline.ports import Query
from packline_sim.control.handles import Amazon, Seller


class SimulatorTime(SystemClock):
    """The wall clock, shifted to the simulator's day: slots and addresses expire by Amazon's time."""

    def __init__(self, amazon: Amazon) -> None:
        self._shift = amazon.clock.now - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(min(seconds, 0.01))


class Day:
    """Drive one shipment as the driver does: step, call, report, events, again."""

    def __init__(self, amazon: Amazon, seller: Seller, location: str | None = None) -> None:
        self.location = location
        self.clock = SimulatorTime(amazon)
        self._transport = Http1Transport(sockets=4)
        self._account = Account(
            "acme",
            "Acme",
            seller.seller_id,
            Region(seller.region),
            seller.marketplace_ids,
            amazon.url,
            amazon.token_url,
            "app",
            usage_plan="off",
        )
        self._credentials = Credentials(seller.client_id, seller.client_secret, seller.refresh_token)
        doors = Doors(self._transport, self.clock, self._directory, KEPT_FIELDS)
        self.gateway = ExternalFulfillmentGateway(doors, self.clock)
        self.shipment: Shipment
        self.body = b""
        self.calls: list[StepKind] = []
        self.events: list[ev.Event] = []

    async def _directory(self, _: str) -> tuple[Account, Credentials]:
        return self._account, self._credentials

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def receive(self, status: str = "ACCEPTED") -> Facts:
        """Find the one new shipment by listing, token by token."""
        token = None
        for _ in range(20):
            page = await self.gateway.list_page("acme", Query(status, self.location), token)
            if page.entries:
                break
            token = page.next_token
        facts, self.body = page.entries[0]
        program = self.gateway.program_of(facts)
        received = ev.Received(facts, program.code, self.clock.now())
        self.shipment = receive("acme", received)
        return facts

    def packages(self) -> tuple[Package, ...]:
        """Pack as Amazon recommends."""
        return recommended(self.gateway.details(self.body))

    def want(self, goal: Goal, **given: object) -> None:
        """Set a goal, as a command does."""
        self._tell(ev.GoalSet(goal, self.clock.now(), "test", "cmd_1", **given))

    def _tell(self, event: ev.Event) -> None:
        story = Story(self.shipment)
        story.tell(event)
        self.shipment = story.shipment

    async def run(self, most: int = 30) -> Shipment:
        """Go on until no step is left."""
        program = self.gateway.program_for(self.shipment)
        for _ in range(most):
            step = next_step(self.shipment, program, self.clock.now())
            if step is None:
                return self.shipment
            await self.take(step)
        raise AssertionError(f"no end in sight: {self.calls}")

    async def take(self, step: Step) -> Seen | Done | Failed:
        """Make one call and follow what it means."""
        program = self.gateway.program_for(self.shipment)
        self.calls.append(step.kind)
        if step != PROBE:
            self.shipment = begin(self.shipment, step, self.clock.now())
        performed = await self.gateway.perform("acme", self.shipment, step)
        story = reconcile(self.shipment, performed.report, program)
        self.shipment, self.events = story.shipment, [*self.events, *story.events]
        return performed.report

    def forget_answer(self, step: Step) -> None:
        """Be the successor of a process that died during a call."""
        self.shipment = begin(replace(self.shipment, pending=None), step, self.clock.now() - timedelta(seconds=1))

    @property
    def outcome(self) -> str | None:
        """Give the outcome of the command."""
        return next((e.outcome for e in self.events if isinstance(e, ev.Settled)), None)
