"""`packline document print`: labels of many shipments in one file, in pick order."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from packline.cli.failures import NOT_FOUND, OK, REFUSED, end
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

REFUSED_COLUMNS = ("reference", "package", "kind", "reason", "why", "hint")
PRINT_COLUMNS = ("id", "created_at", "printed", "reprinted", "refused", "form", "paper", "order", "by")
FILE_COLUMNS = ("kind", "file", "size")


def print_(
    *shipments: str,
    to: Path = Path(),
    documents: tuple[Literal["ship_label", "invoice", "warranty"], ...] = ("ship_label",),
    format: Literal["pdf", "zpl"] = "pdf",  # noqa: A002  the word that users know
    paper: Literal["4x6", "a4-of-four"] = "4x6",
    order: Literal["bin", "sku", "ship_by", "given"] = "bin",
    reverse: bool = False,
    key: str = "",
    place: Place = HERE,
) -> None:
    """Join labels in pick order to one file for the printer, invoices to another.

    Cancelled and superseded labels are refused with the reason, the rest is printed; a reprint says so on the label.

    Parameters
    ----------
    shipments
        Ids of shipments, orders or manifests, or tracking ids for single packages (`-`: from standard input).
    to
        Folder for the files.
    documents
        What to print; repeat for several. Each kind is a file of its own.
    order
        The way through the warehouse: by bin, by SKU, the most urgent first, or as given.
    reverse
        For printers that stack face up.
    key
        A key of your own: the same key is the same print.
    """

    async def work(services: "Services") -> Any:
        from packline.bootstrap import print_desk
        from packline.cli.looking import look
        from packline.commands.prints import PrintRequest
        from packline.domain.audit import Seen
        from packline.domain.person import OF_DOCUMENTS
        from packline.domain.printing import Form, Paper, PickOrder
        from packline.domain.values import DocumentKind
        from packline.storage.sealed import opened
        from packline.views import prints

        unsealed = partial(opened, services.vault)
        kinds = tuple(DocumentKind(kind) for kind in documents)
        asked = PrintRequest(_named(shipments), kinds, Form(format), Paper(paper), PickOrder(order), reverse)
        made = await print_desk(services).print(asked, "command line", _everything, key)
        row: dict[str, Any] = dict(await prints.one_print(services.pool, made.id))
        for file in row["files"]:
            found = await prints.print_file(services.pool, made.id, file["kind"], services.clock.now(), unsealed)
            inside = await prints.printed_shipments(services.pool, made.id, file["kind"])
            await look(services, *(Seen(OF_DOCUMENTS[file["kind"]], name, made.id) for name in inside))
            file["file"] = str(_write(to, found.name, found.content))
        return row

    row = place.work(work)
    _tell(place, row)
    end(_code(row))


def prints(*, limit: int = 50, place: Place = HERE) -> None:
    """List what was printed, the newest first: who, how much, how many reprints, what was refused."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import prints as views

        return list((await views.prints(services.pool, limit=limit)).items)

    rows = place.work(work)
    shown = rows if place.json else [{**row, "refused": len(row["refused"])} for row in rows]
    place.printer.rows(shown, *PRINT_COLUMNS, empty="Nothing was printed yet.")


def _tell(place: Place, row: dict[str, Any]) -> None:
    if place.json:
        place.printer.line(row)
        return
    place.printer.rows(row["files"], *FILE_COLUMNS, empty="Nothing was printed.")
    reprints = f", {row['reprinted']} of them reprints and marked so" if row["reprinted"] else ""
    place.printer.say(f"{row['printed']} documents{reprints}.")
    if row["refused"]:
        place.printer.say(f"{len(row['refused'])} refused:", "yellow")
        place.printer.rows(row["refused"], *REFUSED_COLUMNS)


def _code(row: dict[str, Any]) -> int:
    if not row["refused"]:
        return OK
    return NOT_FOUND if all(told["reason"] == "not_found" for told in row["refused"]) else REFUSED


def _everything(_account: str, _location: str) -> bool:
    return True


def _named(references: tuple[str, ...]) -> tuple[str, ...]:
    named: list[str] = []
    for reference in references:
        named += [line.strip() for line in sys.stdin if line.strip()] if reference == "-" else [reference]
    return tuple(dict.fromkeys(named))


def _write(folder: Path, name: str, content: bytes) -> Path:
    from packline.errors import Invalid

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_bytes(content)
    except OSError as failure:
        raise Invalid(f"{folder} cannot be written to: {failure.strerror}.", hint="Correct --to.") from None
    return file
