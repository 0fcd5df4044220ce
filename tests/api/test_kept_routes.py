"""/v1/routing/orders: orders take from each other, keep what they took, and move on where a location rejects."""

from typing import Any

from api.house import House
from packline.commands.kept_routes import LOOK, RouteDesk
from packline.domain.location import Location
from packline.domain.shipment import Goal, Status
from packline.storage.route_book import RouteOrders

PATH = "/v1/routing/orders"


async def stocked(house: House, **units: int) -> None:
    """Have two locations, EXSB first, with so many kurtas each."""
    await house.services.accounts.put_location(Location("acme-in", "DEL1", programs=("self_ship",)))
    for location, count in units.items():
        priority = 1 if location == "EXSB" else 2
        placing = {"account": "acme-in", "location": location, "priority": priority}
        assert (await house.client.put("/v1/routing/locations", json=placing)).status_code == 204
        counted = {"account": "acme-in", "location": location, "sku": "KURTA-M", "quantity": count}
        assert (await house.client.post("/v1/stock/set", json=counted)).status_code == 200


async def keep(house: House, **orders: int) -> list[dict[str, Any]]:
    """Keep orders of so many kurtas each."""
    told = [{"reference": name, "lines": [{"line": "1", "sku": "KURTA-M", "units": n}]} for name, n in orders.items()]
    answer = await house.client.post(PATH, json={"account": "acme-in", "orders": told})
    assert answer.status_code == 201, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def answer(house: House, reference: str, act: str, location: str, **more: str) -> dict[str, Any]:
    said = await house.client.post(f"{PATH}/acme-in/{reference}/{act}", json={"location": location, **more})
    assert said.status_code == 200, said.text
    found: dict[str, Any] = said.json()
    return found


