"""The shapes of answers that are not rows themselves, for the OpenAPI description."""

from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from packline.views.rows import (
    AccountRow,
    ActionRow,
    CallRow,
    DocumentRow,
    EntryRow,
    LaneRow,
    LocationRow,
    PackageRow,
    ParkedRow,
    ShipmentRow,
    TicketRow,
)


class FaultRow(TypedDict):
    """One field that is wrong."""

    pointer: str
    message: str


class AmazonRow(TypedDict):
    """Amazon's own words."""

    operation: str
    status: int
    code: str
    message: str
    request_id: str


class ProblemDetails(TypedDict, total=False):
    """An error (RFC 9457): what happened, why, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    code: str
    reason: str
    errors: list[FaultRow]
    amazon: AmazonRow


class ShipmentPage(TypedDict):
    """A page of shipments."""

    items: list[ShipmentRow]
    next: str | None


class TicketPage(TypedDict):
    """A page of tickets."""

    items: list[TicketRow]
    next: str | None


class CallPage(TypedDict):
    """A page of calls."""

    items: list[CallRow]
    next: str | None


class EntryPage(TypedDict):
    """A page of a timeline."""

    items: list[EntryRow]
    next: str | None


class ParkedPage(TypedDict):
    """A page of parked records."""

    items: list[ParkedRow]
    next: str | None


class PackageList(TypedDict):
    """All packages of a shipment."""

    items: list[PackageRow]


class DocumentList(TypedDict):
    """All documents of a shipment."""

    items: list[DocumentRow]


class AccountList(TypedDict):
    """All accounts."""

    items: list[AccountRow]


class LocationList(TypedDict):
    """All locations."""

    items: list[LocationRow]


class LaneList(TypedDict):
    """All lanes."""

    items: list[LaneRow]


class ActionList(TypedDict):
    """How many shipments wait for which action."""

    items: list[ActionRow]


class ExplanationRow(TypedDict):
    """Where a shipment stands, in plain words."""

    sentence: str
    waits_for: str
    tried: list[str]
    next: str | None
    since: datetime | None


class EventRow(TypedDict):
    """One event: `data` holds the event itself and the shipment as it was after it."""

    id: str
    type: str
    timestamp: datetime
    cursor: str
    cause: str
    account: str
    location: str | None
    shipment: str | None
    data: dict[str, Any]


class EventPage(TypedDict):
    """Events in order of commitment, and the cursor to go on from."""

    items: list[EventRow]
    next: str


class BulkRow(TypedDict):
    """What came of one command of many: its ticket, or why it was refused."""

    shipment: str
    ticket: TicketRow | None
    problem: ProblemDetails | None


class BulkResult(TypedDict):
    """What came of each, in the order of the request."""

    items: list[BulkRow]


class ApiKeyRow(TypedDict):
    """An API key without its secret."""

    id: str
    name: str
    role: str
    hint: str
    accounts: list[str] | None
    locations: list[str] | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyRow(ApiKeyRow):
    """A new API key with its secret, which is shown this once."""

    secret: str


class ApiKeyList(TypedDict):
    """All API keys."""

    items: list[ApiKeyRow]


class WebhookRow(TypedDict):
    """An endpoint, how far it is, and whether it answers; a paused one is not `enabled`, and says why."""

    id: str
    url: str
    description: str
    events: list[str]
    accounts: list[str]
    enabled: bool
    paused_reason: str | None
    cursor: str
    failures: int
    failing_since: datetime | None
    next_at: datetime | None
    created_at: datetime


class NewWebhookRow(WebhookRow):
    """A new endpoint with the secret that signs its events, which is shown this once."""

    secret: str


class WebhookList(TypedDict):
    """All endpoints."""

    items: list[WebhookRow]


class DeliveryRow(TypedDict):
    """One attempt to deliver one event."""

    at: datetime
    event: str
    type: str
    shipment: str | None
    attempt: int
    status: int
    ms: float
    error: str


class DeliveryPage(TypedDict):
    """A page of attempts."""

    items: list[DeliveryRow]
    next: str | None


class HealthRow(TypedDict):
    """Whether Packline works: `ok`, or `degraded` with what is wrong."""

    status: str
    version: str
    database: str
    cursor: str
    overdue: int
    problems: list[str]


class ErrorRow(TypedDict):
    """What an error code means and what can be done."""

    code: str
    title: str
    status: int
    hint: str
