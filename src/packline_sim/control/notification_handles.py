"""Handles on notifications and queues of a running simulator, for tests."""

from collections.abc import Iterable

import msgspec

from packline_sim.control.client import ControlClient
from packline_sim.control.notifications import NoticeCounts
from packline_sim.control.queues import MessageView, QueueView
from packline_sim.notifications.records import Delivery, Notice


class SimQueue:
    """Hold one queue; `url` is what a client of Amazon's queue service reads, `arn` what createDestination takes."""

    def __init__(self, control: ControlClient, shown: QueueView) -> None:
        self._control = control
        self.name = shown.name
        self.arn = shown.arn
        self.url = control.url + shown.path

    def show(self) -> QueueView:
        """Read how many messages wait, are out, were deleted, now."""
        return msgspec.convert(self._control.get("queues", self.name), QueueView)

    def messages(self, limit: int = 100) -> list[MessageView]:
        """Look at the oldest messages without receiving them."""
        rows = self._control.get("queues", self.name, "messages", limit=limit)["items"]
        return [msgspec.convert(row, MessageView) for row in rows]

    def write(self, *bodies: str, delay_s: float = 0.0) -> None:
        """Put texts into it as they are."""
        self._control.post("queues", self.name, "messages", body={"bodies": bodies, "delay_s": delay_s})

    def empty(self) -> int:
        """Throw all messages away; gives how many."""
        return int(self._control.delete("queues", self.name, "messages")["messages"])


class Notifications:
    """Make queues, publish by hand, settle what goes wrong on the way, and ask what became of each notification."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    def create_queue(self, name: str = "notifications", **spec: object) -> SimQueue:
        """Make a queue: region, visibility_s."""
        shown = self._control.post("queues", body={"name": name, **spec})
        return SimQueue(self._control, msgspec.convert(shown, QueueView))

    def queue(self, name: str = "notifications") -> SimQueue:
        """Take hold of a queue that exists."""
        return SimQueue(self._control, msgspec.convert(self._control.get("queues", name), QueueView))

    def publish(self, seller_id: str, notification_type: str, subjects: Iterable[str], **settings: object) -> list[str]:
        """Send notifications by hand (status, payload, faulty); gives the ids of the first thousand."""
        body = {"seller_id": seller_id, "notification_type": notification_type, "subjects": list(subjects), **settings}
        return list(self._control.post("notifications", body=body)["notification_ids"])

    def deliver(self, **shares: float) -> Delivery:
        """Change lost, twice, late, out_of_order (shares), late_s, hold_s."""
        return msgspec.convert(self._control.patch("notifications", "delivery", body=shares), Delivery)

    def deliver_well(self) -> Delivery:
        """Let everything arrive once, at once, in order."""
        return self.deliver(lost=0, twice=0, late=0, out_of_order=0)

    def sent(self, **chosen: str | None) -> list[Notice]:
        """List what was sent: seller_id, notification_type, subject, queue, fate, received, deleted; oldest first."""
        return [msgspec.convert(row, Notice) for row in self._control.pages("notifications", limit=None, **chosen)]

    def counts(self) -> NoticeCounts:
        """Sum up what became of all of them."""
        return msgspec.convert(self._control.get("notifications", "counts"), NoticeCounts)
