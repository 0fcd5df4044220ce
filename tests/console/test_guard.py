"""Who may look and who may act."""

import re

from api.house import House
from console.conftest import browser


def token_in(html: str) -> str:
    """Find the token of a form."""
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found
    return found[1]


async def key_of(house: House, role: str = "packer", **scope: object) -> str:
    """Make an API key."""
    return (await house.key(role, **scope))["Authorization"].split()[1]


async def test_nobody_sees_a_page_without_signing_in(house: House):
    """A page leads to the sign-in and back; a stream and a form are refused."""
    async with browser(house) as client:
        answer = await client.get("/accounts")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?back=/accounts")
        assert (await client.get("/live")).status_code == 401
        assert (await client.post("/shipments/x/pack")).status_code == 401
        assert (await client.get("/static/console.css")).status_code == 200


async def test_an_api_key_opens_the_console(house: House):
    """A good key opens a session and leads back; a bad one says what is wrong."""
    async with browser(house) as client:
        wrong = await client.post("/sign-in", data={"key": "pk_nonsense", "back": "/calls"})
        assert wrong.status_code == 401
        assert "does not exist" in wrong.text
        right = await client.post("/sign-in", data={"key": await key_of(house), "back": "/calls"})
        assert (right.status_code, right.headers["location"]) == (303, "/calls")
        assert "httponly" in right.headers["set-cookie"].lower()
        assert (await client.get("/calls")).status_code == 200


async def test_signing_in_never_leads_to_another_site(house: House):
    """`back` is a place in this console only."""
    async with browser(house) as client:
        answer = await client.post("/sign-in", data={"key": await key_of(house), "back": "//evil.example/"})
        assert answer.headers["location"] == "/"


async def test_a_form_counts_only_with_the_token_of_the_session(house: House):
    """A form that did not come from a page of ours changes nothing, whatever site it comes from."""
    shipment = await house.shipment()
    async with browser(house, sign_in=False) as client:
        await client.post(f"/shipments/{shipment.id}/pack", data={"token": "guess"})
        assert (await house.store.load([shipment.id]))[shipment.id].goal is None
        token = token_in((await client.get(f"/shipments/{shipment.id}")).text)
        elsewhere = {"sec-fetch-site": "cross-site"}
        await client.post(f"/shipments/{shipment.id}/pack", data={"token": token}, headers=elsewhere)
        assert (await house.store.load([shipment.id]))[shipment.id].goal is None
        await client.post(f"/shipments/{shipment.id}/pack", data={"token": token})
        assert (await house.store.load([shipment.id]))[shipment.id].goal == "labeled"


async def test_without_sign_in_only_this_machine_is_answered(house: House):
    """A foreign name that points at this address (DNS rebinding) is refused."""
    async with browser(house, host="evil.example", sign_in=False) as client:
        assert (await client.get("/")).status_code == 421


async def test_a_reader_may_look_but_not_act(house: House):
    """The key's role counts for buttons as it does for the API."""
    shipment = await house.shipment()
    async with browser(house) as client:
        await client.post("/sign-in", data={"key": await key_of(house, "reader")})
        html = (await client.get(f"/shipments/{shipment.id}")).text
        assert f'action="/shipments/{shipment.id}/pack"' not in html
        token = re.search(r'"X-Packline-Token": "([^"]+)"', html)[1]
        answer = await client.post(f"/shipments/{shipment.id}/pack", data={"token": token})
        told = (await client.get(answer.headers["location"])).text
        assert "your role is reader" in told
        assert (await house.store.load([shipment.id]))[shipment.id].goal is None


async def test_a_key_of_another_account_sees_nothing(house: House):
    """Lists are empty and pages are not there for a key that is bound elsewhere."""
    shipment = await house.shipment("S-77")
    async with browser(house) as client:
        await client.post("/sign-in", data={"key": await key_of(house, accounts=("other",))})
        assert "S-77" not in (await client.get("/shipments")).text
        assert (await client.get(f"/shipments/{shipment.id}")).status_code == 404
