"""Errors as problem details (RFC 9457): what happened, why, and what to do."""

import re
import traceback
from http import HTTPStatus
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from packline import errors
from packline.api.answers import Json
from packline.errors import AmazonError, FieldError, Invalid, PacklineError, StoreAway
from packline.storage.database import AWAY, is_away

_BRANCH = re.compile(r"(list|literal|dict|tuple|function-\w+)\[.*\]")
"""How pydantic names the branch of a union in the place of a fault; it is no part of the body."""
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"
log = structlog.get_logger(__name__)


def family() -> dict[str, type[PacklineError]]:
    """List every error class by its code."""
    found = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, PacklineError)]
    return {error.code: error for error in found}


def problem(error: PacklineError) -> dict[str, Any]:
    """Make the body of an error."""
    body: dict[str, Any] = {
        "type": f"/v1/errors/{error.code}",
        "title": _title(type(error)),
        "status": error.http_status,
        "detail": error.message,
        "hint": error.hint,
        "code": error.code,
        "reason": error.reason,
    }
    if isinstance(error, Invalid):
        body["errors"] = [{"pointer": e.pointer, "message": e.message} for e in error.errors]
    if isinstance(error, AmazonError):
        body["amazon"] = {
            "operation": error.operation,
            "status": error.status,
            "code": error.amazon_code,
            "message": error.message,
            "request_id": error.request_id,
        }
    return body


def answer(error: PacklineError, headers: dict[str, str] | None = None) -> Json:
    """Make the answer of an error."""
    return Json(problem(error), error.http_status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of the app answer as problem details."""
    app.add_exception_handler(PacklineError, _packline)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(asyncpg.DataError, _unstorable)
    for kind in AWAY:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _unforeseen)


def invalid(faults: list[dict[str, Any]]) -> Invalid:
    """Turn pydantic's list of faults into ours, all of them."""
    found = tuple(_fault(fault) for fault in faults)
    first = f"{found[0].pointer or 'Body'}: {found[0].message}" if found else "The body cannot be read."
    return Invalid(f"The request is not acceptable. {first}", errors=found)


async def _packline(_: Request, error: Exception) -> Json:
    assert isinstance(error, PacklineError)  # noqa: S101  by its registration
    return answer(error)


async def _validation(_: Request, error: Exception) -> Json:
    assert isinstance(error, RequestValidationError)  # noqa: S101  by its registration
    return answer(invalid(list(error.errors())))


async def _http(_: Request, error: Exception) -> Json:
    assert isinstance(error, HTTPException)  # noqa: S101  by its registration
    title = HTTPStatus(error.status_code).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": error.status_code,
        "detail": str(error.detail),
        "hint": "The paths and methods are listed in /openapi.json.",
        "code": title.lower().replace(" ", "_"),
        "reason": title.lower().replace(" ", "_"),
    }
    return Json(body, error.status_code, headers=dict(error.headers or {}), media_type=MEDIA_TYPE)


async def _unstorable(_: Request, __: Exception) -> Json:
    return answer(Invalid("The request holds a character or a number that no record can have."))


async def _away(request: Request, error: Exception) -> Json:
    if not is_away(error):
        return await _unstorable(request, error)
    log.warning("api.store_away", path=request.url.path, error=repr(error))
    return answer(StoreAway(), {"Retry-After": RETRY_AFTER_S})


async def _unforeseen(request: Request, error: Exception) -> Json:
    if is_away(error):  # met before the routes, by whoever looked the key up
        return await _away(request, error)
    # Without local variables: they hold keys.
    log.error("api.unforeseen", path=request.url.path, trace="".join(traceback.format_exception(error)))
    return answer(PacklineError("Packline met an error of its own; it is in the log."))


def _fault(fault: dict[str, Any]) -> FieldError:
    if fault["type"] == "json_invalid":
        why = fault.get("ctx", {}).get("error", fault["msg"])
        return FieldError("", f"This is not JSON, from character {fault['loc'][-1]} on: {why}.")
    return FieldError(_pointer(fault["loc"]), fault["msg"])


def _pointer(place: tuple[int | str, ...]) -> str:
    named = [part for part in place if not _BRANCH.fullmatch(str(part))]
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in named]
    parts = parts[1:] if parts and parts[0] == "body" else parts
    return "/" + "/".join(parts) if parts else ""


def _title(error: type[PacklineError]) -> str:
    return (error.__doc__ or "").strip().rstrip(".")
