"""What an answer means: one table from Amazon's code, status or silence to a class of the error family.

Amazon's code counts first, because its own examples give one code under several statuses; the status decides where
the code is unknown. Sources: External Fulfillment Shipments, Inventory and Returns 2024-09-11 (modelled errors and
examples), Easy Ship 2022-03-23 (`Code`), "External Fulfillment errors" (the SC_ codes), Selling Partner API
"Authorization errors" and "Usage Plans".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from packline.errors import (
    AmazonError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unexpected,
    Unresolved,
)

NOT_SENT = "not sent"
NO_ANSWER = "no answer"


class Meaning(NamedTuple):
    """The class for a read, the class for a write, and whether a write calls for a look at Amazon's state."""

    read: type[AmazonError]
    write: type[AmazonError]
    reread: bool = False


_REFUSED = Meaning(Rejected, Rejected)
_REFUSED_IN_THIS_STATE = Meaning(Rejected, Rejected, reread=True)
_BUSY_OR_DONE = Meaning(Unavailable, Unresolved, reread=True)
_BROKEN = Meaning(Unavailable, Unresolved, reread=True)
_THROTTLED = Meaning(Throttled, Throttled)
_NOT_ALLOWED = Meaning(Unauthorized, Unauthorized)

TABLE: dict[str | int, Meaning] = {
    # silence
    NOT_SENT: Meaning(Unavailable, Unavailable),
    NO_ANSWER: _BROKEN,
    # codes, without spaces, in lower case
    "invalidinput": _REFUSED_IN_THIS_STATE,  # also "invalid workflow state": may mean that it is already done
    "sc_00002": _REFUSED_IN_THIS_STATE,
    "batch_size_exceed": _REFUSED,
    "notfound": _REFUSED_IN_THIS_STATE,
    "sc_00003": _REFUSED_IN_THIS_STATE,
    "duplicaterequest": _BUSY_OR_DONE,  # done before, or under way now: only a look can tell
    "sc_00004": _BUSY_OR_DONE,
    "serverbusy": _BUSY_OR_DONE,
    "sc_10000": _BUSY_OR_DONE,
    "forbidden": _NOT_ALLOWED,
    "sc_00005": _NOT_ALLOWED,
    "unauthorized": _NOT_ALLOWED,
    "accessdenied": _NOT_ALLOWED,
    "missingauthenticationtoken": _NOT_ALLOWED,
    "invalidsignature": _NOT_ALLOWED,
    "ratelimited": _THROTTLED,
    "sc_00007": _THROTTLED,
    "quotaexceeded": _THROTTLED,
    "toomanyrequests": _THROTTLED,
    "internalfailure": _BROKEN,
    "internalservererror": _BROKEN,
    "sc_00000": _BROKEN,
    "serviceunavailable": _BROKEN,
    "sc_00001": _BROKEN,
    # codes of Easy Ship 2022-03-23; seller_central/reactions.py says what is done about each
    "invalidtimeslotid": _REFUSED,
    "schedulewindowexpired": _REFUSED,
    "retryableaftergettingnewslots": _REFUSED,
    "timeslotnotavailable": _REFUSED,
    "scheduledpackagealreadyexists": _REFUSED_IN_THIS_STATE,  # done before: the package proves it
    "resourcenotfound": _REFUSED_IN_THIS_STATE,
    "invalidorderstate": _REFUSED_IN_THIS_STATE,
    "regionnotsupported": _REFUSED,
    "ordernoteligibleforrescheduling": _REFUSED,
    # statuses
    400: _REFUSED_IN_THIS_STATE,
    401: _NOT_ALLOWED,
    403: _NOT_ALLOWED,
    404: _REFUSED_IN_THIS_STATE,
    405: _REFUSED,
    408: _BROKEN,
    409: _BUSY_OR_DONE,
    413: _REFUSED,
    415: _REFUSED,
    422: _REFUSED_IN_THIS_STATE,  # the marketplace cancelled the shipment
    429: _THROTTLED,
    500: _BROKEN,
    502: _BROKEN,
    503: _BROKEN,
    504: _BROKEN,
}


class Said(NamedTuple):
    """Amazon's own words about an error; empty where it said nothing."""

    code: str = ""
    message: str = ""
    details: str = ""


def refusal(operation: str, *, is_write: bool, status: int, body: bytes, request_id: str = "") -> AmazonError:
    """Turn an answer that is not a success into an error of the family, with Amazon's words kept."""
    said = words(body)
    meaning = _meaning(said.code, status)
    cause = f"{said.code}: {said.message}" if said.message else said.code or f"HTTP {status}"
    return (meaning.write if is_write else meaning.read)(
        f"Amazon answered {operation} with {status} ({cause})",
        operation=operation,
        status=status,
        amazon_code=said.code,
        request_id=request_id,
        details=said.details,
        reread=is_write and meaning.reread,
    )


def silence(operation: str, *, is_write: bool, kind: str, why: str) -> AmazonError:
    """Turn a call without an answer (`NOT_SENT` or `NO_ANSWER`) into an error of the family."""
    meaning = TABLE[kind]
    return (meaning.write if is_write else meaning.read)(
        f"{operation} got no answer: {why}", operation=operation, reread=is_write and meaning.reread
    )


def misfit(operation: str, *, is_write: bool, status: int, why: str, request_id: str = "") -> AmazonError:
    """Turn a success whose body cannot be read into Unresolved (a write may have had its effect) or Unexpected."""
    kind = Unresolved if is_write else Unexpected
    return kind(
        f"Amazon's answer to {operation} does not fit its documentation: {why}",
        operation=operation,
        status=status,
        request_id=request_id,
        details=why,
        reread=is_write,
    )


def words(body: bytes) -> Said:
    """Read the first error of a body in any form that Amazon uses, the messages of all of them joined."""
    try:
        found = msgspec.json.decode(body) if body else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said()
    errors = _errors(found)
    if not errors:
        return Said()
    message = "; ".join(text for error in errors if (text := _text(error, "message", "description")))
    first = errors[0]
    return Said(_text(first, "code", "errorcode"), message, _text(first, "details"))


def _errors(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, dict):
        return []
    lowered = _lowered(found)
    listed = lowered.get("errors", [lowered])
    entries = listed if isinstance(listed, list) else [listed]
    return [_lowered(entry) for entry in entries if isinstance(entry, dict)]


def _lowered(entry: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in entry.items()}


def _text(error: dict[str, Any], *names: str) -> str:
    return next((str(error[name]) for name in names if error.get(name) not in (None, "")), "")


def _meaning(code: str, status: int) -> Meaning:
    known = TABLE.get(code.replace(" ", "").lower()) or TABLE.get(status)
    if known is not None:
        return known
    if status >= 500:
        return _BROKEN
    return _REFUSED_IN_THIS_STATE if status >= 400 else Meaning(Unexpected, Unresolved, reread=True)
