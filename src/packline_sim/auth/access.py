"""Who calls: the access token of a request, and what it allows."""

from packline_sim.auth.credentials import AccessToken
from packline_sim.records import Seller
from packline_sim.refusals import forbidden, unauthorized
from packline_sim.world import World

MISSING = "Access token is missing in the request header."
INVALID = "The access token you provided is revoked, malformed or invalid."
EXPIRED = "The access token you provided has expired."
BY_ID = frozenset({"getSubscriptionById", "deleteSubscriptionById"})
NOBODY = Seller(seller_id="", name="", region="EU", marketplace_ids=(), tax_number="", created_ms=0)
"""Stands where a seller would, in a call that acts for none."""
PERSONAL = frozenset({"getShipments", "getShipment", "retrieveInvoice", "generateInvoice", "generateShipLabels"})


def authenticate(world: World, value: str | None) -> AccessToken:
    """Find the access token of a request. Raises Refusal 403 (or 401 by switch)."""
    if not value:
        raise unauthorized(int(world.switches["bad_token"]), MISSING)
    token = world.credentials.tokens.get(value)
    if token is None:
        raise unauthorized(int(world.switches["bad_token"]), INVALID)
    if world.clock.now_ms() >= token.expires_ms:
        raise unauthorized(int(world.switches["bad_token"]), EXPIRED)
    return token


def seller_of(world: World, token: AccessToken) -> Seller:
    """Find the seller that a token acts for. Raises Refusal 403 for a grantless token."""
    seller = world.sellers.get(token.seller_id or "")
    if seller is None:
        raise forbidden("The operation needs a seller's authorization; the token is grantless.")
    return seller


def caller_of(world: World, token: AccessToken, operation: str, scope: str | None) -> Seller:
    """Find the seller that a token acts for; nobody for an operation that needs none. Raises Refusal 403."""
    if scope is None:
        return seller_of(world, token)
    if token.scope == scope:
        return NOBODY
    if token.seller_id is not None and _bears_seller(world, operation):
        return seller_of(world, token)
    raise unauthorized(403, f"The operation is grantless; it needs a token of the scope {scope}.")


def _bears_seller(world: World, operation: str) -> bool:
    reading = world.switches["grantless_calls"]
    return reading == "any_token" or (reading == "lenient_by_id" and operation in BY_ID)


def check_restricted(world: World, token: AccessToken, operation: str, method: str, path: str) -> None:
    """Check a restricted data token's paths, and demand one where the switch says so. Raises Refusal 403."""
    if token.paths and not any(_covers(allowed, method, path) for allowed in token.paths):
        raise forbidden("The restricted data token does not cover this resource.")
    if not token.paths and operation in PERSONAL and world.switches["restricted_data_token"] == "required":  # noqa: S105 - a switch
        raise forbidden("The operation needs a restricted data token.")


def opened(token: AccessToken, method: str, path: str) -> frozenset[str]:
    """Tell the data elements that a restricted data token opens for a call."""
    pairs = zip(token.paths, token.elements, strict=False)
    return frozenset(name for allowed, names in pairs if _covers(allowed, method, path) for name in names)


def _covers(allowed: tuple[str, str], method: str, path: str) -> bool:
    wanted, given = allowed[1].strip("/").split("/"), path.strip("/").split("/")
    return (
        allowed[0] == method
        and len(wanted) == len(given)
        and all(part.startswith("{") or part == own for part, own in zip(wanted, given, strict=True))
    )
