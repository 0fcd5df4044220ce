"""Migration day: run beside a former integrator without touching anything, then take over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from packline.commands.accounts import AccountRegister, known_account, set_location
from packline.commands.confirm import Confirm
from packline.commands.desk import Desk
from packline.commands.order import Order
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.migration_day import PARALLEL, Check, Day
from packline.errors import Denied
from packline.ports import Clock, Wake

AT_ONCE = 500
HELD = "migration day: the former integrator still writes stock"


class Days(Protocol):
    """Where migrations are kept."""

    async def day(self, account: str) -> Day | None:
        """Read an account's migration."""

    async def begin(self, day: Day) -> None:
        """Note that both run side by side."""

    async def end(self, account: str, now: datetime, by: str, red: tuple[str, ...]) -> None:
        """Note that the former integrator is gone."""

    async def waiting(self, account: str, locations: Sequence[str]) -> list[str]:
        """Name shipments at locations that nobody confirmed and nobody asked anything of."""


class Holds(Protocol):
    """Publishing of stock, held and released."""

    async def hold(self, account: str, location: str, reason: str, now: datetime, by: str) -> bool:
        """Hold the publishing of a location; False where it is held already."""

    async def release(self, account: str, location: str, now: datetime) -> bool:
        """Let the publishing of a location go on."""


class MigrationDesk:
    """Where a migration is begun and ended, whatever face it was said at."""

    def __init__(
        self,
        days: Days,
        holds: Holds,
        places: AccountRegister,
        wake: Wake,
        desks: tuple[PublishingDesk, Desk],
        clock: Clock,
    ) -> None:
        """Take the stores, and the desks of stock and of shipments."""
        self._days, self._holds, self._places, self._wake = days, holds, places, wake
        (self._stock, self._desk), self._clock = desks, clock

    async def begin(self, account: str, by: str = "") -> Day:
        """Run beside the former integrator: confirm nothing by itself, hold stock, ask Amazon for its numbers first.

        Again, it takes in locations that were added since. Raises NotFound.
        """
        await known_account(self._places, account)
        now = self._clock.now()
        places = await self._places.locations(account)
        confirms = [place for place in places if place.auto_confirm]
        for place in confirms:
            await set_location(self._places, self._wake, replace(place, auto_confirm=False))
        held = [place.id for place in places if await self._holds.hold(account, place.id, HELD, now, by)]
        await self._stock.choose(account, None, True, None, by)
        names = tuple(place.id for place in confirms)
        await self._days.begin(Day(account, PARALLEL, now, names, tuple(held), by=by))
        return await self._known(account)

    async def end(self, account: str, found: Sequence[Check], *, anyway: bool = False, by: str = "") -> Day:
        """Take over: stock goes out, and what confirmed by itself before does so again, with what waits for it.

        Raises Denied where the list is not green, unless `anyway`; NotFound; Denied where nothing was begun.
        """
        day = await self._days.day(account)
        if day is None or day.state != PARALLEL:
            raise Denied(
                f"Account {account} is in no migration.",
                reason="migration_not_begun",
                hint=f"Begin with `packline migration begin {account}`.",
            )
        red = tuple(check.name for check in found if not check.green)
        if red and not anyway:
            raise Denied(
                f"{len(red)} of {len(found)} checks are red: {', '.join(red)}.",
                reason="migration_not_green",
                hint=f"Mend what `packline migration check {account}` says, or end it anyway (`--anyway`).",
            )
        now = self._clock.now()
        await self._restore(day, now, by)
        await self._days.end(account, now, by, red)  # last, so that a crash before it leaves it to be done again
        return await self._known(account)

    async def _restore(self, day: Day, now: datetime, by: str) -> None:
        for place in await self._places.locations(day.account):
            if place.id in day.confirms and not place.auto_confirm:
                await set_location(self._places, self._wake, replace(place, auto_confirm=True))
        for name in day.holds:
            await self._holds.release(day.account, name, now)
        waiting = await self._days.waiting(day.account, day.confirms)
        orders = [Order(one, Confirm(), f"migration {day.account} {one}", by) for one in waiting]
        for at in range(0, len(orders), AT_ONCE):
            await self._desk.give_many(orders[at : at + AT_ONCE])

    async def _known(self, account: str) -> Day:
        day = await self._days.day(account)
        if day is None:
            raise Denied(f"Account {account} is in no migration.", reason="migration_not_begun")
        return day
