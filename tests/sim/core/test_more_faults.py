"""Spoiled answers, resets, refused tokens, and outages of all or part for a span."""

import http.client

import pytest

from packline_sim.exchange import ConnectionDropped
from packline_sim.faults import BadFault, FaultRule
from packline_sim.specs import LocationSpec
from sim.core.driving import BASE, INVENTORY
from sim.core.test_server import Running, running  # noqa: F401 - a fixture


@pytest.mark.parametrize(("kind", "reached"), [("reset", "ACCEPTED"), ("reset_after", "CONFIRMED")])
def test_a_reset_is_a_reset(running: Running, kind: str, reached: str) -> None:  # noqa: F811  the fixture
    """The caller's socket learns that the connection was reset, without or with the effect."""
    running.world.faults.add(FaultRule(kind=kind, limit=1))  # type: ignore[arg-type]
    with pytest.raises(ConnectionResetError) as told:
        running.request("POST", f"{running.path}?operation=CONFIRM")
    assert not isinstance(told.value, http.client.RemoteDisconnected), "an orderly end is no reset"
    assert running.shipment.status == reached
    assert running.request("GET", running.path)[0] == 200


async def test_a_reset_hides_a_refusal_too(client, order, world) -> None:
    """What would have been refused gets no answer either."""
    shipment = order(status="CREATED")
    world.cancel(shipment.shipment_id)
    world.faults.add(FaultRule(kind="reset_after"))
    with pytest.raises(ConnectionDropped):
        await client.confirm(shipment)


async def test_a_broken_answer_is_not_json(client, order, world) -> None:
    """It is complete as far as HTTP can tell, the work is done, and even an empty answer gets something broken."""
    shipment = order()
    world.faults.add(FaultRule(kind="broken"))
    read = await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")
    assert (read.status, int(read.headers["content-length"])) == (200, len(read.body))
    with pytest.raises(ValueError, match="truncated"):
        read.json()
    assert (await client.confirm(shipment)).body == b"{"
    assert shipment.status == "CONFIRMED"


async def test_a_page_of_html_instead_of_an_answer(client, order, world) -> None:
    """The status says success and the content is a page: the work was done all the same."""
    shipment = order()
    world.faults.add(FaultRule(kind="wrong_type"))
    answer = await client.confirm(shipment)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert shipment.status == "CONFIRMED"


async def test_tokens_can_be_refused(client, order, world) -> None:
    """403 for an access token that is well, 401 by the switch; at sign-in the refresh token is refused."""
    shipment = order()
    world.faults.add(FaultRule(kind="token_refused", limit=2))
    assert ((await client.confirm(shipment)).status, shipment.status) == (403, "ACCEPTED")
    world.switches.update({"bad_token": "401"})
    assert (await client.confirm(shipment)).code == "Unauthorized"
    assert (await client.confirm(shipment)).status == 204
    world.faults.add(FaultRule(kind="token_refused", operations=("requestAccessToken",), limit=1))
    refused = await client.sign_in()
    assert (refused.status, refused.json()["error"]) == (400, "invalid_grant")
    assert (await client.sign_in()).status == 200
    with pytest.raises(BadFault, match="carry tokens"):
        world.faults.add(FaultRule(kind="token_refused", operations=("downloadFile",)))


async def test_an_outage_begins_and_ends_by_itself(client, order, world) -> None:
    """Everything fails from its first moment to its last, sign-in too; before and after all is well."""
    shipment = order()
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    fault = world.faults.add(FaultRule(kind="503", operations=("*",), after_seconds=60, for_seconds=600))
    assert (await client.call("GET", path)).status == 200
    world.clock.advance(60)
    assert [(await client.call("GET", path)).status, (await client.sign_in()).status] == [503, 503]
    world.clock.advance(599.999)
    assert (await client.call("GET", path)).status == 503
    world.clock.advance(0.001)
    assert (await client.call("GET", path)).status == 200
    assert (fault.matched, fault.struck) == (3, 3)


async def test_an_outage_of_one_location(client, order, world) -> None:
    """Calls about its shipments, lists of it and its stock fail; other locations work on."""
    seller_id = client.credentials.seller_id
    world.create_location(seller_id, LocationSpec(location_id="LOC2"))
    world.set_stock(seller_id, "LOC2", "KETTLE", on_hand=9, quantity=9)
    here, there = order(location_id="LOC1"), order(location_id="LOC2")
    world.faults.add(FaultRule(kind="500", location_id="LOC1"))

    def stock(location: str) -> dict[str, object]:
        uri = f"/inventory/fetch?locationId={location}&skuId=KETTLE"
        return {"requests": [{"method": "GET", "uri": uri}]}

    async def statuses(shipment_id: str, location: str) -> list[int]:
        answers = [
            await client.call("GET", f"{BASE}/shipments/{shipment_id}"),
            await client.call("GET", f"{BASE}/shipments", status="ACCEPTED", locationId=location),
            await client.call("POST", INVENTORY, stock(location)),
        ]
        return [answer.status for answer in answers]

    assert await statuses(here.shipment_id, "LOC1") == [500, 500, 500]
    assert await statuses(there.shipment_id, "LOC2") == [200, 200, 207]


async def test_a_span_survives_a_snapshot(client, order, world) -> None:
    """After a restore the outage ends when it would have ended."""
    shipment = order()
    world.faults.add(FaultRule(kind="503", for_seconds=100))
    world.clock.advance(50)
    kept = world.snapshot()
    world.clock.advance(100)
    world.restore(kept)
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    assert (await client.call("GET", path)).status == 503
    world.clock.advance(50)
    assert (await client.call("GET", path)).status == 200
