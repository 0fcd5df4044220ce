"""Tokens, secrets and codes: who gets in, for how long."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from packline_sim.records import Shipment
from packline_sim.specs import SellerSpec
from packline_sim.world import World
from sim.core.driving import BASE, Client

Order = Callable[..., Shipment]
LIST = f"{BASE}/shipments"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def listed(client: Client) -> int:
    return (await client.call("GET", LIST, status="CREATED")).status


async def test_an_access_token_lives_an_hour(client: Client, world: World) -> None:
    """Until the hour is over calls pass; then 403, or 401 by switch, until a new token is fetched."""
    assert (await client.sign_in()).json()["expires_in"] == 3600
    world.clock.advance(3599)
    assert await listed(client) == 200
    world.clock.advance(1)
    assert await listed(client) == 403
    world.switches.update({"bad_token": "401"})
    answer = await client.call("GET", LIST, status="CREATED")
    assert (answer.status, answer.code) == (401, "Unauthorized")
    await client.sign_in()
    assert await listed(client) == 200


async def test_wrong_credentials_are_told_apart(client: Client) -> None:
    """A wrong secret is invalid_client (401), a wrong refresh token invalid_grant (400)."""
    wrong_secret = await client.sign_in(client_secret="no")
    assert (wrong_secret.status, wrong_secret.json()["error"]) == (401, "invalid_client")
    wrong_grant = await client.sign_in(refresh_token="no")
    assert (wrong_grant.status, wrong_grant.json()["error"]) == (400, "invalid_grant")
    for changes, error in (
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "invalid_scope"),
        ({"scope": "sellingpartnerapi::notifications"}, "invalid_request"),
    ):
        assert (await client.sign_in(**changes)).json()["error"] == error


async def test_another_applications_refresh_token_is_refused(client: Client, world: World) -> None:
    """A refresh token works for the application that it was given to."""
    other = world.create_seller(SellerSpec(name="Other"))
    assert (await client.sign_in(refresh_token=other.refresh_token)).json()["error"] == "invalid_grant"


async def test_a_rotated_secret_ends_after_its_grace(client: Client, world: World) -> None:
    """The old secret works for the grace that was chosen, the new one from the start."""
    fresh = world.credentials.rotate_secret(client.credentials.client_id, keep_old_seconds=60)
    assert (await client.sign_in()).status == 200
    world.clock.advance(60)
    assert (await client.sign_in()).status == 401
    assert (await client.sign_in(client_secret=fresh)).status == 200


async def test_a_revoked_authorization_ends_its_tokens(client: Client, world: World) -> None:
    """After the seller revokes, neither the access token nor the refresh token works."""
    assert await listed(client) == 200
    world.credentials.revoke(client.credentials.refresh_token)
    assert await listed(client) == 403
    assert (await client.sign_in()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("wait", [0, 300])
async def test_an_authorization_code_works_once_and_for_five_minutes(client: Client, world: World, wait: int) -> None:
    """The consent page's code is exchanged for a refresh token, once."""
    code = world.credentials.create_code(client.credentials.client_id, client.credentials.seller_id).value
    world.clock.advance(wait)
    first = await client.sign_in(grant_type="authorization_code", code=code)
    if wait:
        assert first.json()["error"] == "invalid_grant"
        return
    assert await listed(client) == 200
    assert (await client.sign_in(refresh_token=first.json()["refresh_token"])).status == 200
    again = await client.sign_in(grant_type="authorization_code", code=code)
    assert again.json()["error"] == "invalid_grant"


async def test_a_grantless_token_is_not_a_sellers(client: Client) -> None:
    """client_credentials gives a token without a seller, which the shipment APIs refuse."""
    await client.sign_in(grant_type="client_credentials", scope="sellingpartnerapi::notifications")
    answer = await client.call("GET", LIST, status="CREATED")
    assert (answer.status, answer.code) == (403, "Forbidden")


async def test_a_token_request_may_be_json(client: Client) -> None:
    """Both encodings are read; rubbish is invalid_request."""
    body = urlencode({"grant_type": "refresh_token"}).encode()
    assert (await client.send("POST", "/auth/o2/token", body, FORM)).json()["error"] == "invalid_request"
    broken = await client.send("POST", "/auth/o2/token", b"{", {"content-type": "application/json"})
    assert broken.json()["error"] == "invalid_request"


async def test_missing_and_invented_tokens_are_refused(client: Client) -> None:
    """No token and an unknown token are both 403, with a reason."""
    path = f"{LIST}?status=CREATED"
    missing = await client.send("GET", path, b"", {})
    invented = await client.send("GET", path, b"", {"x-amz-access-token": "Atza|no"})
    assert (missing.status, invented.status) == (403, 403)
    assert "missing" in missing.text
    assert "invalid" in invented.text


async def test_restricted_data_can_be_demanded(client: Client, order: Order, world: World) -> None:
    """With restricted_data_token=required a read with personal data needs a token for its path."""
    shipment = order()
    world.switches.update({"restricted_data_token": "required"})
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    assert (await client.call("GET", path)).status == 403
    resources = [{"method": "GET", "path": f"{BASE}/shipments/{{shipmentId}}"}]
    made = await client.call("POST", "/tokens/2021-03-01/restrictedDataToken", {"restrictedResources": resources})
    client.token = made.json()["restrictedDataToken"]
    assert (await client.call("GET", path)).status == 200
    assert await listed(client) == 403
