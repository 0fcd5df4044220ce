"""createPackages, updatePackage and updatePackageStatus."""

import msgspec

from packline_sim.call import NO_CONTENT, Call, Reply, has_body, read_body
from packline_sim.external_fulfillment.machine import Act, permit, refuse_repeat, wrong_state
from packline_sim.external_fulfillment.packing import (
    coverage_problems,
    grams,
    package_problems,
    packed_lines,
    packed_so_far,
    repeated_problems,
)
from packline_sim.external_fulfillment.wire import (
    DELIVERY_STATUS,
    PACKAGE,
    PACKAGES,
    Package,
    PackageDeliveryStatus,
)
from packline_sim.progress import deliver_package, move_package, move_shipment, set_sub_status, ship_package, void_label
from packline_sim.records import Package as PackageRecord
from packline_sim.records import Shipment
from packline_sim.refusals import Problem, Refusal, bad_request, duplicate, invalid_input, not_found

GONE = frozenset({"SHIPPED", "DELIVERED", "CANCELLED"})


def create_packages(call: Call) -> Reply:
    """Answer createPackages."""
    shipment = call.shipment()
    request = read_body(call, PACKAGES)
    verdict = permit(call.world, shipment, "createPackages")
    if _are_known(call, shipment, request.packages):
        return NO_CONTENT
    if verdict == "again":
        raise wrong_state(call.world, shipment, "createPackages")
    _check(call, shipment, request.packages)
    for package in request.packages:
        shipment.packages[package.id] = _record(package)
    call.world.emit("packages_created", shipment, after=str(len(request.packages)), cause="createPackages")
    move_shipment(call.world, shipment, "PACKAGE_CREATED", "createPackages")
    return NO_CONTENT


def update_package(call: Call) -> Reply:
    """Answer updatePackage: the package is replaced, its label ends, the shipment goes back to PACKAGE_CREATED."""
    shipment, package_id = call.shipment(), call.ids[1]
    request = read_body(call, PACKAGE)
    permit(call.world, shipment, "updatePackage")
    package = find_package(shipment, package_id)
    _check_update(call, shipment, package, request)
    world = call.world
    label = package.live_label
    if label is not None:
        void_label(world, shipment, label, "package updated")
        shipment.sub_status = "LABEL_CANCELED"
    fresh = _record(request)
    package.body, package.lines, package.weight_g = fresh.body, fresh.lines, fresh.weight_g
    package.revision += 1
    package.offered, package.recommended_option_id = {}, None
    world.emit("package_replaced", shipment, cause="updatePackage", package_id=package_id, after=str(package.revision))
    move_package(world, shipment, package, "CREATED", "updatePackage")
    move_shipment(world, shipment, "PACKAGE_CREATED", "updatePackage")
    return NO_CONTENT


def update_package_status(call: Call) -> Reply:
    """Answer updatePackageStatus; a body wins over the deprecated query."""
    shipment, package_id = call.shipment(), call.ids[1]
    wanted = _wanted_status(call)
    act: Act = "SUB_STATUS"
    if wanted.status == "SHIPPED" and wanted.sub_status and find_package(shipment, package_id).status == "SHIPPED":
        act = "SUB_STATUS"  # not a repetition: the status only says where the package stands
    elif wanted.status in {"SHIPPED", "DELIVERED"}:
        act = wanted.status
    elif wanted.status is not None:
        raise bad_request(invalid_input(wanted.status, "status", "A seller can set SHIPPED and DELIVERED only."))
    verdict = permit(call.world, shipment, act)
    package = find_package(shipment, package_id)
    if act == "SHIPPED":
        return _ship(call, shipment, package, wanted, verdict == "again")
    if act == "DELIVERED":
        return _deliver(call, shipment, package)
    if package.status != "SHIPPED":
        raise wrong_state(call.world, shipment, f"subStatus {wanted.sub_status}")
    set_sub_status(
        call.world, shipment, package, wanted.sub_status or "", wanted.reason, "updatePackageStatus:subStatus"
    )
    return NO_CONTENT


def find_package(shipment: Shipment, package_id: str) -> PackageRecord:
    """Find a shipment's package. Raises Refusal 404."""
    package = shipment.packages.get(package_id)
    if package is None:
        raise not_found("packageId", package_id)
    return package


