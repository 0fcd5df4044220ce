"""Writes under an Idempotency-Key: the same key and body give the same answer for 24 hours."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute

from packline.api.access import key_of, services_of
from packline.errors import FieldError, Invalid
from packline.storage.idempotency import Answer, fingerprint

HEADER = "idempotency-key"
LONGEST = 200


class IdempotentRoute(APIRoute):
    """A route whose writes can be repeated; errors change nothing, and secrets are nobody's to keep."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler of a write."""
        handle = super().get_route_handler()
        if not (self.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            return handle

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await handle(request)
            return await _once(request, key, handle)

        return once


async def _named(
    idempotency_key: Annotated[
        str | None, Header(description="Makes a repetition within 24 hours the same request.", max_length=LONGEST)
    ] = None,
) -> str | None:
    return idempotency_key


KEYED = Depends(_named)  # names the header in the OpenAPI description


def command_key(request: Request) -> str:
    """Give the key of a command: a function of the caller and of the Idempotency-Key; empty without one."""
    key = request.headers.get(HEADER)
    return f"{key_of(request).id}:{key}" if key else ""


async def _once(request: Request, key: str, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    if not key or len(key) > LONGEST:
        raise Invalid(
            "The Idempotency-Key is empty or too long.",
            errors=(FieldError("/header/Idempotency-Key", f"1 to {LONGEST} characters."),),
        )
    services, scope = services_of(request), key_of(request).id
    print_ = fingerprint(request.method, request.url.path, await request.body())
    kept = await services.idempotency.take(scope, key, print_, services.clock.now())
    if kept is not None:
        return Response(kept.body, kept.status, {"Idempotent-Replayed": "true"}, kept.media_type)
    try:
        response = await handle(request)
    except BaseException:
        await services.idempotency.release(scope, key)
        raise
    if response.status_code >= 400 or response.headers.get("cache-control") == "no-store":
        await services.idempotency.release(scope, key)
        return response
    answer = Answer(response.status_code, response.media_type or "application/json", bytes(response.body))
    await services.idempotency.keep(scope, key, answer)
    return response
