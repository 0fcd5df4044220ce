"""listReturns and getReturn."""

from collections.abc import Callable
from heapq import merge
from itertools import islice
from typing import Any, get_args

from packline_sim.call import Call, Reply, choice, json_reply, optional_moment, page_size
from packline_sim.clock import to_iso
from packline_sim.external_fulfillment.shipments import page_token, read_page_token
from packline_sim.records import Return
from packline_sim.refusals import Problem, bad_request, not_found
from packline_sim.reverse import otp_is_valid
from packline_sim.specs import ReturnStatus
from packline_sim.world import World

STATUSES: tuple[str, ...] = get_args(ReturnStatus)
FILTERS = (
    "returnLocationId",
    "rmaId",
    "status",
    "reverseTrackingId",
    "createdSince",
    "createdUntil",
    "lastUpdatedSince",
    "lastUpdatedUntil",
    "lastUpdatedAfter",
    "lastUpdatedBefore",
)


def get_return(call: Call) -> Reply:
    """Answer getReturn."""
    record = call.world.returns.get(call.ids[0])
    if record is None or record.seller_id != call.seller.seller_id:
        raise not_found("returnId", call.ids[0])
    return json_reply(return_body(call.world, record))


def list_returns(call: Call) -> Reply:
    """Answer listReturns, the oldest update first."""
    if call.query.get("status") is not None:
        choice(call, "status", STATUSES)
    size = page_size(call)
    matches = _matcher(call)
    start = read_page_token(call, FILTERS, "nextToken") or 0
    statuses = (call.query["status"],) if "status" in call.query else STATUSES
    stock, since = call.world.return_shelves, _first_update(call)
    shelves = (stock.shelf(call.seller.seller_id, status).after(start, since) for status in statuses)
    in_order = (record for record in merge(*shelves, key=lambda row: row.touch) if matches(record))
    found = list(islice(in_order, size + 1))
    body: dict[str, Any] = {"returns": [return_body(call.world, record) for record in found[:size]]}
    if len(found) > size:
        body["nextToken"] = page_token(call, FILTERS, found[size - 1].touch)
    return json_reply(body)


def return_body(world: World, record: Return) -> dict[str, Any]:
    """Write a return as Amazon does (Return of External Fulfillment Returns 2024-09-11)."""
    body: dict[str, Any] = {
        "id": record.return_id,
        "returnLocationId": record.return_location_id,
        "merchantSku": record.sku,
        "returnType": record.return_type,
        "returnSubType": record.return_sub_type,
        "numberOfUnits": record.units,
        "status": record.status,
        "fulfillmentLocationId": record.fulfillment_location_id,
        "creationDateTime": to_iso(record.created_ms),
        "lastUpdatedDateTime": to_iso(record.updated_ms),
        "returnMetadata": _metadata(record),
        "returnShippingInfo": _shipping_info(record),
        "marketplaceChannelDetails": _channel_details(record),
        "replanningDetails": {
            "previousTrackingInfo": [
                {"carrierName": carrier, "trackingId": tracking} for carrier, tracking in record.previous_tracking
            ]
        },
    }
    shown = world.switches["expired_otp"] == "shown" or otp_is_valid(world, record)
    if record.otp is not None and record.otp_valid_till is not None and shown:
        body["otpDetails"] = {"otp": record.otp, "validTill": record.otp_valid_till}
    if record.delivery_mode is not None:
        body["packageDeliveryMode"] = record.delivery_mode
    return body


def _metadata(record: Return) -> dict[str, Any]:
    return {
        "returnReason": record.reason,
        "rmaId": record.rma_id,
        "fulfillmentOrderId": record.order_id,
        "invoiceInformation": {"id": record.invoice_id or f"NA-{record.order_id}"},
    }


def _shipping_info(record: Return) -> dict[str, Any]:
    info: dict[str, Any] = {
        "reverseTrackingInfo": {"carrierName": record.reverse_carrier, "trackingId": record.reverse_tracking_id}
    }
    if record.forward_carrier is not None and record.forward_tracking_id is not None:
        info["forwardTrackingInfo"] = {
            "carrierName": record.forward_carrier,
            "trackingId": record.forward_tracking_id,
        }
    if record.pickup_ms is not None:
        info["pickupDateTime"] = to_iso(record.pickup_ms)
    if record.delivered_ms is not None:
        info["deliveryDateTime"] = to_iso(record.delivered_ms)
    return info


def _channel_details(record: Return) -> dict[str, Any]:
    return {
        "marketplaceChannel": {"marketplaceName": record.marketplace_name, "channelName": record.channel},
        "merchantId": record.seller_id,
        "shipmentId": record.shipment_id,
        "customerOrderId": record.order_id,
        "returnLocationId": record.return_location_id,
        "channelSku": record.sku,
    }


def _matcher(call: Call) -> Callable[[Return], bool]:
    query = call.query
    if not any(name in query for name in FILTERS) and call.world.switches["returns_without_filter"] == "400":
        raise bad_request(Problem("InvalidInput", "At least one field is mandatory in the input payload"))
    since = _created_since(call)  # and lastUpdatedBefore is the deprecated name of its end
    until = _first(optional_moment(call, "createdUntil"), optional_moment(call, "lastUpdatedBefore"))
    updated_since, updated_until = optional_moment(call, "lastUpdatedSince"), optional_moment(call, "lastUpdatedUntil")
    if (updated_since, updated_until) != (None, None) and not {"returnLocationId", "status"} <= query.keys():
        message = "Invalid input, 'lastUpdatedSince' and 'lastUpdatedUntil' need 'returnLocationId' and 'status'"
        raise bad_request(Problem("InvalidInput", message))
    for earlier, later in ((since, until), (updated_since, updated_until)):
        if earlier is not None and later is not None and earlier > later:
            raise bad_request(Problem("InvalidInput", "Invalid input: the window ends before it begins"))
    texts = (
        ("returnLocationId", "return_location_id"),
        ("rmaId", "rma_id"),
        ("status", "status"),
        ("reverseTrackingId", "reverse_tracking_id"),
    )

    def matches(record: Return) -> bool:
        return (
            all(name not in query or query[name] == getattr(record, field) for name, field in texts)
            and _within(record.created_ms, since, until)
            and _within(record.updated_ms, updated_since, updated_until)
        )

    return matches


def _first_update(call: Call) -> int:
    """Tell before which moment nothing that matches was updated: what was created later was updated later too."""
    return max(_created_since(call) or 0, optional_moment(call, "lastUpdatedSince") or 0)


def _created_since(call: Call) -> int | None:
    """Read when the window of creation begins; `lastUpdatedAfter` is a deprecated name of it (the model's own text)."""
    return _first(optional_moment(call, "createdSince"), optional_moment(call, "lastUpdatedAfter"))


def _within(moment: int, since: int | None, until: int | None) -> bool:
    return (since is None or moment >= since) and (until is None or moment <= until)


def _first(*moments: int | None) -> int | None:
    return next((moment for moment in moments if moment is not None), None)
