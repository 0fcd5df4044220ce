"""`packline export`: files for upload in Seller Central."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="export", help="Files for Seller Central: the pickup schedule.")


@app.command
def pickup_schedule(
    account: str,
    *,
    to: Path = Path(),
    location: str = "DEFAULT",
    pickup_at: datetime | None = None,
    place: Place = HERE,
) -> None:
    """Write the file that schedules pickups in Seller Central, for marketplaces without an API for it.

    Parameters
    ----------
    account
        The account.
    to
        Folder for the files; each holds at most 500 orders.
    location
        The location whose orders are wanted.
    pickup_at
        When the carrier shall come, for orders without a chosen slot; without an offset it is UTC.
    """

    async def work(services: "Services") -> Any:
        moment = pickup_at.replace(tzinfo=UTC) if pickup_at and pickup_at.tzinfo is None else pickup_at
        return await services.pickups.schedule(account, location, moment)

    made = place.work(work)
    to.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(made.files, 1):
        file = to / f"pickup-schedule-{number}.txt"
        file.write_bytes(content)
        place.printer.say(str(file))
    rows = [{"order_id": o.order_id, "why": o.why, "shipment": o.shipment} for o in made.left_out]
    if place.json:
        place.printer.line({"orders": made.orders, "files": len(made.files), "left_out": rows})
        return
    place.printer.say(f"{made.orders} orders in {len(made.files)} files; {len(rows)} left out.")
    if rows:
        place.printer.rows(rows, "order_id", "why", "shipment")
