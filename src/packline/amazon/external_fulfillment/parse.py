"""Amazon's shipments in our words: facts for rules, details for people; liberal in what is read."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from packline.amazon.external_fulfillment import wire
from packline.amazon.external_fulfillment.panel_marks import DEFAULT, Marks
from packline.amazon.external_fulfillment.units import box_of
from packline.amazon.external_fulfillment.wire import Time, Wire, canonical
from packline.amazon.times import instant
from packline.domain.details import Details, Line, RecommendedPackage
from packline.domain.panel import Scan
from packline.domain.reports import Facts, LabelResult, SeenPackage
from packline.domain.slot import ShippingOption
from packline.domain.values import Money, Window, address_mark

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""`as_of` of a shipment whose update time Amazon left out: any other report is newer."""


class _Cancellation(Wire, frozen=True):
    cancellation_type: str | None = None


class _Item(Wire, frozen=True):
    merchant_sku: str | None = None
    number_of_units: int | None = None
    cancellations: Sequence[_Cancellation] | None = None
    custom_attributes: Sequence[wire.CustomAttribute] | None = None


class _Original(Wire, frozen=True):
    id: str | None = None


class _Info(Wire, frozen=True):
    shipment_type: str | None = None
    original_shipment_info: _Original | None = None
    priority: str | None = None
    buyer_order_id: str | None = None
    order_states_eligible_for_rejection: Sequence[str] | None = None
    processing_source: str | None = None


class _Requirements(Wire, frozen=True):
    invoice: wire.Requirement | None = None


class _Shipping(Wire, frozen=True):
    expected_shipping_date_time_in_utc: Time = msgspec.field(name="expectedShippingDateTimeInUTC", default=None)
    expected_shipping_date_time: Time = None
    shipping_type: str | None = None
    ship_to_address: Raw = Raw()


class _Head(Wire, frozen=True):
    """What rules need of a shipment; everything else stays bytes."""

    id: str
    status: str
    sub_status: str | None = None
    location_id: str | None = None
    marketplace_attributes: wire.MarketplaceAttributes | None = None
    shipment_info: _Info | None = None
    shipment_requirements: _Requirements | None = None
    shipping_info: _Shipping | None = None
    line_items: Sequence[_Item] | None = None
    packages: Sequence[wire.Package] | None = None
    last_updated_date_time: Time = None
    earliest_pack_date_time: Time = None


_HEAD = wire.reader(_Head)
_SHIPMENT = wire.reader(wire.Shipment)
_NO_INFO, _NO_SHIPPING, _NO_MARKETPLACE = _Info(), _Shipping(), wire.MarketplaceAttributes()


def facts(body: bytes | Raw, marks: Marks = DEFAULT) -> Facts:
    """Read one shipment's facts; raises msgspec.DecodeError for what is no shipment, with the field that is wrong.

    `marks` says what the signs of Amazon's own panel mean.
    """
    head = _HEAD.decode(body)
    info = head.shipment_info or _NO_INFO
    shipping = head.shipping_info or _NO_SHIPPING
    market = head.marketplace_attributes or _NO_MARKETPLACE
    invoice = head.shipment_requirements.invoice if head.shipment_requirements else None
    items = head.line_items or ()
    return Facts(
        amazon_id=head.id,
        location=head.location_id or "",
        marketplace=market.marketplace_id or "",
        channel=canonical(market.channel_name),
        shipping_type=canonical(shipping.shipping_type),
        order_id=info.buyer_order_id or "",
        status=canonical(head.status),
        as_of=instant(head.last_updated_date_time) or LONG_AGO,
        sub_status=canonical(head.sub_status),
        ship_by=instant(shipping.expected_shipping_date_time_in_utc or shipping.expected_shipping_date_time),
        earliest_pack=instant(head.earliest_pack_date_time),
        needs_invoice=invoice is not None and canonical(invoice.requirement) == "REQUIRED",
        invoice_available=invoice is not None and canonical(invoice.status) == "AVAILABLE",
        rejectable=tuple(map(canonical, info.order_states_eligible_for_rejection or ())),
        items=tuple([(item.merchant_sku or "", item.number_of_units or 0) for item in items]),
        kind=canonical(info.shipment_type) or "NEW",
        original_id=info.original_shipment_info.id if info.original_shipment_info else None,
        priority=canonical(info.priority) or "LOW",
        processed_by=marks.source(info.processing_source),
        scanned=_scanned(items, marks),
        cancelled_by=_cancelled_by(items),
        packages=tuple([_seen(package) for package in head.packages if package.id]) if head.packages else (),
        ship_to=_mark(shipping.ship_to_address),
    )


def _scanned(items: Sequence[_Item], marks: Marks) -> tuple[Scan, ...]:
    found = []
    for item in items:
        if item.custom_attributes:
            scan = marks.scan(item.merchant_sku or "", item.number_of_units or 0, item.custom_attributes)
            found += [scan] if scan is not None else []
    return tuple(found)


def _mark(address: Raw) -> str:
    """Only the mark is kept: decoded apart, so that no field of it can stay behind."""
    raw = bytes(address)
    if raw in (b"", b"null", b"{}"):
        return ""
    found = msgspec.json.decode(raw)
    return address_mark(found) if isinstance(found, dict) else ""


