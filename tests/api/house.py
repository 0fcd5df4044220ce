"""A house for API tests: the app over a real database, with a gateway that makes no calls."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import msgspec

from builders import LABEL_FILE, NOON, PROGRAMS, facts
from console.start_fakes import NoAmazon
from notification_fakes import FakeQueues, FakeSubscriptions
from packline.amazon.consent import ConsentGate
from packline.amazon.doctor.account import AccountDoctor
from packline.amazon.seller_central.papers import apart
from packline.api.app import create_app
from packline.api.services import ApiSettings, Services
from packline.bootstrap import write_pickups
from packline.commands.accounts import ENDPOINTS
from packline.commands.api_keys import create_api_key
from packline.commands.consents import ConsentDesk
from packline.commands.desk import Desk
from packline.commands.kept_routes import RouteDesk
from packline.commands.migration_day import MigrationDesk
from packline.commands.notification_desk import NotificationDesk
from packline.commands.pickup_schedule import PickupDesk
from packline.commands.reconciliations import ReconcileDesk
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.details import Details, Line, RecommendedPackage, read_left
from packline.domain.location import Account, Credentials, Location, Region
from packline.domain.program import Program
from packline.domain.shipment import Label, Shipment
from packline.domain.story import Story
from packline.domain.values import Box
from packline.oms.webhooks import WebhookSender
from packline.ports import Call, Change
from packline.storage.accounts import Accounts
from packline.storage.api_keys import ApiKeys
from packline.storage.commands import Commands
from packline.storage.consents import Consents
from packline.storage.idempotency import Idempotency
from packline.storage.intake import Intake
from packline.storage.migration_day import Days
from packline.storage.notification_queues import NotificationQueues
from packline.storage.pickups import Unscheduled
from packline.storage.reconciliations import Reconciliations
from packline.storage.repairs import Repairs
from packline.storage.return_receipts import ReturnDock
from packline.storage.returns import Returns
from packline.storage.route_book import RouteOrders
from packline.storage.secrets import Vault
from packline.storage.shipments import Shipments
from packline.storage.skus import Skus
from packline.storage.stock import Stock
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules
from packline.storage.wake import ring
from packline.storage.webhooks import Webhooks

ACCOUNT = Account(
    id="acme-in",
    name="Acme Traders",
    seller_id="A1SELLER",
    region=Region.EU,
    marketplaces=("A21TJRUUN4KGV",),
    endpoint="http://127.0.0.1:1",
    token_url="http://127.0.0.1:1/token",
    application_id="app",
)
DETAILS = Details(
    lines=(Line("L1", "KURTA-M", 2, title="Blue Kurta M"),),
    recommended=(RecommendedPackage(Box(30, 20, 10, 850), (("L1", 2),)),),
    ship_to={"postal_code": "560001", "name": "A Buyer"},
)
LANE = {"operation": "createPackages", "rate": 1.0, "burst": 2.0, "level": 0.0, "waiting": 4, "eta": 4.0}


class HouseClock:
    """The real pace from a known moment, so that waiting works."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return datetime.now(UTC).timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"the API slept {seconds} s")


class QuietGateway:
    """Programs and lines without Amazon."""

    lanes: Sequence[dict[str, Any]] = (LANE,)

    def details(self, body: bytes, api: str) -> Details:
        return read_left(body) or msgspec.json.decode(body, type=Details)

    def program_for(self, shipment: Shipment) -> Program:
        return PROGRAMS[shipment.program]

    def quotas(self, account: str) -> Sequence[dict[str, Any]]:
        return self.lanes


