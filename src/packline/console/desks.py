"""The desks that operators' pages give their acts to, joined by `faces` once for a process."""

from dataclasses import dataclass

from packline.commands.kept_routes import RouteDesk
from packline.commands.reconciliations import ReconcileDesk
from packline.commands.returns import ReturnDesk
from packline.commands.stock import StockDesk
from packline.commands.stock_publishing import PublishingDesk
from packline.domain.feed_plan import FeedRules
from packline.ports import AccountStore, Wake
from packline.storage.feeds import Feeds
from packline.storage.routing import Routing
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
