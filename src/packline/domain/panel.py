"""What others did in Amazon's own panel, as a shipment tells it: who worked there, and which units they scanned."""

from collections.abc import Sequence
from enum import StrEnum

from packline.domain.values import Value


class Source(StrEnum):
    """Who worked on a shipment."""

    PACKLINE = "packline"
    SMARTHUB = "smarthub"
    INTEGRATOR = "integrator"
    ELSEWHERE = "elsewhere"


class Scan(Value, frozen=True):
    """What was scanned for units of one SKU: a bin, serial numbers, or both; there may be more or fewer than units.

    `is_guess`: nobody scanned, and the bin is the one that was filled first.
    """

    merchant_sku: str
    bin: str = ""
    serials: tuple[str, ...] = ()
    units: int = 0
    is_guess: bool = False


class Spot(Value, frozen=True):
    """Where one unit was taken from; both empty where nobody knows."""

    bin: str = ""
    serial: str = ""
    is_guess: bool = False


def spots(units: int, scans: Sequence[Scan]) -> list[Spot]:
    """Say of each unit where it was taken from: serial numbers first, then the rest of what was scanned together."""
    found: list[Spot] = []
    for scan in scans:
        most = min(scan.units or units, units - len(found))
        serials = scan.serials[:most]
        found += [Spot(scan.bin, serial, scan.is_guess) for serial in serials]
        if scan.bin:
            found += [Spot(scan.bin, "", scan.is_guess)] * (most - len(serials))
    return found + [Spot()] * (units - len(found))


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
