"""`packline feed`: what goes to Amazon for many orders at once."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="feed", help="What goes to Amazon for many orders at once: list, show, forecast, retry.")
LIST = ("id", "kind", "state", "items", "feed_id", "failure", "created_at", "sent_at", "next_at", "account")
ITEMS = ("key", "state", "reason", "subject", "attempts", "not_before", "kind", "account")
FORECAST = ("kind", "count", "feeds", "done_at", "since", "account")
Kind = Literal["documents", "cancel", "stock"]


@app.command(name="list")
def list_feeds(
    *,
    account: str | None = None,
    open: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002  the word of the flag
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List feeds, the newest first.

    Parameters
    ----------
    account
        Of this account.
    open
        Only those that are under way.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import feeds

        page = await feeds.feeds(services.pool, account=account, is_open=True if open else None, limit=limit)
        return list(page.items)

    place.printer.rows(place.work(work), *LIST, empty="No feed was sent yet.")


@app.command
def show(feed: int, *, place: Place = HERE) -> None:
    """Show one feed with the items that are still in it."""

    async def work(services: "Services") -> Any:
        from packline.views import feeds

        return await feeds.one_feed(services.pool, feed)

    row = place.work(work)
    if place.json:
        place.printer.line(row)
        return
    place.printer.one(row, *LIST, "marketplace", "attempts", "ended_at")
    if row["item_list"]:
        place.printer.rows(row["item_list"], *ITEMS)


@app.command
def forecast(account: str | None = None, *, place: Place = HERE) -> None:
    """Tell what waits for a feed, and when the last of it can leave by Amazon's quotas.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import accounts
        from packline.views.feeds import forecast_of

        names = [account] if account else [row["id"] for row in await accounts.accounts(services.pool)]
        pool, gateway, now, rules = services.pool, services.gateway, services.clock.now(), services.feed_rules
        return [told for name in names for told in await forecast_of(pool, gateway, name, now, rules)]

    place.printer.rows(place.work(work), *FORECAST, empty="Nothing waits for a feed.")


@app.command
def failed(*, account: str | None = None, kind: Kind | None = None, limit: int = 100, place: Place = HERE) -> None:
    """List what Amazon did not take, with its reason."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import feeds

        return list((await feeds.failed_items(services.pool, account=account, kind=kind, limit=limit)).items)

    place.printer.rows(place.work(work), *ITEMS, empty="Amazon took everything.")


@app.command
def retry(kind: Kind, *keys: str, account: str, place: Place = HERE) -> None:
    """Send failed items again with the next feed.

    Parameters
    ----------
    kind
        documents, cancel or stock.
    keys
        Shipment ids or SKUs; all of the kind where none is named.
    """

    async def work(services: "Services") -> int:
        from packline.commands.feed_items import retry_items

        store, wake, clock = services.feed_items, services.wake, services.clock
        return await retry_items(store, wake, clock, account, kind, list(keys) or None)

    count = place.work(work)
    if place.json:
        place.printer.line({"items": count})
    place.printer.say(f"{count} go again with the next feed.")
