"""Amazon's orders and packages in our words: facts for rules, details for people; liberal in what is read."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from packline.amazon.seller_central import parse_v0
from packline.amazon.seller_central.capabilities import Capability
from packline.amazon.seller_central.statuses import (
    BUYER_WANTS_CANCEL,
    LABEL_CANCELLED,
    Standing,
    is_easy_ship_word,
    is_ready,
    package_standing,
    standing,
)
from packline.amazon.seller_central.wire import easy_ship, orders
from packline.amazon.seller_central.wire.parts import Money as WireMoney
from packline.amazon.seller_central.wire.parts import flat, number, reader
from packline.amazon.times import instant
from packline.domain.details import Details, Line
from packline.domain.location import DEFAULT_LOCATION, Api
from packline.domain.reports import Facts, LabelResult, SeenPackage
from packline.domain.shipment import Shipment, Status
from packline.domain.slot import ShippingOption
from packline.domain.values import Money, Window, address_mark

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""`as_of` of an order whose update time Amazon left out: any other report is newer."""
REJECTABLE = tuple(
    s.value for s in (Status.ACCEPTED, Status.CONFIRMED, Status.PACKAGE_CREATED, Status.PICKUP_SLOT_RETRIEVED)
)
"""The seller may cancel until the order is scheduled, and again when Amazon cancelled its label."""
PACKAGE_ID = "PKG-1"
"""Our name for an order's only package, where nobody gave it another."""
_PROGRAMS = frozenset({"amazoneasyship", "deliverybyamazon"})
_KINDS = {"replacementoriginalid": "REPLACEMENT", "exchangeoriginalid": "EXCHANGE"}
_BY = {"MERCHANT": "SELLER_REJECTED", "BUYER": "MARKETPLACE_CANCELLED", "AMAZON": "MARKETPLACE_CANCELLED"}
_SCHEDULED = (Status.SHIPLABEL_GENERATED, Status.SHIPPED, Status.DELIVERED)
_ORDER = reader(orders.Order)


def order(body: bytes | Raw) -> orders.Order:
    """Decode an order of either version; raises msgspec.DecodeError with the field that is wrong."""
    read = parse_v0.order(body) if parse_v0.is_v0(body) else _ORDER.decode(body)
    if not read.order_id.strip():
        raise msgspec.ValidationError("the order has no id")
    return read


def is_ours(read: orders.Order) -> bool:
    """Tell whether an order is an Easy Ship order that can be worked on (or could, before it was cancelled)."""
    fulfillment = read.fulfillment or orders.Fulfillment()
    if not is_ready(fulfillment.fulfillment_status) or flat(fulfillment.fulfilled_by) == "amazon":
        return False
    if any(flat(program) in _PROGRAMS for program in read.programs or ()):
        return True
    return is_easy_ship_word(_package_word(_live(read.packages or ())))


def marketplace(read: orders.Order) -> str:
    """Tell an order's marketplace id, "" where Amazon left it out."""
    return (read.sales_channel.marketplace_id or "") if read.sales_channel else ""


def facts(read: orders.Order, capability: Capability, package_id: str = PACKAGE_ID) -> Facts:
    """Reduce an order to what rules need; `package_id` is our name for its package, where it has one already."""
    fulfillment = read.fulfillment or orders.Fulfillment()
    items = [item for item in read.order_items or () if item.quantity_ordered] or list(read.order_items or ())
    package = _live(read.packages or ())
    status, sub_status = standing(fulfillment.fulfillment_status, _package_word(package))
    if status == Status.ACCEPTED and not sub_status and any(_wants_cancel(item) for item in items):
        sub_status = BUYER_WANTS_CANCEL
    original = next((a for a in read.associated_orders or () if flat(a.association_type) in _KINDS), None)
    address = read.recipient.delivery_address if read.recipient else None
    ship_by, printing = fulfillment.ship_by_window, fulfillment.label_printing_window
    return Facts(
        amazon_id=read.order_id,
        location=DEFAULT_LOCATION,
        marketplace=marketplace(read),
        channel="MFN",
        shipping_type="MARKETPLACE",
        order_id=read.order_id,
        status=status,
        as_of=instant(read.last_updated_time) or LONG_AGO,
        sub_status=sub_status,
        ship_by=instant(ship_by.latest_date_time) if ship_by else None,
        earliest_pack=instant(printing.earliest_date_time) if printing else None,
        needs_invoice="invoice" in capability.wants,
        rejectable=REJECTABLE,
        items=tuple((_sku(item), item.quantity_ordered or 0) for item in items),
        kind=_KINDS[flat(original.association_type)] if original else "NEW",
        original_id=original.order_id if original else None,
        cancelled_by=_cancelled_by(items) if status == Status.CANCELLED else None,
        packages=seen_packages(
            status,
            [(_text(i.order_item_id), i.quantity_ordered or 0) for i in items],
            package_id,
            tracking_id=_text(package.tracking_number) if package else "",
        ),
        api=Api.SELLER_CENTRAL.value,
        ship_to=address_mark(_address(address)) if address else "",
    )


