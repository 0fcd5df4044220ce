"""`packline document`: documents that a person brings, and documents for the printer."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.document_printing import print_, prints
from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="document", help="Labels and invoices: print them; drop in what was saved from Seller Central.")
app.command(print_, name="print")
app.command(prints)
LIST = ("pages", "outcome", "order_id", "kind", "why", "file", "shipment")


@app.command
def drop(*files: Path, account: str, place: Place = HERE) -> None:
    """Take files apart and give each order its own label, invoice and warranty; the same file twice changes nothing.

    Parameters
    ----------
    files
        PDF, ZIP or ZPL, each up to 50 MB, as Seller Central gives them.
    account
        The account whose orders are in them.
    """

    async def work(services: "Services") -> list[dict[str, Any]]:
        import msgspec

        from packline.errors import Invalid

        if not files:
            raise Invalid(
                "No file was named.", hint="Name one or more: `packline document drop labels.pdf --account A`."
            )
        rows: list[dict[str, Any]] = []
        for file in files:
            found = await services.drops.drop(account, read_file(file))
            rows += [{**msgspec.structs.asdict(sheets), "file": file.name} for sheets in found]
        return rows

    rows = place.work(work)
    place.printer.rows(rows, *LIST, empty="There is nothing in it.")
    if any(row["outcome"] == "parked" for row in rows):
        place.printer.say("Pages that belong to no order wait in `packline parked list`.", "yellow")
