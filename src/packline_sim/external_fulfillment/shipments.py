"""getShipments, getShipment and processShipment."""

import base64
import hashlib
from collections.abc import Callable

import msgspec

from packline_sim.call import (
    NO_CONTENT,
    Call,
    Reply,
    choice,
    has_body,
    json_reply,
    optional_moment,
    page_size,
    read_body,
)
from packline_sim.external_fulfillment.body import encoded_shipment, shipment_body, shows_custom_attributes
from packline_sim.external_fulfillment.machine import (
    cancelled_write,
    check_earliest_pack,
    permit,
    refuse_repeat,
    wrong_state,
)
from packline_sim.external_fulfillment.wire import ACKNOWLEDGEMENT, Acknowledgement
from packline_sim.marketplaces import MARKETPLACES
from packline_sim.moving_on import move_on
from packline_sim.progress import HOLDING, cancel_shipment, move_shipment
from packline_sim.records import Cancellation, Shipment
from packline_sim.refusals import Problem, Refusal, bad_request, duplicate, invalid_input, not_found

STATUSES = (
    "CREATED",
    "ACCEPTED",
    "CONFIRMED",
    "PACKAGE_CREATED",
    "PICKUP_SLOT_RETRIEVED",
    "INVOICE_GENERATED",
    "SHIPLABEL_GENERATED",
    "CANCELLED",
    "SHIPPED",
    "DELIVERED",
)
EMPTY_PAGE_SHARE = 0.05
FILTERS = ("status", "locationId", "marketplaceId", "channelName", "lastUpdatedAfter", "lastUpdatedBefore")


def get_shipment(call: Call) -> Reply:
    """Answer getShipment."""
    return Reply(200, encoded_shipment(call.world, call.shipment()))


def get_shipments(call: Call) -> Reply:
    """Answer getShipments: a page of one status in the order of the last update, the oldest first."""
    status = choice(call, "status", STATUSES)
    size = page_size(call)
    matches = _matcher(call)
    start = read_page_token(call, FILTERS, "paginationToken")
    if start is None and not _location_exists(call, "locationId"):
        return json_reply({"shipments": [], "pagination": {}})
    shelf = call.world.shipment_shelves.shelf(call.seller.seller_id, status)
    if _gives_empty_page(call, start) and len(shelf):
        return json_reply({"shipments": [], "pagination": {"nextToken": page_token(call, FILTERS, start or 0)}})
    found: list[Shipment] = []
    for shipment in shelf.after(start or 0, optional_moment(call, "lastUpdatedAfter") or 0):
        if not matches(shipment):
            continue
        if len(found) == size:
            token = page_token(call, FILTERS, found[-1].touch)
            return json_reply({"shipments": _bodies(call, found), "pagination": {"nextToken": token}})
        found.append(shipment)
    return json_reply({"shipments": _bodies(call, found), "pagination": {}})


def process_shipment(call: Call) -> Reply:
    """Answer processShipment: CONFIRM or REJECT."""
    operation = choice(call, "operation", ("CONFIRM", "REJECT"))
    shipment = call.shipment()
    return _confirm(call, shipment) if operation == "CONFIRM" else _reject(call, shipment)


def page_token(call: Call, filters: tuple[str, ...], touch: int) -> str:
    """Make a token for the page after a touch; it is signed, and bound to the filters and the seller."""
    return base64.urlsafe_b64encode(f"{touch}.{_seal(call, touch)}.{_fingerprint(call, filters)}".encode()).decode()


def read_page_token(call: Call, filters: tuple[str, ...], name: str) -> int | None:
    """Read a page token; None without one. Raises Refusal 400 for a foreign one or other filters."""
    token = call.query.get(name)
    if token is None:
        return None
    try:
        touch, seal, fingerprint = base64.urlsafe_b64decode(token.encode()).decode().split(".")
        start = int(touch)
    except ValueError:
        raise bad_request(invalid_input(token, name, "The token is not one of ours.")) from None
    if seal != _seal(call, start):
        raise bad_request(invalid_input(token, name, "The token is not one of ours."))
    if fingerprint != _fingerprint(call, filters) and call.world.switches["changed_filters"] == "400":
        raise bad_request(invalid_input(token, name, "The token belongs to other arguments."))
    return start


