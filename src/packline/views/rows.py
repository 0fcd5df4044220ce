"""The plain rows that the faces show; times are RFC 3339 in JSON, weights in grams, lengths in centimetres."""

from datetime import datetime

from typing_extensions import TypedDict


class ProblemRow(TypedDict):
    """Why a person must look: a code, what happened, what can be done."""

    code: str
    message: str
    hint: str
    since: datetime


class ShipmentRow(TypedDict):
    """A shipment in a list; `sentence` says in plain words where it stands, `waits_for` who must act.

    `source` is who worked on it: packline, smarthub, integrator (another one), or elsewhere where Amazon does not tell.
    """

    id: str
    amazon_id: str
    order_id: str
    account: str
    location: str
    marketplace: str
    program: str
    status: str
    sub_status: str
    goal: str | None
    kind: str
    original_id: str | None
    priority: str
    units: int
    packages: int
    tracking_ids: list[str]
    ship_by: datetime | None
    received_at: datetime
    as_of: datetime
    handed_over_at: datetime | None
    adopted: bool
    source: str
    problem: ProblemRow | None
    waits_for: str
    sentence: str
    commands: list[str]
    ticket: str | None
    version: int


class MoneyRow(TypedDict):
    """An amount as a decimal in a string, with its currency."""

    amount: str
    currency: str


class LineRow(TypedDict):
    """One line, with what Amazon requires for it (REQUIRED or DISALLOWED)."""

    id: str
    sku: str
    title: str
    units: int
    serial_numbers: str
    hazmat_labels: str
    country_of_origin: str
    item_value: str
    multi_piece: bool
    gift_wrap: bool
    recommended_country: str | None
    recommended_currency: str | None
    total: MoneyRow | None


class BoxRow(TypedDict):
    """Outer size and weight."""

    length_cm: float
    width_cm: float
    height_cm: float
    weight_g: float


class PackedLineRow(TypedDict):
    """Units of one line in a package."""

    line_id: str
    quantity: int
    serial_numbers: list[str]


class WindowRow(TypedDict):
    """A handover window."""

    start: datetime
    end: datetime
    method: str


class LabelRow(TypedDict):
    """The ship label of a package; `document` is its id under `/documents`."""

    tracking_id: str
    carrier: str
    made_at: datetime
    void: bool
    window: WindowRow | None
    document: str | None


class PackageRow(TypedDict):
    """One box, as packed and as Amazon knows it."""

    id: str
    status: str
    revision: int
    box: BoxRow
    lines: list[PackedLineRow]
    hazmat_labels: list[str]
    fragile: bool
    label: LabelRow | None
    label_error: str | None


class RecommendedRow(TypedDict):
    """A package that Amazon recommends."""

    box: BoxRow | None
    lines: list[PackedLineRow]


class DocumentRow(TypedDict):
    """A stored document: its id is the sha256 of its bytes."""

    id: str
    kind: str
    package_id: str | None
    tracking_id: str | None
    name: str
    media_type: str
    size: int
    void: bool
    created_at: datetime


class LinkRow(TypedDict):
    """A shipment that replaces (same SKUs) or exchanges (others) one, or that was; `id` is null where it is unknown."""

    id: str | None
    amazon_id: str
    kind: str
    status: str | None


class ShipmentDetail(ShipmentRow):
    """A shipment with everything in it; `ship_to` is empty where the key may not see it.

    `original` is the one that this one was made in place of, `replacements` are those made in place of this one.
    """

    original: LinkRow | None
    replacements: list[LinkRow]
    lines: list[LineRow]
    recommended: list[RecommendedRow]
    package_list: list[PackageRow]
    documents: list[DocumentRow]
    ship_to: dict[str, str]
    ship_method: str
    payment: str


class EntryRow(TypedDict):
    """One entry of a timeline: an event or a call."""

    at: datetime
    what: str
    name: str
    cause: str
    text: str
    status: int | None
    ms: float | None
    request_id: str | None


class CallRow(TypedDict):
    """One call to Amazon; `quota_left` is what the lane had left after it."""

    at: datetime
    account: str
    shipment: str | None
    operation: str
    attempt: int
    status: int
    code: str
    ms: float
    request_id: str
    quota_left: float | None


class TicketRow(TypedDict):
    """A command: pending until its outcome is known."""

    id: str
    account: str
    shipment: str
    kind: str
    goal: str
    status: str
    outcome: str | None
    problem: ProblemRow | None
    warnings: list[str]
    requested_by: str
    created_at: datetime
    settled_at: datetime | None


class AccountRow(TypedDict):
    """One authorisation of one seller in one region; never its credentials."""

    id: str
    name: str
    seller_id: str
    region: str
    marketplaces: list[str]
    endpoint: str
    token_url: str
    application_id: str
    enabled: bool
    stock_on: str
    usage_plan: str
    api: str
    orders_api: str
    paused_reason: str | None


class LocationRow(TypedDict):
    """One place that ships."""

    account: str
    id: str
    name: str
    timezone: str
    programs: list[str]
    auto_confirm: bool
    slot_policy: str
    slot_method: str | None
    slot_from: str | None
    slot_to: str | None
    enabled: bool


class ParkedRow(TypedDict):
    """A record that could not be read; its bytes are kept."""

    id: str
    account: str
    source: str
    reason: str
    size: int
    created_at: datetime
    resolved_at: datetime | None


class ActionRow(TypedDict):
    """How many shipments wait for one kind of action; `more` where counting stopped, `oldest` when the first came."""

    action: str
    count: int
    more: bool
    next_ship_by: datetime | None
    oldest: datetime | None


class LaneRow(TypedDict):
    """One lane: an operation's quota for an account; `seconds` until the last one that waits has gone."""

    account: str
    operation: str
    rate: float
    burst: float
    level: float
    waiting: int
    seconds: float
    served: int
    throttled: int
