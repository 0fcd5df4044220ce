"""createScheduledPackageBulk: many orders at once, with one archive of their documents behind a short-lived address."""

from typing import Any

from packline_sim.call import Call, Reply, json_reply, read_plain
from packline_sim.easy_ship import refusals
from packline_sim.easy_ship.admission import find_order, reach_carrier, suggested_box, supported
from packline_sim.easy_ship.body import package_body
from packline_sim.easy_ship.capabilities import Capability
from packline_sim.easy_ship.scheduling import book_package, check_schedulable, usable_slot
from packline_sim.easy_ship.slots import offer_slots
from packline_sim.easy_ship.wire import BULK, OrderScheduleDetails
from packline_sim.easy_ship_papers import bulk_zip
from packline_sim.orders.records import Order, Slot
from packline_sim.refusals import Refusal, plain_error
from packline_sim.stored_files import download_url

UNSUPPORTED = "The operation is not supported for the current marketplace."


def create_scheduled_package_bulk(call: Call) -> Reply:
    """Answer createScheduledPackageBulk; orders that cannot be scheduled are listed with their error."""
    request = read_plain(call, BULK)
    row = supported(call, request.marketplace_id, "read", "createScheduledPackageBulk")
    if not row.bulk:
        raise refusals.invalid(UNSUPPORTED)
    label_format = request.label_format.upper()
    if label_format not in row.label_formats:
        raise refusals.invalid(f"The label format '{request.label_format}' is not valid.", "Use PDF or ZPL.")
    most = int(call.world.switches["bulk_most_orders"])
    if len(request.order_schedule_details_list) > most:
        raise refusals.invalid(f"At most {most} orders can be scheduled in one call.")
    scheduled: list[Order] = []
    rejected: list[dict[str, Any]] = []
    for entry in request.order_schedule_details_list:
        try:
            scheduled.append(_schedule(call, request.marketplace_id, row, entry, label_format))
        except Refusal as refusal:
            error = plain_error(refusal.problems[0])
            rejected.append({"amazonOrderId": entry.amazon_order_id, "error": error})
    return json_reply(_answer(call, scheduled, rejected, label_format))


def _schedule(
    call: Call, marketplace_id: str, row: Capability, entry: OrderScheduleDetails, label_format: str
) -> Order:
    order = find_order(call, entry.amazon_order_id, marketplace_id)
    if order.live_package is not None:
        raise refusals.already_scheduled(order)
    check_schedulable(order)
    reach_carrier(call, marketplace_id)
    details = entry.package_details
    slot = (
        _earliest(call, order, row)
        if details is None
        else usable_slot(call.world, order, details.package_time_slot.slot_id)
    )
    book_package(call, order, row, slot, slot.box, details, label_format=label_format)
    return order


def _earliest(call: Call, order: Order, row: Capability) -> Slot:
    found = offer_slots(call.world, order, suggested_box(call.world, order, row), row)
    if not found:
        raise refusals.no_slot(order, "No window is free for the suggested package.")
    return found[0]


def _answer(call: Call, scheduled: list[Order], rejected: list[dict[str, Any]], label_format: str) -> dict[str, Any]:
    world = call.world
    packages = [package_body(world, order, order.packages[-1]) for order in scheduled]
    body: dict[str, Any] = {"scheduledPackages": packages, "rejectedOrders": rejected}
    # Nobody fetches the papers when people scheduled in a panel, where they print them one by one.
    if scheduled and not world.hand:
        file = world.files.create(world, call.seller.seller_id, "application/zip")
        file.content = bulk_zip(world, scheduled, label_format)
        seconds = int(world.switches["bulk_url_seconds"])
        body["printableDocumentsUrl"] = download_url(world, file, call.base_url, says_encoding=False, seconds=seconds)
    return body
