"""The three-way comparison: what Amazon has, what Packline has, and what the warehouse's own book says."""

import asyncio
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from packline.bootstrap import Services
from packline.domain.explain import explain
from packline.domain.returns import ARRIVED
from packline.storage.stock_check import check
from packline.views.states import shipment_of
from packline_sim.control.order_views import OrderSummary
from packline_sim.control.shipment_views import ShipmentSummary
from soak.book import LEFT, Entry
from soak.town import Town, units_laid
from soak.warehouse import Warehouse

_OURS = "select id, account_id, amazon_id, status, problem from shipment"
_LABELS = """
select shipment_id, tracking_id, count(*)::int as copies from shipment_document
where kind = 'ship_label' and not void group by 1, 2
"""
_INVOICES = "select distinct shipment_id from shipment_document where kind = 'invoice' and not void"
_STATES = "select state, version, due_at from shipment where id = any($1::text[])"
_RETURNS = "select account_id, amazon_id, id, status, received_units, units from return_item"
_BALANCES = "select pool, location, sku, on_hand, reserved, labelled, unsellable from stock_balance"
OVER = frozenset({"DELIVERED", "CANCELLED"})
UNFINISHED_AT_ONCE = 1000
NAMED = frozenset({"carrier", "handover", "delivery", "nothing"})
"""For whom a shipment may wait at the end without anybody being called: it left, or leaves when the carrier comes.
Beside them Amazon itself, where it has an order for which there are no units."""


class Ours(NamedTuple):
    """What Packline has of one shipment."""

    id: str
    status: str
    problem: str | None
    labels: Counter[str]
    has_invoice: bool


@dataclass
class Findings:
    """What a comparison found: how things ended, who must look at what and why, and what is wrong."""

    ends: Counter[str] = field(default_factory=Counter)
    listed: dict[str, str] = field(default_factory=dict)
    waits: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)
    oversold: int = 0


