"""Reading a notification: its id, its seller and the order or shipment it names; the rest is never trusted."""

from typing import Any

import msgspec

from packline.domain.values import Value
from packline.errors import Invalid

_SUBJECTS = {
    "ORDER_CHANGE": ("amazonorderid",),
    "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE": ("shipmentid",),
}
"""Where each type names what it is about, in lower case."""


class Notification(Value, frozen=True):
    """What a notification tells of: `id` is the same when it comes twice, `seller_id` may be absent."""

    id: str
    type: str
    subject: str
    seller_id: str = ""


def notification(body: bytes) -> Notification:
    """Read one notification, whatever its letter case.

    Raises Invalid where it is no JSON, of a type that names no order, or without its id.
    """
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise Invalid(f"The notification is not JSON: {why}.", reason="not_a_notification") from None
    flat = dict(_flat(content))
    kind = str(flat.get("notificationtype", ""))
    if kind not in _SUBJECTS:
        raise Invalid(
            f"A notification of type {kind or '(none)'} tells of no order.",
            hint=f"Packline reads {', '.join(_SUBJECTS)}.",
            reason="not_a_notification",
        )
    subject = next((str(flat[name]) for name in _SUBJECTS[kind] if flat.get(name)), "")
    if not subject or not flat.get("notificationid"):
        raise Invalid(
            f"The {kind} has no {'id of its own' if subject else 'order'}.",
            hint="Send it whole, as it came from the queue.",
            reason="not_a_notification",
        )
    return Notification(str(flat["notificationid"]), kind, subject, str(flat.get("sellerid") or ""))


def _flat(content: Any) -> list[tuple[str, Any]]:
    """List every plain field at any depth under its name in lower case; the outermost one counts."""
    if not isinstance(content, dict):
        return []
    inner = [pair for value in content.values() for pair in _flat(value)]
    return [*inner, *((name.lower(), value) for name, value in content.items() if not isinstance(value, dict | list))]
