"""Between domain values and rows: how shipments and events are written down."""

import msgspec

from packline.domain.events import Event
from packline.domain.shipment import Shipment

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


def event_data(event: Event, shipment: Shipment) -> bytes:
    """Write an event as the feed shows it: what happened, and where the shipment stands now; no personal data."""
    return _json.encode({"event": event, "shipment": summary(shipment)})


def summary(shipment: Shipment) -> dict[str, object]:
    """Give the part of a shipment that goes with every event."""
    return {
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
