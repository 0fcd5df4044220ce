"""Notifications from Amazon's change to the store: a real queue client, a worker, the simulator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from e2e.patience import until
from e2e.stage import amazon, open_account, open_seller_central, open_shop, settings
from packline.bootstrap import Services, open_services
from packline.domain.location import Account
from packline.ports.notifications import Queue, QueueKey
from packline.running import run
from packline_sim.control.handles import Amazon, Seller

pytestmark = pytest.mark.e2e
NEVER = {"poll_new_s": 3600.0, "poll_rest_s": 3600.0, "notification_readers": 2}
"""Polling that finds nothing within a test after its first look."""


FAULTS = ("lost", "twice", "late", "out_of_order")


class Stage(NamedTuple):
    """A seller at the simulator and his account here, with a worker that listens to the account's queue."""

    sim: Amazon
    shop: Seller
    services: Services
    account: Account

    async def status(self, amazon_id: str) -> str | None:
        found: str | None = await self.services.pool.fetchval(
            "select status from shipment where amazon_id = $1", amazon_id
        )
        return found


@asynccontextmanager
async def stage(
    database_url: str, folder: Path, open_one: Callable[..., Awaitable[Account]] = open_account, **given: Any
) -> AsyncIterator[Stage]:
    """Open a shop, subscribe, and let a worker run; polling has had its first look."""
    with amazon() as sim:
        shop = open_shop(sim, "Sample Seller")
        sim.control.patch("notifications/delivery", body=dict.fromkeys(FAULTS, 0.0))
        made = await asyncio.to_thread(lambda: sim.control.post("queues", body={"name": "packline"}))
        chosen = settings(database_url, folder, **(NEVER | given))
        async with open_services(chosen) as services:
            account = await open_one(services, sim, shop, "off")
            queue = Queue("main", "", made["arn"], "", sim.url)
            await services.notices.put_queue(queue, QueueKey("any", "any"))
            await services.notices.set_up(account.id)
            async with run(services, faces=False, worker=True):
                await until(lambda: has_looked(services))
                yield Stage(sim, shop, services, account)


async def has_looked(services: Services) -> bool:
    """Tell whether every listing was read once and the queue is being read."""
    polled = await services.pool.fetchval("select count(*) from intake_cursor where succeeded_at is null")
    any_polled = await services.pool.fetchval("select count(*) from intake_cursor")
    read = await services.pool.fetchval("select count(*) from notification_queue where read_at is not null")
    return bool(any_polled and not polled and read)


async def test_what_happens_at_amazon_is_known_without_asking(database_url: str, tmp_path: Path) -> None:
    """An order and its cancellation come by the queue while polling sleeps, and the queue is empty afterwards."""
    async with stage(database_url, tmp_path) as on:
        order = await asyncio.to_thread(lambda: on.shop.order(program="SELLER_FLEX"))
        await until(lambda: on.status(order.shipment_id))
        await asyncio.to_thread(order.cancel)

        async def cancelled() -> bool:
            return await on.status(order.shipment_id) == "CANCELLED"

        await until(cancelled)

        async def is_empty() -> bool:
            left = await asyncio.to_thread(lambda: on.sim.control.get("queues/packline"))
            return (left["visible"], left["in_flight"]) == (0, 0)

        await until(is_empty)  # what is stored is deleted a moment later
        polls = on.sim.calls(operation="getShipments")
        counts = await on.services.pool.fetch("select outcome, count from notification_count")
        assert len(polls) <= 40
        assert "stored" in {row["outcome"] for row in counts} <= {"stored", "repeated"}  # seen twice where it was slow


async def test_the_check_sends_a_test_through(database_url: str, tmp_path: Path) -> None:
    """Every link is green, and the test lies on nobody's list."""
    async with stage(database_url, tmp_path) as on:
        links = await on.services.notices.check(on.account.id)
        assert [(link.check, link.state, link.says) for link in links if link.state != "good"] == []
        assert links[-1].check.startswith("test ")
        assert await on.services.pool.fetchval("select count(*) from parked") == 0


