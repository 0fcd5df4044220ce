"""An upload of stock: what its lines say, and how far it is."""

from datetime import datetime

from packline.domain.values import Value


class StockFile(Value, frozen=True):
    """One upload: what its lines say where they do not say it themselves, and how far it is.

    `accounts` and `locations` are all that its sender may touch (None: everything).
    """

    id: str
    name: str
    format: str
    created_at: datetime
    account: str = ""
    location: str = ""
    do: str = "set"
    accounts: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None
    by: str = ""
    state: str = "waiting"
    total: int | None = None
    done: int = 0
    applied: int = 0
    refused: int = 0
    error: str = ""


class Refusal(Value, frozen=True):
    """One line that was not taken, with its reason."""

    line: int
    row: bytes
    reason: str
