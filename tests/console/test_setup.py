"""Getting started: consent, credentials, places and numbers; every mistake told at once, and nothing stored by it."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest

from api.house import House
from console.conftest import browser
from console.sim_transport import ADDRESS, SimTransport, browser_at
from console.start_fakes import start_of
from packline.domain.location import Location
from packline_sim.specs import LocationSpec, SellerSpec, ShipmentSpec, SkuSpec
from packline_sim.world import World

IN, AE, US = "A21TJRUUN4KGV", "A2VIGQ35RCS4UG", "ATVPDKIKX0DER"


@pytest.fixture
def net() -> SimTransport:
    """Start a simulated Amazon without a seller."""
    return SimTransport(World())


@pytest.fixture
async def shop(house: House, net: SimTransport) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser on the console of an empty house beside that Amazon."""
    await house.services.pool.execute("delete from account")
    async with browser(house, sign_in=False, start=start_of(house.services, net)) as client:
        yield client


async def send(page: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Send a form with its token."""
    return await page.post(path, data={"token": token_in((await page.get("/setup")).text), **fields})


def token_in(html: str) -> str:
    found = re.search(r'"X-Packline-Token": "([^"]+)"', html)
    assert found
    return found[1]


async def begun(page: httpx.AsyncClient, way: str = "simulator", **fields: Any) -> str:
    """Begin a consent; give the address at which the seller consents."""
    given = {"name": "Acme Traders", "marketplace": IN, "api": "external_fulfillment", "address": ADDRESS}
    answer = await send(page, f"/setup/new/{way}", **{**given, **fields})
    assert answer.status_code == 200, answer.text
    return re.search(r'id="to-consent" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")


async def consented(net: SimTransport, address: str, **chosen: str) -> str:
    """Consent as the seller does; give the path to which his browser is led back."""
    async with browser_at(net.app) as seller:
        shown = await seller.get(address)
        assert "Authorise Packline" in shown.text
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        back = await seller.post("/apps/authorize/consent", data={**asked, "seller_id": "new", **chosen})
    assert back.status_code == 303, back.text
    parts = urlsplit(back.headers["location"])
    return f"{parts.path}?{parts.query}"


async def accounts(pool: asyncpg.Pool) -> list[str]:
    return [row["seller_id"] for row in await pool.fetch("select seller_id from account")]


async def test_the_first_page_of_an_empty_house_is_the_set_up(shop: httpx.AsyncClient):
    """There is no work without an account; a deep link still goes where it says."""
    assert (await shop.get("/")).headers["location"] == "/setup"
    assert "Begin with the simulator" in (await shop.get("/setup")).text
    assert (await shop.get("/shipments")).status_code == 200


async def test_a_seller_who_consents_becomes_an_account(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """The code is exchanged, the account has the seller that Amazon told, and its page comes next."""
    back = await consented(net, await begun(shop))
    led = await shop.get(back)
    assert led.status_code == 303
    seller = next(iter(net.world.sellers))
    assert await accounts(house.services.pool) == [seller]
    name = led.headers["location"].split("?")[0].removeprefix("/setup/")
    kept = await house.services.accounts.credentials(name)
    assert kept.refresh_token in net.world.credentials.grants
    assert "Acme Traders has consented." in (await shop.get(led.headers["location"])).text
    checked = (await shop.get(f"/setup/{name}/checks")).text
    assert "Login with Amazon gives a token" in checked


async def test_a_state_counts_once_and_only_ours(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """Who comes back with a state that was used or that nobody began brings nothing in."""
    back = await consented(net, await begun(shop))
    await shop.get(back)
    await house.services.pool.execute("delete from account")
    for path in (back, re.sub("state=[^&]+", "state=guessed", back), "/setup/consent"):
        led = await shop.get(path)
        assert "was not begun here" in (await shop.get(led.headers["location"])).text
    assert await accounts(house.services.pool) == []


async def test_a_state_is_good_for_whoever_began_it_and_for_an_hour(
    shop: httpx.AsyncClient, house: House, net: SimTransport
):
    """Another person's browser cannot be made to take a seller in, and an old page neither."""
    back = await consented(net, await begun(shop))
    await house.services.pool.execute("update consent set by_whom = 'somebody else'")
    led = await shop.get(back)
    assert "was not begun here" in (await shop.get(led.headers["location"])).text
    back = await consented(net, await begun(shop))
    await house.services.pool.execute("update consent set made_at = made_at - interval '61 minutes'")
    led = await shop.get(back)
    assert "older than an hour" in (await shop.get(led.headers["location"])).text
    assert await accounts(house.services.pool) == []


async def test_a_code_that_is_too_old_is_told_with_its_cure(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """Five minutes at Amazon; the seller has to come again."""
    back = await consented(net, await begun(shop))
    net.world.clock.advance(301)
    led = await shop.get(back)
    said = (await shop.get(led.headers["location"])).text
    assert "older than five minutes" in said
    assert "Begin the consent again" in said
    assert await accounts(house.services.pool) == []


async def test_another_seller_than_was_meant_is_noticed_at_once(
    shop: httpx.AsyncClient, house: House, net: SimTransport
):
    """Whoever is signed in at Seller Central consents; a merchant id says who is meant."""
    made = net.world.credentials.create_application("Packline")
    secret = made.secrets[-1].value
    fields = {
        "application_id": made.application_id,
        "client_id": made.client_id,
        "client_secret": secret,
        "seller_id": "AMEANT",
    }
    address = await begun(shop, "consent", **fields)
    assert address.startswith("https://sellercentral.amazon.in/apps/authorize/consent?")
    back = await consented(net, address.replace("https://sellercentral.amazon.in", ADDRESS))
    led = await shop.get(back)
    assert "but AMEANT was meant" in (await shop.get(led.headers["location"])).text
    assert await accounts(house.services.pool) == []


async def test_a_seller_who_consents_again_keeps_his_account(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """A second consent renews the credentials: two accounts would take in every order twice."""
    await shop.get(await consented(net, await begun(shop)))
    seller = next(iter(net.world.sellers))
    led = await shop.get(await consented(net, await begun(shop), seller_id=seller))
    assert "was here already" in (await shop.get(led.headers["location"])).text
    assert await accounts(house.services.pool) == [seller]


async def test_credentials_are_tried_before_they_are_stored(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """A mistyped secret is told on the form, which shows no secret again; right ones become an account."""
    seller = net.world.create_seller(SellerSpec(name="Acme"))
    fields = {
        "name": "Acme", "marketplace": IN, "address": ADDRESS, "seller_id": seller.seller_id,
        "client_id": seller.client_id, "client_secret": "mistyped-secret", "refresh_token": seller.refresh_token,
    }  # fmt: skip
    wrong = await send(shop, "/setup/new/paste", **fields)
    assert "client secret is not valid" in wrong.text
    assert "mistyped-secret" not in wrong.text
    assert await accounts(house.services.pool) == []
    right = await send(shop, "/setup/new/paste", **{**fields, "client_secret": seller.client_secret})
    assert right.status_code == 303
    assert await accounts(house.services.pool) == [seller.seller_id]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"marketplace": [IN, US]}, "several of Amazon&#39;s regions"),
        ({"marketplace": []}, "at least one marketplace"),
        ({"name": " "}, "as people say it"),
        ({"address": "http://elsewhere.example:8181"}, "is no simulator&#39;s address"),
    ],
)
async def test_a_form_with_a_mistake_comes_back_with_it(shop: httpx.AsyncClient, fields: dict[str, Any], says: str):
    """Nothing is asked of anybody; what is wrong stands at the field or at the top."""
    given = {"name": "Acme", "marketplace": IN, "address": ADDRESS, **fields}
    answer = await send(shop, "/setup/new/simulator", **given)
    assert answer.status_code == 422
    assert says in answer.text


