"""`packline reconcile`: compare our books with Amazon's or your own system's, and mend what differs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="reconcile", help="Compare our books with Amazon's or your system's: orders, returns, stock, mend.")
Side = Literal["amazon", "seller", "pending_report", "shipped_report"]
RUN = ("id", "what", "side", "state", "step", "steps", "stated", "compared", "missing", "extra", "different",
       "unreadable", "mended", "error", "drift")  # fmt: skip
LIST = ("id", "what", "side", "account", "state", "missing", "extra", "different", "mended", "created_at", "source")
ITEM = ("id", "kind", "order_id", "ours", "theirs", "cause", "repair", "words", "outcome")
PAUSE_S = 0.5
BY = "command line"


@app.command
def orders(
    account: str,
    *,
    side: Side | None = None,
    file: Path | None = None,
    location: str = "",
    days: float = 7.0,
    word: Annotated[list[str] | None, Parameter(negative="")] = None,
    wait: float = 0.0,
    place: Place = HERE,
) -> None:
    """Compare orders status by status.

    Parameters
    ----------
    side
        amazon (read by a running worker), seller (your system, with a file), or Amazon's report of what waits for the
        carrier or was picked up: fetched for Easy Ship accounts, or a file that was saved by hand.
    file
        CSV, tab-separated, XLSX or JSON: order_id or amazon_id, and where you have them location, status, sku, units,
        tracking_id.
    days
        How far back.
    word
        What a word of yours for a status means, such as picked=packed; repeat it.
    wait
        Seconds to wait for the end.
    """
    _compare("orders", account, side, file, location, days, word, wait, place)


@app.command
def returns(
    account: str,
    *,
    side: Literal["amazon", "seller"] | None = None,
    file: Path | None = None,
    location: str = "",
    days: float = 30.0,
    word: Annotated[list[str] | None, Parameter(negative="")] = None,
    wait: float = 0.0,
    place: Place = HERE,
) -> None:
    """Compare returns with Amazon's list, or your system's file (return_id, or rma_id and sku; status, received)."""
    _compare("returns", account, side, file, location, days, word, wait, place)


@app.command
def stock(
    account: str, *, file: Path | None = None, location: str = "", wait: float = 0.0, place: Place = HERE
) -> None:
    """Compare stock three ways; what differs is listed by `packline stock drift` and mended by `packline stock mend`.

    Parameters
    ----------
    file
        Your system's numbers: location, sku, quantity.
    """
    _compare("stock", account, None, file, location, 7.0, None, wait, place)


@app.command(name="list")
def list_(*, account: str | None = None, limit: int = 50, place: Place = HERE) -> None:
    """List reconciliations, the newest first."""

    async def work(services: "Services") -> list[Any]:
        return list((await _views().reconciliations(services.pool, account, limit=limit)).items)

    place.printer.rows(place.work(work), *LIST, empty="Nothing was reconciled yet; `packline reconcile orders` begins.")


@app.command
def show(
    reconciliation: str,
    *,
    kind: Literal["missing", "extra", "different"] | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    limit: int = 100,
    place: Place = HERE,
) -> None:
    """Show what differs, the likely cause, and the repair.

    Parameters
    ----------
    kind
        missing: they have it, Packline does not; extra: the other way round.
    all_
        Also what was mended.
    """

    async def work(services: "Services") -> tuple[Any, list[Any]]:
        row = await _views().reconciliation(services.pool, reconciliation)
        page = await _views().differences(services.pool, reconciliation, kind, only_open=not all_, limit=limit)
        return row, list(page.items)

    row, items = place.work(work)
    if not place.json:
        place.printer.one(row, *RUN)
    place.printer.rows(items, *ITEM, empty="Nothing differs." if row["state"] == "done" else "It is not over yet.")


@app.command
def mend(
    reconciliation: str,
    item: Annotated[list[int] | None, Parameter(negative="", consume_multiple=True)] = None,
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    place: Place = HERE,
) -> None:
    """Mend some differences, or all that a machine can.

    Parameters
    ----------
    item
        The differences' numbers; all where left out.
    dry_run
        Only say what would happen.
    """

    async def work(services: "Services") -> list[dict[str, Any]]:
        await _views().reconciliation(services.pool, reconciliation)
        done = await services.reconcile.mend(reconciliation, item, preview=dry_run, by=BY)
        return [one._asdict() for one in done]

    place.printer.rows(place.work(work), "item", "repair", "outcome", "words", empty="There is nothing to mend.")


def _compare(
    what: str,
    account: str,
    side: str | None,
    file: Path | None,
    location: str,
    days: float,
    word: list[str] | None,
    wait: float,
    place: Place,
) -> None:
    rows = _rows(file) if file else None
    words = _words(word or [])
    wanted = side or ("seller" if file else "amazon")

    async def work(services: "Services") -> tuple[Any, Any]:
        from datetime import timedelta

        from packline.domain.books.entries import Side, What

        since = services.clock.now() - timedelta(days=days)
        asked = await services.reconcile.ask(
            account,
            What(what),
            Side(wanted),
            location=location,
            since=since,
            rows=rows,
            words=words,
            source=file.name if file else "",
            by=BY,
        )
        return await _over(services, asked.run, wait, by_us=rows is not None and what != "stock"), asked.refused

    row, refused = place.work(work)
    place.printer.one(row, *RUN)
    for one in refused[:20]:
        place.printer.say(f"Line {one.line} was not compared: {one.reason}", "yellow")
    if row["state"] not in ("done", "failed"):
        place.printer.say(f"A running worker goes on; look with `packline reconcile show {row['id']}`.", "dim")


async def _over(services: "Services", run: str, wait: float, *, by_us: bool) -> Any:
    """Judge it here where its books are read: no server is needed; else wait for the worker, as long as is wished."""
    if by_us:
        from packline.running import judge_of

        while await judge_of(services).work(services.clock.now(), run):
            pass
    until = services.clock.monotonic() + wait
    row = await _views().reconciliation(services.pool, run)
    while row["state"] not in ("done", "failed") and services.clock.monotonic() < until:
        await services.clock.sleep(PAUSE_S)
        row = await _views().reconciliation(services.pool, run)
    return row


def _rows(file: Path) -> Any:
    from packline.errors import Invalid
    from packline.oms.any_rows import rows_of

    try:
        content = file.read_bytes()
    except OSError as failure:
        raise Invalid(f"{file} cannot be read: {failure.strerror}.", hint="Check its name and its rights.") from None
    return rows_of(content, file.name)


def _words(given: list[str]) -> dict[str, str]:
    from packline.errors import Invalid

    pairs = [one.partition("=") for one in given]
    if any(not word or not stage for word, _, stage in pairs):
        raise Invalid("A word is told as picked=packed.", hint="Name your word, an equals sign, and the stage.")
    return {word: stage for word, _, stage in pairs}


def _views() -> Any:
    from packline.views import reconciliations

    return reconciliations
