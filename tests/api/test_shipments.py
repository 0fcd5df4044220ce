"""Reading shipments: lists, one in full, documents, timeline, explanation."""

import asyncio

import pytest
from msgspec.structs import replace

from api.house import House
from builders import at, package
from packline.domain import events as ev
from packline.domain.location import Location
from packline.domain.shipment import Goal, Problem, Status


async def test_a_list_pages_by_key_in_both_directions(house: House):
    """Following `next` gives every shipment once, in order, and then nothing."""
    for n in range(7):
        await house.shipment(f"S-{n}", ship_by=at(60 * (n % 3)) if n else None)
    for sort in ("ship_by", "-ship_by", "received_at", "-received_at"):
        seen, after = [], None
        while True:
            answer = await house.client.get(
                "/v1/shipments", params={"sort": sort, "limit": 2} | ({"after": after} if after else {})
            )
            body = answer.json()
            seen += [row["amazon_id"] for row in body["items"]]
            after = body["next"]
            if after is None:
                break
        assert sorted(seen) == [f"S-{n}" for n in range(7)], sort
        assert len(seen) == 7
        if sort.endswith("ship_by"):
            assert seen[-1] == "S-0"  # without a ship-by, at the end


async def test_filters_choose_shipments(house: House):
    """Each filter narrows the list."""
    one = await house.shipment("S-1", status="ACCEPTED", order_id="O-1")
    two = await house.shipment("S-2", program="self_ship", order_id="O-2")
    await house.happen(two.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.labeled(two.id)
    await house.happen(one.id, ev.AnomalyFound(Problem("impossible_move", "Odd.", "Look.", at(2))))
    for query, expected in (
        ({"status": "ACCEPTED"}, ["S-1"]),
        ({"status": ["ACCEPTED", "CONFIRMED"]}, ["S-1", "S-2"]),
        ({"program": "self_ship"}, ["S-2"]),
        ({"order_id": "O-1"}, ["S-1"]),
        ({"amazon_id": "S-2"}, ["S-2"]),
        ({"tracking_id": "TRK-1"}, ["S-2"]),
        ({"problem": "impossible_move"}, ["S-1"]),
        ({"has_problem": "false"}, ["S-2"]),
        ({"goal": "labeled"}, ["S-2"]),
        ({"location": "NOWHERE"}, []),
        ({"ship_by_after": at(601).isoformat()}, []),
    ):
        answer = await house.client.get("/v1/shipments", params=query)
        assert sorted(row["amazon_id"] for row in answer.json()["items"]) == expected, query


async def test_pharmacy_is_told_by_its_location(house: House):
    """No shipment says that it is Pharmacy: what a location is named lists all that it ships."""
    account = house.services.accounts
    await account.put_location(Location("acme-in", "PHX1", programs=("pharmacy",)))
    await house.shipment("S-1", program="easy_ship", location="PHX1")
    await house.shipment("S-2", program="easy_ship")
    for program, expected in (("pharmacy", ["S-1"]), ("easy_ship", ["S-1", "S-2"]), ("local_shops", [])):
        answer = await house.client.get("/v1/shipments", params={"program": program})
        assert sorted(row["amazon_id"] for row in answer.json()["items"]) == expected, program


@pytest.mark.parametrize("name", ["id", "amazon_id", "order_id"])
async def test_a_shipment_is_found_by_whatever_is_at_hand(house: House, name: str):
    """Our id, Amazon's id and an order id that names one shipment all work."""
    made = await house.shipment()
    row = (await house.client.get(f"/v1/shipments/{getattr(made, name)}")).json()
    assert row["id"] == made.id
    assert row["lines"][0]["sku"] == "KURTA-M"
    assert row["recommended"][0]["box"]["weight_g"] == 850
    assert row["sentence"].endswith("Waits for a packer.")


async def test_an_order_of_several_shipments_is_ambiguous(house: House):
    """A name that fits several is refused with their ids."""
    first, _ = await house.shipment("S-1"), await house.shipment("S-2")
    answer = await house.client.get(f"/v1/shipments/{first.order_id}")
    assert (answer.status_code, answer.json()["reason"]) == (409, "ambiguous")
    assert first.id in answer.json()["detail"]


async def test_a_document_comes_with_type_and_name(house: House):
    """A label is served as ZPL under a name that can be found again."""
    made = await house.shipment()
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.labeled(made.id)
    listed = (await house.client.get(f"/v1/shipments/{made.id}/documents")).json()["items"]
    assert [d["name"] for d in listed] == ["S-1-label-PKG-1.zpl"]
    for handle in (listed[0]["id"], listed[0]["name"]):
        answer = await house.client.get(f"/v1/shipments/{made.id}/documents/{handle}/content")
        assert answer.headers["content-type"] == "application/zpl"
        assert answer.content.startswith(b"^XA")
        assert "S-1-label-PKG-1.zpl" in answer.headers["content-disposition"]
    missing = await house.client.get(f"/v1/shipments/{made.id}/documents/none/content")
    assert missing.status_code == 404


async def test_the_timeline_merges_events_and_calls(house: House):
    """One column, newest first, and `after` goes further back without gaps."""
    made = await house.shipment()
    for n in range(3):
        await house.called(made.id, n=n)
    await house.happen(made.id, replace(ev.Stuck(Problem("x", "Odd.", "Look.", at(1)), stop=True)))
    everything = (await house.client.get(f"/v1/shipments/{made.id}/timeline")).json()
    assert {entry["what"] for entry in everything["items"]} == {"event", "call"}
    seen, after = [], None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        body = (await house.client.get(f"/v1/shipments/{made.id}/timeline", params=params)).json()
        seen += body["items"]
        after = body["next"]
        if after is None:
            break
    assert seen == everything["items"]


async def test_explain_tells_the_queue_before_a_call(house: House):
    """A shipment that waits for quota says so, with how long."""
    made = await house.shipment()
    await house.happen(made.id, ev.GoalSet(Goal.LABELED, at(1), packages=(package(),)))
    await house.called(made.id, status=429)
    told = (await house.client.get(f"/v1/shipments/{made.id}/explain")).json()
    assert "Waits for Amazon's quota of createPackages: 4 in line" in told["sentence"]
    assert told["waits_for"] == "packline"
    assert told["tried"][0].startswith("createPackages just now: 429")


async def test_the_overview_counts_by_next_action(house: House):
    """What a person should do next, with the next ship-by."""
    await house.shipment("S-1", status="ACCEPTED")
    await house.shipment("S-2")
    rows = (await house.client.get("/v1/overview")).json()["items"]
    counts = {row["action"]: row["count"] for row in rows}
    assert (counts["confirm"], counts["pack"], counts["failed"]) == (1, 1, 0)


async def test_calls_are_listed_by_filter_and_key(house: House):
    """The call log pages by key, for one shipment and for all accounts."""
    made = await house.shipment()
    for n in range(5):
        await house.called(made.id, status=500 if n == 3 else 204, n=n)
    for path in ("/v1/calls", f"/v1/shipments/{made.id}/calls"):
        seen, after = [], None
        while True:
            params = {"limit": 2} | ({"after": after} if after else {})
            body = (await house.client.get(path, params=params)).json()
            seen += [call["request_id"] for call in body["items"]]
            after = body["next"]
            if after is None:
                break
        assert seen == [f"rid-{n}" for n in (4, 3, 2, 1, 0)]
    failed = (await house.client.get("/v1/calls", params={"failed": "true"})).json()["items"]
    assert [call["status"] for call in failed] == [500]
    for params, found in (({"failed": "false"}, 4), ({"failed": "false", "status": 500}, 0), ({"status": 500}, 1)):
        assert len((await house.client.get("/v1/calls", params=params)).json()["items"]) == found, params


async def test_a_bound_key_sees_only_its_own(house: House):
    """Accounts and locations outside the key's scope do not exist for it."""
    made = await house.shipment()
    await house.called(made.id)
    elsewhere = await house.key("packer", locations=("OTHER",))
    here = await house.key("packer", accounts=("acme-in",), locations=("EXSB",))
    for headers, count in ((elsewhere, 0), (here, 1)):
        for path in ("/v1/shipments", "/v1/calls", "/v1/locations"):
            body = (await house.client.get(path, headers=headers)).json()
            assert len(body["items"]) == count, path
    assert (await house.client.get(f"/v1/shipments/{made.id}", headers=elsewhere)).status_code == 404
    assert (await house.client.post(f"/v1/shipments/{made.id}/pack", headers=elsewhere)).status_code == 404


async def test_a_reader_does_not_see_the_address(house: House):
    """The address is for those who pack."""
    made = await house.shipment()
    reader, packer = await house.key("reader"), await house.key("packer")
    assert (await house.client.get(f"/v1/shipments/{made.id}", headers=reader)).json()["ship_to"] == {}
    shown = (await house.client.get(f"/v1/shipments/{made.id}", headers=packer)).json()
    assert shown["ship_to"]["postal_code"] == "560001"


async def test_statuses_are_amazons_words(house: House):
    """A list shows Amazon's spelling."""
    await asyncio.gather(*(house.shipment(f"S-{s}", status=s) for s in Status if s is not Status.CANCELLED))
    body = (await house.client.get("/v1/shipments")).json()
    assert {row["status"] for row in body["items"]} == set(Status) - {"CANCELLED"}
