"""Handles on a running simulator for tests: an Amazon, its sellers, their orders, its clock; all synchronous."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from packline_sim.actors.buyers import BuyersState
from packline_sim.actors.former_integrator import IntegratorState
from packline_sim.actors.smarthub_operator import OperatorState
from packline_sim.control.client import ControlClient
from packline_sim.control.clock import ClockView
from packline_sim.control.faults import FaultView
from packline_sim.control.journal import CallCounters
from packline_sim.control.notification_handles import Notifications
from packline_sim.control.order_handles import CentralOrder, EasyShipRules, orders_of, place_orders
from packline_sim.control.order_views import OrderSummary
from packline_sim.control.shipment_views import ShipmentDetail, ShipmentSummary
from packline_sim.control.state import Stats
from packline_sim.control.work_handles import Work, feeds_of, reports_of
from packline_sim.invariants import InvariantReport
from packline_sim.journal import CallEntry

T = TypeVar("T")


class AmazonClock:
    """Read and move the simulator's time."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """Read the time."""
        return _as(ClockView, self._control.get("clock")).now

    def freeze(self) -> None:
        """Stop the time; `advance` still moves it."""
        self._control.post("clock", "freeze")

    def resume(self) -> None:
        """Let the time go on."""
        self._control.post("clock", "resume")

    def advance(self, by: float | timedelta) -> datetime:
        """Move the time forward by seconds or a timedelta, and give the new time."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return _as(ClockView, self._control.post("clock", "advance", body={"seconds": seconds})).now

    def set_speed(self, speed: float) -> None:
        """Let `speed` simulated seconds pass in a real one; 0 freezes."""
        self._control.post("clock", "speed", body={"speed": speed})


class Order:
    """Hold one shipment that a buyer ordered."""

    def __init__(self, control: ControlClient, shipment_id: str) -> None:
        self._control = control
        self.shipment_id = shipment_id

    def show(self) -> ShipmentDetail:
        """Read everything that the simulator knows of it, now."""
        return _as(ShipmentDetail, self._control.get("shipments", self.shipment_id))

    @property
    def status(self) -> str:
        """Read its status, now."""
        return self.show().status

    def cancel(self, by: str = "BUYER") -> None:
        """Have the BUYER, the MARKETPLACE or the SYSTEM stop it."""
        self._control.post("shipments", self.shipment_id, "cancel", body={"by": by})

    def scan(self, event: str = "PICKED_UP", package_id: str | None = None) -> None:
        """Have the carrier scan it: PICKED_UP, OUT_FOR_DELIVERY, DELIVERED, UNDELIVERABLE, ..."""
        body = {"event": event, "package_id": package_id}
        self._control.post("shipments", self.shipment_id, "scan", body=body)

    def in_smarthub(self, step: str = "work", **how: object) -> ShipmentDetail:
        """Have the seller's people take a step in SmartHub: confirm, pack, scan, label, ship, reject, or work (all).

        `work` takes `until`; `pack` and `work` take `scan`, `scans` and `parcels`; `scan` takes `lines`.
        """
        body = {} if step in {"confirm", "label", "ship"} else how
        return _as(ShipmentDetail, self._control.post("smarthub", self.shipment_id, step, body=body))

    def send_back(self, **spec: object) -> str:
        """Have the buyer send units back; gives the return's id."""
        created: Mapping[str, Any] = self._control.post("returns", body={"shipment_id": self.shipment_id, **spec})
        return str(created["return_id"])


