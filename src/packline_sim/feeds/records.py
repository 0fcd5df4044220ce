"""What the simulator remembers of a feed."""

from typing import Literal

import msgspec

Status = Literal["IN_QUEUE", "IN_PROGRESS", "DONE", "FATAL", "CANCELLED"]
Fate = Literal["stuck", "fatal"]
STATUSES: tuple[Status, ...] = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")


class Feed(msgspec.Struct, kw_only=True):
    """Remember one feed; `fate` is what was done to it on purpose, `end_ms` when it is due to end."""

    feed_id: str
    seller_id: str
    client_id: str
    feed_type: str
    marketplace_ids: tuple[str, ...]
    input_document_id: str
    options: dict[str, str]
    created_ms: int
    end_ms: int
    status: Status = "IN_QUEUE"
    started_ms: int | None = None
    ended_ms: int | None = None
    result_document_id: str | None = None
    fate: Fate | None = None
    call_seq: int = 0
