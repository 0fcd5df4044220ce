"""Keys, roles, shares, accounts, and how errors look."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest
from starlette.responses import Response

from api.house import House, open_house
from packline.amazon.spapi.usage_plans import PRESETS
from packline.api.app import create_app
from packline.domain.location import USAGE_PLANS
from packline.storage.lanes import save_lanes

NEW_ACCOUNT = {
    "name": "Bazaar",
    "seller_id": "A2SELLER",
    "region": "EU",
    "marketplaces": ["A21TJRUUN4KGV"],
    "endpoint": "http://127.0.0.1:9",
    "token_url": "http://127.0.0.1:9/token",
    "credentials": {"client_id": "c", "client_secret": "s3cr3t", "refresh_token": "Atzr|x"},
}


async def test_a_request_without_a_key_is_refused(house: House):
    """Everything under /v1 but health and error pages needs a key."""
    nobody = {"Authorization": ""}
    answer = await house.client.get("/v1/shipments", headers=nobody)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "Bearer" in answer.headers["www-authenticate"]
    assert (await house.client.get("/v1/health", headers=nobody)).json()["status"] == "ok"
    assert (await house.client.get("/v1/errors/denied", headers=nobody)).json()["status"] == 409


async def test_a_key_is_shown_once_and_can_be_revoked(house: House):
    """The secret is in the answer that made it, and nowhere else."""
    made = (await house.client.post("/v1/api_keys", json={"name": "Bench", "role": "packer"})).json()
    listed = (await house.client.get("/v1/api_keys")).text
    assert made["secret"] not in listed
    assert await house.services.pool.fetchval("select count(*) from api_key where hash::text like '%pk_%'") == 0
    assert (await house.client.delete(f"/v1/api_keys/{made['id']}")).status_code == 204
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert (await house.client.get("/v1/shipments", headers=headers)).status_code == 401


async def test_an_expired_key_is_refused(house: House):
    """A key ends when it said it would."""
    headers = await house.key("reader", expires_at=house.services.clock.now() + timedelta(days=1))
    await house.services.pool.execute(
        "update api_key set expires_at = now() - interval '1 second' where name = 'other'"
    )
    assert (await house.client.get("/v1/shipments", headers=headers)).status_code == 401


async def test_only_an_admin_of_everything_makes_keys(house: House):
    """A bound key cannot make one that is not."""
    operator, bound = await house.key("operator"), await house.key("admin", accounts=("acme-in",))
    for headers in (operator, bound):
        answer = await house.client.post("/v1/api_keys", json={"name": "x"}, headers=headers)
        assert answer.status_code == 403


async def test_each_key_has_its_share_of_requests(pool: asyncpg.Pool):
    """A key that asks too much is told so, with what is left in every answer."""
    async with open_house(pool, burst=3, requests_per_second=0.01) as house:
        answers = [await house.client.get("/v1/accounts") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"key";r=2')
    assert answers[3].headers["retry-after"] == "1"
    assert answers[3].json()["code"] == "too_many_requests"


async def test_an_account_is_added_changed_paused_and_removed(house: House):
    """Accounts are data, and their credentials are never shown."""
    made = await house.client.post("/v1/accounts", json=NEW_ACCOUNT)
    assert made.status_code == 201
    path = f"/v1/accounts/{made.json()['id']}"
    assert (await house.client.post("/v1/accounts", json=NEW_ACCOUNT)).status_code == 409
    assert (await house.client.patch(path, json={"name": "Bazaar 2"})).json()["name"] == "Bazaar 2"
    paused = await house.client.post(f"{path}/pause", json={"reason": "holiday"})
    assert paused.json()["paused_reason"] == "holiday"
    assert (await house.client.get("/v1/health")).json()["status"] == "degraded"
    assert (await house.client.post(f"{path}/resume")).json()["paused_reason"] is None
    assert "s3cr3t" not in (await house.client.get("/v1/accounts")).text
    assert (await house.client.delete(path)).status_code == 204
    assert (await house.client.get(path)).status_code == 404


async def test_an_account_keeps_its_credentials_from_plain_http(house: House):
    """Credentials travel over https, or stay on this machine."""
    answer = await house.client.post("/v1/accounts", json=NEW_ACCOUNT | {"endpoint": "http://example.com"})
    assert answer.json()["errors"][0]["pointer"] == "/endpoint"


async def test_a_location_is_set_and_removed(house: House):
    """A location is named by Amazon's id; what cannot be is refused with pointers."""
    path = "/v1/accounts/acme-in/locations/BLR7"
    body = {"timezone": "Asia/Kolkata", "slot_policy": "window", "slot_from": "14:00", "slot_to": "18:00"}
    assert (await house.client.put(path, json=body)).json()["slot_from"] == "14:00"
    bad = await house.client.put(path, json={"timezone": "Mars/Base", "slot_from": "25:00"})
    assert [fault["pointer"] for fault in bad.json()["errors"]] == ["/timezone", "/slot_from", "/slot_to"]
    assert (await house.client.delete(path)).status_code == 204
    assert (await house.client.delete(path)).status_code == 404