class DirectBell:
    """Ring on a connection of its own."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def wake(self, accounts: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await ring(connection, accounts)


class House:
    """Services, an HTTP client with a key, and shorthands to put shipments on the shelf."""

    def __init__(self, services: Services, client: httpx.AsyncClient) -> None:
        self.services, self.client = services, client
        self.store = Shipments(services.pool, services.clock)

    async def shipment(self, amazon_id: str = "S-1", status: str = "CONFIRMED", **given: Any) -> Shipment:
        """Store a shipment as intake does."""
        program = given.pop("program", "seller_flex")
        received = ev.Received(facts(status, amazon_id=amazon_id, **given), program, NOON)
        made = receive("acme-in", received)
        assert await self.store.insert([Change(made, 0, (received,), None, body=msgspec.json.encode(DETAILS))])
        return (await self.store.load([made.id]))[made.id]

    async def happen(self, shipment_id: str, *events: Any, **change: Any) -> Shipment:
        """Let events happen to a shipment, as the driver commits them."""
        shipment = (await self.store.load([shipment_id]))[shipment_id]
        story = Story(shipment)
        story.tell_all(events)
        fates = await self.store.commit([Change(story.shipment, shipment.version, tuple(events), **change)])
        assert fates[0].outcome == "written"
        return story.shipment

    async def labeled(self, shipment_id: str, package: str = "PKG-1", tracking: str = "TRK-1") -> None:
        """Let a label arrive with its file."""
        label = Label(tracking, "ATS", 1, 1, NOON, document=LABEL_FILE.document)
        await self.happen(shipment_id, ev.LabelMade(package, label), files=(LABEL_FILE,))

    async def called(self, shipment_id: str, operation: str = "createPackages", status: int = 204, n: int = 0) -> None:
        """Let a call be logged."""
        at = self.services.clock.now() + timedelta(milliseconds=n)
        call = Call(at, "acme-in", operation, 1, status, 81.5, shipment_id, "", f"rid-{n}", 0.5)
        await self.store.log_calls([call])

    async def key(self, role: str = "reader", **scope: Any) -> dict[str, str]:
        """Make another key; give its header."""
        made = await create_api_key(self.services.api_keys, self.services.clock, "other", role, **scope)
        return {"Authorization": f"Bearer {made.secret}"}


def services_over(pool: asyncpg.Pool, **settings: Any) -> Services:
    """Join the parts as bootstrap does."""
    clock, vault = HouseClock(), Vault({1: b"k" * 32})
    gateway: Any = QuietGateway()
    accounts = Accounts(pool, vault)
    webhooks = Webhooks(pool, vault)
    commands = Commands(pool, clock)
    shipments, skus = Shipments(pool, clock), Skus(pool)
    desk, bell = Desk(shipments, commands, accounts, gateway, clock, skus), DirectBell(pool)
    net = NoAmazon()
    stock, returns = StockDesk(Stock(pool), accounts, clock), Returns(pool, vault)
    publishing = PublishingDesk(StockPublishing(pool), StockDrift(pool), stock, accounts, clock)
    made = {"burst": 5000, "requests_per_second": 5000.0, "webhook_allow_private": True} | settings
    return Services(
        pool=pool,
        clock=clock,
        gateway=gateway,
        desk=desk,
        accounts=accounts,
        wake=bell,
        api_keys=ApiKeys(pool),
        idempotency=Idempotency(pool),
        webhooks=webhooks,
        sender=WebhookSender(webhooks, clock, allow_private=True),
        papers=apart.room(),
        pickups=PickupDesk(shipments, Unscheduled(pool), commands, skus, accounts, gateway, write_pickups, clock),
        stock=stock,
        returns=returns,
        publishing=publishing,
        reconcile=ReconcileDesk(Reconciliations(pool), Repairs(pool), publishing, desk, Intake(pool), accounts, clock),
        migrations=MigrationDesk(Days(pool), StockRules(pool), accounts, bell, (publishing, desk), clock),
        dock=ReturnDesk(ReturnDock(pool), returns, clock),
        routes=RouteDesk(RouteOrders(pool), accounts, clock),
        consents=ConsentDesk(Consents(pool, vault), accounts, bell, ConsentGate(net, clock), clock),
        doctor=AccountDoctor(net, clock, accounts, ENDPOINTS),
        notices=NotificationDesk(
            NotificationQueues(pool, vault, accounts), FakeSubscriptions(), FakeQueues(), accounts, clock
        ),
        settings=ApiSettings(**made),
    )


@asynccontextmanager
async def open_house(pool: asyncpg.Pool, **settings: Any) -> AsyncIterator[House]:
    """Open a house with one account, one location and an admin's key."""
    services = services_over(pool, **settings)
    store: Any = services.accounts
    await store.put(ACCOUNT, Credentials("id", "secret", "refresh"))
    await store.put_location(Location("acme-in", "EXSB", timezone="Asia/Kolkata", programs=("seller_flex",)))
    admin = await create_api_key(services.api_keys, services.clock, "admin", "admin")
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {admin.secret}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://packline", headers=headers) as client:
        yield House(services, client)
