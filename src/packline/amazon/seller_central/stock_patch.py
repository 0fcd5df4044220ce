"""Quantities on listings, one SKU in a call: patchListingsItem tells, getListingsItem reads.

Listings know no sequence numbers: two calls for one SKU must not be under way at once, which the errand sees to.
"""

from collections.abc import Awaitable, Callable, Sequence

from msgspec.json import Decoder

from packline.amazon.seller_central import build, operations
from packline.amazon.seller_central.answering import read
from packline.amazon.seller_central.feed_body import MERCHANT
from packline.amazon.seller_central.wire import listings as wire
from packline.amazon.seller_central.wire.parts import Shape, flat, reader
from packline.amazon.spapi.doors import Door, Doors, call_of
from packline.amazon.spapi.operation import Operation
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.domain.inventory.publishing import Answer, Pace, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.errors import Rejected
from packline.ports import Call, Guard

LogCalls = Callable[[Sequence[Call]], Awaitable[None]]
CALLS_AT_MOST = 16
LEAST_URGENT = 9.0
_SUBMISSION = reader(wire.Submission)
_LISTING = reader(wire.ListingsItem)


class SellerCentralStock:
    """Speak Listings Items 2021-08-01 for every account (implements `ports.stock.StockGateway`)."""

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`, whatever came of it."""
        self._doors, self._log_calls = doors, log_calls

    async def pace(self, account: str) -> Pace:
        """Say that one SKU goes into a call, and how many may be under way."""
        plan = (await self._doors.door(account)).settings.usage_plan
        rate = UsagePlans(plan).plan(operations.PATCH_LISTINGS_ITEM.name).rate
        return Pace(1, CALLS_AT_MOST if rate <= 0 else max(4, min(CALLS_AT_MOST, round(rate))))

    async def tell(self, account: str, told: Sequence[Telling], guard: Guard | None) -> list[Answer]:
        """Tell quantities; ACCEPTED means that Amazon will show it within seconds."""
        door = await self._doors.door(account)
        answers = []
        for telling in told:
            body = build.quantity_patch("PRODUCT", telling.quantity, telling.place.channel or MERCHANT)
            submission = await self._ask(
                door, operations.PATCH_LISTINGS_ITEM, _SUBMISSION, telling.place, telling.urgency, guard, body
            )
            answers.append(_told(telling, submission))
        return answers

    async def read(self, account: str, places: Sequence[Place], guard: Guard | None) -> list[Answer]:
        """Read what buyers can order; a SKU that is not listed is refused."""
        door = await self._doors.door(account)
        answers = []
        for place in places:
            try:
                found = await self._ask(
                    door, operations.GET_LISTINGS_ITEM, _LISTING, place, LEAST_URGENT, guard, b"",
                    includedData="fulfillmentAvailability",
                )  # fmt: skip
            except Rejected as error:
                code = error.amazon_code or error.code
                answers.append(Answer(place, Verdict.REFUSED, code=code, words=error.message))
            else:
                answers.append(Answer(place, Verdict.TAKEN, sellable=_shown(found, place.channel or MERCHANT)))
        return answers

    async def _ask(
        self,
        door: Door,
        operation: Operation,
        decoder: Decoder[Shape],
        place: Place,
        urgency: float,
        guard: Guard | None,
        body: bytes,
        **query: str,
    ) -> Shape:
        calls: list[Call] = []
        try:
            answer = await door.api.call(
                operation,
                door.caller,
                {"sellerId": door.settings.seller_id, "sku": place.sku},
                {"marketplaceIds": ",".join(door.settings.marketplaces[:1]), **query},
                body,
                urgency=urgency,
                guard=guard,
                note=lambda record: calls.append(call_of(record, None)),
            )
            return read(operation, answer, decoder)
        finally:
            await self._log_calls(calls)


def _told(telling: Telling, submission: wire.Submission) -> Answer:
    errors = [issue for issue in submission.issues or () if flat(issue.severity) == "error"]
    if flat(submission.status) == "accepted" or (not errors and flat(submission.status) != "invalid"):
        return Answer(telling.place, Verdict.TAKEN, telling, telling.sequence)
    code = str(errors[0].code or "Invalid") if errors else "Invalid"
    words = "; ".join(issue.message or "" for issue in errors)
    return Answer(telling.place, Verdict.REFUSED, telling, code=code, words=words)


def _shown(found: wire.ListingsItem, channel: str) -> int | None:
    """Give the quantity of a channel; a listing without one shows none, which is 0 to buyers."""
    entries = found.fulfillment_availability or ()
    return next((e.quantity or 0 for e in entries if e.fulfillment_channel_code == channel), 0)
