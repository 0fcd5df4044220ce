"""How the Easy Ship API says no: its eleven codes, each with the status of the model's table."""

from packline_sim.orders.records import Order
from packline_sim.refusals import Problem, Refusal
from packline_sim.world import World


def invalid(message: str, details: str | None = None) -> Refusal:
    """Refuse parameters that are missing or make no sense."""
    return Refusal(400, Problem("InvalidInput", message, details))


def resource_not_found(world: World, what: str, wanted: str) -> Refusal:
    """Refuse: there is no such order, marketplace or package."""
    status = int(world.switches["resource_not_found"])
    return Refusal(status, Problem("ResourceNotFound", f"The {what} {wanted} does not exist."))


def region_not_supported(marketplace_id: str, operation: str) -> Refusal:
    """Refuse: the marketplace does not have the operation."""
    message = f"Easy Ship {operation} is not supported in marketplace {marketplace_id}."
    return Refusal(404, Problem("RegionNotSupported", message))


def invalid_order_state(order: Order) -> Refusal:
    """Refuse: the order is not where the operation could apply."""
    state = order.easy_ship_status or order.status
    message = f"The request is not applicable to order {order.order_id} in its current state."
    return Refusal(404, Problem("InvalidOrderState", message, f"The order is {state}."))


def not_easy_ship(world: World, order: Order) -> Refusal:
    """Refuse an order that is not an Easy Ship order."""
    code = world.switches["not_easy_ship"]
    if code == "ResourceNotFound":
        return resource_not_found(world, "Easy Ship order", order.order_id)
    problem = Problem(code, f"Order {order.order_id} is not an Easy Ship order.")
    return Refusal(400 if code == "InvalidInput" else 404, problem)


def already_scheduled(order: Order) -> Refusal:
    """Refuse to schedule an order twice."""
    message = f"A scheduled package already exists for order {order.order_id}."
    return Refusal(400, Problem("ScheduledPackageAlreadyExists", message))


def invalid_slot(slot_id: str) -> Refusal:
    """Refuse a slot id that was not listed for this order."""
    return Refusal(400, Problem("InvalidTimeSlotId", f"The time slot {slot_id} is not valid for this order."))


def window_expired(slot_id: str) -> Refusal:
    """Refuse a slot whose time has passed."""
    message = f"The schedule window of time slot {slot_id} has expired. List the slots again."
    return Refusal(400, Problem("ScheduleWindowExpired", message))


def slot_gone(slot_id: str) -> Refusal:
    """Refuse a slot that others filled after it was listed."""
    message = f"Time slot {slot_id} can no longer be booked. List the slots again and retry."
    return Refusal(400, Problem("RetryableAfterGettingNewSlots", message))


def no_slot(order: Order, details: str) -> Refusal:
    """Refuse: no window can be offered."""
    message = f"No time slot is available for order {order.order_id}."
    return Refusal(404, Problem("TimeSlotNotAvailable", message, details))


def not_reschedulable(order: Order) -> Refusal:
    """Refuse to move a package so shortly before its pickup."""
    message = f"Order {order.order_id} is not eligible for rescheduling."
    return Refusal(405, Problem("OrderNotEligibleForRescheduling", message, "Its pickup window is too near."))


def wrong_region() -> Refusal:
    """Refuse a marketplace of another region's host."""
    return Refusal(403, Problem("Unauthorized", "The marketplaces you provided are not valid for region."))
