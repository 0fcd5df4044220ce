"""The pickup-schedule file: what waits for a pickup, for upload in Seller Central where no API schedules it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from packline.domain.details import Details
from packline.domain.location import Api
from packline.domain.recommendation import by_sku
from packline.domain.shipment import Goal, Shipment
from packline.domain.values import Box, Value, Window
from packline.errors import Denied, FieldError, Invalid, NotFound
from packline.ports import AccountStore, Clock, Gateway, ShipmentStore, SkuStore, TicketStore

ORDERS_AT_MOST = 5000
"""In one export: ten files."""


class Pickup(Value, frozen=True):
    """One order to schedule: its box, and when the carrier shall come (the window's start counts)."""

    order_id: str
    box: Box
    window: Window


class LeftOut(Value, frozen=True):
    """An order that is in no file, and all that is missing."""

    order_id: str
    shipment: str
    why: str


class Schedule(Value, frozen=True):
    """Files of at most 500 orders, ready for upload, and what is in none of them."""

    files: tuple[bytes, ...]
    orders: int
    left_out: tuple[LeftOut, ...]


class Written(Value, frozen=True):
    """What the writer made: files, and by order id what is wrong with the rows that are in none."""

    files: tuple[bytes, ...]
    refused: tuple[tuple[str, str], ...] = ()


Writer = Callable[[Sequence[Pickup], tzinfo], Written]
"""Writes pickups in Seller Central's form (`bootstrap` gives it)."""


class UnscheduledStore(Protocol):
    """Finds orders that have no label yet."""

    async def unscheduled(self, account: str, location: str, limit: int) -> list[str]:
        """Give the ids of shipments, the most urgent first."""


class PickupDesk:
    """Where pickup-schedule files are made; nothing is changed by it."""

    def __init__(
        self,
        shipments: ShipmentStore,
        unscheduled: UnscheduledStore,
        tickets: TicketStore,
        skus: SkuStore,
        accounts: AccountStore,
        gateway: Gateway,
        write: Writer,
        clock: Clock,
    ) -> None:
        """Take the stores to read from, and the writer of files."""
        self._shipments, self._unscheduled, self._tickets, self._skus = shipments, unscheduled, tickets, skus
        self._accounts, self._gateway, self._write, self._clock = accounts, gateway, write, clock

    async def schedule(self, account: str, location: str, pickup_at: datetime | None) -> Schedule:
        """Write every order of a location that waits for its pickup.

        The size is the packed box's, else made from the sizes of its SKUs. The pickup is the slot that was chosen for
        the package, else `pickup_at`. Orders that lack either are left out and told with the reason.
        Raises NotFound, and Denied for accounts whose pickups come with Amazon's calls.
        """
        zone = await self._zone(account, location)
        if pickup_at is not None and pickup_at <= self._clock.now():
            fault = FieldError("/pickup_at", "A pickup lies ahead.")
            raise Invalid("The pickup has passed.", errors=(fault,))
        ids = await self._unscheduled.unscheduled(account, location, ORDERS_AT_MOST)
        found = await self._shipments.load(ids)
        waiting = [found[name] for name in ids if name in found and _is_ready(found[name])]
        boxes = await self._boxes(account, [shipment for shipment in waiting if not shipment.packages])
        rows: list[Pickup] = []
        left_out: list[LeftOut] = []
        for shipment in waiting:
            row = _row(shipment, boxes.get(shipment.id, "Its size and weight are not known."), pickup_at)
            if isinstance(row, Pickup):
                rows.append(row)
            else:
                left_out.append(LeftOut(shipment.amazon_id, shipment.id, row))
        written = self._write(rows, zone) if rows else Written(())
        names = {shipment.amazon_id: shipment.id for shipment in waiting}
        left_out += [LeftOut(order, names[order], why) for order, why in written.refused]
        return Schedule(written.files, len(rows) - len(written.refused), tuple(left_out))

    async def _zone(self, account: str, location: str) -> tzinfo:
        found = await self._accounts.account(account)
        if found is None:
            raise NotFound(f"There is no account {account}.")
        if found.api is not Api.SELLER_CENTRAL:
            raise Denied(
                f"Pickups of {account} are booked by Amazon's calls.",
                reason="pickup_by_call",
                hint="Pack the shipments; their slots come with it.",
            )
        place = next((p for p in await self._accounts.locations(account) if p.id == location), None)
        if place is None:
            raise NotFound(f"Account {account} has no location {location}.")
        return ZoneInfo(place.timezone)

    async def _boxes(self, account: str, unpacked: Sequence[Shipment]) -> dict[str, Box | str]:
        """Make the box of each order that is not packed yet from its SKUs, or say why there is none."""
        bodies = await self._tickets.bodies([shipment.id for shipment in unpacked])
        details = {s.id: self._gateway.details(bodies[s.id], s.api) for s in unpacked if s.id in bodies}
        skus = sorted({line.sku for one in details.values() for line in one.lines})
        known = await self._skus.boxes(account, skus) if skus else {}
        return {name: _box(one, known) for name, one in details.items()}


def _is_ready(shipment: Shipment) -> bool:
    return shipment.goal is not Goal.REJECTED and shipment.pending is None


def _box(details: Details, known: Mapping[str, Box]) -> Box | str:
    try:
        return by_sku(details, known)[0].box
    except Invalid as wrong:
        return "; ".join(fault.message for fault in wrong.errors) or wrong.message


def _row(shipment: Shipment, unpacked: Box | str, pickup_at: datetime | None) -> Pickup | str:
    package = shipment.packages[0] if shipment.packages else None
    box = package.box if package else unpacked
    if isinstance(box, str):
        return box
    chosen = next((o.window for o in package.options if o.id == package.option_id), None) if package else None
    if chosen is not None:
        return Pickup(shipment.amazon_id, box, chosen)
    if pickup_at is None:
        return "No pickup is chosen for it; say when the carrier shall come (pickup_at)."
    return Pickup(shipment.amazon_id, box, Window(pickup_at, pickup_at + timedelta(hours=1)))
