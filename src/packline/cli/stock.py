"""`packline stock`: what there is, what Amazon is told of it, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place
from packline.domain.inventory.ledger import Condition

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.commands.stock import StockOrder

app = App(name="stock", help="Units: set, adjust, show, why, rules, hold.")
BALANCES = (
    "sku", "location", "pool", "on_hand", "reserved", "available", "told", "picked", "labelled", "unsellable",
    "oversold", "counted_at", "to_count",
)  # fmt: skip
ENTRIES = (
    "at",
    "kind",
    "units",
    "on_hand",
    "reserved",
    "location",
    "pool",
    "account",
    "bin",
    "serial",
    "reason",
    "cause",
)
RESULT = ("outcome", "sku", "location", "pool", "before", "after")


@app.command(name="set")
def set_(
    account: str,
    location: str,
    sku: str,
    quantity: int,
    *,
    bin_: Annotated[str, Parameter(name="--bin")] = "",
    at: datetime | None = None,
    reference: str = "",
    reason: str = "",
    place: Place = HERE,
) -> None:
    """Say how many units there are: on the shelf and packed without label alike.

    Parameters
    ----------
    account
        The account; `-` to name a pool in the place of an account with `pool:NAME`.
    location
        Amazon's id of the location.
    sku
        The SKU.
    quantity
        The whole number.
    bin_
        Only what lies in this bin was counted.
    at
        When it was counted; now where it is left out.
    reference
        Your own; the same one counts once.
    """
    _say(place, "set", account, location, sku, quantity, bin=bin_, at=at, reference=reference, reason=reason)


@app.command
def adjust(
    account: str,
    location: str,
    sku: str,
    difference: Annotated[int, Parameter(allow_leading_hyphen=True)],
    *,
    condition: Condition = "sellable",
    bin_: Annotated[str, Parameter(name="--bin")] = "",
    serial: tuple[str, ...] = (),
    at: datetime | None = None,
    reference: str = "",
    reason: str = "",
    place: Place = HERE,
) -> None:
    """Correct by a difference, such as -1 for a broken unit.

    Parameters
    ----------
    serial
        The serial number of each unit; repeat for several.
    """
    _say(
        place, "adjust", account, location, sku, difference, condition=condition, bin=bin_, serials=serial, at=at,
        reference=reference, reason=reason,
    )  # fmt: skip


@app.command
def receive(
    account: str,
    location: str,
    sku: str,
    quantity: int,
    *,
    condition: Condition = "sellable",
    bin_: Annotated[str, Parameter(name="--bin")] = "",
    serial: tuple[str, ...] = (),
    at: datetime | None = None,
    reference: str = "",
    reason: str = "",
    place: Place = HERE,
) -> None:
    """Say that units came in."""
    _say(
        place, "receive", account, location, sku, quantity, condition=condition, bin=bin_, serials=serial, at=at,
        reference=reference, reason=reason,
    )  # fmt: skip


@app.command(name="return")
def return_(
    account: str,
    location: str,
    sku: str,
    quantity: int,
    *,
    condition: Condition,
    bin_: Annotated[str, Parameter(name="--bin")] = "",
    serial: tuple[str, ...] = (),
    at: datetime | None = None,
    reference: str = "",
    reason: str = "",
    place: Place = HERE,
) -> None:
    """Say that units came back from a buyer; only sellable ones are sold again."""
    _say(
        place, "return", account, location, sku, quantity, condition=condition, bin=bin_, serials=serial, at=at,
        reference=reference, reason=reason,
    )  # fmt: skip


@app.command
def move(
    account: str,
    location: str,
    sku: str,
    quantity: int,
    *,
    to_pool: str = "",
    to_location: str = "",
    to_bin: str = "",
    from_bin: str = "",
    reference: str = "",
    reason: str = "",
    place: Place = HERE,
) -> None:
    """Move units to another pool, location or bin."""
    _say(
        place, "move", account, location, sku, quantity, to_pool=to_pool, to_location=to_location, to_bin=to_bin,
        bin=from_bin, reference=reference, reason=reason,
    )  # fmt: skip


@app.command
def show(
    sku: str | None = None,
    *,
    account: str | None = None,
    location: str | None = None,
    pool: str | None = None,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """Show balances and what Amazon is told, of one SKU or of many."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import stock

        page = await stock.stock(
            services.pool, account=account, location=location, sku=sku, from_pool=pool, limit=limit
        )
        return list(page.items)

    rows = place.work(work)
    place.printer.rows(
        rows if place.json else [_with_told(row) for row in rows],
        *BALANCES,
        empty="No stock yet; `packline stock set` counts it.",
    )


