"""A program as data: its journey and what it can and must do."""

from packline.domain.shipment import Shipment, Status
from packline.domain.values import Value

FULL_JOURNEY = (
    Status.CREATED,
    Status.ACCEPTED,
    Status.CONFIRMED,
    Status.PACKAGE_CREATED,
    Status.PICKUP_SLOT_RETRIEVED,
    Status.INVOICE_GENERATED,
    Status.SHIPLABEL_GENERATED,
    Status.SHIPPED,
    Status.DELIVERED,
)


class Program(Value, frozen=True):
    """One of Amazon's seller-fulfilment programs.

    `channel` and `shipping_type` tell it from a shipment; `tells_shipped`: the hand-over is told to Amazon by us, not
    by the carrier's scan; `tells_delivery`: out for delivery and delivered are ours to tell; `offers_slots`: shipping
    options are expected, so an empty answer wants another look; `takes_courier`: the seller's carrier and tracking id
    go with the label call; `carrier_may_tell`: where Amazon refuses our SHIPPED, the carrier's scan is awaited instead.

    `unshown`: statuses that Amazon does not tell apart from ACCEPTED, because we keep them ourselves; `documents`: how
    labels and invoices come: with the `call` that makes them, by a `feed` for many, in the `zip` of a bulk call (with
    `zip_or_feed` by a feed where that is lost), or by the `hand` of a person; `asks_slots`: slots are read before a
    label; `reschedules`: the slot of a live label can be changed; `packages_at_most`, `lightest_g`: what Amazon takes;
    `missing` says why this seller's marketplace cannot; `afterwards`: what is fetched of shipments that others
    labelled: `all`, `invoices` or `none`.
    """

    code: str
    name: str
    channel: str
    shipping_type: str
    journey: tuple[Status, ...] = FULL_JOURNEY
    tells_shipped: bool = False
    tells_delivery: bool = False
    offers_slots: bool = False
    takes_courier: bool = False
    carrier_may_tell: bool = False
    api: str = "external_fulfillment"
    unshown: tuple[Status, ...] = ()
    documents: str = "call"
    asks_slots: bool = True
    reschedules: bool = False
    rejects_by_feed: bool = False
    packages_at_most: int = 50  # one label call takes 50 package ids; inferred as the limit of one shipment
    lightest_g: float = 5.0  # External Fulfillment Shipments 2024-09-11, `Weight`: at least 5 grams
    missing: str = ""
    afterwards: str = "all"

    def tells(self, shipment: Shipment) -> bool:
        """Tell whether SHIPPED is ours to tell: by the program, unless Amazon left this one to the carrier."""
        return self.tells_shipped and not shipment.carrier_tells

    @property
    def fetches_afterwards(self) -> bool:
        """Tell whether anything is fetched of shipments that others labelled."""
        return self.documents == "call" and self.afterwards != "none"

    def rank(self, status: Status) -> int:
        """Give the place of a status on the journey; CANCELLED lies behind every other."""
        return self.journey.index(status) if status in self.journey else len(self.journey)

    def between(self, start: Status, end: Status, *, with_invoice: bool) -> tuple[Status, ...]:
        """List the statuses after `start` up to `end` along the declared journey, never by a shorter path."""
        steps = self.journey[self.rank(start) + 1 : self.rank(end) + 1]
        skipped = {Status.ACCEPTED} | (set() if with_invoice else {Status.INVOICE_GENERATED})
        return tuple(s for s in steps if s == end or s not in skipped)
