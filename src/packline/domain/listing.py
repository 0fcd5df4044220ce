"""Listings: which SKU of a seller's system is which of Amazon's, row by row."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from packline.domain.values import Value

COLUMNS = ("clientSkuId", "channelSerialNo", "channelSkuId", "marketplace")
"""The columns of a file, as sellers know them: their own SKU, the ASIN, the merchant SKU, the marketplace."""
LONGEST = 200
_ASIN = re.compile(r"[A-Z0-9]{10}")
_BROKEN = re.compile(r"[\x00-\x1f\x7f]")
_READ_AS = {
    "clientskuid": "client_sku",
    "clientsku": "client_sku",
    "channelserialno": "asin",
    "channelserialnoasin": "asin",
    "asin": "asin",
    "channelskuid": "channel_sku",
    "channelskuidmerchantsku": "channel_sku",
    "channelsku": "channel_sku",
    "merchantsku": "channel_sku",
    "sellersku": "channel_sku",
    "marketplace": "marketplace",
    "marketplaceid": "marketplace",
}
_WRITTEN_AS = dict(zip(("client_sku", "asin", "channel_sku", "marketplace"), COLUMNS, strict=True))


class Listing(Value, frozen=True):
    """A seller's SKU as it is sold on a marketplace; merchant SKU and marketplace name it."""

    client_sku: str
    asin: str
    channel_sku: str
    marketplace: str


class ListingFile(Value, frozen=True):
    """One upload and how far it is.

    `mode`: `all` (every row is good, or nothing is stored), `partial` (good rows are stored) or `check` (nothing is).
    `state`: waiting, running, then done, refused (rows are bad, nothing was stored), checked, or failed (no table).
    """

    id: str
    account: str
    format: str
    created_at: datetime
    name: str = ""
    mode: str = "all"
    by: str = ""
    state: str = "waiting"
    done: int = 0
    total: int | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    repeated: int = 0
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Nothing more happens with it."""
        return self.state not in ("waiting", "running")


class Checked(Value, frozen=True):
    """One row of a file: what it says, or the reason why it cannot be taken."""

    line: int
    row: dict[str, Any]
    listing: Listing | None
    reason: str = ""


def fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of a row by our names; others keep theirs."""
    return {_READ_AS.get(_bare(name), name): value for name, value in row.items()}


def is_listing_row(row: Mapping[str, Any]) -> bool:
    """Tell whether a row has any column that a file of listings has."""
    return any(_bare(name) in _READ_AS for name in row)


def written(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row of a file back under the columns that sellers know, in their order."""
    named = fields(row)
    known = {column: named.pop(name, "") for name, column in _WRITTEN_AS.items()}
    return known | named


def check(line: int, row: dict[str, Any], marketplaces: Sequence[str]) -> Checked:
    """Read one row; every fault of it is named."""
    named = fields(row)
    said = {name: _plain(named.get(name)) for name in _WRITTEN_AS}
    said["asin"] = said["asin"].upper()
    faults = [fault for name, column in _WRITTEN_AS.items() if (fault := _fault(column, said[name]))]
    if said["asin"] and not _ASIN.fullmatch(said["asin"]):
        faults.append(f"{COLUMNS[1]}: an ASIN has ten letters and digits, not {_short(said['asin'])}.")
    if said["marketplace"] and said["marketplace"] not in marketplaces:
        sold = ", ".join(marketplaces)
        faults.append(f"{COLUMNS[3]}: the account does not sell on {_short(said['marketplace'])}, but on {sold}.")
    if faults:
        return Checked(line, row, None, " ".join(faults))
    return Checked(line, row, Listing(**said))


def _plain(value: Any) -> str:
    """Give the text of a cell; an apostrophe that only keeps a spreadsheet from reckoning is none of it."""
    text = "" if value is None else str(value).strip()
    return text[1:] if text[:2] in ("'=", "'@") else text


def _fault(column: str, value: str) -> str:
    if not value:
        return f"{column} is missing."
    if len(value) > LONGEST:
        return f"{column} has more than {LONGEST} characters."
    return f"{column} holds a control character." if _BROKEN.search(value) else ""


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}…")


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
