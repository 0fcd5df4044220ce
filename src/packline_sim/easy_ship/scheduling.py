"""listHandoverSlots, createScheduledPackage and getScheduledPackage."""

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.easy_ship import refusals
from packline_sim.easy_ship.admission import find_order, reach_carrier, read_box, supported
from packline_sim.easy_ship.body import package_body, slot_body
from packline_sim.easy_ship.capabilities import Capability
from packline_sim.easy_ship.serials import read_serials
from packline_sim.easy_ship.slots import has_expired, has_room, offer_slots
from packline_sim.easy_ship.wire import CREATE, LIST_SLOTS, PackageDetails
from packline_sim.orders.progress import schedule
from packline_sim.orders.records import Box, EasyShipPackage, Order, Slot
from packline_sim.world import World


def list_handover_slots(call: Call) -> Reply:
    """Answer listHandoverSlots, for orders to be scheduled and, where slots can be changed, for scheduled ones."""
    request = read_plain(call, LIST_SLOTS)
    row = supported(call, request.marketplace_id, "slots", "listHandoverSlots")
    order = find_order(call, request.amazon_order_id, request.marketplace_id)
    box = read_box(request.package_dimensions, request.package_weight)
    package = order.live_package
    if package is None:
        check_schedulable(order)
    elif package.status != "ReadyForPickup" or not row.update:
        raise refusals.invalid_order_state(order)
    reach_carrier(call, request.marketplace_id)
    found = offer_slots(call.world, order, box, row)
    if not found:
        reason = "No window is free." if row.fits(box) else "Weight or size is above the marketplace's limits."
        raise refusals.no_slot(order, reason)
    slots = [slot_body(call.world, order, slot) for slot in found[:500]]
    return json_reply({"amazonOrderId": order.order_id, "timeSlots": slots})


def create_scheduled_package(call: Call) -> Reply:
    """Answer createScheduledPackage."""
    request = read_plain(call, CREATE)
    row = supported(call, request.marketplace_id, "create", "createScheduledPackage")
    order = find_order(call, request.amazon_order_id, request.marketplace_id)
    if order.live_package is not None:
        raise refusals.already_scheduled(order)
    check_schedulable(order)
    details = request.package_details
    slot = usable_slot(call.world, order, details.package_time_slot.slot_id)
    reach_carrier(call, request.marketplace_id)
    box = _box(call.world, details, slot)
    package = book_package(call, order, row, slot, box, details, label_format=row.label_formats[0])
    return json_reply(package_body(call.world, order, package))


def get_scheduled_package(call: Call) -> Reply:
    """Answer getScheduledPackage: the last package of the order, also one whose label was cancelled."""
    asked = {}
    for name in ("amazonOrderId", "marketplaceId"):
        value = asked[name] = call.query.get(name, "")
        if not 1 <= len(value) <= 255:
            raise refusals.invalid(f"Missing or invalid required parameter '{name}'.")
    supported(call, asked["marketplaceId"], "read", "getScheduledPackage")
    order = find_order(call, asked["amazonOrderId"], asked["marketplaceId"])
    if not order.packages:
        raise refusals.resource_not_found(call.world, "scheduled package of order", order.order_id)
    return json_reply(package_body(call.world, order, order.packages[-1]))


def check_schedulable(order: Order) -> None:
    """Refuse an order that is pending, cancelled or gone. Raises Refusal 404."""
    if order.status != "Unshipped":
        raise refusals.invalid_order_state(order)


def usable_slot(world: World, order: Order, slot_id: str) -> Slot:
    """Give the slot when it was listed for this order, its time has not passed and it has room. Raises Refusal 400."""
    slot = known_slot(world, order, slot_id)
    if not has_room(world, order.seller_id, order.marketplace_id, slot.method, slot.start_ms):
        raise refusals.slot_gone(slot_id)
    return slot


def known_slot(world: World, order: Order, slot_id: str) -> Slot:
    """Give the slot when it was listed for this order and its time has not passed. Raises Refusal 400."""
    slot = world.easy_ship.slots.get(slot_id)
    if slot is None or slot.order_id != order.order_id:
        raise refusals.invalid_slot(slot_id)
    if has_expired(world, slot):
        raise refusals.window_expired(slot_id)
    return slot


def book_package(
    call: Call,
    order: Order,
    row: Capability,
    slot: Slot,
    box: Box,
    details: PackageDetails | None,
    *,
    label_format: str,
) -> EasyShipPackage:
    """Schedule an order in a slot. Raises Refusal 400 for serial numbers."""
    world = call.world
    purpose = f"package:{order.seller_id}"
    now = world.clock.now_ms()
    package = EasyShipPackage(
        package_id=world.streams.uuid(purpose),
        tracking_id=world.streams.digits(purpose, 13),
        slot=slot,
        box=box,
        status="ReadyForPickup",
        serials=read_serials(world, order, (details.package_items or []) if details is not None else []),
        identifier=None if details is None else details.package_identifier,
        invoice_number=f"{row.country}-{world.invoice_number(order.seller_id)}" if row.invoice else None,
        invoice_ms=now if row.invoice else None,
        scheduled_ms=now,
        call_seq=call.seq,
        label_format=label_format,
    )
    world.easy_ship.take(order, slot)
    schedule(world, order, package, "createScheduledPackage")
    return package


def _box(world: World, details: PackageDetails, slot: Slot) -> Box:
    if details.package_dimensions is None or details.package_weight is None:
        return slot.box
    if world.switches["package_measures"] == "slots_then_body":
        return slot.box
    return read_box(details.package_dimensions, details.package_weight)
