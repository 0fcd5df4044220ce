"""`packline shipment documents`: the list, and the files into a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services


def documents(
    shipment: str,
    *,
    to: Path | None = None,
    void: bool = False,
    place: Place = HERE,
) -> None:
    """List the documents of a shipment, or write them into a folder.

    Parameters
    ----------
    to
        Folder for the files.
    void
        Also void labels, which must not be used.
    """

    async def work(services: "Services") -> list[Any]:
        from functools import partial

        from packline.cli.looking import look
        from packline.domain.audit import Seen
        from packline.domain.person import OF_DOCUMENTS, Look
        from packline.storage.sealed import opened
        from packline.views import documents as stored
        from packline.views import shipments

        found = await shipments.find(services.pool, shipment)
        listed = [row for row in await stored.documents(services.pool, found.id) if void or not row["void"]]
        rows: list[Any] = [dict(row) for row in listed]
        for row in rows if to else ():
            content = await stored.content(services.pool, found.id, row["id"], partial(opened, services.vault))
            await look(services, Seen(OF_DOCUMENTS.get(content.kind, Look.RAW), found.id, content.name))
            row["file"] = str(_write(Path(str(to)), content.name, content.content))
        return rows

    columns = ("kind", "package_id", "file") if to else ("name", "kind", "package_id", "tracking_id", "size", "void")
    place.printer.rows(place.work(work), *columns, empty="No documents yet.")


def _write(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    return file
