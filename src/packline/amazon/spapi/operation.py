"""What an Amazon operation is: its name, its address, and whether repeating it can do harm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import quote, urlencode

import msgspec

_PLAIN = re.compile(r"[A-Za-z0-9._~-]+").fullmatch
_FIELD = re.compile(r"\{(\w+)\}")


class Effect(StrEnum):
    """What a call leaves behind at Amazon."""

    READ = "read"
    WRITE = "write"
    READ_THAT_CHANGES_STATE = "read_that_changes_state"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One Amazon call, by its operationId; `path` is the template with `{names}`, `success` the documented codes.

    `is_personal`: its answer can hold a buyer's data, so Amazon may want a restricted data token for it.
    """

    name: str
    method: str
    path: str
    effect: Effect
    api: str
    success: tuple[int, ...] = (200,)
    is_personal: bool = False

    @property
    def is_write(self) -> bool:
        """Tell whether the call must not be repeated without proof that it had no effect."""
        return self.effect is Effect.WRITE

    def target(self, path: Mapping[str, str], query: Mapping[str, str | int | None]) -> str:
        """Build path and query, percent-encoded exactly as RFC 3986 asks; parameters that are None are left out.

        Raises KeyError when a name of the template is missing, ValueError when it is empty: an empty id would
        address the collection instead of the thing.
        """
        address = _FIELD.sub(lambda name: _segment(name[1], path[name[1]]), self.path) if path else self.path
        given = {name: value for name, value in query.items() if value is not None} if query else None
        return f"{address}?{urlencode(given, quote_via=quote, safe='')}" if given else address


def _segment(name: str, value: str) -> str:
    if not value or value in {".", ".."}:
        raise ValueError(f"{name} is {value!r}; it cannot be part of an address")
    return value if _PLAIN(value) else quote(value, safe="")
