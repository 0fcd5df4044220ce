"""`packline return`: what comes back, and what is done with it at the dock."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place
from packline.domain.returns import STATUSES, Condition
from packline.errors import Invalid

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="return", help="What comes back: list, show, receive, restock, password, photo.")
LIST = ("id", "status", "stage", "kind", "sku", "units", "received_units", "location", "order_id", "tracking_id")
BY = "command line"


@app.command(name="list")
def list_(
    *,
    account: str | None = None,
    location: str | None = None,
    status: str | None = None,
    kind: Literal["customer", "origin"] | None = None,
    stage: Literal["expected", "partly_received", "received", "called_off", "past", "to_receive"] | None = None,
    shipment: str | None = None,
    order_id: str | None = None,
    rma_id: str | None = None,
    sku: str | None = None,
    tracking_id: str | None = None,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """List returns, the newest first.

    Parameters
    ----------
    kind
        customer: the buyer sends it back; origin: the parcel was refused or could not be delivered.
    stage
        The dock's; to_receive was delivered by the carrier and not received, past was processed before Packline came.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import returns as views

        if status and status.upper() not in STATUSES:
            raise Invalid(f"{status} is no status of a return.", hint=f"Amazon's are {', '.join(STATUSES)}.")
        filters = views.ReturnFilters(
            account=account,
            location=location,
            status=(status.upper(),) if status else None,
            kind=kind,
            stage=stage,
            shipment=shipment,
            order_id=order_id,
            rma_id=rma_id,
            sku=sku,
            tracking_id=tracking_id,
        )
        return list((await views.returns(services.pool, filters, limit=limit)).items)

    place.printer.rows(place.work(work), *LIST, empty="No returns.")


@app.command
def show(return_id: str, *, place: Place = HERE) -> None:
    """Show one return: what Amazon tells, what came in, photos, and who looked at its password.

    Parameters
    ----------
    return_id
        Our id, Amazon's id, or an RMA or tracking id that names one.
    """

    async def work(services: "Services") -> Any:
        from packline.views import returns as views

        return await views.detail(services.pool, await views.find(services.pool, return_id))

    place.printer.one(place.work(work))


@app.command
def receive(
    return_id: str,
    units: int | None = None,
    *,
    condition: Condition = "sellable",
    bin: str = "",  # noqa: A002  the word of the flag
    serial: Annotated[list[str] | None, Parameter(negative="")] = None,
    note: str = "",
    hold: Annotated[bool, Parameter(negative="")] = False,
    reference: str = "",
    place: Place = HERE,
) -> None:
    """Receive units of a return in one condition, and let the ledger take them.

    Parameters
    ----------
    units
        How many; all that are awaited where left out.
    condition
        wrong_item, missing and elsewhere (another system took it in) never get into the ledger.
    serial
        A serial number; repeat it for each unit.
    hold
        Do not restock yet: `packline return restock` does it later.
    reference
        Your own; the same one counts once.
    """

    async def work(services: "Services") -> Any:
        from packline.ports.returns import Piece
        from packline.views import returns as views

        item = await views.find(services.pool, return_id)
        row = await views.detail(services.pool, item)
        count = units if units is not None else row["units"] - row["received_units"]
        key = f"reference {reference}" if reference else ""
        piece = Piece(count, condition, bin, tuple(serial or ()))
        return await services.dock.receive(item, [piece], note=note, restock=not hold, key=key, by=BY)

    _show(place, place.work(work))


@app.command
def restock(return_id: str, *, place: Place = HERE) -> None:
    """Let the ledger take what was received with --hold; twice changes nothing."""

    async def work(services: "Services") -> Any:
        from packline.views import returns as views

        return await services.dock.restock(await views.find(services.pool, return_id), by=BY)

    _show(place, place.work(work))


@app.command
def password(return_id: str, *, place: Place = HERE) -> None:
    """Show the one-time password that the carrier asks for, while it is valid; the look is recorded."""

    async def work(services: "Services") -> Any:
        from packline.views import returns as views

        return await services.dock.password(await views.find(services.pool, return_id), by=BY)

    found = place.work(work)
    place.printer.one({"password": found.word, "valid_till": found.valid_till})


@app.command
def photo(return_id: str, file: Path, *, place: Place = HERE) -> None:
    """Keep a photo of what came in: JPEG, PNG, WebP or PDF."""
    from packline.errors import Invalid

    try:
        content = file.read_bytes()
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.", hint="Check its name and its rights.") from None

    async def work(services: "Services") -> Any:
        from packline.views import returns as views

        item = await views.find(services.pool, return_id)
        return (await services.dock.photo(item, content, name=file.name, by=BY)).document

    kept = place.work(work)
    place.printer.one({"id": kept.sha256, "media_type": kept.media_type, "size": kept.size})


def _show(place: Place, done: Any) -> None:
    import msgspec

    row = msgspec.to_builtins(done)
    place.printer.one({name: row.get(name, []) for name in ("outcome", "receipt")} | _counts(done, row))


def _counts(done: Any, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "received_units": done.received_units,
        "awaited_units": done.awaited_units,
        "restocked": row.get("restocked", []),
    }
