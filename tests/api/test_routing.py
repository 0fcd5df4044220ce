"""/v1/routing: settings, centroids and stock end in an allocation with reasons."""

from datetime import timedelta

from builders import NOON
from packline.commands.route import leaves_at
from packline.domain.location import Location
from packline.domain.routing.order import Placing

CENTROIDS = (
    "postal_code,country,latitude,longitude\n560001,IN,12.97,77.59\n110 001,in,28.61,77.21\n,IN,1,1\n1,IN,99,1\n"
)


async def test_an_order_goes_to_the_nearest_that_has_it_and_on_when_that_rejects(house):
    """Stock from the ledger, places from the seller's file; the second choice after a rejection."""
    accounts = house.services.accounts
    await accounts.put_location(Location("acme-in", "DEL1", timezone="Asia/Kolkata", programs=("self_ship",)))
    taken = (await house.client.post("/v1/routing/centroids", content=CENTROIDS.encode())).json()
    assert (taken["taken"], [row["line"] for row in taken["refused"]]) == (2, [4, 5])
    for location, code in (("EXSB", "560001"), ("DEL1", "110001")):
        body = {"account": "acme-in", "location": location, "country": "IN", "postal_code": code, "cut_off": "14:30"}
        assert (await house.client.put("/v1/routing/locations", json=body)).status_code == 204
        counted = {"account": "acme-in", "location": location, "sku": "KURTA-M", "quantity": 5}
        assert (await house.client.post("/v1/stock/set", json=counted)).status_code == 200
    order = {"account": "acme-in", "country": "IN", "postal_code": "110001"}
    order["lines"] = [{"line": "1", "sku": "KURTA-M", "units": 2}]
    found = (await house.client.post("/v1/routing/allocate", json=order)).json()
    assert [(p["location"], p["km"]) for p in found["parcels"]] == [("DEL1", 0.0)]
    again = (await house.client.post("/v1/routing/allocate", json=order | {"rejected": ["DEL1"]})).json()
    assert [p["location"] for p in again["parcels"]] == ["EXSB"]
    assert "DEL1 rejected the order and was left out." in again["why"]
    split = order | {"lines": [{"line": "1", "sku": "KURTA-M", "units": 12}]}
    found = (await house.client.post("/v1/routing/allocate", json=split)).json()
    assert len(found["parcels"]) == 2
    assert found["short"] == [{"line": "1", "sku": "KURTA-M", "units": 2}]


async def test_stock_may_be_given_and_capacity_counts_by_the_day(house):
    """What a caller knows better takes the ledger's place; a full location is left out."""
    order = {"account": "acme-in", "lines": [{"line": "1", "sku": "X", "units": 1}], "stock": {"EXSB": {"X": 1}}}
    assert len((await house.client.post("/v1/routing/allocate", json=order)).json()["parcels"]) == 1
    body = {"account": "acme-in", "location": "EXSB", "capacity": 0}
    await house.client.put("/v1/routing/locations", json=body)
    found = (await house.client.post("/v1/routing/allocate", json=order)).json()
    assert found["parcels"] == []
    assert "EXSB can take no more parcels and was left out." in found["why"]
    assert (await house.client.put("/v1/routing/locations", json=body | {"cut_off": "25:00"})).status_code == 422
    assert (await house.client.put("/v1/routing/locations", json=body | {"location": "X"})).status_code == 404


def test_an_order_after_the_cut_off_leaves_a_day_later():
    """Local time counts; without a cut-off nothing is said."""
    placing = Placing("EXSB", cut_off="17:30", timezone="Asia/Kolkata")
    assert leaves_at(placing, NOON) == NOON.replace(hour=12, minute=0)
    assert leaves_at(placing, NOON + timedelta(minutes=1)) == NOON + timedelta(days=1)
    assert leaves_at(Placing("EXSB"), NOON) is None
