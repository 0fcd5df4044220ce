"""An order to the desk, what it is decided from, and the plan that comes of it."""

from datetime import datetime

from packline.domain.details import Details
from packline.domain.events import GoalSet
from packline.domain.location import Location
from packline.domain.program import Program
from packline.domain.shipment import Shipment
from packline.domain.size_guard import Doubt
from packline.domain.ticket import Ticket
from packline.domain.values import Box, Value


class Order(Value, frozen=True):
    """One command for one shipment; `key` makes a repetition the same command, `by` says who asks."""

    shipment: str
    request: Value
    key: str = ""
    by: str = ""


class Subject(Value, frozen=True):
    """All that a plan is made from; `details`, `location`, `last`, `boxes` and `listed` where asked for.

    `boxes` are sizes of one packed unit by SKU where Amazon recommends no package, `listed` those of its listing.
    """

    shipment: Shipment
    program: Program
    now: datetime
    ticket: str
    details: Details | None = None
    location: Location | None = None
    last: Ticket | None = None
    boxes: dict[str, Box] = {}
    listed: dict[str, Box] = {}


class Plan(Value, frozen=True):
    """What a command does: the goal with all that it needs, and what a person may want to look at."""

    goal: GoalSet
    warnings: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
