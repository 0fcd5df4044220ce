"""Amazon's side of notifications: destinations of the application, subscriptions of each seller, tests of both.

Source: Selling Partner API, Notifications v1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from packline.amazon.notifications import operations
from packline.amazon.notifications.parse import FEED_FINISHED, ORDER_CHANGE, REPORT_FINISHED, SHIPMENT_STATUS_CHANGE
from packline.amazon.spapi import outcome
from packline.amazon.spapi.client import Answer
from packline.amazon.spapi.doors import Doors, call_of
from packline.amazon.spapi.operation import Operation
from packline.domain.location import Account, Api
from packline.errors import Rejected, Unexpected
from packline.ports import Call
from packline.ports.notifications import Destination, LogCalls, Subscribed

_ShapeT = TypeVar("_ShapeT")
NOT_FOUND = 404
VERSIONS: Mapping[str, str] = {
    SHIPMENT_STATUS_CHANGE: "1.0",
    ORDER_CHANGE: "1.0",
    FEED_FINISHED: "2020-09-04",
    REPORT_FINISHED: "2020-09-04",
}
_OF_API: Mapping[Api, tuple[str, ...]] = {
    Api.EXTERNAL_FULFILLMENT: (SHIPMENT_STATUS_CHANGE,),
    Api.SELLER_CENTRAL: (ORDER_CHANGE, FEED_FINISHED, REPORT_FINISHED),
}


class _Wire(msgspec.Struct, rename="camel", frozen=True):
    pass


class _Sqs(_Wire, frozen=True):
    arn: str = ""


class _Resource(_Wire, frozen=True):
    sqs: _Sqs | None = None


class _Destination(_Wire, frozen=True):
    destination_id: str = ""
    name: str = ""
    resource: _Resource | None = None


class _Destinations(_Wire, frozen=True):
    payload: Sequence[_Destination] | None = None


class _OneDestination(_Wire, frozen=True):
    payload: _Destination | None = None


class _Subscription(_Wire, frozen=True):
    subscription_id: str = ""
    destination_id: str = ""


class _OneSubscription(_Wire, frozen=True):
    payload: _Subscription | None = None


class AmazonSubscriptions:
    """Set up and look at notifications (implements `ports.notifications.Subscriptions`).

    Every method raises the AmazonError family.
    """

    def __init__(self, doors: Doors, log_calls: LogCalls) -> None:
        """Call through the accounts' doors; every call is handed to `log_calls`."""
        self._doors, self._log_calls = doors, log_calls

    def types(self, account: Account) -> tuple[str, ...]:
        """Name the types that tell what an account of this API must hear."""
        return _OF_API[account.api]

    async def destinations(self, account: str) -> list[Destination]:
        """List the queues that the application of an account may be told through."""
        answer = await self._ask(account, operations.GET_DESTINATIONS, scope=operations.SCOPE)
        found = _read(operations.GET_DESTINATIONS, answer, _Destinations).payload or ()
        return [_destination(one) for one in found]

    async def create_destination(self, account: str, name: str, arn: str) -> Destination:
        """Make a queue a destination of the application."""
        body = msgspec.json.encode({"name": name, "resourceSpecification": {"sqs": {"arn": arn}}})
        answer = await self._ask(account, operations.CREATE_DESTINATION, body=body, scope=operations.SCOPE)
        made = _read(operations.CREATE_DESTINATION, answer, _OneDestination).payload
        if made is None or not made.destination_id:
            raise Unexpected("Amazon gave no id for the new destination.", operation="createDestination")
        return _destination(made)

    async def subscription(self, account: str, type_: str) -> Subscribed | None:
        """Read an account's subscription to a type; None where it has none."""
        query = {"payloadVersion": VERSIONS[type_]}
        try:
            answer = await self._ask(account, operations.GET_SUBSCRIPTION, {"notificationType": type_}, query)
        except Rejected as refused:
            if refused.status == NOT_FOUND:
                return None
            raise
        return _subscribed(_read(operations.GET_SUBSCRIPTION, answer, _OneSubscription))

    async def subscribe(self, account: str, type_: str, destination_id: str) -> Subscribed:
        """Have a type sent to a destination."""
        body = msgspec.json.encode({"payloadVersion": VERSIONS[type_], "destinationId": destination_id})
        answer = await self._ask(account, operations.CREATE_SUBSCRIPTION, {"notificationType": type_}, body=body)
        made = _subscribed(_read(operations.CREATE_SUBSCRIPTION, answer, _OneSubscription))
        if made is None:
            raise Unexpected("Amazon gave no id for the new subscription.", operation="createSubscription")
        return made

    async def unsubscribe(self, account: str, type_: str, subscription_id: str) -> None:
        """End a subscription; one that is gone already is fine."""
        path = {"notificationType": type_, "subscriptionId": subscription_id}
        try:
            await self._ask(account, operations.DELETE_SUBSCRIPTION, path, scope=operations.SCOPE)
        except Rejected as refused:
            if refused.status != NOT_FOUND:
                raise

    async def send_test(self, account: str, type_: str, destination_id: str) -> None:
        """Have Amazon put a test notification of a type into a destination's queue."""
        asked = {"destinationId": destination_id, "testNotification": {"payloadVersion": VERSIONS[type_]}}
        path, body = {"notificationType": type_}, msgspec.json.encode(asked)
        await self._ask(account, operations.SEND_TEST, path, body=body, scope=operations.SCOPE)

    async def _ask(
        self,
        account: str,
        operation: Operation,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        scope: str = "",
    ) -> Answer:
        calls: list[Call] = []
        door = await self._doors.door(account)
        try:
            return await door.api.call(
                operation, door.caller, path or {}, query or {}, body, scope=scope,
                note=lambda record: calls.append(call_of(record, None)),
            )  # fmt: skip
        finally:
            if calls:
                await self._log_calls(tuple(calls))


def _read(operation: Operation, answer: Answer, shape: type[_ShapeT]) -> _ShapeT:
    try:
        return msgspec.json.decode(answer.body or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise outcome.misfit(
            operation.name, is_write=operation.is_write, status=answer.status, why=str(why),
            request_id=answer.request_id,
        ) from why  # fmt: skip


def _destination(found: _Destination) -> Destination:
    sqs = found.resource.sqs if found.resource else None
    return Destination(found.destination_id, found.name, sqs.arn if sqs else "")


def _subscribed(found: _OneSubscription) -> Subscribed | None:
    told = found.payload
    return Subscribed(told.subscription_id, told.destination_id) if told and told.subscription_id else None
