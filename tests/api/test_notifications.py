"""Notifications over HTTP: queues, setup, status, check, and who may."""

import packline
from api.house import House

ARN = "arn:aws:sqs:eu-west-1:123456789012:packline"


async def queue(house: House, **given: object) -> None:
    body = {"arn": ARN, "access_key": "AKIAEXAMPLE", "secret_key": "s3cret", **given}
    assert (await house.client.put("/v1/notifications/queues/main", json=body)).status_code == 200


async def test_a_queue_is_named_once_and_its_key_is_never_shown(house: House) -> None:
    """Region and address come from the ARN; the key is stored encrypted and stays when the queue is written again."""
    await queue(house)
    again = await house.client.put("/v1/notifications/queues/main", json={"arn": ARN, "enabled": False})
    listed = (await house.client.get("/v1/notifications/queues")).json()["items"]
    stored = await house.services.pool.fetchval("select credentials from notification_queue")
    assert again.json()["enabled"] is False
    assert [(row["region"], row["url"]) for row in listed] == [
        ("eu-west-1", "https://sqs.eu-west-1.amazonaws.com/123456789012/packline")
    ]
    assert stored is not None
    assert b"s3cret" not in stored
    assert "s3cret" not in again.text


async def test_every_fault_of_a_queue_is_told_at_once(house: House) -> None:
    """The ARN, the address and half a key are three pointers of one answer."""
    body = {"arn": "arn:aws:sns:x", "url": "http://example.com/q", "access_key": "only"}
    answer = await house.client.put("/v1/notifications/queues/main", json=body)
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert pointers == {"/arn", "/url", "/access_key"}


async def test_setup_is_the_same_however_often(house: House) -> None:
    """The first makes destination and subscription, the second finds them; the status names the queue."""
    await queue(house)
    path = "/v1/accounts/acme-in/notifications"
    first = (await house.client.post(f"{path}/setup", json={})).json()["items"]
    second = (await house.client.post(f"{path}/setup", json={"queue": "main"})).json()["items"]
    status = (await house.client.get(path)).json()
    assert [(a["made"], b["made"]) for a, b in zip(first, second, strict=True)] == [(True, False)]
    assert first[0]["subscription_id"] == second[0]["subscription_id"]
    assert (status["queue"], status["polling"], status["why"]) == ("main", "wide", "no notification has come yet")


async def test_setup_without_a_queue_says_what_to_do(house: House) -> None:
    """There is nothing that Amazon could send into."""
    answer = await house.client.post("/v1/accounts/acme-in/notifications/setup", json={})
    assert answer.status_code == 404
    assert "packline notification queue" in answer.json()["hint"]


async def test_the_check_stops_at_what_is_not_set_up(house: House) -> None:
    """Red, with the command that mends it."""
    answer = (await house.client.post("/v1/accounts/acme-in/notifications/check", json={})).json()
    assert answer["ok"] is False
    assert [(row["check"], row["state"]) for row in answer["items"]] == [("setup", "bad")]
    assert "packline notification setup acme-in" in answer["items"][0]["cure"]


async def test_the_check_says_that_nobody_reads_the_queue(house: House) -> None:
    """A subscription without a worker is red, and no test is sent."""
    await queue(house)
    path = "/v1/accounts/acme-in/notifications"
    await house.client.post(f"{path}/setup", json={})
    rows = (await house.client.post(f"{path}/check", json={"wait_s": 0})).json()["items"]
    assert [row["check"] for row in rows if row["state"] == "bad"] == ["reader"]


async def test_stopping_ends_the_subscriptions(house: House) -> None:
    """Amazon sends nothing more; again is fine."""
    await queue(house)
    path = "/v1/accounts/acme-in/notifications"
    await house.client.post(f"{path}/setup", json={})
    assert len((await house.client.delete(path)).json()["types"]) == 1
    assert (await house.client.delete(path)).json()["types"] == []
    assert (await house.client.delete("/v1/notifications/queues/main")).status_code == 204
    assert (await house.client.delete("/v1/notifications/queues/main")).status_code == 404


async def test_only_an_admin_of_everything_sees_queues(house: House) -> None:
    """A queue serves all accounts, so a key of one account has no business there; its own status it may read."""
    bound = await house.key("admin", accounts=("acme-in",))
    reader = await house.key("reader")
    assert (await house.client.get("/v1/notifications/queues", headers=bound)).status_code == 403
    assert (await house.client.get("/v1/notifications/queues", headers=reader)).status_code == 403
    assert (await house.client.get("/v1/accounts/acme-in/notifications", headers=bound)).status_code == 200
    stranger = await house.key("admin", accounts=("other",))
    assert (await house.client.get("/v1/accounts/acme-in/notifications", headers=stranger)).status_code == 404
    assert (await house.client.get("/v1/notifications", headers=stranger)).json()["items"] == []


async def test_the_client_sets_up_and_checks(house: House, address: str) -> None:
    """From Python, the same."""
    await queue(house)
    key = house.client.headers["authorization"].removeprefix("Bearer ")
    async with packline.Client(address, key) as client:
        (settled,) = (await client.set_up_notifications("acme-in"))["items"]
        checked = await client.check_notifications("acme-in", wait_s=0)
        status = await client.get("/v1/accounts/acme-in/notifications")
    assert settled["made"] is True
    assert checked["ok"] is False
    assert status["types"] == [settled["type"]]
