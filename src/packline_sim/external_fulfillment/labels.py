"""generateShipLabels: GENERATE and REGENERATE, package by package."""

from typing import Any

from packline_sim.call import Call, Reply, choice, has_body, json_reply, read_body
from packline_sim.external_fulfillment.machine import permit, repeats_are_refused, wrong_state
from packline_sim.external_fulfillment.options import is_bookable, offer, self_ship_options, window_bodies
from packline_sim.external_fulfillment.packages import find_package
from packline_sim.external_fulfillment.wire import SHIP_LABELS, CourierAttributes, ShipLabelsInput
from packline_sim.files import label_url
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.progress import LABELED, move_package, move_shipment, void_label
from packline_sim.records import Label, Package, Shipment, ShippingOption
from packline_sim.refusals import Problem, Refusal, as_error, bad_request, duplicate, invalid_input

PREDETERMINED = "SELLER_FLEX"


def generate_ship_labels(call: Call) -> Reply:
    """Answer generateShipLabels; a package that fails does so inside the 200."""
    operation = choice(call, "operation", ("GENERATE", "REGENERATE"))
    shipment = call.shipment()
    request = read_body(call, SHIP_LABELS) if has_body(call) else None
    permit(call.world, shipment, operation)  # type: ignore[arg-type]  # `choice` gave one of the two
    _check_invoice(call, shipment)
    packages = _chosen(shipment, request, operation)
    courier = None if request is None else request.courier_supported_attributes
    if operation == "GENERATE":
        _refuse_repeats(call, packages)
    answers = [_answer(call, shipment, package, courier, operation) for package in packages]
    if shipment.status not in LABELED and all(row.live_label for row in shipment.packages.values()):
        shipment.sub_status = _waits_for(shipment)
        move_shipment(call.world, shipment, "SHIPLABEL_GENERATED", operation)
    return json_reply({"packageShipLabelList": answers})


def _chosen(shipment: Shipment, request: ShipLabelsInput | None, operation: str) -> list[Package]:
    if request is None:
        every = list(shipment.packages.values())
        waiting = [package for package in every if package.live_label is None]
        return waiting or every if operation == "GENERATE" else every
    ids = request.package_ids
    if not ids or len(set(ids)) != len(ids):
        raise bad_request(invalid_input(ids, "packageIds", "Name each package once, and at least one."))
    return [find_package(shipment, package_id) for package_id in ids]


def _check_invoice(call: Call, shipment: Shipment) -> None:
    missing = shipment.needs_invoice and shipment.status in {"PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"}
    if missing and call.world.switches["invoice_before_label"] == "required":
        raise wrong_state(call.world, shipment, "generateShipLabels before the required invoice")


def _refuse_repeats(call: Call, packages: list[Package]) -> None:
    if packages and all(package.live_label is not None for package in packages) and repeats_are_refused(call.world):
        raise duplicate(
            "packageId", packages[0].package_id, "The package has a label. Use REGENERATE for a fresh file."
        )


def _answer(
    call: Call, shipment: Shipment, package: Package, courier: CourierAttributes | None, operation: str
) -> dict[str, Any]:
    try:
        if operation == "GENERATE":
            label = _generate(call, shipment, package, courier)
        else:
            label = _regenerate(call, shipment, package, courier)
    except Refusal as refusal:
        if call.world.switches["label_failure"] == "whole_call":
            raise
        error = as_error(refusal.problems[0], call.world.switches)
        return {"packageId": package.package_id, "status": "FAILURE", "errorDetails": error}
    return _success(call, label)


def _generate(call: Call, shipment: Shipment, package: Package, courier: CourierAttributes | None) -> Label:
    label = package.live_label
    if label is not None:
        if repeats_are_refused(call.world):
            raise duplicate("packageId", package.package_id, "The package has a label.")
        label.issues += 1
        return label
    option = _option(call, shipment, package, courier)
    return _make(call, shipment, package, option, courier)


def _regenerate(call: Call, shipment: Shipment, package: Package, courier: CourierAttributes | None) -> Label:
    label = package.live_label
    if label is None:
        raise bad_request(invalid_input(package.package_id, "packageIds", "The package has no label. Use GENERATE."))
    wanted = call.query.get("shippingOptionId")
    same_option = wanted is None or (label.option is not None and label.option.option_id == wanted)
    same_courier = courier is None or (courier.carrier_name, courier.tracking_id) == (label.carrier, label.tracking_id)
    if package.status in {"SHIPPED", "DELIVERED"} or (
        same_option
        and (same_courier or shipment.works_as != "SELF_SHIP")
        and call.world.switches["regenerate_label"] == "same_tracking"
    ):
        label.issues += 1
        call.world.emit("label_issued", shipment, after=label.tracking_id, package_id=package.package_id)
        return label
    option = label.option if same_option else _option(call, shipment, package, courier)
    fresh = _make(call, shipment, package, option, courier, instead_of=label)
    shipment.sub_status = _waits_for(shipment)
    return fresh


