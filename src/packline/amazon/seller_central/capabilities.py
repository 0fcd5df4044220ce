"""What each marketplace's Easy Ship can do by API: data shipped with Packline, changed by a file of the seller's."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from packline.domain.values import Value
from packline.errors import ConfigError

SHIPPED = "marketplaces.toml"
DOCUMENTS = ("feed", "zip", "zip_or_feed", "hand")


class Capability(Value, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One marketplace's row; the file itself explains the fields. `country` is ISO 3166-1."""

    country: str
    api: bool = True
    slots: bool = True
    reschedule: bool = True
    bulk: bool = False
    documents: str = "hand"
    wants: tuple[str, ...] = ("ship_label",)
    methods: tuple[str, ...] = ("PICKUP", "DROPOFF")
    label: str = "PDF"
    silent: bool = False

    @property
    def missing(self) -> str:
        """Say why nothing can be done by API here, with the way out; empty where something can."""
        if self.api and (self.slots or self.bulk):
            return ""
        return (
            f"Amazon's Easy Ship API does not serve marketplace {self.country}. Schedule the order in Seller Central"
            " (the pickup file holds up to 500), save its label as PDF and drop that into Packline; the order is"
            " followed from there. If Amazon serves this seller, say so in the marketplaces file."
        )


NOWHERE = Capability(country="this one", api=False)
"""A marketplace without a row: Easy Ship is not known to exist there."""


class Capabilities:
    """The table in force."""

    def __init__(self, rows: Mapping[str, Capability]) -> None:
        """Hold rows by marketplace id."""
        self._rows = dict(rows)

    def of(self, marketplace: str) -> Capability:
        """Give a marketplace's row; one without any can do nothing."""
        return self._rows.get(marketplace, NOWHERE)

    def rows(self) -> Mapping[str, Capability]:
        """List all rows by marketplace id."""
        return dict(self._rows)


def load(changes: Path | None = None) -> Capabilities:
    """Read the shipped table and the seller's `changes`; raises ConfigError that names file and field."""
    table = tomllib.loads(resources.files(__package__).joinpath(SHIPPED).read_text("utf-8"))
    if changes is not None:
        _merge(table, _read(changes))
    rows: dict[str, Capability] = {}
    for marketplace, row in table.items():
        try:
            rows[marketplace] = _checked(msgspec.convert(row, Capability))
        except (msgspec.ValidationError, ValueError) as why:
            raise ConfigError(
                f"Marketplace {marketplace} in {changes or SHIPPED} cannot be used: {why}",
                hint="Correct that field; the shipped table shows every field with its values.",
            ) from None
    return Capabilities(rows)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise ConfigError(
            f"The marketplaces file {path} cannot be read: {why}", hint="Correct its path or its TOML."
        ) from None


def _merge(table: dict[str, Any], changes: dict[str, Any]) -> None:
    for marketplace, row in changes.items():
        if not isinstance(row, dict):
            raise ConfigError(
                f"{marketplace!r} in the marketplaces file is no marketplace.",
                hint="Write one table for each marketplace id, as [A2VIGQ35RCS4UG].",
            )
        table[marketplace] = {**table.get(marketplace, {}), **row}


def _checked(row: Capability) -> Capability:
    if row.documents not in DOCUMENTS:
        raise ValueError(f"documents is {row.documents!r}; it is one of {', '.join(DOCUMENTS)}")
    if row.label not in ("PDF", "ZPL"):
        raise ValueError(f"label is {row.label!r}; it is PDF or ZPL")
    if row.documents in ("zip", "zip_or_feed") and not row.bulk:
        raise ValueError(f'documents "{row.documents}" come with the bulk call, which is off')
    return row
