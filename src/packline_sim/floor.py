"""What lies where on a seller's floor: bins, and the serial numbers of the units in them."""

import msgspec

FloorKey = tuple[str, str, str]


class Bin(msgspec.Struct, kw_only=True):
    """Remember one SKU's place at one location, and the serial numbers of the units that still lie there."""

    seller_id: str
    location_id: str
    sku: str
    bin_id: str
    serials: list[str]


class Floor:
    """Keep the bins of every (seller, location, SKU), the oldest first; people take units in that order."""

    def __init__(self) -> None:
        self.bins: dict[FloorKey, list[Bin]] = {}
        self.scanned_for: dict[tuple[str, str, str], str] = {}
        """The shipment that a unit was last scanned for, by (seller, SKU, serial number)."""

    def put(self, seller_id: str, location_id: str, sku: str, bin_id: str, serials: tuple[str, ...]) -> Bin:
        """Lay units with these serial numbers into a bin."""
        rows = self.bins.setdefault((seller_id, location_id, sku), [])
        found = next((row for row in rows if row.bin_id == bin_id), None)
        if found is None:
            found = Bin(seller_id=seller_id, location_id=location_id, sku=sku, bin_id=bin_id, serials=[])
            rows.append(found)
        found.serials += serials
        return found

    def bin_of(self, seller_id: str, location_id: str, sku: str) -> Bin | None:
        """Give the bin that people go to for a SKU: the first with units in it, else the first."""
        rows = self.bins.get((seller_id, location_id, sku), [])
        return next((row for row in rows if row.serials), rows[0] if rows else None)

    def forget(self, seller_id: str, location_id: str, sku: str, serials: tuple[str, ...]) -> None:
        """Take units off the floor, wherever they lie; unknown serial numbers are no concern of the floor's."""
        gone = set(serials)
        for row in self.bins.get((seller_id, location_id, sku), []):
            row.serials = [serial for serial in row.serials if serial not in gone]
