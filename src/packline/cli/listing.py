"""`packline listing`: which SKU of the seller is which of Amazon's."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place
from packline.cli.reading import read_file

if TYPE_CHECKING:
    from packline.bootstrap import Services
    from packline.domain.listing import ListingFile

app = App(name="listing", help="Which SKU is which of Amazon's: import, list, export.")
LIST = ("client_sku", "channel_sku", "asin", "marketplace", "account", "updated_at")
IMPORT = ("id", "state", "total", "added", "changed", "unchanged", "refused", "repeated", "error", "refused_file")
PAUSE_S = 0.2


@app.command(name="import")
def import_(
    file: Path,
    *,
    account: str,
    partial: Annotated[bool, Parameter(negative="")] = False,
    check: Annotated[bool, Parameter(negative="")] = False,
    refused: Path | None = None,
    place: Place = HERE,
) -> None:
    """Take in a file of listings: all of it, or nothing where a row is wrong.

    Parameters
    ----------
    file
        CSV or XLSX with clientSkuId, channelSerialNo (the ASIN), channelSkuId (the merchant SKU) and marketplace.
    account
        Whose listings they are.
    partial
        Store the good rows although others are wrong.
    check
        Only look at it.
    refused
        Where rows that were not taken are written, with a reason; beside the file where left out.
    """
    from packline.errors import Invalid

    mode = "check" if check else "partial" if partial else "all"
    content = read_file(file)
    target = refused or file.with_name(f"{file.stem}.refused{file.suffix or '.csv'}")

    async def work(services: "Services") -> dict[str, Any]:
        over = await _import(services, place, file.name, content, account, mode)
        row = dict(await _views().one_import(services.pool, over.id))
        if over.refused or over.repeated:
            columns, rows = await _views().refused_table(services.pool, over.id)
            _write(target, columns, rows)
            row["refused_file"] = str(target)
        return row

    row = place.work(work)
    place.printer.one(row, *IMPORT)
    if row["state"] == "failed":
        raise Invalid(row["error"])
    if row["state"] == "refused":
        raise Invalid(
            f"Nothing was stored: {row['refused']} of {row['total']} rows are wrong; {target} says why.",
            hint="Mend them and import the file again, or store the others with --partial.",
        )


@app.command(name="list")
def list_(
    *,
    account: str | None = None,
    client_sku: str | None = None,
    channel_sku: str | None = None,
    asin: str | None = None,
    marketplace: str | None = None,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """List listings."""

    async def work(services: "Services") -> list[Any]:
        page = await _views().listings(
            services.pool,
            account=account,
            client_sku=client_sku,
            channel_sku=channel_sku,
            asin=asin,
            marketplace=marketplace,
            limit=limit,
        )
        return list(page.items)

    place.printer.rows(place.work(work), *LIST, empty="No listings yet; `packline listing import` takes them in.")


@app.command
def export(file: Path, *, account: str, place: Place = HERE) -> None:
    """Write all listings of an account to a file that can be imported again.

    Parameters
    ----------
    file
        Where to; the format is that of its name: .csv, .xlsx or .jsonl.
    """

    async def work(services: "Services") -> int:
        from packline.commands.accounts import known_account

        await known_account(services.accounts, account)
        columns, rows = await _views().listing_table(services.pool, account)
        _write(file, columns, rows)
        return len(rows)

    count = place.work(work)
    if place.json:
        place.printer.line({"file": str(file), "listings": count})
    place.printer.say(f"{count} listings are in {file}.")


async def _import(
    services: "Services", place: Place, name: str, content: bytes, account: str, mode: str
) -> "ListingFile":
    """Work the upload off here: no server is needed, and one that runs may share the work."""
    from packline.commands.listing_imports import ListingImporter, add_file
    from packline.oms.table_files import format_of, read_rows
    from packline.storage.listings import ListingFiles

    store = ListingFiles(services.pool)
    importer = ListingImporter(store, services.accounts, read_rows)
    kind = format_of(name, content)
    file = await add_file(
        store,
        services.accounts,
        services.clock,
        content,
        kind,
        account=account,
        mode=mode,
        name=name,
        by="command line",
    )
    while not (file := await store.file(file.id)).is_over:
        if not await importer.work(services.clock.now(), file.id):
            await services.clock.sleep(PAUSE_S)
        elif file.done:
            place.printer.say(f"{file.done:,} rows looked at", "dim")
    return file


def _views() -> Any:
    from packline.views import listings

    return listings


def _write(file: Path, columns: list[str], rows: list[list[Any]]) -> None:
    from packline.errors import Invalid
    from packline.oms.table_writing import MEDIA, write_table

    kind = file.suffix.removeprefix(".").lower()
    try:
        file.write_bytes(write_table(kind if kind in MEDIA else "csv", columns, rows))
    except OSError as failure:
        raise Invalid(f"{file} cannot be written: {failure.strerror}.", hint="Name another place.") from None