def seen_packages(
    status: str,
    lines: Sequence[tuple[str, int]],
    package_id: str = PACKAGE_ID,
    span: Window | None = None,
    tracking_id: str = "",
) -> tuple[SeenPackage, ...]:
    """Tell of the order's one package once it is scheduled; before that Amazon knows of none."""
    if status not in _SCHEDULED:
        return ()
    return (SeenPackage(package_id, status, lines=tuple(lines), window=span, tracking_id=tracking_id),)


def details(body: bytes | Raw) -> Details:
    """Read the part of a stored body that people and checks want; raises msgspec.DecodeError."""
    read = order(body)
    items = [item for item in read.order_items or () if item.quantity_ordered]
    address = read.recipient.delivery_address if read.recipient else None
    return Details(
        lines=tuple(_line(item) for item in items),
        ship_to=_address(address) if address else {},
        ship_method=(read.fulfillment.fulfillment_service_level or "") if read.fulfillment else "",
        payment="COD" if _is_cod(read) else "",
        tracking_id=next((_text(package.tracking_number) for package in read.packages or ()), ""),
    )


def package_facts(package: easy_ship.Package, shipment: Shipment) -> Facts:
    """Turn a scheduled package into facts of the shipment that is known; what a package does not tell stays.

    A status that nobody documented says at least that the order is scheduled.
    """
    found = package_standing(package.package_status) or Standing(Status.SHIPLABEL_GENERATED)
    own = shipment.packages[0] if shipment.packages else None
    lines = [(line.line_id, line.quantity) for line in own.lines] if own else []
    span = window(package.package_time_slot)
    return Facts(
        amazon_id=shipment.amazon_id,
        location=shipment.location,
        marketplace=shipment.marketplace,
        channel="MFN",
        shipping_type="MARKETPLACE",
        order_id=shipment.order_id,
        status=found.status.value,
        as_of=shipment.as_of,
        sub_status=found.sub_status,
        ship_by=shipment.ship_by,
        earliest_pack=shipment.earliest_pack,
        needs_invoice=shipment.needs_invoice,
        rejectable=shipment.rejectable,
        items=shipment.items,
        kind=shipment.kind,
        original_id=shipment.original_id,
        priority=shipment.priority,
        packages=seen_packages(found.status, lines, own.id if own else PACKAGE_ID, span, tracking_id(package)),
        api=shipment.api,
    )


def options(answer: easy_ship.HandoverSlots) -> tuple[ShippingOption, ...]:
    """Read hand-over slots; Amazon recommends none, so the earliest of each method stands for its recommendation."""
    found: list[ShippingOption] = []
    methods: set[str] = set()
    slots = [(window(slot), str(slot.slot_id)) for slot in answer.time_slots or () if slot.slot_id]
    for span, slot_id in sorted(slots, key=lambda slot: slot[0].start if slot[0] else LONG_AGO):
        method = span.method if span else ""
        found.append(ShippingOption(slot_id, "MARKETPLACE", "", span, method not in methods))
        methods.add(method)
    return tuple(found)


def window(slot: easy_ship.TimeSlot | None) -> Window | None:
    """Read a slot's span; one without a start or an end is none."""
    start = instant(slot.start_time) if slot else None
    end = instant(slot.end_time) if slot else None
    if slot is None or start is None or end is None:
        return None
    return Window(min(start, end), max(start, end), flat(slot.handover_method).upper())


