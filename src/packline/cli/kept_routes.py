"""`packline route keep|list|show|accept|reject|done|again|cancel`: routes that are kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

COLUMNS = ("reference", "state", "parcels", "short", "updated_at")
PARCELS = ("location", "turn", "state", "lines", "km", "why", "reason")


def join(app: App) -> None:
    """Add these commands to `packline route`."""
    app.command(name="list")(list_)
    app.command(name="keep-file")(keep_file)
    for command in (keep, show, accept, done, reject, again, cancel):
        app.command(command)


def keep(
    account: str,
    reference: str,
    *lines: str,
    country: str = "",
    postal_code: str = "",
    place: Place = HERE,
) -> None:
    """Allocate an order and keep it: it holds its units until they have left.

    Parameters
    ----------
    reference
        Your own number of the order; a known one stays as it is.
    lines
        What is asked for: `SKU=UNITS`, one or more.
    """

    async def work(services: "Services") -> Any:
        from packline.cli.route import demands
        from packline.domain.routing.kept import KeptOrder

        order = KeptOrder(account, reference, tuple(demands(lines)), country, postal_code)
        await services.routes.keep(account, [order])
        return await _shown(services, account, reference)

    _show(place, place.work(work))


def keep_file(account: str, file: Path, *, place: Place = HERE) -> None:
    """Allocate the orders of a table in its sequence: reference, sku, units, and country and postal_code if known."""
    content = read_file(file)

    async def work(services: "Services") -> list[Any]:
        from packline.commands.kept_routes import ORDERS_AT_MOST
        from packline.commands.kept_routes_file import orders_of
        from packline.oms.table_files import format_of, read_rows

        orders = orders_of(account, read_rows(content, format_of(file.name, content)))
        for first in range(0, len(orders), ORDERS_AT_MOST):
            await services.routes.keep(account, orders[first : first + ORDERS_AT_MOST])
        return [await _shown(services, account, order.reference) for order in orders]

    place.printer.rows(place.work(work), *COLUMNS, empty="The file has no orders.")


def list_(
    account: str | None = None,
    *,
    state: str | None = None,
    location: str | None = None,
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List kept routes, the oldest first; with a location those that it has to ship."""

    async def work(services: "Services") -> list[Any]:
        from packline.views.routes import kept_routes

        found = await kept_routes(services.pool, account=account, state=state, location=location, limit=limit)
        return list(found.items)

    place.printer.rows(place.work(work), *COLUMNS, empty="No route is kept.")


def show(account: str, reference: str, *, place: Place = HERE) -> None:
    """Show one kept route with the parcels of every turn, and why."""
    _show(place, place.work(lambda services: _shown(services, account, reference)))


def accept(account: str, reference: str, location: str, *, place: Place = HERE) -> None:
    """Say that a location takes its parcel: it stays there."""
    _answer(place, account, reference, "accept", location, "")


def done(account: str, reference: str, location: str, *, place: Place = HERE) -> None:
    """Say that a location's parcel has left."""
    _answer(place, account, reference, "done", location, "")


def reject(account: str, reference: str, location: str, *, reason: str = "", place: Place = HERE) -> None:
    """Say that a location does not take its parcel: what nobody has accepted is allocated anew at once."""
    _answer(place, account, reference, "reject", location, reason)


def again(account: str, reference: str, *, place: Place = HERE) -> None:
    """Allocate anew what no location has accepted, such as after goods came in."""

    async def work(services: "Services") -> Any:
        await services.routes.again(account, reference)
        return await _shown(services, account, reference)

    _show(place, place.work(work))


def cancel(account: str, reference: str, *, reason: str = "", place: Place = HERE) -> None:
    """End a kept route: what it holds is free again."""

    async def work(services: "Services") -> Any:
        await services.routes.cancel(account, reference, reason=reason)
        return await _shown(services, account, reference)

    _show(place, place.work(work))


def _answer(place: Place, account: str, reference: str, act: str, location: str, reason: str) -> None:
    async def work(services: "Services") -> Any:
        await services.routes.answer(account, reference, act, location, reason=reason)
        return await _shown(services, account, reference)

    _show(place, place.work(work))


async def _shown(services: "Services", account: str, reference: str) -> Any:
    from packline.views.routes import kept_route

    return await kept_route(services.pool, account, reference)


def _show(place: Place, row: Any) -> None:
    if place.json:
        place.printer.line(row)
        return
    place.printer.rows(row["parcels"], *PARCELS, empty="Nothing can be shipped.")
    place.printer.say(f"{row['reference']} is {row['state']}.")
    for said in row["why"]:
        place.printer.say(said)
