"""A ticket: what a command was asked for, and what came of it."""

from datetime import datetime

from packline.domain.shipment import Goal, Problem
from packline.domain.values import Value


class Ticket(Value, frozen=True):
    """One command on one shipment.

    `outcome` is None while it is under way, then succeeded, rejected (Amazon refused), cancelled (the shipment went
    first) or superseded (a newer command took its place). `warnings` are things that a person may want to look at.
    """

    id: str
    account: str
    shipment: str
    kind: str
    goal: Goal
    created_at: datetime
    outcome: str | None = None
    problem: Problem | None = None
    requested_by: str = ""
    settled_at: datetime | None = None
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Say `pending` while it is under way and `settled` when its outcome is known."""
        return "settled" if self.outcome else "pending"
