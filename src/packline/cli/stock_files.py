"""`packline stock import|check|rebuild|refused|retry`: many lines at once, and proof that the books agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.failures import FAILED, end
from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services

LOOK_S = 0.2


def join(app: App) -> None:
    """Add the commands of this file to `packline stock`."""
    app.command(name="import")(import_)
    for command in (check, rebuild, refused, retry):
        app.command(command)


def import_(
    file: Path,
    *,
    account: str = "",
    location: str = "",
    do: Literal["set", "adjust", "receive", "return", "move"] = "set",
    key: str = "",
    place: Place = HERE,
) -> None:
    """Read up to 100,000 lines of CSV, XLSX or JSON lines, with a result for those that are refused.

    Parameters
    ----------
    file
        With the columns sku and quantity, and account, location, pool, bin, serials, reference... where lines differ.
    account
        For lines that name neither account nor pool.
    location
        For lines that name no location.
    do
        For lines without a column `do`.
    key
        The same key gives the same import, however often it is given.
    """

    content = read_file(file)

    async def work(services: "Services") -> tuple[Any, list[Any]]:
        from packline.commands.stock_imports import StockImporter, add_file
        from packline.oms.table_files import format_of, read_rows
        from packline.storage.stock_imports import StockFiles
        from packline.views import stock_imports as views

        store = StockFiles(services.pool)
        made = await add_file(
            store, services.clock, content, format_of(file.name, content), key=key, name=file.name, account=account,
            location=location, do=do, by="command line",
        )  # fmt: skip
        importer = StockImporter(services.stock, store, read_rows)
        while (row := await views.one_import(services.pool, made.id))["state"] not in ("done", "failed"):
            if row["total"]:
                place.printer.say(f"{row['done']:,} of {row['total']:,}", "dim")
            if not await importer.work(services.clock.now()):
                await services.clock.sleep(LOOK_S)  # a worker is at it
        return row, list((await views.refusals(services.pool, made.id)).items)

    row, refusals = place.work(work)
    place.printer.one(row, "id", "state", "total", "applied", "refused", "error")
    if refusals and not place.json:
        place.printer.rows(refusals, "line", "reason", "row")
    if row["state"] == "failed" or row["refused"]:
        end(FAILED)


def check(*, place: Place = HERE) -> None:
    """Prove that every balance is the sum of its entries; list those that are not."""

    async def work(services: "Services") -> list[dict[str, Any]]:
        from packline.storage.stock_check import check as compare

        found = await compare(services.pool)
        return [{"what": d.what, **d.key._asdict(), "kept": d.kept, "entries": d.told} for d in found]

    differences = place.work(work)
    place.printer.rows(differences, empty="The books agree: every balance is the sum of its entries.")
    if differences:
        place.printer.say("`packline stock rebuild` makes the balances again from the entries.", "yellow")
        end(FAILED)


def rebuild(*, place: Place = HERE) -> None:
    """Make every balance again from its entries; what Amazon is told follows."""

    async def work(services: "Services") -> int:
        from packline.storage.stock_check import rebuild as again

        return await again(services.pool, services.clock.now())

    count = place.work(work)
    if place.json:
        place.printer.line({"balances": count})
    place.printer.say(f"{count:,} balances were made again from their entries.")


def refused(*, account: str | None = None, limit: int = 100, place: Place = HERE) -> None:
    """List the SKUs that Amazon refused, with its reason."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import stock

        return list(await stock.refused(services.pool, account, limit=limit))

    place.printer.rows(
        place.work(work), "account", "location", "sku", "channel", "wanted", "error", empty="Amazon refused nothing."
    )


def retry(account: str, location: str | None = None, sku: str | None = None, *, place: Place = HERE) -> None:
    """Tell Amazon again what it refused, once its cause is mended."""

    async def work(services: "Services") -> int:
        from packline.storage.stock_offers import StockOffers

        count = await StockOffers(services.pool).retry(account, location, sku)
        await services.wake.wake([account])
        return count

    count = place.work(work)
    if place.json:
        place.printer.line({"offers": count})
    place.printer.say(f"{count} offers are told again.")
