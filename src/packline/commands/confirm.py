"""Confirm: the seller's yes."""

from packline.commands.order import Plan, Subject
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal
from packline.domain.values import Value


class Confirm(Value, frozen=True, tag="confirm"):
    """Tell Amazon that this location will ship it; nothing else is needed."""


def plan(subject: Subject, _: Confirm) -> Plan:
    """Go to CONFIRMED."""
    return Plan(GoalSet(Goal.CONFIRMED, subject.now, "confirm", subject.ticket))