class Seller:
    """Hold one seller with the credentials that a connector needs."""

    def __init__(self, control: ControlClient, facts: Mapping[str, Any]) -> None:
        self._control = control
        self.seller_id: str = facts["seller_id"]
        self.name: str = facts["name"]
        self.region: str = facts["region"]
        self.marketplace_ids: tuple[str, ...] = tuple(facts["marketplace_ids"])
        self.client_id: str = facts["client_id"]
        self.client_secret: str = facts["client_secret"]
        self.refresh_token: str = facts["refresh_token"]

    @property
    def location_ids(self) -> tuple[str, ...]:
        """List the ids of its locations."""
        return tuple(row["location_id"] for row in self._control.get("sellers", self.seller_id, "locations")["items"])

    @property
    def skus(self) -> tuple[str, ...]:
        """List its SKUs."""
        return tuple(row["sku"] for row in self._control.get("sellers", self.seller_id, "skus")["items"])

    def add_location(self, location_id: str | None = None, **spec: object) -> str:
        """Create a place to ship from, with the fields of the control API; gives its id."""
        body = {"location_id": location_id, **spec}
        return str(self._control.post("sellers", self.seller_id, "locations", body=body)["location_id"])

    def add_sku(self, sku: str | None = None, **spec: object) -> str:
        """Create a product with stock at every location, with the fields of the control API; gives its SKU."""
        return str(self._control.post("sellers", self.seller_id, "skus", body={"sku": sku, **spec})["sku"])

    def order(self, sku: str | None = None, units: int = 1, **spec: object) -> Order:
        """Have a buyer order, with the fields of the control API (`program`, `location_id`, `gift`, ...).

        Without `sku` or `lines` the products are chosen from the seed. Raises SimulatorError; LookupError when Amazon
        makes no shipment because Seller Flex stock does not cover it.
        """
        if sku is not None:
            spec["lines"] = [{"sku": sku, "units": units}]
        placed = self.orders(1, **spec)
        if not placed:
            raise LookupError(
                f"Seller {self.seller_id} has no stock for this Seller Flex order, so no shipment exists."
            )
        return placed[0]

    def orders(self, count: int, **spec: object) -> list[Order]:
        """Have buyers order `count` times."""
        made = self._control.post("shipments", body={"seller_id": self.seller_id, "count": count, **spec})["shipments"]
        return [Order(self._control, row["shipment_id"]) for row in made]

    def central_order(self, sku: str | None = None, quantity: int = 1, **spec: object) -> CentralOrder:
        """Have a buyer order at Seller Central, with the fields of the control API (`easy_ship`, `status`, ...)."""
        return self.central_orders(1, sku=sku, quantity=quantity, **spec)[0]

    def central_orders(self, count: int, **spec: object) -> list[CentralOrder]:
        """Have buyers order `count` times at Seller Central."""
        return place_orders(self._control, self.seller_id, count, spec)

    def stock(self, sku: str, location_id: str | None = None) -> Mapping[str, Any]:
        """Read a SKU's stock (at the first location): quantity, reserved, sellable, on_hand, oversold."""
        place = location_id or self.location_ids[0]
        rows = self._control.get("sellers", self.seller_id, "stock", location_id=place, sku=sku)["items"]
        if not rows:
            raise LookupError(f"Seller {self.seller_id} has no stock of {sku} at {place}.")
        found: Mapping[str, Any] = rows[0]
        return found

    def lay_on_floor(self, sku: str, bin_id: str, *serials: str, location_id: str | None = None) -> None:
        """Tell SmartHub's people in which bin (at the first location) a SKU lies, with units' serial numbers."""
        body = {"location_id": location_id or self.location_ids[0], "sku": sku, "bin_id": bin_id, "serials": serials}
        self._control.post("sellers", self.seller_id, "floor", body=body)

    def listing(self, sku: str) -> Mapping[str, Any]:
        """Read what is listed of a SKU at Seller Central: `available`, `reserved`, `waiting` and more."""
        found = self._control.get("sellers", self.seller_id, "listings", sku=sku)["items"]
        if not found:
            raise LookupError(f"Seller {self.seller_id} lists no SKU {sku}.")
        return dict(found[0])

    def list_many(self, count: int, prefix: str = "SKU-", quantity: int = 0) -> int:
        """List products PREFIX000001 and on; gives how many are new."""
        body = {"count": count, "prefix": prefix, "quantity": quantity}
        return int(self._control.post("sellers", self.seller_id, "listings", body=body)["created"])

    def set_listing(self, sku: str, quantity: int) -> None:
        """Set what buyers can order of a listed SKU, past Amazon's queue."""
        self._control.patch("sellers", self.seller_id, "listings", body={"sku": sku, "quantity": quantity})

    def revoke(self) -> None:
        """Have the seller take back every authorisation."""
        self._control.post("sellers", self.seller_id, "revoke_tokens")

    def expire_tokens(self) -> None:
        """Let its access tokens be expired now."""
        self._control.post("sellers", self.seller_id, "expire_tokens")