def _option(
    call: Call, shipment: Shipment, package: Package, courier: CourierAttributes | None
) -> ShippingOption | None:
    wanted = call.query.get("shippingOptionId")
    if shipment.works_as == PREDETERMINED:
        if wanted:
            raise bad_request(invalid_input(wanted, "shippingOptionId", "The shipping option is predetermined."))
        return None
    if wanted is None:
        return _default_option(call, shipment, package, courier)
    option = package.offered.get(wanted)
    if option is None:
        raise bad_request(invalid_input(wanted, "shippingOptionId", "It was not offered for this package."))
    if not is_bookable(call.world, option):
        raise bad_request(invalid_input(wanted, "shippingOptionId", "Its window has begun: retrieve options again."))
    return option


def _default_option(
    call: Call, shipment: Shipment, package: Package, courier: CourierAttributes | None
) -> ShippingOption:
    if shipment.works_as == "SELF_SHIP":
        own, hired, *_ = self_ship_options(shipment)
        return own if courier is None else hired
    if call.world.switches["missing_option"] == "400":
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'shippingOptionId'"))
    bookable = [option for option in package.offered.values() if is_bookable(call.world, option)]
    recommended = package.offered.get(package.recommended_option_id or "")
    if recommended is not None and recommended in bookable:
        return recommended
    return bookable[0] if bookable else offer(call.world, shipment, package)[0]


def _make(
    call: Call,
    shipment: Shipment,
    package: Package,
    option: ShippingOption | None,
    courier: CourierAttributes | None,
    instead_of: Label | None = None,
) -> Label:
    world = call.world
    _check_courier(call, shipment, option, courier)
    own_courier = courier if shipment.works_as == "SELF_SHIP" else None
    carrier = MARKETPLACES[shipment.marketplace_id].carrier if option is None else option.carrier
    tracking = world.streams.digits(f"tracking:{shipment.seller_id}", 12)
    label = Label(
        label_id=str(len(package.labels) + 1),
        shipment_id=shipment.shipment_id,
        package_id=package.package_id,
        revision=package.revision,
        carrier=own_courier.carrier_name if own_courier else carrier,
        tracking_id=own_courier.tracking_id if own_courier else tracking,
        format=world.locations[shipment.seller_id, shipment.location_id].label_format,
        made_ms=world.clock.now_ms(),
        call_seq=call.seq,
        option=option,
    )
    if instead_of is not None:
        void_label(world, shipment, instead_of, "label regenerated")
    package.labels = [*package.labels, label]
    world.emit("label_made", shipment, after=label.tracking_id, package_id=package.package_id)
    world.touch(shipment)
    move_package(world, shipment, package, "SHIPLABEL_GENERATED", "generateShipLabels")
    return label


def _check_courier(
    call: Call, shipment: Shipment, option: ShippingOption | None, courier: CourierAttributes | None
) -> None:
    if shipment.works_as != "SELF_SHIP" or option is None:
        return
    rule = call.world.switches["self_ship_courier"]
    needed = rule == "always" or (rule == "third_party_only" and option.ship_by == "THIRD_PARTY_CARRIER")
    if courier is None:
        if needed:
            raise bad_request(
                Problem("InvalidInput", "Missing required parameter 'courierSupportedAttributes'", option.ship_by)
            )
        return
    if not courier.carrier_name.strip() or not courier.tracking_id.strip():
        raise bad_request(invalid_input(courier.tracking_id, "courierSupportedAttributes", "Neither may be empty."))


def _success(call: Call, label: Label) -> dict[str, Any]:
    metadata: dict[str, Any] = {"carrierName": label.carrier, "trackingId": label.tracking_id}
    if label.option is not None:
        metadata = {"shippingOptionId": label.option.option_id, **metadata, **window_bodies(label.option)}
    return {
        "packageId": label.package_id,
        "shipLabelMetadata": metadata,
        "fileData": {"url": label_url(call.world, label, call.base_url)},
        "status": "SUCCESS",
    }


def _waits_for(shipment: Shipment) -> str:
    labels = [package.live_label for package in shipment.packages.values()]
    methods = {label.option.method for label in labels if label is not None and label.option is not None}
    return "PENDING_DROP_OFF" if "DROPOFF" in methods else "PENDING_PICKUP"
