"""Ages of credentials over REST and by the client."""

from datetime import timedelta

import packline
from api.house import House
from builders import NOON
from packline.client import Ages
from packline.domain.location import Account, Credentials, Region

DAY = timedelta(days=1)


async def account(house: House, name: str = "dated") -> None:
    made = Account(name, "Acme", name, Region.EU, ("M",), "http://127.0.0.1/a", "http://127.0.0.1/t", "app")
    await house.services.accounts.put(made, Credentials("client", "secret", "refresh"))


async def test_a_date_that_a_person_tells_counts(house: House) -> None:
    """The list says when each ends; health names what ends within a week."""
    await account(house)
    now = house.services.clock.now()
    body = {"secret_since": (now - 174.5 * DAY).isoformat(), "consent_ends": False}
    answer = await house.client.put("/v1/credentials/dated", json=body)
    assert answer.status_code == 204, answer.text
    rows = (await house.client.get("/v1/credentials", params={"account": "dated"})).json()["items"]
    assert [(row["credential"], row["state"], row["days"], row["is_told"]) for row in rows] == [
        ("client_secret", "urgent", 5, True),
        ("consent", "ok", None, True),
    ]
    health = (await house.client.get("/v1/health")).json()
    assert health["status"] == "degraded"
    assert any("client secret ends on" in said for said in health["problems"])


async def test_a_time_to_come_and_nothing_at_all_are_refused(house: House) -> None:
    """With a pointer to the field; an account that does not exist is not found."""
    await account(house)
    later = {"secret_since": (NOON + 90000 * DAY).isoformat()}
    refused = await house.client.put("/v1/credentials/dated", json=later)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/secret_since")
    assert (await house.client.put("/v1/credentials/dated", json={})).status_code == 422
    assert (await house.client.put("/v1/credentials/nobody", json={"consent_ends": False})).status_code == 404


async def test_the_client_lists_and_dates_credentials(house: House, address: str) -> None:
    """By account; what does not end has no days."""
    await account(house)
    key = house.client.headers["authorization"].removeprefix("Bearer ")
    async with packline.Client(address, key) as client:
        ages = Ages(client)
        await ages.date("dated", secret_since=house.services.clock.now() - 170 * DAY, consent_ends=False)
        rows = await ages.list("dated")
    assert [(row["credential"], row["state"]) for row in rows] == [("client_secret", "expiring"), ("consent", "ok")]
