"""The integrator whom the seller leaves: his program still confirms by itself and writes stock in its own numbers."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec

from packline_sim.actors.shift import Shift
from packline_sim.clock import Alarm
from packline_sim.hands import FORMER_INTEGRATOR, act, answer
from packline_sim.records import Change, Shipment, Stock
from packline_sim.world import World

BATCH = 10
_TO_CONFIRM = frozenset({"CREATED", "ACCEPTED"})


class Integrator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say what a seller's former integrator still does.

    With `confirms` he confirms every new shipment `confirm_after_s` after it came, on average. With `writes_stock` he
    writes the stock of every SKU at every location (or `locations`) each `stock_every_s`: what truly lies on the floor
    plus what is picked and not yet labelled, or (`frozen`) what lay there when he began. His sequence numbers count up
    from `first_sequence` for each SKU and location, or are the time in milliseconds since 1970.

    With `api` seller_central he books the pickup of every Easy Ship order instead of confirming, and writes the
    quantity of every listing as it is (`floor`) or as it was when he began; no locations or sequence numbers there.
    """

    seller_id: str
    confirms: bool = True
    confirm_after_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    writes_stock: bool = True
    stock_every_s: Annotated[float, msgspec.Meta(gt=0)] = 900.0
    stock: Literal["floor", "frozen"] = "floor"
    sequences: Literal["counted", "epoch_ms"] = "counted"
    first_sequence: Annotated[int, msgspec.Meta(ge=0)] = 1
    locations: tuple[str, ...] = ()
    api: Literal["external_fulfillment", "seller_central"] = "external_fulfillment"


class IntegratorChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change what a former integrator still does; what is left out stays."""

    confirms: bool | None = None
    confirm_after_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    writes_stock: bool | None = None
    stock_every_s: Annotated[float, msgspec.Meta(gt=0)] | None = None
    stock: Literal["floor", "frozen"] | None = None
    sequences: Literal["counted", "epoch_ms"] | None = None
    locations: tuple[str, ...] | None = None


class IntegratorState(msgspec.Struct, frozen=True, kw_only=True):
    """Show a former integrator and what he did; `stale` writes were refused because of their sequence number."""

    integrator_id: str
    working: bool
    confirmed: int
    outrun: int
    written: int
    stale: int
    refused: int
    settings: Integrator


class FormerIntegrator:
    """Act for one seller until stopped; how soon he acts on a shipment is drawn for it alone."""

    def __init__(self, world: World, integrator_id: str, settings: Integrator) -> None:
        self._world = world
        self._id = integrator_id
        self._settings = settings
        self._shift = Shift()
        self._round: Alarm | None = None
        self._sequences: dict[tuple[str, str], int] = {}
        self._frozen: dict[tuple[str, str], int] = {}
        self._confirmed = self._outrun = self._written = self._stale = self._refused = 0

    @property
    def seller_id(self) -> str:
        """Tell for whom he acts."""
        return self._settings.seller_id

    @property
    def state(self) -> IntegratorState:
        """Show settings and counts."""
        return IntegratorState(
            integrator_id=self._id,
            working=self._shift.is_on,
            confirmed=self._confirmed,
            outrun=self._outrun,
            written=self._written,
            stale=self._stale,
            refused=self._refused,
            settings=self._settings,
        )

    def start(self) -> None:
        """Begin, or go on after `stop`; what waits for a confirmation gets it."""
        if not self._shift.begin():
            return
        self._take_up_what_waits()
        self._await_round()

    def _take_up_what_waits(self) -> None:
        for status in sorted(_TO_CONFIRM):
            for shipment in list(self._world.shipment_shelves.shelf(self.seller_id, status).after(0)):
                self._consider(shipment)

    def stop(self) -> None:
        """Switch his program off."""
        self._shift.end()
        if self._round is not None:
            self._round.cancel()
            self._round = None

    def change(self, settings: Integrator) -> None:
        """Go on with other settings; the wait for his next writing begins anew."""
        self._settings = settings
        if self._shift.is_on and self._round is not None:
            self._round.cancel()
        if self._shift.is_on:
            self._await_round()

    def follow(self, change: Change) -> None:
        """Take note of a shipment that can be confirmed."""
        if (
            self._shift.is_on
            and change.seller_id == self.seller_id
            and change.kind in {"shipment_created", "shipment_status"}
        ):
            self._consider(self._world.shipments[change.subject])

    def memory(self) -> dict[tuple[str, str], int]:
        """Give the last sequence number that he used for each location and SKU, for a snapshot."""
        return dict(self._sequences)

    def remember(self, sequences: dict[tuple[str, str], int]) -> None:
        """Go on from these sequence numbers."""
        self._sequences = dict(sequences)

    def write_stock(self) -> None:
        """Write his numbers of every SKU at every location now."""
        rows = list(self._rows())
        for start in range(0, len(rows), BATCH):
            requests = [self._update(row) for row in rows[start : start + BATCH]]
            reply = act(self._world, FORMER_INTEGRATOR, self.seller_id, "batchInventory", body={"requests": requests})
            for one in answer(reply)["responses"]:
                self._count(one)

    def _consider(self, shipment: Shipment) -> None:
        settings = self._settings
        if not settings.confirms or shipment.status not in _TO_CONFIRM:
            return
        if settings.locations and shipment.location_id not in settings.locations:
            return
        wait, shift = self._wait(shipment.shipment_id), self._shift.number
        self._world.clock.after(wait, lambda: self._confirm(shipment, shift))

    def _wait(self, subject: str) -> float:
        draw = self._world.streams.about(f"former_integrator.{self._id}", subject, self._shift.number)
        return draw.expovariate(1 / self._settings.confirm_after_s)

    def _confirm(self, shipment: Shipment, shift: int) -> None:
        if shift != self._shift.number or not self._settings.confirms:
            return
        if shipment.status not in _TO_CONFIRM:
            self._outrun += 1
            return
        try:
            act(
                self._world,
                FORMER_INTEGRATOR,
                shipment.seller_id,
                "processShipment",
                shipment.shipment_id,
                operation="CONFIRM",
            )
        except ValueError:
            self._refused += 1
        else:
            self._confirmed += 1

    def _await_round(self) -> None:
        self._round = self._world.clock.after(self._settings.stock_every_s, self._write_round)

    def _write_round(self) -> None:
        if self._settings.writes_stock:
            try:
                self.write_stock()
            except ValueError:
                self._refused += 1
        self._await_round()

    def _rows(self) -> Iterator[Stock]:
        for (seller_id, location_id, _), row in self._world.stock.rows.items():
            if seller_id == self.seller_id and location_id in (self._settings.locations or (location_id,)):
                yield row

    def _update(self, row: Stock) -> dict[str, Any]:
        key = (row.location_id, row.sku)
        uri = f"/inventory/update?locationId={quote(row.location_id, safe='')}&skuId={quote(row.sku, safe='')}"
        body = {"quantity": self._quantity(row, key), "clientSequenceNumber": self._next_sequence(key)}
        return {"method": "POST", "uri": uri, "body": body}

    def _quantity(self, row: Stock, key: tuple[str, str]) -> int:
        if self._settings.stock == "frozen":
            return self._frozen.setdefault(key, row.on_hand)
        return max(0, row.on_hand)

    def _next_sequence(self, key: tuple[str, str]) -> int:
        if self._settings.sequences == "epoch_ms":
            number = max(self._world.clock.now_ms(), self._sequences.get(key, 0) + 1)
        else:
            number = self._sequences.get(key, self._settings.first_sequence - 1) + 1
        self._sequences[key] = number
        return number

    def _count(self, told: dict[str, Any]) -> None:
        kinds = {row["errorType"] for row in told["body"]["actionableErrors"]}
        self._written += not kinds
        self._stale += "STALE_DATA" in kinds
        self._refused += bool(kinds - {"STALE_DATA"})
