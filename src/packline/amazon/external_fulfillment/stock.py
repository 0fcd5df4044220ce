"""Stock by batchInventory: up to ten places in a call, each with an answer of its own.

Quirks: README.md of this folder, "Inventory".
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from packline.amazon.external_fulfillment import build, operations, wire
from packline.amazon.external_fulfillment.client import read
from packline.amazon.external_fulfillment.wire.inventory import InventoryResult, InventoryState
from packline.amazon.spapi.doors import Door, Doors, call_of
from packline.amazon.spapi.usage_plans import UsagePlans
from packline.domain.inventory.publishing import Answer, Pace, Telling, Verdict
from packline.domain.inventory.rules import Place
from packline.ports import Call, Guard

LogCalls = Callable[[Sequence[Call]], Awaitable[None]]
ONE_BY_ONE = "legacy-inventory"
"""The usage plan of the older inventory API: one SKU in a call."""
CALLS_AT_MOST = 64
LEAST_URGENT = 9.0
"""Reads go after everything that is told."""
_RESULTS = wire.reader(wire.InventoryResults)
_STALE = frozenset({"staledata", "duplicaterequest"})
_PASSING = frozenset({"internalfailure", "internalservererror", "serviceunavailable", "throttled", "quotaexceeded"})


class ExternalFulfillmentStock:
    """Speak External Fulfillment Inventory 2024-09-11 for every account (implements `ports.stock.StockGateway`)."""

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`, whatever came of it."""
        self._doors, self._log_calls = doors, log_calls

    async def pace(self, account: str) -> Pace:
        """Say how many places go into one call: ten, or one where the older usage plan was chosen."""
        plan = (await self._doors.door(account)).settings.usage_plan
        rate = UsagePlans(plan).plan(operations.BATCH_INVENTORY.name).rate
        calls = CALLS_AT_MOST if rate <= 0 else max(4, min(CALLS_AT_MOST, round(rate)))
        return Pace(1 if plan == ONE_BY_ONE else build.LARGEST_BATCH, calls)

    async def tell(self, account: str, told: Sequence[Telling], guard: Guard | None) -> list[Answer]:
        """Tell up to ten quantities; places without an answer are left out."""
        door = await self._doors.door(account)
        requests = [
            build.stock_update(t.place.location, t.place.sku, t.quantity, t.sequence, _marketplace(door, t.place))
            for t in told
        ]
        urgency = min(telling.urgency for telling in told)
        results = await self._ask(door, requests, urgency, guard)
        asked = [_Asked(telling.place, telling) for telling in told]
        return _matched(asked, results)

    async def read(self, account: str, places: Sequence[Place], guard: Guard | None) -> list[Answer]:
        """Read up to ten places."""
        door = await self._doors.door(account)
        requests = [build.stock_fetch(p.location, p.sku, _marketplace(door, p)) for p in places]
        results = await self._ask(door, requests, LEAST_URGENT, guard)
        return _matched([_Asked(place, None) for place in places], results)

    async def _ask(
        self, door: Door, requests: Sequence[build.Body], urgency: float, guard: Guard | None
    ) -> Sequence[InventoryResult]:
        calls: list[Call] = []
        try:
            answer = await door.api.call(
                operations.BATCH_INVENTORY,
                door.caller,
                body=build.stock_batch(requests),
                urgency=urgency,
                guard=guard,
                note=lambda record: calls.append(call_of(record, None)),
            )
            return read(operations.BATCH_INVENTORY, answer, _RESULTS).responses or ()
        finally:
            await self._log_calls(calls)


class _Asked(NamedTuple):
    place: Place
    telling: Telling | None


def _marketplace(door: Door, place: Place) -> tuple[str, str] | None:
    """Name the marketplace where a channel is told by itself, or where the seller has several."""
    marketplaces = door.settings.marketplaces
    if not place.channel or not marketplaces:
        return None
    return place.channel, marketplaces[0]


def _matched(asked: Sequence[_Asked], results: Sequence[InventoryResult]) -> list[Answer]:
    """Find each place's answer: the one at its position, unless that one names another place."""
    found: list[Answer] = []
    for number, one in enumerate(asked):
        at_place = results[number] if number < len(results) else None
        if at_place is None or not _is_about(at_place, one.place):
            at_place = next((r for r in results if r.body and r.body.sku_id and _is_about(r, one.place)), None)
        if at_place is not None:
            found.append(_answer(one, at_place))
    return found


def _is_about(result: InventoryResult, place: Place) -> bool:
    body = result.body or InventoryState()
    return body.sku_id in (None, place.sku) and body.location_id in (None, place.location)


def _answer(one: _Asked, result: InventoryResult) -> Answer:
    body = result.body or InventoryState()
    errors = [(error.error_type or "", error.error_sub_type or "") for error in body.actionable_errors or ()]
    code, words = errors[0] if errors else ("", result.status.reason_phrase or "")
    return Answer(
        place=one.place,
        verdict=_verdict(result.status.status_code, [code for code, _ in errors], one.telling),
        telling=one.telling,
        sequence=body.client_sequence_number,
        sellable=body.sellable_quantity,
        reserved=body.reserved_quantity,
        code=code or (result.status.reason_phrase or str(result.status.status_code)).replace(" ", ""),
        words="; ".join(text for _, text in errors) or words,
    )


def _verdict(status: int, codes: Sequence[str], telling: Telling | None) -> Verdict:
    flat = {code.replace("_", "").replace(" ", "").lower() for code in codes}
    if flat & _STALE or (status == 409 and telling is not None):
        return Verdict.STALE
    if 200 <= status < 300 and not flat:
        return Verdict.TAKEN
    if status in (408, 429) or status >= 500 or flat & _PASSING or status == 0:
        return Verdict.LATER
    return Verdict.REFUSED
