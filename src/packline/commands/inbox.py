"""Look at single orders at once: what a person names, or what a notification tells of."""

from collections.abc import Sequence

from packline.domain.values import stable_id
from packline.errors import FieldError, Invalid
from packline.ports import Clock, IntakeStore

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
    intake: IntakeStore, clock: Clock, account: str, dedupe: str, amazon_id: str, body: bytes
) -> bool:
    """Store a notification and have what it names read from Amazon; False where it was there already."""
    return await intake.inbox_put(account, "notification", dedupe, amazon_id, body, clock.now())
