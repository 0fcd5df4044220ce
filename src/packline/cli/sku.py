"""`packline sku`: size and weight of one packed unit, which `pack recommended` makes parcels from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="sku", help="Size and weight of one packed unit: list, set, import.")
LIST = (
    "sku", "source", "length_cm", "width_cm", "height_cm", "weight_g", "title", "asin", "listing_at", "account",
)  # fmt: skip


@app.command(name="list")
def list_skus(
    *,
    account: str | None = None,
    unknown: Annotated[bool, Parameter(negative="")] = False,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """List SKUs with their size and whose it is: the listing's, or the seller's own.

    Parameters
    ----------
    account
        Of this account.
    unknown
        Only those whose size nobody knows.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import skus

        known = False if unknown else None
        return list((await skus.skus(services.pool, account=account, is_known=known, limit=limit)).items)

    place.printer.rows(place.work(work), *LIST, empty="No SKU is known yet; open orders bring them.")


@app.command(name="set")
def set_sku(
    account: str,
    sku: str,
    *,
    length_cm: float,
    width_cm: float,
    height_cm: float,
    weight_g: float,
    place: Place = HERE,
) -> None:
    """Say the size and weight of one packed unit; the listing's counts before it."""
    row = {"sku": sku, "length_cm": length_cm, "width_cm": width_cm, "height_cm": height_cm, "weight_g": weight_g}
    _store(place, account, [(1, row)])


@app.command(name="import")
def import_skus(account: str, file: Path, *, place: Place = HERE) -> None:
    """Read sizes from a file (CSV, XLSX, JSON lines) with sku, length_cm, width_cm, height_cm and weight_g.

    Lines that cannot be taken are listed; the others count.
    """
    from packline.oms.table_files import format_of, read_rows

    content = read_file(file)
    _store(place, account, list(read_rows(content, format_of(file.name, content))))


def _store(place: Place, account: str, rows: list[tuple[int, dict[str, Any]]]) -> None:
    async def work(services: "Services") -> Any:
        from packline.commands.skus import set_sizes

        return await set_sizes(services.skus, services.accounts, services.clock, account, rows)

    taken, refused = place.work(work)
    lines = [{"line": one.line, "sku": one.sku, "why": one.why} for one in refused]
    if place.json:
        place.printer.line({"taken": taken, "refused": lines})
        return
    place.printer.say(f"{taken} sizes are stored.")
    if lines:
        place.printer.rows(lines, "line", "sku", "why")
