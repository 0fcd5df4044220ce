"""Notifications: who is told of what, what became of each, publishing by hand, and what goes wrong on the way."""

from typing import Annotated, Any

import msgspec

from packline_sim.control.endpoint import Endpoint, get, patch, post
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.problems import Refused, not_found
from packline_sim.control.reading import BadInput, FieldError
from packline_sim.control.stage import Stage
from packline_sim.notifications.emission import publish
from packline_sim.notifications.made_up import made_up
from packline_sim.notifications.records import Delivery, Destination, Notice, Subscription
from packline_sim.notifications.shapes import KINDS, News, news_about

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class NoticeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose notifications, oldest first; `received` and `deleted` False find those that nobody read or settled."""

    seller_id: str | None = None
    notification_type: str | None = None
    subject: str | None = None
    queue: str | None = None
    fate: str | None = None
    received: bool | None = None
    deleted: bool | None = None
    limit: Limit = 100
    after: After = None


class NoticeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Sum up what became of notifications since the last reset.

    `emitted` were sent, `lost` never came, `put` counts messages in queues (copies too), `received` and `deleted` what
    readers did with them, `redelivered` those that they were given again. Of those emitted and not lost, `unread` were
    never received, and `open` were never deleted.
    """

    emitted: int
    lost: int
    put: int
    received: int
    redelivered: int
    deleted: int
    unread: int
    open: int
    by_type: dict[str, int]
    by_fate: dict[str, int]


class Publishing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe notifications that are sent by hand, one for each of `subjects`, to whoever subscribed.

    What exists is told as it is, with `status` as a shipment's; what does not is made up. `payload` replaces what is
    told, for a type that nobody knows too. Nothing goes wrong on the way unless `faulty`.
    """

    seller_id: str
    notification_type: str
    subjects: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    status: str | None = None
    payload: dict[str, Any] | None = None
    faulty: bool = False


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """Tell how many notifications were sent, and the ids of the first thousand."""

    count: int
    notification_ids: list[str]


class DeliveryChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change how notifications travel from now on; what is left out stays.

    Shares of all, each drawn by itself from the seed: `lost` never arrive, `twice` come again within `late_s`, `late`
    come after a part of it, `out_of_order` after the next ones or `hold_s` at most.
    """

    lost: Share | None = None
    twice: Share | None = None
    late: Share | None = None
    out_of_order: Share | None = None
    late_s: Seconds | None = None
    hold_s: Seconds | None = None


def list_notifications(stage: Stage, query: NoticeQuery) -> Page[Notice]:
    """List notifications that were sent, with what became of each: lost, late, twice, received, deleted."""
    notices = stage.world.notifications.notices
    chosen = (row for row in map(notices.__getitem__, beyond(notices, query.after)) if _fits(row, query))
    return page(chosen, query.limit, lambda row: row.notification_id)


def count_notifications(stage: Stage) -> NoticeCounts:
    """Sum up what became of all notifications: whether each was told."""
    board = stage.world.notifications
    by_type: dict[str, int] = {}
    by_fate: dict[str, int] = {}
    unread = unsettled = 0
    for row in board.notices.values():
        by_type[row.notification_type] = by_type.get(row.notification_type, 0) + 1
        by_fate[row.fate] = by_fate.get(row.fate, 0) + 1
        if row.fate not in ("lost", "no_queue", "event_bus"):
            unread += not row.receives
            unsettled += not row.deletes
    counts = {name: board.counts[name] for name in ("emitted", "lost", "put", "received", "redelivered", "deleted")}
    return NoticeCounts(**counts, unread=unread, open=unsettled, by_type=by_type, by_fate=by_fate)


def publish_notifications(stage: Stage, body: Publishing) -> Published:
    """Send notifications by hand; refuses where nobody subscribed."""
    stage.seller(body.seller_id)
    if body.notification_type not in KINDS and body.payload is None:
        known = ", ".join(KINDS)
        raise BadInput(FieldError("/notification_type", f"no such type without a payload; known are {known}"))
    if not stage.world.notifications.wanted(body.seller_id, body.notification_type):
        raise Refused(
            409,
            "Nobody subscribed",
            f"No application subscribed to {body.notification_type} of seller {body.seller_id}.",
            "Subscribe with createSubscription, or put a text into a queue by POST /_sim/queues/{name}/messages.",
        )
    sent = [
        notice
        for subject in body.subjects
        for notice in publish(stage.world, body.seller_id, _news(stage, body, subject), promptly=not body.faulty)
    ]
    return Published(count=len(sent), notification_ids=[row.notification_id for row in sent[:1000]])


def show_notification(stage: Stage, notification_id: str) -> Notice:
    """Show one notification and what became of it."""
    found = stage.world.notifications.notices.get(notification_id)
    if found is None:
        raise not_found("notification", notification_id, "GET /_sim/notifications lists them.")
    return found


def show_delivery(stage: Stage) -> Delivery:
    """Show how notifications travel."""
    return stage.world.notifications.delivery


def change_delivery(stage: Stage, body: DeliveryChange) -> Delivery:
    """Let a share of notifications be lost, doubled, late, or out of order from now on."""
    board = stage.world.notifications
    given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
    board.delivery = msgspec.structs.replace(board.delivery, **given)
    return board.delivery


def list_destinations(stage: Stage) -> Page[Destination]:
    """List where applications want notifications."""
    return Page(list(stage.world.notifications.destinations.values()))


def list_subscriptions(stage: Stage) -> Page[Subscription]:
    """List what applications want to be told."""
    return Page(list(stage.world.notifications.subscriptions.values()))


def _news(stage: Stage, body: Publishing, subject: str) -> News:
    world = stage.world
    if body.payload is not None:
        return News(body.notification_type, subject, body.status or "", body.payload)
    found = news_about(world, body.notification_type, subject, body.status)
    return found or made_up(body.notification_type, body.seller_id, subject, body.status, world.clock.now_ms())


def _fits(row: Notice, query: NoticeQuery) -> bool:
    return (
        query.seller_id in (None, row.seller_id)
        and query.notification_type in (None, row.notification_type)
        and query.subject in (None, row.subject)
        and query.queue in (None, row.queue)
        and query.fate in (None, row.fate)
        and query.received in (None, row.receives > 0)
        and query.deleted in (None, row.deletes > 0)
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    get("/notifications", list_notifications),
    post("/notifications", publish_notifications, status=201),
    get("/notifications/counts", count_notifications),
    get("/notifications/delivery", show_delivery),
    patch("/notifications/delivery", change_delivery),
    get("/notifications/destinations", list_destinations),
    get("/notifications/subscriptions", list_subscriptions),
    get("/notifications/{notification_id}", show_notification),
)
