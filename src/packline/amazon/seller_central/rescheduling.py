"""Other slots for orders that are scheduled: all that wait go in one call, and each gets its own answer.

Amazon answers such a call as a whole: one package that cannot be moved refuses it for all, and nothing was changed
(inferred; Easy Ship 2022-03-23 has no list of errors there). So a refused call is made again in halves, until the one
that spoils it stands alone. A lost answer is unclear for each order, and each is proven by its own package.
"""

from collections.abc import Sequence

from packline.amazon.seller_central import build, operations, parse
from packline.amazon.seller_central.answering import failed, read, refused
from packline.amazon.seller_central.gathering import Gathering, Patience, Waiting, name_in_log, together
from packline.amazon.seller_central.scheduling import package_of
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import reader
from packline.amazon.spapi.clock import Clock
from packline.amazon.spapi.doors import Door, call_of
from packline.domain.reports import Done
from packline.domain.shipment import Shipment
from packline.domain.step import Step
from packline.errors import Rejected, Unresolved
from packline.ports import Call, Guard, Performed

MOST = 500  # Easy Ship 2022-03-23, UpdateScheduledPackagesRequest.updatePackageDetailsList
PATIENCE = Patience(quiet=1.5, longest=10.0)
"""Slots are read for one order in a second, so orders that are moved together come a second apart."""
_OPERATION = operations.UPDATE_SCHEDULED_PACKAGES
_PACKAGES = reader(easy_ship.Packages)


class Rescheduling:
    """Move the slots of one account's orders, many in a call."""

    def __init__(self, clock: Clock) -> None:
        """Gather by `clock`."""
        self._clock = clock
        self._gathering = Gathering(clock, self._send, MOST, PATIENCE)

    async def move(self, door: Door, shipment: Shipment, step: Step, guard: Guard | None) -> Performed:
        """Move one order with those that wait beside it; raises as `Gathering.join`, ValueError for no package."""
        package_of(shipment, step)
        return await self._gathering.join(door, Waiting(shipment, step, guard))

    async def _send(self, door: Door, batch: list[Waiting], calls: list[Call]) -> None:
        moves = [(w.shipment.amazon_id, w.step.option_id or "") for w in batch]
        try:
            answer = await door.api.call(
                _OPERATION,
                door.caller,
                body=build.reschedule(batch[0].shipment.marketplace, moves),
                urgency=batch[0].shipment.urgency,
                guard=together(batch),
                note=lambda record: calls.append(call_of(record, name_in_log(batch))),
            )
            packages = read(_OPERATION, answer, _PACKAGES).packages or ()
        except (Rejected, Unresolved) as error:
            if isinstance(error, Rejected) and len(batch) > 1:
                await self._halves(door, batch, calls)
                return
            for number, waiting in enumerate(batch):
                report = failed(waiting.step, self._clock.now(), error, _OPERATION)
                waiting.answer(Performed(report, calls=() if number else tuple(calls)))
            return
        self._hand_out(batch, packages, calls)

    async def _halves(self, door: Door, batch: list[Waiting], calls: list[Call]) -> None:
        middle = len(batch) // 2
        await self._send(door, batch[:middle], calls)
        await self._send(door, batch[middle:], [])

    def _hand_out(self, batch: list[Waiting], packages: Sequence[easy_ship.Package], calls: list[Call]) -> None:
        """Give each order its package; one that the answer does not name is looked at."""
        named = {order_of(package): package for package in packages}
        if len(batch) == 1 and "" in named:
            named = {batch[0].shipment.amazon_id: named[""]}
        for number, waiting in enumerate(batch):
            package = named.get(waiting.shipment.amazon_id)
            if package is None and not (len(batch) == 1 and not packages):
                silent = "Amazon's answer does not name this order."
                report = refused(waiting.step, self._clock.now(), _OPERATION, "NotNamed", silent, "unclear")
                waiting.answer(Performed(report, calls=() if number else tuple(calls)))
                continue
            label = parse.label(package or easy_ship.Package(), package_of(waiting.shipment, waiting.step).id)
            done = Done(waiting.step, self._clock.now(), labels=(label,))
            waiting.answer(Performed(done, calls=() if number else tuple(calls)))


def order_of(package: easy_ship.Package) -> str:
    """Give the order id of a package, "" where Amazon leaves it out."""
    named = package.scheduled_package_id.amazon_order_id if package.scheduled_package_id else None
    return str(named or "")
