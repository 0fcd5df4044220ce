"""Commands from the command line: one or many shipments, shown before (--dry-run), and their outcomes awaited."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from packline.cli.failures import NOT_FOUND, OK, REFUSED, UNFINISHED, end, exit_code
from packline.cli.place import Place
from packline.errors import Invalid, NotFound, PacklineError

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.ticket import Ticket
    from packline.domain.values import Value

LOOK_AGAIN_S = 0.25
AT_ONCE = 1000  # orders that the desk takes in one go
COLUMNS = ("shipment", "command", "goal", "outcome", "problem")


@Parameter(name="*", group="Command")
@dataclass(frozen=True)
class Manner:
    """How a command is given."""

    wait: float = 0.0
    """Seconds to wait for the outcome; without it, the ticket is printed."""
    key: str = ""
    """A key of your own: the same key is the same command, however often it is sent."""
    dry_run: Annotated[bool, Parameter(negative="")] = False
    """Only show which shipments allow it now."""


PLAIN = Manner()


def give(place: Place, manner: Manner, references: Sequence[str], kind: str, request: "Callable[[], Value]") -> None:
    """Give one command for each shipment named (`-`: ids from standard input, a line each), and say what came of it."""

    async def work(services: "Services") -> int:
        wanted = _named(references)
        found = await _find(services, wanted)
        if manner.dry_run:
            return await _show_before(services, place, found, kind)
        answers = await _answers(services, found, request(), manner)
        place.printer.rows((_row(kind, *pair) for pair in answers.items()), *COLUMNS)
        return _code(answers, manner)

    end(place.work(work))


def _named(references: Sequence[str]) -> list[str]:
    names: list[str] = []
    for reference in references:
        names += [line.strip() for line in sys.stdin if line.strip()] if reference == "-" else [reference]
    if not names:
        raise Invalid(
            "No shipment is named.", hint="Name shipments by id, or write `-` to read ids from standard input."
        )
    return list(dict.fromkeys(names))


async def _find(services: "Services", references: Sequence[str]) -> dict[str, str | PacklineError]:
    from packline.views import shipments

    found: dict[str, str | PacklineError] = {}
    several = await shipments.find_many(services.pool, references) if len(references) > 1 else {}
    for reference in references:
        known = several.get(reference)
        try:
            found[reference] = (known or await shipments.find(services.pool, reference)).id
        except PacklineError as error:
            found[reference] = error
    return found


async def _show_before(services: "Services", place: Place, found: dict[str, str | PacklineError], kind: str) -> int:
    from packline.domain.allowed import allowed_now

    known = await services.shipments.load([entry for entry in found.values() if isinstance(entry, str)])
    rows: list[dict[str, Any]] = []
    for reference, entry in found.items():
        shipment = known.get(entry) if isinstance(entry, str) else None
        status = str(shipment.status) if shipment else "unknown"
        allowed = shipment is not None and kind in allowed_now(shipment.status, shipment.rejectable)
        rows.append({"shipment": reference, "status": status, "command": kind, "allowed": allowed})
    place.printer.rows(rows)
    place.printer.say(f"{sum(row['allowed'] for row in rows)} of {len(rows)} allow it now; nothing was changed.", "dim")
    return OK if all(row["allowed"] for row in rows) else REFUSED


async def _answers(
    services: "Services", found: dict[str, str | PacklineError], request: "Value", manner: Manner
) -> "dict[str, Ticket | PacklineError]":
    from packline.commands.order import Order

    names = [name for name, entry in found.items() if isinstance(entry, str)]
    answers: dict[str, Ticket | PacklineError] = {n: e for n, e in found.items() if isinstance(e, PacklineError)}
    for start in range(0, len(names), AT_ONCE):
        group = names[start : start + AT_ONCE]
        orders = [Order(str(found[name]), request, _key(manner, str(found[name])), "command line") for name in group]
        answers |= dict(zip(group, await services.desk.give_many(orders), strict=True))
    if manner.wait > 0:
        await _await(services, answers, manner.wait)
    return {name: answers[name] for name in found}


def _key(manner: Manner, shipment: str) -> str:
    return f"{manner.key}:{shipment}" if manner.key else ""


async def _await(services: "Services", answers: "dict[str, Ticket | PacklineError]", seconds: float) -> None:
    deadline = services.clock.monotonic() + seconds
    while services.clock.monotonic() < deadline:
        waiting = {a.id: n for n, a in answers.items() if not isinstance(a, PacklineError) and not a.outcome}
        if not waiting:
            return
        for ticket_id, ticket in (await services.tickets.tickets(list(waiting))).items():
            answers[waiting[ticket_id]] = ticket
        await services.clock.sleep(LOOK_AGAIN_S)


def _row(kind: str, name: str, answer: "Ticket | PacklineError") -> dict[str, Any]:
    if isinstance(answer, PacklineError):
        row = {"shipment": name, "command": kind, "goal": None, "outcome": answer.code, "problem": answer.message}
        return {**row, "hint": answer.hint, "reason": answer.reason}
    return {
        "shipment": name,
        "command": answer.kind,
        "goal": str(answer.goal),
        "outcome": answer.outcome or "pending",
        "problem": answer.problem.message if answer.problem else "; ".join(answer.warnings) or None,
        "ticket": answer.id,
    }


def _code(answers: "dict[str, Ticket | PacklineError]", manner: Manner) -> int:
    refused = [answer for answer in answers.values() if isinstance(answer, PacklineError)]
    if refused:
        return NOT_FOUND if all(isinstance(error, NotFound) for error in refused) else exit_code(refused[0])
    outcomes = {answer.outcome for answer in answers.values() if not isinstance(answer, PacklineError)}
    if outcomes & {"rejected", "cancelled"}:
        return REFUSED
    return UNFINISHED if manner.wait > 0 and None in outcomes else OK
