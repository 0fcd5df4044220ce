"""`queue` and `notification`: what sellers are told, where it waits, and what goes wrong on the way."""

from typing import Any

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target

queue = App(name="queue", help="Queues that notifications arrive in: make, look into, write to, empty.")
notification = App(name="notification", help="Notifications: list, publish by hand, let them be lost or late.")
QUEUE_COLUMNS = ("name", "arn", "visible", "in_flight", "delayed", "sent", "received", "deleted")
MESSAGE_COLUMNS = ("message_id", "sent_ms", "receives", "hidden_until_ms", "body")
NOTICE_COLUMNS = ("notification_id", "notification_type", "subject", "status", "fate", "copies", "receives", "deletes")


@queue.command(name="create")
def create_queue(name: str, *, region: str = "eu-west-1", visibility_s: int = 30, to: Target = HERE) -> None:
    """Make a queue; its address is the simulator's with the path that is shown."""
    to.one(to.sim.post("queues", body={"name": name, "region": region, "visibility_s": visibility_s}))


@queue.command(name="list")
def list_queues(*, to: Target = HERE) -> None:
    """List all queues."""
    to.rows(to.sim.get("queues")["items"], *QUEUE_COLUMNS)


@queue.command(name="show")
def show_queue(name: str, *, to: Target = HERE) -> None:
    """Show a queue."""
    to.one(to.sim.get("queues", name))


@queue.command(name="look")
def look(name: str, *, limit: int = 20, to: Target = HERE) -> None:
    """Look at the oldest messages without receiving them."""
    to.rows(to.sim.get("queues", name, "messages", limit=limit)["items"], *MESSAGE_COLUMNS)


@queue.command(name="write")
def write(name: str, *bodies: str, delay_s: float = 0.0, to: Target = HERE) -> None:
    """Put texts into a queue as they are."""
    to.one(to.sim.post("queues", name, "messages", body={"bodies": bodies, "delay_s": delay_s}))


@queue.command(name="empty")
def empty(name: str, *, to: Target = HERE) -> None:
    """Throw all messages away."""
    to.one(to.sim.delete("queues", name, "messages"))


@queue.command(name="drop")
def drop(name: str, *, to: Target = HERE) -> None:
    """Drop a queue with everything in it."""
    to.one(to.sim.delete("queues", name))


@notification.command(name="list")
def list_notifications(
    *,
    seller: str | None = None,
    notification_type: str | None = None,
    subject: str | None = None,
    fate: str | None = None,
    unread: bool = False,
    limit: int = 50,
    to: Target = HERE,
) -> None:
    """List what was sent and what became of it; --unread shows what nobody received."""
    chosen = {"seller_id": seller, "notification_type": notification_type, "subject": subject, "fate": fate}
    received = "false" if unread else None
    to.rows(to.sim.pages("notifications", limit=limit, received=received, **chosen), *NOTICE_COLUMNS)


@notification.command(name="show")
def show_notification(notification_id: str, *, to: Target = HERE) -> None:
    """Show one notification and what became of it."""
    to.one(to.sim.get("notifications", notification_id))


@notification.command(name="counts")
def counts(*, to: Target = HERE) -> None:
    """Sum up what became of all: emitted, lost, received, deleted, still open."""
    to.one(to.sim.get("notifications", "counts"))


@notification.command(name="publish")
def publish(
    seller_id: str,
    notification_type: str,
    *subjects: str,
    status: str | None = None,
    faulty: bool = False,
    to: Target = HERE,
) -> None:
    """Send a notification about each subject (shipment, order, feed, report, SKU) to whoever subscribed."""
    body: dict[str, Any] = {"seller_id": seller_id, "notification_type": notification_type, "subjects": subjects}
    to.one(to.sim.post("notifications", body={**body, "status": status, "faulty": faulty}))


@notification.command(name="delivery")
def delivery(
    *,
    lost: float | None = None,
    twice: float | None = None,
    late: float | None = None,
    out_of_order: float | None = None,
    late_s: float | None = None,
    hold_s: float | None = None,
    to: Target = HERE,
) -> None:
    """Show how notifications travel, or change it: shares from 0 to 1, seconds on the simulator's clock."""
    body = {"lost": lost, "twice": twice, "late": late, "out_of_order": out_of_order, "late_s": late_s}
    to.one(to.sim.patch("notifications", "delivery", body={**body, "hold_s": hold_s}))


@notification.command(name="subscriptions")
def subscriptions(*, to: Target = HERE) -> None:
    """List who is told of what."""
    to.rows(
        to.sim.get("notifications", "subscriptions")["items"],
        "subscription_id", "seller_id", "notification_type", "payload_version", "destination_id",
    )  # fmt: skip


@notification.command(name="destinations")
def destinations(*, to: Target = HERE) -> None:
    """List where applications want notifications."""
    to.rows(to.sim.get("notifications", "destinations")["items"], "destination_id", "client_id", "name", "arn")
