"""retrieveShippingOptions: what can be booked for a package, by program and the marketplace's calendar."""

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

from packline_sim.call import Call, Reply, json_reply
from packline_sim.clock import to_datetime, to_ms
from packline_sim.external_fulfillment.body import address
from packline_sim.external_fulfillment.machine import permit
from packline_sim.external_fulfillment.packages import find_package
from packline_sim.marketplaces import MARKETPLACES, Marketplace
from packline_sim.progress import move_package, move_shipment
from packline_sim.records import Location, Package, Shipment, ShippingOption
from packline_sim.refusals import Problem, bad_request
from packline_sim.world import World

OFFERED_SLOTS = 6
LEAD = timedelta(hours=1)
PARTNERS = ("Sample Express", "Example Courier")


def retrieve_shipping_options(call: Call) -> Reply:
    """Answer retrieveShippingOptions, a read that moves the shipment to PICKUP_SLOT_RETRIEVED the first time."""
    shipment = call.shipment()
    package_id = call.query.get("packageId")
    if package_id is None:
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'packageId'"))
    permit(call.world, shipment, "retrieveShippingOptions")
    package = find_package(shipment, package_id)
    options = offer(call.world, shipment, package)
    if package.status == "CREATED":
        move_package(call.world, shipment, package, "PICKUP_SLOT_RETRIEVED", "retrieveShippingOptions")
    if shipment.status == "PACKAGE_CREATED":
        move_shipment(call.world, shipment, "PICKUP_SLOT_RETRIEVED", "retrieveShippingOptions")
    return json_reply(_answer(call, options))


def offer(world: World, shipment: Shipment, package: Package) -> list[ShippingOption]:
    """Offer what can be booked now; what was offered before stays bookable until it expires."""
    marketplace = MARKETPLACES[shipment.marketplace_id]
    location = world.locations[shipment.seller_id, shipment.location_id]
    if shipment.works_as == "SELLER_FLEX":
        options = []
    elif shipment.works_as == "SELF_SHIP":
        options = self_ship_options(shipment)
    else:
        options = pickup_options(shipment, location, marketplace, world.clock.now_ms())
    package.offered = {**package.offered, **{option.option_id: option for option in options}}
    package.recommended_option_id = options[0].option_id if options else None
    return options


def is_bookable(world: World, option: ShippingOption) -> bool:
    """Tell whether an option can still be used: until its window begins."""
    if option.start_ms is None or world.switches["option_expiry"] == "never":
        return True
    return world.clock.now_ms() < option.start_ms


def self_ship_options(shipment: Shipment) -> list[ShippingOption]:
    """Offer the seller's own delivery and carriers that the seller may hire."""
    own = ShippingOption(option_id=_option_id(shipment, "SELLER"), ship_by="SELLER", carrier="SELF")
    hired = [
        ShippingOption(option_id=_option_id(shipment, name), ship_by="THIRD_PARTY_CARRIER", carrier=name)
        for name in PARTNERS
    ]
    return [own, *hired]


def pickup_options(
    shipment: Shipment, location: Location, marketplace: Marketplace, now_ms: int
) -> list[ShippingOption]:
    """Offer the next pickup windows of the marketplace's calendar, and drop-off where it exists."""
    options = []
    for start, end in pickup_windows(marketplace, now_ms, OFFERED_SLOTS):
        options.append(_slot(shipment, marketplace, location, (start, end), "PICKUP"))
        if marketplace.offers_dropoff:
            options.append(_slot(shipment, marketplace, location, (start, end), "DROPOFF"))
    return options


def pickup_windows(marketplace: Marketplace, now_ms: int, count: int) -> list[tuple[int, int]]:
    """Give the next pickup windows as (start, end) in milliseconds; one that begins within the hour is closed."""
    zone = timezone(marketplace.utc_offset)
    earliest = to_datetime(now_ms).astimezone(zone) + LEAD
    day = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[tuple[int, int]] = []
    while len(found) < count:
        if day.weekday() in marketplace.workdays:
            found += [
                (to_ms(_hour(day, first)), to_ms(_hour(day, last)))
                for first, last in marketplace.pickup_hours
                if _hour(day, first) > earliest
            ]
        day += timedelta(days=1)
    return found[:count]


def option_body(option: ShippingOption) -> dict[str, Any]:
    """Write an option as Amazon does; the windows are epoch seconds, as in the model's examples."""
    body: dict[str, Any] = {
        "shippingOptionId": option.option_id,
        "shipBy": option.ship_by,
        "carrierName": option.carrier,
    }
    return {**body, **window_bodies(option)}


def window_bodies(option: ShippingOption) -> dict[str, Any]:
    """Write an option's windows and drop-off place."""
    if option.start_ms is None or option.end_ms is None:
        return {}
    window = {
        "startTime": option.start_ms // 1000,
        "endTime": option.end_ms // 1000,
        "handoverMethod": option.method or "PICKUP",
    }
    bodies: dict[str, Any] = {"pickupWindow": window, "timeSlot": window}
    if option.dropoff is not None:
        bodies["handoverLocation"] = {
            "address": address(option.dropoff),
            "distance": {"value": "2.5", "distanceUnit": "KM"},
            "mapUrl": "https://maps.example.com/drop-off",
        }
    return bodies


def _answer(call: Call, options: list[ShippingOption]) -> dict[str, Any]:
    if not options:
        form = call.world.switches["options_answer"]
        forms: dict[str, dict[str, Any]] = {"empty": {"shippingOptions": []}, "null": {"shippingOptions": None}}
        return forms.get(form, {})
    bodies = [option_body(option) for option in options]
    return {"shippingOptions": bodies, "recommendedShippingOption": bodies[0]}


def _slot(
    shipment: Shipment, marketplace: Marketplace, location: Location, window: tuple[int, int], method: Any
) -> ShippingOption:
    dropoff = location.place._replace(name=f"{marketplace.carrier} drop-off {location.place.city}", phone="")
    return ShippingOption(
        option_id=_option_id(shipment, f"{method}{window[0]}"),
        ship_by="MARKETPLACE",
        carrier=marketplace.carrier,
        start_ms=window[0],
        end_ms=window[1],
        method=method,
        dropoff=dropoff if method == "DROPOFF" else None,
    )


def _option_id(shipment: Shipment, what: str) -> str:
    # Plain base64, so that it must be percent-encoded in a query, as Amazon's ids must.
    digest = hashlib.sha256(f"{shipment.shipment_id}|{what}".encode()).digest()
    return base64.b64encode(b"\xfb\xff" + digest[:18] + b"\x00").decode()


def _hour(day: datetime, hour: int) -> datetime:
    return day + timedelta(hours=hour)
