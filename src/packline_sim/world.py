"""The whole state of the simulated Amazon, and everything that can be done to it from outside the APIs."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from packline_sim.agenda import Agenda
from packline_sim.auth.credentials import CredentialStore
from packline_sim.clock import SimClock
from packline_sim.creation import BadSpec, build_location, build_seller, build_sku
from packline_sim.easy_ship.slots import EasyShipBook
from packline_sim.faults import Faults
from packline_sim.feeds.records import Feed
from packline_sim.floor import Floor
from packline_sim.journal import Journal
from packline_sim.listings.changes import list_sku
from packline_sim.listings.records import Listing, Submission
from packline_sim.notifications.bells import Bells
from packline_sim.notifications.board import Board
from packline_sim.notifications.emission import notify
from packline_sim.notifications.queues import Queues
from packline_sim.ordering import build_shipment
from packline_sim.orders.index import OrderIndex
from packline_sim.orders.ordering import build_orders
from packline_sim.orders.progress import place_order
from packline_sim.orders.records import Order
from packline_sim.orders.specs import OrderSpec
from packline_sim.paper import Paper
from packline_sim.progress import BadMove, accept_covered, cancel_by, scan_package
from packline_sim.quotas import Preset, Quotas
from packline_sim.records import Change, Location, Return, Seller, Shipment, Sku, Stock, Transition
from packline_sim.reports.records import Report, Schedule
from packline_sim.reverse import build_return, move_return
from packline_sim.shelves import Shelves
from packline_sim.snapshot import Snapshot
from packline_sim.specs import (
    CancelledBy,
    Credentials,
    LocationSpec,
    Region,
    ReturnSpec,
    ReturnStatus,
    ScanEvent,
    SellerSpec,
    ShipmentSpec,
    SkuSpec,
)
from packline_sim.stock import StockBook
from packline_sim.stored_files import StoredFiles
from packline_sim.streams import Streams
from packline_sim.switches import Switches

T = TypeVar("T")

__all__ = ["BadMove", "BadSpec", "NotThere", "Snapshot", "World"]

_STATE = (
    "seed", "streams", "sellers", "locations", "skus", "shipments", "returns", "stock", "shipment_shelves",
    "return_shelves", "reject_references", "invoice_counts", "call_seq", "change_seq", "touches",
    "orders", "order_index", "easy_ship", "agenda", "feeds", "reports", "schedules", "files", "listings", "submissions",
    "notifications", "queues", "floor",
)  # fmt: skip


class NotThere(LookupError):
    """Nothing has that id; `kind` and `id` say what was looked for."""

    def __init__(self, kind: str, wanted: str) -> None:
        super().__init__(f"There is no {kind} {wanted}.")
        self.kind = kind
        self.id = wanted


class World:
    """Hold sellers, places, products, shipments, returns and credentials of one simulated Amazon.

    The same seed, clock readings and calls give the same ids and bytes. Not for use from several threads. Followers:
    `on_change` is called with a `records.Change` after every change, `on_reset` after `reset` and `restore`.
    """

    def __init__(self, seed: int = 1, *, clock: SimClock | None = None, quotas: Preset = "amazon") -> None:
        self.clock = clock or SimClock()
        self.switches = Switches()
        self.first_preset = quotas
        self.quotas = Quotas(quotas)
        self.journal = Journal()
        self.bells = Bells()
        self.on_change: list[Callable[[Change], None]] = [partial(notify, self)]
        self.on_reset: list[Callable[[], None]] = [self.bells.ring_all]
        self._empty(seed)

    def _empty(self, seed: int) -> None:
        self.seed = seed
        self.streams = Streams(seed)
        self.faults = Faults(self.streams, self.clock)
        self.credentials = CredentialStore(self.clock, self.streams)
        self.sellers: dict[str, Seller] = {}
        self.locations: dict[tuple[str, str], Location] = {}
        self.skus: dict[tuple[str, str], Sku] = {}
        self.shipments: dict[str, Shipment] = {}
        self.returns: dict[str, Return] = {}
        self.stock = StockBook()
        self.floor = Floor()
        self.hand = ""
        self.shipment_shelves: Shelves[Shipment] = Shelves()
        self.return_shelves: Shelves[Return] = Shelves()
        self.agenda = Agenda()
        self.orders: dict[str, Order] = {}
        self.order_index = OrderIndex()
        self.easy_ship = EasyShipBook()
        self.feeds: dict[str, Feed] = {}
        self.reports: dict[str, Report] = {}
        self.schedules: dict[str, Schedule] = {}
        self.files = StoredFiles()
        self.listings: dict[tuple[str, str], Listing] = {}
        self.submissions: dict[str, Submission] = {}
        self.reject_references: dict[tuple[str, str], str] = {}
        self.bodies: dict[str, tuple[int, bytes]] = {}
        self.busy: dict[str, str] = {}
        self.invoice_counts: dict[str, int] = {}
        self.notifications = Board()
        self.queues = Queues()
        self.paper = Paper(self)
        self.call_seq = 0
        self.current_call = 0
        self.change_seq = 0
        self.touches = 0

    # Creating

    def create_seller(self, spec: SellerSpec) -> Credentials:
        """Create a seller who has authorised an application. Raises BadSpec."""
        store = self.credentials
        if spec.refresh_token is not None and spec.refresh_token in store.grants:
            raise BadSpec("refresh_token", "This refresh token exists already.")
        seller = build_seller(self, spec)
        application = store.applications.get(spec.client_id or "")
        if application is None:
            application = store.create_application(
                spec.name, client_id=spec.client_id, client_secret=spec.client_secret
            )
        self.sellers[seller.seller_id] = seller
        grant = store.authorize(application.client_id, seller.seller_id, refresh_token=spec.refresh_token)
        return Credentials(
            seller_id=seller.seller_id,
            region=seller.region,
            marketplace_ids=seller.marketplace_ids,
            application_id=application.application_id,
            client_id=application.client_id,
            client_secret=application.secrets[-1].value,
            refresh_token=grant.refresh_token,
        )

    def create_location(self, seller_id: str, spec: LocationSpec) -> Location:
        """Create a location of a seller. Raises NotThere, BadSpec."""
        location = build_location(self, self.seller(seller_id), spec)
        self.locations[seller_id, location.location_id] = location
        return location

    def create_sku(self, seller_id: str, spec: SkuSpec) -> Sku:
        """Create a product of a seller, with its stock at the seller's locations. Raises NotThere, BadSpec."""
        for location_id in spec.location_ids:
            self.location(seller_id, location_id)
        sku = build_sku(self, self.seller(seller_id), spec)
        self.skus[seller_id, sku.sku] = sku
        list_sku(self, sku, spec.stock)
        for location_id in spec.location_ids or [key[1] for key in self.locations if key[0] == seller_id]:
            self.set_stock(seller_id, location_id, sku.sku, on_hand=spec.stock, quantity=spec.stock)
        return sku

    def create_shipments(self, seller_id: str, spec: ShipmentSpec, draw: random.Random | None = None) -> list[Shipment]:
        """Have buyers order `spec.count` shipments. Raises NotThere, BadSpec.

        Fewer come back when Seller Flex stock does not cover them: such a buyer cannot order. What is left open comes
        from `draw`, or from the seller's stream.
        """
        seller = self.seller(seller_id)
        draw = draw or self.streams.of(f"shipment:{seller_id}")
        made = []
        for _ in range(spec.count):
            shipment = build_shipment(self, seller, spec, draw)
            if shipment is not None:
                self.place(shipment, "ordered")
                made.append(shipment)
        return made

    def create_orders(self, seller_id: str, spec: OrderSpec, draw: random.Random | None = None) -> list[Order]:
        """Have buyers order at a seller of Seller Central; what is left open is drawn. Raises NotThere, BadSpec."""
        made = build_orders(self, self.seller(seller_id), spec, draw or self.streams.of(f"order:{seller_id}"))
        for order in made:
            place_order(self, order, pending_minutes=spec.pending_minutes)
        return made

    def create_return(self, spec: ReturnSpec) -> Return:
        """Create the return of units of a shipment's line. Raises BadSpec."""
        record = build_return(self, spec)
        self.returns[record.return_id] = record
        self.shipments[record.shipment_id].return_ids.append(record.return_id)
        self.touch_return(record)
        self.emit_return("return_created", record)
        return record

    # Happening

    def cancel(self, shipment_id: str, by: CancelledBy = "MARKETPLACE", *, reason: str | None = None) -> Shipment:
        """Cancel a shipment as the marketplace, the buyer or the system does. Raises NotThere, BadMove."""
        shipment = self.shipment(shipment_id)
        cancel_by(self, shipment, by, reason)
        return shipment

    def carrier_scan(
        self, shipment_id: str, event: ScanEvent = "PICKED_UP", *, package_id: str | None = None
    ) -> Shipment:
        """Have the carrier scan one package, or every package that the scan fits. Raises NotThere, BadMove."""
        shipment = self.shipment(shipment_id)
        if package_id is not None:
            package = shipment.packages.get(package_id)
            if package is None:
                raise NotThere("package", package_id)
            scan_package(self, shipment, package, event)
            return shipment
        wanted = "SHIPLABEL_GENERATED" if event == "PICKED_UP" else "SHIPPED"
        fitting = [package for package in shipment.packages.values() if package.status == wanted]
        if not fitting:
            raise BadMove(f"Shipment {shipment_id} is {shipment.status} and has no {wanted} package for {event}.")
        for package in fitting:
            scan_package(self, shipment, package, event)
        return shipment

    def move_return(self, return_id: str, status: ReturnStatus, otp: str | None = None) -> Return:
        """Move a return along its way. Raises NotThere, BadMove."""
        record = self.returns.get(return_id)
        if record is None:
            raise NotThere("return", return_id)
        move_return(self, record, status, otp)
        return record

    def set_stock(
        self, seller_id: str, location_id: str, sku: str, *, on_hand: int | None = None, quantity: int | None = None
    ) -> Stock:
        """Set the units truly on the floor and the published quantity, without a sequence number. Raises NotThere."""
        self.location(seller_id, location_id)
        if (seller_id, sku) not in self.skus:
            raise NotThere("SKU", sku)
        row = self.stock.row(seller_id, location_id, sku)
        before = row.on_hand
        row.on_hand = before if on_hand is None else on_hand
        row.quantity = row.quantity if quantity is None else quantity
        counts = {"before": str(before), "after": str(row.on_hand), "location_id": location_id}
        self.tell("floor_counted", seller_id, sku, "control", **counts)
        self.stock_changed(row, "control")
        return row

    def stock_changed(self, row: Stock, cause: str) -> None:
        """Tell the followers of a published or counted number, and accept what it covers."""
        self.tell("stock_published" if cause == "batchInventory" else "stock_changed", row.seller_id, row.sku, cause)
        if self.switches["accept_on_stock"] == "on":
            location = self.location(row.seller_id, row.location_id)
            if location.stock_source == "EXTERNAL_FULFILLMENT":
                accept_covered(self, row.seller_id, row.location_id)

    # Finding

    def seller(self, seller_id: str) -> Seller:
        """Find a seller. Raises NotThere."""
        return _found("seller", seller_id, self.sellers.get(seller_id))

    def location(self, seller_id: str, location_id: str) -> Location:
        """Find a seller's location. Raises NotThere."""
        return _found("location", location_id, self.locations.get((seller_id, location_id)))

    def shipment(self, shipment_id: str) -> Shipment:
        """Find a shipment. Raises NotThere."""
        return _found("shipment", shipment_id, self.shipments.get(shipment_id))

    def order(self, order_id: str) -> Order:
        """Find an order. Raises NotThere."""
        return _found("order", order_id, self.orders.get(order_id))

    # Starting over

    def reset(self, seed: int | None = None, *, start_ms: int | None = None) -> None:
        """Empty the world and start again from a seed (the same by default), with the quotas it was made with.

        Switches go to their defaults. `start_ms` sets the clock; otherwise it goes on. Followers stay,
        alarms are called off.
        """
        self.clock.cancel_all()
        if start_ms is not None:
            self.clock.jump_to(start_ms)
        self._empty(self.seed if seed is None else seed)
        self.switches.reset()
        self.quotas.use(self.first_preset)
        self.quotas.refill()
        self.journal.clear()
        for follower in list(self.on_reset):
            follower()

    def snapshot(self) -> Snapshot:
        """Keep the whole state: records, credentials, randomness, switches, quotas, faults, journal, time."""
        state = {name: getattr(self, name) for name in _STATE}
        parts = (state, self.credentials.state(), self.switches.as_dict(), self.quotas, self.faults, self.journal)
        return Snapshot(self.clock.now_ms(), parts)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, also in time; alarms that were set since are called off."""
        state, credentials, switches, quotas, faults, journal = snapshot.content()
        self.clock.cancel_all()
        self.clock.jump_to(snapshot.at_ms)
        for name, value in state.items():
            setattr(self, name, value)
        self.credentials.restore(credentials, self.streams)
        self.switches.update(switches)
        self.quotas, self.faults, self.journal = quotas, faults, journal
        self.faults.clock = self.clock
        self.agenda.arm(self)
        self.bodies.clear()
        self.busy.clear()
        self.paper.forget()
        for follower in list(self.on_reset):
            follower()

    # Following

    def touch(self, shipment: Shipment) -> None:
        """Count a shipment as updated now."""
        self.touches += 1
        shipment.updated_ms = self.clock.now_ms()
        shipment.version += 1
        self.shipment_shelves.move(shipment, shipment.seller_id, shipment.status, self.touches)

    def touch_return(self, record: Return) -> None:
        """Count a return as updated now."""
        self.touches += 1
        record.updated_ms = self.clock.now_ms()
        record.version += 1
        self.return_shelves.move(record, record.seller_id, record.status, self.touches)

    def touch_order(self, order: Order) -> None:
        """Count an order as updated now."""
        self.touches += 1
        order.updated_ms = self.clock.now_ms()
        order.version += 1
        self.order_index.move(order, self.touches)

    def emit_order(self, kind: str, order: Order, *, cause: str, **facts: Any) -> None:
        """Tell the followers of a change of an order."""
        self.tell(kind, order.seller_id, order.order_id, cause, **facts)

    def emit(self, kind: str, shipment: Shipment, **facts: Any) -> None:
        """Tell the followers of a change of a shipment; the fields of `records.Change` are the keywords."""
        self.tell(kind, shipment.seller_id, shipment.shipment_id, facts.pop("cause", ""), **facts)

    def emit_return(self, kind: str, record: Return, *, before: str | None = None) -> None:
        """Tell the followers of a change of a return."""
        self.tell(kind, record.seller_id, record.return_id, "carrier", before=before, after=record.status)

    def invoice_number(self, seller_id: str) -> int:
        """Count a seller's invoices; the numbers have no gaps."""
        number = self.invoice_counts[seller_id] = self.invoice_counts.get(seller_id, 0) + 1
        return number

    def region_of(self, seller_id: str) -> Region:
        """Tell a seller's region. Raises NotThere."""
        return self.seller(seller_id).region

    def tell(self, kind: str, seller_id: str, subject: str, cause: str, **facts: Any) -> None:
        """Tell the followers of a change; the fields of `records.Change` are the keywords."""
        self.change_seq += 1
        change = Change(
            at_ms=self.clock.now_ms(),
            kind=kind,
            seller_id=seller_id,
            subject=subject,
            cause=self.hand + cause,
            call_seq=self.current_call,
            **facts,
        )
        for follower in list(self.on_change):
            follower(change)

    def place(self, shipment: Shipment, cause: str) -> None:
        """Have a new shipment in the world, with its units reserved where they are there."""
        now = self.clock.now_ms()
        shipment.history.append(Transition(at_ms=now, before=None, after=shipment.status, cause=cause, call_seq=0))
        self.shipments[shipment.shipment_id] = shipment
        covered = self.stock.covers(shipment.seller_id, shipment.location_id, shipment.units_by_sku())
        self.stock.hold(shipment, shipment.status == "ACCEPTED" or covered)
        self.touch(shipment)
        self.emit("shipment_created", shipment, after=shipment.status, cause=cause)


def _found(kind: str, wanted: str, record: T | None) -> T:
    if record is None:
        raise NotThere(kind, wanted)
    return record