def _seal(call: Call, touch: int) -> str:
    text = f"page|{call.world.seed}|{call.seller.seller_id}|{touch}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fingerprint(call: Call, filters: tuple[str, ...]) -> str:
    parts = [call.seller.seller_id, *(f"{name}={call.query.get(name)}" for name in filters)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _matcher(call: Call) -> Callable[[Shipment], bool]:
    query = call.query
    location, channel = query.get("locationId"), query.get("channelName")
    for name, value, limit in (("locationId", location, 36), ("channelName", channel, 10)):
        if value is not None and len(value) > limit:
            raise bad_request(invalid_input(value, name, f"At most {limit} characters."))
    marketplace = _own_marketplace(call)
    after, before = optional_moment(call, "lastUpdatedAfter"), optional_moment(call, "lastUpdatedBefore")
    slack = 1 if call.world.switches["time_bounds"] == "inclusive" else 0

    def matches(shipment: Shipment) -> bool:
        return (
            (location is None or shipment.location_id == location)
            and (marketplace is None or shipment.marketplace_id == marketplace)
            and (channel is None or shipment.channel == channel)
            and (after is None or shipment.updated_ms > after - slack)
            and (before is None or shipment.updated_ms < before + slack)
        )

    return matches


def _own_marketplace(call: Call) -> str | None:
    wanted = call.query.get("marketplaceId")
    if wanted is None or wanted in call.seller.marketplace_ids:
        return wanted
    known = MARKETPLACES.get(wanted)
    region = call.seller.region
    if known is not None and known.region != region:
        details = f"Marketplace {known.country} is served by region {known.region}, not by {region}."
    else:
        details = "The seller does not sell in this marketplace."
    raise bad_request(invalid_input(wanted, "marketplaceId", details))


def _location_exists(call: Call, name: str) -> bool:
    wanted = call.query.get(name)
    if wanted is None and name == "locationId" and call.world.switches["missing_location"] == "400":
        raise bad_request(Problem("InvalidInput", "Missing required parameter 'locationId'"))
    if wanted is None or (call.seller.seller_id, wanted) in call.world.locations:
        return True
    answer = call.world.switches["unknown_location"]
    if answer == "404":
        raise not_found(name, wanted)
    if answer == "400":
        raise bad_request(invalid_input(wanted, name, "The seller has no such location."))
    return False


def _gives_empty_page(call: Call, start: int | None) -> bool:
    mode = call.world.switches["empty_pages"]
    if mode == "always_first":
        return start is None
    return mode == "sometimes" and call.world.streams.of("empty_pages").random() < EMPTY_PAGE_SHARE


def _bodies(call: Call, shipments: list[Shipment]) -> list[object]:
    if shows_custom_attributes(call.world):  # as getShipment does: what was encoded for it can be given again
        return [msgspec.Raw(encoded_shipment(call.world, shipment)) for shipment in shipments]
    return [shipment_body(call.world, shipment) for shipment in shipments]


def _confirm(call: Call, shipment: Shipment) -> Reply:
    if permit(call.world, shipment, "CONFIRM") == "again":
        refuse_repeat(call.world, "shipmentId", shipment.shipment_id, "The shipment is CONFIRMED already.")
        return NO_CONTENT
    check_earliest_pack(call.world, shipment)
    move_shipment(call.world, shipment, "CONFIRMED", "CONFIRM")
    return NO_CONTENT


def _reject(call: Call, shipment: Shipment) -> Reply:
    request = read_body(call, ACKNOWLEDGEMENT) if has_body(call) else Acknowledgement(line_items=[])
    world = call.world
    if shipment.status == "CANCELLED":
        return _reject_again(call, shipment, request)
    if not _may_reject(call, shipment):
        raise wrong_state(world, shipment, "REJECT: seller cancellation")
    _check_rejected_lines(call, shipment, request)
    if request.reference_id is not None:
        key = (shipment.seller_id, request.reference_id)
        if world.reject_references.setdefault(key, shipment.shipment_id) != shipment.shipment_id:
            raise duplicate("referenceId", request.reference_id)
    reasons = {item.reason for item in request.line_items if item.reason is not None}
    cancellation = Cancellation(
        kind="SELLER_REJECTED",
        at_ms=world.clock.now_ms(),
        reason=", ".join(sorted(reasons)) or "CUSTOMER_REQUESTED",
        reference_id=request.reference_id,
    )
    cancel_shipment(world, shipment, cancellation, "REJECT")
    if "OUT_OF_STOCK" in reasons and world.switches["out_of_stock_zeroes"] == "on":
        for row, _ in world.stock.rows_of(shipment):
            row.quantity = 0
    move_on(world, shipment)
    return NO_CONTENT


def _reject_again(call: Call, shipment: Shipment, request: Acknowledgement) -> Reply:
    done = shipment.cancellation
    if done is None or done.kind != "SELLER_REJECTED":
        raise cancelled_write(call.world, shipment)
    refuse_repeat(
        call.world, "shipmentId", shipment.shipment_id, f"Rejected already, reference '{request.reference_id}'."
    )
    return NO_CONTENT


def _may_reject(call: Call, shipment: Shipment) -> bool:
    if call.world.switches["rejectable_states"] == "per_shipment":
        return shipment.status in shipment.rejectable_states
    return shipment.status == "CREATED" or shipment.status in HOLDING


def _check_rejected_lines(call: Call, shipment: Shipment, request: Acknowledgement) -> None:
    named = [item.line_item.id for item in request.line_items]
    known = {line.line_id: line for line in shipment.lines}
    problems = [invalid_input(line_id, "lineItem.id", "No such line.") for line_id in named if line_id not in known]
    if len(set(named)) != len(named):
        problems.append(Problem("InvalidInput", "Invalid input: a line is named twice in 'lineItems'"))
    for item in request.line_items:
        line = known.get(item.line_item.id)
        quantity = item.line_item.quantity
        # Amazon's example rejects with quantity 0, so 0 and the line's whole quantity both mean the line.
        if line is not None and quantity not in (None, 0, line.units):
            problems.append(invalid_input(quantity, "lineItem.quantity", "A line is rejected as a whole."))
    if named and set(named) < set(known) and call.world.switches["partial_reject"] == "400":
        problems.append(Problem("InvalidInput", "Invalid input: every line must be rejected", "No partial rejection."))
    if problems:
        raise Refusal(400, *problems)
