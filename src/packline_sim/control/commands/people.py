"""`buyers` and `carriers`: those who act by themselves."""

from cyclopts import App

from packline_sim.control.commands.target import HERE, Target
from packline_sim.programs import Program

buyers = App(name="buyers", help="Buyers who order all the time.")
carriers = App(name="carriers", help="Carriers who collect and deliver by themselves.")
COLUMNS = ("buyers_id", "seller_id", "orders_per_minute", "buying", "ordered", "unserved", "cancelled")


@buyers.command(name="start")
def start(
    seller_id: str,
    *,
    orders_per_minute: float = 6.0,
    program: tuple[Program, ...] = ("EASY_SHIP",),
    location: tuple[str, ...] = (),
    cancel_share: float = 0.0,
    refuse_share: float = 0.0,
    return_share: float = 0.0,
    stop_after: int | None = None,
    seller_central: bool = False,
    to: Target = HERE,
) -> None:
    """Let buyers order from a seller at a rate.

    Args:
        program: Programs that orders fall on, alike; repeat for several.
        location: Locations that orders fall on, alike; all of the seller's otherwise.
        cancel_share: Share of the buyers who cancel later, 0 to 1.
        refuse_share: Share of the buyers who refuse the parcel at the door.
        return_share: Share of the buyers who send units back.
        stop_after: End after so many orders.
        seller_central: Orders of Seller Central (Orders and Easy Ship APIs) instead of shipments.
    """
    body: dict[str, object] = {"seller_id": seller_id, "orders_per_minute": orders_per_minute}
    body |= {"programs": dict.fromkeys(program, 1.0), "locations": dict.fromkeys(location, 1.0)}
    body |= {"cancel_share": cancel_share, "stop_after": stop_after}
    body |= {"refuse_share": refuse_share, "return_share": return_share}
    body["api"] = "seller_central" if seller_central else "external_fulfillment"
    to.rows([_flat(to.sim.post("buyers", body=body))], *COLUMNS)


@buyers.command(name="list")
def list_buyers(*, to: Target = HERE) -> None:
    """List buyers and what they did."""
    to.rows([_flat(row) for row in to.sim.get("buyers")["items"]], *COLUMNS)


@buyers.command(name="rate")
def rate(buyers_id: str, orders_per_minute: float, *, to: Target = HERE) -> None:
    """Change how often buyers order."""
    changed = to.sim.patch("buyers", buyers_id, body={"orders_per_minute": orders_per_minute})
    to.rows([_flat(changed)], *COLUMNS)


@buyers.command(name="stop")
def stop(buyers_id: str | None = None, *, to: Target = HERE) -> None:
    """Let these buyers, or all, order no more."""
    rows = [to.sim.delete("buyers", buyers_id)] if buyers_id else to.sim.delete("buyers")["items"]
    to.rows([_flat(row) for row in rows], *COLUMNS)


@buyers.command(name="resume")
def resume(buyers_id: str, *, to: Target = HERE) -> None:
    """Let buyers that were stopped order again."""
    to.rows([_flat(to.sim.post("buyers", buyers_id, "resume"))], *COLUMNS)


@carriers.command(name="show")
def show_carriers(*, to: Target = HERE) -> None:
    """Show how carriers work and what they did."""
    to.one(to.sim.get("carriers"))


@carriers.command(name="set")
def set_carriers(
    *,
    automatic: bool | None = None,
    program: tuple[Program, ...] | None = None,
    pickup_after_s: float | None = None,
    deliver_after_s: float | None = None,
    undelivered_share: float | None = None,
    lost_share: float | None = None,
    damaged_share: float | None = None,
    stations: bool | None = None,
    returns: bool | None = None,
    return_step_s: float | None = None,
    replan_share: float | None = None,
    only_printed: bool | None = None,
    to: Target = HERE,
) -> None:
    """Change how carriers work, from the next label on; delays are simulated seconds."""
    given = {
        "automatic": automatic,
        "programs": program,
        "pickup_after_s": pickup_after_s,
        "deliver_after_s": deliver_after_s,
        "undelivered_share": undelivered_share,
        "lost_share": lost_share,
        "damaged_share": damaged_share,
        "stations": stations,
        "returns": returns,
        "return_step_s": return_step_s,
        "replan_share": replan_share,
        "only_printed": only_printed,
    }
    to.one(to.sim.patch("carriers", body={key: value for key, value in given.items() if value is not None}))


def _flat(row: dict[str, object]) -> dict[str, object]:
    settings = row.pop("settings")
    return {**row, **settings} if isinstance(settings, dict) else row
