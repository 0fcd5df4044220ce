"""Hand-over windows as they are listed for orders, taken, given back and run out."""

import base64
from typing import TYPE_CHECKING

from packline_sim.easy_ship.calendar import default_off_days, windows
from packline_sim.easy_ship.capabilities import Capability
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.orders.ordering import DAY_MS
from packline_sim.orders.progress import EASY_SHIP_GRACE_DAYS
from packline_sim.orders.records import Box, Handover, Order, Slot

if TYPE_CHECKING:
    from packline_sim.world import World

MINUTE_MS = 60_000
KEPT_SLOTS = 300_000
_LIFE_MS = {"30_minutes": 30 * MINUTE_MS, "5_minutes": 5 * MINUTE_MS, "24_hours": DAY_MS}
_Place = tuple[str, str, str, int]


class EasyShipBook:
    """Keep what Easy Ship knows beside the orders: listed slots, how full windows are, settings of sellers."""

    def __init__(self) -> None:
        self.slots: dict[str, Slot] = {}
        self.boxes: dict[str, Box] = {}
        self.taken: dict[_Place, int] = {}
        self.closed: set[tuple[str, str, int]] = set()
        self.capacity: dict[tuple[str, str], int] = {}
        self.off_days: dict[tuple[str, str], frozenset[int]] = {}
        self.carrier_away: set[tuple[str, str]] = set()
        self.capabilities: dict[str, Capability] = {}

    def keep(self, slot: Slot) -> None:
        """Remember a listed slot; the oldest are forgotten when there are very many."""
        self.slots[slot.slot_id] = slot
        if len(self.slots) > KEPT_SLOTS:
            for slot_id in list(self.slots)[: KEPT_SLOTS // 10]:
                del self.slots[slot_id]

    def take(self, order: Order, slot: Slot) -> None:
        """Count one package more in a window."""
        place = _place(order, slot.method, slot.start_ms)
        self.taken[place] = self.taken.get(place, 0) + 1

    def give_back(self, order: Order, slot: Slot) -> None:
        """Count one package less in a window."""
        self.taken[_place(order, slot.method, slot.start_ms)] -= 1


def offer_slots(world: "World", order: Order, box: Box, row: Capability) -> list[Slot]:
    """List the windows that can be booked for an order and parcel now; none when it is too large, or too late."""
    if not row.fits(box):
        return []
    book, now = world.easy_ship, world.clock.now_ms()
    found = [
        Slot(
            slot_id=_slot_id(world),
            order_id=order.order_id,
            start_ms=start,
            end_ms=end,
            method=method,
            listed_ms=now,
            box=box,
        )
        for start, end, method in _open_windows(world, order, row)
    ]
    for slot in found:
        book.keep(slot)
    if found:
        book.boxes[order.order_id] = box
    return found


def has_expired(world: "World", slot: Slot) -> bool:
    """Tell whether a listed slot can no longer be used: its window began, or the listing is too old."""
    life = _LIFE_MS.get(world.switches["slot_life"])
    ends = slot.start_ms if life is None else min(slot.start_ms, slot.listed_ms + life)
    return world.clock.now_ms() >= ends


def has_room(world: "World", seller_id: str, marketplace_id: str, method: Handover, start_ms: int) -> bool:
    """Tell whether a window still takes a package of a seller."""
    book = world.easy_ship
    if (seller_id, marketplace_id, start_ms) in book.closed:
        return False
    most = book.capacity.get((seller_id, marketplace_id))
    if most is None:
        switch = world.switches["slot_capacity"]
        most = None if switch == "unlimited" else int(switch)
    return most is None or book.taken.get((seller_id, marketplace_id, method, start_ms), 0) < most


def window_rows(
    world: "World", seller_id: str, marketplace_id: str, row: Capability
) -> list[tuple[int, int, Handover, int, bool]]:
    """Give a seller's windows, the earliest first: start, end, method, packages in it, whether it has room."""
    marketplace = MARKETPLACES[marketplace_id]
    book, switches = world.easy_ship, world.switches
    off_days = book.off_days.get((seller_id, marketplace_id), default_off_days(marketplace))
    earliest = world.clock.now_ms() + int(switches["slot_lead_minutes"]) * MINUTE_MS
    found = [
        (start, end, method, book.taken.get((seller_id, marketplace_id, method, start), 0))
        for method in row.handover
        for start, end in windows(marketplace, method, off_days, earliest_ms=earliest, days=int(switches["slot_days"]))
    ]
    return [(*one, has_room(world, seller_id, marketplace_id, one[2], one[0])) for one in sorted(found)]


def _open_windows(world: "World", order: Order, row: Capability) -> list[tuple[int, int, Handover]]:
    # Windows after the day of Amazon's own cancellation are of no use (Easy Ship model, TimeSlotNotAvailable).
    last = order.ship_by_ms + EASY_SHIP_GRACE_DAYS * DAY_MS
    rows = window_rows(world, order.seller_id, order.marketplace_id, row)
    return [(start, end, method) for start, end, method, _, is_open in rows if is_open and start < last]


def _place(order: Order, method: str, start_ms: int) -> _Place:
    return (order.seller_id, order.marketplace_id, method, start_ms)


def _slot_id(world: "World") -> str:
    # 26 bytes in base64, beginning AQ and ending AAA=, as the ids in Amazon's examples do.
    drawn = world.streams.of("slots").getrandbits(22 * 8).to_bytes(22, "big")
    return base64.b64encode(b"\x01" + bytes((drawn[0] & 15,)) + drawn[:22] + b"\x00\x00").decode()
