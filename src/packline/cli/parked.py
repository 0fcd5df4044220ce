"""`packline parked`: what Amazon sent and nobody could read."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="parked", help="What Amazon sent and nobody could read.")


@app.command(name="list")
def list_parked(
    *,
    account: str | None = None,
    all: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002  the word of the flag
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List parked records, the newest first.

    Parameters
    ----------
    account
        Of this account.
    all
        Also those that are settled.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import parked

        page = await parked.parked(services.pool, account=account, is_open=None if all else True, limit=limit)
        return list(page.items)

    place.printer.rows(
        place.work(work), "id", "account", "source", "reason", "size", "created_at", "resolved_at",
        empty="Nothing is parked.",
    )  # fmt: skip


@app.command
def show(record: str, *, place: Place = HERE) -> None:
    """Print the bytes of a parked record as they came."""

    async def work(services: "Services") -> bytes:
        from packline.cli.looking import look
        from packline.domain.audit import Seen
        from packline.domain.person import Look
        from packline.storage.sealed import opened
        from packline.views import parked

        body = await parked.body(services.pool, record, partial(opened, services.vault))
        await look(services, Seen(Look.RAW, "", f"parked {record}"))
        return body

    sys.stdout.buffer.write(place.work(work))


@app.command
def resolve(record: str, *, place: Place = HERE) -> None:
    """Say that a person has dealt with a parked record; it leaves the list and its bytes are kept."""

    async def work(services: "Services") -> None:
        from packline.errors import NotFound
        from packline.storage.parked import resolve_parked

        if not await resolve_parked(services.pool, record, services.clock.now(), None):
            raise NotFound(f"There is no open parked record {record}.", hint="List them with `packline parked list`.")

    place.work(work)
    place.printer.say(f"{record} is settled.")
