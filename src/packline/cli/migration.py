"""`packline migration`: leave a former integrator; run beside him, a list that turns green, take over."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.migration_day import Check

app = App(name="migration", help="Leave a former integrator: begin, check, end.")
BY = "command line"


@app.command
def begin(account: str, *, place: Place = HERE) -> None:
    """Run beside the former integrator: confirm nothing by itself, hold stock, ask Amazon for its numbers first.

    Again, it takes in locations that were added since.
    """

    async def work(services: "Services") -> Any:
        return await services.migrations.begin(account, BY)

    day = place.work(work)
    row = {
        "account": account,
        "state": day.state,
        "began_at": day.began_at,
        "held": day.holds,
        "confirmed": day.confirms,
    }
    place.printer.one(row)
    place.printer.say(f"`packline migration check {account}` says what is left to do.", "dim")


@app.command
def check(account: str, *, place: Place = HERE) -> None:
    """Go through the list: each check green, or red with its cure; ends with 1 while one is red."""
    from packline.cli.failures import FAILED, OK, end

    found = place.work(lambda services: _found(services, account))
    _print(place, found)
    red = sum(not one.green for one in found)
    place.printer.say(f"{red} of {len(found)} are red." if red else "All green: end it.", "bold")
    end(FAILED if red else OK)


@app.command(name="end")
def end_(account: str, *, anyway: Annotated[bool, Parameter(negative="")] = False, place: Place = HERE) -> None:
    """Take over: stock goes out, and what confirmed by itself before does so again.

    Parameters
    ----------
    anyway
        Although a check is red.
    """

    async def work(services: "Services") -> Any:
        return await services.migrations.end(account, await _found(services, account), anyway=anyway, by=BY)

    day = place.work(work)
    place.printer.one({"account": account, "state": day.state, "ended_at": day.ended_at})


async def _found(services: "Services", account: str) -> "list[Check]":
    from packline.views import migration_day as views

    return await views.check_list(services.pool, account, services.clock.now())


def _print(place: Place, found: "list[Check]") -> None:
    if place.json:
        for one in found:
            place.printer.line(one._asdict() | {"cure": "" if one.green else one.cure})
        return
    from rich.text import Text

    for one in found:
        mark = ("  ✓ ", "green") if one.green else ("  ✗ ", "bold red")
        place.printer.console.print(Text.assemble(mark, (f"{one.name:<22}", ""), one.says))
        if not one.green:
            place.printer.console.print(Text(f"      → {one.cure}", style="dim"))
