"""`/v1/shipments/bulk/{command}`: up to 1,000 commands of one kind with a result for each."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError

from packline.api.access import key_of, needs, scope_of, services_of
from packline.api.answers import Json
from packline.api.idempotent import KEYED, IdempotentRoute, command_key
from packline.api.pages import BulkResult
from packline.api.problems import invalid, problem
from packline.api.requests import BulkIn, BulkItem, Nothing, PackIn, RejectIn, RelabelIn, RepackIn, RescheduleIn
from packline.commands.confirm import Confirm
from packline.commands.deliver import Deliver
from packline.commands.hand_over import HandOver
from packline.commands.order import Order
from packline.commands.out_for_delivery import OutForDelivery
from packline.commands.retry import Retry
from packline.domain.api_key import Role
from packline.domain.ticket import Ticket
from packline.domain.values import Value
from packline.errors import Invalid, NotFound, PacklineError
from packline.views import shipments
from packline.views.states import ticket_row

router = APIRouter(
    prefix="/shipments/bulk", tags=["commands"], route_class=IdempotentRoute, dependencies=[needs(Role.PACKER), KEYED]
)

_READ: dict[str, Callable[[dict[str, object]], Value]] = {
    "confirm": lambda body: _nothing(body, Confirm()),
    "reject": lambda body: RejectIn.model_validate(body).command(),
    "pack": lambda body: PackIn.model_validate(body).command(),
    "repack": lambda body: RepackIn.model_validate(body).command(),
    "relabel": lambda body: RelabelIn.model_validate(body).command(),
    "reschedule": lambda body: RescheduleIn.model_validate(body).command(),
    "hand_over": lambda body: _nothing(body, HandOver()),
    "out_for_delivery": lambda body: _nothing(body, OutForDelivery()),
    "deliver": lambda body: _nothing(body, Deliver()),
    "retry": lambda body: _nothing(body, Retry()),
}
CommandName = StrEnum("CommandName", {name: name for name in _READ})  # type: ignore[misc]  # the table is the list


@router.post("/{command}", response_model=BulkResult)
async def give_many(request: Request, command: CommandName, body: BulkIn) -> Any:
    """Give one command for many shipments; one refused does not hinder the others."""
    services = services_of(request)
    found = await shipments.find_many(services.pool, [item.shipment for item in body.items], scope_of(request))
    prepared = [_prepare(request, str(command), item, found[item.shipment]) for item in body.items]
    orders = [order for order in prepared if isinstance(order, Order)]
    answers = iter(await services.desk.give_many(orders))
    results = [next(answers) if isinstance(order, Order) else order for order in prepared]
    return Json({"items": [_row(item, result) for item, result in zip(body.items, results, strict=True)]})


def _prepare(request: Request, command: str, item: BulkItem, found: shipments.Found | None) -> Order | PacklineError:
    if found is None:
        return NotFound(f"There is no shipment {item.shipment}, or it names several.")
    try:
        asked = _READ[command](item.body)
    except ValidationError as fault:
        return invalid([dict(entry) for entry in fault.errors()])
    except Invalid as fault:
        return fault
    return Order(found.id, asked, command_key(request), key_of(request).id)


def _nothing(body: dict[str, object], command: Value) -> Value:
    model: type[BaseModel] = Nothing
    model.model_validate(body)
    return command


def _row(item: BulkItem, result: Ticket | PacklineError) -> dict[str, Any]:
    if isinstance(result, PacklineError):
        return {"shipment": item.shipment, "ticket": None, "problem": problem(result)}
    return {"shipment": item.shipment, "ticket": ticket_row(result), "problem": None}
