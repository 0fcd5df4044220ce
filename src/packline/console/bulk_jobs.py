"""A bulk act under way: which rows, what would happen to each, what did, and how it ended at Amazon."""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from packline.console.cells import Row
from packline.console.lists import Asked, Table
from packline.console.room import Room
from packline.console.shipment_rows import LABELS
from packline.console.words import tell
from packline.domain.ticket import Ticket
from packline.domain.values import Value
from packline.errors import PacklineError
from packline.views import shipments
from packline.views.paging import Scope

AT_MOST = 5_000
SHOWN = 300
_OUTCOMES = "select id, outcome from command where id = any($1::text[])"


class BulkAct(Value, frozen=True):
    """Something that can be done to many rows at once."""

    name: str
    label: str


ACTS = {
    name: BulkAct(name, LABELS[name]) for name in ("confirm", "pack", "hand_over", "relabel", "reschedule", "retry")
}


class Line(NamedTuple):
    """One row's fate: `state` is waiting, refused, given, succeeded or rejected."""

    id: str
    name: str
    state: str
    says: str
    hint: str


@dataclass
class Job:
    """One bulk act of one person in this process; what it gave is stored like any command."""

    id: str
    act: BulkAct
    owner: str
    by: str
    began_at: datetime
    state: str = "looking"
    total: int = 0
    more: bool = False
    names: list[str] = field(default_factory=list)
    spoken: dict[str, str] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    warned: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    given_at: datetime | None = None
    error: PacklineError | None = None

    @staticmethod
    def begin(act: BulkAct, owner: str, by: str, now: datetime) -> "Job":
        """Begin to look."""
        return Job(secrets.token_urlsafe(9), act, owner, by, now)

    async def take(self, room: Room, ids: Sequence[str], scope: Scope) -> None:
        """Keep the rows that the reader may see, under the names that people know."""
        found = await shipments.find_many(room.pool, list(dict.fromkeys(ids))[:AT_MOST], scope)
        self.names = [hit.id for hit in found.values() if hit is not None]
        self.total = len(self.names)
        rows = await room.pool.fetch("select id, amazon_id from shipment where id = any($1::text[])", self.names)
        self.spoken = {row["id"]: row["amazon_id"] for row in rows}

    def foresee(self, name: str, answer: Ticket | PacklineError) -> None:
        """Note what would happen to one row."""
        if isinstance(answer, PacklineError):
            self.refused[name] = (answer.message, answer.hint)
            return
        self.allowed.append(name)
        for warning in answer.warnings:
            self.warned.setdefault(warning, []).append(name)

    def answered(self, name: str, answer: Ticket | PacklineError) -> None:
        """Note what the desk said."""
        if isinstance(answer, PacklineError):
            self.refused[name] = (answer.message, answer.hint)
            return
        self.tickets[name] = answer.id
        if answer.outcome:
            self.settled[name] = answer.outcome

    @property
    def looked_at(self) -> int:
        """Count the rows that were looked at."""
        return len(self.allowed) + len(self.refused)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will change."""
        return self.state == "failed" or (self.state == "given" and len(self.settled) >= len(self.tickets))

    def seconds_left(self, now: datetime) -> float | None:
        """Reckon by the pace so far when the last one will be settled."""
        if self.given_at is None or not self.settled:
            return None
        pace = (now - self.given_at).total_seconds() / len(self.settled)
        return pace * (len(self.allowed) - len(self.settled))

    def reasons(self) -> list[tuple[str, str, int]]:
        """Give why rows are left out, the most frequent first, with what can be done."""
        counts: dict[tuple[str, str], int] = {}
        for told in self.refused.values():
            counts[told] = counts.get(told, 0) + 1
        return [(tell(why), tell(hint), n) for (why, hint), n in sorted(counts.items(), key=lambda c: -c[1])]

    def lines(self) -> list[Line]:
        """Give the rows with their fates, those that need a person first."""
        made = [self._line(name) for name in [*self.refused, *self.allowed] if name in self.spoken]
        order = {"refused": 0, "rejected": 0, "given": 1, "waiting": 2, "succeeded": 3}
        unique = {line.id: line for line in made}
        return sorted(unique.values(), key=lambda line: order.get(line.state, 1))[:SHOWN]

    def _line(self, name: str) -> Line:
        spoken = self.spoken.get(name, name)
        if name in self.refused:
            why, hint = self.refused[name]
            return Line(name, spoken, "refused", tell(why), tell(hint))
        state = self.settled.get(name, "given" if name in self.tickets else "waiting")
        return Line(name, spoken, state, "", "")


async def gather(table: Table, room: Room, asked: Asked, job: Job) -> AsyncIterator[Row]:
    """Read every row that fits a filter, up to a limit that the job then says."""
    query, taken = dict(asked.query), 0
    while True:
        found = await table.read(room, Asked(query, asked.scope, asked.limit))
        for row in found.rows:
            yield row
        taken += len(found.rows)
        job.total = taken
        if found.next is None:
            return
        if taken >= AT_MOST:
            job.more = True
            return
        query["after"] = found.next


async def outcomes(room: Room, job: Job) -> dict[str, Any]:
    """Read how the open tickets of a job ended, and count."""
    waiting = {ticket: name for name, ticket in job.tickets.items() if name not in job.settled}
    if waiting:
        for row in await room.pool.fetch(_OUTCOMES, list(waiting)):
            if row["outcome"]:
                job.settled[waiting[row["id"]]] = row["outcome"]
    succeeded = sum(outcome == "succeeded" for outcome in job.settled.values())
    return {
        "succeeded": succeeded,
        "rejected": len(job.settled) - succeeded,
        "open": len(job.tickets) - len(job.settled),
        "seconds": job.seconds_left(room.clock.now()),
    }
