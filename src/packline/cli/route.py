"""`packline route`: which locations would ship an order, and why."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(
    name="route",
    help="Which locations would ship an order: order, place, centroids; and routes that are kept: keep, list, reject.",
)
PARCEL = ("location", "km", "lines", "is_late", "why")


@app.command(name="order")
def order_(
    account: str,
    *lines: str,
    country: str = "",
    postal_code: str = "",
    ship_by: datetime | None = None,
    rejected: tuple[str, ...] = (),
    place: Place = HERE,
) -> None:
    """Allocate an order; nothing is reserved or told to Amazon.

    Parameters
    ----------
    lines
        What is asked for: `SKU=UNITS`, one or more.
    ship_by
        When the parcels must have left.
    rejected
        A location that refused the order; repeat for several.
    """

    async def work(services: "Services") -> dict[str, Any]:
        from datetime import UTC

        from packline.api.routing import allocation_row
        from packline.commands.route import Route, route
        from packline.storage.routing import Routing

        until = ship_by.replace(tzinfo=UTC) if ship_by is not None and ship_by.tzinfo is None else ship_by
        asked = Route(account, tuple(demands(lines)), country, postal_code, until, rejected)
        return allocation_row(await route(Routing(services.pool), services.accounts, services.clock, asked))

    row = place.work(work)
    if place.json:
        place.printer.line(row)
        return
    place.printer.rows(row["parcels"], *PARCEL, empty="Nothing can be shipped.")
    for said in row["why"]:
        place.printer.say(said)


@app.command(name="place")
def place_(
    account: str,
    location: str,
    *,
    country: str = "",
    postal_code: str = "",
    priority: int = 100,
    capacity: int | None = None,
    cut_off: str | None = None,
    place: Place = HERE,
) -> None:
    """Say where a location lies and how it is to be used.

    Parameters
    ----------
    priority
        A lower one goes first.
    capacity
        Parcels a day.
    cut_off
        Until this local time (such as 14:30) an order leaves the same day.
    """

    async def work(services: "Services") -> None:
        from packline.commands.route import place as put
        from packline.domain.routing.order import Placing
        from packline.storage.routing import Routing

        placing = Placing(location, country, postal_code, priority, capacity, cut_off)
        await put(Routing(services.pool), services.accounts, account, placing)

    place.work(work)
    place.printer.say(f"{location} of {account} is placed.")


@app.command
def centroids(file: Path, *, place: Place = HERE) -> None:
    """Take in where postal codes lie: a table with postal_code, country, latitude and longitude."""

    content = read_file(file)

    async def work(services: "Services") -> tuple[int, list[Any]]:
        from packline.commands.route import take_centroids
        from packline.oms.table_files import format_of, read_rows
        from packline.storage.routing import Routing

        return await take_centroids(Routing(services.pool), read_rows(content, format_of(file.name, content)))

    taken, refused = place.work(work)
    rows = [{"line": line, "reason": reason, **row} for line, row, reason in refused]
    if place.json:
        place.printer.line({"taken": taken, "refused": rows})
        return
    place.printer.say(f"{taken} centroids are stored, {len(rows)} rows were not taken.")
    if rows:
        place.printer.rows(rows, "line", "reason")


def demands(lines: tuple[str, ...]) -> Any:
    from packline.domain.routing.order import Demand
    from packline.errors import FieldError, Invalid

    for number, text in enumerate(lines, 1):
        sku, _, units = text.rpartition("=")
        if not sku or not units.isdigit():
            wrong = FieldError("/lines", "SKU=UNITS, such as KURTA-M=2.")
            raise Invalid(f"{text!r} is no line of an order.", errors=(wrong,))
        yield Demand(str(number), sku, int(units))


from packline.cli import kept_routes  # noqa: E402  its commands join this app

kept_routes.join(app)
