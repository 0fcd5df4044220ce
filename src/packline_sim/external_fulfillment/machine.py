"""Which call is legal in which status of a shipment: one literal table."""

from typing import Literal

from packline_sim.records import Shipment
from packline_sim.refusals import Problem, Refusal, bad_request, duplicate
from packline_sim.world import World

Act = Literal[
    "CONFIRM",
    "createPackages",
    "updatePackage",
    "retrieveShippingOptions",
    "generateInvoice",
    "GENERATE",
    "REGENERATE",
    "SHIPPED",
    "SUB_STATUS",
    "DELIVERED",
]
Verdict = Literal["go", "again"]

# Shipment statuses and what moves them: External Fulfillment Shipments 2024-09-11 and its process guide.
LEGAL: dict[Act, dict[str, Verdict]] = {
    "CONFIRM": {"CREATED": "go", "ACCEPTED": "go", "CONFIRMED": "again"},
    "createPackages": {
        "CONFIRMED": "go",
        "PACKAGE_CREATED": "go",  # the ids decide whether it is a repeat or one package more
        "PICKUP_SLOT_RETRIEVED": "again",
        "INVOICE_GENERATED": "again",
        "SHIPLABEL_GENERATED": "again",
    },
    "updatePackage": {
        "PACKAGE_CREATED": "go",
        "PICKUP_SLOT_RETRIEVED": "go",
        "INVOICE_GENERATED": "go",
        "SHIPLABEL_GENERATED": "go",
    },
    "retrieveShippingOptions": {
        "PACKAGE_CREATED": "go",
        "PICKUP_SLOT_RETRIEVED": "go",
        "INVOICE_GENERATED": "go",  # a later read changes nothing but offers fresh slots
        "SHIPLABEL_GENERATED": "go",
    },
    "generateInvoice": {
        "PICKUP_SLOT_RETRIEVED": "go",
        "INVOICE_GENERATED": "again",
        "SHIPLABEL_GENERATED": "again",
        "SHIPPED": "again",
    },
    "GENERATE": {
        "PICKUP_SLOT_RETRIEVED": "go",
        "INVOICE_GENERATED": "go",
        "SHIPLABEL_GENERATED": "go",  # package by package: those with a live label are repeats
    },
    "REGENERATE": {
        "PICKUP_SLOT_RETRIEVED": "go",  # some packages have labels already, the others not yet
        "INVOICE_GENERATED": "go",
        "SHIPLABEL_GENERATED": "go",
    },
    "SHIPPED": {"SHIPLABEL_GENERATED": "go", "SHIPPED": "again"},
    "SUB_STATUS": {"SHIPLABEL_GENERATED": "go", "SHIPPED": "go"},  # the package itself must have shipped
    "DELIVERED": {"SHIPLABEL_GENERATED": "go", "SHIPPED": "go"},
}
BEFORE_OPTIONS: frozenset[Act] = frozenset({"generateInvoice", "GENERATE", "REGENERATE"})


def permit(world: World, shipment: Shipment, act: Act) -> Verdict:
    """Tell whether a call may go on, or repeats what was done. Raises Refusal (400, 409 or 422)."""
    status = shipment.status
    if status == "CANCELLED":
        raise cancelled_write(world, shipment)
    if status == "CREATED" and act == "CONFIRM" and world.switches["confirm_created"] == "refuse":
        raise wrong_state(world, shipment, act)
    verdict = LEGAL[act].get(status)
    if verdict is None:
        verdict = _exception(world, shipment, act)
    if verdict is None:
        if world.switches["wrong_state"] == "lenient":
            return "go"
        raise wrong_state(world, shipment, act)
    return verdict


def wrong_state(world: World, shipment: Shipment, act: str) -> Refusal:
    """Refuse a call that the shipment's status does not allow."""
    status = 409 if world.switches["wrong_state"] == "409" else 400
    message = f"Invalid input '{shipment.shipment_id}' for parameter 'shipmentId'"
    details = f"Invalid workflow state: {act} is not possible while the shipment is {shipment.status}."
    return Refusal(status, Problem("InvalidInput", message, details))


def cancelled_write(world: World, shipment: Shipment) -> Refusal:
    """Refuse a write on a cancelled shipment."""
    kind = "cancelled" if shipment.cancellation is None else shipment.cancellation.kind
    message = "The shipment has been cancelled and cannot be processed."
    details = f"Shipment '{shipment.shipment_id}' is CANCELLED ({kind})."
    return Refusal(int(world.switches["cancelled_write"]), Problem("UnprocessableEntity", message, details))


def repeats_are_refused(world: World) -> bool:
    """Tell whether a repeated call gets 409."""
    return world.switches["repeated_call"] == "409"


def refuse_repeat(world: World, kind: str, wanted: str, details: str) -> None:
    """Refuse a repeated call, unless the switch makes repeats harmless. Raises Refusal 409."""
    if repeats_are_refused(world):
        raise duplicate(kind, wanted, details)


def check_earliest_pack(world: World, shipment: Shipment) -> None:
    """Refuse processing before its time, where the switch says so. Raises Refusal 400."""
    if world.switches["earliest_pack"] == "enforce" and world.clock.now_ms() < shipment.earliest_pack_ms:
        raise bad_request(
            Problem("InvalidInput", f"Invalid input '{shipment.shipment_id}' for parameter 'shipmentId'", "Too early.")
        )


def _exception(world: World, shipment: Shipment, act: Act) -> Verdict | None:
    if act in BEFORE_OPTIONS and shipment.status == "PACKAGE_CREATED":
        free = shipment.works_as == "SELLER_FLEX" and world.switches["seller_flex_options_call"] == "optional"
        return "go" if free else None
    if act == "REGENERATE" and shipment.status == "SHIPPED":
        return "go" if world.switches["regenerate_after_shipped"] == "allow" else None
    return None
