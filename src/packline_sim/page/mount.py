"""Where the page is served: /_sim/, its rooms below /_sim/page/, and what browsers fetch for it."""

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from packline_sim.control.endpoint import PREFIX
from packline_sim.control.problems import Refused
from packline_sim.control.stage import Stage, stage_of
from packline_sim.page.consent import consent_routes
from packline_sim.page.frame import frame_facts
from packline_sim.page.rendering import STATIC, render
from packline_sim.page.rooms import BY_NAME, ROOMS, Room
from packline_sim.page.shipment_room import one_shipment
from packline_sim.world import World

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def page_routes(world: World) -> list[Route]:
    """Mount the page on a world."""
    stage = stage_of(world)

    async def home(request: Request) -> Response:
        return _room(stage, BY_NAME["world"], request)

    async def room(request: Request) -> Response:
        found = BY_NAME.get(request.path_params["name"])
        return _nothing(stage, request) if found is None else _room(stage, found, request)

    async def shipment(request: Request) -> Response:
        try:
            facts = one_shipment(stage, request.path_params["shipment_id"])
        except Refused:
            return _nothing(stage, request)
        return _page(stage, "shipment.html", "shipments", request, facts)

    return [
        Route(PREFIX, _to_home),
        Route(f"{PREFIX}/", home),
        Route(f"{PREFIX}/page/static/{{file}}", _static),
        Route(f"{PREFIX}/page/shipments/{{shipment_id}}", shipment),
        Route(f"{PREFIX}/page/{{name}}", room),
        *consent_routes(stage),
    ]


async def _to_home(_: Request) -> Response:
    return RedirectResponse(f"{PREFIX}/")


async def _static(request: Request) -> Response:
    path = STATIC / request.path_params["file"]
    if path.parent != STATIC or path.suffix not in TYPES or not path.is_file():
        return Response("There is no such file.", status_code=404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "no-cache"})


def _room(stage: Stage, room: Room, request: Request) -> Response:
    query = dict(request.query_params)
    return _page(stage, f"{room.name}.html", room.name, request, room.facts(stage, query))


def _page(stage: Stage, template: str, name: str, request: Request, facts: dict[str, object]) -> Response:
    about = {"rooms": ROOMS, "here": name, "query": dict(request.query_params), **frame_facts(stage)}
    return HTMLResponse(render(template, **about, **facts), headers={"cache-control": "no-store"})


def _nothing(stage: Stage, request: Request) -> Response:
    facts = {"path": request.url.path, "rooms": ROOMS, "here": "", "query": {}, **frame_facts(stage)}
    return HTMLResponse(render("nothing.html", **facts), status_code=404)
