"""`feed`, `report` and `listing`: what Amazon works on, and what sellers offer."""

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target

feed = App(name="feed", help="Feeds: list, show, hold up, kill, release.")
report = App(name="report", help="Reports: list, show, hold up, kill, release.")
listing = App(name="listing", help="Listings of sellers: list, create many, set a quantity.")
FEED_COLUMNS = ("feed_id", "seller_id", "feed_type", "status", "fate")
REPORT_COLUMNS = ("report_id", "seller_id", "report_type", "status", "fate")
LISTING_COLUMNS = ("sku", "asin", "available", "reserved", "told", "waiting")


@feed.command(name="list")
def list_feeds(
    *,
    seller: str | None = None,
    feed_type: str | None = None,
    status: str | None = None,
    limit: int = 50,
    to: Target = HERE,
) -> None:
    """List feeds, oldest first."""
    found = to.sim.pages("feeds", limit=limit, seller_id=seller, feed_type=feed_type, status=status)
    to.rows(found, *FEED_COLUMNS)


@feed.command(name="show")
def show_feed(feed_id: str, *, to: Target = HERE) -> None:
    """Show a feed, what was uploaded for it, and its processing report."""
    to.one(to.sim.get("feeds", feed_id))


@feed.command(name="hold")
def hold_feed(feed_id: str, *, to: Target = HERE) -> None:
    """Let a feed be stuck IN_PROGRESS until it is released."""
    to.rows([to.sim.post("feeds", feed_id, "hold")], *FEED_COLUMNS)


@feed.command(name="kill")
def kill_feed(feed_id: str, *, to: Target = HERE) -> None:
    """End a feed as FATAL now."""
    to.rows([to.sim.post("feeds", feed_id, "kill")], *FEED_COLUMNS)


@feed.command(name="release")
def release_feed(feed_id: str, *, to: Target = HERE) -> None:
    """Read a feed and end it now, stuck or not."""
    to.rows([to.sim.post("feeds", feed_id, "release")], *FEED_COLUMNS)


@report.command(name="list")
def list_reports(
    *,
    seller: str | None = None,
    report_type: str | None = None,
    status: str | None = None,
    limit: int = 50,
    to: Target = HERE,
) -> None:
    """List reports, oldest first."""
    found = to.sim.pages("reports", limit=limit, seller_id=seller, report_type=report_type, status=status)
    to.rows(found, *REPORT_COLUMNS)


@report.command(name="show")
def show_report(report_id: str, *, to: Target = HERE) -> None:
    """Show a report."""
    to.one(to.sim.get("reports", report_id))


@report.command(name="hold")
def hold_report(report_id: str, *, to: Target = HERE) -> None:
    """Let a report be stuck IN_PROGRESS until it is released."""
    to.rows([to.sim.post("reports", report_id, "hold")], *REPORT_COLUMNS)


@report.command(name="kill")
def kill_report(report_id: str, *, to: Target = HERE) -> None:
    """End a report as FATAL now."""
    to.rows([to.sim.post("reports", report_id, "kill")], *REPORT_COLUMNS)


@report.command(name="release")
def release_report(report_id: str, *, to: Target = HERE) -> None:
    """Make a report's document and end it now, stuck or not."""
    to.rows([to.sim.post("reports", report_id, "release")], *REPORT_COLUMNS)


@listing.command(name="list")
def list_listings(seller_id: str, *, sku: str | None = None, limit: int = 50, to: Target = HERE) -> None:
    """List what a seller offers."""
    to.rows(to.sim.pages("sellers", seller_id, "listings", limit=limit, sku=sku), *LISTING_COLUMNS)


@listing.command(name="create")
def create_listings(seller_id: str, count: int, *, prefix: str = "SKU-", quantity: int = 0, to: Target = HERE) -> None:
    """List many products that differ in their names only: PREFIX000001, PREFIX000002, ..."""
    body = {"count": count, "prefix": prefix, "quantity": quantity}
    to.one(to.sim.post("sellers", seller_id, "listings", body=body))


@listing.command(name="set")
def set_quantity(seller_id: str, sku: str, quantity: int, *, to: Target = HERE) -> None:
    """Set what buyers can order of a SKU, at once and past Amazon's queue."""
    changed = to.sim.patch("sellers", seller_id, "listings", body={"sku": sku, "quantity": quantity})
    to.rows([changed], *LISTING_COLUMNS)
