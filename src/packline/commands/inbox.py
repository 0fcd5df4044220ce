"""Look at single orders at once: what a person names, or what a notification tells of."""

from collections.abc import Sequence

from packline.domain.location import Account
from packline.domain.notification import Kind, Notification
from packline.domain.values import stable_id
from packline.errors import FieldError, Invalid
from packline.ports import Clock, IntakeStore
from packline.ports.notifications import Batch, NotificationStore, Told

IDS_AT_MOST = 1000


async def look_at(intake: IntakeStore, clock: Clock, account: str, amazon_ids: Sequence[str]) -> int:
    """Have orders or shipments read from Amazon at once, by Amazon's ids; returns how many.

    Raises Invalid where there are none or too many.
    """
    wanted = sorted({amazon_id.strip() for amazon_id in amazon_ids} - {""})
    if not 1 <= len(wanted) <= IDS_AT_MOST:
        raise Invalid(
            f"{len(wanted)} ids; from 1 to {IDS_AT_MOST} can be looked at in one go.",
            errors=(FieldError("/ids", "Amazon's order or shipment ids."),),
        )
    now = clock.now()
    for amazon_id in wanted:
        dedupe = stable_id("look", amazon_id, now.isoformat())
        await intake.inbox_put(account, "person", dedupe, amazon_id, b"", now)
    return len(wanted)


async def take_notification(
    store: NotificationStore, clock: Clock, account: Account, told: Notification, body: bytes
) -> bool:
    """Store a notification and have what it names read from Amazon; False where it was there already.

    Raises Invalid for one of another seller, or of a type that Packline has no use for.
    """
    if told.kind is Kind.IGNORED:
        raise Invalid(
            f"Packline has no use for a notification of type {told.type}.",
            hint="Subscribe only to what `packline notification setup` subscribes to.",
            reason="not_a_notification",
        )
    if told.seller_id and told.seller_id != account.seller_id:
        raise Invalid(
            f"The notification is of seller {told.seller_id}; the account {account.id} is {account.seller_id}.",
            hint="Send it to the account of its seller.",
        )
    kept = Told(account.id, told.id, told.subject, body, told.type, told.kind.value, told.hint, told.at)
    return await store.keep("", Batch((kept,)), clock.now()) == 1
