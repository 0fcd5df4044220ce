"""`packline quota`: Amazon's rate limits and how much of them is left."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="quota", help="Amazon's rate limits and how much of them is left.")
LIST = ("account", "operation", "rate", "burst", "level", "waiting", "seconds")


@app.command
def show(account: str | None = None, *, place: Place = HERE) -> None:
    """Show each lane: calls a second, calls at once, calls free now, calls waiting, seconds until the last one goes.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import accounts, quotas

        names = [account] if account else [row["id"] for row in await accounts.accounts(services.pool)]
        now = services.clock.now()
        return [lane for name in names for lane in await quotas.lanes_of(services.pool, services.gateway, name, now)]

    place.printer.rows(place.work(work), *LIST, empty="No lane is in use; a worker opens them when it makes calls.")
