"""Consents and the doctor over REST and by the client, against a simulated Amazon."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from api.house import House
from console.sim_transport import ADDRESS, SimTransport
from console.start_fakes import start_of
from console.test_setup import consented
from packline.client import Client, Onboarding
from packline.errors import Denied
from packline_sim.world import World

IN, US = "A21TJRUUN4KGV", "ATVPDKIKX0DER"


@pytest.fixture
async def net(house: House) -> SimTransport:
    """Put a simulated Amazon behind the house, which has no account yet."""
    net = SimTransport(World())
    start = start_of(house.services, net)
    object.__setattr__(house.services, "consents", start.consents)
    object.__setattr__(house.services, "doctor", start.doctor)
    await house.services.pool.execute("delete from account")
    return net


async def test_a_seller_consents_and_the_doctor_looks(house: House, net: SimTransport, address: str):
    """The address leads to Amazon, the code makes an account, the same address again is worth nothing."""
    app = await start_of(house.services, net).simulator.application(ADDRESS)
    async with Client(address, house.client.headers["authorization"].split()[1]) as client:
        door = Onboarding(client)
        begun = await door.begin(
            "Acme Traders", app.application_id, app.client_id, app.client_secret, [IN],
            "http://127.0.0.1/setup/consent", endpoint=ADDRESS, token_url=f"{ADDRESS}/auth/o2/token",
        )  # fmt: skip
        assert parse_qs(urlsplit(begun["address"]).query)["application_id"] == [app.application_id]
        back = f"http://127.0.0.1{await consented(net, begun['address'])}"
        done = await door.complete(back, key="once")
        assert (done["is_new"], done["account"]["name"]) == (True, "Acme Traders")
        assert await door.complete(back, key="once") == done  # the answer was lost: the same one again
        with pytest.raises(Denied) as refused:
            await door.complete(back)
        assert refused.value.reason == "consent_unknown"
        found = await door.check(done["account"]["id"])
        assert {row["state"] for row in found} <= {"good", "doubt", "bad"}
        assert found[0]["state"] == "good"
        assert any(row["check"] == "database" and row["state"] == "good" for row in await door.check())
    bodies = [row["body"] or b"" for row in await house.services.pool.fetch("select body from idempotency")]
    assert not any(app.client_secret.encode() in body for body in bodies)


async def test_a_consent_is_its_own_keys_and_told_in_full(house: House, net: SimTransport):
    """Another admin's key cannot end it; what is missing is pointed at; a bound key may do neither."""
    body = {
        "name": "Acme", "application_id": "app", "client_id": "c", "client_secret": "s", "marketplaces": [IN],
        "redirect_uri": "http://127.0.0.1/back",
    }  # fmt: skip
    begun = await house.client.post("/v1/consents", json=body)
    assert (begun.status_code, begun.headers["cache-control"]) == (201, "no-store")
    state = parse_qs(urlsplit(begun.json()["address"]).query)["state"][0]
    back = {"address": f"http://127.0.0.1/back?state={state}&spapi_oauth_code=x&selling_partner_id=A1"}
    other = await house.key("admin")
    assert (await house.client.post("/v1/consents/complete", json=back, headers=other)).json()["code"] == "denied"
    faults = (({"marketplaces": [IN, US]}, "/marketplaces"), ({"redirect_uri": "javascript:x"}, "/redirect_uri"))
    for wrong, pointer in faults:
        answer = await house.client.post("/v1/consents", json=body | wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    typed = {"Content-Type": "application/json"}
    for broken in ("http://[x", "http://127.0.0.1/back?state=\ud800&spapi_oauth_code=x&selling_partner_id=A1"):
        sent = json.dumps({"address": broken})
        answer = await house.client.post("/v1/consents/complete", content=sent, headers=typed)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/address"), broken
    for headers in (await house.key("admin", accounts=("acme-in",)), await house.key("operator")):
        assert (await house.client.post("/v1/consents", json=body, headers=headers)).status_code == 403
        assert (await house.client.get("/v1/doctor", headers=headers)).status_code == 403
    assert (await house.client.get("/v1/accounts/none/doctor")).status_code == 404
