"""Keep routes: orders are allocated one after the other, and allocated anew by themselves where a location rejects."""

import contextlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from packline.commands.accounts import known_account
from packline.commands.route import postal, site_of
from packline.domain.inventory.ledger import Key
from packline.domain.routing.distance import Point
from packline.domain.routing.kept import HOLDING, AtAmazon, KeptOrder, KeptParcel, OrderState, ParcelState, state_of
from packline.domain.routing.order import Allocation, Parcel, Placing
from packline.domain.routing.room import Drawn, Room
from packline.errors import Denied, FieldError, Invalid, NotFound
from packline.ports import AccountStore, Clock

ORDERS_AT_MOST = 1000
LOOK = timedelta(seconds=2)
ACTS = {"accept": ParcelState.ACCEPTED, "done": ParcelState.DONE, "reject": ParcelState.REJECTED}
"""What a location can say of its parcel."""
_ACT = {state: act for act, state in ACTS.items()}
_FROM = {
    ParcelState.ACCEPTED: (ParcelState.OPEN,),
    ParcelState.DONE: HOLDING,
    ParcelState.REJECTED: HOLDING,
}


class Page(Protocol):
    """The kept orders of one account while nobody else changes them; all of it is written, or nothing."""

    async def placings(self, now: datetime) -> list[Placing]:
        """Read how the locations are to be used, and how many parcels each took today."""

    async def shelves(self, skus: Sequence[str]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
        """Read which shelf each location's SKUs draw on, and what is neither sold nor held there."""

    async def points(self, places: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Point]:
        """Read where (country, postal code) lie, as far as that is known."""

    async def orders(self, references: Sequence[str]) -> dict[str, KeptOrder]:
        """Read orders that are kept."""

    async def put(
        self, order: KeptOrder, found: Allocation | None, drawn: Sequence[Drawn], now: datetime, by: str, why: str
    ) -> None:
        """Write an order with its parcels' states; `found` are the parcels of a new turn, which hold what they take."""


class RouteBook(Protocol):
    """Where kept orders are."""

    def open(self, account: str) -> AbstractAsyncContextManager[Page]:
        """Open the page of an account, one at a time."""

    async def at_amazon(self) -> Sequence[AtAmazon]:
        """List what Amazon's shipments say of the orders that are open, where it is not noted yet."""


class RouteDesk:
    """Where kept routes are made and answered."""

    def __init__(self, book: RouteBook, accounts: AccountStore, clock: Clock) -> None:
        """Take the book, and the accounts whose locations are known."""
        self._book, self._accounts, self._clock = book, accounts, clock
        self._looked_at: datetime | None = None

    async def keep(self, account: str, orders: Sequence[KeptOrder], *, by: str = "") -> None:
        """Allocate orders in their sequence and keep it; a reference that is known stays as it is.

        Raises NotFound or Invalid; then nothing is kept.
        """
        await known_account(self._accounts, account)
        faults = _faults(orders)
        if faults:
            raise Invalid("These orders cannot be kept.", errors=faults)
        async with self._book.open(account) as page:
            known = await page.orders([order.reference for order in orders])
            fresh = {order.reference: _plain(order) for order in orders if order.reference not in known}
            await self._allocate(page, list(fresh.values()), by, "")

    async def answer(
        self, account: str, reference: str, act: str, location: str, *, reason: str = "", by: str = ""
    ) -> None:
        """Note what a location says of its parcel: accept, done or reject; told twice it counts once.

        After a rejection the rest of the order is allocated anew at once, without those who rejected. Raises NotFound,
        Invalid or Denied.
        """
        if act not in ACTS:
            raise Invalid(f"{act} is nothing that a location says.", hint=f"One of {', '.join(ACTS)}.")
        async with self._book.open(account) as page:
            order = await _known(page, account, reference)
            changed = _answered(order, location, ACTS[act])
            if changed is None:
                return
            if act == "reject":
                why = f"{location} rejected its parcel" + (f": {reason}" if reason else "")
                await self._allocate(page, [changed], by, why)
            else:
                await page.put(changed, None, (), self._clock.now(), by, reason)

    async def cancel(self, account: str, reference: str, *, reason: str = "", by: str = "") -> None:
        """End an order: what it holds is free again, parcels that left stay. Twice is fine.

        Raises NotFound, or Denied where all has left.
        """
        async with self._book.open(account) as page:
            order = await _known(page, account, reference)
            if order.state is OrderState.CANCELLED:
                return
            if order.is_over:
                raise Denied(
                    f"Order {reference} has left.", reason="route_is_done", hint="What left comes back as a return."
                )
            parcels = tuple(replace(p, state=ParcelState.CANCELLED) if p.state in HOLDING else p for p in order.parcels)
            gone = replace(order, state=OrderState.CANCELLED, parcels=parcels)
            await page.put(gone, None, (), self._clock.now(), by, reason)

    async def again(self, account: str, reference: str, *, by: str = "") -> None:
        """Allocate anew what no location has accepted, such as after goods came in. Raises NotFound or Denied."""
        async with self._book.open(account) as page:
            order = await _known(page, account, reference)
            if order.is_over:
                raise Denied(
                    f"Order {reference} is {order.state}.", reason="route_is_over", hint="Keep another reference."
                )
            await self._allocate(page, [order], by, "it was asked for")

    async def work(self, now: datetime) -> bool:
        """Note what Amazon's shipments say of kept orders; a chore of the keeper, who looks every few seconds.

        What a location rejects there is allocated anew; where Amazon itself asks another location, the order follows.
        """
        if self._looked_at is not None and now - self._looked_at < LOOK:
            return False
        self._looked_at = now
        for one in await self._book.at_amazon():
            with contextlib.suppress(Denied, NotFound):  # somebody answered or cancelled it meanwhile
                await self._note(one)
        return False

    async def _note(self, one: AtAmazon) -> None:
        reason = f"{one.state} at Amazon"
        if one.state is ParcelState.OPEN:
            await self._follow(one)
        elif one.state is not ParcelState.CANCELLED:
            await self.answer(one.account, one.reference, _ACT[one.state], one.location, reason=reason)
        elif one.is_over:
            await self.cancel(one.account, one.reference, reason=reason)
        else:
            await self._drop(one, reason)

    async def _drop(self, one: AtAmazon, reason: str) -> None:
        """End one parcel: the rest of the order goes on."""
        async with self._book.open(one.account) as page:
            order = await _known(page, one.account, one.reference)
            gone = [p for p in order.parcels if p.location == one.location and p.state in HOLDING]
            parcels = tuple(replace(p, state=ParcelState.CANCELLED) if p in gone else p for p in order.parcels)
            await page.put(replace(order, parcels=parcels), None, (), self._clock.now(), "", reason)

    async def _follow(self, one: AtAmazon) -> None:
        """Give what nobody has accepted to the location that Amazon asks; its shipment reserves the units there."""
        async with self._book.open(one.account) as page:
            order = _released(await _known(page, one.account, one.reference))
            portions = tuple((line.line, line.sku, line.units) for line in order.left())
            if order.is_over or not portions:
                return
            why = f"Amazon asks {one.location}"
            found = Allocation((Parcel(one.location, portions, None, f"{why}."),))
            await _turn(page, order, found, (), self._clock.now(), "", why)

    async def _allocate(self, page: Page, orders: Sequence[KeptOrder], by: str, why: str) -> None:
        now = self._clock.now()
        released = [_released(order) for order in orders]
        for order in released:
            if order.turn:
                await page.put(order, None, (), now, by, why)
        room = await _room(page, released, now)
        points = await page.points([(o.country, o.postal_code) for o in released if o.postal_code])
        for order in released:
            to = points.get((order.country, order.postal_code))
            found = room.allocate(order.left(), to, ship_by=order.ship_by, rejected=order.rejected)
            await _turn(page, order, found, room.take(found), now, by, why)


async def _turn(
    page: Page, order: KeptOrder, found: Allocation, drawn: Sequence[Drawn], now: datetime, by: str, why: str
) -> None:
    states = [p.state for p in order.parcels if p.state in (*HOLDING, ParcelState.DONE)]
    state = state_of(found.short, [*states, *(ParcelState.OPEN for _ in found.parcels)])
    new = tuple(KeptParcel(p.location, order.turn + 1, p.lines, ParcelState.OPEN) for p in found.parcels)
    kept = replace(order, state=state, short=found.short, turn=order.turn + 1, parcels=(*order.parcels, *new))
    await page.put(kept, found, drawn, now, by, why)


async def _room(page: Page, orders: Sequence[KeptOrder], now: datetime) -> Room:
    skus = sorted({line.sku for order in orders for line in order.lines})
    shelves, units = await page.shelves(skus)
    return Room([site_of(placing, {}, now) for placing in await page.placings(now)], shelves, units)


async def _known(page: Page, account: str, reference: str) -> KeptOrder:
    order = (await page.orders([reference])).get(reference)
    if order is None:
        raise NotFound(
            f"Account {account} keeps no route of an order {reference}.", hint="List them with `packline route list`."
        )
    return order


def _answered(order: KeptOrder, location: str, state: ParcelState) -> KeptOrder | None:
    """Give the order with that answer; None where it is known already."""
    theirs = [parcel for parcel in order.parcels if parcel.location == location]
    if not theirs:
        raise NotFound(f"No parcel of order {order.reference} is at {location}.")
    last = max(theirs, key=lambda parcel: parcel.turn)
    if last.state is state:
        return None
    if last.state not in _FROM[state]:
        raise Denied(f"The parcel of order {order.reference} at {location} is {last.state}.", reason="route_is_over")
    parcels = tuple(replace(parcel, state=state) if parcel is last else parcel for parcel in order.parcels)
    rejected = (*order.rejected, location) if state is ParcelState.REJECTED else order.rejected
    current = [p.state for p in parcels if p.state in (*HOLDING, ParcelState.DONE)]
    return replace(order, parcels=parcels, rejected=rejected, state=state_of(order.short, current))


def _released(order: KeptOrder) -> KeptOrder:
    """Let go of what no location has accepted."""
    parcels = tuple(
        replace(parcel, state=ParcelState.REPLACED) if parcel.state is ParcelState.OPEN else parcel
        for parcel in order.parcels
    )
    return replace(order, parcels=parcels)


def _plain(order: KeptOrder) -> KeptOrder:
    return replace(order, country=order.country.upper(), postal_code=postal(order.postal_code))


def _faults(orders: Sequence[KeptOrder]) -> tuple[FieldError, ...]:
    found = []
    if not 1 <= len(orders) <= ORDERS_AT_MOST:
        found.append(FieldError("/orders", f"1 to {ORDERS_AT_MOST}."))
    for n, order in enumerate(orders):
        if not order.reference:
            found.append(FieldError(f"/orders/{n}/reference", "Your own number of the order."))
        if not order.lines:
            found.append(FieldError(f"/orders/{n}/lines", "One line or more."))
        if len({line.line for line in order.lines}) < len(order.lines):
            found.append(FieldError(f"/orders/{n}/lines", "Each line's name once."))
        faulty = [k for k, line in enumerate(order.lines) if line.units < 1]
        found += [FieldError(f"/orders/{n}/lines/{k}/units", "A whole number above 0.") for k in faulty]
    return tuple(found)
