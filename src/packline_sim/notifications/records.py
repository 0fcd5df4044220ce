"""What the simulator remembers of notifications: destinations, subscriptions, and the fate of each that was sent."""

from typing import Any

import msgspec


class Destination(msgspec.Struct, kw_only=True):
    """Remember where an application wants notifications; either `arn` of a queue or an event bus's account."""

    destination_id: str
    client_id: str
    name: str
    arn: str | None = None
    bus_account: str | None = None
    bus_region: str | None = None
    bus_name: str | None = None


class Subscription(msgspec.Struct, kw_only=True):
    """Remember what an application wants to be told of a seller; `directive` is in Amazon's own words."""

    subscription_id: str
    client_id: str
    application_id: str
    seller_id: str
    notification_type: str
    payload_version: str
    destination_id: str
    directive: dict[str, Any] | None = None


class Notice(msgspec.Struct, kw_only=True, gc=False):
    """Remember one notification: `fate` is how delivery was meant to go, the rest is what became of it.

    `copies` were put into the queue, `receives` counts how often one was handed out, `deletes` how many are deleted.
    Milliseconds since 1970; None: not yet.
    """

    notification_id: str
    notification_type: str
    subject: str
    status: str
    seller_id: str
    subscription_id: str
    queue: str
    emitted_ms: int
    fate: str = "prompt"
    copies: int = 0
    receives: int = 0
    deletes: int = 0
    first_put_ms: int | None = None
    first_received_ms: int | None = None
    first_deleted_ms: int | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say how notifications travel: shares from 0 to 1 of all of them, each drawn by itself from the seed.

    `lost` never arrive; `twice` come a second time within `late_s`; `late` come after a part of `late_s`;
    `out_of_order` are held back until the next ones have overtaken them, at most `hold_s`. Seconds on the simulator's
    clock.
    """

    lost: float = 0.0
    twice: float = 0.02
    late: float = 0.05
    out_of_order: float = 0.05
    late_s: float = 60.0
    hold_s: float = 5.0
