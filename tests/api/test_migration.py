"""/v1/accounts/{account}/migration: begin, the list, the end, and who may."""

from api.house import House
from packline.client import Client
from packline.domain.location import Location


async def test_a_migration_begins_holds_and_ends(house: House, address: str) -> None:
    """Automatic confirmation goes off and comes back; stock is held and released; red refuses the end."""
    store = house.services.accounts
    await store.put_location(Location("acme-in", "EXSB", auto_confirm=True))
    waiting = await house.shipment("S-1", "ACCEPTED")
    before = (await house.client.get("/v1/accounts/acme-in/migration")).json()
    assert (before["state"], before["green"]) == ("none", False)
    key = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, key) as client:
        begun = await client.begin_migration("acme-in")
        assert begun["state"] == "parallel"
        assert [place.auto_confirm for place in await store.locations("acme-in")] == [False]
        held = (await house.client.get("/v1/stock/holds")).json()["items"]
        assert [row["location"] for row in held] == ["EXSB"]
        assert {row["name"]: row["green"] for row in begun["checks"]}["stock_held"]
        assert all(bool(row["cure"]) is not row["green"] for row in begun["checks"])
        refused = await house.client.post("/v1/accounts/acme-in/migration/end", json={})
        assert (refused.status_code, refused.json()["reason"]) == (409, "migration_not_green")
        ended = await client.end_migration("acme-in", anyway=True)
        assert ended["state"] == "done"
        assert [place.auto_confirm for place in await store.locations("acme-in")] == [True]
        assert (await house.client.get("/v1/stock/holds")).json()["items"] == []
        assert (await house.store.load([waiting.id]))[waiting.id].goal == "confirmed"
        again = await house.client.post("/v1/accounts/acme-in/migration/end", json={"anyway": True})
        assert again.json()["reason"] == "migration_not_begun"
        assert (await client.migration("acme-in"))["state"] == "done"


async def test_only_an_admin_of_the_account_may(house: House) -> None:
    """An operator may look; a key of another account sees nothing."""
    operator = await house.key("operator")
    assert (await house.client.get("/v1/accounts/acme-in/migration", headers=operator)).status_code == 200
    begin = await house.client.post("/v1/accounts/acme-in/migration/begin", headers=operator)
    assert begin.status_code == 403
    other = await house.key("admin", accounts=("other",))
    assert (await house.client.get("/v1/accounts/acme-in/migration", headers=other)).status_code == 404
