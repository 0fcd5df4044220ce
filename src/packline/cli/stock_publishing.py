"""`packline stock publish|drift|mend|numbering`: tell Amazon again, compare, and let a side's number count."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

DRIFT = ("account", "location", "sku", "told", "amazon", "on_hand", "seller", "cause", "words")
COMPARISON = ("id", "account", "location", "sku", "state", "total", "done", "found")


def join(app: App) -> None:
    """Add the commands of this file to `packline stock`."""
    for command in (publish, drift, mend, numbering):
        app.command(command)


def publish(account: str, *, location: str = "", sku: str = "", everything: bool = False, place: Place = HERE) -> None:
    """Tell Amazon again what it refused; a running worker does it.

    Parameters
    ----------
    everything
        All numbers, also those that Amazon has accepted.
    """

    async def work(services: "Services") -> int:
        return int(await services.publishing.publish(account, location, sku, everything=everything))

    count = place.work(work)
    if place.json:
        place.printer.line({"offers": count})
    place.printer.say(f"{count} offers are told again.")


def drift(
    account: str,
    *,
    location: str = "",
    sku: str = "",
    file: Path | None = None,
    compare: bool = False,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """List where Packline, Amazon and your own system differ, with the likely cause.

    Parameters
    ----------
    file
        Your system's numbers, CSV with location,sku,quantity: they are compared too.
    compare
        Let a running worker ask Amazon now, in the place of waiting for the schedule.
    """
    numbers = {f"{row['location']} {row['sku']}": int(row["quantity"]) for row in _rows(file)} if file else None

    async def work(services: "Services") -> tuple[Any, list[Any]]:
        from packline.views import stock_drift as views

        if compare or numbers:
            run = await services.publishing.compare(account, location, sku, numbers, "command line")
            return await views.comparison(services.pool, run), []
        return None, list(await views.drifts(services.pool, account, location or None, limit=limit))

    begun, rows = place.work(work)
    if begun:
        place.printer.one(begun, *COMPARISON)
        return
    place.printer.rows(rows, *DRIFT, empty="Nothing differs.")


def mend(
    account: str,
    side: Literal["packline", "amazon", "seller"],
    *,
    location: str = "",
    sku: str = "",
    place: Place = HERE,
) -> None:
    """Let one side's number count for what differs: Packline's is told again, the others go into the ledger."""

    async def work(services: "Services") -> Any:
        from packline.domain.inventory.drift import Side

        return await services.publishing.mend(account, Side(side), location, sku, "command line")

    done = place.work(work)
    left = [{"location": at.location, "sku": at.sku, "reason": why} for at, why in done.left]
    if place.json:
        place.printer.line({"mended": done.mended, "left": left})
        return
    place.printer.say(f"{done.mended} mended.")
    if left:
        place.printer.rows(left, "location", "sku", "reason")


def numbering(
    account: str,
    *,
    use: Literal["milliseconds", "counter"] | None = None,
    ask_first: bool | None = None,
    drift_every_s: int | None = None,
    file: Path | None = None,
    place: Place = HERE,
) -> None:
    """Choose an account's sequence numbers, and take over those of a former integrator.

    Parameters
    ----------
    use
        `milliseconds` since 1970, or a `counter` that goes on from the last number.
    ask_first
        Ask Amazon for its number before a SKU is told for the first time.
    drift_every_s
        Seconds between comparisons with Amazon.
    file
        The former integrator's last numbers, CSV with location,sku,sequence.
    """
    rows = _rows(file) if file else []

    async def work(services: "Services") -> int:
        from packline.domain.inventory.rules import Place as Offered

        desk = services.publishing
        numbers = [
            (Offered(account, row["location"], row["sku"], row.get("channel") or ""), int(row["sequence"]))
            for row in rows
        ]
        taken = int(await desk.take_over(account, numbers))  # first: where it is refused nothing else is changed
        await desk.choose(account, use, ask_first, drift_every_s, "command line")
        return taken

    count = place.work(work)
    place.printer.say(f"The settings count; {count} sequence numbers were taken over.")


def _rows(file: Path) -> list[dict[str, str]]:
    """Read a CSV file with a header. Raises Invalid where a column is missing."""
    import csv

    from packline.errors import Invalid

    with file.open(newline="", encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    number = "sequence" if rows and "sequence" in rows[0] else "quantity"
    for line, row in enumerate(rows, 2):
        if not row.get("location") or not row.get("sku") or not (row.get(number) or "").isdigit():
            raise Invalid(f"Line {line} of {file} needs location, sku and a whole number as {number}.")
    return rows
