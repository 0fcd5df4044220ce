"""The feeds errand: whatever dies, is lost or is refused, every order gets its own documents or a person."""

import pytest

from fakes import id_of
from packline.domain.feeds import FeedItem
from packline.domain.shipment import Status
from packline.errors import Fenced, Rejected, Throttled
from unit.driver.feeding import Crash, FeedShop


def served(shop: FeedShop) -> None:
    """Every order has the label that is its own, once."""
    labels = shop.labels()
    assert labels == {order: f"label of {order}".encode() for order in labels}
    assert len(labels) == len(shop.names)
    assert shop.store.left() == []


async def test_one_feed_serves_many_orders() -> None:
    """Thirty labels want documents: one feed goes, and each order has its own file."""
    shop = FeedShop(30)
    await shop.work()
    served(shop)
    assert len(shop.amazon.sent) == 1
    assert shop.amazon.refills == 1


@pytest.mark.parametrize("write", range(1, 7))
async def test_a_crash_after_any_write_loses_nothing(write: int) -> None:
    """The process dies after a save: the next owner goes on from there, and every order gets its documents."""
    shop = FeedShop(5)
    shop.store.crash_after = write
    with pytest.raises(Crash):
        await shop.work()
    shop.store.crash_after = -1
    await shop.work()
    served(shop)
    assert len(shop.amazon.sent) == 1


async def test_a_crash_between_the_orders_and_their_feed_tells_nobody_twice() -> None:
    """The documents are stored and the process dies before the feed is ended: nothing is stored again."""
    shop = FeedShop(5)
    shop.store.crash_before_end = True
    with pytest.raises(Crash):
        await shop.work()
    events = len(shop.shop.store.events)
    await shop.work()
    served(shop)
    assert len(shop.shop.store.events) == events
    assert len(shop.amazon.sent) == 1


async def test_a_feed_whose_answer_was_lost_is_found() -> None:
    """CreateFeed's answer is lost after Amazon took it: it is looked for and followed, not sent again."""
    shop = FeedShop(3)
    shop.amazon.lose_answers = 1
    await shop.work()
    served(shop)
    assert len(shop.amazon.sent) == 1


async def test_two_feeds_whose_answers_were_lost_are_not_taken_for_each_other() -> None:
    """While nobody knows whether Amazon took a feed, none of its kind goes; another kind does."""
    shop = FeedShop(150)
    shop.amazon.lose_before, shop.amazon.lose_answers = 1, 1
    shop.rejected("O-NO")
    errand = await shop.errand()
    await shop.shop.clock.during(errand.run())
    unclear = [batch for batch in await shop.store.open("acme-in") if batch.state == "submitting"]
    assert len(unclear) == len({batch.kind for batch in unclear})
    await shop.work(errand=errand)
    served(shop)
    feeds = [batch.feed_id for batch in shop.store.batches.values()]
    assert len(feeds) == len(set(feeds))


async def test_a_poisoned_order_is_found_by_halving() -> None:
    """One order lets every feed die: the others are served, it is alone in the end, and a person is told."""
    shop = FeedShop(16)
    shop.amazon.poison = {"O-005"}
    await shop.work(hours=12)
    labels = shop.labels()
    assert len(labels) == 15
    assert "O-005" not in labels
    assert set(shop.store.failed) == {id_of("O-005")}
    problem = shop.shop.store.rows[id_of("O-005")].problem
    assert problem is not None
    assert problem.code == "documents_failed"


async def test_a_feed_that_does_not_end_is_given_up() -> None:
    """After two hours its orders go in another feed."""
    shop = FeedShop(3)
    shop.amazon.stuck = {"F1"}
    await shop.work(hours=1.9)
    assert len(shop.amazon.sent) == 1
    await shop.work(hours=2)
    served(shop)
    assert len(shop.amazon.sent) > 1


async def test_amazons_internal_failure_is_sent_again() -> None:
    """610013 for one message: the others are served at once, this one by the next feed."""
    shop = FeedShop(4)
    shop.amazon.errors = {"O-002": ["610013"]}
    await shop.work()
    served(shop)
    assert [len(items) for items in shop.amazon.sent.values()] == [4, 1]


