"""What others did in Amazon's own panel, as a shipment tells it: who worked there, and which units they scanned."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby

from msgspec.structs import replace

from packline.domain.values import Value


class Source(StrEnum):
    """Who worked on a shipment."""

    PACKLINE = "packline"
    SMARTHUB = "smarthub"
    INTEGRATOR = "integrator"
    ELSEWHERE = "elsewhere"


class Scan(Value, frozen=True):
    """What was scanned for units of one SKU: a bin, serial numbers, or both; there may be more or fewer than units.

    `is_guess`: nobody scanned, and the bin is the one that was filled first. `scanned_in`: the bin that was scanned,
    where the ledger has the serial number in another one.
    """

    merchant_sku: str
    bin: str = ""
    serials: tuple[str, ...] = ()
    units: int = 0
    is_guess: bool = False
    scanned_in: str = ""


class Spot(Value, frozen=True):
    """Where one unit was taken from; both empty where nobody knows."""

    bin: str = ""
    serial: str = ""
    is_guess: bool = False
    scanned_in: str = ""


def spots(units: int, scans: Sequence[Scan]) -> list[Spot]:
    """Say of each unit where it was taken from: serial numbers first, then the rest of what was scanned together."""
    found: list[Spot] = []
    for scan in scans:
        most = min(scan.units or units, units - len(found))
        serials = scan.serials[:most]
        found += [Spot(scan.bin, serial, scan.is_guess, scan.scanned_in) for serial in serials]
        if scan.bin:
            found += [Spot(scan.bin, "", scan.is_guess)] * (most - len(serials))
    return found + [Spot()] * (units - len(found))


def settled(scan: Scan, bins: Mapping[str, str]) -> tuple[Scan, ...]:
    """Take each serial number from the bin where it stands (`bins`): it names the unit, the bin only where it was.

    A serial number that stands nowhere stays where it was scanned; the order, by which the first ones count, stays.
    """
    stand = [bins.get(serial, scan.bin) for serial in scan.serials]
    if all(bin_ == scan.bin for bin_ in stand):
        return (scan,)
    rows = [list(row) for _, row in groupby(zip(stand, scan.serials, strict=True), key=lambda one: one[0])]
    parts = [_part(scan, row[0][0], tuple(serial for _, serial in row)) for row in rows]
    rest = scan.units - len(scan.serials) if scan.units else 0
    has_rest = bool(scan.bin) and (rest > 0 or not scan.units)
    return (*parts, *([replace(scan, serials=(), units=rest)] if has_rest else []))


def _part(scan: Scan, bin_: str, serials: tuple[str, ...]) -> Scan:
    told = scan.bin if bin_ != scan.bin else ""
    return Scan(scan.merchant_sku, bin_, serials, len(serials), scan.is_guess, told)


def merged(known: tuple[Scan, ...], told: tuple[Scan, ...]) -> tuple[Scan, ...]:
    """Take what is told now; a SKU of which nothing is told keeps its scans: not every read of Amazon shows them."""
    new = {scan.merchant_sku for scan in told}
    return (*(scan for scan in known if scan.merchant_sku not in new), *told)


def written(scans: Sequence[Scan]) -> str:
    """Write scans in one line, for the list of what changed."""
    return "; ".join(f"{' '.join(part for part in (s.bin, ', '.join(s.serials)) if part)}" for s in scans)


def source_of(*, is_adopted: bool, processed_by: str, scanned: Sequence[Scan]) -> Source:
    """Tell who worked on a shipment: scans beat what Amazon's field is taken to mean, which counts only where it moved.

    `processed_by` is the meaning of Amazon's `processingSource` ("" for one that has none).
    """
    if scanned:
        return Source.SMARTHUB
    if not is_adopted:
        return Source.PACKLINE
    return Source(processed_by) if processed_by in tuple(Source) else Source.ELSEWHERE
