"""The Easy Ship calls of one shipment: slots, schedule, and the package as proof."""

from packline.amazon.seller_central import build, operations, parse
from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.talk import Talk
from packline.amazon.seller_central.wire import easy_ship
from packline.amazon.seller_central.wire.parts import flat, reader
from packline.domain.reports import LabelResult
from packline.domain.shipment import Package, Shipment
from packline.domain.slot import ShippingOption
from packline.domain.step import Step, StepKind
from packline.errors import Rejected

_SLOTS = reader(easy_ship.HandoverSlots)
_PACKAGE = reader(easy_ship.Package)
_NOT_SCHEDULED = frozenset({"resourcenotfound", "invalidorderstate", "notfound"})
"""What getScheduledPackage says of an order that is not scheduled; only the first is documented."""


def package_of(shipment: Shipment, step: Step) -> Package:
    """Find the package of a step, else the shipment's only one; raises ValueError where there is none."""
    package = shipment.package(step.packages[0][0]) if step.packages else None
    package = package or (shipment.packages[0] if shipment.packages else None)
    if package is None:
        raise ValueError(f"order {shipment.amazon_id} has no package: it was never weighed and measured")
    return package


def identifier_of(package: Package) -> str:
    """Give what is printed on the label for the packer: the package's name, where a person or a system gave one."""
    return "" if package.id == parse.PACKAGE_ID else package.id


def details_of(package: Package, slot_id: str) -> dict[str, object]:
    """Describe a package for scheduling: serial numbers of those lines that carry them, and of none other."""
    serials = [(line.line_id, line.serial_numbers) for line in package.lines if line.serial_numbers]
    return build.package_details(slot_id, serials, identifier_of(package))


async def slots(talk: Talk, step: Step) -> tuple[ShippingOption, ...]:
    """List the hand-over slots for the package's weight and size; raises ValueError for what Amazon does not take."""
    shipment = talk.shipment
    body = build.slots_request(shipment.marketplace, shipment.amazon_id, package_of(shipment, step).box)
    answer = await talk.ask(operations.LIST_HANDOVER_SLOTS, body=body)
    return parse.options(read(operations.LIST_HANDOVER_SLOTS, answer, _SLOTS))


async def schedule(talk: Talk, step: Step) -> LabelResult:
    """Book the step's slot; Amazon makes the label, whose file comes later."""
    shipment, package = talk.shipment, package_of(talk.shipment, step)
    details = details_of(package, step.option_id or "")
    body = build.schedule(shipment.marketplace, shipment.amazon_id, details)
    answer = await talk.ask(operations.CREATE_SCHEDULED_PACKAGE, body=body)
    return parse.label(read(operations.CREATE_SCHEDULED_PACKAGE, answer, _PACKAGE), package.id)


async def scheduled(talk: Talk) -> easy_ship.Package | None:
    """Read the order's package; None where it is not scheduled."""
    query = {"amazonOrderId": talk.shipment.amazon_id, "marketplaceId": talk.shipment.marketplace}
    try:
        answer = await talk.ask(operations.GET_SCHEDULED_PACKAGE, query=query)
    except Rejected as error:
        if flat(error.amazon_code) in _NOT_SCHEDULED:
            return None
        raise
    return read(operations.GET_SCHEDULED_PACKAGE, answer, _PACKAGE)


def proves(package: easy_ship.Package, shipment: Shipment, step: Step) -> bool:
    """Tell whether a package shows that the step had its effect.

    A scheduled package whose label is not cancelled proves a schedule, whoever made it. A new slot is proven by its id,
    or by its times where Amazon names the slot anew.
    """
    if parse.is_void(package):
        return False
    if step.kind is not StepKind.RESCHEDULE:
        return True
    slot = package.package_time_slot
    if slot is None:
        return False
    wanted = next((o for p in shipment.packages for o in p.options if o.id == step.option_id), None)
    span = parse.window(slot)
    same_span = (
        wanted is not None
        and wanted.window is not None
        and span is not None
        and ((wanted.window.start, wanted.window.end) == (span.start, span.end))
    )
    return str(slot.slot_id) == step.option_id or same_span
