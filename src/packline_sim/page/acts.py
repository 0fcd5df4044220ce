"""What can be done to a thing as it stands: buttons, each of them one operation of the control API."""

from typing import Any, NamedTuple

import msgspec

from packline_sim.actors.smarthub_desk import NEXT
from packline_sim.control.endpoint import PREFIX
from packline_sim.orders.progress import CARRIER_MOVES, OPEN
from packline_sim.orders.records import Order
from packline_sim.progress import CANCELLABLE
from packline_sim.records import Return, Shipment
from packline_sim.reverse import LEGAL, NEVER_WITH_BUYER

LABELS = {
    "CREATED": "Begin again",
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER": "Take the order",
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER": "Set out",
    "CUSTOMER_RESCHEDULED_PICK_UP": "Put off",
    "CUSTOMER_CANCELLED_PICK_UP": "Call off",
    "CUSTOMER_DROPPED_OFF": "Drop off",
    "PICKED_FROM_CUSTOMER": "Collect",
    "IN_TRANSIT": "Carry",
    "OUT_FOR_DELIVERY": "Bring",
    "REPLANNED": "Replan",
    "DELIVERED": "Deliver",
    "PARTIALLY_PROCESSED": "Process in part",
    "PROCESSED": "Process",
    "REJECTED": "Reject",
    "CANCELLED": "Cancel",
}
"""Status of a return -> what one presses to get it there."""
AMAZONS = frozenset({"CREATED", "PARTIALLY_PROCESSED", "PROCESSED", "REJECTED", "CANCELLED"})


class Act(NamedTuple):
    """Describe a button: who presses it, what it says, the operation behind it and what is told when it worked."""

    who: str
    label: str
    call: str
    body: str
    done: str

    @property
    def key(self) -> str:
        """Name the button, so that it keeps the focus when its row is drawn anew."""
        return f"{self.call} {self.body}"


def act(who: str, label: str, method: str, path: str, body: Any, done: str) -> Act:
    """Describe a button."""
    return Act(who, label, f"{method} {PREFIX}{path}", msgspec.json.encode(body).decode(), done)


def shipment_acts(shipment: Shipment) -> list[Act]:
    """Give what buyer, carrier and SmartHub can do to a shipment now."""
    path, key = f"/shipments/{shipment.shipment_id}", shipment.shipment_id
    acts: list[Act] = []
    step = NEXT.get(shipment.status)
    if step is not None:
        acts.append(act("SmartHub", step.capitalize(), "POST", f"/smarthub/{key}/{step}", {}, f"{key}: {step} done"))
    if any(row.status == "SHIPLABEL_GENERATED" for row in shipment.packages.values()):
        acts.append(act("Carrier", "Collect", "POST", f"{path}/scan", {"event": "PICKED_UP"}, f"{key} collected"))
    if any(row.status == "SHIPPED" for row in shipment.packages.values()):
        acts += [
            act("Carrier", label, "POST", f"{path}/scan", {"event": event}, f"{key}: {event}")
            for label, event in (("Deliver", "DELIVERED"), ("Try in vain", "UNDELIVERABLE"), ("Lose", "LOST"))
        ]
    if shipment.status in CANCELLABLE:
        acts.append(act("Buyer", "Cancel", "POST", f"{path}/cancel", {"by": "BUYER"}, f"{key} cancelled"))
    if shipment.status in {"SHIPPED", "DELIVERED"}:
        kind = "CUSTOMER" if shipment.status == "DELIVERED" else "REJECT"
        label = "Send back" if kind == "CUSTOMER" else "Refuse"
        body = {"shipment_id": key, "return_type": kind}
        acts.append(act("Buyer", label, "POST", "/returns", body, f"{key} comes back"))
    return acts


def order_acts(order: Order) -> list[Act]:
    """Give what buyer, carrier, Amazon and the seller's people can do to an order now."""
    path, key = f"/orders/{order.order_id}", order.order_id
    acts: list[Act] = []
    if order.status in {"Pending", "PendingAvailability"}:
        acts.append(act("Amazon", "Release", "POST", f"{path}/release", {}, f"{key} released"))
    if order.is_easy_ship and order.status == "Unshipped" and order.live_package is None:
        acts.append(act("Seller", "Schedule", "POST", f"{path}/schedule", {}, f"{key} scheduled"))
    if order.live_package is not None and order.live_package.status == "ReadyForPickup":
        acts.append(act("Carrier", "Collect", "POST", f"{path}/scan", {}, f"{key} collected"))
        acts.append(act("Amazon", "Void label", "POST", f"{path}/cancel_label", {}, f"{key}: label void"))
    elif order.live_package is not None:
        moves = CARRIER_MOVES.get(order.easy_ship_status or "", ())
        acts += [
            act("Carrier", _spaced(move), "POST", f"{path}/scan", {"status": move}, f"{key}: {move}") for move in moves
        ]
    if order.status in OPEN:
        acts.append(act("Buyer", "Ask to cancel", "POST", f"{path}/request_cancel", {}, f"{key}: asked to cancel"))
        acts.append(act("Buyer", "Cancel", "POST", f"{path}/cancel", {"by": "BUYER"}, f"{key} cancelled"))
    return acts


def return_acts(record: Return) -> list[Act]:
    """Give the statuses that a return can be moved to now."""
    path, key = f"/returns/{record.return_id}", record.return_id
    moves = LEGAL.get(record.status, frozenset()) - {record.status}
    if record.return_type == "REJECT":
        moves -= NEVER_WITH_BUYER
    ordered = sorted(moves, key=_far)
    return [
        act(_mover(move), LABELS.get(move, move), "POST", f"{path}/move", {"status": move}, f"{key[:8]}: {move}")
        for move in ordered
    ]


def _far(status: str) -> int:
    return list(LEGAL).index(status) if status in LEGAL else len(LEGAL)


def _spaced(word: str) -> str:
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in word)
    return text.strip().replace("f c", "FC").capitalize().replace("fc", "FC")


def _mover(status: str) -> str:
    return "Buyer" if status.startswith("CUSTOMER") else "Amazon" if status in AMAZONS else "Carrier"
