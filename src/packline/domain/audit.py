"""The audit: who did what, who signed in, and who saw whose personal data."""

import re
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from packline.domain.person import Look
from packline.domain.values import Value

_PLACE = re.compile(r"\{\w+(:\w+)?\}")
_VERBS = {"POST": "add", "PUT": "set", "PATCH": "change", "DELETE": "remove"}
_LOOKS = {"returns.password": Look.PASSWORD}
LONGEST = 200


class AuditKind(StrEnum):
    """What an entry tells of."""

    ACT = "act"
    LOOK = "look"
    SIGN_IN = "sign_in"


class Entry(Value, frozen=True):
    """One line of the audit.

    `who` is `user: <name>`, `console: <API key's name>`, an API key's id or `command line`; `act` is
    `<resource>.<verb>`, for a look the kind of personal data. `outcome` None where it is not known: the process ended
    before it was.
    """

    at: datetime
    who: str
    kind: AuditKind
    act: str
    subject: str = ""
    shipment: str | None = None
    account: str | None = None
    location: str | None = None
    address: str = ""
    outcome: str | None = None


class Seen(NamedTuple):
    """Personal data that is about to be shown: its kind, the shipment's id, and what of it (a document's name)."""

    look: Look
    shipment: str
    subject: str = ""


def told_as(act: str) -> tuple[AuditKind, str]:
    """Tell an act from a look that is asked for like one; gives its kind and its name."""
    look = _LOOKS.get(act)
    return (AuditKind.LOOK, look.value) if look else (AuditKind.ACT, act)


def act_of(method: str, path: str) -> str:
    """Name an act by the address that it was asked at: `POST /v1/manifests/{manifest}/close` is `manifests.close`."""
    parts = [part for part in path.split("/") if part and part != "v1"]
    words = [part for part in parts if not _PLACE.fullmatch(part)]
    if parts and _PLACE.fullmatch(parts[-1]) and method == "POST":
        words.append("change")
    elif method != "POST" or len(words) < 2:
        words.append(_VERBS.get(method, method.lower()))
    return ".".join(words)
