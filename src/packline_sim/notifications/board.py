"""Who is told of what, and what became of every notification."""

from collections import Counter
from collections.abc import Iterator

from packline_sim.notifications.records import Delivery, Destination, Notice, Subscription

CAPACITY = 1_000_000


class Board:
    """Hold destinations, subscriptions, the settings of delivery, and the record of what was sent.

    The record keeps the last `CAPACITY` notifications; `counts` are never lost: emitted, lost, put, received, deleted,
    redelivered. `due` are the notifications of which nothing has arrived yet and that are not lost.
    """

    def __init__(self) -> None:
        self.destinations: dict[str, Destination] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.delivery = Delivery()
        self.notices: dict[str, Notice] = {}
        self.counts: Counter[str] = Counter()
        self.waiting: dict[str, str] = {}
        self.held: dict[str, int] = {}
        self.due: set[str] = set()
        self._wanted: dict[tuple[str, str], list[Subscription]] = {}

    def subscribe(self, subscription: Subscription) -> None:
        """Take in a subscription."""
        self.subscriptions[subscription.subscription_id] = subscription
        self._wanted.setdefault((subscription.seller_id, subscription.notification_type), []).append(subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        del self.subscriptions[subscription.subscription_id]
        self._wanted[subscription.seller_id, subscription.notification_type].remove(subscription)

    def wanted(self, seller_id: str, notification_type: str) -> list[Subscription]:
        """Give the subscriptions to a type of a seller's notifications."""
        return self._wanted.get((seller_id, notification_type), [])

    def record(self, notice: Notice) -> None:
        """Keep a notification in the record; the oldest fall out."""
        self.notices[notice.notification_id] = notice
        self.due.add(notice.notification_id)
        self.counts["emitted"] += 1
        if len(self.notices) > CAPACITY:
            oldest = next(iter(self.notices))
            self.due.discard(oldest)
            del self.notices[oldest]

    def newest(self) -> Iterator[Notice]:
        """Give the kept notifications, the newest first."""
        return reversed(self.notices.values())
