"""`packline db`: the database, backed up, restored, moved; and the key that protects what is secret in it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    import asyncpg

    from packline.bootstrap import Services
    from packline.storage.backup import Manifest

app = App(name="db", help="The database: back up, restore, move, path.")


@app.command
def path(*, place: Place = HERE) -> None:
    """Say where the data and the key are."""
    settings = place.settings()
    place.printer.one(
        {
            "database": "your own server (database_url)" if settings.database_url else "embedded",
            "folder": None if settings.database_url else str(settings.data / "postgres"),
            "key": "master_key" if settings.master_key else str(settings.key_path),
        }
    )


@app.command
def backup(file: Path, *, place: Place = HERE) -> None:
    """Write everything to one file while Packline goes on working.

    The file holds buyers' addresses, and credentials in encrypted form: keep it safe. The key is not in it: keep a copy
    of the key file too, but elsewhere.

    Parameters
    ----------
    file
        Where to write; replaced when the new backup is whole.
    """

    async def work(connection: "asyncpg.Connection") -> "Manifest":
        from packline.storage.backup import backup as make

        return await make(connection, file, _now(), _teller(place))

    _tell(place, _connected(place, work), f"Backed up to {file}.")


@app.command
def restore(file: Path, *, place: Place = HERE) -> None:
    """Fill an empty database from a backup; nothing is ever overwritten.

    Parameters
    ----------
    file
        What `packline db backup` made.
    """

    async def work(connection: "asyncpg.Connection") -> "Manifest":
        from packline.storage.backup import restore as fill

        return await fill(connection, file, _now(), _teller(place))

    _tell(place, _connected(place, work), f"Restored from {file}.")


@app.command
def move(to: str, *, place: Place = HERE) -> None:
    """Copy everything to an empty database of your own; stop every serve and worker first.

    Parameters
    ----------
    to
        Its address, as postgresql://user:password@host/name.
    """

    async def work(connection: "asyncpg.Connection") -> "Manifest":
        from packline.storage.backup import move as carry
        from packline.storage.database import connect

        target = await connect(to, place.settings().data)
        try:
            return await carry(connection, target, _now(), _teller(place))
        finally:
            await target.close()

    _tell(place, _connected(place, work), "Moved. Set PACKLINE_DATABASE_URL to the new address and start again.")


@app.command
def rotate_key(*, place: Place = HERE) -> None:
    """Add a new key to the key file; encrypt every stored secret and all personal data with it.

    Copy the file to your other machines and restart serve and worker there. The old keys stay in the file for backups.
    Where this is interrupted, a worker with the new file goes on.
    """
    from packline.errors import ConfigError
    from packline.storage.secrets import add_key

    settings = place.settings()
    if settings.master_key is not None:
        raise ConfigError(
            "Secrets are protected by PACKLINE_MASTER_KEY, not by a key file.",
            hint="Remove that setting and give a key file with the same key as version 1, then rotate it.",
        )
    version = add_key(settings.key_path)

    async def work(services: "Services") -> tuple[int, int]:
        from packline.storage.resealing import Resealing

        stores = (services.accounts, services.webhooks, services.returns, services.notifications)
        count = sum([await store.reseal() for store in stores])
        return count, await Resealing(services.pool, services.vault).all(services.clock.now())

    count, records = place.work(work)
    told = {"key_file": str(settings.key_path), "version": version, "secrets": count, "records": records}
    place.printer.one(told)


def _connected(place: Place, work: "Callable[[asyncpg.Connection], Awaitable[Manifest]]") -> "Manifest":
    import asyncio

    from packline.storage.database import connect

    settings = place.settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None

    async def opened() -> "Manifest":
        connection = await connect(url, settings.data)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(opened())


def _now() -> Any:
    from packline.amazon.spapi.clock import SystemClock

    return SystemClock().now()


def _teller(place: Place) -> Callable[[str, int], None]:
    printer = place.printer

    def tell(table: str, rows: int) -> None:
        if rows:
            printer.say(f"{rows:>12,}  {table}", "dim")

    return tell


def _tell(place: Place, manifest: "Manifest", done: str) -> None:
    if place.json:
        place.printer.line({"rows": manifest.rows, "made_at": manifest.made_at})
    place.printer.say(f"{done} {sum(manifest.rows.values()):,} rows.")
