"""Returns by listReturns: one page of one location and status, in our words.

Quirks: README.md of this folder, "Returns".
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from packline.amazon.external_fulfillment import operations, wire
from packline.amazon.external_fulfillment.client import read
from packline.amazon.external_fulfillment.parse import LONG_AGO
from packline.amazon.external_fulfillment.wire import canonical
from packline.amazon.external_fulfillment.wire.parts import TrackingInfo
from packline.amazon.external_fulfillment.wire.returns import (
    MarketplaceChannel,
    MarketplaceChannelDetails,
    OtpDetails,
    Return,
    ReturnMetadata,
    ReturnShippingInfo,
)
from packline.amazon.spapi.doors import Doors, call_of
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.amazon.times import instant, stamp
from packline.domain.returns import Kind, Password, SeenReturn
from packline.ports import Call, Guard
from packline.ports.returns import ReturnPage, ReturnQuery

LogCalls = Callable[[Sequence[Call]], Awaitable[None]]
PAGE_SIZE = 100
URGENCY = 9.0
"""Returns have their own lane; among its waiters nothing is urgent."""
_PAGE = wire.reader(wire.ReturnsPage)
_RETURN = wire.reader(Return)
MOST_UNITS = 1_000_000
_PASSWORD = re.compile("otp", re.IGNORECASE)


class ExternalFulfillmentReturns:
    """Speak External Fulfillment Returns 2024-09-11 for every account (implements `ports.returns.ReturnGateway`)."""

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`, whatever came of it."""
        self._doors, self._log_calls = doors, log_calls

    async def rate(self, account: str) -> float:
        """Say how many pages a second the account's usage plan grants; 0 where nothing is counted."""
        plan = (await self._doors.door(account)).settings.usage_plan
        return UsagePlans(plan).plan(operations.LIST_RETURNS.name).rate

    async def page(self, account: str, query: ReturnQuery, token: str | None, guard: Guard | None) -> ReturnPage:
        """Read one page of a location's returns in one status, or of all that were created since.

        Raises the AmazonError family and Fenced.
        """
        door = await self._doors.door(account)
        calls: list[Call] = []
        try:
            answer = await door.api.call(
                operations.LIST_RETURNS,
                door.caller,
                query={**_asked(query), "maxResults": PAGE_SIZE, "nextToken": token},
                urgency=URGENCY,
                guard=guard,
                note=lambda record: calls.append(call_of(record, None)),
            )
            found = read(operations.LIST_RETURNS, answer, _PAGE)
        finally:
            await self._log_calls(calls)
        return page_of(found)


def page_of(found: wire.ReturnsPage) -> ReturnPage:
    """Read each return of a page by itself, so that one that cannot be read does not hide the others."""
    entries, unreadable = [], []
    for raw in found.returns or ():
        try:
            entries.append(seen(_RETURN.decode(raw)))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as why:
            unreadable.append((without_password(bytes(raw)), str(why)))
    return ReturnPage(tuple(entries), tuple(unreadable), found.next_token or None)


def seen(told: Return) -> SeenReturn:
    """Put one return into our words. Raises ValueError where it holds a control character, which no text may."""
    about = told.return_metadata or ReturnMetadata()
    way = told.return_shipping_info or ReturnShippingInfo()
    channel = told.marketplace_channel_details or MarketplaceChannelDetails()
    carrier, tracking_id = _tracking(way.reverse_tracking_info)
    forward_carrier, forward_tracking_id = _tracking(way.forward_tracking_info)
    before = told.replanning_details.previous_tracking_info if told.replanning_details else None
    found = SeenReturn(
        amazon_id=told.id,
        status=canonical(told.status),
        kind=Kind.ORIGIN if canonical(told.return_type) == "REJECT" else Kind.CUSTOMER,
        as_of=instant(told.last_updated_date_time) or LONG_AGO,
        location=told.return_location_id or told.fulfillment_location_id or "",
        sku=told.merchant_sku or channel.channel_sku or "",
        units=max(1, told.number_of_units or 1),
        shipped_from=told.fulfillment_location_id or "",
        sub_type=canonical(told.return_sub_type),
        reason=about.return_reason or "",
        rma_id=about.rma_id or "",
        order_id=channel.customer_order_id or about.fulfillment_order_id or "",
        amazon_shipment=channel.shipment_id or "",
        exchange_order_id=channel.exchange_order_id or "",
        channel=(channel.marketplace_channel or MarketplaceChannel()).channel_name or "",
        carrier=carrier,
        tracking_id=tracking_id,
        forward_carrier=forward_carrier,
        forward_tracking_id=forward_tracking_id,
        previous=tuple(_tracking(one) for one in before or ()),
        delivery_mode=canonical(told.package_delivery_mode),
        created_at=instant(told.creation_date_time),
        picked_up_at=instant(way.pickup_date_time),
        delivered_at=instant(way.delivery_date_time),
        password=_password(told.otp_details),
    )
    if not "".join((found.amazon_id, found.status, found.location, found.sku, found.order_id)).isprintable():
        raise ValueError("its id, status, location, SKU or order holds a control character, which cannot be stored")
    if found.units > MOST_UNITS:
        raise ValueError(f"it has {found.units} units, which no return has")
    return found


def without_password(body: bytes) -> bytes:
    """Give a body without anything that is called a one-time password, so that it can be kept for a person."""
    try:
        return msgspec.json.encode(_stripped(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b""  # where the password stands in it cannot be known


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(inner) for key, inner in value.items() if not _PASSWORD.search(key)}
    return [_stripped(inner) for inner in value] if isinstance(value, list) else value


def _asked(query: ReturnQuery) -> dict[str, str | int | None]:
    """The time of an update may only be asked for with both location and status; the time of creation by itself."""
    if not query.status:
        return {"createdSince": stamp(query.since)}
    return {"returnLocationId": query.location, "status": query.status, "lastUpdatedSince": stamp(query.since)}


def _tracking(told: TrackingInfo | None) -> tuple[str, str]:
    return (told.carrier_name or "", str(told.tracking_id or "")) if told else ("", "")


def _password(told: OtpDetails | None) -> Password | None:
    until = instant(told.valid_till) if told else None
    return Password(str(told.otp), until) if told and told.otp and until else None
