"""`packline event`: the event feed."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services

app = App(name="event", help="The event feed.")
LOOK_AGAIN_S = 0.5


@app.command
def tail(
    *,
    after: str | None = None,
    name: tuple[str, ...] = (),
    shipment: str | None = None,
    follow: Annotated[bool, Parameter(alias="-f")] = True,
    place: Place = HERE,
) -> None:
    """Print events in the order of commitment, and go on as they come.

    Parameters
    ----------
    after
        Begin after this cursor (`0.0` from the very first); only what comes from now on otherwise.
    name
        Only these, such as shipment.labeled or `shipment.*`; repeat for several.
    shipment
        Only of this shipment.
    follow
        Wait for more at the end.
    """

    async def work(services: "Services") -> None:
        from packline.views import events, shipments

        cursor = after or await events.newest(services.pool)
        one = (await shipments.find(services.pool, shipment)).id if shipment else None
        while True:
            page = await events.feed(services.pool, cursor, names=name, shipment=one, limit=500)
            for event in page.events:
                _print(place, event)
            cursor = page.cursor
            if page.events:
                continue
            if not follow:
                return
            await services.clock.sleep(LOOK_AGAIN_S)

    place.work(work)


def _print(place: Place, event: Any) -> None:
    import msgspec

    data = msgspec.json.decode(event.data)
    if place.json:
        row = {"cursor": event.cursor, "id": event.id, "name": event.name, "at": event.at, "cause": event.cause}
        place.printer.line({**row, "account": event.account, "data": data})
        return
    shipment = data.get("shipment") or {}
    name = shipment.get("amazon_id") or event.account
    place.printer.say(f"{event.at:%H:%M:%S}  {event.name:<26} {name:<20} {shipment.get('status', '')}  ({event.cause})")
