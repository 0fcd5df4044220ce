"""The consent page of the simulator: a code for whoever is led back, and nobody is led anywhere else."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from packline_sim.auth.credentials import Application
from packline_sim.page.consent import PATH
from packline_sim.server import create_app
from packline_sim.specs import SellerSpec
from packline_sim.world import World

BACK = "http://127.0.0.1:8080/setup/consent"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def application(world: World) -> Application:
    return world.credentials.create_application("Connector")


@pytest.fixture
async def browser(world: World) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(world)), base_url="http://127.0.0.1:8181")


def asked(application: Application, **changes: str) -> dict[str, str]:
    return {"application_id": application.application_id, "state": "s&1", "redirect_uri": BACK, **changes}


async def token(browser: httpx.AsyncClient, application: Application, code: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
        "client_id": application.client_id, "client_secret": application.secrets[0].value,
    }  # fmt: skip
    return await browser.post("/auth/o2/token", data={**form, **changes})


async def led_back(browser: httpx.AsyncClient, application: Application, **chosen: str) -> dict[str, str]:
    answer = await browser.post(PATH, data={**asked(application), **chosen})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def test_a_seller_who_consents_is_led_back_with_a_code(browser, world: World, application: Application):
    """The state comes back as it went, and the code gives a refresh token of that seller."""
    seller = world.create_seller(SellerSpec(name="Acme"))
    assert "Acme" in (await browser.get(PATH, params=asked(application))).text
    told = await led_back(browser, application, seller_id=seller.seller_id)
    assert (told["state"], told["selling_partner_id"]) == ("s&1", seller.seller_id)
    given = (await token(browser, application, told["spapi_oauth_code"])).json()
    assert world.credentials.grants[given["refresh_token"]].seller_id == seller.seller_id


async def test_a_new_seller_can_be_ordered_from_at_once(browser, world: World, application: Application):
    """He opens with a location and products in the marketplace that was chosen."""
    told = await led_back(browser, application, seller_id="new", name="Bharat", marketplace="A1PA6795UKMFR9")
    seller = world.sellers[told["selling_partner_id"]]
    assert (seller.name, seller.marketplace_ids) == ("Bharat", ("A1PA6795UKMFR9",))
    assert [key[0] for key in world.locations] == [seller.seller_id]
    assert len(world.skus) == 2


async def test_a_code_is_bound_to_the_address_that_it_was_sent_to(browser, world: World, application: Application):
    """OAuth's rule; a switch settles the doubt whether Amazon keeps it."""
    code = (await led_back(browser, application, seller_id="new"))["spapi_oauth_code"]
    wrong = await token(browser, application, code, redirect_uri="http://127.0.0.1:1/")
    assert wrong.json()["error"] == "invalid_grant"
    world.switches.update({"code_redirect": "any"})
    assert (await token(browser, application, code, redirect_uri="http://127.0.0.1:1/")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"application_id": "none"}, "no application"),
        ({"redirect_uri": "https://elsewhere.example/"}, "leads back to this machine only"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"redirect_uri": ""}, "redirect_uri"),
    ],
)
async def test_nobody_is_led_elsewhere(browser, application: Application, changes: dict[str, str], says: str):
    """An open door to any address would serve strangers; so does an application that is not there."""
    shown = await browser.get(PATH, params=asked(application, **changes))
    assert (shown.status_code, says in shown.text) == (400, True)
    sent = await browser.post(PATH, data={**asked(application, **changes), "seller_id": "new"})
    assert sent.status_code == 400
