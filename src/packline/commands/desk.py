"""The desk: takes commands for one or many shipments, refuses what is known to be wrong, stores the rest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from packline.commands.order import Order, Plan, Subject
from packline.commands.precedence import refuse_outranked
from packline.commands.table import BY_REQUEST, Kind
from packline.domain.details import Details
from packline.domain.events import PackingDoubted, Settled
from packline.domain.location import Api, Location
from packline.domain.program import Program
from packline.domain.settle import settle
from packline.domain.shipment import Shipment
from packline.domain.steps import next_step
from packline.domain.story import Story
from packline.domain.ticket import Ticket
from packline.domain.values import Box, stable_id
from packline.errors import Conflict, Denied, NotFound, PacklineError
from packline.ports import AccountStore, Change, Clock, Gateway, ShipmentStore, SkuStore, Submission, TicketStore

STALE_AT_MOST = 6  # times that a shipment may move under a command before the caller is asked to come again
KEY_LIVES = timedelta(hours=24)


class Desk:
    """Where every command comes in, whatever face it was given at."""

    def __init__(
        self,
        shipments: ShipmentStore,
        tickets: TicketStore,
        accounts: AccountStore,
        gateway: Gateway,
        clock: Clock,
        skus: SkuStore,
    ) -> None:
        """Take the stores to decide from, and the gateway for programs and lines (it makes no call here)."""
        self._shipments, self._tickets, self._accounts, self._skus = shipments, tickets, accounts, skus
        self._gateway, self._clock = gateway, clock

    async def give(self, order: Order) -> Ticket:
        """Take one command.

        Raises NotFound, Invalid, Denied or Conflict before anything leaves the building.
        """
        answer = (await self.give_many([order]))[0]
        if isinstance(answer, PacklineError):
            raise answer
        return answer

    async def give_many(self, orders: Sequence[Order]) -> list[Ticket | PacklineError]:
        """Take up to 1,000 commands, set-based; answers in the order of the orders, one not hindering another."""
        orders, answers = await self._given_before(orders)
        waiting = [index for index in range(len(orders)) if index not in answers]
        stale = dict.fromkeys(waiting, 0)
        while waiting:
            turn = _one_per_shipment(waiting, orders)
            for index, answer in (await self._take(turn, orders)).items():
                if answer is not None:
                    answers[index] = answer
                    continue
                stale[index] += 1
                if stale[index] >= STALE_AT_MOST:
                    answers[index] = _too_busy(orders[index])
            waiting = [index for index in waiting if index not in answers]
        return [answers[index] for index in range(len(orders))]

    async def foresee(self, orders: Sequence[Order]) -> list[Ticket | PacklineError]:
        """Tell what would become of commands if they were given now; the same checks, and nothing is written."""
        subjects = await self._subjects(orders)
        answers: list[Ticket | PacklineError] = []
        for order in orders:
            try:
                answers.append(self._submission(order, subjects.get(order.shipment)).ticket)
            except PacklineError as refusal:
                answers.append(refusal)
        return answers

    async def _given_before(self, orders: Sequence[Order]) -> tuple[list[Order], dict[int, Ticket | PacklineError]]:
        """Find commands that were given under the same key; a key that is a day old names a new command."""
        names = [_ticket_id(order) if order.key else "" for order in orders]
        known = await self._tickets.tickets([name for name in names if name]) if any(names) else {}
        oldest = self._clock.now() - KEY_LIVES
        answers: dict[int, Ticket | PacklineError] = {}
        renamed = list(orders)
        for index, name in enumerate(names):
            ticket = known.get(name)
            if ticket is not None and ticket.created_at >= oldest:
                answers[index] = ticket
            elif ticket is not None:
                renamed[index] = replace(orders[index], key=f"{orders[index].key}@{self._clock.now().isoformat()}")
        return renamed, answers

    async def _take(self, turn: Sequence[int], orders: Sequence[Order]) -> dict[int, Ticket | PacklineError | None]:
        subjects = await self._subjects([orders[index] for index in turn])
        answers: dict[int, Ticket | PacklineError | None] = {}
        submissions: dict[int, Submission] = {}
        for index in turn:
            order = orders[index]
            try:
                submissions[index] = self._submission(order, subjects.get(order.shipment))
            except PacklineError as refusal:
                answers[index] = refusal
        fates = await self._tickets.submit(list(submissions.values())) if submissions else []
        for (index, submission), fate in zip(submissions.items(), fates, strict=True):
            answers[index] = await self._answer(submission.ticket, fate)
        return answers

    async def _answer(self, ticket: Ticket, fate: str) -> Ticket | None:
        if fate == "known":
            return (await self._tickets.tickets([ticket.id])).get(ticket.id)
        return ticket if fate == "written" else None

    def _submission(self, order: Order, subject: Subject | None) -> Submission:
        if subject is None:
            raise NotFound(f"There is no shipment {order.shipment}.")
        kind = BY_REQUEST[type(order.request)]
        shipment = subject.shipment
        _refuse_status(shipment, kind)
        refuse_outranked(shipment, kind.name)
        plan = kind.plan(subject, order.request)
        story = _tell(shipment, plan, subject.program, subject.now)
        return Submission(
            ticket=_ticket(subject, order, kind, plan, story),
            change=Change(story.shipment, shipment.version, tuple(story.events), _due(story, subject)),
            request=msgspec.json.encode(order.request),
        )

    async def _subjects(self, orders: Sequence[Order]) -> dict[str, Subject]:
        shipments = await self._shipments.load([order.shipment for order in orders])
        details = await self._details(orders, shipments)
        locations = await self._locations(orders, shipments)
        last = await self._tickets.last(_reading("last", orders))
        boxes = await self._boxes(orders, shipments, details)
        listed = await self._listed(orders, shipments, details)
        now = self._clock.now()
        return {
            order.shipment: Subject(
                shipment=shipments[order.shipment],
                program=self._gateway.program_for(shipments[order.shipment]),
                now=now,
                ticket=_ticket_id(order, shipments[order.shipment]),
                details=details.get(order.shipment),
                location=locations.get((shipments[order.shipment].account, shipments[order.shipment].location)),
                last=last.get(order.shipment),
                boxes=boxes.get(shipments[order.shipment].account, {}),
                listed=listed.get(shipments[order.shipment].account, {}),
            )
            for order in orders
            if order.shipment in shipments
        }

    async def _details(self, orders: Sequence[Order], shipments: dict[str, Shipment]) -> dict[str, Details]:
        wanted = [shipment for shipment in _reading("details", orders) if shipment in shipments]
        bodies = await self._tickets.bodies(wanted) if wanted else {}
        return {shipment: self._gateway.details(body, shipments[shipment].api) for shipment, body in bodies.items()}

    async def _boxes(
        self, orders: Sequence[Order], shipments: dict[str, Shipment], details: dict[str, Details]
    ) -> dict[str, dict[str, Box]]:
        """Read sizes by account and SKU, for shipments whose API recommends no package."""
        wanted: dict[str, set[str]] = {}
        for name in _reading("boxes", orders):
            shipment = shipments.get(name)
            if shipment is not None and shipment.api == Api.SELLER_CENTRAL and name in details:
                wanted.setdefault(shipment.account, set()).update(line.sku for line in details[name].lines)
        return {account: await self._skus.boxes(account, sorted(skus)) for account, skus in wanted.items()}

    async def _listed(
        self, orders: Sequence[Order], shipments: dict[str, Shipment], details: dict[str, Details]
    ) -> dict[str, dict[str, Box]]:
        """Read the sizes that listings say, by account and SKU."""
        wanted: dict[str, set[str]] = {}
        for name in set(_reading("boxes", orders)) & details.keys():
            wanted.setdefault(shipments[name].account, set()).update(line.sku for line in details[name].lines)
        return {account: await self._skus.listed(account, sorted(skus)) for account, skus in wanted.items()}

    async def _locations(
        self, orders: Sequence[Order], shipments: dict[str, Shipment]
    ) -> dict[tuple[str, str], Location]:
        wanted = [shipments[s] for s in _reading("location", orders) if s in shipments]
        found: dict[tuple[str, str], Location] = {}
        for account in {shipment.account for shipment in wanted}:
            found |= {(account, entry.id): entry for entry in await self._accounts.locations(account)}
        return found


def _tell(shipment: Shipment, plan: Plan, program: Program, now: datetime) -> Story:
    story = Story(shipment)
    if shipment.ticket is not None and shipment.goal is not None:
        story.tell(Settled(shipment.ticket, shipment.goal, "superseded"))
    story.tell(plan.goal)
    if plan.doubts:
        story.tell(PackingDoubted(plan.doubts))
    story.tell_all(settle(story.shipment, program, now))
    return story


def _due(story: Story, subject: Subject) -> datetime | None:
    return subject.now if next_step(story.shipment, subject.program, subject.now) else None


def _ticket(subject: Subject, order: Order, kind: Kind, plan: Plan, story: Story) -> Ticket:
    settled = next((e for e in story.events if isinstance(e, Settled) and e.ticket == subject.ticket), None)
    return Ticket(
        id=subject.ticket,
        account=subject.shipment.account,
        shipment=subject.shipment.id,
        kind=kind.name,
        goal=plan.goal.goal,
        created_at=subject.now,
        outcome=settled.outcome if settled else None,
        problem=settled.problem if settled else None,
        requested_by=order.by,
        settled_at=subject.now if settled else None,
        warnings=plan.warnings,
    )


def _ticket_id(order: Order, shipment: Shipment | None = None) -> str:
    """A key names the command; without one the same request on the same version of the shipment is the same."""
    kind = BY_REQUEST[type(order.request)].name
    request = msgspec.json.encode(order.request).decode()
    if order.key or shipment is None:
        return stable_id("cmd", order.shipment, kind, order.key, request)
    return stable_id("cmd", order.shipment, kind, "", str(shipment.version), request)


def _refuse_status(shipment: Shipment, kind: Kind) -> None:
    if shipment.status in kind.allowed:
        return
    raise Denied(
        f"{kind.name} is possible in {', '.join(kind.allowed)}; this shipment is {shipment.status}.",
        reason="wrong_status",
        hint=_instead(shipment, kind),
    )


def _instead(shipment: Shipment, kind: Kind) -> str:
    if shipment.is_over:
        return "Nothing more can be asked of it."
    if kind.name == "pack" and shipment.packages:
        return "Change its boxes with repack, or ask for its documents with relabel."
    return "Ask `packline shipment explain` what it waits for."


def _too_busy(order: Order) -> Conflict:
    return Conflict(
        f"Shipment {order.shipment} kept moving while the command was being decided.",
        reason="busy",
        hint="Send the command again.",
    )


def _reading(what: str, orders: Sequence[Order]) -> list[str]:
    return [order.shipment for order in orders if what in BY_REQUEST[type(order.request)].reads]


def _one_per_shipment(waiting: Sequence[int], orders: Sequence[Order]) -> list[int]:
    first: dict[str, int] = {}
    for index in waiting:
        first.setdefault(orders[index].shipment, index)
    return list(first.values())