async def test_without_a_simulator_one_is_told_how_to_start_it(shop: httpx.AsyncClient):
    """Nobody answers at that address."""
    given = {"name": "Acme", "marketplace": IN, "address": "http://127.0.0.1:9"}
    answer = await send(shop, "/setup/new/simulator", **given)
    assert "No simulator answers" in answer.text
    assert "packline sim serve" in answer.text


async def account_at(net: SimTransport, shop: httpx.AsyncClient, marketplace: str = IN) -> str:
    """Take a new seller of the simulator in; give the account."""
    led = await shop.get(await consented(net, await begun(shop, marketplace=marketplace)))
    return led.headers["location"].split("?")[0].removeprefix("/setup/")


async def test_locations_are_read_off_shipments(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """What ships is found, with how much of it; what was set aside for want of a name is suggested too."""
    name = await account_at(net, shop)
    seller = next(iter(net.world.sellers))
    net.world.create_location(seller, LocationSpec(location_id="BLR7"))
    net.world.create_sku(seller, SkuSpec(sku="X"))
    net.world.create_shipments(seller, ShipmentSpec(count=3, location_id="BLR7"))
    found = await send(shop, f"/setup/{name}/find")
    assert 'value="BLR7" checked' in found.text
    assert "3 shipments seen" in found.text
    taken = await send(shop, f"/setup/{name}/locations", location="BLR7", timezone="Asia/Kolkata")
    assert taken.status_code == 303
    assert [place.id for place in await house.services.accounts.locations(name)] == ["BLR7"]
    assert "BLR7" not in (await send(shop, f"/setup/{name}/find")).text.split("Found")[-1]


async def test_a_marketplace_that_the_seller_does_not_sell_in_is_noticed(shop: httpx.AsyncClient, net: SimTransport):
    """The account's page says it with the cure as soon as it opens."""
    name = await account_at(net, shop, AE)
    checked = (await shop.get(f"/setup/{name}/checks")).text
    assert "marketplace AE" in checked
    assert "Choose the marketplaces" in checked


async def test_what_happens_at_a_location_is_chosen(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """Programs, slots and confirmation; hours that make no window are refused with the reason."""
    name = await account_at(net, shop)
    await house.services.accounts.put_location(Location(name, "BLR7"))
    given = {"location": "BLR7", "program": "seller_flex", "auto_confirm": "yes", "slot_policy": "window"}
    wrong = await send(shop, f"/setup/{name}/programs", **given, slot_from="nine")
    assert "A local time such as 14:30" in (await shop.get(wrong.headers["location"])).text
    await send(shop, f"/setup/{name}/programs", **given, slot_from="09:00", slot_to="17:00")
    place = (await house.services.accounts.locations(name))[0]
    assert (place.programs, place.auto_confirm, place.slot_from) == (("seller_flex",), True, "09:00")


async def test_numbers_are_taken_over_from_a_file(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """Every line counts or none does; the lines that are wrong are named."""
    name = await account_at(net, shop)
    token = {"x-packline-token": token_in((await shop.get("/setup")).text), "x-packline-file": "numbers.csv"}
    path = f"/setup/{name}/numbers/file"
    wrong = await shop.post(path, content=b"location,sku,sequence\nBLR7,A,7\nBLR7,B,many\n", headers=token)
    assert wrong.status_code == 422
    assert "line 3: It needs location" in wrong.json()["hint"]
    strange = await shop.post(path, content=b"location,sku,sequence\nBLR7,A,7\n", headers=token)
    assert strange.status_code == 422  # a location that nobody named
    await house.services.accounts.put_location(Location(name, "BLR7"))
    good = await shop.post(path, content=b"location,sku,sequence\nBLR7,A,7\nBLR7,B,8\n", headers=token)
    assert good.status_code == 200, good.text
    assert good.json()["leads_to"].startswith(f"/setup/{name}/numbers")
    rows = await house.services.pool.fetch("select sku, last from stock_sequence order by sku")
    assert [tuple(row) for row in rows] == [("A", 7), ("B", 8)]
    assert (await shop.post(path, content=b"x", headers={})).status_code == 403


async def test_an_order_is_made_at_the_simulator(shop: httpx.AsyncClient, house: House, net: SimTransport):
    """A buyer orders at the first location; the page waits for it."""
    name = await account_at(net, shop)
    await house.services.accounts.put_location(Location(name, next(iter(net.world.locations.values())).location_id))
    made = await send(shop, f"/setup/{name}/order")
    assert "A buyer has ordered" in (await shop.get(made.headers["location"])).text
    assert len(net.world.shipments) == 1


async def test_every_step_has_a_page(shop: httpx.AsyncClient, net: SimTransport):
    """Whatever is done or not, and a step that does not exist is told."""
    name = await account_at(net, shop)
    for step in ("account", "locations", "programs", "numbers", "notifications", "order"):
        answer = await shop.get(f"/setup/{name}/{step}")
        assert answer.status_code == 200, step
        assert 'aria-current="step"' in answer.text
    assert (await shop.get(f"/setup/{name}/nowhere")).status_code == 404
    assert (await shop.get("/setup/nobody")).status_code == 404
