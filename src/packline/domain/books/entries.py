"""What two books say, and a difference between them."""

from datetime import datetime
from enum import StrEnum

from packline.domain.reports import Facts
from packline.domain.returns import SeenReturn
from packline.domain.values import Value


class What(StrEnum):
    """What is compared."""

    ORDERS = "orders"
    RETURNS = "returns"
    STOCK = "stock"


class Side(StrEnum):
    """Whose books ours are compared with."""

    AMAZON = "amazon"  # status by status, read from Amazon
    SELLER = "seller"  # the seller's own system, by a file or a request
    PENDING_REPORT = "pending_report"  # Amazon's report of what waits for the carrier
    SHIPPED_REPORT = "shipped_report"  # Amazon's report of what the carrier has


class Kind(StrEnum):
    """How an entry differs, seen from our books."""

    MISSING = "missing"  # they have it, Packline does not
    EXTRA = "extra"  # Packline has it, they do not
    DIFFERENT = "different"


class Cause(StrEnum):
    """The likely cause of a difference."""

    PARKED = "parked"  # it came, and could not be taken in
    NOT_SEEN = "not_seen"  # no listing and no notification told of it yet
    NOT_LISTED = "not_listed"  # Amazon's listings do not show it, and there were too many to ask one by one
    UNKNOWN_AT_AMAZON = "unknown_at_amazon"
    OTHER_ACCOUNT = "other_account"
    NOT_TOLD = "not_told"  # the seller's system was not told, or did not take it
    NOT_DELIVERED = "not_delivered"  # its webhook is paused or fails
    DONE_ELSEWHERE = "done_elsewhere"  # the seller's system is further: Packline was not told
    CONTRADICTED = "contradicted"  # neither side follows from the other
    COUNTED_DIFFERENTLY = "counted_differently"
    LABEL_CHANGED = "label_changed"


class Repair(StrEnum):
    """What mends a difference."""

    READ = "read"  # read it from Amazon again: what Amazon says counts
    TAKE = "take"  # write what Amazon said, which is at hand
    TELL = "tell"  # tell the seller's system again, by an event
    HAND_OVER = "hand_over"  # say that the parcels have left
    NONE = ""  # a person must decide


class Stated(Value, frozen=True):
    """One entry of the other books; `stage` is theirs in our words, `word` as they wrote it ("" where they say none).

    `facts` and `seen` are Amazon's own words, `read_at` when the request for them left.
    """

    key: str
    amazon_id: str = ""
    order_id: str = ""
    location: str = ""
    stage: str = ""
    word: str = ""
    units: tuple[tuple[str, int], ...] = ()
    tracking_id: str = ""
    received: int | None = None
    facts: Facts | None = None
    seen: SeenReturn | None = None
    read_at: datetime | None = None


class OurOrder(Value, frozen=True):
    """One shipment of ours."""

    id: str
    amazon_id: str
    order_id: str
    location: str
    status: str
    updated_at: datetime
    units: tuple[tuple[str, int], ...] = ()
    tracking_ids: tuple[str, ...] = ()


class OurReturn(Value, frozen=True):
    """One return of ours."""

    id: str
    amazon_id: str
    order_id: str
    rma_id: str
    sku: str
    location: str
    status: str
    units: int
    received: int
    as_of: datetime
    updated_at: datetime


class Difference(Value, frozen=True):
    """One entry that is not the same in both books; `item` is our id of it, `payload` what the repair needs."""

    kind: Kind
    cause: Cause
    words: str
    field: str = ""
    ours: str = ""
    theirs: str = ""
    item: str | None = None
    amazon_id: str = ""
    order_id: str = ""
    sku: str = ""
    location: str = ""
    repair: Repair = Repair.NONE
    payload: bytes = b""
