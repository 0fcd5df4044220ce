"""Kept routes: orders, parcels and what they hold, one account at a time (implements `commands.kept_routes`)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from packline.domain.inventory.ledger import Key
from packline.domain.routing.distance import Point
from packline.domain.routing.kept import HOLDING, AtAmazon, KeptOrder, KeptParcel, OrderState, ParcelState, Portion
from packline.domain.routing.order import Allocation, Demand, Placing
from packline.domain.routing.room import Drawn
from packline.domain.shipment import Goal
from packline.storage.codec import decode_shipment
from packline.storage.routing import PLACINGS, SHELVES, placing_of, shelves_of

_LOCK = "select pg_advisory_xact_lock(hashtextextended('route ' || $1, 0))"
_ORDERS = "select * from route_order where account_id = $1 and reference = any($2::text[]) for update"
_PARCELS = "select * from route_parcel where account_id = $1 and reference = any($2::text[]) order by turn, location_id"
_POINTS = """
select country, postal_code, latitude, longitude from centroid
join unnest($1::text[], $2::text[]) as p(country, postal_code) using (country, postal_code)
"""
_PUT = """
insert into route_order (account_id, reference, lines, country, postal_code, ship_by, state, short, why, is_proven,
    rejected, turn, created_at, updated_at, by_whom)
values ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9::text[], '{}'), coalesce($10, true), $11, $12, $13, $13, $14)
on conflict (account_id, reference) do update set state = excluded.state, short = excluded.short,
    why = coalesce($9, route_order.why), is_proven = coalesce($10, route_order.is_proven),
    rejected = excluded.rejected, turn = excluded.turn, updated_at = excluded.updated_at
"""
_STATES = """
update route_parcel p set state = n.state, updated_at = $5,
    reason = case when n.state = 'rejected' then $6 else p.reason end
from unnest($3::int[], $4::text[], $7::text[]) as n(turn, location_id, state)
where p.account_id = $1 and p.reference = $2 and p.turn = n.turn and p.location_id = n.location_id
    and p.state <> n.state
"""
_ADD = """
insert into route_parcel (account_id, reference, turn, location_id, lines, why, metres, leaves_at, is_late, created_at,
    updated_at)
select $1, $2, $3, *, $10, $10
from unnest($4::text[], $5::bytea[], $6::text[], $7::int[], $8::timestamptz[], $9::bool[])
"""
_FREE = """
delete from route_hold h using route_parcel p where h.account_id = $1 and h.reference = $2
    and p.account_id = h.account_id and p.reference = h.reference and p.turn = h.turn
    and p.location_id = h.location_id and not p.state = any($3::text[])
"""
_HOLD = """
insert into route_hold (account_id, reference, turn, location_id, pool, at_location, item, units)
select $1, $2, $3, l, p, a, i, sum(u) from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::int[])
    as h(l, p, a, i, u) group by l, p, a, i
"""
_EVENT = "insert into event (at, account_id, name, cause, data) values ($1, $2, $3, $4, $5)"
_AT_AMAZON = """
with told as (
    select o.account_id, o.reference, s.location_id, o.rejected, bool_and(s.status = 'CANCELLED') as is_gone,
        bool_and(s.status in ('SHIPPED', 'DELIVERED', 'CANCELLED')) as has_left,
        bool_and(s.status not in ('CREATED', 'ACCEPTED')) as is_accepted,
        (array_agg(s.id order by s.received_at desc))[1] as last
    from route_order o join shipment s on s.order_id = o.reference and s.account_id = o.account_id
    where o.state in ('allocated', 'short') group by o.account_id, o.reference, s.location_id
), beside as (
    select t.*, coalesce(p.state, 'replaced') as parcel, bool_and(t.is_gone) over one as is_over,
        bool_or(p.state in ('open', 'accepted') and not t.is_gone) over one as is_served
    from told t left join lateral (
        select p.state from route_parcel p where p.account_id = t.account_id and p.reference = t.reference
            and p.location_id = t.location_id order by p.turn desc limit 1
    ) p on true window one as (partition by t.account_id, t.reference)
), news as (
    select account_id, reference, location_id, last, is_over, case
        when parcel in ('open', 'accepted') and is_gone then 'cancelled'
        when parcel in ('open', 'accepted') and has_left then 'done'
        when parcel = 'open' and is_accepted then 'accepted'
        when parcel = 'replaced' and not is_gone and is_served is not true and rejected <> '{}'
            and location_id <> all (rejected) then 'open'
        end as state
    from beside
)
select n.account_id, n.reference, n.location_id, n.state, n.is_over, s.goal,
    case when n.state = 'cancelled' then s.state end
from news n join shipment s on s.id = n.last where n.state is not null order by 1, 2, 3 limit 100
"""
_HOLDING = [state.value for state in HOLDING]
BY_SELLER = "SELLER_REJECTED"
"""Amazon's word for a shipment that its location cancelled, here or in SmartHub."""


