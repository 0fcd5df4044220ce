"""Words of returns: Amazon's status, the dock's stage, conditions."""

from packline.console import cells
from packline.console.cells import Cell
from packline.console.words import mark, t
from packline.domain.returns import ARRIVED, CALLED_OFF

STATUSES = {
    "CREATED": mark("announced"),
    "CARRIER_NOTIFIED_TO_PICK_UP_FROM_CUSTOMER": mark("pickup ordered"),
    "CARRIER_OUT_FOR_PICK_UP_FROM_CUSTOMER": mark("being picked up"),
    "CUSTOMER_CANCELLED_PICK_UP": mark("pickup cancelled"),
    "CUSTOMER_RESCHEDULED_PICK_UP": mark("pickup moved"),
    "PICKED_FROM_CUSTOMER": mark("picked up"),
    "CUSTOMER_DROPPED_OFF": mark("dropped off"),
    "IN_TRANSIT": mark("in transit"),
    "OUT_FOR_DELIVERY": mark("out for delivery"),
    "DELIVERED": mark("delivered"),
    "REPLANNED": mark("planned anew"),
    "PARTIALLY_PROCESSED": mark("partly processed"),
    "PROCESSED": mark("processed"),
    "REJECTED": mark("rejected"),
    "CANCELLED": mark("cancelled"),
}
STAGES = {
    "to_receive": (mark("to receive"), "risk", "return"),
    "expected": (mark("expected"), "", "dot"),
    "partly_received": (mark("partly received"), "risk", "return"),
    "received": (mark("received"), "good", "check"),
    "called_off": (mark("called off"), "", "stop"),
    "past": (mark("done before Packline"), "", "check"),
}
KINDS = {
    "customer": mark("sent back by the buyer"),
    "origin": mark("came back undelivered"),
}
CONDITIONS = {
    "sellable": mark("sellable"),
    "defective": mark("defective"),
    "customer_damaged": mark("damaged by the buyer"),
    "carrier_damaged": mark("damaged by the carrier"),
    "warehouse_damaged": mark("damaged in the warehouse"),
    "expired": mark("expired"),
    "unknown": mark("not looked at"),
    "wrong_item": mark("another item was inside"),
    "missing": mark("the parcel was empty"),
    "elsewhere": mark("taken in by another system"),
}


def condition_word(condition: str) -> str:
    """Say in which condition units are; one that is not known stays as it is."""
    return t(CONDITIONS[condition]) if condition in CONDITIONS else condition


def status_chip(status: str) -> Cell:
    """Show Amazon's status."""
    icon = "stop" if status in CALLED_OFF else "check" if status in ARRIVED else "shipments"
    return cells.chip(t(STATUSES[status]) if status in STATUSES else status, "", icon)


def stage_chip(stage: str, status: str) -> Cell:
    """Show where the dock stands; what has arrived and nobody received waits for a person."""
    word, tone, icon = STAGES["to_receive" if stage == "expected" and status in ARRIVED else stage]
    return cells.chip(t(word), tone, icon)
