"""Columns on their way into a statement: short values travel as one text, which costs a tenth of an array.

asyncpg asks of every element of an array whether it is an array itself; joining does not ask.
"""

from collections.abc import Sequence
from typing import Any

SEPARATOR = "\x1f"
"""Between the values of a column that travels as one text; no value at all is null."""
SQL_SEPARATOR = "E'\\x1f'"
"""The same, as SQL writes it."""

FORGETTABLE = "select set_config('synchronous_commit', 'off', true)"
"""Ends a statement, whose writes are a CTE, that need not be on the disk when it returns.

A crash of the database may forget it with what else was written in the last second. It is for statements without a
transaction around them, whose loss costs a look or a line of a log, and never for what Amazon or the seller was told.
"""


def split(number: int, kind: str = "text") -> str:
    """Give the SQL that takes parameter `number` apart again, as an array of `kind`."""
    array = f"string_to_array(${number}, {SQL_SEPARATOR}, '')"
    return array if kind == "text" else f"{array}::{kind}[]"


def texts(column: Sequence[str]) -> str:
    """Join a column of texts; an empty one arrives as null.

    Raises ValueError where a value holds the separator: the others would move into their neighbours' rows.
    """
    joined = SEPARATOR.join(column)
    if column and joined.count(SEPARATOR) != len(column) - 1:
        raise ValueError(f"a value holds the control character {SEPARATOR!r}")
    return joined


def logged(column: Sequence[str]) -> str:
    """Join a column of texts that came from elsewhere and are only looked at: the separator gives way in them."""
    joined = SEPARATOR.join(column)
    if column and joined.count(SEPARATOR) != len(column) - 1:
        return SEPARATOR.join([text.replace(SEPARATOR, "�") for text in column])
    return joined


def numbers(column: Sequence[float | None]) -> str:
    """Join a column of numbers; None arrives as null."""
    return SEPARATOR.join(["" if number is None else str(number) for number in column])


def given(column: list[Any]) -> list[Any]:
    """Give a column that no row has a value for as an empty array: `unnest` fills it up with nulls."""
    return column if any(column) else []
