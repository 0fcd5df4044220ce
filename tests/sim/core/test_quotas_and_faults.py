"""Quotas to the millisecond, faults on demand, and the journal of it all."""

import asyncio
from collections.abc import Callable

import pytest

from packline_sim.faults import BadFault, FaultRule
from packline_sim.journal import CallFilter
from packline_sim.quotas import Plan, UnknownQuota
from packline_sim.records import Shipment
from packline_sim.server import ConnectionDropped
from packline_sim.specs import SellerSpec
from packline_sim.world import World
from sim.core.driving import BASE, Client

Order = Callable[..., Shipment]


async def read(client: Client, shipment: Shipment) -> int:
    return (await client.call("GET", f"{BASE}/shipments/{shipment.shipment_id}")).status


async def test_a_bucket_is_exact_to_the_millisecond(client: Client, order: Order, world: World) -> None:
    """A burst of 4 passes, the fifth waits exactly half a second at two a second."""
    world.quotas.use("amazon")
    shipment = order()
    assert [await read(client, shipment) for _ in range(5)] == [200, 200, 200, 200, 429]
    world.clock.advance(0.499)
    assert await read(client, shipment) == 429
    world.clock.advance(0.001)
    assert await read(client, shipment) == 200
    assert await read(client, shipment) == 429


async def test_a_throttled_call_says_so_as_amazon_does(client: Client, order: Order, world: World) -> None:
    """429 carries RateLimited and the request id; the rate header comes with answers that are not throttled."""
    world.quotas.override("getShipment", Plan(0.5, 1))
    world.quotas.use("amazon")
    world.quotas.override("getShipment", Plan(0.5, 1))
    path = f"{BASE}/shipments/{order().shipment_id}"
    passed, throttled = await client.call("GET", path), await client.call("GET", path)
    assert passed.headers["x-amzn-ratelimit-limit"] == "0.5"
    assert (throttled.status, throttled.code) == (429, "RateLimited")
    assert "x-amzn-ratelimit-limit" not in throttled.headers
    assert throttled.headers["x-amzn-requestid"] != passed.headers["x-amzn-requestid"]


async def test_buckets_are_separate(client: Client, order: Order, world: World) -> None:
    """Each seller and operation has a bucket of its own."""
    world.quotas.use("sdk")
    shipment = order()
    assert [await read(client, shipment) for _ in range(2)] == [200, 429]
    assert (await client.confirm(shipment)).status == 204
    other = Client(client.app, world.create_seller(SellerSpec(name="Other")))
    assert await read(other, shipment) == 404
    assert len(world.quotas.levels(world.clock.now_ms())) == 3


def test_plans_change_while_running(world: World) -> None:
    """A new plan counts at once; the level stays, but never above the new burst; the preset comes back."""
    quotas = world.quotas
    quotas.use("amazon")
    quotas.override("getShipment", Plan(10, 20), seller_id="S")
    assert quotas.take("S", "C", "getShipment", 0) == (True, b"10.0")
    quotas.override("getShipment", Plan(1, 2), seller_id="S")
    assert [quotas.take("S", "C", "getShipment", 0)[0] for _ in range(3)] == [True, True, False]
    quotas.override("getShipment", None, seller_id="S")
    assert quotas.plan("S", "getShipment") == Plan(2, 4)
    quotas.use("off")
    assert quotas.take("S", "C", "getShipment", 0) == (True, None)
    with pytest.raises(UnknownQuota):
        quotas.override("getNothing", Plan(1, 1))
    with pytest.raises(UnknownQuota):
        quotas.override("getShipment", Plan(-1, 1))


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("429", 429, "RateLimited"),
        ("500", 500, "InternalFailure"),
        ("503", 503, "ServiceUnavailable"),
        ("busy", 409, "ServerBusy"),
        ("in_progress", 409, "DuplicateRequest"),
    ],
)
async def test_a_fault_before_the_effect_changes_nothing(
    client: Client, order: Order, world: World, kind: str, status: int, code: str
) -> None:
    """The call gets the fault's answer and the shipment stays; the next call is well."""
    shipment = order()
    world.faults.add(FaultRule(kind=kind, operations=("processShipment",), limit=1))  # type: ignore[arg-type]
    answer = await client.confirm(shipment)
    assert (answer.status, answer.code) == (status, code)
    assert shipment.status == "ACCEPTED"
    assert (await client.confirm(shipment)).status == 204
    struck, well = world.journal.tail(2)
    assert (struck.fault, struck.had_effect, struck.status) == (kind, False, status)
    assert (well.fault, well.had_effect) == (None, True)


@pytest.mark.parametrize(("kind", "reached"), [("timeout_before", "ACCEPTED"), ("timeout_after", "CONFIRMED")])
async def test_a_time_out_gives_no_answer(client: Client, order: Order, world: World, kind: str, reached: str) -> None:
    """The connection is dropped, without or with the effect, and the journal knows which."""
    shipment = order()
    world.faults.add(FaultRule(kind=kind, shipment_id=shipment.shipment_id))  # type: ignore[arg-type]
    with pytest.raises(ConnectionDropped):
        await client.confirm(shipment)
    assert shipment.status == reached
    (entry,) = world.journal.tail(1)
    assert (entry.status, entry.had_effect) == (0, kind == "timeout_after")


