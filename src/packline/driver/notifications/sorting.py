"""Sorting: each message goes to the inbox of its account, to nobody (counted), or to a person's list."""

from collections import Counter
from collections.abc import Callable, Sequence

from packline.domain.notification import Kind, Known, Notification, owners
from packline.errors import Invalid
from packline.ports.notifications import Arrived, Batch, Odd, Told

Read = Callable[[bytes], Notification]
"""Reads one message's body; raises Invalid with the reason for a person."""


def sort(queue: str, messages: Sequence[Arrived], read: Read, known: Known) -> Batch:
    """Sort messages of a queue; none of them can stop the others."""
    told: list[Told] = []
    odd: list[Odd] = []
    ignored: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for message in messages:
        try:
            notification = read(message.body)
        except Invalid as why:
            odd.append(Odd("", message.body, why.message))
            continue
        except (ValueError, TypeError, RecursionError) as why:
            odd.append(Odd("", message.body, f"It cannot be read: {why!r}"))
            continue
        if notification.kind is Kind.IGNORED:
            ignored[notification.type] += 1
            continue
        accounts, reason = owners(notification, known)
        if reason and queue in known.tested:
            tests[notification.type] += 1
        elif reason:
            odd.append(Odd("", message.body, reason, notification.type, f"{notification.type} {reason}"))
        told += [_told(notification, account, message.body) for account in accounts]
    return Batch(tuple(told), tuple(odd), ignored, tests)


def _told(notification: Notification, account: str, body: bytes) -> Told:
    return Told(
        account,
        notification.id,
        notification.subject,
        body,
        notification.type,
        notification.kind.value,
        notification.hint,
        notification.at,
    )
