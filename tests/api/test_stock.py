"""/v1/stock: say what there is, see what Amazon is told, ask why."""

from datetime import timedelta
from typing import Any

from api.house import House

PLACE = {"account": "acme-in", "location": "EXSB", "sku": "KURTA-M"}


async def say(house: House, verb: str, **given: Any) -> Any:
    """Send one thing about stock; give the answer's body."""
    answer = await house.client.post(f"/v1/stock/{verb}", json=PLACE | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def why(house: House, **given: Any) -> Any:
    """Ask why a number is told."""
    answer = await house.client.get("/v1/stock/why", params=PLACE | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_count_becomes_an_offer_that_explains_itself(house):
    """Set 9, hold back 2: Amazon is told 7, and why."""
    assert (await say(house, "set", quantity=9))["after"] == 9
    put = await house.client.put("/v1/stock/rules", json={"account": "acme-in", "buffer_units": 2})
    assert put.json() == {"places": 1}
    told = await why(house)
    assert told["quantity"] == told["buyable"] == 7
    assert told["sentence"] == "9 on hand of KURTA-M at EXSB; less a buffer of 2 (the rule for account acme-in)"
    listed = (await house.client.get("/v1/stock")).json()["items"]
    assert [(row["sku"], row["on_hand"], row["offers"][0]["wanted"]) for row in listed] == [("KURTA-M", 9, 7)]
    entries = (await house.client.get("/v1/stock/entries", params={"sku": "KURTA-M"})).json()["items"]
    assert [(entry["kind"], entry["units"], entry["on_hand"]) for entry in entries] == [("counted", 9, 9)]


async def test_the_same_key_counts_once(house):
    """A repetition of a request gives its first answer and changes nothing."""
    await say(house, "set", quantity=9)
    for _ in range(2):
        headers = {"Idempotency-Key": "one"}
        answer = await house.client.post("/v1/stock/adjust", json=PLACE | {"quantity": -2}, headers=headers)
        assert answer.json()["after"] == 7


async def test_the_same_reference_counts_once_whatever_the_key(house):
    """The seller's own reference is a cause."""
    assert (await say(house, "receive", quantity=5, reference="GRN-1"))["outcome"] == "applied"
    assert (await say(house, "receive", quantity=5, reference="GRN-1"))["outcome"] == "known"
    assert (await why(house))["quantity"] == 5


async def test_more_than_there_is_cannot_be_taken(house):
    """A correction below zero is refused, with what there is; nothing is written."""
    await say(house, "set", quantity=3)
    answer = await house.client.post("/v1/stock/adjust", json=PLACE | {"quantity": -4})
    assert answer.status_code == 409
    assert answer.json()["reason"] == "not_enough_stock"
    assert "has 3 on hand, not 4" in answer.json()["detail"]
    assert (await say(house, "adjust", quantity=-3))["after"] == 0


async def test_a_count_that_is_told_late_keeps_what_came_after(house):
    """Counted 10 half an hour ago, 4 came in since: 14; what happened before the last count changes nothing."""
    now = house.services.clock.now()
    await say(house, "set", quantity=8, at=(now - timedelta(hours=1)).isoformat())
    await say(house, "receive", quantity=4)
    half_an_hour_ago = (now - timedelta(minutes=30)).isoformat()
    assert (await say(house, "set", quantity=10, at=half_an_hour_ago))["after"] == 14
    late = await say(house, "adjust", quantity=1, at=half_an_hour_ago)
    assert (late["outcome"], late["after"]) == ("covered", 14)


async def test_two_accounts_sell_from_one_pool(house):
    """Units that are moved to the common pool are offered by everybody who draws from it."""
    await say(house, "set", quantity=6)
    await house.client.put("/v1/stock/rules", json={"pool": "common"})
    assert (await why(house))["quantity"] == 0
    moved = {"pool": "acme-in", "location": "EXSB", "sku": "KURTA-M", "quantity": 6, "to_pool": "common"}
    assert (await house.client.post("/v1/stock/move", json=moved)).status_code == 200
    told = await why(house)
    assert (told["quantity"], told["pool"]) == (6, "common")


async def test_what_is_wrong_is_said_all_at_once(house):
    """Every field that is wrong is named."""
    answer = await house.client.post(
        "/v1/stock/bulk", json={"items": [PLACE | {"quantity": -1}, PLACE | {"quantity": 2}]}
    )
    first, second = answer.json()["items"]
    assert first["problem"]["errors"] == [{"pointer": "/quantity", "message": "A count is 0 or more."}]
    assert second["result"]["after"] == 2


async def test_a_location_is_held_and_released(house):
    """A held location says so, twice is a conflict, and both are events."""
    await say(house, "set", quantity=3)
    where = {"account": "acme-in", "location": "EXSB"}
    assert (await house.client.post("/v1/stock/hold", json=where | {"reason": "count"})).status_code == 204
    assert (await house.client.post("/v1/stock/hold", json=where)).status_code == 409
    assert (await why(house))["held"] == "count"
    assert (await house.client.post("/v1/stock/release", json=where)).status_code == 204
    assert (await house.client.post("/v1/stock/release", json=where)).status_code == 404
    events = (await house.client.get("/v1/events", params={"type": "stock.*"})).json()["items"]
    assert [event["type"] for event in events] == ["stock.changed", "stock.held", "stock.released"]


async def test_a_key_sees_and_says_only_what_is_its_own(house):
    """A bound key names no pools and no other location."""
    await say(house, "set", quantity=3)
    other = await house.key("packer", accounts=("acme-in",), locations=("BLR7",))
    assert (await house.client.get("/v1/stock", headers=other)).json()["items"] == []
    refused = await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 1}, headers=other)
    assert refused.status_code == 404
    pool = {"pool": "acme-in", "location": "BLR7", "sku": "KURTA-M", "quantity": 1}
    assert (await house.client.post("/v1/stock/set", json=pool, headers=other)).status_code == 404
    reader = await house.key("reader")
    assert (await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 1}, headers=reader)).status_code == 403