@app.command
def why(account: str, location: str, sku: str, *, channel: str = "", place: Place = HERE) -> None:
    """Tell why Amazon is told this number, step by step."""

    async def work(services: "Services") -> Any:
        from packline.domain.inventory.rules import Place as Offered
        from packline.views import stock

        return await stock.why(services.pool, Offered(account, location, sku, channel))

    row = place.work(work)
    if place.json:
        place.printer.line(row)
        return
    place.printer.say(f"{row['quantity']} is told; {row['buyable']} can be bought.", "bold")
    place.printer.rows(row["steps"], "total", "change", "name", "why")
    _say_state(place, row)


@app.command
def entries(
    sku: str,
    *,
    location: str | None = None,
    pool: str | None = None,
    shipment: str | None = None,
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """Show the ledger of a SKU, the newest first."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import stock

        page = await stock.entries(
            services.pool, sku=sku, location=location, from_pool=pool, shipment=shipment, limit=limit
        )
        return list(page.items)

    place.printer.rows(place.work(work), *ENTRIES, empty="Nothing is known of this SKU.")


def _say(place: Place, do: str, account: str, location: str, sku: str, quantity: int, **more: Any) -> None:
    async def work(services: "Services") -> dict[str, Any]:
        fate = await services.stock.say(_order(do, account, location, sku, quantity, more), by="command line")
        pool, at, item = fate.key
        return {
            "outcome": fate.outcome, "sku": item, "location": at, "pool": pool, "before": fate.before,
            "after": fate.after,
        }  # fmt: skip

    place.printer.one(place.work(work), *RESULT)


def _order(do: str, account: str, location: str, sku: str, quantity: int, more: dict[str, Any]) -> "StockOrder":
    from datetime import UTC

    from packline.commands.stock import StockOrder

    pool = account.removeprefix("pool:") if account.startswith("pool:") else ""
    at = more.get("at")
    if at is not None and at.tzinfo is None:
        more["at"] = at.replace(tzinfo=UTC)
    return StockOrder(do, sku, quantity, location, "" if pool else account, pool, **more)


def _with_told(row: dict[str, Any]) -> dict[str, Any]:
    told = [f"{offer['account']}/{offer['location']}: {_number(offer)}" for offer in row["offers"]]
    return {**row, "told": told, "to_count": "count it" if row["to_count"] else ""}


def _number(offer: dict[str, Any]) -> str:
    if offer["state"] == "settled":
        return str(offer["wanted"])
    return f"{offer['wanted']} ({offer['state']})"


def _say_state(place: Place, row: dict[str, Any]) -> None:
    if row["held"] is not None:
        place.printer.say(f"Publishing of {row['location']} is held: {row['held']}.", "yellow")
    if row["state"] == "refused":
        place.printer.say(f"Amazon refused it: {row['error']}", "bold red")
    if not row["kept"]:
        place.printer.say(f"{row['item']} was never counted at {row['at']}: Amazon is told nothing.", "yellow")
    if row["oversold"]:
        place.printer.say(f"{row['oversold']} more are sold than there are.", "bold red")
    if row["state"] == "settled":
        place.printer.say("Amazon has accepted it.", "green")
    elif row["published"] is not None:
        place.printer.say(f"Amazon has {row['published']} until then.", "dim")


from packline.cli import stock_files, stock_publishing, stock_settings  # noqa: E402  their commands join this app

stock_settings.join(app)
stock_files.join(app)
stock_publishing.join(app)
