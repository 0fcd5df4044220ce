"""Commands on shipments: one POST each, answered with a ticket, at once or (Prefer: wait) with its outcome."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Request

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.pages import TicketPage
from packline.api.parameters import After, Limit, Reference, Word
from packline.api.requests import Nothing, PackIn, RejectIn, RelabelIn, RepackIn, RescheduleIn
from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.out_for_delivery import OutForDelivery
from packline.commands.retry import Retry
from packline.domain.api_key import Role
from packline.domain.ticket import Ticket
from packline.domain.values import Value
from packline.views import shipments, tickets
from packline.views.rows import TicketRow
from packline.views.states import ticket_row

LONGEST_WAIT = 30.0  # seconds
router = APIRouter(
    prefix="/shipments", tags=["commands"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)
reads = APIRouter(prefix="/commands", tags=["commands"], dependencies=[needs(Role.READER)])
Prefer = Annotated[
    str | None,
    Header(description="`wait=10`: answer with the outcome once it is there, at most after so many seconds."),
]
TICKET: dict[str, Any] = {
    "response_model": TicketRow,
    "status_code": 202,
    "responses": {
        200: {"model": TicketRow, "description": "The outcome is known already."},
        202: {"description": "The command is taken; its ticket tells the outcome."},
    },
}
_WAIT = re.compile(r"(?:^|[;,\s])wait=(\d{1,4})")


@router.post("/{reference}/confirm", **TICKET)
async def confirm_shipment(
    request: Request, reference: Reference, _: Nothing | None = None, prefer: Prefer = None
) -> Any:
    """Tell Amazon that this location will ship it."""
    return await give(request, reference, Confirm(), prefer)


@router.post("/{reference}/reject", **TICKET)
async def reject_shipment(request: Request, reference: Reference, body: RejectIn, prefer: Prefer = None) -> Any:
    """Refuse the whole shipment, where Amazon still lets the seller."""
    return await give(request, reference, body.command(), prefer)


@router.post("/{reference}/pack", **TICKET)
async def pack_shipment(
    request: Request,
    reference: Reference,
    body: Annotated[PackIn, Body()] = PackIn(),  # noqa: B008  frozen: the recommended packages
    prefer: Prefer = None,
) -> Any:
    """Pack: Packline makes all of Amazon's calls, and the documents are there at the end."""
    return await give(request, reference, body.command(), prefer)


@router.post("/{reference}/repack", **TICKET)
async def repack_shipment(request: Request, reference: Reference, body: RepackIn, prefer: Prefer = None) -> Any:
    """Change boxes that Amazon already knows; slot, invoice and label run again by themselves."""
    return await give(request, reference, body.command(), prefer)


@router.post("/{reference}/relabel", **TICKET)
async def relabel_shipment(
    request: Request,
    reference: Reference,
    body: Annotated[RelabelIn, Body()] = RelabelIn(),  # noqa: B008  frozen: nothing wished
    prefer: Prefer = None,
) -> Any:
    """Ask for the labels again."""
    return await give(request, reference, body.command(), prefer)


@router.post("/{reference}/reschedule", **TICKET)
async def reschedule_shipment(
    request: Request,
    reference: Reference,
    body: Annotated[RescheduleIn, Body()] = RescheduleIn(),  # noqa: B008  frozen: nothing wished
    prefer: Prefer = None,
) -> Any:
    """Move the label to another handover slot; its tracking id stays (Easy Ship over Seller Central)."""
    return await give(request, reference, body.command(), prefer)


@router.post("/{reference}/hand_over", **TICKET)
async def hand_over_shipment(
    request: Request, reference: Reference, _: Nothing | None = None, prefer: Prefer = None
) -> Any:
    """Say that all parcels have left with the carrier."""
    return await give(request, reference, HandOver(), prefer)


@router.post("/{reference}/out_for_delivery", **TICKET)
async def send_out_for_delivery(
    request: Request, reference: Reference, _: Nothing | None = None, prefer: Prefer = None
) -> Any:
    """Say that the seller's own carrier is on the way to the buyer."""
    return await give(request, reference, OutForDelivery(), prefer)


@router.post("/{reference}/deliver", **TICKET)
async def deliver_shipment(
    request: Request, reference: Reference, _: Nothing | None = None, prefer: Prefer = None
) -> Any:
    """Say that the buyer has the parcels."""
    return await give(request, reference, Deliver(), prefer)


@router.post("/{reference}/retry", **TICKET)
async def retry_shipment(
    request: Request, reference: Reference, _: Nothing | None = None, prefer: Prefer = None
) -> Any:
    """Forget the problem and go on toward what was asked for last."""
    return await give(request, reference, Retry(), prefer)


@reads.get("", response_model=TicketPage)
async def list_commands(
    request: Request,
    account: Word = None,
    shipment: Word = None,
    status: Word = None,
    kind: Word = None,
    outcome: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """List tickets, the newest first."""
    filters = tickets.TicketFilters(account, shipment, status, kind, outcome)
    pool = services_of(request).pool
    return Json(await tickets.tickets(pool, filters, scope_of(request), limit=limit, after=after))


@reads.get("/{ticket}", response_model=TicketRow)
async def show_command(request: Request, ticket: str, prefer: Prefer = None) -> Any:
    """Show one ticket; with `Prefer: wait=10` once its outcome is known."""
    row = await tickets.ticket(services_of(request).pool, ticket, scope_of(request))
    if row["status"] == "pending" and (seconds := wait_of(prefer)):
        row = await outcome(request, ticket, seconds)
    return Json(row)


async def give(request: Request, reference: str, command: Value, prefer: str | None) -> Json:
    """Give a command at the desk, and wait for its outcome as long as the caller prefers."""
    services = services_of(request)
    found = await shipments.find(services.pool, reference, scope_of(request))
    order = Order(found.id, command, command_key(request), key_of(request).id)
    ticket: Ticket = await services.desk.give(order)
    row = ticket_row(ticket)
    seconds = wait_of(prefer)
    if row["status"] == "pending" and seconds:
        row = await outcome(request, ticket.id, seconds)
        row["warnings"] = list(ticket.warnings)
    headers = {"Location": f"/v1/commands/{ticket.id}"}
    if seconds:
        headers["Preference-Applied"] = f"wait={seconds:g}"
    return Json(row, 200 if row["status"] == "settled" else 202, headers=headers)


def wait_of(prefer: str | None) -> float:
    """Read how many seconds the caller would wait (RFC 7240, `wait`)."""
    found = _WAIT.search(prefer or "")
    return min(LONGEST_WAIT, float(found[1])) if found else 0.0


async def outcome(request: Request, ticket: str, seconds: float) -> TicketRow:
    """Read a ticket when it is settled, at the latest after so many seconds."""
    services, scope = services_of(request), scope_of(request)
    until = services.clock.monotonic() + seconds
    row = await tickets.ticket(services.pool, ticket, scope)
    while row["status"] == "pending" and (left := until - services.clock.monotonic()) > 0:
        await services.pulse.wait(left)
        row = await tickets.ticket(services.pool, ticket, scope)
        if services.pulse.is_closed:
            return row
    return row
