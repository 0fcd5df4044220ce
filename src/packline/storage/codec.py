"""Between domain values and rows: how shipments and events are written down."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from packline.domain.events import Changed, Event, LabelMade, Received
from packline.domain.panel import Scan
from packline.domain.shipment import Shipment
from packline.domain.values import Value

_state = msgspec.msgpack.Encoder()
_shipment = msgspec.msgpack.Decoder(Shipment)
_json = msgspec.json.Encoder()


def encode_shipment(shipment: Shipment) -> bytes:
    """Write a shipment's state."""
    return _state.encode(shipment)


def decode_shipment(state: bytes) -> Shipment:
    """Read a shipment's state."""
    return _shipment.decode(state)


def encode_json(value: object) -> bytes:
    """Write any value as JSON."""
    return _json.encode(value)


def events_data(events: Sequence[Event], shipment: Shipment) -> list[bytes]:
    """Write events as the feed shows them: what happened, and where the shipment stands now; no personal data."""
    if not events:
        return []
    after = b',"shipment":' + _json.encode(summary(shipment)) + b"}"
    return [b'{"event":' + _json.encode(_public(event)) + after for event in events]


def summary(shipment: Shipment) -> dict[str, object]:
    """Give the part of a shipment that goes with every event."""
    linked = {"kind": shipment.kind, "original_id": shipment.original_id} if shipment.original_id else {}
    return {
        **linked,
        "id": shipment.id,
        "amazon_id": shipment.amazon_id,
        "account": shipment.account,
        "location": shipment.location,
        "program": shipment.program,
        "order_id": shipment.order_id,
        "status": shipment.status,
        "sub_status": shipment.sub_status,
        "goal": shipment.goal,
        "version": shipment.version,
    }


class _Received(Value, frozen=True, tag="received"):
    """What the feed tells of a new shipment, beside where it stands; the rest is read from the shipment."""

    program: str
    at: datetime
    marketplace: str
    as_of: datetime
    ship_by: datetime | None
    kind: str
    priority: str
    items: tuple[tuple[str, int], ...]
    channel: str
    scanned: tuple[Scan, ...] = ()


def _public(event: Event) -> Event | _Received:
    """Whoever knows a label's address can read the buyer's: it stays out of the feed; the buyer's mark does too."""
    if isinstance(event, Changed) and event.facts.ship_to:
        return replace(event, facts=replace(event.facts, ship_to=""))
    if isinstance(event, Received):
        facts = event.facts
        return _Received(
            event.program,
            event.at,
            facts.marketplace,
            facts.as_of,
            facts.ship_by,
            facts.kind,
            facts.priority,
            facts.items,
            facts.channel,
            facts.scanned,
        )
    if isinstance(event, LabelMade) and event.label.url is not None:
        return replace(event, label=replace(event.label, url=None))
    return event