def details(body: bytes | Raw) -> Details:
    """Read the part that people and checks want; raises msgspec.DecodeError."""
    shipment = _SHIPMENT.decode(body)
    shipping = shipment.shipping_info or wire.ShippingInfo()
    info = shipment.shipment_info or wire.ShipmentInfo()
    return Details(
        lines=tuple(_line(item) for item in shipment.line_items or ()),
        recommended=tuple(_recommended(package) for package in shipping.recommended_packages or ()),
        ship_to=_address(shipping.ship_to_address),
        ship_method=shipping.recommended_ship_method or "",
        payment=canonical(info.payment_method),
    )


def options(answer: wire.ShippingOptions) -> tuple[ShippingOption, ...]:
    """Read shipping options, Amazon's recommendation marked; null, missing and `[]` all mean none."""
    best = answer.recommended_shipping_option
    offered = [o for o in answer.shipping_options or () if o.shipping_option_id]
    if best is not None and best.shipping_option_id and best.shipping_option_id not in _ids(offered):
        offered.insert(0, best)
    best_id = best.shipping_option_id if best else None
    return tuple(
        ShippingOption(
            id=option.shipping_option_id or "",
            ship_by=canonical(option.ship_by),
            carrier=option.carrier_name or "",
            window=window(option.pickup_window or option.time_slot),
            recommended=option.shipping_option_id == best_id,
        )
        for option in offered
    )


def window(seen: wire.TimeWindow | None) -> Window | None:
    """Read a time window; one without a start or an end is none."""
    start = instant(seen.start_time) if seen else None
    end = instant(seen.end_time) if seen else None
    if seen is None or start is None or end is None:
        return None
    return Window(min(start, end), max(start, end), canonical(seen.handover_method))


def label(seen: wire.PackageShipLabel) -> LabelResult:
    """Read one package of a label answer; success needs a tracking id or an address, whatever the status says."""
    found = seen.ship_label_metadata or wire.LabelMetadata()
    address = seen.file_data.url if seen.file_data else None
    error = seen.error_details or wire.ErrorDetails()
    ok = canonical(seen.status) != "FAILURE" and bool(found.tracking_id or address)
    return LabelResult(
        package_id=seen.package_id or "",
        ok=ok,
        tracking_id=str(found.tracking_id or ""),
        carrier=found.carrier_name or "",
        option_id=found.shipping_option_id,
        window=window(found.pickup_window or found.time_slot),
        url=address,
        code="" if ok else (error.code or "Unknown"),
        message="" if ok else (error.message or error.details or "Amazon gave no reason"),
    )


def _ids(offered: list[wire.ShippingOption]) -> set[str | None]:
    return {option.shipping_option_id for option in offered}


def _cancelled_by(items: Sequence[_Item]) -> str | None:
    for item in items:
        for cancellation in item.cancellations or ():
            return canonical(cancellation.cancellation_type) or None
    return None


def _seen(package: wire.Package) -> SeenPackage:
    lines = package.package_line_items or ()
    return SeenPackage(
        id=package.id or "",
        status=canonical(package.status),
        box=box_of(package.dimensions, package.weight),
        lines=tuple((line.package_line_item_id or "", line.quantity or 0) for line in lines),
    )


def _line(item: wire.ShipmentLineItem) -> Line:
    rules = item.compliance_attributes or wire.ComplianceAttributes()
    gift = item.gift_attributes or wire.GiftAttributes()
    return Line(
        id=item.shipment_line_item_id or "",
        sku=item.merchant_sku or "",
        units=item.number_of_units or 0,
        serial_numbers=canonical(rules.serial_number_requirement) or "DISALLOWED",
        hazmat_labels=canonical(rules.hazmat_labels_requirement) or "DISALLOWED",
        country_of_origin=canonical(rules.country_of_origin_requirement) or "DISALLOWED",
        item_value=canonical(rules.item_value_requirement) or "DISALLOWED",
        multi_piece=canonical(item.piece_type) == "MULTIPLE",
        gift_wrap=canonical(gift.gift_wrap_requirement) == "REQUIRED",
        gift_message=canonical(gift.gift_message_presence) == "PRESENT",
        recommended_country=item.recommended_country_of_origin,
        recommended_currency=item.recommended_currency_code,
        total=_total(item.charges or ()),
    )


def _total(charges: Sequence[wire.Charge]) -> Money | None:
    totals = [c for c in charges if canonical(c.charge_type) == "TOTAL"] or list(charges[:1])
    net = totals[0].total_charge.net_amount if totals and totals[0].total_charge else None
    return Money(f"{net.value:f}", net.currency_code or "") if net and net.value is not None else None


def _recommended(package: wire.RecommendedPackage) -> RecommendedPackage:
    lines = tuple((line.line_item_id or "", line.quantity or 0) for line in package.line_items or ())
    return RecommendedPackage(box_of(package.dimensions, package.weight), lines)


def _address(address: wire.Address | None) -> dict[str, str]:
    if address is None:
        return {}
    given = msgspec.to_builtins(address)
    return {name: str(value) for name, value in given.items() if isinstance(value, str | int)}
