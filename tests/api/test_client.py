"""`packline.Client` against a served API."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

import packline
from api.house import House
from builders import at, package
from packline.domain import events as ev
from packline.domain.shipment import Goal
from packline.errors import DeliveryError, Denied, Invalid, NotFound, Unauthenticated


@pytest.fixture
async def client(house: House, address: str) -> AsyncIterator[packline.Client]:
    """Connect a client with the admin's key."""
    key = house.client.headers["authorization"].removeprefix("Bearer ")
    async with packline.Client(address, key) as made:
        yield made


async def test_the_client_gives_commands_and_reads(house: House, client: packline.Client):
    """Pack, look, explain, fetch the label: a warehouse's day in five calls."""
    made = await house.shipment()
    ticket = await client.pack(made.amazon_id)
    assert ticket["status"] == "pending"
    assert (await client.ticket(ticket["id"]))["id"] == ticket["id"]
    assert (await client.shipment(made.id))["goal"] == "labeled"
    assert (await client.explain(made.id))["waits_for"] == "packline"
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.labeled(made.id)
    name = (await client.documents(made.id))[0]["name"]
    assert (await client.document(made.id, name)).startswith(b"^XA")


async def test_the_client_raises_our_own_errors(house: House, client: packline.Client, address: str):
    """What the server refuses comes as the class that it names, with reason, hint and pointers."""
    made = await house.shipment(status="DELIVERED")
    with pytest.raises(Denied) as refusal:
        await client.pack(made.id)
    assert refusal.value.reason == "wrong_status"
    with pytest.raises(NotFound):
        await client.shipment("nobody/../x")
    with pytest.raises(Invalid) as fault:
        await client.pack(made.id, [{"box": {}}])
    assert fault.value.errors
    async with packline.Client(address, "pk_wrong") as stranger:
        with pytest.raises(Unauthenticated):
            await stranger.shipment(made.id)


async def test_the_client_pages_through_everything(house: House, client: packline.Client):
    """An iterator hides the pages."""
    for n in range(5):
        await house.shipment(f"S-{n}")
    seen = [row["amazon_id"] async for row in client.shipments(limit=2, sort="received_at", status=["CONFIRMED"])]
    assert sorted(seen) == [f"S-{n}" for n in range(5)]


async def test_the_client_follows_events(house: House, client: packline.Client):
    """From whenever it began, each event once, as it happens."""
    await house.shipment("S-OLD")
    got: list[str] = []

    async def follow() -> None:
        async for event in client.events(types=["shipment.*"]):
            got.append(event["data"]["shipment"]["amazon_id"])
            if len(got) == 3:
                return

    following = asyncio.create_task(follow())
    made = 0
    async with asyncio.timeout(60):
        while not following.done():
            await house.shipment(f"S-{made}")
            made += 1
            await asyncio.sleep(0.02)
    await following
    first = int(got[0].removeprefix("S-"))
    assert got == [f"S-{first + n}" for n in range(3)]


async def test_bulk_through_the_client(house: House, client: packline.Client):
    """A result for each."""
    made = await house.shipment(status="ACCEPTED")
    rows = await client.command_many("confirm", [{"shipment": made.id}, {"shipment": "nobody"}])
    assert [bool(row["ticket"]) for row in rows] == [True, False]


async def test_a_server_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch):
    """The error names the address and the cure."""
    monkeypatch.setattr("packline.client.connection.PAUSE", 0.001)
    async with packline.Client("http://127.0.0.1:9", "pk_x") as client:
        with pytest.raises(DeliveryError, match="does not answer"):
            await client.shipment("x")


async def test_the_stream_is_served_as_events(house: House, address: str):
    """`text/event-stream` with the cursor as id; a client that comes back goes on where it was."""
    made = await house.shipment()
    headers = {"Authorization": house.client.headers["authorization"], "Last-Event-ID": "0.0"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/v1/events/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = b""
        while b"data: " not in text:
            text += await asyncio.wait_for(answer.content.readany(), 60)
    assert made.id.encode() in text
