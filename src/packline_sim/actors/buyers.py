"""Buyers who order at a rate, as a Poisson process on the simulator's clock, and sometimes think better of it."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, TypeVar

import msgspec

from packline_sim.actors.minds import change_mind
from packline_sim.clock import Alarm, to_datetime
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.specs import OrderLineSpec, OrderSpec
from packline_sim.programs import Program
from packline_sim.records import Intent
from packline_sim.specs import LineSpec, ShipmentSpec
from packline_sim.streams import happens
from packline_sim.world import World

Choice = TypeVar("Choice", bound=str)
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Hours = Annotated[tuple[Annotated[float, msgspec.Meta(ge=0, le=1000)], ...], msgspec.Meta(max_length=24)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]


class Buyers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe buyers of one seller: how often they order, what and where.

    `orders_per_minute` counts simulated minutes. `locations` and `programs` are weights; empty means all locations of
    the seller alike, and Easy Ship. `skus` empty means all. Shares are of all orders. A cancelling buyer does so after
    `cancel_after_s` simulated seconds on average, whatever the seller has done by then, unless the parcel has left.
    `stop_after` ends the ordering after so many orders. With `api` seller_central they order at Seller Central (Orders
    and Easy Ship APIs, in `marketplace_id` or the seller's first one), where places and programs do not count, and
    whoever thinks better of it asks the seller to cancel, except for `cancel_at_once_share` of them.

    `hours` multiplies the rate in each hour of the marketplace's day, from midnight on: 24 factors, none for an even
    day. `refuse_share` of the buyers refuse the parcel at the door; of those who take a shipment `return_share` send
    units back after `return_after_s` on average, and `replace_share` of those get the same again as a replacement.
    Carriers must work by themselves for any of it to happen.
    """

    seller_id: str
    orders_per_minute: Rate = 6.0
    locations: dict[str, Rate] = {}
    programs: dict[Program, Rate] = {}
    skus: tuple[str, ...] = ()
    most_lines: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    most_units: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 2
    cash_on_delivery_share: Share = 0.0
    gift_share: Share = 0.0
    cancel_share: Share = 0.0
    cancel_after_s: Annotated[float, msgspec.Meta(gt=0)] = 600.0
    ship_by_hours: float | None = None
    stop_after: Annotated[int, msgspec.Meta(ge=1)] | None = None
    cancel_at_once_share: Share = 0.0
    refuse_share: Share = 0.0
    return_share: Share = 0.0
    return_after_s: Annotated[float, msgspec.Meta(gt=0)] = 172_800.0
    replace_share: Share = 0.0
    hours: Hours = ()
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment"
    marketplace_id: str | None = None
    easy_ship_share: Share = 1.0


class BuyersChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change some settings of buyers that are ordering; what is left out stays."""

    orders_per_minute: Rate | None = None
    locations: dict[str, Rate] | None = None
    programs: dict[Program, Rate] | None = None
    skus: tuple[str, ...] | None = None
    most_lines: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None
    most_units: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    cash_on_delivery_share: Share | None = None
    gift_share: Share | None = None
    cancel_share: Share | None = None
    cancel_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    ship_by_hours: float | None = None
    stop_after: Annotated[int, msgspec.Meta(ge=1)] | None = None
    cancel_at_once_share: Share | None = None
    refuse_share: Share | None = None
    return_share: Share | None = None
    return_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    replace_share: Share | None = None
    hours: Hours | None = None


class BuyersState(msgspec.Struct, frozen=True, kw_only=True):
    """Show buyers and what they have done.

    `unserved` orders found no stock where Amazon makes no shipment then; `trouble` tells why ordering ended by itself.
    """

    buyers_id: str
    buying: bool
    ordered: int
    unserved: int
    cancelled: int
    trouble: str | None
    settings: Buyers


class BuyersCrowd:
    """Order for one seller until stopped.

    The crowd's own stream says when, and seeds one for each order: what one buyer wants, and what becomes of it, never
    hangs on how others fared.
    """

    def __init__(self, world: World, buyers_id: str, settings: Buyers) -> None:
        self._world = world
        self._id = buyers_id
        self._settings = settings
        self._random: random.Random = world.streams.of(f"buyers.{buyers_id}")
        self._buyer = self._random
        """Draws what the buyer who comes next wants and does."""
        self._next: Alarm | None = None
        self._due_ms = 0.0
        self._trouble: str | None = None
        self._ordered = self._unserved = self._cancelled = 0

    def start(self) -> None:
        """Begin to order, or go on after `stop`."""
        if self._next is None:
            self._trouble = None
            self._due_ms = self._world.clock.now_ms()
            self._await_next()

    def stop(self) -> None:
        """Order no more; cancellations that were decided still come."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def change(self, settings: Buyers) -> None:
        """Go on with other settings; the wait for the next order begins anew."""
        self._settings = settings
        if self._next is not None:
            self.stop()
            self.start()

    @property
    def state(self) -> BuyersState:
        """Show settings and counts."""
        return BuyersState(
            buyers_id=self._id,
            buying=self._next is not None,
            ordered=self._ordered,
            unserved=self._unserved,
            cancelled=self._cancelled,
            trouble=self._trouble,
            settings=self._settings,
        )

    def _await_next(self) -> None:
        # From the moment that the last order was due, not from when it was made: the rate stays true at any speed.
        # Over a day of unequal hours: orders as at the busiest hour, of which the others keep their part.
        hours = self._settings.hours
        peak = max(hours, default=1.0)
        if not peak:
            return
        while True:
            self._due_ms += 60_000 * self._random.expovariate(self._settings.orders_per_minute * peak)
            stays, self._buyer = self._random.random(), random.Random(self._random.getrandbits(64))
            if not hours or stays * peak < hours[self._hour() % len(hours)]:
                break
        self._next = self._world.clock.at(round(self._due_ms), self._order)

    def _hour(self) -> int:
        seller = self._world.sellers.get(self._settings.seller_id)
        wanted = self._settings.marketplace_id or (seller.marketplace_ids[0] if seller else None)
        offset = MARKETPLACES[wanted].utc_offset if wanted else timedelta(0)
        return (to_datetime(round(self._due_ms)) + offset).hour

    def _order(self) -> None:
        self._next = None
        try:
            made = self._place()
        except ValueError as refusal:
            self._trouble = str(refusal)
            return
        self._ordered += 1
        self._unserved += not made
        for made_id in made:
            self._make_up_mind(made_id)
        if self._settings.stop_after is None or self._ordered < self._settings.stop_after:
            self._await_next()

    def _place(self) -> list[str]:
        seller_id = self._settings.seller_id
        if self._settings.api == "seller_central":
            return [row.order_id for row in self._world.create_orders(seller_id, self._order_spec(), self._buyer)]
        return [row.shipment_id for row in self._world.create_shipments(seller_id, self._basket(), self._buyer)]

    def _order_spec(self) -> OrderSpec:
        settings, draw = self._settings, self._buyer
        chosen = self._chosen()
        return OrderSpec(
            marketplace_id=settings.marketplace_id,
            easy_ship=draw.random() < settings.easy_ship_share,
            lines=tuple(OrderLineSpec(sku=sku, quantity=draw.randint(1, settings.most_units)) for sku in chosen),
            cash_on_delivery=draw.random() < settings.cash_on_delivery_share,
            gift=draw.random() < settings.gift_share,
            ship_by_hours=24.0 if settings.ship_by_hours is None else settings.ship_by_hours,
        )

    def _chosen(self) -> list[str]:
        known = self._settings.skus or self._all_skus()
        return self._buyer.sample(known, k=self._buyer.randint(1, min(self._settings.most_lines, len(known))))

    def _basket(self) -> ShipmentSpec:
        settings, draw = self._settings, self._buyer
        chosen = self._chosen()
        return ShipmentSpec(
            program=_weighted(draw, settings.programs) or "EASY_SHIP",
            location_id=_weighted(draw, settings.locations),
            lines=tuple(LineSpec(sku=sku, units=draw.randint(1, settings.most_units)) for sku in chosen),
            cash_on_delivery=draw.random() < settings.cash_on_delivery_share,
            gift=draw.random() < settings.gift_share,
            ship_by_hours=settings.ship_by_hours,
        )

    def _all_skus(self) -> tuple[str, ...]:
        found = tuple(sku for seller_id, sku in self._world.skus if seller_id == self._settings.seller_id)
        if not found:
            raise ValueError(f"Seller {self._settings.seller_id} has no SKU to order. Create one and resume.")
        return found

    def _make_up_mind(self, made_id: str) -> None:
        """Draw what the buyer will do later; times come last, so that no share shifts another one's draws."""
        settings, draw = self._settings, self._buyer
        cancels, cancels_at_once = self._draws(settings.cancel_share), self._draws(settings.cancel_at_once_share)
        refuses, returns = self._draws(settings.refuse_share), self._draws(settings.return_share)
        wants_another = self._draws(settings.replace_share)
        returns_after_s = draw.expovariate(1 / settings.return_after_s)
        cancels_after_ms = round(1000 * draw.expovariate(1 / settings.cancel_after_s))
        cancels_ms = self._world.clock.now_ms() + cancels_after_ms if cancels else None
        intent = Intent(
            cancels_ms=cancels_ms,
            cancels_at_once=cancels_at_once,
            refuses=refuses,
            returns_after_s=returns_after_s if returns else None,
            wants_another=wants_another,
        )
        if intent == Intent():
            return
        record = self._world.shipments.get(made_id) or self._world.orders[made_id]
        record.intent = intent
        if cancels_ms is not None:
            self._world.clock.at(cancels_ms, lambda: self._cancel(made_id))

    def _draws(self, share: float) -> bool:
        return happens(self._buyer, share)

    def _cancel(self, made_id: str) -> None:
        self._cancelled += change_mind(self._world, made_id)


def _weighted(draw: random.Random, weights: Mapping[Choice, float]) -> Choice | None:
    return draw.choices(list(weights), weights=list(weights.values()))[0] if weights else None
