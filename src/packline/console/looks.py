"""How a reader wants the console: language, light or dark, rows wide or narrow; set at the rail's foot, in cookies."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from packline.console.forms import go_back
from packline.console.place import get
from packline.console.room import Room
from packline.console.words import LANGUAGES, mark, preferred, speak, spoken
from packline.domain.values import Value

THEMES = {"system": mark("As the system"), "light": mark("Light"), "dark": mark("Dark")}
DENSITIES = {"normal": mark("Normal rows"), "compact": mark("Compact rows")}
_YEAR_S = 365 * 86400


class Look(Value, frozen=True):
    """What a reader chose."""

    language: str = "en"
    theme: str = "system"
    density: str = "normal"

    @property
    def direction(self) -> str:
        """Give the direction of writing."""
        return LANGUAGES[self.language].direction


class Spoken:
    """ASGI middleware: speak the reader's language for the length of a request."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose the language by the cookie, else by the browser's own wish."""
        if scope["type"] == "http":
            request = Request(scope)
            wished = request.cookies.get("language") or preferred(request.headers.get("accept-language", ""))
            speak(wished)
        await self._app(scope, receive, send)


def look_of(cookies: Mapping[str, str]) -> Look:
    """Read what a reader chose; what is not known counts as nothing."""
    theme, density = cookies.get("theme", ""), cookies.get("density", "")
    return Look(spoken(), theme if theme in THEMES else "system", density if density in DENSITIES else "normal")


async def choose(_: Room, request: Request) -> Response:
    """Keep a choice and lead back."""
    answer = go_back(request, request.query_params.get("back", "/"))
    for name, known in (("language", LANGUAGES), ("theme", THEMES), ("density", DENSITIES)):
        wanted = request.query_params.get(name, "")
        if wanted in known:
            answer.set_cookie(name, wanted, max_age=_YEAR_S, samesite="lax", httponly=True)
    return answer


PATHS = (get("/look", choose),)
