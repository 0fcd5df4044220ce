"""Files that a page's script sends as they are: the body is the file, its name and the token stand beside it."""

from typing import Any
from urllib.parse import quote, unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from packline.console.forms import need
from packline.console.guard import Notice, is_ours, session_of
from packline.console.place import Handler
from packline.console.room import Room
from packline.console.words import t, tell
from packline.domain.api_key import Role
from packline.errors import Forbidden, Invalid, PacklineError

NAME = "x-packline-file"
LONGEST_NAME = 200
FAULTS = 3
"""Lines of a file that are named on the page."""


async def take(request: Request, role: Role, most: int) -> tuple[str, bytes]:
    """Read a file's name and bytes from a page of ours, of somebody who may do this.

    Raises Forbidden, and Invalid for a file that is empty or larger than `most` bytes; it is read no further then.
    """
    if not is_ours(request, ""):
        raise Forbidden(
            t("This form is out of date; nothing was done."), hint=t("Open the page again and try once more.")
        )
    need(request, role)
    name = unquote(request.headers.get(NAME, ""))[:LONGEST_NAME]
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            says = t("The file is larger than {n} MB.", n=most >> 20)
            raise Invalid(says, hint=t("Send it in several parts."), reason="file_too_large")
    if not body:
        raise Invalid(t("The file is empty."), hint=t("Choose another one."), reason="empty_file")
    return "".join(letter for letter in name if letter.isprintable()), bytes(body)


def answered(handler: Handler) -> Handler:
    """Have errors of a handler told to the script, in the place of a page."""

    async def guarded(room: Room, request: Request) -> Response:
        try:
            return await handler(room, request)
        except PacklineError as error:
            faults = [f"{fault.pointer.strip('/')}: {tell(fault.message)}" for fault in getattr(error, "errors", ())]
            hint = " ".join([*faults[:FAULTS], tell(error.hint)])
            return _told({"message": tell(error.message), "hint": hint}, error.http_status)

    return guarded


def leads(request: Request, path: str, notice: Notice | None = None) -> Response:
    """Tell the script which page shows what became of the file."""
    if notice is not None:
        path += f"?note={quote(session_of(request).keep(notice))}"
    return _told({"leads_to": path}, 200)


def _told(content: dict[str, Any], status: int) -> Response:
    return Response(msgspec.json.encode(content), status, {"Cache-Control": "no-store"}, "application/json")
