"""`packline serve` and `packline worker`."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from packline.cli.place import HERE, Place

if TYPE_CHECKING:
    from packline.bootstrap import Services


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    worker: bool | None = None,
    console_sign_in: Annotated[bool | None, Parameter(negative="--no-console-sign-in")] = None,
    place: Place = HERE,
) -> None:
    """Run the REST API, the console and one worker in this process until it is told to stop.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port to listen on; 0 takes a free one.
    worker
        Run a worker here too.
    console_sign_in
        Let people sign in before they see the console.
    """
    settings = place.settings(host=host, port=port, worker=worker, console_sign_in=console_sign_in)
    _run(place, settings, with_faces=True, with_worker=settings.worker)


def worker(*, name: str | None = None, place: Place = HERE) -> None:
    """Run a worker only, until it is told to stop; start as many as you like, on as many machines.

    Parameters
    ----------
    name
        Its name in logs.
    """
    settings = place.settings(worker_name=name)
    _run(place, settings, with_faces=False, with_worker=True)


def _run(place: Place, settings: object, *, with_faces: bool, with_worker: bool) -> None:
    import asyncio
    import gc
    import signal

    import uvloop

    from packline.bootstrap import open_services
    from packline.cli.logging import log_to_stderr
    from packline.config import Settings
    from packline.running import run

    assert isinstance(settings, Settings)  # noqa: S101  typed loosely above, so that --help imports no pydantic
    log_to_stderr(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(told, stop.set)
        async with open_services(settings) as services, run(services, faces=with_faces, worker=with_worker) as running:
            link = await _first_link(services, running.url)
            _announce(place, running.url, with_worker, link)
            await running.until(stop)

    gc.freeze()  # what was imported stays; with the usual threshold a fifth of a worker's time went to collections
    gc.set_threshold(50_000, 20, 100)
    uvloop.run(until_told())


async def _first_link(services: "Services", url: str | None) -> str | None:
    """Make the link for the first admin, where people sign in and nobody can yet."""
    from packline.bootstrap import people_desk

    if url is None or not services.settings.console_sign_in:
        return None
    link = await people_desk(services).first_link()
    return f"{url}{link.path}" if link else None


def _announce(place: Place, url: str | None, with_worker: bool, link: str | None) -> None:
    if place.json:
        place.printer.line({"url": url, "worker": with_worker, **({"set_up": link} if link else {})})
        return
    if url:
        place.printer.say(f"Console {url}/   REST API {url}/v1   OpenAPI {url}/openapi.json", "bold")
    if link:
        place.printer.say(f"Nobody can sign in yet. Make the first admin, once, within a day: {link}", "bold")
    place.printer.say("A worker is running here. Ctrl-C ends it." if with_worker else "No worker runs here.", "dim")