async def test_an_order_that_is_refused_is_told_to_a_person() -> None:
    """Any other code is final: the others are served, this one is failed with Amazon's words."""
    shop = FeedShop(3)
    shop.amazon.errors = {"O-001": ["990"]}
    await shop.work()
    assert sorted(shop.labels()) == ["O-000", "O-002"]
    assert "990" in shop.store.failed[id_of("O-001")]


async def test_documents_that_were_not_in_the_report_are_asked_for_again() -> None:
    """The report lacks one order's pages: it goes into the next feed."""
    shop = FeedShop(3)
    shop.amazon.lacking = {"O-001": 2}
    await shop.work()
    served(shop)
    assert [len(items) for items in shop.amazon.sent.values()] == [3, 1, 1]


async def test_what_never_comes_is_given_up() -> None:
    """After eight feeds a person is told; the others were served with the first."""
    shop = FeedShop(2)
    shop.amazon.lacking = {"O-001": 99}
    await shop.work(hours=12)
    assert sorted(shop.labels()) == ["O-000"]
    assert set(shop.store.failed) == {id_of("O-001")}
    assert len(shop.amazon.sent) == 8


async def test_a_throttled_feed_goes_later() -> None:
    """Nothing was taken: the same batch goes again, once."""
    shop = FeedShop(2)
    shop.amazon.refuse = [Throttled("429", operation="createFeed")]
    await shop.work()
    served(shop)
    assert len(shop.amazon.sent) == 1


async def test_a_feed_that_is_refused_for_good_ends() -> None:
    """Five refusals of createFeed are final: the orders fail with Amazon's words."""
    shop = FeedShop(2)
    shop.amazon.refuse = [Rejected("InvalidInput: no", amazon_code="InvalidInput") for _ in range(9)]
    await shop.work()
    assert len(shop.store.failed) == 2
    assert len(shop.amazon.refuse) == 4


async def test_documents_that_amazon_does_not_open_end_with_a_person() -> None:
    """Five refusals of the report's file are final: it is not asked for for ever."""
    shop = FeedShop(2)

    async def closed(*_: object) -> bytes:
        raise Rejected("Amazon does not open this account's documents", amazon_code="Unauthorized")

    shop.amazon.report_file = closed  # type: ignore[method-assign]
    await shop.work()
    assert len(shop.store.failed) == 2
    assert len(shop.amazon.sent) == 1


async def test_a_worker_that_lost_the_account_says_nothing() -> None:
    """Another owner took over while a feed was under way: this one is stopped before it sends or writes."""
    shop = FeedShop(2)
    errand = await shop.errand()
    shop.shop.store.take_over("acme-in")
    shop.shop.clock.at = shop.shop.clock.at.replace(minute=30)
    with pytest.raises(Fenced):
        await shop.work(errand=errand)
    assert shop.amazon.sent == {}


async def test_cancellations_are_answered_by_number_in_spite_of_gaps() -> None:
    """An order that is wanted no more keeps its place, so that nobody hears another's answer."""
    shop = FeedShop(0)
    names = [shop.rejected(f"C-{n}") for n in range(3)]
    seen: list[list[FeedItem]] = []
    result = shop.amazon.result

    async def by_number(account, kind, state, items, guard):  # type: ignore[no-untyped-def]
        seen.append(list(items))
        return await result(account, kind, state, items, guard)

    shop.amazon.result = by_number  # type: ignore[method-assign]
    shop.amazon.stuck = {"F1"}
    await shop.work(hours=0.02)
    del shop.store.items_[names[1]]
    shop.amazon.stuck, shop.amazon.errors = set(), {"C-2": ["18028"]}
    await shop.work(hours=0.1)

    assert [item.subject for item in seen[0]] == ["C-0", "C-1", "C-2"]
    rows = {name: shop.shop.store.rows[name] for name in names}
    assert [rows[name].status for name in names] == [Status.CANCELLED, Status.ACCEPTED, Status.ACCEPTED]
    assert rows[names[2]].problem is not None