class Comparison:
    """Hold the three sides against each other, one thing after the other."""

    def __init__(self, services: Services, town: Town, warehouse: Warehouse) -> None:
        self._services, self._town, self._warehouse = services, town, warehouse
        self._found = Findings()

    async def make(self) -> Findings:
        """Compare everything, while time stands still."""
        self._found = Findings()
        ours = await self._ours()
        book = {(e.told.account, e.told.amazon_id): e for e in self._warehouse.book.shipments.values()}
        sim = self._town.sim
        for row in await asyncio.to_thread(sim.shipments):
            self._shipment(row, ours.pop((row.seller_id.lower(), row.shipment_id), None), book)
        for order in await asyncio.to_thread(sim.central_orders):
            self._order(order, ours.pop((order.seller_id.lower(), order.order_id), None), book)
        self._found.wrong += [f"{name}: Amazon does not know it" for _, name in ours]
        await self._unfinished()
        await self._returns()
        await self._stock()
        await self._rules()
        return self._found

    async def _ours(self) -> dict[tuple[str, str], Ours]:
        pool = self._services.pool
        labels: dict[str, Counter[str]] = defaultdict(Counter)
        for row in await pool.fetch(_LABELS):
            labels[row["shipment_id"]][row["tracking_id"]] += row["copies"]
        invoices = {row["shipment_id"] for row in await pool.fetch(_INVOICES)}
        return {
            (row["account_id"], row["amazon_id"]): Ours(
                row["id"], row["status"], row["problem"], labels[row["id"]], row["id"] in invoices
            )
            for row in await pool.fetch(_OURS)
        }

    def _shipment(self, theirs: ShipmentSummary, ours: Ours | None, book: dict[tuple[str, str], Entry]) -> None:
        entry = book.get((theirs.seller_id.lower(), theirs.shipment_id))
        lack = self._lack(theirs.status, ours, entry)
        if not lack and ours is not None and entry is not None and theirs.status in LEFT:
            labels = Counter(theirs.tracking_ids)
            lack = _papers(labels, theirs.has_invoice, ours, entry)
            self._found.compared["labels"] += labels.total()
            self._found.ends["labels that came too late to be had"] += (labels - ours.labels).total()
        self._note(theirs.shipment_id, theirs.status, lack, ours)

    def _order(self, theirs: OrderSummary, ours: Ours | None, book: dict[tuple[str, str], Entry]) -> None:
        if theirs.status == "Pending" and ours is None:
            return  # not paid yet: Amazon lets nobody pack it
        entry = book.get((theirs.seller_id.lower(), theirs.order_id))
        right = _statuses(theirs)
        status = ours.status if ours is not None and ours.status in right else min(right)
        lack = self._lack(status, ours, entry)
        if not lack and ours is not None and entry is not None and status in LEFT:
            lack = _papers(Counter([theirs.tracking_id or ""]), True, ours, entry)
        self._note(theirs.order_id, status, lack, ours)

    def _lack(self, status: str, ours: Ours | None, entry: Entry | None) -> str:
        if ours is None:
            return "Packline never took it in"
        if entry is None:
            return "the feed never told of it"
        if not status == ours.status == entry.told.status:
            return f"{status} at Amazon, {ours.status} here, {entry.told.status} in the warehouse's book"
        return ""

    def _note(self, name: str, status: str, lack: str, ours: Ours | None) -> None:
        self._found.compared["shipments"] += 1
        if lack and ours is not None and ours.problem and ours.status == status:
            self._found.listed[name] = f"{ours.problem}: {lack}"
        elif lack:
            self._found.wrong.append(f"{name}: {lack}")
        self._found.ends[status] += 1

    async def _unfinished(self) -> None:
        """Ask of everything that is not over what it waits for; nothing may wait for Packline, or for nobody."""
        pool, now = self._services.pool, self._services.clock.now()
        rows = await pool.fetch("select id from shipment where status not in ('DELIVERED', 'CANCELLED') order by id")
        for first in range(0, len(rows), UNFINISHED_AT_ONCE):
            chosen = [row["id"] for row in rows[first : first + UNFINISHED_AT_ONCE]]
            for row in await pool.fetch(_STATES, chosen):
                self._wait(row, now)

    def _wait(self, row: Any, now: datetime) -> None:
        shipment = shipment_of(row)
        told = explain(shipment, self._services.gateway.program_for(shipment), now)
        self._found.waits[f"{shipment.status} waits for {told.waits_for}"] += 1
        entry = self._warehouse.book.shipments.get(shipment.id)
        if shipment.problem is not None:
            why = f"{shipment.problem.code}: {_plain(shipment.problem.message)}"
            self._found.listed.setdefault(shipment.amazon_id, why)
            if entry is not None and not entry.problem:
                self._found.wrong.append(f"{shipment.amazon_id}: the feed never told of {shipment.problem.code}")
        elif told.waits_for == "person":
            self._found.listed.setdefault(shipment.amazon_id, told.sentence)
        elif told.waits_for not in NAMED and (told.waits_for != "amazon" or shipment.pending is not None):
            refused = self._warehouse.refusals.get(shipment.id, "")
            self._found.wrong.append(f"{shipment.amazon_id}: silent: {told.sentence} {refused}".strip())

    async def _returns(self) -> None:
        """Compare returns; that Amazon counts one that arrived as processed is asked rarely: it may be behind."""
        ours = {(row["account_id"], row["amazon_id"]): row for row in await self._services.pool.fetch(_RETURNS)}
        rows = await asyncio.to_thread(lambda: list(self._town.sim.control.pages("returns")))
        for theirs in rows:
            self._found.compared["returns"] += 1
            row = ours.pop((theirs["seller_id"].lower(), theirs["return_id"]), None)
            told = self._warehouse.book.returns.get(row["id"]) if row else None
            sides = (theirs["status"], row and row["status"], told and told[1].status)
            if len({"arrived" if side in ARRIVED else side for side in sides}) != 1:
                self._found.wrong.append(f"return {theirs['return_id']}: Amazon, Packline, warehouse: {sides}")
            elif row["received_units"] not in (0, row["units"]) or row["received_units"] != told[1].received_units:
                self._found.wrong.append(f"return {theirs['return_id']}: received units differ")
        self._found.ends["returns by Easy Ship"] = len(ours)

    async def _stock(self) -> None:
        """To the unit: the floor of the simulator, the ledger, and what the warehouse's book makes of it."""
        drawn = await asyncio.to_thread(self._drawn)
        gone, back = self._gone(), self._warehouse.restocked
        rows = {(r["pool"], r["location"], r["sku"]): r for r in await self._services.pool.fetch(_BALANCES)}
        for (source, place, sku), units in self._town.laid.items():
            self._found.compared["SKUs at a place"] += 1
            floor = units - drawn[source, place, sku]
            own = units - gone[source, place, sku] + back[source, place, sku]
            ledger = rows[source, place, sku]["on_hand"]
            if not floor == own == ledger:
                self._found.wrong.append(f"stock of {sku} at {place}: floor {floor}, ledger {ledger}, book {own}")
            self._oversold((source, place, sku), int(rows[source, place, sku]["reserved"]) - own)
        for fault in await check(self._services.pool):
            self._found.wrong.append(f"ledger: {fault}")

    def _oversold(self, key: tuple[str, str, str], missing: int) -> None:
        """Hold what the feed last told of a SKU that is oversold against what is promised and not there."""
        told = self._warehouse.book.oversold.get(key, [0])
        self._found.compared["reports of oversold units"] += len(self._warehouse.book.oversold.get(key, ()))
        if told[-1] != max(0, missing):
            self._found.wrong.append(f"stock of {key[2]} at {key[1]}: {missing} oversold, the feed told {told[-5:]}")

    def _drawn(self) -> Counter[tuple[str, str, str]]:
        """Count what left each floor, as Amazon's records have it."""
        drawn: Counter[tuple[str, str, str]] = Counter()
        for shop in self._town.shops:
            for place in () if shop.is_central else shop.locations:
                stock = self._town.sim.control.get("sellers", shop.seller.seller_id, "stock", location_id=place)
                for row in stock["items"]:
                    key = self._town.shelf(shop.account.id, place, row["sku"])
                    drawn[key] += units_laid(row["sku"]) - int(row["on_hand"])
        return drawn

    def _gone(self) -> Counter[tuple[str, str, str]]:
        """Count what left each shelf, by the warehouse's book."""
        gone: Counter[tuple[str, str, str]] = Counter()
        for name, entry in self._warehouse.book.shipments.items():
            if entry.told.status in LEFT or (entry.has_left and name not in self._warehouse.fetched):
                for sku, units in entry.items:
                    gone[self._town.shelf(entry.told.account, entry.told.location, sku)] += units
        return gone

    async def _rules(self) -> None:
        report = await asyncio.to_thread(self._town.sim.invariants)
        self._found.oversold = report.oversold
        self._found.wrong += [f"{row.rule}: {row.subject}: {row.detail}" for row in report.violations]
        self._found.wrong += self._warehouse.book.faults


