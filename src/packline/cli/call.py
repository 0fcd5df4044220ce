"""`packline call`: the log of calls to Amazon."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="call", help="The log of calls to Amazon.")
LIST = ("at", "operation", "status", "code", "ms", "attempt", "quota_left", "request_id", "account", "shipment")


@app.command(name="list")
def list_calls(
    *,
    account: str | None = None,
    shipment: str | None = None,
    operation: str | None = None,
    status: int | None = None,
    request_id: str | None = None,
    failed: Annotated[bool, Parameter(negative="")] = False,
    hours: float | None = None,
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List calls to Amazon, the newest first.

    Parameters
    ----------
    account
        Of this account.
    shipment
        For this shipment (any of its ids).
    operation
        Of this operation, such as createPackages.
    status
        Answered with this HTTP status; 0 for no answer.
    request_id
        With this request id of Amazon's.
    failed
        Only those that were not answered 2xx.
    hours
        Of the last so many hours.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import calls, shipments

        filters = calls.CallFilters(
            account=account,
            shipment=(await shipments.find(services.pool, shipment)).id if shipment else None,
            operation=operation,
            status=status,
            request_id=request_id,
            failed=True if failed else None,
            since=services.clock.now() - timedelta(hours=hours) if hours else None,
        )
        rows: list[Any] = []
        after: str | None = None
        while len(rows) < limit:
            page = await calls.calls(services.pool, filters, limit=min(200, limit - len(rows)), after=after)
            rows, after = rows + page.items, page.next
            if after is None:
                break
        return rows

    place.printer.rows(place.work(work), *LIST, empty="No call fits.")


@app.command
def bundle(shipment: str, *, to: Path | None = None, place: Place = HERE) -> None:
    """Put everything that Amazon's support asks for into one file: the calls of one shipment with request ids.

    Parameters
    ----------
    shipment
        The shipment, by any of its ids.
    to
        Write a ZIP to this file, or into this folder; without it everything is printed as JSON.
    """

    async def work(services: "Services") -> Any:
        from packline.views import bundles, shipments

        found, now = await shipments.find(services.pool, shipment), services.clock.now()
        make = bundles.facts if to is None else bundles.bundle
        return await make(services.pool, services.gateway, now, found.id)

    import msgspec

    made = place.work(work)
    if to is None:
        text = msgspec.json.encode(made)
        sys.stdout.write((text if place.json else msgspec.json.format(text, indent=2)).decode() + "\n")
        return
    name, content = made
    file = to / name if to.is_dir() else to
    file.write_bytes(content)
    if place.json:
        place.printer.line({"file": str(file), "bytes": len(content)})
    else:
        place.printer.say(f"{file}: {len(content):,} bytes, without personal data.")
