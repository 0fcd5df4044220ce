"""`packline stock rules|hold|release|holds`: how much of the stock is offered, and where nothing is told."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

rules_app = App(name="rules", help="Pools, buffers, limits and stop-sale, by account, location, SKU and channel.")
RULES = (
    "account", "location", "sku", "channel", "pool", "at", "item", "buffer_units", "buffer_percent", "minimum",
    "maximum", "stop_sale", "pending",
)  # fmt: skip


def join(app: App) -> None:
    """Add the commands of this file to `packline stock`."""
    app.command(rules_app)
    app.command(hold)
    app.command(release)
    app.command(holds)


@rules_app.default
def list_rules(*, account: str | None = None, sku: str | None = None, place: Place = HERE) -> None:
    """List the rules, the widest first; the narrowest that says something counts."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import stock

        return list(await stock.rules(services.pool, account, sku))

    place.printer.rows(
        place.work(work), *RULES, empty="No rule yet: every account sells all it has, from its own pool."
    )


@rules_app.command(name="set")
def set_rule(
    *,
    account: str = "",
    location: str = "",
    sku: str = "",
    channel: str = "",
    pool: str | None = None,
    at: str | None = None,
    item: str | None = None,
    buffer: str | None = None,
    minimum: int | None = None,
    maximum: int | None = None,
    stop_sale: bool | None = None,
    place: Place = HERE,
) -> None:
    """Write the rule of a scope (left out: all), in place of the one that is there.

    Parameters
    ----------
    pool
        The pool that is sold.
    at
        The location in the ledger, where it is not called as at Amazon.
    item
        The SKU in the ledger, where it is not called as at Amazon.
    buffer
        Held back: units (`2`) or percent (`10%`).
    minimum
        Below so many to buy, nothing is offered.
    maximum
        No more than so many to buy.
    stop_sale
        Offer nothing.
    """
    from packline.domain.inventory.rules import Rule

    units, percent = _buffer(buffer)
    rule = Rule(account, location, sku, channel, pool, at, item, units, percent, minimum, maximum, stop_sale)

    async def work(services: "Services") -> int:
        from packline.commands.stock_rules import set_rule as put
        from packline.storage.stock_settings import StockRules

        return await put(StockRules(services.pool), services.accounts, services.clock, rule, "command line")

    _tell_places(place, place.work(work))


@rules_app.command(name="remove")
def remove_rule(
    *, account: str = "", location: str = "", sku: str = "", channel: str = "", place: Place = HERE
) -> None:
    """Remove the rule of a scope; wider ones count again."""

    async def work(services: "Services") -> int:
        from packline.commands.stock_rules import drop_rule
        from packline.storage.stock_settings import StockRules

        scope = (account, location, sku, channel)
        return await drop_rule(StockRules(services.pool), services.clock, scope, "command line")

    _tell_places(place, place.work(work))


def hold(account: str, location: str, *, reason: str = "held by a person", place: Place = HERE) -> None:
    """Tell Amazon nothing more about a location until it is released: an outage, a count.

    Parameters
    ----------
    reason
        Why; everybody sees it.
    """

    async def work(services: "Services") -> None:
        from packline.commands.stock_rules import hold as held
        from packline.storage.stock_settings import StockRules

        await held(
            StockRules(services.pool), services.accounts, services.clock, account, location, reason, "command line"
        )

    place.work(work)
    place.printer.say(f"Nothing about {location} of {account} goes to Amazon until it is released.")


def release(account: str, location: str, *, place: Place = HERE) -> None:
    """Let a location's numbers go to Amazon again: the last value of everything that changed."""

    async def work(services: "Services") -> None:
        from packline.commands.stock_rules import release as released
        from packline.storage.stock_settings import StockRules

        await released(StockRules(services.pool), services.clock, account, location)

    place.work(work)
    place.printer.say(f"{location} of {account} is released.")


def holds(*, place: Place = HERE) -> None:
    """List the locations whose publishing is held."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import stock

        return list(await stock.holds(services.pool))

    place.printer.rows(place.work(work), empty="No location is held.")


def _buffer(text: str | None) -> tuple[int | None, float | None]:
    from packline.errors import FieldError, Invalid

    if text is None:
        return None, None
    try:
        return (None, float(text[:-1])) if text.endswith("%") else (int(text), None)
    except ValueError:
        wrong = FieldError("/buffer", "Units such as 2, or percent such as 10%.")
        raise Invalid(f"{text!r} is no buffer.", errors=(wrong,)) from None


def _tell_places(place: Place, count: int) -> None:
    if place.json:
        place.printer.line({"places": count})
    place.printer.say(f"The rule counts; {count} offers were looked at.")
