"""What runs in a process: the REST API with the console, the sender of webhooks, and the worker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import structlog

from packline.amazon.marketplaces import MARKETPLACES
from packline.amazon.notifications.parse import notification
from packline.amazon.notifications.sqs import SqsQueues
from packline.bootstrap import Services, bulk_desk, drop_counter, worker_name
from packline.commands.listing_imports import ListingImporter
from packline.commands.stock_imports import StockImporter
from packline.domain.location import Account, Api
from packline.driver.catalogue import CatalogueErrand
from packline.driver.errand import Errand, Nudge
from packline.driver.feeds.errand import FeedsErrand
from packline.driver.feeds.tools import FeedTools
from packline.driver.group_commit import Committer
from packline.driver.notifications.finished import FinishedErrand
from packline.driver.notifications.listener import Listener
from packline.driver.ownership import Guard
from packline.driver.pace import Pace
from packline.driver.reconciling.errand import ReconcilingErrand
from packline.driver.reconciling.judge import Judge
from packline.driver.returns import OriginErrand, ReturnsErrand
from packline.driver.stock.drift import DriftErrand
from packline.driver.stock.errand import StockErrand
from packline.driver.stock.in_feeds import StockInFeeds
from packline.driver.stock.tools import StockTools
from packline.driver.stock_keeper import StockKeeper
from packline.driver.sweep import Sweep
from packline.driver.tools import Tools
from packline.driver.worker import Worker
from packline.oms.table_files import read_rows
from packline.oms.webhooks import WebhookSender
from packline.ports.stock import StockGateway
from packline.storage import embedded_watch, partitions
from packline.storage.database import AWAY, is_away
from packline.storage.erasing import Erasing
from packline.storage.finished import Finished
from packline.storage.flows import FlowWatch
from packline.storage.idempotency import Idempotency
from packline.storage.judging import Judgements
from packline.storage.lanes import save_lanes
from packline.storage.listings import ListingFiles
from packline.storage.outages import Outages
from packline.storage.ownership import Owners
from packline.storage.people import People
from packline.storage.reconciliations import Reconciliations
from packline.storage.reliance import Tellings
from packline.storage.sealing import Sealing
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_feeds import StockFeeds
from packline.storage.stock_imports import StockFiles
from packline.storage.stock_journeys import StockJourneys
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules
from packline.storage.wake import Alarm

log = structlog.get_logger(__name__)
GRACE_S = 15  # seconds that open requests and calls to Amazon have to end
LANES_SHOWN_EVERY_S = 2.0
JUDGE_IDLE_S = 1.0
FLOWS_IDLE_S = 15.0
PERSONAL_IDLE_S = 20.0


@dataclass(frozen=True)
class Running:
    """What was started, and the address of the API and the console (None where there is none)."""

    url: str | None
    tasks: tuple[asyncio.Task[Any], ...]

    async def until(self, stop: asyncio.Event) -> None:
        """Wait until `stop` is set; raises what ended a part that should have gone on."""
        told = asyncio.ensure_future(stop.wait())
        try:
            done, _ = await asyncio.wait({told, *self.tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        for task in done - {told}:
            task.result()


@asynccontextmanager
async def run(services: Services, *, faces: bool, worker: bool) -> AsyncIterator[Running]:
    """Start what is wanted, and stop it gracefully at the end: calls under way are finished and stored."""
    stop, url = asyncio.Event(), None
    tasks: list[asyncio.Task[Any]] = []
    ending: list[Callable[[], None]] = []
    if faces:
        # FastAPI, uvicorn and the routes: a worker alone starts two seconds sooner without
        from packline.faces import address_of, faces_of, listen, server_of

        listening = listen(services.settings)
        sender = WebhookSender(
            services.webhooks, services.clock, allow_private=services.settings.webhook_private_addresses
        )
        url = services.settings.public_url or address_of(listening)
        app = faces_of(services, sender)
        server = server_of(app)
        ending = [app.state.services.pulse.close, partial(setattr, server, "should_exit", True)]
        tasks += [_start("faces", server.serve(sockets=[listening])), _start("webhooks", sender.run(stop))]
    if worker:
        tasks += [_start("worker", worker_of(services).run(stop)), _start("lanes", _show_lanes(services, stop))]
        tasks += [_start("stock", keeper_of(services).run(stop))]
        judging = StockKeeper((judge_of(services).work,), services.clock, JUDGE_IDLE_S)
        tasks += [_start("reconciliations", judging.run(stop))]
        tasks += [_start("notifications", listener_of(services).run(stop))]
        chores = (erasing_of(services).work, Sealing(services.pool, services.vault).work)
        tasks += [_start("personal data", StockKeeper(chores, services.clock, PERSONAL_IDLE_S).run(stop))]
    if faces or worker:  # whoever is up looks, so that a worker that is gone is told of
        watch = StockKeeper((FlowWatch(services.pool).look,), services.clock, FLOWS_IDLE_S)
        tasks += [_start("flows", watch.run(stop))]
    if services.settings.database_url is None:
        tasks += [_start("database", embedded_watch.watch(services.settings.data, stop))]
    try:
        yield Running(url, tuple(tasks))
    finally:
        stop.set()
        for end in ending:  # whoever waits for events is answered, then the doors close
            end()
        await _end(tasks)


def worker_of(services: Services) -> Worker:
    """Make the worker of this process."""
    settings, clock = services.settings, services.clock
    pace = Pace(
        per_account=settings.shipments_per_account,
        per_worker=settings.shipments_per_worker,
        poll_new_s=settings.poll_new_s,
        poll_rest_s=settings.poll_rest_s,
        poll_net_s=settings.poll_net_s,
        outage_s=settings.outage_s,
        poll_returns_s=settings.poll_returns_s,
        look_back=timedelta(days=settings.look_back_days),
    )
    tools = Tools(
        shipments=services.shipments,
        owners=Owners(services.pool),
        intake=services.intake,
        accounts=services.accounts,
        gateway=services.gateway,
        clock=clock,
        committer=Committer(services.shipments, clock, linger=settings.linger_ms / 1000, is_away=is_away),
        pace=pace,
        telling=Tellings(services.pool),
        outages=Outages(services.pool),
        is_away=is_away,
    )
    idempotency = Idempotency(services.pool)
    tools = tools._replace(errands=partial(_errands, services, tools, Stores.of(services)))
    upkeep = (
        partial(_keep_partitions, services),
        idempotency.purge,
        partial(_forget_attempts, services),
        People(services.pool).purge,
        erasing_of(services).tidy,
    )
    sweep = Sweep(services.wake, clock, pace.sweep_s, upkeep)
    return Worker(tools, Alarm(services.pool), sweep, worker_name(settings))


class Stores(NamedTuple):
    """What the errands of a worker's accounts read: one of each, for what they ask together is one statement."""

    publishing: StockPublishing
    drift: StockDrift
    reconciliations: Reconciliations

    @classmethod
    def of(cls, services: Services) -> "Stores":
        """Open them over the pool of this process."""
        return cls(StockPublishing(services.pool), StockDrift(services.pool), Reconciliations(services.pool))