def label(package: easy_ship.Package, package_id: str) -> LabelResult:
    """Read the label that Amazon made with a scheduled package; its file comes by another way."""
    slot = package.package_time_slot
    return LabelResult(
        package_id,
        True,
        tracking_id(package),
        option_id=_text(slot.slot_id) or None if slot else None,
        window=window(slot),
    )


def tracking_id(package: easy_ship.Package) -> str:
    """Tell a package's tracking id, "" where Amazon left it out."""
    return _text(package.tracking_details.tracking_id) if package.tracking_details else ""


def is_void(package: easy_ship.Package) -> bool:
    """Tell whether Amazon cancelled the label of a package."""
    found = package_standing(package.package_status)
    return found is not None and found.sub_status == LABEL_CANCELLED


def _live(packages: Sequence[orders.OrderPackage]) -> orders.OrderPackage | None:
    """An order's cancelled packages stay on it: the live one counts, else the last."""
    in_order = sorted(packages, key=lambda package: instant(package.created_time) or LONG_AGO)
    live = [package for package in in_order if not _is_label_cancelled(package)]
    return (live or in_order)[-1] if in_order else None


def _is_label_cancelled(package: orders.OrderPackage) -> bool:
    found = package_standing(_package_word(package))
    return found is not None and found.sub_status == LABEL_CANCELLED


def _package_word(package: orders.OrderPackage | None) -> str | None:
    status = package.package_status if package else None
    if status is None:
        return None
    return status.detailed_status or (status.status if flat(status.status) != "pending" else None)


def _sku(item: orders.OrderItem) -> str:
    return _text(item.product.seller_sku) if item.product else ""


def _wants_cancel(item: orders.OrderItem) -> bool:
    return item.cancellation is not None and item.cancellation.cancellation_request is not None


def _cancelled_by(items: Sequence[orders.OrderItem]) -> str | None:
    for item in items:
        execution = item.cancellation.cancellation_execution if item.cancellation else None
        if execution is not None and execution.cancelled_by:
            return _BY.get(execution.cancelled_by.upper(), "MARKETPLACE_CANCELLED")
    return None


def _line(item: orders.OrderItem) -> Line:
    product = item.product or orders.Product()
    packing = (item.fulfillment.packing if item.fulfillment else None) or orders.Packing()
    serial = packing.serial_number_requirement
    gift = packing.gift_option or orders.GiftOption()
    return Line(
        id=_text(item.order_item_id),
        sku=_sku(item),
        units=item.quantity_ordered or 0,
        title=product.title or "",
        serial_numbers="REQUIRED" if serial and flat(serial.requirement_type) == "required" else "DISALLOWED",
        gift_wrap=bool(gift.gift_wrap_level),
        gift_message=bool(gift.gift_message),
        total=_money(item.proceeds.proceeds_total if item.proceeds else None),
    )


def _money(amount: WireMoney | None) -> Money | None:
    found = number(amount.amount) if amount else None
    return Money(f"{found:f}", amount.currency_code or "") if amount and found is not None else None


def _is_cod(read: orders.Order) -> bool:
    executions = (read.payment.payment_executions if read.payment else None) or ()
    if any(flat(execution.payment_method) in ("cod", "cashondelivery") for execution in executions):
        return True
    shippings = [item.fulfillment.shipping for item in read.order_items or () if item.fulfillment]
    constraints = [shipping.shipping_constraints for shipping in shippings if shipping]
    return any(constraint is not None and constraint.cash_on_delivery for constraint in constraints)


def _address(address: orders.DeliveryAddress) -> dict[str, str]:
    named = {
        "name": address.name,
        "company_name": address.company_name,
        "address_line1": address.address_line1,
        "address_line2": address.address_line2,
        "address_line3": address.address_line3,
        "city": address.city,
        "district": address.district_or_county,
        "state": address.state_or_region,
        "municipality": address.municipality,
        "postal_code": address.postal_code,
        "country_code": address.country_code,
        "phone_number": address.phone,
    }
    return {name: str(value) for name, value in named.items() if value not in (None, "")}


def _text(value: str | int | None) -> str:
    return "" if value is None else str(value)
