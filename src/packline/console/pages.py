"""Pages from templates, in the frame that all of them share."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from packline.console.room import Room
from packline.views import accounts

HERE = Path(__file__).parent
TABS = (
    ("work", "Work", "/"),
    ("shipments", "Shipments", "/shipments"),
    ("accounts", "Accounts", "/accounts"),
    ("calls", "Calls", "/calls"),
    ("quotas", "Quotas", "/quotas"),
)
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; form-action 'self'"


class Notice(NamedTuple):
    """What came of the last act: said once, at the top."""

    message: str
    hint: str = ""
    tone: str = ""


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def _full(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %H:%M} UTC"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
templates.filters |= {"clock": _clock, "full": _full, "iso": _iso}


async def page(
    room: Room, request: Request, template: str, tab: str, content: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """Render a page in its frame."""
    frame = {
        "tab": tab,
        "tabs": TABS,
        "now": room.clock.now(),
        "version": room.version,
        "simulated": await is_simulated(room),
    }
    html = templates.get_template(template).render(frame=frame, notice=notice_of(request), **content)
    return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})


async def is_simulated(room: Room) -> bool:
    """Tell whether any account calls an Amazon on this machine."""
    return any(row["endpoint"].startswith(_LOOPBACK) for row in await accounts.accounts(room.pool))


def notice_of(request: Request) -> Notice | None:
    """Read what the act before this page has to say."""
    said = request.query_params.get("said")
    return Notice(said, request.query_params.get("hint", ""), request.query_params.get("tone", "")) if said else None