def _errands(
    services: Services, tools: Tools, stores: Stores, account: Account, guard: Guard, nudge: Nudge
) -> tuple[Errand, ...]:
    """Give an account the errands that its API asks for."""
    is_central = account.api is Api.SELLER_CENTRAL
    told_by: StockGateway = services.quantities if is_central else services.inventory
    outbox = StockTools(stores.publishing, told_by)
    stock = StockErrand(tools, outbox, account, guard)
    drift = DriftErrand(tools, stores.drift, told_by, account, guard)
    books = (services.returns, services.coming_back)
    compare = ReconcilingErrand(tools, stores.reconciliations, books, services.reports, account, guard)
    if not is_central:
        returns = ReturnsErrand(tools, services.returns, services.coming_back, account, guard)
        return (stock, drift, returns, compare)
    rules = services.feed_rules
    many = StockInFeeds(tools, outbox, StockFeeds(services.pool), stock, account, guard, rules)
    feeds = FeedTools(services.feed_items, services.feeds, services.papers, rules, many)
    catalogue = CatalogueErrand(tools, services.skus, services.catalogue, account, guard)
    parcels = OriginErrand(tools, services.returns, account, guard)
    finished = FinishedErrand(tools, Finished(services.pool), account, nudge)
    feeding = FeedsErrand(tools, feeds, account, guard, nudge)
    return (finished, feeding, catalogue, stock, drift, parcels, compare)


def listener_of(services: Services) -> Listener:
    """Make the listener of this process to the queues of notifications."""
    readers = services.settings.notification_readers
    regions = {marketplace: region for marketplace, (_, region) in MARKETPLACES.items()}
    return Listener(services.notifications, SqsQueues(readers), notification, regions, services.clock, readers)


def keeper_of(services: Services) -> StockKeeper:
    """Make the keeper of stock: the feed into the ledger, rules and uploads that wait, routes that are rejected."""
    journeys, rules = StockJourneys(services.pool), StockRules(services.pool)
    uploads = StockImporter(services.stock, StockFiles(services.pool), read_rows)
    listings = ListingImporter(ListingFiles(services.pool), services.accounts, read_rows)
    papers, bulk = drop_counter(services), bulk_desk(services)
    chores = (journeys.work, rules.work, uploads.work, listings.work, papers.work, bulk.work, services.routes.work)
    return StockKeeper(chores, services.clock)


def erasing_of(services: Services) -> Erasing:
    """Make the job that erases personal data after the delivery."""
    keep = timedelta(days=services.settings.personal_data_days)
    return Erasing(services.pool, services.gateway.details, keep)


def judge_of(services: Services) -> Judge:
    """Make the judge of reconciliations."""
    store = Judgements(services.pool, services.vault)
    return Judge(store, services.shipments, services.accounts, services.gateway, services.clock)


async def _show_lanes(services: Services, stop: asyncio.Event) -> None:
    """Write the lanes of this worker's accounts down, so that other processes can say who waits for which quota."""
    while not stop.is_set():
        with contextlib.suppress(*AWAY, asyncpg.PostgresError):
            accounts = [account.id for account in await services.accounts.accounts()]
            shown = {account: services.gateway.quotas(account) for account in accounts}
            await save_lanes(services.pool, shown, services.clock.now())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LANES_SHOWN_EVERY_S)


async def _keep_partitions(services: Services, now: datetime) -> None:
    settings = services.settings
    kept = {"event": settings.keep_events_days, "call": settings.keep_calls_days, "inbox": settings.keep_inbox_days}
    kept["audit"] = settings.keep_audit_days
    await Reconciliations(services.pool).forget(now - timedelta(days=settings.keep_events_days))
    async with services.pool.acquire() as connection:
        await partitions.keep(connection, now, {table: timedelta(days=days) for table, days in kept.items()})


async def _forget_attempts(services: Services, now: datetime) -> None:
    """Attempts to reach the seller's system are kept as long as the calls to Amazon."""
    await services.webhooks.purge(now - timedelta(days=services.settings.keep_calls_days))


def _start(name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.create_task(work, name=name)


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=GRACE_S)
    for task in late:
        log.warning("part.cancelled", part=task.get_name(), waited_s=GRACE_S)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
