"""What the seller's people can do to a shipment in SmartHub, Amazon's own panel: step by step, by Amazon's rules."""

from typing import Annotated, Literal

import msgspec

from packline_sim.actors.parcels import Parcel, package_bodies
from packline_sim.external_fulfillment.options import is_bookable
from packline_sim.floor import Bin
from packline_sim.hands import SMARTHUB, act, answer
from packline_sim.progress import BadMove
from packline_sim.records import Line, Package, Shipment
from packline_sim.streams import digits
from packline_sim.world import World

Step = Literal["confirm", "pack", "label", "ship"]
STEPS: tuple[Step, ...] = ("confirm", "pack", "label", "ship")
NEXT: dict[str, Step] = {
    "CREATED": "confirm",
    "ACCEPTED": "confirm",
    "CONFIRMED": "pack",
    "PACKAGE_CREATED": "label",
    "PICKUP_SLOT_RETRIEVED": "label",
    "INVOICE_GENERATED": "label",
    "SHIPLABEL_GENERATED": "ship",
}
UNITS_KEY, BIN_KEY = "customSkuUnitIdentifiers", "warehouseBinIdentifier"
Found = dict[str, tuple[tuple[str, ...], str]]
"""The serial numbers and the bin of each line, by line id."""
_NO_INVOICE_YET = frozenset({"PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED"})


class ScanOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say what was scanned for a line; what is left out is taken from the floor's records, or invented.

    The serial numbers need not be as many as the line's units: Amazon's own example has more.
    """

    line_id: str
    serials: tuple[Annotated[str, msgspec.Meta(min_length=1)], ...] | None = None
    bin_id: str | None = None


class Packing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how people pack: into which parcels (one by default), and whether they scan what they take from where."""

    parcels: tuple[Parcel, ...] = ()
    scan: bool = True
    scans: tuple[ScanOf, ...] = ()


