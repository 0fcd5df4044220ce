"""Notifications: name the queue, have Amazon fill it for an account, and stop that again."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from packline.domain.location import Account
from packline.domain.values import Value
from packline.errors import Conflict, FieldError, Invalid, NotFound, Unresolved
from packline.ports import Clock
from packline.ports.notifications import (
    Destination,
    NotificationStore,
    Queue,
    QueueKey,
    QueueState,
    Subscribed,
    Subscription,
    Subscriptions,
)

_ARN = re.compile(r"arn:aws:sqs:([^\s:]+):([^\s:]+):([^\s:]+)")
"""Notifications v1, `SqsResource.arn`."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
ARN_AT_MOST = 1000


class QueueRegister(NotificationStore, Protocol):
    """Queues and subscriptions that can be written."""

    async def put(self, queue: Queue, key: QueueKey | None, now: datetime) -> bool:
        """Add or change a queue; True where it is new. Its key stays as it is where none is given."""

    async def remove(self, queue: str) -> bool:
        """Forget a queue with its subscriptions; False where there was none."""

    async def queue(self, queue: str) -> Queue | None:
        """Read one queue."""

    async def subscribed(self, subscription: Subscription, now: datetime) -> None:
        """Note a subscription that Amazon has."""

    async def unsubscribed(self, account: str, types: Sequence[str]) -> None:
        """Forget subscriptions of an account."""

    async def subscriptions(self, account: str) -> list[Subscription]:
        """List the subscriptions of an account."""

    async def counted(self, queue: str, type_: str) -> int:
        """Count the messages of a type that came out of a queue, whatever became of them."""

    async def state(self, queue: str) -> QueueState:
        """Tell when a queue was read last."""

    async def await_test(self, queue: str, seconds: float) -> None:
        """Take what names nobody for a test, for so long; 0 ends it."""


class Settled(Value, frozen=True):
    """One type of an account after setup: `made` says whether this setup subscribed to it."""

    type: str
    destination_id: str
    subscription_id: str
    made: bool


async def put_queue(register: QueueRegister, clock: Clock, queue: Queue, key: QueueKey | None) -> Queue:
    """Add a queue, or write it again; region and address are read from its ARN where they are left out.

    Raises Invalid.
    """
    found = _ARN.fullmatch(queue.arn) if len(queue.arn) <= ARN_AT_MOST else None
    region = queue.region or (found[1] if found else "")
    url = queue.url or (_url(queue, *found.groups()) if found else "")
    whole = Queue(queue.id, url, queue.arn, region, queue.endpoint, queue.enabled)
    faults = [] if _NAME.fullmatch(whole.id) else [FieldError("/id", "Up to 80 letters, digits, dots and dashes.")]
    if found is None:
        faults.append(FieldError("/arn", "Such as arn:aws:sqs:eu-west-1:123456789012:packline."))
    for name, address in (("url", whole.url), ("endpoint", whole.endpoint)):
        if (address or name == "url") and not _is_safe(address):
            faults.append(FieldError(f"/{name}", "An https address (http only on this machine)."))
    if key is not None and bool(key.access_key) != bool(key.secret_key):
        faults.append(FieldError("/access_key", "Give both the access key and its secret, or neither."))
    if faults:
        raise Invalid("The queue is not acceptable.", errors=tuple(faults))
    await register.put(whole, key, clock.now())
    return whole


async def remove_queue(register: QueueRegister, queue: str) -> None:
    """Read a queue no more, and forget it; Amazon goes on filling it until its accounts are shut off.

    Raises NotFound.
    """
    if not await register.remove(queue):
        raise NotFound(f"There is no queue {queue}.", hint="List them with `packline notification queues`.")


async def set_up(
    register: QueueRegister, amazon: Subscriptions, clock: Clock, account: Account, queue_id: str = "",
    *, replace: bool = False,
) -> list[Settled]:  # fmt: skip
    """Have Amazon send all that an account must hear into a queue; what is there already stays.

    Where no queue is named, the one that is there is taken. A subscription that leads elsewhere is left alone, as
    another system may live on it, unless `replace`. Raises NotFound, Invalid, Conflict and the AmazonError family.
    """
    queue = await known_queue(register, queue_id)
    destination = await _destination(amazon, account.id, queue)
    settled = []
    for type_ in amazon.types(account):
        there = await amazon.subscription(account.id, type_)
        if there is not None and there.destination_id != destination.id:
            if not replace:
                raise _leads_elsewhere(account, type_, there)
            await amazon.unsubscribe(account.id, type_, there.id)
            there = None
        held = there or await _subscribe(amazon, account.id, type_, destination)
        noted = Subscription(account.id, type_, queue.id, destination.id, held.id)
        await register.subscribed(noted, clock.now())
        settled.append(Settled(type_, destination.id, held.id, there is None))
    return settled


async def shut_off(register: QueueRegister, amazon: Subscriptions, account: Account) -> list[str]:
    """End the subscriptions that setup made for an account; gives their types. Polling goes on alone.

    Raises the AmazonError family.
    """
    ended = []
    for subscription in await register.subscriptions(account.id):
        await amazon.unsubscribe(account.id, subscription.type, subscription.subscription_id)
        await register.unsubscribed(account.id, [subscription.type])
        ended.append(subscription.type)
    return ended


async def known_queue(register: QueueRegister, queue_id: str) -> Queue:
    """Find a queue by its name, or the only one where none is named.

    Raises NotFound, or Invalid where several are there.
    """
    if queue_id:
        found = await register.queue(queue_id)
        if found is None:
            raise NotFound(f"There is no queue {queue_id}.", hint="List them with `packline notification queues`.")
        return found
    queues = await register.queues()
    if not queues:
        raise NotFound("There is no queue yet.", hint="Name one with `packline notification queue`.")
    if len(queues) > 1:
        names = ", ".join(queue.id for queue in queues)
        raise Invalid(f"There are several queues: {names}.", errors=(FieldError("/queue", "Name one of them."),))
    return queues[0]


async def _destination(amazon: Subscriptions, account: str, queue: Queue) -> Destination:
    found = await _find(amazon, account, queue)
    if found is not None:
        return found
    try:
        return await amazon.create_destination(account, f"packline-{queue.id}", queue.arn)
    except Unresolved:  # its answer was lost, or somebody made it meanwhile
        found = await _find(amazon, account, queue)
        if found is None:
            raise
        return found


async def _find(amazon: Subscriptions, account: str, queue: Queue) -> Destination | None:
    return next((one for one in await amazon.destinations(account) if one.arn == queue.arn), None)


async def _subscribe(amazon: Subscriptions, account: str, type_: str, destination: Destination) -> Subscribed:
    try:
        return await amazon.subscribe(account, type_, destination.id)
    except Unresolved:
        found = await amazon.subscription(account, type_)
        if found is None or found.destination_id != destination.id:
            raise
        return found


def _leads_elsewhere(account: Account, type_: str, there: Subscribed) -> Conflict:
    return Conflict(
        f"{type_} of {account.id} goes to another destination already ({there.destination_id}).",
        hint="Give --replace to have it sent here; whoever read it there hears nothing any more.",
        reason="subscribed_elsewhere",
    )


def _url(queue: Queue, region: str, owner: str, name: str) -> str:
    base = queue.endpoint.rstrip("/") or f"https://sqs.{region}.amazonaws.com"
    return f"{base}/{owner}/{name}"


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