def _are_known(call: Call, shipment: Shipment, packages: list[Package]) -> bool:
    known = [package.id for package in packages if package.id in shipment.packages]
    if not known:
        return False
    if len(known) == len(packages):
        refuse_repeat(call.world, "packageId", known[0], f"The shipment is {shipment.status}.")
        return True
    raise duplicate("packageId", known[0], "Some of the packages exist already.")


def _check(call: Call, shipment: Shipment, packages: list[Package]) -> None:
    ids = [package.id for package in packages]
    problems = [] if len(set(ids)) == len(ids) else [invalid_input(ids, "packages", "A package id appears twice.")]
    for package in packages:
        problems += package_problems(shipment, package, call.world.switches)
    if not problems:
        packed = [*packed_so_far(shipment.packages.values()), *map(packed_lines, packages)]
        problems += coverage_problems(shipment, packed, call.world.switches) + repeated_problems(shipment, packages)
    if problems:
        raise Refusal(400, *problems)


def _check_update(call: Call, shipment: Shipment, package: PackageRecord, request: Package) -> None:
    until = call.world.switches["update_package_until"]
    too_late = package.status in GONE
    if until == "invoice":
        too_late = too_late or shipment.status in {"INVOICE_GENERATED", "SHIPLABEL_GENERATED"}
    elif until == "label":
        too_late = too_late or package.live_label is not None
    if too_late:
        raise wrong_state(call.world, shipment, f"updatePackage of a {package.status} package")
    if request.id != package.package_id:
        raise bad_request(invalid_input(request.id, "id", f"The path names package '{package.package_id}'."))
    problems = package_problems(shipment, request, call.world.switches)
    if not problems:
        others = packed_so_far(shipment.packages.values(), without=package.package_id)
        problems = coverage_problems(shipment, [*others, packed_lines(request)], call.world.switches)
    if problems:
        raise Refusal(400, *problems)


def _record(package: Package) -> PackageRecord:
    body = msgspec.to_builtins(package)
    body.pop("status", None)
    return PackageRecord(
        package_id=package.id, body=body, lines=packed_lines(package), weight_g=float(grams(package)), offered={}
    )


def _wanted_status(call: Call) -> PackageDeliveryStatus:
    if has_body(call):
        wanted = read_body(call, DELIVERY_STATUS)
        if wanted.status is not None or wanted.sub_status is not None:
            return wanted
    legacy = call.query.get("status")
    if legacy is None or call.world.switches["legacy_status_query"] == "refuse":
        raise bad_request(Problem("InvalidInput", "At least one field is mandatory in the input payload"))
    if legacy != "SHIPPED":
        raise bad_request(invalid_input(legacy, "status", "Must be SHIPPED."))
    return PackageDeliveryStatus(status="SHIPPED")


def _ship(call: Call, shipment: Shipment, package: PackageRecord, wanted: PackageDeliveryStatus, again: bool) -> Reply:
    if package.status == "SHIPPED" and wanted.sub_status not in {None, package.sub_status}:
        set_sub_status(
            call.world, shipment, package, wanted.sub_status or "", wanted.reason, "updatePackageStatus:subStatus"
        )
        return NO_CONTENT
    if again or package.status == "SHIPPED":
        refuse_repeat(call.world, "packageId", package.package_id, "The package is SHIPPED already.")
        return NO_CONTENT
    if shipment.works_as != "SELF_SHIP" and call.world.switches["shipped_by_seller"] == "self_ship_only":
        raise bad_request(invalid_input("SHIPPED", "status", "The carrier's scan ships the package."))
    ship_package(call.world, shipment, package, "updatePackageStatus:SHIPPED")
    if wanted.sub_status is not None:
        set_sub_status(call.world, shipment, package, wanted.sub_status, wanted.reason, "updatePackageStatus:subStatus")
    return NO_CONTENT


def _deliver(call: Call, shipment: Shipment, package: PackageRecord) -> Reply:
    world = call.world
    if package.status == "DELIVERED":
        refuse_repeat(world, "packageId", package.package_id, "The package is DELIVERED already.")
        return NO_CONTENT
    if package.status != "SHIPPED" and world.switches["delivered_before_shipped"] == "400":
        raise wrong_state(world, shipment, f"DELIVERED of a {package.status} package")
    if shipment.works_as != "SELF_SHIP" and world.switches["delivered_by_seller"] == "self_ship_only":
        raise bad_request(invalid_input("DELIVERED", "status", "The carrier reports the delivery."))
    deliver_package(world, shipment, package, "updatePackageStatus:DELIVERED")
    return NO_CONTENT
