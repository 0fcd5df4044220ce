"""Retry: a person has looked; forget the problem and go on."""

from packline.commands.order import Plan, Subject
from packline.domain.events import GoalSet
from packline.domain.shipment import Goal, Shipment, Status
from packline.domain.values import Value
from packline.errors import Denied


class Retry(Value, frozen=True, tag="retry"):
    """Go on toward the goal that was asked for last; where none was, only the problem is forgotten."""


def plan(subject: Subject, _: Retry) -> Plan:
    """Set the last goal again, which clears the problem and the count of attempts."""
    shipment = subject.shipment
    if shipment.problem is None and shipment.goal is None and subject.last is None:
        raise Denied(
            "There is nothing to try again: no problem is open and nothing was asked for.",
            reason="nothing_to_retry",
            hint="Give the command that should come next.",
        )
    return Plan(GoalSet(_goal(subject), subject.now, "retry", subject.ticket))


def _goal(subject: Subject) -> Goal:
    shipment = subject.shipment
    if shipment.status is Status.CANCELLED:
        return Goal.REJECTED
    if shipment.goal is not None:
        return shipment.goal
    return subject.last.goal if subject.last is not None else _resting(shipment)


def _resting(shipment: Shipment) -> Goal:
    """The goal that a shipment has reached by itself, so that no call is made for it."""
    if shipment.status is Status.DELIVERED:
        return Goal.DELIVERED
    if shipment.status is Status.SHIPPED:
        return Goal.SHIPPED
    return Goal.CONFIRMED
