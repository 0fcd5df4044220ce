"""Where every layer is joined: stores, desk, gateway and clock of one process; nothing is started here."""

import asyncio
import base64
import binascii
import contextlib
import os
import platform
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from functools import cached_property, partial
from importlib import metadata

import asyncpg

from packline.amazon.consent import ConsentGate
from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.doctor.places import PlaceFinder
from packline.amazon.external_fulfillment.gateway import ExternalFulfillmentGateway
from packline.amazon.external_fulfillment.kept_fields import KEPT_FIELDS
from packline.amazon.external_fulfillment.panel_marks import marks_of
from packline.amazon.external_fulfillment.returns import ExternalFulfillmentReturns
from packline.amazon.external_fulfillment.stock import ExternalFulfillmentStock
from packline.amazon.gateways import ApiGateway, Gateways
from packline.amazon.notifications.operations import KEPT_FIELDS as KEPT_OF_NOTIFICATIONS
from packline.amazon.notifications.sqs import SqsQueues
from packline.amazon.notifications.subscriptions import AmazonSubscriptions
from packline.amazon.seller_central import capabilities, pickup_file
from packline.amazon.seller_central.feeds import SellerCentralFeeds
from packline.amazon.seller_central.gateway import SellerCentralGateway
from packline.amazon.seller_central.kept_fields import KEPT_FIELDS as KEPT_OF_SELLER_CENTRAL
from packline.amazon.seller_central.listings import SellerCentralListings
from packline.amazon.seller_central.order_reports import SellerCentralReports
from packline.amazon.seller_central.papers import apart
from packline.amazon.seller_central.papers.apart import PaperRoom
from packline.amazon.seller_central.stock_patch import SellerCentralStock
from packline.amazon.simulator import SimulatorDesk
from packline.amazon.spapi.client import ClientConfig
from packline.amazon.spapi.clock import Clock, SystemClock
from packline.amazon.spapi.doors import Doors
from packline.amazon.spapi.http1 import Http1Transport
from packline.commands.accounts import ENDPOINTS
from packline.commands.bulk_acts import BulkDesk
from packline.commands.consents import ConsentDesk
from packline.commands.desk import Desk
from packline.commands.document_drops import DropCounter
from packline.commands.drop import DropDesk
from packline.commands.kept_routes import RouteDesk
from packline.commands.manifests import ManifestDesk
from packline.commands.migration_day import MigrationDesk
from packline.commands.notification_desk import NotificationDesk
from packline.commands.people import PeopleDesk
from packline.commands.pickup_schedule import Pickup, PickupDesk, Written
from packline.commands.prints import PrintDesk
from packline.commands.reconciliations import ReconcileDesk
from packline.commands.returns import ReturnDesk
from packline.commands.sign_in import SignInDesk
from packline.commands.stock import StockDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.config import Settings
from packline.console.file_desk import FileDesk
from packline.console.start_desk import StartDesk
from packline.domain.feed_plan import FeedRules
from packline.domain.location import Api
from packline.errors import ConfigError
from packline.oms.identity_provider import IdentityProvider
from packline.storage.accounts import Accounts
from packline.storage.api_keys import ApiKeys
from packline.storage.audit import Audit
from packline.storage.bulk_acts import BulkActs
from packline.storage.commands import Commands
from packline.storage.consents import Consents
from packline.storage.database import open_pool
from packline.storage.document_drops import DocumentDrops
from packline.storage.feeds import Feeds
from packline.storage.intake import Intake
from packline.storage.listings import ListingFiles
from packline.storage.manifests import Manifests
from packline.storage.migration_day import Days
from packline.storage.notification_queues import NotificationQueues
from packline.storage.papers import PaperNames
from packline.storage.passwords import Passwords
from packline.storage.people import People
from packline.storage.pickups import Unscheduled
from packline.storage.prints import Prints
from packline.storage.reconciliations import Reconciliations
from packline.storage.repairs import Repairs
from packline.storage.return_receipts import ReturnDock
from packline.storage.returns import Returns
from packline.storage.route_book import RouteOrders
from packline.storage.sealed import opened
from packline.storage.secrets import Vault, key_file
from packline.storage.sessions import Sessions
from packline.storage.shipments import Shipments
from packline.storage.skus import Skus
from packline.storage.stock import Stock
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules
from packline.storage.wake import Bell
from packline.storage.webhooks import Webhooks


