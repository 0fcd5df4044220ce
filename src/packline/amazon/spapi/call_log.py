"""The record of a call: what was asked, what came back, and never a name, an address or a token.

Redaction is by construction: a body enters a record only through `redacted`, which keeps the fields that a table
names for the operation and replaces everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

HIDDEN = "…"
Kept = Mapping[str, "Kept | None"]
"""Which fields of a JSON object may be kept: None keeps a plain value or a list of them, a mapping goes deeper."""

ERRORS: Kept = {"errors": {"code": None, "message": None, "details": None}}
"""Amazon's error list; its texts quote identifiers and limits of our own request."""


class CallRecord(msgspec.Struct, frozen=True, gc=False):
    """One call to Amazon, fit to be stored and shown.

    `at` is when it was sent, UTC; `status` 0 means no answer; `code` is Amazon's error code or ours; `quota_left` is
    the number of calls free in the lane afterwards (None: not counted); bodies are redacted, empty unless wanted.
    """

    at: datetime
    account: str
    operation: str
    shipment_id: str
    attempt: int
    status: int
    code: str
    ms: float
    quota_left: float | None
    request_id: str
    method: str
    path: str
    request_body: bytes = b""
    response_body: bytes = b""


def redacted(body: bytes, kept: Kept) -> bytes:
    """Copy a JSON body with only the named fields, everything else hidden; what is no JSON is hidden whole."""
    if not body:
        return b""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.encode(f"{HIDDEN} {len(body)} bytes")
    return msgspec.json.encode(_redact(found, kept))


def _redact(value: Any, kept: Kept | None) -> Any:
    if isinstance(value, list):
        return [_redact(item, kept) for item in value]
    if isinstance(value, dict):
        if kept is None:
            return HIDDEN
        return {key: _redact(inner, kept[key]) if key in kept else HIDDEN for key, inner in value.items()}
    return value if kept is None else HIDDEN
