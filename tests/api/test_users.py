"""People and the audit over REST and by the client; looks of systems at personal data."""

import re
from typing import Any

import pytest
from argon2 import PasswordHasher

from api.house import House
from packline.client import Client, People
from packline.domain.audit import AuditKind, Entry
from packline.domain.identity import Identity
from packline.errors import NotFound
from packline.storage import passwords
from packline.storage.identities import Identities

WORD = "seven green parcels"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least that Argon2 takes."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(1, 8, 1))


async def add(house: House, name: str = "asha", role: str = "packer", **given: Any) -> dict[str, Any]:
    answer = await house.client.post("/v1/users", json={"name": name, "role": role, **given})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def connect(house: House, person: str) -> None:
    """Connect a person with an identity provider, as a sign-in does."""
    identity, now = Identity("https://login.example", "subject-1", "asha"), house.services.clock.now()
    entry = Entry(now, "test", AuditKind.ACT, "users.connect", "asha")
    await Identities(house.services.pool).bind(person, identity, entry)


async def test_a_person_is_added_changed_and_disabled(house: House):
    """The link is in the answer that made it and nowhere else; an empty list takes limits away."""
    made = await add(house, full_name="Asha of the bench", accounts=["acme-in"])
    assert re.fullmatch(r"http://packline/welcome/[\w-]{32}", made["link"])
    assert made["link"].rpartition("/")[2] not in (await house.client.get("/v1/users")).text
    path = f"/v1/users/{made['id']}"
    assert (await house.client.get(path)).json()["link_until"] is not None
    changed = (await house.client.patch(path, json={"role": "manager", "accounts": []})).json()
    assert (changed["role"], changed["accounts"], changed["full_name"]) == ("manager", None, "Asha of the bench")
    assert (await house.client.patch("/v1/users/ASHA", json={"disabled": True})).json()["disabled_at"] is not None
    refused = await house.client.post(f"{path}/link")
    assert (refused.status_code, refused.json()["reason"]) == (422, "person_disabled")
    listed = (await house.client.get("/v1/users", params={"disabled": "true"})).json()["items"]
    assert [row["name"] for row in listed] == ["asha"]