def _plain(message: str) -> str:
    """Leave out what is another one in every message, so that the same reason is counted as one."""
    return re.sub(r"[A-Z0-9_-]*\d[A-Z0-9_-]{3,}", "…", message)


def _papers(labels: Counter[str], has_invoice: bool, ours: Ours, entry: Entry) -> str:
    """Say which paper is missing, doubled or another's; a label is past its use once the parcel is with the buyer."""
    if ours.labels - labels:
        return f"labels {dict(labels)} at Amazon, files {dict(ours.labels)} here"
    if set(entry.labels.values()) != set(ours.labels):
        return f"files {sorted(ours.labels)} here, labels {sorted(entry.labels.values())} in the warehouse's book"
    missing = labels - ours.labels
    if missing and entry.told.status != "DELIVERED" and len(entry.lost) < missing.total():
        return f"labels {dict(missing)} have no file here, and nobody was told"
    if has_invoice and not (ours.has_invoice and entry.has_invoice) and not missing:
        return "its invoice is missing"
    return ""


_CENTRAL = {
    "PendingSchedule": frozenset({"ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"}),
    "LabelCanceled": frozenset({"PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"}),
    "PendingPickUp": frozenset({"SHIPLABEL_GENERATED"}),
    "PendingDropOff": frozenset({"SHIPLABEL_GENERATED"}),
    "Delivered": frozenset({"DELIVERED"}),
}
"""Statuses of an order of Seller Central in Packline's words; the first ones are Packline's own while it works."""
_ON_THE_WAY = frozenset({"SHIPPED"})


def _statuses(order: OrderSummary) -> frozenset[str]:
    if order.status == "Canceled":
        return frozenset({"CANCELLED"})
    return _CENTRAL.get(order.easy_ship_status or "", _ON_THE_WAY)
