"""Reports: what Amazon said, in our words, whoever asked and why; the only thing that reconcile reads."""

from datetime import datetime

from packline.domain.panel import Scan
from packline.domain.shipment import Failure
from packline.domain.slot import ShippingOption
from packline.domain.step import Step
from packline.domain.values import Box, Document, Value, Window


class SeenPackage(Value, frozen=True):
    """A package as Amazon lists it on a shipment; `status` and `tracking_id` in Amazon's spelling, "" where absent."""

    id: str
    status: str = ""
    box: Box | None = None
    lines: tuple[tuple[str, int], ...] = ()
    window: Window | None = None
    tracking_id: str = ""


class Facts(Value, frozen=True):
    """Amazon's view of one shipment at one moment, reduced to what rules need (a getShipment or getShipments entry).

    `ship_to` is the mark of the buyer's address (`address_mark`), "" where Amazon did not tell it. `processed_by` is
    what Amazon's `processingSource` is taken to mean, `scanned` what somebody scanned in Amazon's panel.
    """

    amazon_id: str
    location: str
    marketplace: str
    channel: str
    shipping_type: str
    order_id: str
    status: str
    as_of: datetime
    sub_status: str = ""
    ship_by: datetime | None = None
    earliest_pack: datetime | None = None
    needs_invoice: bool = False
    invoice_available: bool = False
    rejectable: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    kind: str = "NEW"
    original_id: str | None = None
    priority: str = "LOW"
    processed_by: str = ""
    scanned: tuple[Scan, ...] = ()
    cancelled_by: str | None = None
    packages: tuple[SeenPackage, ...] = ()
    api: str = "external_fulfillment"
    ship_to: str = ""


class Seen(Value, frozen=True, tag="seen"):
    """A read of the shipment. `read_at` is our time when the request left; `source` is sweep, probe or notification."""

    facts: Facts
    read_at: datetime
    source: str = "sweep"


class LabelResult(Value, frozen=True):
    """One package of a label call: a label, or Amazon's reason why not (HTTP 200 can hold both)."""

    package_id: str
    ok: bool
    tracking_id: str = ""
    carrier: str = ""
    option_id: str | None = None
    window: Window | None = None
    url: str | None = None
    document: Document | None = None
    code: str = ""
    message: str = ""


class Done(Value, frozen=True, tag="done"):
    """Amazon answered a step with success; `at` is our time of the answer."""

    step: Step
    at: datetime
    options: tuple[ShippingOption, ...] = ()
    invoice: Document | None = None
    labels: tuple[LabelResult, ...] = ()
    warranty: Document | None = None


class Failed(Value, frozen=True, tag="failed"):
    """A step was answered with an error, or its answer is missing (`failure.kind` unclear)."""

    step: Step
    at: datetime
    failure: Failure


Report = Seen | Done | Failed