class RoutePage:
    """The kept orders of one account, inside a transaction that holds the account's lock."""

    def __init__(self, connection: asyncpg.Connection, account: str) -> None:
        """Use the transaction of the caller."""
        self._connection, self._account = connection, account

    async def placings(self, now: datetime) -> list[Placing]:
        """Read how the locations are to be used, and how many parcels each took today."""
        return [placing_of(row) for row in await self._connection.fetch(PLACINGS, self._account, now)]

    async def shelves(self, skus: Sequence[str]) -> tuple[dict[str, dict[str, Key]], dict[Key, int]]:
        """Read which shelf each location's SKUs draw on, and what is neither sold nor held there."""
        return shelves_of(await self._connection.fetch(SHELVES, self._account, list(skus)))

    async def points(self, places: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Point]:
        """Read where (country, postal code) lie, as far as that is known."""
        chosen = sorted(set(places))
        rows = await self._connection.fetch(_POINTS, [place[0] for place in chosen], [place[1] for place in chosen])
        return {(row[0], row[1]): Point(row[2], row[3]) for row in rows}

    async def orders(self, references: Sequence[str]) -> dict[str, KeptOrder]:
        """Read orders that are kept."""
        named = list(references)
        parcels: dict[str, list[KeptParcel]] = {}
        rows = await self._connection.fetch(_ORDERS, self._account, named)
        for row in await self._connection.fetch(_PARCELS, self._account, named):
            lines = msgspec.json.decode(row["lines"], type=tuple[Portion, ...])
            one = KeptParcel(row["location_id"], row["turn"], lines, ParcelState(row["state"]))
            parcels.setdefault(row["reference"], []).append(one)
        return {row["reference"]: _order(row, parcels.get(row["reference"], [])) for row in rows}

    async def put(
        self, order: KeptOrder, found: Allocation | None, drawn: Sequence[Drawn], now: datetime, by: str, why: str
    ) -> None:
        """Write an order with its parcels' states; `found` are the parcels of a new turn, which hold what they take."""
        known = [parcel for parcel in order.parcels if found is None or parcel.turn < order.turn]
        reasons = None if found is None else [*([f"Allocated anew: {why}."] if why else []), *found.why]
        await self._connection.execute(_PUT, *_columns(order), reasons, found and found.is_proven,
                                       list(order.rejected), order.turn, now, by)  # fmt: skip
        await self._connection.execute(
            _STATES,
            self._account,
            order.reference,
            [parcel.turn for parcel in known],
            [parcel.location for parcel in known],
            now,
            why,
            [parcel.state.value for parcel in known],
        )
        await self._connection.execute(_FREE, self._account, order.reference, _HOLDING)
        if found is not None:
            await self._add(order, found, drawn, now)
        if name := _news(order, found):
            data = msgspec.json.encode({"event": _told(order, name, why)})
            await self._connection.execute(_EVENT, now, self._account, name, "command" if by else "packline", data)

    async def _add(self, order: KeptOrder, found: Allocation, drawn: Sequence[Drawn], now: datetime) -> None:
        parcels = found.parcels
        await self._connection.execute(
            _ADD,
            self._account,
            order.reference,
            order.turn,
            [one.location for one in parcels],
            [msgspec.json.encode(one.lines) for one in parcels],
            [one.why for one in parcels],
            [one.metres for one in parcels],
            [one.leaves_at for one in parcels],
            [one.is_late for one in parcels],
            now,
        )
        columns = [[one.location for one in drawn], *([one.key[n] for one in drawn] for n in range(3))]
        units = [one.units for one in drawn]
        await self._connection.execute(_HOLD, self._account, order.reference, order.turn, *columns, units)


class RouteOrders:
    """The book of kept routes."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool of this process."""
        self._pool = pool

    @asynccontextmanager
    async def open(self, account: str) -> AsyncIterator[RoutePage]:
        """Open the page of an account; another who wants it waits."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK, account)
            yield RoutePage(connection, account)

    async def at_amazon(self) -> list[AtAmazon]:
        """List what Amazon's shipments say of the orders that are open, where it is not noted yet."""
        return [_at_amazon(row) for row in await self._pool.fetch(_AT_AMAZON)]


def _order(row: Any, parcels: Sequence[KeptParcel]) -> KeptOrder:
    return KeptOrder(
        row["account_id"],
        row["reference"],
        msgspec.json.decode(row["lines"], type=tuple[Demand, ...]),
        row["country"],
        row["postal_code"],
        row["ship_by"],
        OrderState(row["state"]),
        msgspec.json.decode(row["short"], type=tuple[Portion, ...]),
        tuple(row["rejected"]),
        row["turn"],
        tuple(parcels),
    )


def _at_amazon(row: Any) -> AtAmazon:
    account, reference, location, state, is_over, goal, shipment = row
    if shipment is not None and (goal == Goal.REJECTED or decode_shipment(shipment).cancelled_by == BY_SELLER):
        state = ParcelState.REJECTED
    return AtAmazon(account, reference, location, ParcelState(state), is_over)


def _columns(order: KeptOrder) -> tuple[Any, ...]:
    return (
        order.account,
        order.reference,
        msgspec.json.encode(order.lines),
        order.country,
        order.postal_code,
        order.ship_by,
        order.state.value,
        msgspec.json.encode(order.short),
    )


def _news(order: KeptOrder, found: Allocation | None) -> str:
    if found is not None:
        return "route.allocated" if order.turn == 1 else "route.reallocated"
    return f"route.{order.state}" if order.is_over else ""


def _told(order: KeptOrder, name: str, why: str) -> dict[str, Any]:
    return {
        "type": name.replace(".", "_"),
        "reference": order.reference,
        "state": order.state.value,
        "parcels": [
            {"location": p.location, "state": p.state.value, "units": sum(units for _, _, units in p.lines)}
            for p in order.parcels
            if p.turn == order.turn or p.state in HOLDING
        ],
        "short": sum(units for _, _, units in order.short),
        "rejected": list(order.rejected),
        "reason": why,
    }
