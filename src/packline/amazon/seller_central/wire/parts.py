"""The rules of reading, and shapes that several of the APIs share."""

from __future__ import annotations

import functools
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

Time = str | int | float | None
"""A moment in any form that Amazon uses; `times.instant` reads it."""
Name = str | int | None
"""An id or a name: text in Amazon's models, a number where somebody's id is one."""
Number = str | int | float | None
"""A number that nothing hangs on: `number` reads it, and what is none is left out."""
Shape = TypeVar("Shape")


@functools.lru_cache(maxsize=4096)
def flat(word: str | None) -> str:
    """Reduce an enumeration value to its lower-case letters and digits.

    So `PendingPickUp` (v0), `PENDING_PICK_UP` (2026-01-01) and any other letter case are one word.
    """
    return "".join(letter for letter in (word or "").lower() if letter.isalnum())


def reader(shape: type[Shape]) -> msgspec.json.Decoder[Shape]:
    """Make a decoder for a shape that takes numbers as text and text as numbers; raises msgspec.DecodeError."""
    return msgspec.json.Decoder(shape, strict=False)


def number(value: Number) -> Decimal | None:
    """Read a number, exactly where it came as text; what is none, as "1,100.00" or "", gives None."""
    try:
        found = None if value is None else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def is_there(raw: Raw) -> bool:
    """Tell whether a field that is kept as bytes was there and not null."""
    return bytes(raw) not in (b"", b"null")


class Wire(Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The shape of everything on the wire: camelCase, every field optional, unknown fields skipped."""


class WireV0(Struct, rename="pascal", frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The shape of everything in Orders v0: PascalCase, every field optional, unknown fields skipped."""


class Money(Wire, frozen=True):
    amount: Number = None
    currency_code: str | None = None


class Range(Wire, frozen=True):
    earliest_date_time: Time = None
    latest_date_time: Time = None
