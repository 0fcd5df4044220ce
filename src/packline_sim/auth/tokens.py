"""POST /auth/o2/token: Login with Amazon's three ways to an access token (LWA documentation, Access token request)."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from packline_sim.auth.credentials import ACCESS_TOKEN_SECONDS, AccessToken, Application, AuthorizationCode
from packline_sim.world import World

SCOPES = frozenset(
    {
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::migration",
        "sellingpartnerapi::client_credential:rotation",
    }
)


class TokenRefusal(Exception):
    """A token request that is refused, in OAuth's words."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class TokenAnswer(NamedTuple):
    """Carry the answer and whom it was about."""

    status: int
    body: bytes
    client_id: str | None
    seller_id: str | None
    error: str | None


def answer_token_request(world: World, content_type: str, body: bytes) -> TokenAnswer:
    """Answer a token request, form-encoded or JSON."""
    fields: dict[str, str] = {}
    try:
        fields = _read(content_type, body)
        token, refresh_token = _exchange(world, fields)
    except TokenRefusal as refusal:
        content = {"error": refusal.error, "error_description": refusal.description}
        return TokenAnswer(refusal.status, msgspec.json.encode(content), fields.get("client_id"), None, refusal.error)
    granted: dict[str, Any] = {
        "access_token": token.value,
        "token_type": "bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
    }
    if refresh_token is not None:
        granted["refresh_token"] = refresh_token
    if token.scope is not None:
        granted["scope"] = token.scope
    return TokenAnswer(200, msgspec.json.encode(granted), token.client_id, token.seller_id, None)


def _read(content_type: str, body: bytes) -> dict[str, str]:
    try:
        if content_type.partition(";")[0].strip().lower() == "application/json":
            return msgspec.json.decode(body, type=dict[str, str])
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TokenRefusal(400, "invalid_request", "The request body cannot be read.") from None


def _exchange(world: World, fields: dict[str, str]) -> tuple[AccessToken, str | None]:
    grant_type = _required(fields, "grant_type")
    exchanges = {
        "refresh_token": _refresh,
        "authorization_code": _redeem,
        "client_credentials": _grantless,
    }
    exchange = exchanges.get(grant_type)
    if exchange is None:
        raise TokenRefusal(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    return exchange(world, _application(world, fields), fields)


def _application(world: World, fields: dict[str, str]) -> Application:
    application = world.credentials.applications.get(_required(fields, "client_id"))
    secret = _required(fields, "client_secret")
    if application is None or not world.credentials.knows_secret(application, secret):
        raise TokenRefusal(401, "invalid_client", "Client authentication failed")
    return application


def _refresh(world: World, application: Application, fields: dict[str, str]) -> tuple[AccessToken, str]:
    value = _required(fields, "refresh_token")
    if fields.get("scope"):  # the developer guide lets one of the two be sent
        raise TokenRefusal(400, "invalid_request", "The request has an invalid parameter : scope")
    grant = world.credentials.grants.get(value)
    if grant is None or grant.revoked or grant.client_id != application.client_id:
        raise TokenRefusal(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
    token = world.credentials.issue(application.client_id, seller_id=grant.seller_id, refresh_token=value)
    return token, value


def _redeem(world: World, application: Application, fields: dict[str, str]) -> tuple[AccessToken, str]:
    code = world.credentials.codes.get(_required(fields, "code"))
    if code is None or code.used or code.client_id != application.client_id or world.clock.now_ms() >= code.expires_ms:
        raise TokenRefusal(400, "invalid_grant", "The request has an invalid grant parameter : code")
    _check_address(world, code, fields.get("redirect_uri"))
    code.used = True
    grant = world.credentials.authorize(application.client_id, code.seller_id)
    token = world.credentials.issue(application.client_id, seller_id=code.seller_id, refresh_token=grant.refresh_token)
    return token, grant.refresh_token


def _check_address(world: World, code: AuthorizationCode, given: str | None) -> None:
    asked = world.switches["code_redirect"] == "same" and code.redirect_uri is not None
    if asked and given != code.redirect_uri:
        raise TokenRefusal(400, "invalid_grant", "The request has an invalid grant parameter : redirect_uri")


def _grantless(world: World, application: Application, fields: dict[str, str]) -> tuple[AccessToken, None]:
    scope = _required(fields, "scope")
    if scope not in SCOPES:
        raise TokenRefusal(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    return world.credentials.issue(application.client_id, scope=scope), None


def _required(fields: dict[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise TokenRefusal(400, "invalid_request", f"The request is missing a required parameter : {name}")
    return value