async def test_a_name_is_never_given_to_somebody_else(house: House):
    """It says in the audit who it was; small and large letters are the same name."""
    await add(house)
    answer = await house.client.post("/v1/users", json={"name": "Asha", "role": "viewer"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "name_taken")


async def test_what_cannot_be_is_refused_with_pointers(house: House):
    """All faults at once where the body can be read."""
    answer = await house.client.post("/v1/users", json={"name": "A sha!", "role": "packer"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/name"]
    other = await house.client.post("/v1/users", json={"name": f"{(await add(house, 'ravi'))['id']}", "role": "packer"})
    assert other.status_code == 422  # a name that is somebody's id would name two people
    answer = await house.client.post("/v1/users", json={"name": "asha", "role": "boss"})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/role"]
    assert (await house.client.get("/v1/users/nobody")).status_code == 404


async def test_people_page_by_key(house: House):
    """In the order of names, each once."""
    for name in ("cc", "aa", "bb"):
        await add(house, name)
    first = (await house.client.get("/v1/users", params={"limit": 2})).json()
    second = (await house.client.get("/v1/users", params={"limit": 2, "after": first["next"]})).json()
    assert [row["name"] for row in first["items"] + second["items"]] == ["aa", "bb", "cc"]
    assert second["next"] is None


async def test_only_an_admin_of_everything_changes_people(house: House):
    """An operator's key and a bound admin's are refused; a packer's key does not read the audit."""
    for headers in (await house.key("operator"), await house.key("admin", accounts=("acme-in",))):
        assert (await house.client.get("/v1/users", headers=headers)).status_code == 403
        assert (
            await house.client.post("/v1/users", json={"name": "x1", "role": "admin"}, headers=headers)
        ).status_code == 403
    assert (await house.client.get("/v1/audit", headers=await house.key("packer"))).status_code == 403
    assert (await house.client.get("/v1/audit", headers=await house.key("operator"))).status_code == 200


async def test_the_audit_tells_what_was_written_and_refused(house: House):
    """Each write of the API that is no command, with who asked and what came of it; reads are not in it."""
    admin = await house.services.pool.fetchval("select id from api_key")
    made = (await house.client.post("/v1/api_keys", json={"name": "Bench", "role": "packer"})).json()
    await house.client.delete(f"/v1/api_keys/{made['id']}")
    await house.client.delete("/v1/api_keys/key_none")
    await house.client.post("/v1/webhooks", json={"url": "nonsense"})
    reader = await house.key("reader")
    await house.client.post("/v1/webhooks", json={"url": "https://example.com/x"}, headers=reader)
    rows = (await house.client.get("/v1/audit", params={"kind": "act"})).json()["items"]
    told = [(row["act"], row["outcome"], row["who"] == admin) for row in reversed(rows)]
    assert told == [
        ("api_keys.add", "done", True),
        ("api_keys.remove", "done", True),
        ("api_keys.remove", "not_found", True),
        ("webhooks.add", "invalid", True),
        ("webhooks.add", "forbidden", False),
    ]
    assert rows[-2]["subject"] == made["id"]
    assert rows[-1]["name"] == "admin"


async def test_a_command_is_in_the_audit_once(house: House):
    """Its ticket is the record; the audit shows it with who asked."""
    shipment = await house.shipment("S-5")
    await house.client.post(f"/v1/shipments/{shipment.id}/pack", json={})
    rows = (await house.client.get("/v1/audit", params={"shipment": "S-5"})).json()["items"]
    assert [(row["act"], row["name"], row["amazon_id"], row["outcome"]) for row in rows] == [
        ("shipments.pack", "admin", "S-5", "under way")
    ]


async def test_the_audit_pages_by_key_through_acts_and_commands(house: House):
    """Each line once, the newest first, whichever table it comes from."""
    for number in range(3):
        shipment = await house.shipment(f"S-{number}")
        await house.client.post(f"/v1/shipments/{shipment.id}/pack", json={})
        await add(house, f"person{number}")
    seen: list[dict[str, Any]] = []
    after = None
    while True:
        query = {"limit": 2, "kind": "act"} | ({"after": after} if after else {})
        page = (await house.client.get("/v1/audit", params=query)).json()
        seen += page["items"]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len({row["id"] for row in seen}) == 9  # a pack, a person and a link, three times
    assert [row["at"] for row in seen] == sorted((row["at"] for row in seen), reverse=True)


async def test_a_bound_key_reads_only_what_concerns_its_account(house: House):
    """Who signed in and which keys were made concerns the whole house."""
    shipment = await house.shipment()
    await house.client.post(f"/v1/shipments/{shipment.id}/pack", json={})
    await house.client.post("/v1/api_keys", json={"name": "Bench", "role": "packer"})
    own = await house.key("operator", accounts=("acme-in",))
    other = await house.key("operator", accounts=("other",))
    assert [r["act"] for r in (await house.client.get("/v1/audit", headers=own)).json()["items"]] == ["shipments.pack"]
    assert (await house.client.get("/v1/audit", headers=other)).json()["items"] == []


async def test_each_look_of_a_key_is_written_down(house: House):
    """The address in the answer, a label's bytes, a printed file: who, which shipment, what."""
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    path = f"/v1/shipments/{shipment.id}"
    assert (await house.client.get(path)).json()["ship_to"]
    name = (await house.client.get(f"{path}/documents")).json()["items"][0]["id"]
    assert (await house.client.get(f"{path}/documents/{name}/content")).status_code == 200
    rows = (await house.client.get("/v1/audit", params={"kind": "look"})).json()["items"]
    assert [(row["act"], row["name"], row["shipment"]) for row in rows] == [
        ("label", "admin", shipment.id),
        ("address", "admin", shipment.id),
    ]
    assert "label" in rows[0]["subject"]


async def test_a_reader_key_sees_neither_address_nor_label(house: House):
    """And no look is written down, because there was none."""
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    reader, path = await house.key("reader"), f"/v1/shipments/{shipment.id}"
    assert (await house.client.get(path, headers=reader)).json()["ship_to"] == {}
    name = (await house.client.get(f"{path}/documents", headers=reader)).json()["items"][0]["id"]
    refused = await house.client.get(f"{path}/documents/{name}/content", headers=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert await house.services.pool.fetchval("select count(*) from audit where kind = 'look'") == 0


async def test_the_client_knows_people_and_the_audit(house: House, address: str):
    """`People(client)` does what the routes do."""
    secret = house.client.headers["authorization"].split()[1]
    async with Client(address, secret) as client:
        people = People(client)
        made = await people.add("asha", "packer", full_name="Asha of the bench")
        assert made["link"].startswith(address)
        assert (await people.change("asha", role="support"))["role"] == "support"
        assert (await people.person(made["id"]))["name"] == "asha"
        assert [row["name"] async for row in people.people(role="support")] == ["asha"]
        assert (await people.link("asha"))["link"] != made["link"]
        await people.unlock("asha")
        assert await people.sessions("asha") == []
        assert await people.sign_out("asha") == 0
        with pytest.raises(NotFound):
            await people.disconnect("asha")
        await connect(house, made["id"])
        assert (await people.person("asha"))["provider"] == "https://login.example"
        await people.disconnect("asha")
        assert (await people.person("asha"))["provider"] is None
        acts = [row["act"] async for row in people.audit(kind="act", limit=3)]
    assert acts[:4] == ["users.disconnect", "users.connect", "users.sign_out", "users.unlock"]
    assert acts[-2:] == ["users.link", "users.add"]
