"""/v1/returns: lists, the dock's work, photos, passwords, and who may see what."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from api.house import House
from packline.client import Client
from packline.domain.returns import Password, return_id
from packline.errors import Denied
from packline.ports import Ownership
from storage.test_returns import seen

ITEM = return_id("acme-in", "R-1")
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture(autouse=True)
async def one_return(house: House) -> None:
    """Have a return that was delivered and carries a password."""
    now = house.services.clock.now()
    await house.services.pool.execute(
        "insert into ownership (account_id, epoch, worker, taken_at) values ('acme-in', 1, 'test', now())"
    )
    told = replace(seen("DELIVERED"), password=Password("481516", now + timedelta(hours=1)))
    assert await house.services.returns.save(Ownership("acme-in", 1), [told], now) == 1


async def test_a_return_is_listed_found_received_and_restocked(house):
    """By our id, Amazon's, its RMA or its tracking id; the same Idempotency-Key counts once."""
    listed = (await house.client.get("/v1/returns", params={"stage": "to_receive"})).json()["items"]
    assert [(row["id"], row["stage"], row["kind"]) for row in listed] == [(ITEM, "expected", "customer")]
    for name in (ITEM, "R-1", "RMA-1", "REV-1"):
        assert (await house.client.get(f"/v1/returns/{name}")).json()["id"] == ITEM
    body = {"pieces": [{"units": 1}, {"units": 1, "condition": "defective", "bin": "Q-1"}], "note": "torn"}
    headers = {"Idempotency-Key": "scan-1"}
    first = await house.client.post(f"/v1/returns/{ITEM}/receive", json=body, headers=headers)
    again = await house.client.post(f"/v1/returns/{ITEM}/receive", json=body, headers=headers)
    assert first.json() == again.json()
    assert (first.json()["outcome"], first.json()["awaited_units"]) == ("restocked", 1)
    held = {"pieces": [{"units": 1}], "restock": False, "reference": "my-7"}
    for outcome in ("received", "known"):
        answer = await house.client.post(f"/v1/returns/{ITEM}/receive", json=held)
        assert answer.json()["outcome"] == outcome
    done = await house.client.post(f"/v1/returns/{ITEM}/restock", json={})
    assert done.json()["restocked"] == [{"condition": "sellable", "units": 1, "before": 1, "after": 2}]
    shown = (await house.client.get(f"/v1/returns/{ITEM}")).json()
    assert (shown["stage"], len(shown["receipts"]), shown["restocked_units"]) == ("received", 3, 3)
    assert shown["receipts"][1]["note"] == "torn"


async def test_a_misspelt_status_is_refused(house):
    """An empty list would say that nothing came."""
    answer = await house.client.get("/v1/returns", params={"status": ["DELIVERED", "DELIVRED"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/status/1")


async def test_too_many_units_are_denied_with_the_way_out(house):
    """Problem details name the reason."""
    answer = await house.client.post(f"/v1/returns/{ITEM}/receive", json={"pieces": [{"units": 4}]})
    assert (answer.status_code, answer.json()["reason"]) == (409, "return_too_many")
    bad = await house.client.post(f"/v1/returns/{ITEM}/receive", json={"pieces": [{"units": 1, "condition": "new"}]})
    assert bad.status_code == 422


async def test_the_password_is_for_packers_only_and_nobody_keeps_it(house):
    """Not in lists, not for readers, not under an Idempotency-Key; each look is recorded with its key."""
    for path in ("/v1/returns", f"/v1/returns/{ITEM}"):
        assert "481516" not in (await house.client.get(path)).text
    reader = await house.key("reader")
    assert (await house.client.post(f"/v1/returns/{ITEM}/password", headers=reader)).status_code == 403
    told = await house.client.post(f"/v1/returns/{ITEM}/password", headers={"Idempotency-Key": "k"})
    assert told.json()["password"] == "481516"
    assert told.headers["cache-control"] == "no-store"
    assert await house.services.pool.fetchval("select count(*) from idempotency where body is not null") == 0
    looks = (await house.client.get(f"/v1/returns/{ITEM}")).json()["looks"]
    assert len(looks) == 1
    assert looks[0]["by"].startswith("key_")


async def test_a_key_of_another_place_sees_nothing(house):
    """Not in the list, not by name, not to receive."""
    other = await house.key("packer", locations=("ELSEWHERE",))
    assert (await house.client.get("/v1/returns", headers=other)).json()["items"] == []
    assert (await house.client.get(f"/v1/returns/{ITEM}", headers=other)).status_code == 404
    body = {"pieces": [{"units": 1}]}
    assert (await house.client.post(f"/v1/returns/{ITEM}/receive", json=body, headers=other)).status_code == 404


async def test_photos_are_kept_once_and_must_be_photos(house):
    """The bytes come back as they were; something else is refused."""
    for _ in range(2):
        made = await house.client.post(f"/v1/returns/{ITEM}/photos", params={"name": "box.png"}, content=PNG)
        assert (made.status_code, made.json()["media_type"]) == (201, "image/png")
    shown = (await house.client.get(f"/v1/returns/{ITEM}")).json()["photos"]
    assert [(row["name"], row["size"]) for row in shown] == [("box.png", len(PNG))]
    content = await house.client.get(f"/v1/returns/{ITEM}/photos/{shown[0]['id']}/content")
    assert (content.content, content.headers["content-type"]) == (PNG, "image/png")
    refused = await house.client.post(f"/v1/returns/{ITEM}/photos", content=b"<html>")
    assert (refused.status_code, refused.json()["reason"]) == (422, "return_not_a_photo")


async def test_the_client_does_the_docks_work(house, address):
    """List, read, receive, restock, photo and password from Python."""
    key = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, key) as client:
        assert [row["id"] async for row in client.returns(stage="to_receive")] == [ITEM]
        done = await client.receive_return(ITEM, [{"units": 3}], restock=False)
        assert done["awaited_units"] == 0
        assert (await client.restock_return(ITEM))["outcome"] == "restocked"
        assert (await client.add_return_photo(ITEM, PNG, name="a.png"))["size"] == len(PNG)
        assert (await client.return_password(ITEM))["password"] == "481516"
        assert (await client.return_of("R-1"))["stage"] == "received"
        with pytest.raises(Denied):
            await client.receive_return(ITEM, [{"units": 1}])
