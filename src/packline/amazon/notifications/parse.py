"""Reading a notification: its id, its seller, and what it is about; the rest is a hint at most, and never trusted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from packline.amazon.seller_central import statuses
from packline.amazon.times import instant
from packline.domain.notification import Kind, Notification
from packline.domain.shipment import Status
from packline.errors import Invalid

ORDER_CHANGE = "ORDER_CHANGE"
SHIPMENT_STATUS_CHANGE = "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE"
FEED_FINISHED = "FEED_PROCESSING_FINISHED"
REPORT_FINISHED = "REPORT_PROCESSING_FINISHED"
_SUBJECTS: Mapping[str, tuple[Kind, str]] = {
    ORDER_CHANGE: (Kind.ORDER, "amazonorderid"),
    SHIPMENT_STATUS_CHANGE: (Kind.ORDER, "shipmentid"),
    FEED_FINISHED: (Kind.FEED, "feedid"),
    REPORT_FINISHED: (Kind.REPORT, "reportid"),
}
"""What each type is about, and where it names that, in lower case."""
LONGEST = 200
"""Ids of Amazon's are far shorter; what is longer is none."""


def notification(body: bytes) -> Notification:
    """Read one notification, whatever its letter case and whatever carried it (EventBridge, SNS).

    A type that Packline has no use for comes back as `ignored`. Raises Invalid where it is no JSON object, has no
    type, or lacks its id or what it is about.
    """
    flat = _fields(body)
    type_ = _text(flat, "notificationtype")
    if not type_:
        raise _unusable("The message names no notification type.")
    kind, field = _SUBJECTS.get(type_, (Kind.IGNORED, ""))
    told_id, subject = _text(flat, "notificationid"), _text(flat, field)
    if kind is Kind.IGNORED:
        return Notification(told_id, type_, kind)
    if not subject or not told_id:
        raise _unusable(f"The {type_} has no {'id of its own' if subject else _LACKS[kind]}.")
    return Notification(
        told_id,
        type_,
        kind,
        subject,
        seller_id=_text(flat, "sellerid") or _text(flat, "merchantid"),
        marketplace=_text(flat, "marketplaceid"),
        location=_text(flat, "locationid"),
        subscription_id=_text(flat, "subscriptionid"),
        hint=_hint(type_, flat),
        at=_at(flat),
    )


_LACKS = {Kind.ORDER: "order", Kind.FEED: "feed", Kind.REPORT: "report"}


def _fields(body: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
        wrapped = content.get("Message") if isinstance(content, dict) else None
        if isinstance(wrapped, str) and wrapped.startswith("{"):
            content = msgspec.json.decode(wrapped)
        return _flat(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise _unusable(f"The notification is not JSON: {why}.") from None


def _unusable(says: str) -> Invalid:
    hint = f"Send it whole, as it came from the queue; Packline reads {', '.join(_SUBJECTS)}."
    return Invalid(says, hint=hint, reason="not_a_notification")


def _text(flat: Mapping[str, Any], name: str) -> str:
    """Give a field as text; one that no id can be (too long, control characters) counts as absent."""
    value = flat.get(name)
    text = str(value) if isinstance(value, str | int) else ""
    return text if len(text) <= LONGEST and text.isprintable() else ""


def _hint(type_: str, flat: Mapping[str, Any]) -> str:
    if type_ == SHIPMENT_STATUS_CHANGE:
        return _text(flat, "shipmentstatus").upper()
    if type_ != ORDER_CHANGE:
        return _text(flat, "processingstatus").upper()
    status, _ = statuses.standing(_text(flat, "orderstatus"), _text(flat, "easyshipshipmentstatus"))
    return status if status in Status.__members__ else ""


def _at(flat: Mapping[str, Any]) -> datetime | None:
    return instant(_text(flat, "eventtime")) or instant(_text(flat, "publishtime"))


def _flat(content: Any) -> dict[str, Any]:
    """List every plain field at any depth under its name in lower case; the outermost one counts."""
    found: dict[str, Any] = {}
    level = [content] if isinstance(content, dict) else []
    while level:
        told: dict[str, Any] = {}
        below: list[dict[str, Any]] = []
        for part in level:
            for name, value in part.items():
                if isinstance(value, dict):
                    below.append(value)
                elif not isinstance(value, list):
                    told[name.lower()] = value
        found = told | found
        level = below
    return found
