"""Webhooks: signed, at least once, in order for one shipment, retried, paused when dead, replayed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook

from api.house import House, open_house
from builders import at
from packline.domain import events as ev
from packline.domain.endpoint import Endpoint
from packline.domain.shipment import Problem
from packline.oms.post import Post, is_private
from packline.oms.webhooks import SILENT


class Receiver:
    """A seller's system that keeps what it gets and answers as told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.refuses: set[str] = set()
        self.is_down = False
        self.is_gone = False
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.is_gone:
            return web.Response(status=410)
        if self.is_down or body["shipment"] in self.refuses:
            return web.Response(status=500)
        self.got.append(body)
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        self.bodies.append(await request.read())
        return web.Response(status=204)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Serve a receiver on this machine."""
    made = Receiver()
    app = web.Application()
    app.router.add_post("/hooks", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made.url = f"http://127.0.0.1:{port}/hooks"
    yield made
    await runner.cleanup()


async def rounds(house: House, endpoint: str, count: int = 20) -> None:
    """Let the sender work until there is nothing to do."""
    async with Post(allow_private=True) as post:
        for _ in range(count):
            found = await house.services.webhooks.endpoint(endpoint)
            assert found
            if not await house.services.sender.round(post, found):
                return


async def added(house: House, receiver: Receiver, **given: Any) -> tuple[str, str]:
    made = (await house.client.post("/v1/webhooks", json={"url": receiver.url} | given)).json()
    return made["id"], made["secret"]


async def odd(house: House, shipment: str, n: int) -> None:
    await house.happen(shipment, ev.AnomalyFound(Problem(f"p{n}", "x", "y", at(n))))


async def test_an_event_arrives_signed(house: House, receiver: Receiver):
    """The receiver can verify each delivery with the Standard Webhooks library, and it is the feed's event."""
    endpoint, secret = await added(house, receiver)
    made = await house.shipment()
    await rounds(house, endpoint)
    assert Webhook(secret).verify(receiver.bodies[0], receiver.headers[0])["shipment"] == made.id
    feed = (await house.client.get("/v1/events")).json()["items"]
    assert receiver.got == feed
    assert receiver.headers[0]["webhook-id"] == feed[0]["id"]


async def test_events_of_one_shipment_stay_in_order_though_one_is_refused(house: House, receiver: Receiver):
    """A refused event holds back its own shipment only; afterwards everything has arrived in order."""
    endpoint, _ = await added(house, receiver)
    bad, good = await house.shipment("S-1"), await house.shipment("S-2")
    receiver.refuses = {bad.id}
    for n in range(3):
        await odd(house, bad.id, n)
        await odd(house, good.id, n)
    await rounds(house, endpoint)
    assert {e["shipment"] for e in receiver.got} == {good.id}
    await odd(house, bad.id, 3)
    receiver.refuses = set()
    await rounds(house, endpoint)
    assert not [e for e in receiver.got if e["shipment"] == bad.id]  # its turn comes in five seconds
    await house.services.pool.execute("update webhook_waiting set next_at = now() - interval '1 second'")
    await rounds(house, endpoint)
    feed = (await house.client.get("/v1/events")).json()["items"]
    for shipment in (bad.id, good.id):
        assert [e for e in receiver.got if e["shipment"] == shipment] == [e for e in feed if e["shipment"] == shipment]


async def test_a_silent_endpoint_rests_and_comes_back(house: House, receiver: Receiver):
    """An endpoint that is down gets one attempt at a time with growing pauses, and everything once it answers."""
    endpoint, _ = await added(house, receiver)
    receiver.is_down = True
    for n in range(SILENT + 3):
        await house.shipment(f"S-{n}")
    await rounds(house, endpoint, 1)
    resting = (await house.client.get(f"/v1/webhooks/{endpoint}")).json()
    assert resting["failures"] >= SILENT
    assert resting["next_at"]
    assert await house.services.webhooks.active(house.services.clock.now()) == []
    receiver.is_down = False
    await house.services.pool.execute("update webhook_waiting set next_at = now() - interval '1 second'")
    await rounds(house, endpoint)
    assert len(receiver.got) == SILENT + 3
    assert (await house.client.get(f"/v1/webhooks/{endpoint}")).json()["failures"] == 0


async def test_a_dead_endpoint_is_paused_and_told(house: House, receiver: Receiver):
    """After three days without a success nothing more is sent, and an event says so."""
    endpoint, _ = await added(house, receiver)
    receiver.is_down = True
    await house.shipment()
    await rounds(house, endpoint, 1)
    await house.services.pool.execute(
        "update webhook set failing_since = now() - interval '73 hours', failures = 40;"
        "update webhook_waiting set next_at = now() - interval '1 second'"
    )
    await rounds(house, endpoint, 1)
    shown = (await house.client.get(f"/v1/webhooks/{endpoint}")).json()
    assert "No success since" in shown["paused_reason"]
    assert await house.services.webhooks.active(house.services.clock.now() + timedelta(days=1)) == []
    told = (await house.client.get("/v1/events", params={"type": "webhook.paused"})).json()["items"]
    assert told[0]["data"]["event"]["webhook"] == endpoint
    started = await house.client.patch(f"/v1/webhooks/{endpoint}", json={"enabled": True})
    assert started.json()["paused_reason"] is None
    assert (shown["enabled"], started.json()["enabled"]) == (False, True)


