"""GET_EASYSHIP_PICKEDUP and GET_EASYSHIP_WAITING_FOR_PICKUP: what the carrier has, and what waits for it."""

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from packline_sim.clock import to_datetime
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.progress import SCHEDULED
from packline_sim.orders.records import EasyShipPackage, Order, OrderItem
from packline_sim.reports.records import Report

if TYPE_CHECKING:
    from packline_sim.world import World

PICKED_UP = "GET_EASYSHIP_PICKEDUP"
WAITING = "GET_EASYSHIP_WAITING_FOR_PICKUP"
COLUMNS = (
    "order-id",
    "tracking-id",
    "purchase-date",
    "picked-up-date",
    "asin",
    "sku",
    "product-name",
    "quantity-purchased",
    "invoice-id",
    "package-identifier",
    "ship-service-level",
    "is-prime",
    "pickup-slot",
    "order-item-id",
    "ship-postal-code",
    "ship-country",
    "ship-city",
    "ship-state",
    "carrier",
)
EXPECTED = "expected-ship-date"
_LEFT = frozenset({"PickedUp", "DroppedOff"})


def draw_picked_up(world: "World", report: Report) -> bytes:
    """List the items of packages that left within the report's time, one line each, in the order of leaving."""
    rows = [
        (left, order, package)
        for order, package in _packages(world, report)
        if (left := _left_ms(order)) is not None and package.status != "LabelCanceled" and _is_within(report, left)
    ]
    rows.sort(key=lambda row: row[0])
    return _table(COLUMNS, (line for left, order, package in rows for line in _lines(order, package, left)))


def draw_waiting(world: "World", report: Report) -> bytes:
    """List the items of packages that wait for the carrier, one line each, in the order of their slots."""
    rows = [
        (order, package)
        for order, package in _packages(world, report)
        if order.easy_ship_status in SCHEDULED and _is_within(report, package.scheduled_ms)
    ]
    rows.sort(key=lambda row: row[1].slot.start_ms)
    lines = (
        [*line, _moment(order, order.ship_by_ms)] for order, package in rows for line in _lines(order, package, None)
    )
    return _table((*COLUMNS, EXPECTED), lines)


def _packages(world: "World", report: Report) -> Iterator[tuple[Order, EasyShipPackage]]:
    for order in world.orders.values():
        if order.seller_id == report.seller_id and order.marketplace_id in report.marketplace_ids and order.packages:
            yield order, order.packages[-1]


def _left_ms(order: Order) -> int | None:
    return next((row.at_ms for row in order.history if row.after in _LEFT), None)


def _is_within(report: Report, moment_ms: int) -> bool:
    start = report.data_start_ms if report.data_start_ms is not None else 0
    return start <= moment_ms <= (report.data_end_ms if report.data_end_ms is not None else report.created_ms)


def _lines(order: Order, package: EasyShipPackage, left_ms: int | None) -> Iterator[list[str]]:
    for item in order.items:
        yield _line(order, package, item, left_ms)


def _line(order: Order, package: EasyShipPackage, item: OrderItem, left_ms: int | None) -> list[str]:
    return [
        order.order_id,
        package.tracking_id,
        _moment(order, order.created_ms),
        "" if left_ms is None else _moment(order, left_ms),
        item.asin,
        item.sku,
        item.title,
        str(item.quantity),
        package.invoice_number or "",
        package.identifier or order.order_id,
        "Standard",
        "true" if order.is_prime else "false",
        f"{_moment(order, package.slot.start_ms)} - {_moment(order, package.slot.end_ms)}",
        item.order_item_id,
        order.place.postal_code,
        order.place.country,
        order.place.city,
        order.place.state,
        MARKETPLACES[order.marketplace_id].carrier,
    ]


def _moment(order: Order, moment_ms: int) -> str:
    zone = timezone(MARKETPLACES[order.marketplace_id].utc_offset)
    local: datetime = to_datetime(moment_ms).astimezone(zone)
    return local.isoformat(timespec="seconds")


def _table(columns: tuple[str, ...], lines: Iterator[list[str]]) -> bytes:
    clean = ("\t".join(" ".join(cell.split()) for cell in line) for line in lines)
    return ("\n".join(("\t".join(columns), *clean)) + "\n").encode()
