"""Parameters that many routes take."""

import difflib
from typing import Annotated

from fastapi import Path, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from packline.errors import FieldError, Invalid
from packline.views.paging import LIMIT_AT_MOST

Reference = Annotated[
    str, Path(description="`shp_...`, Amazon's shipment id, or an order id that names one shipment.", max_length=200)
]
Limit = Annotated[int, Query(ge=1, le=LIMIT_AT_MOST, description="Rows of a page.")]
After = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
Word = Annotated[str | None, Query(max_length=200)]
PROBLEMS = {
    401: {"description": "No API key, or one that is not good any more."},
    403: {"description": "The key's role does not allow this."},
    404: {"description": "There is no such thing, or it is not yours to see."},
    409: {"description": "Refused as things stand; `reason` says why, `hint` what to do."},
    422: {"description": "Input that is not acceptable; `errors` points at each field."},
    429: {"description": "The key has used up its share of requests."},
}


_NAMES: dict[str, frozenset[str]] = {}
"""Operation -> names of its query parameters."""


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a parameter that the route does not have: a misspelt filter would else show what nobody asked for.

    Raises Invalid with every such parameter and the one that was probably meant.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = _query_names(route)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        errors = tuple(FieldError(f"/query/{name}", _meant(name, known)) for name in unknown)
        raise Invalid(f"{request.url.path} has no parameter {', '.join(unknown)}.", errors=errors)


def _query_names(route: APIRoute) -> frozenset[str]:
    if route.unique_id not in _NAMES:
        flat = get_flat_params(route.dependant)
        _NAMES[route.unique_id] = frozenset(f.alias for f in flat if isinstance(f.field_info, params.Query))
    return _NAMES[route.unique_id]


def _meant(name: str, known: frozenset[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return f"There is no such parameter; perhaps `{close[0]}` is meant."
    return f"There is no such parameter; known are {', '.join(sorted(known))}." if known else "It takes no parameters."
