"""One shipment on its way: step by step, each call after the commit that announces it."""

import asyncio
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from packline.domain.location import Account
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.domain.story import Story
from packline.driver.outcome import Outcome, answered, crashed, not_made, raised
from packline.driver.ownership import Guard, Turn
from packline.driver.timing import Plan, plan_after, plan_first
from packline.driver.tools import Tools
from packline.driver.unauthorized import stop_unauthorized
from packline.driver.writing import write
from packline.errors import AmazonError, Conflict, Fenced, Unauthorized, Unexpected
from packline.ports import Change, Performed

STALE_AT_MOST = 8
"""Times that a shipment may move under us before it is left for the next look."""
PAPERS = "papers"
"""What papers that belong to no order are parked under."""
SET_ASIDE = timedelta(seconds=60)
"""For how long a shipment that cannot even be marked as failed is left alone."""

log = structlog.get_logger(__name__)


class Journeys:
    """Take shipments of one account as far as they go, under one ownership."""

    def __init__(self, tools: Tools, account: Account, guard: Guard) -> None:
        """Work for `account` while `guard` lets calls through."""
        self._tools, self._account, self._guard = tools, account, guard
        self._turns: dict[str, Turn] = {}
        self.aside: dict[str, datetime] = {}
        self._is_stopping = False

    async def travel(self, shipment: Shipment) -> datetime | None:
        """Move one shipment until nothing is left to do now, and tell when to look again.

        Raises Fenced where the account is no longer ours, and what the store raises where it cannot be reached. Any
        other failure stays with this shipment, as a problem for a person.
        """
        try:
            return await self._travel(shipment)
        except Fenced:
            raise
        except Exception as error:
            if self._tools.is_away(error):
                raise
            log.exception("shipment.failed", shipment=shipment.id, account=shipment.account)
            return await self._give_up(shipment.id, error)
        finally:
            self._turns.pop(shipment.id, None)

    def stop(self) -> frozenset[str]:
        """Start nothing new; returns the shipments whose call has not left yet, so that their wait can be ended."""
        self._is_stopping = True
        return frozenset(shipment for shipment, turn in self._turns.items() if not turn.left)

    async def _travel(self, shipment: Shipment) -> datetime | None:
        plan = await self._set_out(shipment)
        while plan.step is not None:
            outcome = await self._ask(plan.shipment, plan.step)
            plan = await self._record(plan.shipment, plan.step, outcome)
        return plan.due

    async def _set_out(self, shipment: Shipment) -> Plan:
        program = self._tools.gateway.program_for(shipment)
        for _ in range(STALE_AT_MOST):
            plan = plan_first(shipment, program, self._tools.clock.now())
            if plan.step is not None and plan.shipment is shipment:
                return plan  # a probe needs no announcement
            stored = await self._commit(plan, Story(shipment), Outcome(Story))
            if stored is not None:
                return plan._replace(shipment=stored)
            shipment = await self._again(shipment.id)
        raise _restless(shipment)

    async def _ask(self, shipment: Shipment, step: Step) -> Outcome:
        if self._is_stopping:
            return _unsent(step)
        turn = self._turns[shipment.id] = Turn(self._guard)
        clock = self._tools.clock
        try:
            performed: Performed = await self._tools.gateway.perform(self._account.id, shipment, step, turn)
        except AmazonError as error:
            await self._note(shipment, error)
            return raised(error, step, clock.now())
        except asyncio.CancelledError:
            if not self._is_stopping or turn.left:
                raise
            _uncancel()
            return _unsent(step)
        except Fenced:
            if not self._guard.is_paused:
                raise
            return _unsent(step)
        for left in performed.left_over:
            now = self._tools.clock.now()
            await self._tools.intake.park(self._account.id, PAPERS, left.file.content, left.why, now)
        return answered(performed, self._tools.gateway.program_for(shipment))

    async def _note(self, shipment: Shipment, error: AmazonError) -> None:
        if isinstance(error, Unauthorized):
            await stop_unauthorized(self._tools.accounts, self._guard, error)
        elif isinstance(error, Unexpected):
            body = f"{error.operation} {error.status} {error.request_id} {error.message} {error.details}".encode()
            source = f"answer:{shipment.id}"
            await self._tools.intake.park(self._account.id, source, body, error.message, self._tools.clock.now())

    async def _record(self, shipment: Shipment, step: Step, outcome: Outcome) -> Plan:
        program = self._tools.gateway.program_for(shipment)
        for _ in range(STALE_AT_MOST):
            story = outcome.tell(shipment)
            now = self._tools.clock.now()
            plan = plan_after(shipment, story.shipment, step, program, now)
            if plan.step is not None and (self._is_stopping or self._guard.is_lost):
                plan = Plan(story.shipment, None, now)
            stored = await self._commit(plan, story, outcome)
            if stored is not None:
                return plan._replace(shipment=stored)
            outcome = outcome._replace(calls=())  # they are logged, whatever became of the change
            shipment = await self._again(shipment.id)
        raise _restless(shipment)

    async def _commit(self, plan: Plan, story: Story, outcome: Outcome) -> Shipment | None:
        change = Change(
            shipment=plan.shipment,
            version=story.before.version,
            events=tuple(story.events),
            due_at=plan.due,
            epoch=self._guard.ownership.epoch,
            files=outcome.files,
            calls=outcome.calls,
        )
        fate = await write(self._tools, self._guard, change)
        return replace(plan.shipment, version=fate.version) if fate.outcome == "written" else None

    async def _again(self, shipment_id: str) -> Shipment:
        found = await self._tools.shipments.load([shipment_id])
        if shipment_id not in found:
            raise Conflict(f"Shipment {shipment_id} is gone from the store.", reason="gone")
        return found[shipment_id]

    async def _give_up(self, shipment_id: str, error: Exception) -> datetime | None:
        now = self._tools.clock.now()
        try:
            for _ in range(STALE_AT_MOST):
                story = crashed(await self._again(shipment_id), error, now)
                if await self._commit(Plan(story.shipment, None, None), story, Outcome(Story)) is not None:
                    return None
        except Fenced:
            raise
        except Exception as another:
            if self._tools.is_away(another):
                raise
            log.exception("shipment.set_aside", shipment=shipment_id)
        self.aside[shipment_id] = now + SET_ASIDE
        return None


def _unsent(step: Step) -> Outcome:
    return Outcome(lambda s: not_made(s, step, "the worker stopped before the call left"))


def _uncancel() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _restless(shipment: Shipment) -> Conflict:
    return Conflict(f"Shipment {shipment.id} kept moving under its owner.", reason="busy")
