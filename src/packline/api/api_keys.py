"""`/v1/api_keys`: made once, shown once, revoked at any time."""

from typing import Any

from fastapi import APIRouter, Request, Response

from packline.api.access import needs, refuse_bound_key, services_of
from packline.api.answers import Json
from packline.api.pages import ApiKeyList, NewApiKeyRow
from packline.api.requests import ApiKeyIn
from packline.commands.api_keys import create_api_key, revoke_api_key
from packline.domain.api_key import ApiKey, Role

router = APIRouter(prefix="/api_keys", tags=["api keys"], dependencies=[needs(Role.ADMIN)])


@router.get("", response_model=ApiKeyList)
async def list_api_keys(request: Request) -> Any:
    """List keys, the newest first; their secrets cannot be read again."""
    refuse_bound_key(request)
    return Json({"items": [_row(key) for key in await services_of(request).api_keys.listing()]})


@router.post("", status_code=201, response_model=NewApiKeyRow)
async def add_api_key(request: Request, body: ApiKeyIn) -> Any:
    """Make a key; its secret is shown this once. An Idempotency-Key is not kept here, because the answer is secret."""
    refuse_bound_key(request)
    services = services_of(request)
    made = await create_api_key(
        services.api_keys,
        services.clock,
        body.name,
        body.role,
        accounts=None if body.accounts is None else tuple(body.accounts),
        locations=None if body.locations is None else tuple(body.locations),
        expires_at=body.expires_at,
    )
    return Json({**_row(made.key), "secret": made.secret}, 201, headers={"Cache-Control": "no-store"})


@router.delete("/{key_id}", status_code=204)
async def remove_api_key(request: Request, key_id: str) -> Response:
    """Revoke a key; it is refused within five seconds everywhere."""
    refuse_bound_key(request)
    services = services_of(request)
    await revoke_api_key(services.api_keys, services.clock, key_id)
    return Response(status_code=204)


def _row(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role.word,
        "hint": key.hint,
        "accounts": key.accounts,
        "locations": key.locations,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
