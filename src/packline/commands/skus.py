"""The seller's own sizes by SKU: set one, or many from a file with the rows that are wrong given back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, Protocol

from packline.domain.values import Box, Value
from packline.errors import FieldError, Invalid, NotFound
from packline.ports import AccountStore, Clock

FIELDS = ("length_cm", "width_cm", "height_cm", "weight_g")
LONGEST_CM, HEAVIEST_G = 10_000.0, 10_000_000.0
_SKU_LETTERS = 40  # Listings Items 2021-08-01: a SKU has at most 40 characters


class RefusedLine(Value, frozen=True):
    """A line that was not taken, and why."""

    line: int
    sku: str
    why: str


class SkuRegister(Protocol):
    """Where sizes are kept."""

    async def set_defaults(self, account: str, boxes: Mapping[str, Box], now: datetime) -> None:
        """Store the seller's own sizes."""


async def set_sizes(
    register: SkuRegister,
    accounts: AccountStore,
    clock: Clock,
    account: str,
    rows: Iterable[tuple[int, Mapping[str, Any]]],
) -> tuple[int, tuple[RefusedLine, ...]]:
    """Store sizes from rows of (line, sku and sizes); tell how many were taken and which were not.

    A SKU that stands there twice counts as it stands last. Raises NotFound.
    """
    if await accounts.account(account) is None:
        raise NotFound(f"There is no account {account}.")
    boxes: dict[str, Box] = {}
    refused = []
    for line, row in rows:
        try:
            sku, box = _read(row)
        except Invalid as wrong:
            why = "; ".join(f"{fault.pointer.strip('/')}: {fault.message}" for fault in wrong.errors)
            refused.append(RefusedLine(line, str(row.get("sku", "")), why))
            continue
        boxes.pop(sku, None)
        boxes[sku] = box
    if boxes:
        await register.set_defaults(account, boxes, clock.now())
    return len(boxes), tuple(refused)


def _read(row: Mapping[str, Any]) -> tuple[str, Box]:
    faults = []
    sku = str(row.get("sku", "")).strip()
    if not sku or len(sku) > _SKU_LETTERS or not sku.isprintable():
        faults.append(FieldError("/sku", f"1 to {_SKU_LETTERS} printable characters."))
    numbers = {}
    for name in FIELDS:
        most = HEAVIEST_G if name == "weight_g" else LONGEST_CM
        number = _number(row.get(name))
        if number is None or not 0 < number <= most:
            faults.append(FieldError(f"/{name}", f"A number above 0, at most {most:g}."))
        else:
            numbers[name] = number
    if faults:
        raise Invalid("The line cannot be taken.", errors=tuple(faults))
    return sku, Box(**numbers)


def _number(value: Any) -> float | None:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) else None
