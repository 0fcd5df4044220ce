"""Returns: start one, see all, move one along its way, give it another one-time password."""

from typing import Annotated, Any

import msgspec

from packline_sim.control.endpoint import Endpoint, get, post
from packline_sim.control.paging import After, Limit, Page, beyond, page
from packline_sim.control.stage import Stage
from packline_sim.records import Return, Transition
from packline_sim.reverse import OTP_SECONDS, restock, set_otp
from packline_sim.specs import ReturnSpec, ReturnStatus


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """Show one return with its history; the OTP is what the seller's dock would ask for."""

    return_id: str
    seller_id: str
    shipment_id: str
    order_id: str
    sku: str
    units: int
    status: ReturnStatus
    return_type: str
    return_sub_type: str
    reason: str
    rma_id: str
    return_location_id: str
    fulfillment_location_id: str
    reverse_carrier: str
    reverse_tracking_id: str
    created_ms: int
    updated_ms: int
    otp: str | None
    otp_valid_till: int | None
    delivery_mode: str | None
    restocked: int
    history: list[Transition]


class ReturnQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Choose returns, oldest first."""

    seller_id: str | None = None
    status: ReturnStatus | None = None
    limit: Limit = 100
    after: After = None


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name the status that the return comes to; `otp` is what the carrier is told at the door (DELIVERED)."""

    status: ReturnStatus
    otp: str | None = None


class NewOtp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a one-time password: digits (drawn from the seed when left out), and how long it counts from now."""

    otp: Annotated[str, msgspec.Meta(pattern="^[0-9]{4,8}$")] | None = None
    valid_seconds: Annotated[float, msgspec.Meta(ge=0, le=31_536_000)] = float(OTP_SECONDS)


class Restock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Say how many units are good enough to be sold again; all that are left by default."""

    units: Annotated[int, msgspec.Meta(ge=1)] | None = None


def create_return(stage: Stage, body: ReturnSpec) -> ReturnView:
    """Have a buyer, or a carrier with a refused parcel, send units of a shipment back."""
    stage.shipment(body.shipment_id)
    return _view(stage.world.create_return(body))


def list_returns(stage: Stage, query: ReturnQuery) -> Page[ReturnView]:
    """List returns in the order in which they were made."""
    rows = (stage.world.returns[key] for key in beyond(stage.world.returns, query.after))
    found = (
        _view(row) for row in rows if query.seller_id in (None, row.seller_id) and query.status in (None, row.status)
    )
    return page(found, query.limit, lambda row: row.return_id)


def show_return(stage: Stage, return_id: str) -> ReturnView:
    """Show one return."""
    return _view(stage.return_of(return_id))


def move_return(stage: Stage, return_id: str, body: Move) -> ReturnView:
    """Move a return to a status, as its carrier or Amazon would."""
    stage.return_of(return_id)
    stage.world.move_return(return_id, body.status, body.otp)
    return show_return(stage, return_id)


def set_return_otp(stage: Stage, return_id: str, body: NewOtp) -> ReturnView:
    """Give a return another one-time password, which ends the old one."""
    set_otp(stage.world, stage.return_of(return_id), body.otp, body.valid_seconds)
    return show_return(stage, return_id)


def restock_return(stage: Stage, return_id: str, body: Restock) -> ReturnView:
    """Lay units of a return that has arrived back on the floor; what is published does not change."""
    restock(stage.world, stage.return_of(return_id), body.units)
    return show_return(stage, return_id)


def _view(row: Return) -> ReturnView:
    fields: dict[str, Any] = {name: getattr(row, name) for name in ReturnView.__struct_fields__}
    return ReturnView(**fields)


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/returns", create_return, status=201),
    get("/returns", list_returns),
    get("/returns/{return_id}", show_return),
    post("/returns/{return_id}/move", move_return),
    post("/returns/{return_id}/otp", set_return_otp),
    post("/returns/{return_id}/restock", restock_return),
)
