"""`packline demo`: Amazon on this machine, Packline beside it, a warehouse that works, and a screen to watch them."""

from typing import Annotated

from cyclopts import Parameter, validators

from packline.cli.failures import end
from packline.cli.place import HERE, Place

Whole = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=5000))]
Speed = Annotated[float, Parameter(validator=validators.Number(gte=0.1, lte=20))]


def demo(
    *,
    once: Annotated[bool, Parameter(negative="")] = False,
    orders: Whole = 60,
    speed: Speed = 1.0,
    port: int = 8080,
    windows: bool | None = None,
    place: Place = HERE,
) -> None:
    """Run Amazon, Packline and a warehouse on this machine; buyers order all the time until Ctrl-C.

    Parameters
    ----------
    once
        A fixed number of orders, from the order to the carrier's hands; print what happened, and end.
    orders
        How many orders `--once` takes.
    speed
        How fast time passes for everybody; Amazon's quotas too.
    port
        Port of the console and the REST API; the next free one where it is taken.
    windows
        Open the console and the simulator's page in the browser; by default where a desktop is there, and not with
        `--once`.
    """
    import uvloop

    from packline.cli.demo.show import Wish, show
    from packline.cli.demo.windows import has_a_desktop

    opens = windows if windows is not None else not once and has_a_desktop()
    wish = Wish(once=once, orders=orders, speed=speed, port=port, data=place.data, json=place.json, windows=opens)
    end(uvloop.run(show(wish)))