async def test_an_unknown_path_is_a_problem_too(house: House):
    """Every error has the same form."""
    answer = await house.client.get("/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_broken_cursor_is_refused(house: House):
    """A cursor that we did not give is bad input, not a crash."""
    for path in ("/v1/shipments", "/v1/commands", "/v1/calls", "/v1/events", "/v1/parked"):
        answer = await house.client.get(path, params={"after": "rubbish!"})
        assert answer.status_code == 422, path


async def test_quotas_show_who_waits(house: House):
    """Each lane with its level and its queue."""
    lanes = (await house.client.get("/v1/quotas", params={"account": "acme-in"})).json()["items"]
    assert (lanes[0]["operation"], lanes[0]["waiting"]) == ("createPackages", 4)


async def test_a_parked_record_keeps_its_bytes(house: House):
    """What could not be read can be looked at."""
    await house.services.pool.execute(
        "insert into parked (account_id, source, hash, body, reason, created_at)"
        " values ('acme-in', 'sweep', 'h', '{\"id\": 3}', 'no status', now())"
    )
    row = (await house.client.get("/v1/parked")).json()["items"][0]
    assert (row["reason"], row["size"]) == ("no status", 9)
    body = await house.client.get(f"/v1/parked/{row['id']}/body")
    bound = await house.key("operator", locations=("EXSB",))
    refused = await house.client.get(f"/v1/parked/{row['id']}/body", headers=bound)
    assert (refused.status_code, "only some locations" in refused.text) == (403, True)
    assert body.content == b'{"id": 3}'
    elsewhere = await house.key("operator", accounts=("other",))
    path = f"/v1/parked/{row['id']}/resolve"
    assert (await house.client.post(path, headers=elsewhere)).status_code == 404
    assert (await house.client.post(path)).status_code == 204
    assert (await house.client.get("/v1/parked")).json()["items"] == []


async def test_quotas_are_seen_from_another_process(house: House):
    """An owner writes its lanes down; what is old shows nobody waiting."""
    services = house.services
    lane = {"operation": "getShipment", "rate": 2.0, "burst": 4.0, "level": 0.5, "waiting": 3, "eta": 1.5}
    await save_lanes(services.pool, {"acme-in": [lane], "empty": []}, services.clock.now())
    services.gateway.lanes = ()  # type: ignore[attr-defined]
    for waiting in (3, 0):
        rows = (await house.client.get("/v1/accounts/acme-in/quotas")).json()["items"]
        assert [row["waiting"] for row in rows] == [waiting]
        await services.pool.execute("update lane_snapshot set at = at - interval '1 minute'")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/documents/nope", 404), ("POST", "/v1/nope", 404), ("DELETE", "/v1/shipments/x", 405)],
)
async def test_what_no_route_takes_never_reaches_the_console(house: House, method: str, path: str, status: int):
    """A sign-in page answered 200 to a misspelt path."""
    app = create_app(house.services)
    app.mount("/", Response("console"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://house", headers=house.client.headers
    ) as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.headers.get("allow") == "GET") == (status == 405)


async def test_a_body_beyond_all_needs_is_not_read(house: House):
    """413 after the first 16 MB, whether its length was told or not."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield bytes(1 << 20)

    answer = await house.client.post("/v1/shipments/bulk/confirm", content=endless())
    assert answer.status_code == 413


async def test_a_fault_points_into_the_body_as_it_was_sent(house: House):
    """No name of a branch of our own types stands in a pointer, and broken JSON is said to be that."""
    box = {"length_cm": "x", "width_cm": 1, "height_cm": 1, "weight_g": 1}
    answer = await house.client.post("/v1/shipments/x/pack", json={"packages": [{"box": box, "lines": []}]})
    pointers = [fault["pointer"] for fault in answer.json()["errors"]]
    assert "/packages/0/box/length_cm" in pointers
    answer = await house.client.post(
        "/v1/shipments/x/pack", content=b"{x", headers={"content-type": "application/json"}
    )
    assert "not JSON" in answer.json()["errors"][0]["message"]


async def test_an_account_with_an_unknown_plan_or_a_seller_that_is_there_is_refused(house: House):
    """The plan would stop its worker; a second account would take in every order twice."""
    body = {"name": "A", "seller_id": "A1TWIN", "region": "EU", "marketplaces": ["A21TJRUUN4KGV"]}
    body["credentials"] = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    wrong = await house.client.post("/v1/accounts", json={**body, "usage_plan": "endless"})
    assert wrong.json()["errors"][0]["pointer"] == "/usage_plan"
    first = await house.client.post("/v1/accounts", json={**body, "id": "one"})
    again = await house.client.post("/v1/accounts", json={**body, "id": "two"})
    assert (first.status_code, again.status_code) == (201, 409)


def test_the_plans_that_an_account_may_have_are_those_that_the_client_knows():
    """One list for people, one for the gateway."""
    assert tuple(PRESETS) == USAGE_PLANS


async def test_a_database_that_is_away_is_told_with_when_to_come_back(house: House):
    """503 with Retry-After, not an error of our own: the same request may be sent again."""
    await house.services.pool.close()
    answer = await house.client.get("/v1/shipments")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_away")
    assert int(answer.headers["Retry-After"]) > 0
