"""What labels and invoices say, gathered from the world, and the drawn files."""

from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

from packline_sim.clock import to_datetime
from packline_sim.documents.data import (
    CashOnDelivery,
    Dimensions,
    InvoiceData,
    LabelData,
    PostalAddress,
    SlotWindow,
    TaxParty,
)
from packline_sim.documents.gst import registered_in, state_code
from packline_sim.documents.invoices import render_invoice
from packline_sim.documents.labels import render_label
from packline_sim.files import Shelf
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.places import Place
from packline_sim.pricing import price_line
from packline_sim.records import Label, Package, Shipment

if TYPE_CHECKING:
    from packline_sim.world import World

CENTIMETRES = {"CM": Decimal(1), "M": Decimal(100), "IN": Decimal("2.54")}


class Paper:
    """Draw labels and invoices when they are first asked for."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._shelf = Shelf()

    def forget(self) -> None:
        """Drop all drawn files; they are drawn again when asked for."""
        self._shelf = Shelf()

    def label(self, label: Label) -> bytes:
        """Give a label's file."""
        shipment = self._world.shipments[label.shipment_id]
        key: tuple[str, ...] = ("label", label.shipment_id, label.package_id, label.label_id)
        if self._shared():
            key = ("label", label.format)
        drawn = self._shelf.get(key, lambda: render_label(label_data(self._world, shipment, label), label.format))
        return drawn + _mark(label.tracking_id) if self._shared() else drawn

    def invoice(self, shipment: Shipment) -> bytes:
        """Give a shipment's invoice as PDF."""
        key = ("invoice",) if self._shared() else ("invoice", shipment.shipment_id)
        drawn = self._shelf.get(key, lambda: render_invoice(invoice_data(self._world, shipment)))
        return drawn + _mark(shipment.shipment_id) if self._shared() else drawn

    def _shared(self) -> bool:
        return self._world.switches["documents"] == "shared"


def _mark(name: str) -> bytes:
    """Make a shared drawing a file of its own: a reader skips what follows the end of a PDF, a PNG or a ZPL format."""
    return f"\n%{name}\n".encode()


def label_data(world: "World", shipment: Shipment, label: Label) -> LabelData:
    """Gather what a label says."""
    package = shipment.packages[label.package_id]
    location = world.locations[shipment.seller_id, shipment.location_id]
    ids = list(shipment.packages)
    option = label.option
    slot = None
    if option is not None and option.start_ms is not None and option.end_ms is not None:
        slot = SlotWindow(start=_local(shipment, option.start_ms), end=_local(shipment, option.end_ms))
    return LabelData(
        carrier=label.carrier,
        tracking_id=label.tracking_id,
        shipment_id=shipment.shipment_id,
        package_id=label.package_id,
        order_id=shipment.order_id,
        program=shipment.works_as,
        marketplace=MARKETPLACES[shipment.marketplace_id].country,
        ship_from=_address(location.place),
        ship_to=_address(shipment.ship_to),
        weight_g=Decimal(str(package.weight_g)),
        dimensions=_dimensions(package),
        created=_local(shipment, label.made_ms),
        slot=slot,
        handover="DROP_OFF" if option is not None and option.method == "DROPOFF" else "PICKUP",
        cod=_cash(shipment),
        piece=ids.index(label.package_id) + 1,
        pieces=len(ids),
        contents=_contents(shipment, package),
        hazmat=tuple(package.body.get("hazmatLabels") or ()),
        gift=any(line.gift is not None for line in shipment.lines),
    )


def invoice_data(world: "World", shipment: Shipment) -> InvoiceData:
    """Gather what an invoice says; the shipment must have one."""
    if shipment.invoice is None:
        raise ValueError(f"Shipment {shipment.shipment_id} has no invoice yet.")
    seller = world.sellers[shipment.seller_id]
    location = world.locations[shipment.seller_id, shipment.location_id]
    same_state = location.place.state == shipment.ship_to.state
    state = shipment.ship_to.state
    code = state_code(location.place.state)
    number = registered_in(seller.tax_number, code)
    return InvoiceData(
        invoice_number=shipment.invoice.invoice_id,
        issued=_local(shipment, shipment.invoice.made_ms),
        order_id=shipment.order_id,
        order_date=_local(shipment, shipment.created_ms),
        shipment_id=shipment.shipment_id,
        seller=TaxParty(address=_address(location.place), gstin=number, state_code=code),
        buyer=TaxParty(address=_address(shipment.ship_to), state_code=state_code(state)),
        ship_to=_address(shipment.ship_to),
        place_of_supply=state,
        place_of_supply_code=state_code(state),
        lines=tuple(
            price_line(line, same_state=same_state, serial_numbers=_serials(shipment, line.line_id))
            for line in shipment.lines
        ),
        currency=MARKETPLACES[shipment.marketplace_id].currency,
        payment_method="Cash on delivery" if shipment.payment == "CASH_ON_DELIVERY" else "Prepaid",
    )


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


def _local(shipment: Shipment, moment_ms: int) -> datetime:
    return to_datetime(moment_ms).astimezone(timezone(MARKETPLACES[shipment.marketplace_id].utc_offset))


def _dimensions(package: Package) -> Dimensions:
    sides = package.body["dimensions"]
    length, width, height = (
        Decimal(sides[side]["value"]) * CENTIMETRES[sides[side]["dimensionUnit"]]
        for side in ("length", "width", "height")
    )
    return Dimensions(length_cm=length, width_cm=width, height_cm=height)


def _cash(shipment: Shipment) -> CashOnDelivery | None:
    if shipment.payment != "CASH_ON_DELIVERY":
        return None
    total = shipment.charges[0]["totalCharge"]["netAmount"]
    return CashOnDelivery(amount=Decimal(total["value"]), currency=total["currencyCode"])


def _contents(shipment: Shipment, package: Package) -> tuple[str, ...]:
    rows = []
    for packed in package.lines:
        line = shipment.line(packed.line_id)
        if line is not None:
            rows.append(f"{packed.units} x {line.sku}")
    return tuple(rows)


def _serials(shipment: Shipment, line_id: str) -> tuple[str, ...]:
    return tuple(
        serial
        for package in shipment.packages.values()
        for packed in package.lines
        if packed.line_id == line_id
        for serial in packed.serial_numbers
    )
