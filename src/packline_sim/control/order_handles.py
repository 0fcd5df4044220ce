"""Handles on the orders of Seller Central in a running simulator, for tests."""

from collections.abc import Mapping
from typing import Any

import msgspec

from packline_sim.control.client import ControlClient
from packline_sim.control.easy_ship import CalendarView, CapabilityView, WindowView
from packline_sim.control.order_views import OrderDetail, OrderSummary


class CentralOrder:
    """Hold one order of a seller of Seller Central."""

    def __init__(self, control: ControlClient, order_id: str) -> None:
        self._control = control
        self.order_id = order_id

    def show(self) -> OrderDetail:
        """Read everything that the simulator knows of it, now."""
        return msgspec.convert(self._control.get("orders", self.order_id), OrderDetail)

    @property
    def status(self) -> str:
        """Read its status in the words of Orders v0, now."""
        return self.show().status

    @property
    def easy_ship_status(self) -> str | None:
        """Read its Easy Ship status in the words of Orders v0, now."""
        return self.show().easy_ship_status

    def cancel(self, by: str = "BUYER", reason: str | None = None) -> None:
        """Have the BUYER, the SELLER or AMAZON cancel it."""
        self._control.post("orders", self.order_id, "cancel", body={"by": by, "reason": reason})

    def request_cancel(self, reason: str = "Ordered by mistake") -> None:
        """Have the buyer ask the seller to cancel it."""
        self._control.post("orders", self.order_id, "request_cancel", body={"reason": reason})

    def cancel_label(self, reason: str = "cancelled by Amazon") -> None:
        """Have Amazon cancel its label."""
        self._control.post("orders", self.order_id, "cancel_label", body={"reason": reason})

    def release(self) -> None:
        """Let its payment be authorised."""
        self._control.post("orders", self.order_id, "release", body={})

    def scan(self, status: str | None = None) -> None:
        """Have the carrier collect it, or report where it is: AtOriginFC, OutForDelivery, Delivered, Lost, ..."""
        self._control.post("orders", self.order_id, "scan", body={"status": status})


class EasyShipRules:
    """Change what Easy Ship offers, and read and fill carriers' windows."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def capabilities(self) -> dict[str, CapabilityView]:
        """Read what each marketplace offers, by marketplace id."""
        rows = self._control.get("easy_ship", "capabilities")["items"]
        return {row["marketplace_id"]: msgspec.convert(row, CapabilityView) for row in rows}

    def offer(self, marketplace_id: str, **changes: object) -> CapabilityView:
        """Change what a marketplace offers: slots, bulk, document_feed, handover, most_grams, ..."""
        changed = self._control.patch("easy_ship", "capabilities", marketplace_id, body=changes)
        return msgspec.convert(changed, CapabilityView)

    def set_calendar(self, seller_id: str, **changes: object) -> CalendarView:
        """Change a seller's off_days (0 is Monday), the capacity of its windows, or let the carrier_away or back."""
        body: Mapping[str, Any] = {"seller_id": seller_id, **changes}
        return msgspec.convert(self._control.patch("easy_ship", "calendar", body=body), CalendarView)

    def windows(self, seller_id: str, marketplace_id: str | None = None) -> list[WindowView]:
        """Read the windows that a seller's orders could be scheduled in."""
        found = self._control.get("easy_ship", "windows", seller_id=seller_id, marketplace_id=marketplace_id)
        return [msgspec.convert(row, WindowView) for row in found["items"]]

    def close_window(self, seller_id: str, window: WindowView, marketplace_id: str | None = None) -> None:
        """Let a window take no more packages."""
        body = {"seller_id": seller_id, "start": window.start, "marketplace_id": marketplace_id}
        self._control.post("easy_ship", "windows", "close", body=body)


def place_orders(control: ControlClient, seller_id: str, count: int, spec: Mapping[str, object]) -> list[CentralOrder]:
    """Have buyers order at a seller of Seller Central, with the fields of the control API."""
    made = control.post("orders", body={"seller_id": seller_id, "count": count, **spec})["orders"]
    return [CentralOrder(control, row["order_id"]) for row in made]


def orders_of(
    control: ControlClient,
    *,
    seller_id: str | None = None,
    marketplace_id: str | None = None,
    status: str | None = None,
    easy_ship_status: str | None = None,
) -> list[OrderSummary]:
    """List orders of Seller Central, the oldest first; statuses in the words of Orders v0."""
    rows = control.pages(
        "orders", seller_id=seller_id, marketplace_id=marketplace_id, status=status, easy_ship_status=easy_ship_status
    )
    return [msgspec.convert(row, OrderSummary) for row in rows]
