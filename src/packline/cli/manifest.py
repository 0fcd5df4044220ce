"""`packline manifest`: open, scan parcels in and out, close, print, hand all over."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from packline.cli.failures import OK, REFUSED, end
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="manifest", help="What leaves with one carrier in one slot: open, add, remove, close, pdf, hand-over.")
BY = "command line"
LIST = ("id", "status", "carrier", "packages", "location", "opened_at", "handed_over_at", "account")
PARCELS = ("tracking_id", "order_id", "package", "weight_g", "added_at", "left_behind")
SCANS = ("reference", "outcome", "tracking_id", "reason", "why", "hint")
HANDED = ("order_id", "outcome", "packages", "ticket", "why", "hint")


@app.command(name="open")
def open_(
    account: str,
    location: str,
    *packages: str,
    carrier: str | None = None,
    slot_from: datetime | None = None,
    slot_to: datetime | None = None,
    key: str = "",
    place: Place = HERE,
) -> None:
    """Open a manifest, and scan the first parcels in.

    Parameters
    ----------
    packages
        Tracking ids (`-`: from standard input, a line each).
    carrier
        Without it, the first parcel decides carrier and slot.
    slot_from
        Begin of the handover slot.
    slot_to
        Its end.
    key
        A key of your own: the same key is the same manifest.
    """

    async def work(services: "Services") -> tuple[dict[str, Any], list[Any]]:
        from packline.bootstrap import manifest_desk
        from packline.commands.manifests import Opening
        from packline.views.manifests import manifest_row

        desk = manifest_desk(services)
        told: list[Any] = []
        made = await desk.open(Opening(account, location, carrier, _window(slot_from, slot_to)), BY, key)
        named = _named(packages)
        if named:
            made, told = await desk.scan_in(made.id, named, BY)
        return dict(manifest_row(made)), _rows(told)

    row, told = place.work(work)
    place.printer.one(row)
    _say_scans(place, told)


@app.command(name="list")
def list_(
    *,
    account: str | None = None,
    location: str | None = None,
    status: Literal["open", "closed", "handed_over"] | None = None,
    tracking: str | None = None,
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List manifests, the newest first."""

    async def work(services: "Services") -> list[Any]:
        from packline.views.manifests import ManifestFilters, manifests

        filters = ManifestFilters(account, location, status, None, tracking)
        return list((await manifests(services.pool, filters, limit=limit)).items)

    place.printer.rows(place.work(work), *LIST, empty="No manifest yet; `packline manifest open` makes one.")


@app.command
def show(manifest: str, *, place: Place = HERE) -> None:
    """Show one manifest with its parcels."""

    async def work(services: "Services") -> dict[str, Any]:
        from packline.views.manifests import manifest_detail, one_manifest

        return dict(manifest_detail(await one_manifest(services.pool, manifest)))

    row = place.work(work)
    if place.json:
        place.printer.line(row)
        return
    place.printer.one({name: value for name, value in row.items() if name != "parcels"})
    place.printer.rows(row["parcels"], *PARCELS, empty="It is empty.")


@app.command
def add(manifest: str, *packages: str, place: Place = HERE) -> None:
    """Scan parcels in: tracking ids, or shipments that have one parcel (`-`: from standard input)."""

    async def work(services: "Services") -> list[Any]:
        from packline.bootstrap import manifest_desk

        _, told = await manifest_desk(services).scan_in(manifest, _named(packages), BY)
        return _rows(told)

    _say_scans(place, place.work(work))


@app.command
def remove(manifest: str, tracking: str, *, place: Place = HERE) -> None:
    """Take a parcel off an open manifest."""

    async def work(services: "Services") -> dict[str, Any]:
        from packline.bootstrap import manifest_desk
        from packline.views.manifests import manifest_row

        return dict(manifest_row(await manifest_desk(services).take_out(manifest, tracking, BY)))

    place.printer.one(place.work(work))


@app.command
def close(manifest: str, *, place: Place = HERE) -> None:
    """Fix what it says, for print and signature; it is never opened again."""

    async def work(services: "Services") -> dict[str, Any]:
        from packline.bootstrap import manifest_desk
        from packline.views.manifests import manifest_row

        return dict(manifest_row(await manifest_desk(services).close(manifest, BY)))

    place.printer.one(place.work(work))


@app.command
def pdf(manifest: str, *, to: Path = Path(), place: Place = HERE) -> None:
    """Write its PDF: a bar code for each parcel, and lines to sign on.

    Parameters
    ----------
    to
        Folder for the file.
    """

    async def work(services: "Services") -> dict[str, Any]:
        from packline.oms.manifest_pdf import manifest_pdf
        from packline.views.manifests import one_manifest, place_of

        found = await one_manifest(services.pool, manifest)
        content = manifest_pdf(found, *await place_of(services.pool, found))
        return {"manifest": found.id, "file": str(_write(to, f"manifest-{found.id}.pdf", content))}

    place.printer.one(place.work(work))


@app.command(name="hand-over")
def hand_over(manifest: str, *, left_behind: tuple[str, ...] = (), place: Place = HERE) -> None:
    """Hand over all its parcels; Amazon is told SHIPPED where the program has the seller tell it.

    Parameters
    ----------
    left_behind
        Tracking id of a parcel that did not leave; repeat for several.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.bootstrap import manifest_desk

        _, told = await manifest_desk(services).hand_over(manifest, BY, left_behind)
        return _rows(told)

    rows = place.work(work)
    place.printer.rows(rows, *HANDED, empty="No parcel left.")
    end(REFUSED if any(row["outcome"] in ("refused", "stopped") for row in rows) else OK)


def _say_scans(place: Place, told: list[Any]) -> None:
    if told:
        place.printer.rows(told, *SCANS)
        end(REFUSED if any(row["outcome"] == "refused" for row in told) else OK)


def _rows(told: list[Any]) -> list[Any]:
    return [{name: getattr(one, name) for name in one.__struct_fields__} for one in told]


def _named(packages: tuple[str, ...]) -> list[str]:
    named: list[str] = []
    for one in packages:
        named += [line.strip() for line in sys.stdin if line.strip()] if one == "-" else [one]
    return named


def _window(start: datetime | None, stop: datetime | None) -> Any:
    from datetime import UTC

    from packline.domain.values import Window
    from packline.errors import FieldError, Invalid

    if start is None and stop is None:
        return None
    if start is None or stop is None:
        fault = FieldError("--slot-from, --slot-to", "Give both, or neither.")
        raise Invalid("A slot has a begin and an end.", errors=(fault,))
    begin, over = (one if one.tzinfo else one.replace(tzinfo=UTC) for one in (start, stop))
    return Window(begin, over)


def _write(folder: Path, name: str, content: bytes) -> Path:
    from packline.errors import Invalid

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_bytes(content)
    except OSError as failure:
        raise Invalid(f"{folder} cannot be written to: {failure.strerror}.", hint="Correct --to.") from None
    return file
