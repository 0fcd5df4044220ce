"""The check of notifications: from Amazon's subscription to the store, each link green or red, with its cure."""

from datetime import timedelta
from functools import partial

from packline.commands.notifications import QueueRegister
from packline.domain.location import Account
from packline.domain.values import Value
from packline.errors import PacklineError
from packline.ports import Clock
from packline.ports.notifications import Queue, Queues, Subscription, Subscriptions

WAIT_S = 15.0
"""Seconds within which a test notification must have come through."""
LOOK_S = 0.2
FRESH = timedelta(seconds=60)
"""A queue is looked into at least every 20 seconds by whoever reads it."""


class Link(Value, frozen=True):
    """One link of the chain: `good`, `bad` or `doubt`, what it says, and the cure."""

    check: str
    state: str
    says: str
    cure: str = ""


class NotificationCheck:
    """Check the notifications of one account."""

    def __init__(self, register: QueueRegister, amazon: Subscriptions, queues: Queues, clock: Clock) -> None:
        """Compare what is stored with Amazon's side, and look into the queue."""
        self._register, self._amazon, self._queues, self._clock = register, amazon, queues, clock

    async def run(self, account: Account, wait_s: float = WAIT_S) -> list[Link]:
        """Check everything, and send a test of each type through; ends at the first link that holds nothing."""
        noted = {one.type: one for one in await self._register.subscriptions(account.id)}
        missing = [type_ for type_ in self._amazon.types(account) if type_ not in noted]
        set_up = f"`packline notification setup {account.id}`"
        if missing:
            return [Link("setup", "bad", f"not set up for {', '.join(missing)}", f"{set_up} does it.")]
        queue = await self._register.queue(next(iter(noted.values())).queue)
        if queue is None:  # its subscriptions are forgotten with it
            return [Link("setup", "bad", "the queue is gone", f"{set_up} names another.")]
        links = [Link("setup", "good", f"{len(noted)} types go to {queue.id}"), await self._reached(queue)]
        links.append(await self._is_read(queue))
        links.append(await self._destination(account, queue))
        links += [await self._subscription(account, one) for one in noted.values()]
        if any(link.state == "bad" for link in links):
            return links
        await self._register.await_test(queue.id, wait_s * len(noted) + 5)
        try:
            return links + [await self._comes_through(account, queue, one, wait_s) for one in noted.values()]
        finally:
            await self._register.await_test(queue.id, 0)

    async def _reached(self, queue: Queue) -> Link:
        if not queue.enabled:
            return Link("queue", "bad", f"{queue.id} is switched off", "Write it again with --enabled.")
        try:
            async with self._queues.open(queue, await self._register.key(queue.id)) as opened:
                waiting = await opened.count()
        except PacklineError as error:
            return Link("queue", "bad", error.message, error.hint)
        return Link("queue", "good", f"{queue.id} answers; about {waiting} messages wait")

    async def _is_read(self, queue: Queue) -> Link:
        state = await self._register.state(queue.id)
        if state.error:
            return Link("reader", "bad", state.error, "The reader tries again by itself once this is mended.")
        if state.read_at is None or self._clock.now() - state.read_at > FRESH:
            since = f"since {state.read_at:%Y-%m-%d %H:%M} UTC" if state.read_at else "yet"
            return Link("reader", "bad", f"nobody has read {queue.id} {since}", "Start `packline worker` or `serve`.")
        return Link("reader", "good", f"{queue.id} is being read")

    async def _destination(self, account: Account, queue: Queue) -> Link:
        cure = f"`packline notification setup {account.id}` makes it again."
        try:
            found = await self._amazon.destinations(account.id)
        except PacklineError as error:
            return Link("destination", "bad", error.message, error.hint)
        if not any(one.arn == queue.arn for one in found):
            return Link("destination", "bad", f"Amazon has no destination for {queue.arn}", cure)
        return Link("destination", "good", f"Amazon knows {queue.arn}")

    async def _subscription(self, account: Account, noted: Subscription) -> Link:
        say = partial(Link, noted.type.lower())
        try:
            there = await self._amazon.subscription(account.id, noted.type)
        except PacklineError as error:
            return say("bad", error.message, error.hint)
        if there is None:
            cure = f"`packline notification setup {account.id}` makes it again."
            return say("bad", "Amazon has no such subscription any more", cure)
        if there.destination_id != noted.destination_id:
            cure = f"`packline notification setup {account.id} --replace` brings it back."
            return say("bad", f"it leads to another destination ({there.destination_id})", cure)
        return say("good", f"subscribed ({there.id})")

    async def _comes_through(self, account: Account, queue: Queue, noted: Subscription, wait_s: float) -> Link:
        """Send a test of one type, and wait until a worker has counted it."""
        say = partial(Link, f"test {noted.type.lower()}")
        before = await self._register.counted(queue.id, noted.type)
        try:
            await self._amazon.send_test(account.id, noted.type, noted.destination_id)
        except PacklineError as error:
            cure = "Amazon may not send tests here; then the next real notification shows whether all is well."
            return say("doubt", f"no test could be sent: {error.message}", cure)
        start = self._clock.monotonic()
        while (after := self._clock.monotonic() - start) < wait_s:
            if await self._register.counted(queue.id, noted.type) > before:
                return say("good", f"came through in {after:.1f} s")
            await self._clock.sleep(LOOK_S)
        cure = "Check that Amazon may write to the queue (its access policy), and that nobody else reads it."
        return say("bad", f"it did not come through within {wait_s:.0f} s", cure)
