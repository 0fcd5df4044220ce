"""What the API needs from the other rooms; bootstrap builds it, starts it and stops it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import asyncpg

from packline.amazon.doctor.account import AccountDoctor
from packline.api.pulse import Pulse
from packline.commands.accounts import AccountRegister
from packline.commands.consents import ConsentDesk
from packline.commands.desk import Desk
from packline.commands.document_drops import DropCounter
from packline.commands.drop import DropDesk
from packline.commands.kept_routes import RouteDesk
from packline.commands.manifests import ManifestDesk
from packline.commands.migration_day import MigrationDesk
from packline.commands.notification_desk import NotificationDesk
from packline.commands.people import PeopleDesk
from packline.commands.pickup_schedule import PickupDesk
from packline.commands.prints import PrintDesk
from packline.commands.reconciliations import ReconcileDesk
from packline.commands.returns import ReturnDesk
from packline.commands.sign_in import IDLE, SignInDesk
from packline.commands.stock import StockDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.feed_plan import RULES, FeedRules
from packline.domain.manifest import MOST
from packline.oms.webhooks import WebhookSender
from packline.ports import Clock, Gateway, Wake
from packline.ports.feeds import Papers
from packline.ports.printing import Press
from packline.storage.api_keys import ApiKeys
from packline.storage.audit import Audit
from packline.storage.document_drops import DocumentDrops
from packline.storage.idempotency import Idempotency
from packline.storage.intake import Intake
from packline.storage.listings import ListingFiles
from packline.storage.manifests import Manifests
from packline.storage.papers import PaperNames
from packline.storage.passwords import Passwords
from packline.storage.people import People
from packline.storage.prints import Prints
from packline.storage.returns import Returns
from packline.storage.secrets import Vault
from packline.storage.sessions import Sessions
from packline.storage.shipments import Shipments
from packline.storage.stock_imports import StockFiles
from packline.storage.stock_offers import StockOffers
from packline.storage.stock_settings import StockRules
from packline.storage.webhooks import Webhooks


@dataclass(frozen=True)
class ApiSettings:
    """How the API behaves: whether keys are needed, how many requests a key has, where webhooks go, when feeds go.

    `console_url` is where people open their links; empty: where the request went. `kept_in` says where the database is,
    `key_file` where the key is that protects credentials (None: in the settings).
    """

    require_keys: bool = True
    requests_per_second: float = 50.0
    burst: int = 200
    webhook_allow_private: bool = False
    manifest_packages: int = MOST
    version: str = "0"
    feed_rules: FeedRules = RULES
    session_idle: timedelta = IDLE
    console_url: str = ""
    kept_in: str = ""
    key_file: Path | None = None


class PaperPress(Papers, Press, Protocol):
    """Reads documents, and joins them for printers."""


@dataclass(frozen=True)
class Services:
    """The stores, the desk and the clock of this process."""

    pool: asyncpg.Pool
    clock: Clock
    gateway: Gateway
    desk: Desk
    accounts: AccountRegister
    wake: Wake
    api_keys: ApiKeys
    idempotency: Idempotency
    webhooks: Webhooks
    sender: WebhookSender
    papers: PaperPress
    pickups: PickupDesk
    stock: StockDesk
    notices: NotificationDesk
    returns: Returns
    publishing: PublishingDesk
    reconcile: ReconcileDesk
    migrations: MigrationDesk
    dock: ReturnDesk
    routes: RouteDesk
    consents: ConsentDesk
    doctor: AccountDoctor
    settings: ApiSettings = field(default_factory=ApiSettings)
    vault: Vault | None = None
    pulse: Pulse = field(init=False)
    drops: DropDesk = field(init=False)
    files: DropCounter = field(init=False)
    prints: PrintDesk = field(init=False)
    manifests: ManifestDesk = field(init=False)
    stock_rules: StockRules = field(init=False)
    stock_files: StockFiles = field(init=False)
    listing_files: ListingFiles = field(init=False)
    audit: Audit = field(init=False)
    people: PeopleDesk = field(init=False)
    stock_offers: StockOffers = field(init=False)

    def __post_init__(self) -> None:
        """Give the process its one watcher of the feed, and what the pool is enough for."""
        object.__setattr__(self, "pulse", Pulse(self.pool))
        object.__setattr__(self, "drops", self._drops())
        store = DocumentDrops(self.pool, self.vault)
        object.__setattr__(self, "files", DropCounter(store, self.drops, self.accounts, self.clock))
        object.__setattr__(self, "prints", self._prints())
        object.__setattr__(self, "manifests", self._manifests())
        object.__setattr__(self, "stock_rules", StockRules(self.pool))
        object.__setattr__(self, "stock_files", StockFiles(self.pool))
        object.__setattr__(self, "listing_files", ListingFiles(self.pool))
        object.__setattr__(self, "audit", Audit(self.pool))
        object.__setattr__(self, "people", self._people())
        object.__setattr__(self, "stock_offers", StockOffers(self.pool))

    def _people(self) -> PeopleDesk:
        store, hasher = People(self.pool), Passwords()
        door = SignInDesk(store, Sessions(self.pool), self.audit, hasher, self.clock, idle=self.settings.session_idle)
        return PeopleDesk(store, door, hasher, self.clock)

    def _manifests(self) -> ManifestDesk:
        store, shipments = Manifests(self.pool), Shipments(self.pool, self.clock)
        return ManifestDesk(store, shipments, self.accounts, self.desk, self.clock, self.settings.manifest_packages)

    def _prints(self) -> PrintDesk:
        prints = Prints(self.pool, self.vault)
        return PrintDesk(Shipments(self.pool, self.clock), prints, self.papers, self.clock)

    def _drops(self) -> DropDesk:
        return DropDesk(
            Shipments(self.pool, self.clock, self.vault),
            PaperNames(self.pool, self.vault),
            Intake(self.pool, self.vault),
            self.accounts,
            self.gateway,
            self.papers,
            self.wake,
            self.clock,
        )
