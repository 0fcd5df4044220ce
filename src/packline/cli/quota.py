"""`packline quota`: Amazon's rate limits and how much of them is left."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="quota", help="Amazon's rate limits and how much of them is left.")
LIST = ("account", "operation", "an_hour", "burst", "level", "waiting", "seconds")


@app.command
def show(account: str | None = None, *, place: Place = HERE) -> None:
    """Show each lane: calls an hour, calls at once, calls free now, calls waiting, seconds until the last one goes.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    """

    async def work(services: "Services") -> tuple[list[Any], list[Any]]:
        from packline.views import accounts, quotas
        from packline.views.feeds import forecast_of

        names = [account] if account else [row["id"] for row in await accounts.accounts(services.pool)]
        now, pool, gateway, rules = services.clock.now(), services.pool, services.gateway, services.feed_rules
        lanes = [lane for name in names for lane in await quotas.lanes_of(pool, gateway, name, now)]
        rows = [dict(lane) | {"an_hour": round(lane["rate"] * 3600)} for lane in lanes]
        return rows, [told for name in names for told in await forecast_of(pool, gateway, name, now, rules)]

    lanes, feeds = place.work(work)
    place.printer.rows(lanes, *LIST, empty="No lane is in use; a worker opens them when it makes calls.")
    for told in feeds:
        place.printer.say(_waits(told, place))


def _waits(told: Any, place: Place) -> str:
    from packline.cli.printing import relative

    printer = place.printer
    leaves = relative(told["done_at"], printer.now) if told["done_at"] and printer.now else "when a worker runs"
    feeds = "1 feed" if told["feeds"] == 1 else f"{told['feeds']} feeds" if told["feeds"] else "single calls"
    return f"createFeed ({told['account']}): {told['count']} {told['kind']} wait in {feeds}; the last leaves {leaves}."
