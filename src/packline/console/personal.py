"""Personal data on pages: shown only to whoever needs it, each look written down before; an address when asked for."""

from starlette.requests import Request
from starlette.responses import Response

from packline.console import forms
from packline.console.frame import part, scope_of
from packline.console.guard import session_of, where_of
from packline.console.place import post
from packline.console.room import Room
from packline.console.words import mark, t
from packline.domain.api_key import Role
from packline.domain.audit import Seen
from packline.domain.person import Look
from packline.errors import Forbidden
from packline.views import shipments

FIELDS = (
    "name", "companyname", "addressline1", "addressline2", "addressline3", "district", "municipality", "city", "state",
    "postalcode", "countrycode",
)  # fmt: skip
"""The fields of an address in the order of an envelope, however an API spells them; others follow."""
PHONE = "phonenumber"
WORDS = {
    Look.ADDRESS: mark("the address"),
    Look.LABEL: mark("the label"),
    Look.INVOICE: mark("the invoice"),
    Look.WARRANTY: mark("the warranty"),
    Look.PASSWORD: mark("the one-time password"),
    Look.RAW: mark("what Amazon sent"),
}


def may_look(request: Request, kind: Look) -> bool:
    """Tell whether whoever is signed in may see this kind of personal data."""
    return kind in session_of(request).looks


async def look(room: Room, request: Request, *seen: Seen) -> None:
    """Write down what whoever is signed in is about to see.

    Raises Forbidden where that is not for this role.
    """
    refused = next((one.look for one in seen if not may_look(request, one.look)), None)
    if refused is not None:
        raise Forbidden(
            t("Your role does not show {what}: it holds personal data of a buyer.", what=t(WORDS[refused])),
            hint=t("Ask somebody who needs it for the work."),
        )
    await room.audit.looked(room.clock.now(), session_of(request).who, seen, where_of(request).address)


async def show_address(room: Room, request: Request) -> Response:
    """Show where a shipment goes, to whoever needs it; the look stands in the audit."""
    await forms.take(request, Role.READER)
    found = await shipments.find(room.pool, request.path_params["shipment"], scope_of(request))
    await look(room, request, Seen(Look.ADDRESS, found.id))
    detail = await shipments.detail(room.pool, room.gateway, room.clock.now(), found.id, with_address=True)
    fields = {name.replace("_", "").lower(): value for name, value in detail["ship_to"].items()}
    return part("address_part.html", {"lines": _lines(fields), "phone": fields.get(PHONE, "")})


def _lines(fields: dict[str, str]) -> list[str]:
    named = [name for name in (*FIELDS, *sorted(set(fields) - {*FIELDS, PHONE})) if fields.get(name)]
    return [fields[name] for name in named]


PATHS = (post("/shipments/{shipment}/look/address", show_address, is_recorded=False),)