class Amazon:
    """Hold a running simulator: `url` for the connector under test, methods to fill, disturb and question it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token_url = f"{url}/auth/o2/token"
        self.control = ControlClient(url)
        self.clock = AmazonClock(self.control)
        self.easy_ship = EasyShipRules(self.control)
        self.notifications = Notifications(self.control)

    def create_seller(self, name: str = "Sample Seller", **spec: object) -> Seller:
        """Create a seller with the fields of the control API (`region`, `marketplace_ids`, ...)."""
        return Seller(self.control, self.control.post("sellers", body={"name": name, **spec}))

    def sellers(self) -> list[Seller]:
        """Give all sellers that have a live authorisation."""
        rows = self.control.get("sellers")["items"]
        return [Seller(self.control, row) for row in rows if row["refresh_token"]]

    def play(self, scenario: str, *, seed: int | None = None, speed: float | None = None) -> Stats:
        """Empty the simulator and set it up as a scenario that comes with it."""
        return _as(Stats, self.control.post("scenarios", scenario, "play", body={"seed": seed, "speed": speed}))

    def order(self, shipment_id: str) -> Order:
        """Take hold of a shipment that exists."""
        return Order(self.control, shipment_id)

    def shipments(
        self,
        *,
        seller_id: str | None = None,
        location_id: str | None = None,
        program: str | None = None,
        status: str | None = None,
    ) -> list[ShipmentSummary]:
        """List shipments, the oldest first."""
        rows = self.control.pages(
            "shipments", seller_id=seller_id, location_id=location_id, program=program, status=status
        )
        return [_as(ShipmentSummary, row) for row in rows]

    def central_order(self, order_id: str) -> CentralOrder:
        """Take hold of an order of Seller Central that exists."""
        return CentralOrder(self.control, order_id)

    def central_orders(self, **chosen: str | None) -> list[OrderSummary]:
        """List orders of Seller Central: seller_id, marketplace_id, status, easy_ship_status; the oldest first."""
        return orders_of(self.control, **chosen)

    def feeds(self, **chosen: str | None) -> list[Work]:
        """Give the feeds that fit: seller_id, feed_type, status; each can be held, killed and released."""
        return feeds_of(self.control, **chosen)

    def reports(self, **chosen: str | None) -> list[Work]:
        """Give the reports that fit: seller_id, report_type, status; each can be held, killed and released."""
        return reports_of(self.control, **chosen)

    def start_buyers(self, seller: Seller, orders_per_minute: float = 6.0, **settings: object) -> BuyersState:
        """Let buyers order from a seller at a rate."""
        body = {"seller_id": seller.seller_id, "orders_per_minute": orders_per_minute, **settings}
        return _as(BuyersState, self.control.post("buyers", body=body))

    def start_operator(self, seller: Seller, **settings: object) -> OperatorState:
        """Let a seller's people work in SmartHub, or (`api`) in Seller Central: share, takeover_share, until, ..."""
        return _as(OperatorState, self.control.post("operators", body={"seller_id": seller.seller_id, **settings}))

    def start_integrator(self, seller: Seller, **settings: object) -> IntegratorState:
        """Let a seller's former integrator run: confirms, writes_stock, sequences, ..."""
        return _as(IntegratorState, self.control.post("integrators", body={"seller_id": seller.seller_id, **settings}))

    def later(self, call: str, after_s: float, **body: object) -> str:
        """Have an operation of the control API, such as `POST /operators`, happen later; gives the appointment's id."""
        asked = {"call": call, "after_s": after_s, "body": body}
        return str(self.control.post("timetable", body=asked)["appointment_id"])

    def set_carriers(self, **settings: object) -> None:
        """Change how carriers work: automatic, pickup_after_s, deliver_after_s, ..."""
        self.control.patch("carriers", body=settings)

    def set_switches(self, **values: str) -> None:
        """Settle doubts about Amazon's behaviour otherwise."""
        self.control.patch("switches", body=values)

    def set_quotas(self, preset: str) -> None:
        """Use the usage plans of a preset: amazon, generous, sdk, off."""
        self.control.post("quotas", "preset", body={"preset": preset})

    def set_quota(self, operation: str, rate: float, burst: int) -> None:
        """Give one operation another usage plan."""
        self.control.patch("quotas", body={"operation": operation, "rate": rate, "burst": burst})

    def add_fault(self, kind: str, *operations: str, **conditions: object) -> str:
        """Let calls go wrong (share, nth, every, limit, shipment_id, ...); gives the fault's id."""
        body = {"kind": kind, "operations": operations, **conditions}
        return _as(FaultView, self.control.post("faults", body=body)).fault_id

    def outage(self, for_seconds: float, *operations: str, kind: str = "503", **conditions: object) -> str:
        """Let operations (all, with sign-in and downloads, by default) be down for simulated seconds from now."""
        return self.add_fault(kind, *(operations or ("*",)), for_seconds=for_seconds, **conditions)

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        self.control.delete("faults")

    def calls(self, **chosen: object) -> list[CallEntry]:
        """Read the last 1000 calls, oldest first, by operation, shipment_id, seller_id, status, had_effect, fault."""
        return [_as(CallEntry, row) for row in self.control.get("journal", limit=1000, **chosen)["items"]]

    def counters(self) -> dict[tuple[str, int], int]:
        """Count all calls by operation and status."""
        counted = _as(CallCounters, self.control.get("journal", "counters"))
        return {(row.operation, row.status): row.count for row in counted.calls}

    def stats(self) -> Stats:
        """Sum up orders, states, labels and calls."""
        return _as(Stats, self.control.get("stats"))

    def invariants(self) -> InvariantReport:
        """Check that everything adds up."""
        return _as(InvariantReport, self.control.get("invariants"))

    def move_return(self, return_id: str, *statuses: str, otp: str | None = None) -> Mapping[str, Any]:
        """Move a return through statuses, the last with the password that the carrier is told; gives the return."""
        for status in statuses:
            told = otp if status == "DELIVERED" else None
            self.control.post("returns", return_id, "move", body={"status": status, "otp": told})
        found: Mapping[str, Any] = self.control.get("returns", return_id)
        return found

    def check(self) -> None:
        """Raise AssertionError with every broken rule."""
        broken = self.invariants().violations
        if broken:
            raise AssertionError("\n".join(f"{row.rule}: {row.subject}: {row.detail}" for row in broken))

    def reset(self, seed: int = 1, **settings: object) -> None:
        """Empty the simulator and start again: start, speed, quotas."""
        self.control.post("reset", body={"seed": seed, **settings})


def _as(kind: type[T], value: object) -> T:
    return msgspec.convert(value, kind)
