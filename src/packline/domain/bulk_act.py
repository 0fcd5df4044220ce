"""An act on many shipments at once: how far it is."""

from datetime import datetime

from packline.domain.values import Value

STATES = ("looking", "ready", "giving", "given", "failed")


class BulkAct(Value, frozen=True):
    """One act of one person on many rows.

    `state`: looking (each row is foreseen), ready (waits for his yes), giving, given (Amazon may still work), failed.
    """

    id: str
    name: str
    owner: str
    by: str
    began_at: datetime
    state: str = "looking"


class BulkLine(Value, frozen=True):
    """One row of it. `fate`: ready (may be given), refused (`says` why, `hint` what to do), given (by `ticket`)."""

    number: int
    shipment: str
    account: str
    spoken: str
    fate: str = "ready"
    says: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
    ticket: str | None = None
