"""The desks that operators' pages give their acts to, joined once for a process."""

from dataclasses import dataclass

import asyncpg

from packline.commands.desk import Desk
from packline.commands.kept_routes import RouteDesk
from packline.commands.reconciliations import ReconcileDesk
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.feed_plan import FeedRules
from packline.ports import AccountStore, Clock, Wake
from packline.ports.returns import Passwords
from packline.storage.feeds import Feeds
from packline.storage.intake import Intake
from packline.storage.reconciliations import Reconciliations
from packline.storage.repairs import Repairs
from packline.storage.return_receipts import ReturnDock
from packline.storage.route_book import RouteOrders
from packline.storage.routing import Routing
from packline.storage.stock_drift import StockDrift
from packline.storage.stock_publishing import StockPublishing
from packline.storage.stock_settings import StockRules


@dataclass(frozen=True)
class Desks:
    """Where returns, stock, feeds, routes and reconciliations are acted upon; each is the API's own command."""

    accounts: AccountStore
    wake: Wake
    feed_rules: FeedRules
    returns: ReturnDesk
    stock: StockDesk
    rules: StockRules
    publishing: PublishingDesk
    feeds: Feeds
    routes: RouteDesk
    routing: Routing
    reconcile: ReconcileDesk


def desks_over(
    pool: asyncpg.Pool,
    clock: Clock,
    desk: Desk,
    accounts: AccountStore,
    stock: StockDesk,
    wake: Wake,
    passwords: Passwords,
    feed_rules: FeedRules,
) -> Desks:
    """Join the desks over a pool; `passwords` are the sealed one-time passwords of returns."""
    publishing = PublishingDesk(StockPublishing(pool), StockDrift(pool), stock, accounts, clock)
    return Desks(
        accounts=accounts,
        wake=wake,
        feed_rules=feed_rules,
        returns=ReturnDesk(ReturnDock(pool), passwords, clock),
        stock=stock,
        rules=StockRules(pool),
        publishing=publishing,
        feeds=Feeds(pool),
        routes=RouteDesk(RouteOrders(pool), accounts, clock),
        routing=Routing(pool),
        reconcile=ReconcileDesk(Reconciliations(pool), Repairs(pool), publishing, desk, Intake(pool), accounts, clock),
    )
