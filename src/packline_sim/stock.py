"""Units of each SKU at each location: what is published, reserved, and truly on the floor."""

from collections.abc import Iterable

from packline_sim.records import Shipment, Stock

StockKey = tuple[str, str, str]


class StockBook:
    """Keep the stock of every (seller, location, SKU)."""

    def __init__(self) -> None:
        self.rows: dict[StockKey, Stock] = {}

    def row(self, seller_id: str, location_id: str, sku: str) -> Stock:
        """Give a SKU's stock at a location, empty on first use."""
        key = (seller_id, location_id, sku)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Stock(seller_id=seller_id, location_id=location_id, sku=sku, sequences={})
        return row

    def rows_of(self, shipment: Shipment) -> Iterable[tuple[Stock, int]]:
        """Give the stock rows that a shipment's lines draw on, with their units."""
        for line in shipment.lines:
            yield self.row(shipment.seller_id, shipment.location_id, line.sku), line.units

    def covers(self, seller_id: str, location_id: str, units: dict[str, int]) -> bool:
        """Tell whether buyers could order `units` (by SKU) from a location now."""
        return all(self.row(seller_id, location_id, sku).sellable >= count for sku, count in units.items())

    def hold(self, shipment: Shipment, held: bool) -> None:
        """Reserve a shipment's units, or release them; nothing happens when it is so already."""
        if shipment.holds_stock == held:
            return
        shipment.holds_stock = held
        for row, units in self.rows_of(shipment):
            row.reserved += units if held else -units

    def take(self, shipment: Shipment, taken: bool, *, from_published: bool) -> None:
        """Take a shipment's units off the floor, or lay them back; `from_published` changes that number too."""
        if shipment.took_stock == taken:
            return
        shipment.took_stock = taken
        for row, units in self.rows_of(shipment):
            row.on_hand += -units if taken else units
            if from_published:
                row.quantity = max(0, row.quantity + (-units if taken else units))
