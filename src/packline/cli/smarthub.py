"""`packline smarthub`: what was done in Amazon's own panel."""

from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="smarthub", help="What was done in Amazon's own panel, while we were away or beside us.")
PLACES = ("account", "location", "shipments", "labelled", "shipped", "delivered", "cancelled", "units", "unscanned")


@app.command
def report(account: str | None = None, *, hours: float = 24, place: Place = HERE) -> None:
    """Report what was done there, what it did to stock, and what needs a person.

    Parameters
    ----------
    account
        Of this account; of all otherwise.
    hours
        Look back so far.
    """

    async def work(services: "Services") -> Any:
        from datetime import timedelta

        from packline.views import smarthub

        now = services.clock.now()
        return await smarthub.report(services.pool, now - timedelta(hours=hours), now, account)

    told = place.work(work)
    printer = place.printer
    printer.rows(told["places"], *PLACES, empty=f"Nothing was done in Amazon's panel in the last {hours:g} hours.")
    if told["to_count"]:
        printer.say("Count these: units went without a scan and were taken first in, first out.")
        printer.rows(told["to_count"], "location", "sku", "on_hand", "unscanned_at")
    if told["strange"]:
        printer.say("These were scanned where none is known to lie: look at the shelf, then count bin by bin.")
        printer.rows(told["strange"], "location", "sku", "bin", "serial", "units")
    if told["people"]:
        printer.say("A person must look at these:")
        printer.rows(told["people"], "id", "order_id", "location", "status", "reason")
