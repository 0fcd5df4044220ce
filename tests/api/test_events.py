"""The feed: order of commitment, nothing skipped, long poll, filters."""

import asyncio

import msgspec

from api.house import House
from builders import at
from packline.api.events import _stream
from packline.domain import events as ev
from packline.domain.shipment import Problem
from packline.views.events import newest
from packline.views.paging import EVERYTHING


async def test_the_feed_gives_every_event_once_in_order(house: House):
    """Following `next` in small pages is the same as one large page."""
    made = await house.shipment()
    for n in range(5):
        await house.happen(made.id, ev.AnomalyFound(Problem(f"p{n}", "x", "y", at(n))))
    whole = (await house.client.get("/v1/events")).json()
    assert [e["type"] for e in whole["items"]] == ["shipment.received"] + ["shipment.anomaly"] * 5
    assert whole["items"][0]["data"]["shipment"]["amazon_id"] == "S-1"
    seen, after = [], "start"
    while page := (await house.client.get("/v1/events", params={"after": after, "limit": 2})).json()["items"]:
        seen += page
        after = page[-1]["cursor"]
    assert seen == whole["items"]
    assert len({e["id"] for e in seen}) == 6


async def test_numbers_are_ordered_as_numbers(house: House):
    """Transaction 10 comes after transaction 9, for the feed and for webhooks."""
    for xid in (10, 9, 100, 99):
        await house.services.pool.execute(
            "insert into event (xid, at, account_id, name, cause, data)"
            " values ($1::text::xid8, now(), 'acme-in', $2, 'amazon', '{}')",
            str(xid),
            f"n{xid}",
        )
    assert await newest(house.services.pool) == (await house.services.webhooks.newest())
    assert (await newest(house.services.pool)).startswith("100.")
    names = [e["type"] for e in (await house.client.get("/v1/events")).json()["items"]]
    sent, _ = await house.services.webhooks.page("0.0", 10)
    assert names == ["n9", "n10", "n99", "n100"] == [e.name for e in sent]


async def test_an_open_transaction_holds_the_feed_back(house: House):
    """What commits later is not skipped, though its number is smaller."""
    made = await house.shipment()
    start = (await house.client.get("/v1/events")).json()["next"]
    async with house.services.pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(
            "insert into event (at, account_id, shipment_id, location_id, name, cause, data)"
            " values (now(), 'acme-in', $1, 'EXSB', 'shipment.slow', 'amazon', '{}')",
            made.id,
        )
        await house.happen(made.id, ev.AnomalyFound(Problem("quick", "x", "y", at(1))))
        assert (await house.client.get("/v1/events", params={"after": start})).json()["items"] == []
        await transaction.commit()
    page = (await house.client.get("/v1/events", params={"after": start})).json()
    assert [e["type"] for e in page["items"]] == ["shipment.slow", "shipment.anomaly"]


async def test_a_long_poll_answers_when_something_happens(house: House):
    """`wait` returns with the first event, not after the time."""
    made = await house.shipment()
    after = (await house.client.get("/v1/events")).json()["next"]
    poll = asyncio.create_task(house.client.get("/v1/events", params={"after": after, "wait": 60}))
    await asyncio.sleep(0.2)
    await house.happen(made.id, ev.AnomalyFound(Problem("p", "x", "y", at(1))))
    answer = await asyncio.wait_for(poll, 50)
    assert [e["type"] for e in answer.json()["items"]] == ["shipment.anomaly"]


async def test_the_feed_filters_and_goes_on_past_what_does_not_match(house: House):
    """A filter narrows; the cursor moves on all the same."""
    made = await house.shipment()
    await house.happen(made.id, ev.AnomalyFound(Problem("p", "x", "y", at(1))))
    page = (await house.client.get("/v1/events", params={"type": "command.*"})).json()
    assert page["items"] == []
    assert page["next"] == (await house.client.get("/v1/events")).json()["next"]
    only = (await house.client.get("/v1/events", params={"type": "shipment.anomaly"})).json()
    assert len(only["items"]) == 1
    bound = await house.key("reader", locations=("OTHER",))
    assert (await house.client.get("/v1/events", headers=bound)).json()["items"] == []


async def test_the_stream_follows_the_feed(house: House):
    """Server-sent events carry the cursor as id, so that a client can come back."""
    made = await house.shipment()

    class Connected:
        async def is_disconnected(self) -> bool:
            return False

    stream = _stream(Connected(), house.services, "0.0", EVERYTHING, [], None)  # type: ignore[arg-type]
    assert (await anext(stream)).startswith(b":")
    first = (await anext(stream)).decode().splitlines()
    assert first[1] == "event: shipment.received"
    body = msgspec.json.decode(first[2].removeprefix("data: "))
    assert first[0] == f"id: {body['cursor']}"
    assert body["shipment"] == made.id
    await stream.aclose()
