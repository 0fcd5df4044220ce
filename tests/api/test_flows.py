"""Flows over REST: what is silent and why, page by page, and only to those who may see the account."""

from datetime import timedelta

from api.house import House
from builders import NOON
from packline.storage.flows import SETTLE, FlowWatch

LATER = NOON + timedelta(hours=1)


async def silence(house: House) -> None:
    """Have two listings that were read at noon, and somebody who looks an hour later."""
    pool = house.services.pool
    await pool.execute("insert into location (account_id, id) values ('acme-in', 'EXSX') on conflict do nothing")
    await pool.execute(
        "insert into intake_cursor (account_id, location_id, status, succeeded_at)"
        " values ('acme-in', 'EXSX', 'ACCEPTED', $1), ('acme-in', 'EXSX', 'SHIPPED', $2)",
        NOON,
        LATER,
    )
    await pool.execute("insert into ownership (account_id, epoch, taken_at) values ('acme-in', 1, $1)", LATER)
    seen = LATER - timedelta(minutes=1)
    await pool.execute("update flow_watch set looked_at = $1, awake_since = $2", seen, seen - SETTLE)
    assert await FlowWatch(pool).look(LATER)


async def test_a_silent_flow_is_listed_with_its_cause(house: House) -> None:
    """Each listing stands for itself; the filter leaves those that speak out."""
    await silence(house)
    told = (await house.client.get("/v1/flows", params={"account": "acme-in"})).json()["items"]
    assert {row["subject"]: row["state"] for row in told if row["flow"] == "polling"} == {
        "EXSX ACCEPTED": "silent",
        "EXSX SHIPPED": "ok",
    }
    [row] = (await house.client.get("/v1/flows", params={"silent": "true"})).json()["items"]
    assert (row["account"], row["flow"], row["cause"]) == ("acme-in", "polling", "unknown")
    assert row["says"]
    assert row["expected_at"] < row["silent_since"]


async def test_flows_come_page_by_page(house: House) -> None:
    """The key is account, flow and subject; a cursor that is not ours is refused."""
    await silence(house)
    first = (await house.client.get("/v1/flows", params={"limit": 1})).json()
    second = (await house.client.get("/v1/flows", params={"limit": 1, "after": first["next"]})).json()
    assert first["items"][0]["subject"] == "EXSX ACCEPTED"
    assert second["items"][0]["subject"] == "EXSX SHIPPED"
    assert (await house.client.get("/v1/flows", params={"after": "WyJ4Il0"})).status_code == 422


async def test_flows_of_other_accounts_are_not_shown(house: House) -> None:
    """A key of another account sees nothing of this one, and no endpoint, which serves all of them."""
    await silence(house)
    await house.services.pool.execute("insert into flow (account_id, name, subject) values ('', 'webhooks', 'whk_1')")
    elsewhere, here = await house.key(accounts=("other",)), await house.key(accounts=("acme-in",))
    seen = [(await house.client.get("/v1/flows", headers=key)).json()["items"] for key in (elsewhere, here)]
    assert seen[0] == []
    assert {row["flow"] for row in seen[1]} == {"polling"}