async def test_an_error_after_the_effect(client: Client, order: Order, world: World) -> None:
    """500_after answers 500 although the work was done."""
    shipment = order()
    world.faults.add(FaultRule(kind="500_after"))
    assert (await client.confirm(shipment)).status == 500
    assert shipment.status == "CONFIRMED"


async def test_a_slow_call_holds_its_shipment(client: Client, order: Order, world: World) -> None:
    """While a slow write is under way, another one on the shipment is 409 in progress; reads and others pass."""
    shipment, other = order(), order()
    world.faults.add(FaultRule(kind="slow", nth=(1,), operations=("processShipment",), hold_seconds=30))
    await client.sign_in()
    slow = asyncio.create_task(client.confirm(shipment))
    await asyncio.sleep(0)
    second = await client.confirm(shipment)
    assert (second.status, second.code) == (409, "DuplicateRequest")
    assert "in progress" in second.text
    assert await read(client, shipment) == 200
    assert (await client.confirm(other)).status == 204
    world.clock.advance(30)
    assert (await slow).status == 204
    assert world.busy == {}


async def test_rules_choose_their_calls(client: Client, order: Order, world: World) -> None:
    """nth, every, share, limit and seller narrow a rule; shares come from the seed."""
    shipment = order()
    fault = world.faults.add(FaultRule(kind="503", operations=("getShipment",), nth=(2, 4)))
    assert [await read(client, shipment) for _ in range(5)] == [200, 503, 200, 503, 200]
    assert (fault.matched, fault.struck) == (5, 2)
    world.faults.clear()
    world.faults.add(FaultRule(kind="500", every=3, limit=1))
    assert [await read(client, shipment) for _ in range(6)] == [200, 200, 500, 200, 200, 200]
    world.faults.clear()
    world.faults.add(FaultRule(kind="500", seller_id="SOMEBODY"))
    share = world.faults.add(FaultRule(kind="503", share=0.3))
    answers = [await read(client, shipment) for _ in range(200)]
    assert 35 <= answers.count(503) <= 85
    assert share.struck == answers.count(503)
    with pytest.raises(BadFault):
        world.faults.add(FaultRule(kind="500", share=2))


async def test_the_journal_counts_what_it_no_longer_keeps(client: Client, order: Order, world: World) -> None:
    """Entries are bounded, counters are not; filters choose."""
    world.journal.resize(3)
    shipment = order()
    await client.sign_in()
    for _ in range(5):
        await read(client, shipment)
    await client.confirm(shipment)
    assert len(list(world.journal.entries())) == 3
    assert world.journal.counters["getShipment", 200] == 5
    (entry,) = world.journal.entries(CallFilter(operation="processShipment"))
    assert (entry.shipment_id, entry.status, entry.had_effect) == (shipment.shipment_id, 204, True)
    assert world.journal.tail(1) == [entry]
    assert list(world.journal.entries(CallFilter(after_seq=entry.seq))) == []


async def test_sign_in_and_downloads_can_fail_when_named(client: Client, order: Order, world: World) -> None:
    """A rule without operations leaves tokens and files alone; a rule that names them strikes."""
    world.faults.add(FaultRule(kind="500"))
    assert (await client.sign_in()).status == 200
    world.faults.clear()
    shipment = order()
    await client.bring_to(shipment, "INVOICE_GENERATED")
    url = (await client.label(shipment)).json()["packageShipLabelList"][0]["fileData"]["url"]
    world.faults.add(FaultRule(kind="503", operations=("requestAccessToken", "downloadFile")))
    assert (await client.sign_in()).status == 503
    assert (await client.send("GET", url.removeprefix("http://amazon.test"), b"", {})).status == 503
    assert [entry.operation for entry in world.journal.tail(2)] == ["requestAccessToken", "downloadFile"]


async def test_locations_and_shipping_can_be_narrowed(client: Client, order: Order, world: World) -> None:
    """missing_location demands a location; shipped_by_seller leaves SHIPPED to the carrier's scan."""
    world.switches.update({"missing_location": "400", "shipped_by_seller": "self_ship_only"})
    assert (await client.call("GET", f"{BASE}/shipments", status="CREATED")).status == 400
    shipment, own = order(), order(program="SELF_SHIP")
    await client.bring_to(shipment, "SHIPLABEL_GENERATED")
    assert (await client.status(shipment, {"status": "SHIPPED"})).status == 400
    await client.bring_to(own, "SHIPPED")


async def test_a_throttled_call_is_told_when_to_come_again_by_switch(client: Client, order: Order) -> None:
    """Retry-After holds whole seconds; after them the call passes. By default there is none."""
    world, shipment = client.world, order()
    world.quotas.override("getShipment", Plan(0.5, 1))
    path = f"{BASE}/shipments/{shipment.shipment_id}"
    assert (await client.call("GET", path)).status == 200
    assert "retry-after" not in (await client.call("GET", path)).headers
    world.switches.update({"retry_after": "sent"})
    world.clock.advance(0.5)
    refused = await client.call("GET", path)
    assert (refused.status, refused.headers["retry-after"]) == (429, "2")
    world.clock.advance(2)
    assert (await client.call("GET", path)).status == 200
    world.quotas.override("getShipment", Plan(0, 1))
    assert "retry-after" not in (await client.call("GET", path)).headers
