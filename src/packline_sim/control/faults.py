"""Faults on demand: which calls go wrong, how, and how often."""

from typing import Annotated

import msgspec

from packline_sim.control.endpoint import Endpoint, delete, get, post
from packline_sim.control.paging import Page
from packline_sim.control.problems import not_found
from packline_sim.control.reading import BadInput, FieldError
from packline_sim.control.stage import Stage
from packline_sim.faults import BESIDE, EVERYTHING, LONGEST_S, Fault, FaultKind, FaultRule
from packline_sim.quotas import AMAZON


class FaultSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Describe a fault and the calls that it strikes; every condition that is given must hold.

    429, 500, 503 answer so before anything happens; 500_after and 503_after do the work first. timeout_before and
    timeout_after never answer, without or with the effect, and drop the connection after `hold_seconds` (0: at once).
    slow answers after `hold_seconds`; busy and in_progress are Amazon's two 409; cut sends half of the answer; reset
    and reset_after reset the connection; broken and wrong_type spoil the answer; token_refused refuses the token. `nth`
    counts matching calls from 1, `every` strikes each n-th, `share` that part of them, `limit` ends the rule after so
    many strikes. Without `operations` every API call is meant; sign-in, downloads and queues are struck only when
    named, or all together with `*`. The fault works from `after_seconds` from now on, and for `for_seconds`.
    """

    kind: FaultKind
    operations: tuple[str, ...] = ()
    seller_id: str | None = None
    shipment_id: str | None = None
    nth: tuple[Annotated[int, msgspec.Meta(ge=1)], ...] = ()
    every: Annotated[int, msgspec.Meta(ge=1)] | None = None
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    hold_seconds: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_S)] = 0.0
    location_id: str | None = None
    after_seconds: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_S)] = 0.0
    for_seconds: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_S)] | None = None


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    """Show a fault: from when and until when it works, how many calls matched its conditions and how many it struck."""

    fault_id: str
    rule: FaultRule
    starts_ms: int
    ends_ms: int | None
    matched: int
    struck: int


def add_fault(stage: Stage, body: FaultSpec) -> FaultView:
    """Put a fault to work; of several the first one that strikes decides."""
    if body.seller_id is not None:
        stage.seller(body.seller_id)
    check_operations(body.operations)
    return _view(stage.world.faults.add(FaultRule(**msgspec.structs.asdict(body))))


def list_faults(stage: Stage) -> Page[FaultView]:
    """List faults at work, in the order in which they are tried."""
    return Page([_view(fault) for fault in stage.world.faults.list()])


def remove_fault(stage: Stage, fault_id: str) -> FaultView:
    """Take a fault away, and answer what it did."""
    try:
        return _view(stage.world.faults.remove(fault_id))
    except KeyError:
        raise not_found("fault", fault_id, "GET /_sim/faults lists them.") from None


def clear_faults(stage: Stage) -> Page[FaultView]:
    """Take all faults away, and answer what they did."""
    removed = list_faults(stage)
    stage.world.faults.clear()
    return removed


def check_operations(operations: tuple[str, ...]) -> None:
    """Refuse operations that do not exist. Raises BadInput."""
    known = (*AMAZON, *sorted(BESIDE), EVERYTHING)
    unknown = [(index, name) for index, name in enumerate(operations) if name not in known]
    if unknown:
        raise BadInput(
            *(
                FieldError(f"/operations/{index}", f"no operation {name!r}; known are {', '.join(known)}")
                for index, name in unknown
            )
        )


def _view(fault: Fault) -> FaultView:
    return FaultView(
        fault_id=fault.fault_id,
        rule=fault.rule,
        starts_ms=fault.starts_ms,
        ends_ms=fault.ends_ms,
        matched=fault.matched,
        struck=fault.struck,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    post("/faults", add_fault, status=201),
    get("/faults", list_faults),
    delete("/faults", clear_faults),
    delete("/faults/{fault_id}", remove_fault),
)
