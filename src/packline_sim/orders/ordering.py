"""How buyers' orders come into being."""

import hashlib
import random
from typing import TYPE_CHECKING

from packline_sim.creation import BadSpec, find_marketplace
from packline_sim.marketplaces import MARKETPLACES, Marketplace
from packline_sim.orders.records import EasyShipStatus, Order, OrderItem
from packline_sim.orders.specs import OrderLineSpec, OrderSpec
from packline_sim.places import invent_place
from packline_sim.records import Seller, Sku
from packline_sim.streams import ALPHANUMERIC, digits

if TYPE_CHECKING:
    from packline_sim.world import World

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DELIVERY_DAYS = (2, 6)


def build_orders(world: "World", seller: Seller, spec: OrderSpec, draw: random.Random) -> list[Order]:
    """Make `spec.count` orders; what `spec` leaves open comes from `draw`. Raises BadSpec."""
    marketplace_id = spec.marketplace_id or seller.marketplace_ids[0]
    marketplace = find_marketplace(marketplace_id)
    if marketplace_id not in seller.marketplace_ids:
        raise BadSpec("marketplace_id", f"Seller {seller.seller_id} does not sell in {marketplace_id}.")
    if spec.replaced_order_id is not None and spec.replaced_order_id not in world.orders:
        raise BadSpec("replaced_order_id", f"There is no order {spec.replaced_order_id} to replace.")
    skus = [row for row in world.skus.values() if row.seller_id == seller.seller_id]
    if not skus:
        raise BadSpec("sku", f"Seller {seller.seller_id} has no SKU to order. Create one first.")
    if spec.in_store_pickup and spec.easy_ship:
        raise BadSpec("in_store_pickup", "An order that the buyer collects is not an Easy Ship order.")
    wanted = _wanted(world, seller, spec)
    return [_build(world, seller, marketplace, spec, wanted or _drawn(skus, draw), draw) for _ in range(spec.count)]


def first_easy_ship_status(world: "World", order: Order) -> EasyShipStatus | None:
    """Tell what Amazon shows of an Easy Ship order that waits to be scheduled.

    Since August 2025 it says PendingSchedule in North America and Europe (SP-API changelog).
    """
    if not order.is_easy_ship:
        return None
    where = world.switches["pending_schedule_status"]
    in_far_east = MARKETPLACES[order.marketplace_id].region == "FE"
    return None if where == "never" or (where == "na_and_eu" and in_far_east) else "PendingSchedule"


def asin_of(sku: str) -> str:
    """Give the ASIN of a SKU: always the same."""
    number = int.from_bytes(hashlib.sha256(f"asin|{sku}".encode()).digest()[:8], "big")
    return "B0" + "".join(ALPHANUMERIC[(number >> 5 * at) % len(ALPHANUMERIC)] for at in range(8))


def _wanted(world: "World", seller: Seller, spec: OrderSpec) -> tuple[OrderLineSpec, ...]:
    if spec.sku is not None and spec.lines:
        raise BadSpec("lines", "Give either a SKU or lines.")
    lines = spec.lines or ((OrderLineSpec(sku=spec.sku, quantity=spec.quantity),) if spec.sku is not None else ())
    for line in lines:
        if (seller.seller_id, line.sku) not in world.skus:
            raise BadSpec("lines", f"Seller {seller.seller_id} has no SKU {line.sku}.")
        if line.quantity < 1:
            raise BadSpec("lines", f"An item of {line.quantity} units of {line.sku} makes no sense.")
    return lines


def _drawn(skus: list[Sku], draw: random.Random) -> tuple[OrderLineSpec, ...]:
    chosen = draw.sample(skus, k=min(len(skus), draw.choice((1, 1, 1, 2))))
    return tuple(OrderLineSpec(sku=sku.sku, quantity=draw.choice((1, 1, 1, 2, 3))) for sku in chosen)


def _build(
    world: "World",
    seller: Seller,
    marketplace: Marketplace,
    spec: OrderSpec,
    wanted: tuple[OrderLineSpec, ...],
    draw: random.Random,
) -> Order:
    now = world.clock.now_ms()
    place = invent_place(draw, marketplace.country, state=spec.ship_to_state, postal_code=spec.ship_to_postal_code)
    ship_by = now + round(spec.ship_by_hours * HOUR_MS)
    return Order(
        order_id=_free_order_id(world, draw),
        seller_id=seller.seller_id,
        marketplace_id=marketplace.marketplace_id,
        is_easy_ship=spec.easy_ship,
        status=spec.status,
        easy_ship_status=None,
        created_ms=now,
        updated_ms=now,
        ship_from_ms=now,
        ship_by_ms=ship_by,
        deliver_from_ms=ship_by + DELIVERY_DAYS[0] * DAY_MS,
        deliver_by_ms=ship_by + DELIVERY_DAYS[1] * DAY_MS,
        items=[_item(world.skus[seller.seller_id, line.sku], marketplace, spec, line, draw) for line in wanted],
        packages=[],
        place=place,
        buyer_name=place.name,
        buyer_phone=place.phone,
        payment="COD" if spec.cash_on_delivery else "Other",
        is_prime=spec.prime,
        replaced_order_id=spec.replaced_order_id,
        label_from_ms=None if spec.label_after_hours is None else now + round(spec.label_after_hours * HOUR_MS),
        in_store_pickup=spec.in_store_pickup,
        own_packages={},
        history=[],
    )


def _item(sku: Sku, marketplace: Marketplace, spec: OrderSpec, line: OrderLineSpec, draw: random.Random) -> OrderItem:
    asked = spec.serial_required if line.serial_required is None else line.serial_required
    return OrderItem(
        order_item_id=digits(draw, 14),
        sku=sku.sku,
        asin=asin_of(sku.sku),
        title=sku.title,
        quantity=line.quantity,
        unit_price="0.00" if spec.replaced_order_id is not None else sku.price,
        tax_rate=float(sku.tax_rate),
        currency=marketplace.currency,
        serial_required=sku.serial_required if asked is None else asked,
        gift=spec.gift,
    )


def _free_order_id(world: "World", draw: random.Random) -> str:
    while True:
        text = digits(draw, 17)
        order_id = f"{text[:3]}-{text[3:10]}-{text[10:]}"
        if order_id not in world.orders:
            return order_id
