"""The pickup-schedule file over HTTP."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from api.house import ACCOUNT, House
from packline.domain import events as ev
from packline.domain.location import Api, Location
from packline.domain.shipment import Goal, Package
from packline.domain.slot import ShippingOption
from packline.domain.values import Box, Window
from packline.storage.skus import Skus

URL = "/v1/exports/pickup-schedule"
BOX = Box(30, 20, 10, 850)


@pytest.fixture
async def shop(house: House) -> House:
    """Give the account to Seller Central, with its one location in Dubai."""
    store = house.services.accounts
    await store.put(replace(ACCOUNT, api=Api.SELLER_CENTRAL))
    await store.put_location(Location("acme-in", "DEFAULT", timezone="Asia/Dubai", programs=("easy_ship",)))
    return house


async def order(house: House, number: int, status: str = "ACCEPTED", *, packed: bool = True) -> str:
    """Store an order, packed or not."""
    made = await house.shipment(
        f"405-0000000-{number:07d}", status, location="DEFAULT", api="seller_central", program="easy_ship"
    )
    if packed:
        goal = ev.GoalSet(Goal.PACKED, made.received_at, packages=(Package("PKG-1", BOX, (), sent=1),))
        await house.happen(made.id, goal)
    return made.id


async def test_orders_that_wait_are_in_the_file(shop: House) -> None:
    """Size and weight are the packed box's, the time is local to the pickup; what is scheduled is not in it."""
    await order(shop, 1)
    await order(shop, 2, "SHIPLABEL_GENERATED")
    at = (shop.services.clock.now() + timedelta(days=1)).replace(hour=6, minute=30, second=0, microsecond=0)

    answer = await shop.client.get(
        URL, params={"account": "acme-in", "pickup_at": at.isoformat()}, headers={"Accept": "text/tab-separated-values"}
    )

    assert answer.status_code == 200, answer.text
    head, row, end = answer.text.split("\n")
    assert row.split("\t") == ["405-0000000-0000001", "850", "30", "20", "10", f"{at:%Y-%m-%d}", "10:30", ""]
    assert (len(head.split("\t")), end) == (8, "")


async def test_a_chosen_slot_goes_before_the_given_time(shop: House) -> None:
    """The window that was chosen for a package is its pickup; nothing else has to be said."""
    name = await order(shop, 1)
    start = shop.services.clock.now() + timedelta(days=2)
    option = ShippingOption(id="SLOT", ship_by="", window=Window(start, start + timedelta(hours=3), "PICKUP"))
    await shop.happen(name, ev.OptionsRead("PKG-1", 1, (option,), "SLOT"))

    told = (await shop.client.get(URL, params={"account": "acme-in"})).json()

    assert told["orders"] == 1
    assert f"{start:%Y-%m-%d}" in told["files"][0] or f"{start + timedelta(hours=4):%Y-%m-%d}" in told["files"][0]


async def test_what_is_missing_is_told(shop: House) -> None:
    """An order that is not packed takes its SKUs' sizes; without them, or without a pickup, it is left out."""
    await order(shop, 1, packed=False)
    params = {"account": "acme-in", "pickup_at": (shop.services.clock.now() + timedelta(days=1)).isoformat()}

    unknown = (await shop.client.get(URL, params=params)).json()
    await Skus(shop.services.pool).set_defaults("acme-in", {"KURTA-M": Box(30, 20, 5, 400)}, shop.services.clock.now())
    known = (await shop.client.get(URL, params=params)).json()
    no_time = (await shop.client.get(URL, params={"account": "acme-in"})).json()

    assert "KURTA-M" in unknown["left_out"][0]["why"]
    assert known["orders"] == 1
    assert "405-0000000-0000001\t800\t30\t20\t10" in known["files"][0]
    assert "pickup_at" in no_time["left_out"][0]["why"]


async def test_more_than_500_orders_take_several_files(shop: House) -> None:
    """Seller Central takes 500 orders a file: they come as a ZIP."""
    for number in range(501):
        await order(shop, number, packed=False)
    await Skus(shop.services.pool).set_defaults("acme-in", {"KURTA-M": BOX}, shop.services.clock.now())
    params = {"account": "acme-in", "pickup_at": (shop.services.clock.now() + timedelta(days=1)).isoformat()}

    made = (await shop.client.get(URL, params=params)).json()
    zipped = await shop.client.get(URL, params=params, headers={"Accept": "text/tab-separated-values"})

    assert [file.count("\n") for file in made["files"]] == [501, 2]
    assert zipped.headers["content-type"] == "application/zip"
    assert zipped.headers["packline-orders"] == "501"


async def test_other_accounts_and_times_are_refused(shop: House) -> None:
    """Unknown accounts and locations are not found; a pickup in the past is no pickup."""
    assert (await shop.client.get(URL, params={"account": "nobody"})).status_code == 404
    assert (await shop.client.get(URL, params={"account": "acme-in", "location": "X"})).status_code == 404
    past = {"account": "acme-in", "pickup_at": "2020-01-01T10:00:00Z"}
    assert (await shop.client.get(URL, params=past)).status_code == 422
