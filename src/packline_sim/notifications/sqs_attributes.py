"""The attributes of queues: which can be set, and what a queue tells of itself."""

from typing import Any

import msgspec

from packline_sim.notifications.queues import DEFAULTS, Queue, Redrive
from packline_sim.notifications.sqs_errors import QueueError, invalid

_RANGES = {
    "VisibilityTimeout": (0, 43_200),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "DelaySeconds": (0, 900),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
}
# Taken and told again, without any effect here.
_PLAIN = frozenset(
    {"Policy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"}
)


def checked_attributes(wanted: dict[str, Any]) -> dict[str, str]:
    """Read attributes that a caller sets. Raises QueueError."""
    checked = {name: str(value) for name, value in wanted.items()}
    for name, value in checked.items():
        if name in _RANGES:
            low, high = _RANGES[name]
            if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
                raise invalid(f"Invalid value for the parameter {name}.")
        elif name == "RedrivePolicy":
            redrive_of(checked)
        elif name not in _PLAIN:
            raise QueueError("InvalidAttributeName", f"Unknown Attribute {name}.")
    return checked


def redrive_of(attributes: dict[str, str]) -> Redrive | None:
    """Read where messages go that were received too often. Raises QueueError."""
    text = attributes.get("RedrivePolicy")
    if not text:
        return None
    try:
        policy = msgspec.json.decode(text)
        redrive = Redrive(str(policy["deadLetterTargetArn"]), int(policy["maxReceiveCount"]))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, RecursionError):
        raise invalid(f"Value {text} for parameter RedrivePolicy is invalid.") from None
    if not 1 <= redrive.most_receives <= 1000:
        raise invalid(f"Value {text} for parameter RedrivePolicy is invalid. Reason: maxReceiveCount is not 1 to 1000.")
    return redrive


def described(queue: Queue, now_ms: int) -> dict[str, str]:
    """Give everything that a queue tells of itself."""
    visible = queue.visible(now_ms)
    told = {name: queue.attributes[name] for name in DEFAULTS}
    told |= {name: value for name, value in queue.attributes.items() if name not in DEFAULTS}
    return told | {
        "QueueArn": queue.arn,
        "CreatedTimestamp": str(queue.created_ms // 1000),
        "LastModifiedTimestamp": str(queue.changed_ms // 1000),
        "ApproximateNumberOfMessages": str(visible),
        "ApproximateNumberOfMessagesNotVisible": str(queue.in_flight),
        "ApproximateNumberOfMessagesDelayed": str(queue.delayed),
    }
