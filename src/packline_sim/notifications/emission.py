"""How notifications are sent: to whom, when, and what goes wrong on the way."""

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from packline_sim.agenda import task
from packline_sim.clock import to_iso
from packline_sim.notifications.made_up import TEST_SELLER, TEST_SUBJECTS, made_up
from packline_sim.notifications.queues import Message, Queue
from packline_sim.notifications.records import Destination, Notice, Subscription
from packline_sim.notifications.shapes import News, envelope, news_of

if TYPE_CHECKING:
    from packline_sim.records import Change
    from packline_sim.world import World

MOST_OVERTAKING = 3
STREAM = "notification-delivery"
_encode = msgspec.json.Encoder().encode


def notify(world: "World", change: "Change") -> None:
    """Tell every subscription that wants to hear of a change."""
    news = news_of(world, change) if world.notifications.subscriptions else None
    if news is not None:
        publish(world, change.seller_id, news)


def publish(world: "World", seller_id: str, news: News, *, promptly: bool = False) -> list[Notice]:
    """Send news of a seller to all its subscriptions whose filters let it pass; `promptly` nothing goes wrong."""
    subscriptions = world.notifications.wanted(seller_id, news.notification_type)
    return [_send(world, row, news, promptly) for row in subscriptions if _passes(row, news)]


def put_message(world: "World", queue: Queue, body: str, *, notice_id: str | None = None, delay_ms: int = 0) -> Message:
    """Put a text into a queue and wake one who waits for it."""
    message = Message(
        message_id=world.streams.uuid("message"),
        body=body,
        md5=hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        sent_ms=world.clock.now_ms(),
        notice_id=notice_id,
    )
    queue.put(message, delay_ms=delay_ms)
    world.bells.call(queue.name)
    return message


def send_test(
    world: "World", destination: Destination, notification_type: str, version: str, application_id: str
) -> None:
    """Put a made-up notification of a type into a destination's queue; an event bus here has no reader."""
    queue = world.queues.by_arn(destination.arn or "")
    if queue is None:
        return
    now = world.clock.now_ms()
    notice = Notice(
        notification_id=world.streams.uuid("notification"),
        notification_type=notification_type,
        subject=TEST_SUBJECTS[notification_type],
        status="",
        seller_id="",
        subscription_id="",
        queue=queue.name,
        emitted_ms=now,
        fate="test",
    )
    metadata = {
        "applicationId": application_id,
        "subscriptionId": world.streams.uuid("subscription"),
        "publishTime": to_iso(now),
        "notificationId": notice.notification_id,
    }
    case = world.switches["notification_case"]
    news = made_up(notification_type, TEST_SELLER, TEST_SUBJECTS[notification_type], None, now)
    whole = envelope(news, version=version, metadata=metadata, event_ms=now, case=case)
    world.notifications.record(notice)
    _put(world, notice, _encode(whole).decode())


def _passes(subscription: Subscription, news: News) -> bool:
    chosen: dict[str, Any] = (subscription.directive or {}).get("eventFilter") or {}
    types, places = chosen.get("orderChangeTypes"), chosen.get("marketplaceIds")
    return (not types or news.order_change_type in types) and (not places or news.marketplace_id in places)


def _send(world: "World", subscription: Subscription, news: News, promptly: bool) -> Notice:
    now = world.clock.now_ms()
    destination = world.notifications.destinations.get(subscription.destination_id)
    arn = "" if destination is None or destination.arn is None else destination.arn
    notice = Notice(
        notification_id=world.streams.uuid("notification"),
        notification_type=news.notification_type,
        subject=news.subject,
        status=news.status,
        seller_id=subscription.seller_id,
        subscription_id=subscription.subscription_id,
        queue=arn.rpartition(":")[2],
        emitted_ms=now,
    )
    metadata = {
        "applicationId": subscription.application_id,
        "subscriptionId": subscription.subscription_id,
        "publishTime": to_iso(now),
        "notificationId": notice.notification_id,
    }
    case = world.switches["notification_case"]
    whole = envelope(news, version=subscription.payload_version, metadata=metadata, event_ms=now, case=case)
    world.notifications.record(notice)
    if destination is not None and destination.bus_name is not None:
        # Nobody reads an event bus here; that it was told is all there is to know.
        notice.fate, notice.queue = "event_bus", destination.bus_name
        world.notifications.due.discard(notice.notification_id)
        return notice
    _dispatch(world, notice, _encode(whole).decode(), promptly)
    return notice


def _dispatch(world: "World", notice: Notice, body: str, promptly: bool) -> None:
    delivery, draw = world.notifications.delivery, world.streams.of(STREAM)
    # Always five draws, so that one share never changes what another one strikes.
    lost, twice, late, overtaken, part = (draw.random() for _ in range(5))
    if promptly:
        _put(world, notice, body)
        return
    if lost < delivery.lost:
        _lose(world, notice, "lost")
        return
    if twice < delivery.twice:
        notice.fate = "twice"
        _later(world, notice, body, part * delivery.late_s)
    if late < delivery.late:
        notice.fate = "late" if notice.fate == "prompt" else "twice_late"
        _later(world, notice, body, part * delivery.late_s)
    elif overtaken < delivery.out_of_order:
        notice.fate = "out_of_order" if notice.fate == "prompt" else "twice_out_of_order"
        key = _later(world, notice, body, delivery.hold_s)
        world.notifications.held[key] = 1 + int(part * MOST_OVERTAKING)
    else:
        _put(world, notice, body)


def _lose(world: "World", notice: Notice, fate: str) -> None:
    notice.fate = fate
    world.notifications.due.discard(notice.notification_id)
    world.notifications.counts["lost"] += 1


def _later(world: "World", notice: Notice, body: str, seconds: float) -> str:
    board = world.notifications
    board.counts["postponed"] += 1
    key = f"{notice.notification_id}#{board.counts['postponed']}"
    board.waiting[key] = body
    world.agenda.put(world, world.clock.now_ms() + round(seconds * 1000), ARRIVE, key)
    return key


def _arrive(world: "World", key: str) -> None:
    board = world.notifications
    body = board.waiting.pop(key, None)
    board.held.pop(key, None)
    notice = board.notices.get(key.partition("#")[0])
    if body is not None and notice is not None:
        _put(world, notice, body)


def _put(world: "World", notice: Notice, body: str) -> None:
    board = world.notifications
    queue = world.queues.get(notice.queue)
    if queue is None:
        _lose(world, notice, "no_queue")
        return
    now = world.clock.now_ms()
    notice.copies += 1
    board.due.discard(notice.notification_id)
    notice.first_put_ms = notice.first_put_ms or now
    board.counts["put"] += 1
    put_message(world, queue, body, notice_id=notice.notification_id)
    if board.held:
        _overtake(world, notice)


def _overtake(world: "World", passing: Notice) -> None:
    board = world.notifications
    for key in list(board.held):
        waiting = board.notices.get(key.partition("#")[0])
        if key not in board.held or waiting is None or waiting.queue != passing.queue or waiting is passing:
            continue
        board.held[key] -= 1
        if board.held[key] <= 0:
            _arrive(world, key)


ARRIVE = task("notification_arrives", _arrive)
