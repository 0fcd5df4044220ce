"""`packline flow`: what should come and go all the time, and what is unusually silent."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="flow", help="What should come and go all the time, and what is unusually silent.")
LIST = ("flow", "state", "account", "subject", "last_at", "expected_at", "cause", "says")


@app.command(name="list")
def list_flows(
    account: str | None = None,
    *,
    silent: Annotated[bool, Parameter(negative="")] = False,
    limit: int = 200,
    place: Place = HERE,
) -> None:
    """List flows with their last success, by when the next one is expected, and the probable cause of a silence.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    silent
        Only those that are silent.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import flows

        page = await flows.flows(services.pool, account=account, silent=silent or None, limit=limit)
        return [dict(row) for row in page.items]

    empty = "No flow is silent." if silent else "Nobody has looked yet; `packline serve` and `packline worker` do."
    place.printer.rows(place.work(work), *LIST, empty=empty)
