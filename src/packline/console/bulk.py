"""Bulk acts: for chosen rows or the whole filter, first what would happen, then row by row what did."""

from packline.console.shipment_rows import LABELS
from packline.console.words import mark
from packline.domain.values import Value


class BulkAct(Value, frozen=True):
    """Something that can be done to many rows at once."""

    name: str
    label: str
    done: str = mark("given")


ACTS = {name: BulkAct(name, LABELS[name]) for name in ("confirm", "pack", "hand_over", "relabel", "retry")}
PATHS = ()
