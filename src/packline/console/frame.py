"""Pages from templates, in the frame that all of them share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from packline.console import exports, forms, looks, moments, words
from packline.console.guard import Session, session_of
from packline.console.place import Place
from packline.console.room import Room
from packline.domain.api_key import Role
from packline.errors import PacklineError
from packline.views.paging import Scope

HERE = Path(__file__).parent
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none';"
    " frame-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
RAIL: list[Place] = []
"""The navigation, filled once by `app` from the page modules."""

templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals |= {
    "t": words.t,
    "tn": words.tn,
    "tell": words.tell,
    "iso": moments.iso,
    "exact": moments.exact,
    "clock": moments.clock,
    "day_clock": moments.day_clock,
    "moment_clock": moments.moment_clock,
    "ago": moments.ago,
    "left": moments.left,
    "span": moments.span,
    "tone_of": moments.tone_of,
    "languages": words.LANGUAGES,
    "themes": looks.THEMES,
    "densities": looks.DENSITIES,
    "files_at_most": exports.AT_MOST,
}


async def page(
    room: Room, request: Request, template: str, place: str, content: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """Render a page in its frame; `place` is the name of its entry in the rail.

    Beside `content` a template finds `frame` (now, zone, look, token, rail), `notice`, and the functions `t`, `tn`,
    `tell` and those of `moments`.
    """
    frame = await frame_of(room, request, place)
    html = templates.get_template(template).render(frame=frame, notice=_notice(request), **content)
    return HTMLResponse(html, status, HEADERS)


def part(template: str, content: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Render a part of a page, for htmx to put where it belongs."""
    return HTMLResponse(templates.get_template(template).render(**content), status, HEADERS)


async def frame_of(room: Room, request: Request, place: str = "") -> dict[str, Any]:
    """Gather what the frame shows."""
    directory = await room.directory.look(room)
    now, zone = room.clock.now(), directory.house_zone(scope_of(request))
    session = session_of(request)
    return {
        "place": place,
        "rail": rail_of(session),
        "now": now,
        "zone": zone,
        "zone_name": moments.short_zone(now, zone),
        "version": room.version,
        "look": looks.look_of(request.cookies),
        "token": session.token,
        "who": session.key.name if room.sign_in else "",
        "person": session.person,
        "here": _here(request),
        "named": directory.who,
        "simulated": directory.is_simulated,
        "may_pack": forms.may(request, Role.PACKER),
        "may_rule": forms.may(request, Role.OPERATOR),
    }


async def show_problem(room: Room, request: Request, error: Exception) -> Response:
    """Say what happened, why, and what to do, as a page or, for htmx, as a notice."""
    assert isinstance(error, PacklineError)  # noqa: S101  the handler is registered for these only
    if "hx-request" in request.headers:
        return part("problem_part.html", {"error": error}, error.http_status)
    return await page(room, request, "problem.html", "", {"error": error}, error.http_status)


def rail_of(session: Session) -> list[Place]:
    """Give the places that a session may go to."""
    return [place for place in RAIL if not place.only or getattr(session, place.only)]


def scope_of(request: Request) -> Scope:
    """Give what whoever is signed in may see."""
    key = session_of(request).key
    return Scope(key.accounts, key.locations)


def _here(request: Request) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "note"]
    query = "&".join(f"{name}={value}" for name, value in kept)
    return request.url.path + (f"?{query}" if query else "")


def _notice(request: Request) -> Any:
    return session_of(request).notes.pop(request.query_params.get("note", ""), None)
