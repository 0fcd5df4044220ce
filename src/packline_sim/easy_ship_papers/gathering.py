"""What the papers of an Easy Ship order say, gathered from the world."""

import random
from collections.abc import Collection
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

from packline_sim.clock import to_datetime
from packline_sim.documents.data import (
    CashOnDelivery,
    Dimensions,
    InvoiceData,
    InvoiceLine,
    PostalAddress,
    SlotWindow,
    TaxParty,
)
from packline_sim.documents.easy_ship.data import OrderPapers, ParcelLabel, WarrantyCard
from packline_sim.documents.gst import registered_in, state_code
from packline_sim.documents.tax import priced_line
from packline_sim.easy_ship_papers.kinds import INVOICE, LABEL, WARRANTY
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.records import EasyShipPackage, Order, OrderItem
from packline_sim.places import Place, invent_place

if TYPE_CHECKING:
    from packline_sim.world import World

UNKNOWN_HSN = "9997"


def order_papers(world: "World", order: Order, package: EasyShipPackage, kinds: Collection[str]) -> OrderPapers:
    """Gather the papers of the wanted kinds, as far as they exist for the order."""
    return OrderPapers(
        order_id=order.order_id,
        label=label_data(world, order, package) if LABEL in kinds else None,
        invoice=invoice_data(world, order, package) if INVOICE in kinds and package.invoice_number else None,
        warranties=warranty_data(world, order, package) if WARRANTY in kinds else (),
    )


def label_data(world: "World", order: Order, package: EasyShipPackage) -> ParcelLabel:
    """Gather what the label of a package says: always its slot of now, also after it was rescheduled."""
    marketplace = MARKETPLACES[order.marketplace_id]
    box, slot = package.box, package.slot
    sides = (Decimal(f"{side:g}") for side in (box.length_cm, box.width_cm, box.height_cm))
    return ParcelLabel(
        carrier=marketplace.carrier,
        tracking_id=package.tracking_id,
        order_id=order.order_id,
        identifier=package.identifier or "",
        marketplace=marketplace.country,
        ship_from=_address(home_of(world, order)),
        ship_to=_address(order.place),
        weight_g=Decimal(f"{box.weight_g:g}"),
        dimensions=Dimensions(*sides),
        made=_local(order, package.scheduled_ms),
        slot=SlotWindow(start=_local(order, slot.start_ms), end=_local(order, slot.end_ms)),
        handover="DROP_OFF" if slot.method == "DROPOFF" else "PICKUP",
        cod=_cash(order),
        contents=tuple(f"{item.quantity} x {item.sku}" for item in order.items),
        gift=any(item.gift for item in order.items),
        invoice_number=package.invoice_number or "",
    )


def invoice_data(world: "World", order: Order, package: EasyShipPackage) -> InvoiceData:
    """Gather what the invoice of a package says; it must have one."""
    if package.invoice_number is None or package.invoice_ms is None:
        raise ValueError(f"Order {order.order_id} has no invoice in its marketplace.")
    home, place = home_of(world, order), order.place
    home_code = state_code(home.state)
    buyer = _address(place)
    return InvoiceData(
        invoice_number=package.invoice_number,
        issued=_local(order, package.invoice_ms),
        order_id=order.order_id,
        order_date=_local(order, order.created_ms),
        shipment_id="",
        seller=TaxParty(
            address=_address(home),
            gstin=registered_in(world.sellers[order.seller_id].tax_number, home_code),
            state_code=home_code,
        ),
        buyer=TaxParty(address=buyer, state_code=state_code(place.state)),
        ship_to=buyer,
        place_of_supply=place.state,
        place_of_supply_code=state_code(place.state),
        lines=tuple(_line(world, order, item, package, same_state=home.state == place.state) for item in order.items),
        currency=MARKETPLACES[order.marketplace_id].currency,
        payment_method="Cash on delivery" if order.payment == "COD" else "Prepaid",
    )


def warranty_data(world: "World", order: Order, package: EasyShipPackage) -> tuple[WarrantyCard, ...]:
    """Gather the warranty cards: one for each item whose serial numbers were given."""
    sold = _local(order, order.created_ms)
    return tuple(
        WarrantyCard(
            order_id=order.order_id,
            title=item.title,
            sku=item.sku,
            asin=item.asin,
            serial_numbers=tuple(package.serials[item.order_item_id]),
            seller=world.sellers[order.seller_id].name,
            buyer=order.buyer_name,
            sold=sold,
        )
        for item in order.items
        if package.serials.get(item.order_item_id)
    )


def home_of(world: "World", order: Order) -> Place:
    """Give the place that a seller ships from: a location in the marketplace or any, else an invented one."""
    own = [row for key, row in world.locations.items() if key[0] == order.seller_id]
    found = next((row for row in own if row.marketplace_id == order.marketplace_id), own[0] if own else None)
    if found is not None:
        return found.place
    stream = random.Random(f"{world.seed}|home|{order.seller_id}|{order.marketplace_id}")
    place = invent_place(stream, MARKETPLACES[order.marketplace_id].country)
    return place._replace(name=world.sellers[order.seller_id].name)


def _line(world: "World", order: Order, item: OrderItem, package: EasyShipPackage, *, same_state: bool) -> InvoiceLine:
    sku = world.skus.get((order.seller_id, item.sku))
    return priced_line(
        description=item.title,
        sku=item.sku,
        hsn=sku.hsn_code if sku is not None else UNKNOWN_HSN,
        quantity=item.quantity,
        price_with_tax=Decimal(item.unit_price),
        rate=Decimal(str(item.tax_rate)) * 100,
        same_state=same_state,
        serial_numbers=tuple(package.serials.get(item.order_item_id, ())),
    )


def _cash(order: Order) -> CashOnDelivery | None:
    if order.payment != "COD":
        return None
    total = sum((Decimal(item.unit_price) * item.quantity for item in order.items), Decimal(0))
    return CashOnDelivery(amount=total, currency=MARKETPLACES[order.marketplace_id].currency)


def _address(place: Place) -> PostalAddress:
    return PostalAddress(
        name=place.name,
        lines=(place.line,),
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        country=place.country,
        phone=place.phone,
    )


def _local(order: Order, moment_ms: int) -> datetime:
    return to_datetime(moment_ms).astimezone(timezone(MARKETPLACES[order.marketplace_id].utc_offset))
