"""A step as the exact request that Amazon wants; the same step is the same request, however often it is sent."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from packline.amazon.external_fulfillment import build, operations, wire
from packline.amazon.spapi.operation import Operation
from packline.domain.shipment import Package, Shipment
from packline.domain.step import Step, StepKind


class Prepared(NamedTuple):
    """One request: operation, path and query parameters, body."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str | int | None]
    body: bytes = b""


def prepare(shipment: Shipment, step: Step) -> Prepared:
    """Build the request of a step; raises ValueError where the step names a package that is not there."""
    return _PREPARE[step.kind](shipment, step)


def described(package: Package) -> wire.Package:
    """Describe a package as Amazon's model does, in centimetres and grams."""
    box = package.box
    lines = [
        build.package_line(
            line.line_id,
            line.quantity,
            serial_numbers=line.serial_numbers,
            pieces=line.pieces,
            country_of_origin=line.country_of_origin,
            item_value=(line.item_value.amount, line.item_value.currency) if line.item_value else None,
        )
        for line in package.lines
    ]
    return build.package(
        package.id,
        lines,
        size=(_plain(box.length_cm), _plain(box.width_cm), _plain(box.height_cm)),
        weight=_plain(box.weight_g),
        hazmat_labels=package.hazmat_labels,
        handling="FRAGILE" if package.fragile else None,
    )


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _path(shipment: Shipment) -> dict[str, str]:
    return {"shipmentId": shipment.amazon_id}


def _package(shipment: Shipment, step: Step) -> Package:
    package = shipment.package(step.packages[0][0])
    if package is None:
        raise ValueError(f"package {step.packages[0][0]} is not part of shipment {shipment.amazon_id}")
    return package


def _read(shipment: Shipment, _: Step) -> Prepared:
    return Prepared(operations.GET_SHIPMENT, _path(shipment), {})


def _confirm(shipment: Shipment, _: Step) -> Prepared:
    return Prepared(operations.PROCESS_SHIPMENT, _path(shipment), {"operation": "CONFIRM"})


def _reject(shipment: Shipment, _: Step) -> Prepared:
    rejection = shipment.rejection
    if rejection is None:
        raise ValueError(f"shipment {shipment.amazon_id} has no reason for a rejection")
    lines = [(line, units, rejection.reason) for line, units in rejection.lines]
    body = build.rejection(rejection.reference, lines)
    return Prepared(operations.PROCESS_SHIPMENT, _path(shipment), {"operation": "REJECT"}, body)


def _create(shipment: Shipment, step: Step) -> Prepared:
    wanted = {package_id for package_id, _ in step.packages}
    packages = [described(p) for p in shipment.packages if p.id in wanted]
    return Prepared(operations.CREATE_PACKAGES, _path(shipment), {}, build.packages(packages))


def _update(shipment: Shipment, step: Step) -> Prepared:
    package = _package(shipment, step)
    path = {**_path(shipment), "packageId": package.id}
    return Prepared(operations.UPDATE_PACKAGE, path, {}, build.one_package(described(package)))


def _options(shipment: Shipment, step: Step) -> Prepared:
    query: dict[str, str | int | None] = {"packageId": step.packages[0][0]}
    return Prepared(operations.RETRIEVE_SHIPPING_OPTIONS, _path(shipment), query)


def _invoice(shipment: Shipment, _: Step) -> Prepared:
    return Prepared(operations.GENERATE_INVOICE, _path(shipment), {})


def _fetch_invoice(shipment: Shipment, _: Step) -> Prepared:
    return Prepared(operations.RETRIEVE_INVOICE, _path(shipment), {})


def _labels(shipment: Shipment, step: Step) -> Prepared:
    verb = "GENERATE" if step.kind is StepKind.GENERATE_LABELS else "REGENERATE"
    query: dict[str, str | int | None] = {"operation": verb, "shippingOptionId": step.option_id}
    named = shipment.courier if verb == "GENERATE" or _is_ours(shipment, step) else None
    courier = (named.carrier, named.tracking_id) if named else None
    body = build.ship_labels([package_id for package_id, _ in step.packages], courier)
    return Prepared(operations.GENERATE_SHIP_LABELS, _path(shipment), query, body)


def _is_ours(shipment: Shipment, step: Step) -> bool:
    """Tell whether the labels are known here; of one that people printed in SmartHub only the file is wanted.

    Another courier with the same request would void their label, which is on the parcel, and make a second one.
    """
    labels = [package.label for package_id, _ in step.packages if (package := shipment.package(package_id))]
    return all(label is not None and not label.void for label in labels)


def _told(status: str | None, sub_status: str | None = None) -> Callable[[Shipment, Step], Prepared]:
    def tell(shipment: Shipment, step: Step) -> Prepared:
        path = {**_path(shipment), "packageId": step.packages[0][0]}
        return Prepared(operations.UPDATE_PACKAGE_STATUS, path, {}, build.package_status(status, sub_status))

    return tell


_PREPARE: dict[StepKind, Callable[[Shipment, Step], Prepared]] = {
    StepKind.PROBE: _read,
    StepKind.CONFIRM: _confirm,
    StepKind.REJECT: _reject,
    StepKind.CREATE_PACKAGES: _create,
    StepKind.UPDATE_PACKAGE: _update,
    StepKind.READ_OPTIONS: _options,
    StepKind.GENERATE_INVOICE: _invoice,
    StepKind.FETCH_INVOICE: _fetch_invoice,
    StepKind.GENERATE_LABELS: _labels,
    StepKind.REGENERATE_LABELS: _labels,
    StepKind.SHIP: _told("SHIPPED"),
    StepKind.OUT_FOR_DELIVERY: _told(None, "OUT_FOR_DELIVERY"),  # with a status it could be read as a repetition
    StepKind.DELIVER: _told("DELIVERED"),
}
