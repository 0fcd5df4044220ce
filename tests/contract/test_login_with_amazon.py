"""Login with Amazon as the SDKs use it: refresh, client credentials, authorization code, and what is refused."""

import json
import urllib.error
import urllib.parse
import urllib.request
from types import SimpleNamespace

import pytest
from sp_api.auth import AccessTokenClient
from sp_api.auth.exceptions import AuthorizationError
from spapi import ApiClient, Configuration, ShipmentRetrievalApi
from spapi.auth.lwa_exception import LwaException
from spapi.auth.lwa_request import AccessTokenCache
from spapi.rest import ApiException

from contract.simulator import Shop

NOTIFICATIONS = "sellingpartnerapi::notifications"


def tokens(shop: Shop, **changes: object) -> AccessTokenCache:
    """Configure the official SDK's token cache for a shop; it gives up at the first refusal."""
    credentials = shop.credentials
    options = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
        "oauth_endpoint": f"{shop.simulator.address}/auth/o2/token",
        "max_retries": 0,
        **changes,
    }
    return AccessTokenCache(**options)


def login(shop: Shop, **changes: str) -> AccessTokenClient:
    """Configure python-amazon-sp-api's login for a shop."""
    credentials = shop.credentials
    kept = {"refresh_token": credentials.refresh_token, "lwa_app_id": credentials.client_id}
    client = AccessTokenClient(
        credentials=SimpleNamespace(**{**kept, "lwa_client_secret": credentials.client_secret, **changes})
    )
    client.scheme, client.host = "http://", shop.simulator.address.removeprefix("http://")
    return client


def retrieval_with(cache: AccessTokenCache, shop: Shop) -> ShipmentRetrievalApi:
    """Give the official SDK's reader with a token cache of one's own."""
    configuration = Configuration()
    configuration.host, configuration.access_token_cache = shop.simulator.address, cache
    return ShipmentRetrievalApi(ApiClient(configuration))


def post(shop: Shop, **form: str) -> tuple[int, dict]:
    """Ask for a token as a form, without any SDK."""
    request = urllib.request.Request(
        f"{shop.simulator.address}/auth/o2/token", data=urllib.parse.urlencode(form).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_a_refresh_token_gives_an_access_token_for_an_hour(shop: Shop):
    """The official SDK gets a bearer token that lives 3600 s, and asks again only when it has expired."""
    cache = tokens(shop)
    token = cache.get_lwa_access_token()
    assert token.startswith("Atza|")
    assert cache.token_info["expires_in"] == 3600
    assert cache.token_info["token_type"] == "bearer"
    assert cache.get_lwa_access_token() == token
    cache.token_info["expires_at"] = 0
    assert cache.get_lwa_access_token() != ""


def test_an_access_token_dies_after_its_hour(shop: Shop):
    """On the simulator's clock, an hour later the token is refused and a fresh one is taken."""
    cache = tokens(shop)
    reader = retrieval_with(cache, shop)
    assert reader.get_shipments("ACCEPTED").shipments == []
    shop.simulator.call(shop.simulator.world.clock.advance, 3601)
    with pytest.raises(ApiException) as refused:
        reader.get_shipments("ACCEPTED")
    assert (refused.value.status, "Unauthorized" in refused.value.body) == (403, True)
    cache.token_info["expires_at"] = 0
    assert reader.get_shipments("ACCEPTED").shipments == []


def test_a_wrong_secret_or_token_gives_no_access(shop: Shop):
    """The official SDK raises its own exception; the answer has OAuth's error and its description."""
    for wrong in ({"client_secret": "wrong"}, {"refresh_token": "Atzr|wrong"}, {"client_id": "wrong"}):
        with pytest.raises(LwaException):
            tokens(shop, **wrong).get_lwa_access_token()
    credentials = shop.credentials
    known = {"grant_type": "refresh_token", "client_id": credentials.client_id}
    for secret, token, status, error in (
        ("wrong", credentials.refresh_token, 401, "invalid_client"),
        (credentials.client_secret, "Atzr|wrong", 400, "invalid_grant"),
    ):
        answer = post(shop, **known, client_secret=secret, refresh_token=token)
        assert (answer[0], answer[1]["error"]) == (status, error)
        assert answer[1]["error_description"]
    assert post(shop, grant_type="password", client_id="x", client_secret="y")[1]["error"] == "unsupported_grant_type"


def test_client_credentials_give_a_grantless_token(shop: Shop):
    """The token is good for notifications, not for a seller's shipments."""
    grantless = {"grant_type": "client_credentials", "scope": NOTIFICATIONS, "refresh_token": None}
    cache = tokens(shop, **grantless)
    assert cache.get_lwa_access_token().startswith("Atc|")
    with pytest.raises(ApiException) as refused:
        retrieval_with(cache, shop).get_shipments("ACCEPTED")
    assert refused.value.status == 403


def test_python_amazon_sp_api_refreshes_and_reads_refusals(shop: Shop):
    """The other client's login works, and tells OAuth's error code and status."""
    answer = login(shop).get_auth()
    assert answer.access_token.startswith("Atza|")
    assert (answer.token_type, answer.expires_in) == ("bearer", 3600)
    with pytest.raises(AuthorizationError) as refused:
        login(shop, lwa_client_secret="wrong", refresh_token="Atzr|another").get_auth()
    assert (refused.value.error_code, refused.value.status_code) == ("invalid_client", 401)


def test_python_amazon_sp_api_gets_a_grantless_token(shop: Shop):
    """Its grantless login works with the documented scopes, and not with invented ones."""
    assert login(shop).get_grantless_auth(NOTIFICATIONS).access_token.startswith("Atc|")
    with pytest.raises(AuthorizationError) as refused:
        login(shop).get_grantless_auth("sellingpartnerapi::everything")
    assert refused.value.error_code == "invalid_scope"


def test_python_amazon_sp_api_exchanges_an_authorization_code(shop: Shop):
    """A code gives a refresh token once, within five minutes."""
    world, call = shop.simulator.world, shop.simulator.call
    code = call(world.credentials.create_code, shop.credentials.client_id, shop.seller_id).value
    answer = login(shop).authorize_auth_code(code)
    assert answer["refresh_token"].startswith("Atzr|")
    assert tokens(shop, refresh_token=answer["refresh_token"]).get_lwa_access_token()
    with pytest.raises(AuthorizationError) as used:
        login(shop).authorize_auth_code(code)
    assert used.value.error_code == "invalid_grant"
    late = call(world.credentials.create_code, shop.credentials.client_id, shop.seller_id).value
    call(world.clock.advance, 301)
    with pytest.raises(AuthorizationError):
        login(shop).authorize_auth_code(late)