def standing(row: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Give location, state and units of each parcel."""
    return [(p["location"], p["state"], sum(line["units"] for line in p["lines"])) for p in row["parcels"]]


async def test_orders_take_stock_from_each_other_and_keep_it(house: House) -> None:
    """Three orders, five kurtas here and two there: each has what is left, the last is short; told again it stays."""
    await stocked(house, EXSB=5, DEL1=2)
    first, second, third = await keep(house, ONE=4, TWO=2, THREE=2)
    assert [standing(row) for row in (first, second, third)] == [
        [("EXSB", "open", 4)],
        [("DEL1", "open", 2)],
        [("EXSB", "open", 1)],
    ]
    assert (third["state"], third["short"]) == ("short", [{"line": "1", "sku": "KURTA-M", "units": 1}])
    assert (await keep(house, ONE=1))[0]["updated_at"] == first["updated_at"]
    order = {"account": "acme-in", "lines": [{"line": "1", "sku": "KURTA-M", "units": 1}]}
    assert (await house.client.post("/v1/routing/allocate", json=order)).json()["parcels"] == []
    page = (await house.client.get(PATH, params={"limit": 2})).json()
    rest = (await house.client.get(PATH, params={"limit": 2, "after": page["next"]})).json()
    assert [row["reference"] for row in (*page["items"], *rest["items"])] == ["ONE", "THREE", "TWO"]
    at = (await house.client.get(PATH, params={"location": "DEL1"})).json()["items"]
    assert [row["reference"] for row in at] == ["TWO"]


async def test_a_rejection_moves_the_order_on_by_itself_with_its_reasons(house: House) -> None:
    """The order goes to who did not reject; when nobody is left it is short; what was rejected is free for others."""
    await stocked(house, EXSB=5, DEL1=5)
    (kept,) = await keep(house, ONE=3)
    moved = await answer(house, "ONE", "reject", "EXSB", reason="shelf is wet")
    assert standing(moved) == [("EXSB", "rejected", 3), ("DEL1", "open", 3)]
    assert moved["why"][0] == "Allocated anew: EXSB rejected its parcel: shelf is wet."
    assert "EXSB rejected the order and was left out." in moved["why"]
    assert moved["parcels"][0]["reason"] == "EXSB rejected its parcel: shelf is wet"
    assert await answer(house, "ONE", "reject", "EXSB") == moved
    (other,) = await keep(house, TWO=5)
    assert standing(other) == [("EXSB", "open", 5)], "what was rejected is free for others"
    short = await answer(house, "ONE", "reject", "DEL1")
    assert (short["state"], standing(short)[-1]) == ("short", ("DEL1", "rejected", 3))
    assert kept["turn"] + 2 == short["turn"]
    events = await house.services.pool.fetch("select name from event where name like 'route.%' order by seq")
    assert [event["name"] for event in events] == [
        "route.allocated",
        "route.reallocated",
        "route.allocated",
        "route.reallocated",
    ]


async def test_what_a_location_accepted_stays_where_it_is(house: House) -> None:
    """Split over two: one accepts, the other rejects; only the rejected units go anew, and done ends it."""
    await stocked(house, EXSB=3, DEL1=2)
    await keep(house, ONE=5)
    await answer(house, "ONE", "accept", "EXSB")
    moved = await answer(house, "ONE", "reject", "DEL1")
    assert standing(moved) == [("DEL1", "rejected", 2), ("EXSB", "accepted", 3)]
    assert moved["short"] == [{"line": "1", "sku": "KURTA-M", "units": 2}]
    more = {"account": "acme-in", "location": "EXSB", "sku": "KURTA-M", "quantity": 2}
    assert (await house.client.post("/v1/stock/receive", json=more)).status_code == 200
    again = (await house.client.post(f"{PATH}/acme-in/ONE/again")).json()
    assert standing(again) == [("DEL1", "rejected", 2), ("EXSB", "accepted", 3), ("EXSB", "open", 2)]
    assert again["state"] == "allocated"
    await answer(house, "ONE", "done", "EXSB")
    refused = await house.client.post(f"{PATH}/acme-in/ONE/accept", json={"location": "DEL1"})
    assert refused.status_code == 409
    missing = await house.client.post(f"{PATH}/acme-in/ONE/accept", json={"location": "NOWHERE"})
    assert missing.status_code == 404


async def test_a_cancelled_order_gives_back_what_it_held(house: House) -> None:
    """Its units and its place are free for the next; cancelled twice is fine."""
    await stocked(house, EXSB=2)
    await keep(house, ONE=2)
    for _ in range(2):
        gone = await house.client.post(f"{PATH}/acme-in/ONE/cancel", json={"reason": "the buyer left"})
        assert gone.json()["state"] == "cancelled"
    assert standing((await keep(house, TWO=2))[0]) == [("EXSB", "open", 2)]
    assert (await house.client.post(f"{PATH}/acme-in/ONE/again")).status_code == 409


async def test_a_full_day_sends_orders_elsewhere(house: House) -> None:
    """One parcel a day at the first location: the second order goes to the other one, later orders count too."""
    await stocked(house, EXSB=9, DEL1=9)
    placing = {"account": "acme-in", "location": "EXSB", "priority": 1, "capacity": 1}
    assert (await house.client.put("/v1/routing/locations", json=placing)).status_code == 204
    first, second = await keep(house, ONE=1, TWO=1)
    (third,) = await keep(house, THREE=1)
    assert [standing(row)[0][0] for row in (first, second, third)] == ["EXSB", "DEL1", "DEL1"]


async def test_a_shipment_that_a_location_rejects_at_amazon_moves_the_order_on(house: House) -> None:
    """The keeper sees that the seller's reject was confirmed for that order and location, and allocates anew."""
    await stocked(house, EXSB=5, DEL1=5)
    shipment = await house.shipment()
    await keep(house, **{shipment.order_id: 2})
    desk = RouteDesk(RouteOrders(house.services.pool), house.services.accounts, house.services.clock)
    await desk.work(house.services.clock.now())
    assert len((await house.client.get(f"{PATH}/acme-in/{shipment.order_id}")).json()["parcels"]) == 1
    await house.services.pool.execute(
        "update shipment set status = $2, goal = $3 where id = $1", shipment.id, Status.CANCELLED, Goal.REJECTED
    )
    await desk.work(house.services.clock.now() + LOOK)
    moved = (await house.client.get(f"{PATH}/acme-in/{shipment.order_id}")).json()
    assert standing(moved) == [("EXSB", "rejected", 2), ("DEL1", "open", 2)]
    assert "rejected at Amazon" in moved["why"][0]


async def test_a_shipment_at_amazon_answers_for_its_parcel(house: House) -> None:
    """Confirmed is accept, shipped is done; what a buyer cancels ends the route and gives back what it held."""
    await stocked(house, EXSB=5, DEL1=5)
    shipment = await house.shipment()
    await keep(house, **{shipment.order_id: 2})
    desk = RouteDesk(RouteOrders(house.services.pool), house.services.accounts, house.services.clock)
    looks = iter(range(1, 9))

    async def seen(status: Status) -> tuple[str, str]:
        await house.services.pool.execute("update shipment set status = $2 where id = $1", shipment.id, status)
        await desk.work(house.services.clock.now() + next(looks) * LOOK)
        row = (await house.client.get(f"{PATH}/acme-in/{shipment.order_id}")).json()
        return row["state"], row["parcels"][-1]["state"]

    assert await seen(Status.ACCEPTED) == ("allocated", "open")
    assert await seen(Status.CONFIRMED) == ("allocated", "accepted")
    assert await seen(Status.SHIPPED) == ("done", "done")
    await house.services.pool.execute("update route_order set state = 'allocated'")
    await house.services.pool.execute("update route_parcel set state = 'open'")
    assert await seen(Status.CANCELLED) == ("cancelled", "cancelled")


async def test_an_order_that_two_shipments_carry_loses_only_the_cancelled_one(house: House) -> None:
    """Amazon cancels one of two: its parcel ends, the other goes on."""
    await stocked(house, EXSB=3, DEL1=2)
    one = await house.shipment()
    await house.shipment("S-2", location="DEL1")
    await keep(house, **{one.order_id: 5})
    await house.services.pool.execute("update shipment set status = 'CANCELLED' where id = $1", one.id)
    desk = RouteDesk(RouteOrders(house.services.pool), house.services.accounts, house.services.clock)
    await desk.work(house.services.clock.now())
    row = (await house.client.get(f"{PATH}/acme-in/{one.order_id}")).json()
    assert standing(row) == [("DEL1", "accepted", 2), ("EXSB", "cancelled", 3)]
    assert row["state"] == "allocated"


async def test_faulty_orders_are_named_and_a_key_of_another_account_sees_nothing(house: House) -> None:
    """Nothing is kept where one of them is wrong."""
    line = {"line": "1", "sku": "KURTA-M", "units": 1}
    body = {"account": "acme-in", "orders": [{"reference": "ONE", "lines": [line, line]}]}
    answered = await house.client.post(PATH, json=body)
    assert (answered.status_code, answered.json()["errors"][0]["pointer"]) == (422, "/orders/0/lines")
    assert (await house.client.get(PATH)).json()["items"] == []
    stranger = await house.key("operator", accounts=("other",))
    assert (await house.client.post(PATH, json=body, headers=stranger)).status_code == 404
