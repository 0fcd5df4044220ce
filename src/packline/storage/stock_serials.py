"""Where serial numbers stand: those that we packed, and those that others scanned, are taken from there."""

from collections.abc import Iterable, Sequence

import asyncpg
from msgspec.structs import replace

from packline.domain.inventory.journey import Line, News, Taken, holds, takes
from packline.domain.inventory.ledger import Entry, Key, Kind, Movement
from packline.domain.panel import Scan, settled
from packline.domain.shipment import Shipment
from packline.storage.codec import decode_shipment

_ANY = "select exists (select 1 from stock_spot where serial <> '')"
_STATES = "select id, state from shipment where id = any($1::text[])"
_STAND = """
select pool, location, sku, bin, serial from stock_spot where serial = any($1::text[]) and serial <> '' and units > 0
order by pool, location, sku, serial, bin
"""
_OFF = (Kind.LABELLED, Kind.SMARTHUB)
_BACK = (Kind.UNLABELLED, Kind.RESTOCKED)


class Serials:
    """The serial numbers of one transaction, as they stand while movements are made in it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Read by the connection of that transaction."""
        self._connection = connection
        self._bins: dict[tuple[Key, str], str] = {}
        self._packed: dict[str, Shipment] = {}

    async def look_up(self, labelled: Sequence[str], scans: Iterable[Scan]) -> None:
        """Read where the serial numbers stand that were packed here, or scanned; nothing where none is kept."""
        scanned = {serial for scan in scans for serial in scan.serials}
        if not (labelled or scanned) or not await self._connection.fetchval(_ANY):
            return
        for row in await self._connection.fetch(_STATES, list(labelled)):
            self._packed[row["id"]] = decode_shipment(row["state"])
        packed = {serial for shipment in self._packed.values() for serial in _serials(shipment)}
        for row in await self._connection.fetch(_STAND, sorted(packed | scanned)):
            key = Key(row["pool"], row["location"], row["sku"])
            self._bins.setdefault((key, row["serial"]), row["bin"])

    def settle(self, before: Taken, news: News, lines: Sequence[Line]) -> News:
        """Take scanned serial numbers from where they stand; what the shipment took already stays where it took it."""
        keys = {line.merchant_sku: line.key for line in lines}
        scans = [part for scan in news.scans for part in self._settled(before, scan, keys.get(scan.merchant_sku))]
        return replace(news, scans=tuple(scans)) if news.scans else news

    def packed(self, before: Taken, news: News) -> News:
        """Add the serial numbers that we packed into a shipment whose units leave the shelf now."""
        shipment = self._packed.get(news.shipment)
        if shipment is None:
            return news
        told = {scan.merchant_sku for scan in (*news.scans, *shipment.scanned)}
        lines = [line for line in takes(before, news) if line.merchant_sku not in told]
        found = [scan for line in lines for scan in self._standing(line, shipment)]
        return replace(news, scans=(*news.scans, *found)) if found else news

    def moved(self, movement: Movement | None) -> None:
        """Remember what a movement takes and lays back."""
        for entry in movement.entries if movement else ():
            if entry.serial:
                self._move(entry)

    def _move(self, entry: Entry) -> None:
        if entry.kind in _OFF:
            self._bins.pop((entry.key, entry.serial), None)
        elif entry.kind in _BACK:
            self._bins[entry.key, entry.serial] = entry.bin

    def _settled(self, before: Taken, scan: Scan, key: Key | None) -> tuple[Scan, ...]:
        if key is None or not scan.serials:
            return (scan,)
        bins = {serial: bin_ for serial in scan.serials if (bin_ := self._bins.get((key, serial))) is not None}
        bins |= {serial: one.bin for one in holds(before, scan.merchant_sku) for serial in one.serials}
        return settled(scan, bins)

    def _standing(self, line: Line, shipment: Shipment) -> list[Scan]:
        places: dict[str, list[str]] = {}
        for serial in _serials(shipment):
            bin_ = self._bins.get((line.key, serial))
            if bin_ is not None:
                places.setdefault(bin_, []).append(serial)
        return [Scan(line.merchant_sku, bin_, tuple(found), len(found)) for bin_, found in places.items()]


def _serials(shipment: Shipment) -> list[str]:
    return [serial for package in shipment.packages for line in package.lines for serial in line.serial_numbers]
