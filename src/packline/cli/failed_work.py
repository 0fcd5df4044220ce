"""`packline failure`: failed work by its cause."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="failure", help="What stopped and needs a person, by its cause.")
LIST = ("count", "title", "operation", "amazon_code", "amazon_means", "cure", "mend", "oldest")


@app.command(name="list")
def list_failures(account: str | None = None, *, place: Place = HERE) -> None:
    """Group failed shipments by their cause; `mend` is the command that mends them.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    """

    async def work(services: "Services") -> Any:
        from packline.views import failures

        return await failures.failures(services.pool, account=account)

    found = place.work(work)
    place.printer.rows(found["items"], *LIST, empty="Nothing has failed.")
    if found["more"] and not place.json:
        place.printer.say("More failed than was read; these are the first.")