class Desk:
    """Work on shipments in SmartHub; every method raises BadMove for what Amazon refuses.

    Printing takes several clicks: those before the refused one stay.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def confirm(self, shipment: Shipment) -> None:
        """Confirm a shipment."""
        self._act(shipment, "processShipment", operation="CONFIRM")

    def reject(self, shipment: Shipment, reason: str) -> None:
        """Reject a whole shipment: OUT_OF_STOCK or CUSTOMER_REQUESTED."""
        lines = [{"lineItem": {"id": line.line_id}, "reason": reason} for line in shipment.lines]
        self._act(shipment, "processShipment", body={"lineItems": lines}, operation="REJECT")

    def pack(self, shipment: Shipment, packing: Packing) -> None:
        """Pack every unit of a shipment, scanning bins and serial numbers where people do."""
        found = self._look_up(shipment, packing.scans)
        self._check_free(shipment, found)
        bodies = package_bodies(self._world, shipment, packing.parcels, {key: row[0] for key, row in found.items()})
        self._act(shipment, "createPackages", body={"packages": bodies})
        for line in shipment.lines:
            serials, bin_id = found[line.line_id]
            if packing.scan or line.serial_required:
                self._world.floor.forget(shipment.seller_id, shipment.location_id, line.sku, serials)
            if packing.scan:
                self._mark(shipment, line, serials, bin_id)
        self._tell(shipment)

    def scan(self, shipment: Shipment, scans: tuple[ScanOf, ...]) -> None:
        """Scan the units of a shipment's lines (all by default) that has not left, whoever packed it."""
        if NEXT.get(shipment.status) in {None, "confirm"}:
            raise BadMove(f"Shipment {shipment.shipment_id} is {shipment.status}; people scan what they pack or ship.")
        found = self._look_up(shipment, scans)
        self._check_free(shipment, found)
        for line_id in [row.line_id for row in scans] or list(found):
            line = self._line(shipment, line_id)
            self._mark(shipment, line, *found[line_id])
            self._world.floor.forget(shipment.seller_id, shipment.location_id, line.sku, found[line_id][0])
        self._tell(shipment)

    def label(self, shipment: Shipment) -> None:
        """Take each package to its printed label: shipping options, invoice where one is needed, label."""
        for package in list(shipment.packages.values()):
            if package.live_label is None:
                self._act(shipment, "retrieveShippingOptions", packageId=package.package_id)
        if shipment.needs_invoice and (shipment.invoice is None or shipment.status in _NO_INVOICE_YET):
            self._act(shipment, "generateInvoice")
        waiting = [package for package in shipment.packages.values() if package.live_label is None]
        if not waiting:
            raise BadMove(f"Shipment {shipment.shipment_id} is {shipment.status} and has no package without a label.")
        for package in waiting:
            self._print(shipment, package)

    def ship(self, shipment: Shipment) -> None:
        """Hand every labelled package over."""
        waiting = [row for row in shipment.packages.values() if row.status == "SHIPLABEL_GENERATED"]
        if not waiting:
            raise BadMove(f"Shipment {shipment.shipment_id} is {shipment.status} and has no labelled package to ship.")
        for package in waiting:
            self._act(shipment, "updatePackageStatus", package.package_id, body={"status": "SHIPPED"})

    def step(self, shipment: Shipment, packing: Packing) -> Step:
        """Take the step that comes next, and tell which it was."""
        following = NEXT.get(shipment.status)
        if following is None:
            raise BadMove(f"Shipment {shipment.shipment_id} is {shipment.status}; nothing is left to do in SmartHub.")
        if following == "pack":
            self.pack(shipment, packing)
        else:
            {"confirm": self.confirm, "label": self.label, "ship": self.ship}[following](shipment)
        return following

    def work(self, shipment: Shipment, until: Step, packing: Packing) -> list[Step]:
        """Take every step up to and with `until`; those that were taken stay when a later one is refused."""
        done: list[Step] = []
        while (following := NEXT.get(shipment.status)) is not None and STEPS.index(following) <= STEPS.index(until):
            before = shipment.status
            done.append(self.step(shipment, packing))
            if shipment.status == before:
                break
        if not done:
            raise BadMove(f"Shipment {shipment.shipment_id} is {shipment.status}: past {until}, or closed.")
        return done

    def _act(self, shipment: Shipment, operation: str, /, *ids: str, body: object = None, **query: str) -> object:
        reply = act(
            self._world, SMARTHUB, shipment.seller_id, operation, shipment.shipment_id, *ids, body=body, **query
        )
        return answer(reply) if reply.body else None

    def _print(self, shipment: Shipment, package: Package) -> None:
        body: dict[str, object] = {"packageIds": [package.package_id]}
        if shipment.works_as == "SELF_SHIP" and self._world.switches["self_ship_courier"] == "always":
            tracking = digits(self._world.streams.about("smarthub.tracking", shipment.shipment_id), 12)
            body["courierSupportedAttributes"] = {"carrierName": "SELF", "trackingId": tracking}
        query = {"operation": "GENERATE"}
        option = next((row for row in package.offered.values() if is_bookable(self._world, row)), None)
        if option is not None and shipment.works_as == "EASY_SHIP":
            query["shippingOptionId"] = option.option_id
        told = self._act(shipment, "generateShipLabels", body=body, **query)
        rows = told["packageShipLabelList"] if isinstance(told, dict) else []
        failed = [row for row in rows if row["status"] != "SUCCESS"]
        if failed:
            raise BadMove(f"The label of package {package.package_id} failed: {failed[0]['errorDetails']['message']}")

    def _look_up(self, shipment: Shipment, scans: tuple[ScanOf, ...]) -> Found:
        given = {row.line_id: row for row in scans}
        for line_id in given:
            self._line(shipment, line_id)
        taken: dict[str, int] = {}
        return {line.line_id: self._units(shipment, line, given.get(line.line_id), taken) for line in shipment.lines}

    def _units(
        self, shipment: Shipment, line: Line, given: ScanOf | None, taken: dict[str, int]
    ) -> tuple[tuple[str, ...], str]:
        place = self._world.floor.bin_of(shipment.seller_id, shipment.location_id, line.sku)
        serials = None if given is None else given.serials
        if serials is None:
            serials = self._serials(shipment, line, place, taken)
        if given is not None and given.bin_id is not None:
            return serials, given.bin_id
        return serials, f"P{100 + sum(line.sku.encode()) % 900}" if place is None else place.bin_id

    def _serials(self, shipment: Shipment, line: Line, place: Bin | None, taken: dict[str, int]) -> tuple[str, ...]:
        start = taken.get(line.sku, 0)
        known = () if place is None else tuple(place.serials[start : start + line.units])
        taken[line.sku] = start + len(known)
        draw = self._world.streams.about("smarthub.serials", shipment.shipment_id, line.line_id)
        return known + tuple(f"SN{digits(draw, 10)}" for _ in range(line.units - len(known)))

    def _line(self, shipment: Shipment, line_id: str) -> Line:
        line = shipment.line(line_id)
        if line is None:
            raise BadMove(f"Shipment {shipment.shipment_id} has no line {line_id}.")
        return line

    def _mark(self, shipment: Shipment, line: Line, serials: tuple[str, ...], bin_id: str) -> None:
        line.custom_attributes = scanned(serials, bin_id)
        for serial in serials:
            self._world.floor.scanned_for[shipment.seller_id, line.sku, serial] = shipment.shipment_id

    def _check_free(self, shipment: Shipment, found: Found) -> None:
        for line in shipment.lines:
            for serial in found[line.line_id][0]:
                other = self._world.floor.scanned_for.get((shipment.seller_id, line.sku, serial), shipment.shipment_id)
                if other != shipment.shipment_id and _keeps(self._world, other):
                    raise BadMove(
                        f"Unit {serial} of {line.sku} was scanned for shipment {other}; it is not on the floor."
                    )

    def _tell(self, shipment: Shipment) -> None:
        if self._world.switches["smarthub_credit"] == "any_step":
            shipment.worked_in_smarthub = True
        self._world.touch(shipment)
        self._world.emit("shipment_changed", shipment, after="scanned", cause=f"{SMARTHUB}scan")


def _keeps(world: World, shipment_id: str) -> bool:
    shipment = world.shipments[shipment_id]
    return shipment.status != "CANCELLED" and not shipment.return_ids


def scanned(serials: tuple[str, ...], bin_id: str) -> list[dict[str, str]]:
    """Write what was scanned as a line's customAttributes, in the form of the getShipments example."""
    listed = msgspec.json.encode(serials).decode()
    return [
        {"key": UNITS_KEY, "type": "JSON_STRING", "value": listed},
        {"key": BIN_KEY, "type": "STRING", "value": bin_id},
    ]
