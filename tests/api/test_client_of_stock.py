"""`packline.client.Publishing` and `Routes` against a served API."""

from collections.abc import AsyncIterator

import pytest

import packline
from api.house import House
from packline.client import Publishing, Routes
from packline.domain.location import Location
from packline.errors import Denied, NotFound


@pytest.fixture
async def client(house: House, address: str) -> AsyncIterator[packline.Client]:
    """Connect a client with the admin's key."""
    key = house.client.headers["authorization"].removeprefix("Bearer ")
    async with packline.Client(address, key) as made:
        yield made


async def test_the_client_publishes_holds_compares_and_mends(house: House, client: packline.Client) -> None:
    """What is told again, what is held, what was refused, and a comparison that was asked for."""
    publishing = Publishing(client)
    await client.say_stock("set", account="acme-in", location="EXSB", sku="KURTA-M", quantity=5)
    await house.services.pool.execute("update stock_offer set state = 'settled', published = wanted")
    assert await publishing.publish("acme-in", everything=True) == 1
    await publishing.hold("acme-in", "EXSB", "stocktaking")
    assert (await client.why("acme-in", "EXSB", "KURTA-M"))["held"] == "stocktaking"
    await publishing.release("acme-in", "EXSB")
    assert (await client.why("acme-in", "EXSB", "KURTA-M"))["held"] is None
    await publishing.choose("acme-in", numbering="counter", numbers=[])
    assert await publishing.refused(account="acme-in") == []
    seller = [{"location": "EXSB", "sku": "KURTA-M", "quantity": 4}]
    run = await publishing.compare("acme-in", seller=seller)
    assert (await publishing.comparison(run["id"]))["state"] == run["state"]
    assert await publishing.drifts(account="acme-in") == []
    assert (await publishing.mend("acme-in", "packline"))["mended"] == 0
    with pytest.raises(NotFound):
        await publishing.publish("nobody")


async def test_the_client_keeps_routes_and_moves_them_on(house: House, client: packline.Client) -> None:
    """Kept, rejected, accepted, done; and what has left cannot be cancelled."""
    routes = Routes(client)
    await house.services.accounts.put_location(Location("acme-in", "DEL1", programs=("self_ship",)))
    for location in ("DEL1", "EXSB"):
        await client.say_stock("set", account="acme-in", location=location, sku="KURTA-M", quantity=5)
    lines = [{"line": "1", "sku": "KURTA-M", "units": 2}]
    (kept,) = await routes.keep("acme-in", [{"reference": "B/1", "lines": lines}])
    first = kept["parcels"][0]["location"]
    moved = await routes.reject("acme-in", "B/1", first, reason="wet")
    second = moved["parcels"][-1]["location"]
    assert second != first
    await routes.accept("acme-in", "B/1", second)
    assert (await routes.again("acme-in", "B/1"))["parcels"][-1]["state"] == "accepted"
    assert (await routes.done("acme-in", "B/1", second))["state"] == "done"
    assert [row["reference"] async for row in routes.kept(account="acme-in")] == ["B/1"]
    assert (await routes.show("acme-in", "B/1"))["rejected"] == [first]
    with pytest.raises(Denied):
        await routes.cancel("acme-in", "B/1")
