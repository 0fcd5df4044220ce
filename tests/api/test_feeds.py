"""Feeds over HTTP: what was sent, when the rest leaves, what was not taken."""

from datetime import datetime, timedelta
from typing import Any

from api.house import House, QuietGateway

LANE = {"operation": "createFeed", "rate": 0.0083, "burst": 15.0, "level": 1.0, "waiting": 0, "eta": 0.0}


async def item(house: House, key: str, *, kind: str = "documents", state: str = "waiting", **given: Any) -> None:
    """Let one order or SKU want a feed."""
    await house.services.pool.execute(
        "insert into feed_item (account_id, kind, key, subject, payload, since, state, reason, batch_id, attempts)"
        " values ('acme-in', $1, $2, $2, '{}', $3, $4, $5, $6, 3)",
        kind, key, house.services.clock.now(), state, given.get("reason", ""), given.get("batch"),
    )  # fmt: skip


async def batch(house: House, state: str = "submitted") -> int:
    """Let one feed be under way."""
    made: int = await house.services.pool.fetchval(
        "insert into feed_batch (account_id, kind, marketplace_id, state, items, feed_id, created_at)"
        " values ('acme-in', 'documents', 'A21TJRUUN4KGV', $1, 1, '7001', now()) returning id",
        state,
    )
    return made


async def test_feeds_are_listed_and_shown(house: House) -> None:
    """The newest first, page by page; one of them with the items in it; another seller's key sees none."""
    ids = [await batch(house) for _ in range(3)]
    await item(house, "shp_1", state="sent", batch=ids[0])

    first = (await house.client.get("/v1/feeds", params={"limit": 2})).json()
    rest = (await house.client.get("/v1/feeds", params={"limit": 2, "after": first["next"]})).json()
    one = (await house.client.get(f"/v1/feeds/{ids[0]}")).json()
    stranger = await house.key("reader", accounts=("other",))

    assert [row["id"] for row in first["items"] + rest["items"]] == ids[::-1]
    assert (one["feed_id"], [i["key"] for i in one["item_list"]]) == ("7001", ["shp_1"])
    assert (await house.client.get("/v1/feeds", headers=stranger)).json()["items"] == []
    assert (await house.client.get(f"/v1/feeds/{ids[0]}", headers=stranger)).status_code == 404


async def test_the_forecast_counts_the_quota(house: House, monkeypatch: Any) -> None:
    """250 orders take three feeds; with one call free, the third leaves when two more have come back."""
    monkeypatch.setattr(QuietGateway, "lanes", (LANE,))
    for number in range(250):
        await item(house, f"shp_{number}")
    before = house.services.clock.now()

    told = (await house.client.get("/v1/feeds/forecast", params={"account": "acme-in"})).json()["items"][0]

    assert (told["kind"], told["count"], told["feeds"]) == ("documents", 250, 3)
    wait = datetime.fromisoformat(told["done_at"]) - before
    assert timedelta(seconds=2 / 0.0083 - 5) < wait < timedelta(seconds=2 / 0.0083 + 30)


async def test_without_a_lane_nothing_is_promised(house: House) -> None:
    """Where no worker has called createFeed, the time is not known and none is told."""
    await item(house, "shp_1")

    told = (await house.client.get("/v1/feeds/forecast", params={"account": "acme-in"})).json()["items"][0]

    assert told["done_at"] is None


async def test_failed_items_are_told_and_tried_again(house: House) -> None:
    """Each with Amazon's reason; one, many or all of a kind wait again, as if for the first time."""
    for number in range(3):
        await item(house, f"shp_{number}", state="failed", reason="990: no")
    await item(house, "shp_9", kind="cancel", state="failed", reason="closed")

    told = (await house.client.get("/v1/feeds/items/failed", params={"kind": "documents"})).json()
    asked = {"account": "acme-in", "kind": "documents"}
    one = await house.client.post("/v1/feeds/items/retry", json=asked | {"keys": ["shp_1", "shp_77"]})
    rest = await house.client.post("/v1/feeds/items/retry", json=asked)
    none = await house.client.post("/v1/feeds/items/retry", json=asked | {"keys": []})
    rows = await house.services.pool.fetch("select kind, state, attempts from feed_item order by kind, key")

    assert next((row["key"], row["reason"]) for row in told["items"]) == ("shp_0", "990: no")
    assert (one.json(), rest.json(), none.status_code) == ({"items": 1}, {"items": 2}, 422)
    assert [tuple(row) for row in rows] == [("cancel", "failed", 3), *[("documents", "waiting", 0)] * 3]


async def test_a_reader_may_not_retry(house: House) -> None:
    """Sending to Amazon again is an operator's decision."""
    asked = {"account": "acme-in", "kind": "documents"}

    answer = await house.client.post("/v1/feeds/items/retry", json=asked, headers=await house.key("reader"))

    assert answer.status_code == 403
