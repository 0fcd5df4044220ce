"""Errands beside journeys: one that breaks, is slow, rings; and messages of the inbox that name what nobody knows."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from builders import facts
from packline.domain.shipment import Status
from packline.errors import Fenced, Rejected, Unavailable
from packline.ports import Page
from unit.driver.driving import Shop, order

FAR = datetime.max.replace(tzinfo=UTC)


class Chore:
    """An errand whose work is a function; it wants to run when it is rung."""

    def __init__(self, shop: Shop, work: Callable[[], object], at_once: bool = True) -> None:
        self._shop, self._work, self.runs, self._at_once = shop, work, 0, at_once
        self.rings = 0

    async def open(self) -> None:
        """Begin."""

    def next_at(self) -> datetime:
        return self._shop.clock.now() if self._at_once else FAR

    def ring(self) -> None:
        self.rings += 1
        self._at_once = True

    async def run(self) -> None:
        self._at_once = False
        self.runs += 1
        answer = self._work()
        if hasattr(answer, "__await__"):
            await answer


def with_errand(shop: Shop, chore: Chore) -> Chore:
    shop.tools = shop.tools._replace(errands=lambda *_: (chore,))
    return chore


async def test_an_errand_that_breaks_stops_no_shipment() -> None:
    """What one errand cannot digest is its own trouble: journeys reach their goal, and it tries again later."""
    shop = Shop(order())

    def broken() -> None:
        raise ValueError("a body that nobody foresaw")

    chore = with_errand(shop, Chore(shop, broken))
    await shop.work()
    assert shop.row().status is Status.SHIPLABEL_GENERATED
    assert chore.runs >= 1


async def test_an_errand_that_breaks_rests_even_when_it_is_rung() -> None:
    """Else a poisoned record would be read as fast as the machine can."""
    shop = Shop(order())

    def broken() -> None:
        raise KeyError("gone")

    chore = with_errand(shop, Chore(shop, broken))
    chore.next_at = shop.clock.now  # type: ignore[method-assign]
    drain = await shop.drain()

    async def ring() -> None:
        for _ in range(10):
            drain.nudge()
            await shop.clock.sleep(1)
        drain.stop()

    await shop.clock.during(asyncio.gather(drain.run(), ring()))
    assert chore.runs == 1


async def test_an_errand_that_lost_the_account_ends_the_drain() -> None:
    """Fenced is no trouble of the errand's own: somebody else works for the account."""
    shop = Shop(order())

    def fenced() -> None:
        raise Fenced("somebody else owns it")

    chore = with_errand(shop, Chore(shop, fenced))
    chore.next_at = shop.clock.now  # type: ignore[method-assign]
    assert await shop.work() == 0
    assert chore.runs == 1


async def test_a_slow_errand_holds_up_no_shipment() -> None:
    """Shipments are labeled while an errand waits for Amazon."""
    shop = Shop(order())
    seen: list[Status] = []

    async def slow() -> None:
        await shop.clock.sleep(30)
        seen.append(shop.row().status)

    with_errand(shop, Chore(shop, slow))
    await shop.work()
    assert seen == [Status.SHIPLABEL_GENERATED]


async def test_a_nudge_rings_every_errand() -> None:
    """A command may have brought work for any of them."""
    shop = Shop()
    chore = with_errand(shop, Chore(shop, lambda: None, at_once=False))
    drain = await shop.drain()
    drain.nudge()
    await shop.clock.during(drain.run())
    assert (chore.rings, chore.runs) == (1, 1)


async def test_a_message_for_an_unknown_order_is_read_at_once() -> None:
    """The order is taken in without waiting for a listing."""
    shop = Shop()
    known = facts()
    shop.amazon.read_one = _answering(Page(((known, b"body"),), (), None, shop.clock.now()))  # type: ignore[method-assign]
    shop.store.inbox[1] = "S-1"
    await shop.work()
    assert shop.row().status is Status.ACCEPTED
    assert shop.store.inbox == {}


async def test_a_message_for_an_order_that_amazon_has_not_is_done_with() -> None:
    """Nothing is stored and nothing is asked again."""
    shop = Shop()
    shop.amazon.read_one = _answering(Page((), (), None, shop.clock.now()))  # type: ignore[method-assign]
    shop.store.inbox[1] = "S-9"
    await shop.work()
    assert shop.store.inbox == {}
    assert shop.store.rows == {}


async def test_a_message_that_amazon_refuses_to_read_holds_up_nothing() -> None:
    """It goes to a person's list; the messages behind it are read."""
    shop = Shop()
    page = Page(((facts(), b"body"),), (), None, shop.clock.now())
    shop.amazon.read_one = _answering(Rejected("InvalidInput: no such order"), page)  # type: ignore[method-assign]
    shop.store.inbox |= {1: "nonsense", 2: "S-1"}
    await shop.work()
    assert shop.store.inbox == {}
    assert any("nonsense" in str(parked) for parked in shop.store.parked)
    assert shop.row().status is Status.ACCEPTED


async def test_a_message_with_an_id_that_cannot_be_asked_for_holds_up_nothing() -> None:
    """Whoever posts `..` as an order must not stop intake."""
    shop = Shop()
    page = Page(((facts(), b"body"),), (), None, shop.clock.now())
    shop.amazon.read_one = _answering(ValueError("it cannot be part of an address"), page)  # type: ignore[method-assign]
    shop.store.inbox |= {1: "..", 2: "S-1"}
    await shop.work()
    assert shop.store.inbox == {}
    assert shop.row().status is Status.ACCEPTED


async def test_a_message_stays_until_it_was_read() -> None:
    """Amazon cannot answer for one order: only that message is kept, and read at the next look."""
    shop = Shop()
    page = Page(((facts(), b"body"),), (), None, shop.clock.now())
    shop.amazon.read_one = _answering(Unavailable("later"), page)  # type: ignore[method-assign]
    shop.store.inbox |= {1: "S-7", 2: "S-1"}
    await shop.work()
    assert shop.store.inbox == {1: "S-7"}
    assert shop.row().status is Status.ACCEPTED


def _answering(*answers: object):
    left = list(answers)

    async def read_one(*_: object) -> Page:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    return read_one
