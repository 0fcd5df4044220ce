"""The operations of the Easy Ship API: names, paths, queries, handlers."""

from packline_sim.easy_ship import bulk, rescheduling, scheduling
from packline_sim.operation import Operation, operation

BASE = "/easyShip/2022-03-23"
_PACKAGE_QUERY = "amazonOrderId marketplaceId"

# Writes are not guarded against each other as External Fulfillment's are: a second call finds the order scheduled.
OPERATIONS: tuple[Operation, ...] = (
    operation("listHandoverSlots", "POST", f"{BASE}/timeSlot", "", scheduling.list_handover_slots, writes=False),
    operation(
        "getScheduledPackage",
        "GET",
        f"{BASE}/package",
        _PACKAGE_QUERY,
        scheduling.get_scheduled_package,
        writes=False,
    ),
    operation(
        "createScheduledPackage", "POST", f"{BASE}/package", "", scheduling.create_scheduled_package, writes=False
    ),
    operation(
        "updateScheduledPackages",
        "PATCH",
        f"{BASE}/package",
        "",
        rescheduling.update_scheduled_packages,
        writes=False,
    ),
    operation(
        "createScheduledPackageBulk",
        "POST",
        f"{BASE}/packages/bulk",
        "",
        bulk.create_scheduled_package_bulk,
        writes=False,
    ),
)