@dataclass(frozen=True)
class Services:
    """The stores, the desk, the gateway and the clock of this process."""

    settings: Settings
    pool: asyncpg.Pool
    vault: Vault
    clock: Clock
    transport: Http1Transport
    gateway: Gateways
    desk: Desk
    shipments: Shipments
    tickets: Commands
    accounts: Accounts
    consents: ConsentDesk
    intake: Intake
    notifications: NotificationQueues
    notices: NotificationDesk
    api_keys: ApiKeys
    webhooks: Webhooks
    wake: Bell
    feeds: SellerCentralFeeds
    catalogue: SellerCentralListings
    feed_items: Feeds
    skus: Skus
    papers: PaperRoom
    inventory: ExternalFulfillmentStock
    quantities: SellerCentralStock
    drops: DropDesk
    pickups: PickupDesk
    stock: StockDesk
    coming_back: ExternalFulfillmentReturns
    returns: Returns
    reports: SellerCentralReports

    @property
    def feed_rules(self) -> FeedRules:
        """Say when a feed is worth a call, by the settings of this process."""
        return FeedRules(full=self.settings.documents_per_feed, documents_wait_s=self.settings.documents_wait_s)

    @cached_property
    def publishing(self) -> PublishingDesk:
        """The desk where numbers are told to Amazon again, compared and mended."""
        outbox, found = StockPublishing(self.pool), StockDrift(self.pool)
        return PublishingDesk(outbox, found, self.stock, self.accounts, self.clock)

    @cached_property
    def reconcile(self) -> ReconcileDesk:
        """The desk where reconciliations are asked for and mended."""
        runs, repairs = Reconciliations(self.pool), Repairs(self.pool)
        return ReconcileDesk(runs, repairs, self.publishing, self.desk, self.intake, self.accounts, self.clock)

    @cached_property
    def migrations(self) -> MigrationDesk:
        """The desk where a migration is begun and ended."""
        holds, desks = StockRules(self.pool), (self.publishing, self.desk)
        return MigrationDesk(Days(self.pool), holds, self.accounts, self.wake, desks, self.clock)

    @cached_property
    def dock(self) -> ReturnDesk:
        """The desk where returns come in."""
        return ReturnDesk(ReturnDock(self.pool), self.returns, self.clock)

    @cached_property
    def routes(self) -> RouteDesk:
        """The desk of the routes that are kept."""
        return RouteDesk(RouteOrders(self.pool), self.accounts, self.clock)


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Open the database and join the parts; nothing is started. Closes everything at the end.

    Raises ConfigError where the database cannot be reached or the keys cannot be read.
    """
    clock = clock or SystemClock()
    vault = Vault(keys(settings))
    url = settings.database_url.get_secret_value() if settings.database_url else None
    pool = await open_pool(url, settings.data, clock.now(), size=settings.pool_size)
    transport = Http1Transport()
    try:
        yield _joined(settings, pool, clock, transport, vault)
    finally:
        await apart.room().close()
        await transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 5)


def keys(settings: Settings) -> dict[int, bytes]:
    """Give the keys that protect credentials: the master key, else the key file (made where it is missing)."""
    if settings.master_key is None:
        return key_file(settings.key_path)
    try:
        return {1: base64.b64decode(settings.master_key.get_secret_value(), validate=True)}
    except (binascii.Error, ValueError):
        raise ConfigError(
            "The master key is not base64.", hint="Give 32 bytes as base64 in PACKLINE_MASTER_KEY."
        ) from None


def worker_name(settings: Settings) -> str:
    """Name this worker in logs and in the table of owners."""
    return settings.worker_name or f"{platform.node() or 'worker'}-{os.getpid()}"


def version() -> str:
    """Give the version of Packline that is installed."""
    return metadata.version("packline")


def _joined(settings: Settings, pool: asyncpg.Pool, clock: Clock, transport: Http1Transport, vault: Vault) -> Services:
    store = Accounts(pool, vault)
    config = ClientConfig(timeout=settings.call_timeout_s)
    kept = {**KEPT_FIELDS, **KEPT_OF_SELLER_CENTRAL, **KEPT_OF_NOTIFICATIONS}
    doors = Doors(transport, clock, store.directory, kept, config)
    gateway = _gateway(settings, doors, clock, vault)
    shipments, tickets, skus = Shipments(pool, clock, vault), Commands(pool, clock), Skus(pool)
    queues = NotificationQueues(pool, vault, store)
    intake, bell, papers = Intake(pool, vault), Bell(pool), apart.room()
    told = SellerCentralFeeds(doors, clock, shipments.log_calls)
    return Services(
        settings=settings,
        pool=pool,
        vault=vault,
        clock=clock,
        transport=transport,
        gateway=gateway,
        desk=Desk(shipments, tickets, store, gateway, clock, skus),
        shipments=shipments,
        tickets=tickets,
        accounts=store,
        consents=ConsentDesk(Consents(pool, vault), store, bell, ConsentGate(transport, clock), clock),
        intake=intake,
        notifications=queues,
        notices=NotificationDesk(
            queues, AmazonSubscriptions(doors, shipments.log_calls), SqsQueues(readers=1), store, clock
        ),
        api_keys=ApiKeys(pool),
        webhooks=Webhooks(pool, vault),
        wake=bell,
        feeds=told,
        catalogue=SellerCentralListings(doors, shipments.log_calls),
        feed_items=Feeds(pool),
        skus=skus,
        papers=papers,
        inventory=ExternalFulfillmentStock(doors, shipments.log_calls),
        quantities=SellerCentralStock(doors, shipments.log_calls),
        drops=DropDesk(shipments, PaperNames(pool, vault), intake, store, gateway, papers, bell, clock),
        coming_back=ExternalFulfillmentReturns(doors, shipments.log_calls),
        returns=Returns(pool, vault),
        reports=SellerCentralReports(doors, clock, shipments.log_calls, told),
        pickups=PickupDesk(shipments, Unscheduled(pool), tickets, skus, store, gateway, write_pickups, clock),
        stock=StockDesk(Stock(pool), store, clock),
    )


def _gateway(settings: Settings, doors: Doors, clock: Clock, vault: Vault) -> Gateways:
    marketplaces = capabilities.load(settings.easy_ship_marketplaces)
    marks = marks_of(settings.processing_sources, settings.custom_attributes)
    apis: dict[str, ApiGateway] = {
        Api.EXTERNAL_FULFILLMENT: ExternalFulfillmentGateway(doors, clock, marks, settings.documents_afterwards),
        Api.SELLER_CENTRAL: SellerCentralGateway(doors, clock, marketplaces, apart.split_apart),
    }
    return Gateways(doors, apis, partial(opened, vault))


def account_doctor(services: Services) -> AccountDoctor:
    """Give who looks at accounts as Amazon sees them."""
    return AccountDoctor(services.transport, services.clock, services.accounts, ENDPOINTS)


def start_desk(services: Services) -> StartDesk:
    """Give what the pages of getting started need."""
    doctor, transport = account_doctor(services), services.transport
    return StartDesk(
        accounts=services.accounts,
        wake=services.wake,
        doctor=doctor,
        places=PlaceFinder(transport, doctor),
        consents=services.consents,
        simulator=SimulatorDesk(transport),
        notices=services.notices,
        publishing=services.publishing,
        address=services.settings.public_url or "",
    )


def file_desk(services: Services) -> FileDesk:
    """Give what the pages of files need."""
    return FileDesk(ListingFiles(services.pool), services.accounts, drop_counter(services), services.pickups)


def drop_counter(services: Services) -> DropCounter:
    """Give where files of documents are worked off."""
    return DropCounter(DocumentDrops(services.pool, services.vault), services.drops, services.accounts, services.clock)


def bulk_desk(services: Services) -> BulkDesk:
    """Give where acts on many shipments are given."""
    return BulkDesk(BulkActs(services.pool), services.desk, services.clock)


def manifest_desk(services: Services) -> ManifestDesk:
    """Give the desk where manifests are made."""
    store, most = Manifests(services.pool), services.settings.manifest_packages
    return ManifestDesk(store, services.shipments, services.accounts, services.desk, services.clock, most)


def print_desk(services: Services) -> PrintDesk:
    """Give the desk where labels are printed."""
    prints = Prints(services.pool, services.vault)
    return PrintDesk(services.shipments, prints, services.papers, services.clock)


def people_desk(services: Services) -> PeopleDesk:
    """Give the desk where people are made and changed."""
    store, hasher, audit = People(services.pool), Passwords(), Audit(services.pool)
    door = SignInDesk(
        store,
        Sessions(services.pool),
        audit,
        hasher,
        services.clock,
        idle=timedelta(hours=services.settings.session_idle_h),
        lasts=timedelta(hours=services.settings.session_h),
    )
    return PeopleDesk(store, door, hasher, services.clock)


def identity_provider(services: Services) -> IdentityProvider | None:
    """Give the identity provider that people may sign in with; None where none is set."""
    told = services.settings.identity_provider
    return IdentityProvider(told, services.clock) if told else None


def write_pickups(rows: Sequence[Pickup], zone: tzinfo) -> Written:
    """Write pickups as Seller Central takes them (`commands.pickup_schedule.Writer`)."""
    made = pickup_file.pickup_files([pickup_file.Pickup(row.order_id, row.box, row.window) for row in rows], zone)
    refused = [(row.order_id, "; ".join(fault.message for fault in row.faults)) for row in made.refused]
    return Written(tuple(file.content for file in made.files), tuple(refused))
