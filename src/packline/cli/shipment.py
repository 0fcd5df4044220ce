"""`packline shipment`: list, look at, explain; what is done with shipments is in `shipment_orders`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cyclopts import App

from packline.cli import shipment_documents, shipment_orders
from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="shipment", help="Shipments: list, explain, confirm, pack, hand over, deliver.")
LIST = ("ship_by", "amazon_id", "program", "location", "status", "goal", "sentence")
SHOWN = (
    "amazon_id", "id", "order_id", "account", "location", "program", "status", "sub_status", "source", "goal",
    "ship_by", "sentence", "units", "packages", "tracking_ids",
)  # fmt: skip
for _verb in (
    shipment_orders.confirm,
    shipment_orders.reject,
    shipment_orders.pack,
    shipment_orders.repack,
    shipment_orders.relabel,
    shipment_orders.reschedule,
    shipment_orders.hand_over,
    shipment_orders.out_for_delivery,
    shipment_orders.deliver,
    shipment_orders.retry,
    shipment_documents.documents,
):
    app.command(_verb)


@app.command(name="list")
def list_shipments(
    *,
    account: str | None = None,
    location: str | None = None,
    program: str | None = None,
    status: tuple[str, ...] = (),
    order: str | None = None,
    tracking: str | None = None,
    failed: bool = False,
    sort: str = "ship_by",
    limit: int = 50,
    place: Place = HERE,
) -> None:
    """List shipments.

    Parameters
    ----------
    account
        Of this account.
    location
        From this location.
    program
        Of this program: seller_flex, easy_ship or self_ship; or of locations named pharmacy or local_shops.
    status
        In this status of Amazon's; repeat for several.
    order
        Of this order.
    tracking
        With this tracking id.
    failed
        Only those that a person must look at.
    sort
        ship_by, received_at or updated_at; with `-` before it the latest first.
    limit
        At most so many; 0 for all.
    """

    async def work(services: "Services") -> list[Any]:
        from packline.views import shipments

        filters = shipments.Filters(
            account=account,
            location=location,
            program=program,
            status=tuple(word.upper() for word in status) or None,
            order_id=order,
            tracking_id=tracking,
            has_problem=True if failed else None,
        )
        return await _gather(services, filters, sort, limit)

    place.printer.rows(place.work(work), *LIST, empty="No shipment fits.")


@app.command
def show(shipment: str, *, place: Place = HERE) -> None:
    """Show one shipment with its lines, packages and documents.

    Parameters
    ----------
    shipment
        Packline's id, Amazon's shipment id, or the order's id where it has one shipment.
    """

    async def work(services: "Services") -> Any:
        from packline.cli.looking import look
        from packline.domain.audit import Seen
        from packline.domain.person import Look
        from packline.views import shipments

        found = await shipments.find(services.pool, shipment)
        now = services.clock.now()
        row = await shipments.detail(services.pool, services.gateway, now, found.id, with_address=place.json)
        if row["ship_to"]:
            await look(services, Seen(Look.ADDRESS, found.id))
        return row

    detail, printer = place.work(work), place.printer
    printer.one(detail, *SHOWN)
    if place.json:
        return
    printer.rows(detail["lines"], "sku", "title", "units", empty="The lines have not been read yet.")
    printer.rows([_package(p) for p in detail["package_list"]], empty="Not packed yet.")
    printer.rows(detail["documents"], "name", "media_type", "size", "void", "created_at", empty="No documents yet.")


@app.command
def explain(shipment: str, *, place: Place = HERE) -> None:
    """Say in plain words where a shipment stands, what it waits for and what was tried."""

    async def work(services: "Services") -> Any:
        import msgspec

        from packline.views import shipments, timeline

        found = await shipments.find(services.pool, shipment)
        told = await timeline.explained(services.pool, services.gateway, services.clock.now(), found.id)
        return msgspec.to_builtins(told, builtin_types=(datetime,))

    told, printer = place.work(work), place.printer
    if place.json:
        printer.line(told)
        return
    printer.say(told["sentence"], "bold")
    if told.get("next"):
        printer.say(f"Next, Packline will {told['next']}.")
    for line in told.get("tried", ()):
        printer.say(f"  {line}", "dim")


@app.command
def timeline(shipment: str, *, limit: int = 100, place: Place = HERE) -> None:
    """Show Amazon's news, our calls and people's acts, the newest first."""

    async def work(services: "Services") -> list[Any]:
        from packline.views import shipments
        from packline.views import timeline as entries

        found = await shipments.find(services.pool, shipment)
        return list((await entries.timeline(services.pool, found.id, limit=limit)).items)

    place.printer.rows(place.work(work), "at", "what", "name", "cause", "text", "ms", "request_id")


async def _gather(services: "Services", filters: Any, sort: str, limit: int) -> list[Any]:
    from packline.errors import FieldError, Invalid
    from packline.views import shipments
    from packline.views.paging import LIMIT_AT_MOST

    if sort not in shipments.SORTS:
        raise Invalid(
            "This order is not known.", errors=(FieldError("--sort", f"One of {', '.join(shipments.SORTS)}."),)
        )
    rows: list[Any] = []
    after: str | None = None
    while True:
        size = LIMIT_AT_MOST if limit <= 0 else min(limit - len(rows), LIMIT_AT_MOST)
        page = await shipments.shipments(
            services.pool, services.gateway, services.clock.now(), filters, sort=sort, limit=size, after=after
        )
        rows += page.items
        after = page.next
        if after is None or 0 < limit <= len(rows):
            return rows


def _package(package: Any) -> dict[str, Any]:
    box, label = package["box"], package["label"] or {}
    return {
        "package": package["id"],
        "status": package["status"],
        "box": f"{box['length_cm']:g} × {box['width_cm']:g} × {box['height_cm']:g} cm, {box['weight_g']:g} g",
        "carrier": label.get("carrier"),
        "tracking id": label.get("tracking_id"),
        "problem": package["label_error"],
    }
