"""updateScheduledPackages: other windows for scheduled packages, all of them or none."""

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.easy_ship import refusals
from packline_sim.easy_ship.admission import find_order, reach_carrier, supported
from packline_sim.easy_ship.body import package_body
from packline_sim.easy_ship.scheduling import known_slot
from packline_sim.easy_ship.slots import MINUTE_MS, has_room
from packline_sim.easy_ship.wire import UPDATE, UpdatePackageDetails
from packline_sim.orders.progress import reschedule
from packline_sim.orders.records import EasyShipPackage, Order, Slot
from packline_sim.world import World

_Move = tuple[Order, EasyShipPackage, Slot]
_CUTOFF_MS = {"2_hours": 120 * MINUTE_MS, "24_hours": 1440 * MINUTE_MS}


def update_scheduled_packages(call: Call) -> Reply:
    """Answer updateScheduledPackages; the first package that cannot be moved decides the error."""
    request = read_plain(call, UPDATE)
    supported(call, request.marketplace_id, "update", "updateScheduledPackages")
    moves = [_move(call, request.marketplace_id, entry) for entry in request.update_package_details_list]
    named = {order.order_id for order, _, _ in moves}
    if len(named) != len(moves):
        raise refusals.invalid("An order is named more than once in 'updatePackageDetailsList'.")
    reach_carrier(call, request.marketplace_id)
    _rebook(call.world, moves)
    for order, package, _ in moves:
        reschedule(call.world, order, package, "updateScheduledPackages")
    bodies = [package_body(call.world, order, package) for order, package, _ in moves]
    return json_reply({"packages": bodies})


def _rebook(world: World, moves: list[_Move]) -> None:
    """Give all old windows back and take the new ones; when one is full, everything is as it was."""
    book = world.easy_ship
    for order, package, _ in moves:
        book.give_back(order, package.slot)
    for done, (order, _, slot) in enumerate(moves):
        if not has_room(world, order.seller_id, order.marketplace_id, slot.method, slot.start_ms):
            for taken_by, _, taken in moves[:done]:
                book.give_back(taken_by, taken)
            for owner, package, _ in moves:
                book.take(owner, package.slot)
            raise refusals.slot_gone(slot.slot_id)
        book.take(order, slot)
    for _, package, slot in moves:
        package.slot = slot


def _move(call: Call, marketplace_id: str, entry: UpdatePackageDetails) -> _Move:
    wanted = entry.scheduled_package_id
    order = find_order(call, wanted.amazon_order_id, marketplace_id)
    package = order.live_package
    if package is None or package.status != "ReadyForPickup":
        raise refusals.invalid_order_state(order)
    if wanted.package_id is not None and wanted.package_id != package.package_id:
        raise refusals.resource_not_found(call.world, "package", wanted.package_id)
    if _too_late(call.world, package):
        raise refusals.not_reschedulable(order)
    return order, package, known_slot(call.world, order, entry.package_time_slot.slot_id)


def _too_late(world: World, package: EasyShipPackage) -> bool:
    cutoff = _CUTOFF_MS.get(world.switches["reschedule_cutoff"])
    if cutoff is None or package.slot.method == "DROPOFF":
        return False
    # After its window a package that nobody collected can be moved again.
    return package.slot.start_ms - cutoff <= world.clock.now_ms() < package.slot.end_ms
