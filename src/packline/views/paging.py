"""Pages by key: what a reader may see, opaque cursors, and a page of rows."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg
import msgspec

from packline.domain.values import Value
from packline.errors import FieldError, Invalid

Row = TypeVar("Row")
LIMIT_AT_MOST = 200


class Scope(Value, frozen=True):
    """What the reader may see; None means all."""

    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None

    def sees(self, account: str, location: str | None = None) -> bool:
        """Tell whether something of this account and location is in the scope."""
        if self.accounts is not None and account not in self.accounts:
            return False
        return self.locations is None or location is None or location in self.locations


EVERYTHING = Scope()


class Rows(msgspec.Struct, Generic[Row], frozen=True):
    """One page: rows, and the cursor of the next page (None at the end)."""

    items: list[Row]
    next: str | None = None


class Conditions:
    """Collect the conditions of one query, and its parameters in their order."""

    def __init__(self, scope: Scope = EVERYTHING, *, by_location: bool = True) -> None:
        """Begin with what the reader may see."""
        self.parts: list[str] = []
        self.values: list[Any] = []
        if scope.accounts is not None:
            self.add("account_id = any({}::text[])", list(scope.accounts))
        if scope.locations is not None and by_location:
            self.add("location_id = any({}::text[])", list(scope.locations))

    def add(self, condition: str, *values: Any) -> None:
        """Add one condition; each `{}` is a parameter."""
        places = range(len(self.values) + 1, len(self.values) + 1 + len(values))
        self.parts.append(condition.format(*(f"${place}" for place in places)))
        self.values += values

    def add_if(self, condition: str, value: Any) -> None:
        """Add a condition where its value is given."""
        if value is not None:
            self.add(condition, value)

    @property
    def where(self) -> str:
        """Give the clause, or nothing."""
        return f"where {' and '.join(self.parts)}" if self.parts else ""


async def counted(pool: asyncpg.Pool, table: str, conditions: Conditions, most: int) -> int:
    """Count the rows of a table that fit, up to `most`: nobody waits for a million."""
    sql = f"select count(*) from (select from {table} {conditions.where} limit {int(most)}) as some_of_them"
    return int(await pool.fetchval(sql, *conditions.values))


def encode_cursor(*parts: Any) -> str:
    """Make an opaque cursor of a row's key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: Any) -> list[Any]:
    """Read a cursor of our own; with `kinds` (str, int, datetime) its parts are these, one for each.

    Raises Invalid for anything else.
    """
    try:
        parts = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError):
        parts = None
    if not isinstance(parts, list) or not parts:
        raise bad_cursor()
    return parts if not kinds else _converted(parts, kinds)


def _converted(parts: list[Any], kinds: tuple[Any, ...]) -> list[Any]:
    try:
        return list(msgspec.convert(parts, tuple[kinds]))  # type: ignore[valid-type]  # known at run time
    except msgspec.ValidationError:
        raise bad_cursor() from None


def page_of(rows: Sequence[Mapping[str, Any]], limit: int, *key: str) -> dict[str, Any]:
    """Give rows as a page; a full one is followed by those after the `key` of its last row."""
    full = rows[-1] if rows and len(rows) == limit else None
    return {"items": rows, "next": encode_cursor(*(full[name] for name in key)) if full is not None else None}


def cut(rows: Sequence[Row], limit: int, *key: str) -> Rows[Row]:
    """Make a page of rows that were read with one more than `limit`; those after the `key` of its last follow."""
    last: Any = rows[limit - 1] if len(rows) > limit else None
    return Rows(list(rows[:limit]), encode_cursor(*(last[name] for name in key)) if last is not None else None)


def moment_of(text: Any) -> datetime:
    """Read the time inside a cursor.

    Raises Invalid where there is none.
    """
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> Invalid:
    """Say that a cursor is not one of ours."""
    return Invalid(
        "This cursor is not one that Packline gave.",
        errors=(FieldError("/query/after", "Use `next` of the page before, or leave it out."),),
    )