async def test_poison_is_parked_and_leaves_the_queue(database_url: str, tmp_path: Path) -> None:
    """What is no notification, is of a stranger, or of a type that nobody needs does not come again."""
    stranger = (
        '{"NotificationType": "ORDER_CHANGE", "NotificationMetadata": {"NotificationId": "n-9"},'
        ' "Payload": {"OrderChangeNotification": {"SellerId": "A0NOBODY", "AmazonOrderId": "403-1"}}}'
    )
    bodies = ["{broken", "[]", '{"notificationType": "ANY_OFFER_CHANGED"}', stranger]
    async with stage(database_url, tmp_path) as on:
        await asyncio.to_thread(lambda: on.sim.control.post("queues/packline/messages", body={"bodies": bodies}))

        async def is_empty() -> bool:
            queue = await asyncio.to_thread(lambda: on.sim.control.get("queues/packline"))
            return bool(queue["deleted"] == 4)

        await until(is_empty)
        reasons = [row["reason"] for row in await on.services.pool.fetch("select reason from parked order by reason")]
        counted = await on.services.pool.fetch("select type, outcome, count from notification_count order by type")
        assert len(reasons) == 3
        assert any("Seller A0NOBODY is no account here" in reason for reason in reasons)
        assert ("ANY_OFFER_CHANGED", "ignored", 1) in [tuple(row) for row in counted]


async def test_an_easy_ship_order_comes_by_its_own_notification(database_url: str, tmp_path: Path) -> None:
    """ORDER_CHANGE in capitals: the order is read by its id, and taken in."""
    async with stage(database_url, tmp_path, open_seller_central) as on:
        order = await asyncio.to_thread(lambda: on.shop.central_order(easy_ship=True))
        await until(lambda: on.status(order.order_id))
        types = await on.services.pool.fetch("select type from notification_subscription order by type")
        assert [row["type"] for row in types] == [
            "FEED_PROCESSING_FINISHED", "ORDER_CHANGE", "REPORT_PROCESSING_FINISHED"
        ]  # fmt: skip


async def test_polling_narrows_and_widens_by_itself(database_url: str, tmp_path: Path) -> None:
    """Once a notification came polling rests; when Amazon loses them, the net finds it and polling is wide again."""
    async with stage(database_url, tmp_path, poll_new_s=0.3, poll_rest_s=0.3, poll_net_s=1.0) as on:
        from packline.views.notifications import statuses

        async def polling() -> str:
            (row,) = await statuses(on.services.pool, on.services.clock.now())
            return row["polling"]

        assert await polling() == "wide"
        order = await asyncio.to_thread(lambda: on.shop.order(program="SELLER_FLEX"))
        await until(lambda: on.status(order.shipment_id))

        async def is_narrow() -> bool:
            return await polling() == "narrow"

        await until(is_narrow)
        await asyncio.to_thread(lambda: on.sim.control.patch("notifications/delivery", body={"lost": 1.0}))
        lost = await asyncio.to_thread(lambda: on.shop.order(program="SELLER_FLEX"))
        await until(lambda: on.status(lost.shipment_id))

        async def is_doubted() -> bool:
            return bool(await on.services.pool.fetchval("select count(*) from notification_doubt"))

        await until(is_doubted)
        await on.services.pool.execute("update notification_doubt set found_at = found_at - interval '2 minutes'")

        async def is_wide() -> bool:
            return await polling() == "wide"

        await until(is_wide)


async def test_whatever_the_queue_does_the_books_agree_in_the_end(database_url: str, tmp_path: Path) -> None:
    """Many come twice, late or out of order, some not at all: each shipment is stored once, as Amazon has it."""
    async with stage(database_url, tmp_path, poll_new_s=0.5, poll_rest_s=0.5, poll_net_s=1.0) as on:
        shares = {"lost": 0.1, "twice": 0.3, "late": 0.3, "out_of_order": 0.3, "late_s": 2}
        await asyncio.to_thread(lambda: on.sim.control.patch("notifications/delivery", body=shares))
        orders = await asyncio.to_thread(lambda: on.shop.orders(30, program="SELLER_FLEX"))
        for order in orders[::3]:
            await asyncio.to_thread(order.cancel)
        wanted = {order.shipment_id for order in orders[::3]}
        sql = "select amazon_id from shipment where status = 'CANCELLED'"

        async def agrees() -> bool:
            stored = await on.services.pool.fetchval("select count(*) from shipment")
            cancelled = {row["amazon_id"] for row in await on.services.pool.fetch(sql)}
            return stored == len(orders) and cancelled == wanted

        await until(agrees, 120)
        told = await on.services.pool.fetchval("select count(*) from event where name = 'shipment.cancelled'")
        received = await on.services.pool.fetchval("select count(*) from event where name = 'shipment.received'")
        assert (told <= len(wanted), received) == (True, len(orders))
        assert await on.services.pool.fetchval("select count(*) - count(distinct dedupe) from inbox") == 0