async def test_an_endpoint_that_is_gone_is_paused_at_once(house: House, receiver: Receiver):
    """410 means that nobody is there any more; what waits is kept for when the endpoint is enabled again."""
    endpoint, _ = await added(house, receiver)
    receiver.is_gone = True
    await house.shipment()
    await rounds(house, endpoint, 1)
    shown = (await house.client.get(f"/v1/webhooks/{endpoint}")).json()
    assert "410" in shown["paused_reason"]
    assert shown["enabled"] is False
    receiver.is_gone = False
    await house.client.patch(f"/v1/webhooks/{endpoint}", json={"enabled": True})
    await house.services.pool.execute("update webhook_waiting set next_at = now() - interval '1 second'")
    await rounds(house, endpoint)
    assert receiver.got


async def test_an_event_is_given_up_after_three_days(house: House, receiver: Receiver):
    """One event that is always refused does not hold its shipment back forever."""
    endpoint, _ = await added(house, receiver)
    made = await house.shipment()
    receiver.refuses = {made.id}
    await rounds(house, endpoint, 1)
    await house.services.pool.execute(
        "update webhook_waiting set since = now() - interval '73 hours', next_at = now() - interval '1 second'"
    )
    await rounds(house, endpoint, 1)
    assert await house.services.pool.fetchval("select count(*) from webhook_waiting") == 0


async def test_a_replay_sends_again_from_a_cursor(house: House, receiver: Receiver):
    """Everything after the cursor comes once more, under the same ids."""
    endpoint, _ = await added(house, receiver)
    await house.shipment("S-1")
    await house.shipment("S-2")
    await rounds(house, endpoint)
    cursor = (await house.client.get("/v1/events", params={"limit": 1})).json()["next"]
    await house.client.post(f"/v1/webhooks/{endpoint}/replay", json={"after": cursor})
    await rounds(house, endpoint)
    assert [e["id"] for e in receiver.got] == [*[e["id"] for e in receiver.got[:2]], receiver.got[1]["id"]]


async def test_filters_choose_what_is_sent(house: House, receiver: Receiver):
    """An endpoint gets only what it asked for."""
    endpoint, _ = await added(house, receiver, events=["shipment.anomaly", "command.*"])
    made = await house.shipment()
    await odd(house, made.id, 1)
    await rounds(house, endpoint)
    assert [e["type"] for e in receiver.got] == ["shipment.anomaly"]


async def test_deliveries_can_be_looked_at(house: House, receiver: Receiver):
    """Each attempt is kept with its status and time."""
    endpoint, _ = await added(house, receiver)
    receiver.is_down = True
    await house.shipment()
    await rounds(house, endpoint, 1)
    rows = (await house.client.get(f"/v1/webhooks/{endpoint}/deliveries")).json()["items"]
    assert (rows[0]["status"], rows[0]["error"], rows[0]["type"]) == (500, "HTTP 500", "shipment.received")
    tried = (await house.client.post(f"/v1/webhooks/{endpoint}/test")).json()
    assert (tried["status"], tried["type"]) == (500, "webhook.test")


async def test_the_sender_runs_in_one_process_at_a_time(house: House, receiver: Receiver):
    """Two processes send every event once; the loop ends when it is told to."""
    await added(house, receiver)
    stop = asyncio.Event()
    running = [asyncio.create_task(house.services.sender.run(stop)) for _ in range(2)]
    for n in range(3):
        await house.shipment(f"S-{n}")
    for _ in range(200):
        await asyncio.sleep(0.05)
        if len(receiver.got) >= 3:
            break
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*running), 60)
    assert len(receiver.got) == 3


async def test_the_sender_outlives_a_database_that_ends_its_session(house: House, receiver: Receiver):
    """The session that holds the right to send is ended, as by a restart of the server; events come all the same."""
    await added(house, receiver)
    stop = asyncio.Event()
    running = asyncio.create_task(house.services.sender.run(stop))
    pool = house.services.pool
    held = "select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database"
    held += " where datname = current_database()) and pid <> pg_backend_pid()"
    async with asyncio.timeout(60):
        while not (pid := await pool.fetchval(held)):  # noqa: ASYNC110  the store rings nobody here
            await asyncio.sleep(0.05)
    await pool.fetchval("select pg_terminate_backend($1)", pid)
    await house.shipment("S-1")
    async with asyncio.timeout(60):
        while not receiver.got:
            assert not running.done()
            await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(running, 60)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest",
        "ftp://example.com",
        "https://exa mple.com/hooks",
        "https://example.com/ho\noks",
        "https://user:pw@example.com/",
        "nonsense",
        "https://[oops",
    ],
)
async def test_a_private_or_strange_address_is_refused(pool: asyncpg.Pool, url: str):
    """Targets are public https addresses, unless a setting allows more."""
    async with open_house(pool, webhook_allow_private=False) as house:
        answer = await house.client.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")


async def test_a_name_that_leads_inwards_is_refused_at_delivery(house: House, receiver: Receiver):
    """Names are resolved at each delivery: a public name with a private address gets nothing."""
    endpoint, _ = await added(house, receiver)
    found = await house.services.webhooks.endpoint(endpoint)
    assert found
    turned: Endpoint = replace(found, url=receiver.url.replace("127.0.0.1", "localhost"))
    async with Post(allow_private=False) as post:
        events, _ = await house.services.webhooks.page("0.0", 10)
        assert events == []
        made = await house.shipment()
        events, _ = await house.services.webhooks.page("0.0", 10)
        status, error = await post.send(
            replace(turned, url=turned.url.replace("localhost", "ip6-localhost")), events[0], at(1)
        )
    assert made.id
    assert (status, receiver.got) == (0, [])
    assert error


def test_private_addresses_are_known():
    """Loopback, private, link-local and mapped addresses are not for everybody."""
    for address in (
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "::1",
        "fd00::1",
        "localhost",
        "::ffff:10.0.0.1",
    ):
        assert is_private(address), address
    assert not is_private("93.184.216.34")
