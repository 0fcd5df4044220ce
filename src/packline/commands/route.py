"""Route: say which locations would ship an order, from the ledger's stock and the seller's settings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from packline.commands.accounts import known_account
from packline.domain.inventory.ledger import Key
from packline.domain.routing.distance import Point
from packline.domain.routing.order import Allocation, Demand, Placing, Site
from packline.domain.routing.room import Room
from packline.domain.values import Value
from packline.errors import FieldError, Invalid, NotFound
from packline.ports import AccountStore, Clock

BATCH = 5000
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class RoutingStore(Protocol):
    """Where places, settings and stock are read from."""

    async def put_centroids(self, found: Mapping[tuple[str, str], Point]) -> None:
        """Store centroids by (country, postal code)."""

    async def point(self, country: str, postal_code: str) -> Point | None:
        """Read where a postal code lies."""

    async def put_placing(self, account: str, placing: Placing) -> None:
        """Store how a location is to be used."""

    async def placings(self, account: str, now: datetime) -> list[Placing]:
        """Read how the enabled locations of an account are to be used."""

    async def shelves(self, account: str, skus: Sequence[str]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
        """Read which shelf each location's SKUs draw on, and what is neither sold nor held there."""


class Route(Value, frozen=True):
    """An order to allocate: its lines, where it goes, until when it must leave, and who rejected it.

    `stock` by location and SKU takes the place of the ledger's.
    """

    account: str
    lines: tuple[Demand, ...]
    country: str = ""
    postal_code: str = ""
    ship_by: datetime | None = None
    rejected: tuple[str, ...] = ()
    stock: dict[str, dict[str, int]] | None = None


async def route(store: RoutingStore, accounts: AccountStore, clock: Clock, order: Route) -> Allocation:
    """Allocate an order to the enabled locations of its account; nothing is reserved or told to Amazon.

    Raises NotFound for an unknown account, Invalid for lines without units.
    """
    await known_account(accounts, order.account)
    faults = [
        FieldError(f"/lines/{n}/units", "A whole number above 0.") for n, one in enumerate(order.lines) if one.units < 1
    ]
    if faults:
        raise Invalid("A line asks for nothing.", errors=tuple(faults))
    now = clock.now()
    skus = sorted({line.sku for line in order.lines})
    shelves, units = await store.shelves(order.account, skus) if order.stock is None else _given(order.stock)
    sites = [site_of(placing, {}, now) for placing in await store.placings(order.account, now)]
    to = await store.point(order.country.upper(), postal(order.postal_code)) if order.postal_code else None
    return Room(sites, shelves, units).allocate(order.lines, to, ship_by=order.ship_by, rejected=order.rejected)


def _given(stock: dict[str, dict[str, int]]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
    keys = {name: {sku: Key(name, name, sku) for sku in rows} for name, rows in stock.items()}
    return keys, {Key(name, name, sku): units for name, rows in stock.items() for sku, units in rows.items()}


async def place(store: RoutingStore, accounts: AccountStore, account: str, placing: Placing) -> None:
    """Say where a location lies and how it is to be used.

    Raises NotFound for an unknown location, and Invalid.
    """
    if placing.location not in {one.id for one in await accounts.locations(account)}:
        raise NotFound(f"Account {account} has no location {placing.location}.")
    faults = []
    if placing.priority < 0:
        faults.append(FieldError("/priority", "0 or more; a lower one goes first."))
    if placing.capacity is not None and placing.capacity < 0:
        faults.append(FieldError("/capacity", "Parcels a day, 0 or more."))
    if placing.cut_off is not None and not _TIME.fullmatch(placing.cut_off):
        faults.append(FieldError("/cut_off", "A local time such as 14:30."))
    if faults:
        raise Invalid("The settings are not acceptable.", errors=tuple(faults))
    await store.put_placing(account, _plain(placing))


async def take_centroids(
    store: RoutingStore, rows: Iterable[tuple[int, dict[str, Any]]]
) -> tuple[int, list[tuple[int, dict[str, Any], str]]]:
    """Store centroids as they are read (postal_code, country, latitude, longitude); give how many, and bad rows."""
    taken, batch, refused = 0, dict[tuple[str, str], Point](), list[tuple[int, dict[str, Any], str]]()
    for line, row in rows:
        fault = _centroid(row, batch)
        if fault:
            refused.append((line, row, fault))
        else:
            taken += 1
        if len(batch) >= BATCH:
            await store.put_centroids(batch)
            batch = {}
    if batch:
        await store.put_centroids(batch)
    return taken, refused


def postal(code: str) -> str:
    """Write a postal code as it is compared: capital letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", code.upper())


def leaves_at(placing: Placing, now: datetime) -> datetime | None:
    """Say when an order of this moment leaves: today until the cut-off, else a day later; None without one."""
    if placing.cut_off is None:
        return None
    here = now.astimezone(ZoneInfo(placing.timezone))
    hour, minute = placing.cut_off.split(":")
    today = here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return today if here <= today else today + timedelta(days=1)


def site_of(placing: Placing, stock: dict[str, int], now: datetime) -> Site:
    """Make the site of a location's settings and stock, at a moment."""
    left = None if placing.capacity is None else max(0, placing.capacity - placing.taken)
    return Site(placing.location, stock, placing.point, placing.priority, left, leaves_at(placing, now))


def _plain(placing: Placing) -> Placing:
    return Placing(
        placing.location,
        placing.country.upper(),
        postal(placing.postal_code),
        placing.priority,
        placing.capacity,
        placing.cut_off,
    )


def _centroid(row: dict[str, Any], batch: dict[tuple[str, str], Point]) -> str:
    country, code = str(row.get("country", "")).upper(), postal(str(row.get("postal_code", "")))
    if not re.fullmatch(r"[A-Z]{2}", country):
        return "country: two letters, such as IN."
    if not code:
        return "postal_code is missing."
    try:
        point = Point(float(row.get("latitude", "")), float(row.get("longitude", "")))
    except (TypeError, ValueError):
        return "latitude and longitude: degrees, such as 12.97 and 77.59."
    if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180):
        return "latitude goes from -90 to 90, longitude from -180 to 180."
    batch[country, code] = point
    return ""
