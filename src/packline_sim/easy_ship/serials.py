"""Which serial numbers a package must carry."""

from packline_sim.easy_ship.refusals import invalid
from packline_sim.easy_ship.wire import Item
from packline_sim.orders.records import Order, OrderItem
from packline_sim.world import World


def read_serials(world: World, order: Order, items: list[Item]) -> dict[str, list[str]]:
    """Read the serial numbers by order item: for every item that needs them and for no other. Raises Refusal 400."""
    given: dict[str, list[str]] = {}
    for entry in items:
        if entry.order_item_id is None or order.item(entry.order_item_id) is None:
            raise invalid(f"Order item '{entry.order_item_id}' is not part of order {order.order_id}.")
        given.setdefault(entry.order_item_id, []).extend(entry.order_item_serial_numbers or ())
    if world.switches["serial_numbers"] != "not_checked":
        for item in order.items:
            _check(world, item, given.get(item.order_item_id, []))
    numbers = [number for row in given.values() for number in row]
    if len(set(numbers)) != len(numbers):
        raise invalid("A serial number is given more than once.")
    return {item_id: row for item_id, row in given.items() if row}


def _check(world: World, item: OrderItem, given: list[str]) -> None:
    if not item.serial_required:
        if given:
            raise invalid(f"Order item '{item.order_item_id}' takes no serial numbers.")
        return
    wanted = item.quantity if world.switches["serial_numbers"] == "one_per_unit" else 1
    enough = len(given) == wanted if world.switches["serial_numbers"] == "one_per_unit" else len(given) >= wanted
    if not enough or any(not number.strip() for number in given):
        raise invalid(
            f"Order item '{item.order_item_id}' requires serial numbers.",
            f"{wanted} expected, {len(given)} given.",
        )
