"""Orders to be routed, read from a table: a row for each line, in the sequence of the file."""

from collections.abc import Iterable
from typing import Any

from packline.domain.routing.kept import KeptOrder
from packline.domain.routing.order import Demand
from packline.errors import FieldError, Invalid

NEEDED = ("reference", "sku", "units")


def orders_of(account: str, rows: Iterable[tuple[int, dict[str, Any]]]) -> list[KeptOrder]:
    """Gather rows (reference, sku, units, and country and postal_code if known) into orders.

    Raises Invalid with every row that cannot be read.
    """
    lines: dict[str, list[Demand]] = {}
    places: dict[str, tuple[str, str]] = {}
    faults = []
    for number, row in rows:
        fault = _fault(row)
        if fault:
            faults.append(FieldError(f"/{number}", fault))
            continue
        reference = str(row["reference"])
        told = lines.setdefault(reference, [])
        told.append(Demand(str(row.get("line") or len(told) + 1), str(row["sku"]), int(row["units"])))
        places.setdefault(reference, (str(row.get("country") or ""), str(row.get("postal_code") or "")))
    if faults:
        raise Invalid("Some rows of the file cannot be read.", errors=tuple(faults))
    return [KeptOrder(account, reference, tuple(told), *places[reference]) for reference, told in lines.items()]


def _fault(row: dict[str, Any]) -> str:
    missing = [name for name in NEEDED if not str(row.get(name) or "")]
    if missing:
        return f"{', '.join(missing)} must be given."
    return "" if str(row["units"]).isdigit() and int(row["units"]) > 0 else "units: a whole number above 0."
