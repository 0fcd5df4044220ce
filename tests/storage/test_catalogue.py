"""The catalogue over the database: which SKUs are wanted, and what their listings said."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from api.house import House, open_house
from builders import NOON
from packline.domain.catalogue import Listed
from packline.domain.values import Box
from packline.ports.catalogue import Mark
from packline.storage.skus import Skus

START = Mark(datetime(2000, 1, 1, tzinfo=UTC), "")
MONTH = timedelta(days=30)
BOX = Box(30, 20, 5, 420)
INDIA = "A21TJRUUN4KGV"


async def order(house: House, number: int, *skus: str, status: str = "ACCEPTED") -> None:
    """Store an order of these SKUs."""
    await house.shipment(f"O-{number}", status, items=tuple((sku, 1) for sku in skus), api="seller_central")


@pytest.fixture
def skus(pool: asyncpg.Pool) -> Skus:
    return Skus(pool)


async def test_open_orders_tell_which_skus_to_read(pool: asyncpg.Pool, skus: Skus) -> None:
    """Each SKU once; not those of shipped orders, not those that have a size of the seller's."""
    async with open_house(pool) as house:
        await order(house, 1, "A", "B")
        await order(house, 2, "B", "C")
        await order(house, 3, "GONE", status="SHIPPED")
        await skus.set_defaults("acme-in", {"C": BOX}, NOON)

        mark = await skus.note_wanted("acme-in", START, NOON - MONTH, NOON)
        await order(house, 4, "D")
        await skus.note_wanted("acme-in", mark, NOON - MONTH, NOON)

        assert await skus.unread("acme-in", 10) == [("A", INDIA), ("B", INDIA), ("D", INDIA)]
        assert mark.received_at == NOON


async def test_what_a_listing_says_is_kept(pool: asyncpg.Pool, skus: Skus) -> None:
    """Its size counts before the seller's; a listing without size is read too, and not again."""
    async with open_house(pool) as house:
        await order(house, 1, "A", "B")
        await skus.note_wanted("acme-in", START, NOON - MONTH, NOON)
        await skus.keep("acme-in", [Listed("A", INDIA, BOX, "B00X", "Kurta"), Listed("B", INDIA)], NOON)

        assert await skus.unread("acme-in", 10) == []
        assert await skus.boxes("acme-in", ["A", "B"]) == {"A": BOX}


async def test_a_month_later_it_is_read_again(pool: asyncpg.Pool, skus: Skus) -> None:
    """An order for a SKU whose listing was read long ago has it read anew; the old size counts until then."""
    async with open_house(pool) as house:
        await order(house, 1, "A")
        await skus.note_wanted("acme-in", START, NOON - MONTH, NOON)
        await skus.keep("acme-in", [Listed("A", INDIA, BOX)], NOON)
        later = NOON + MONTH + timedelta(hours=1)

        await skus.note_wanted("acme-in", START, later - MONTH, later)

        assert await skus.unread("acme-in", 10) == [("A", INDIA)]
        assert await skus.boxes("acme-in", ["A"]) == {"A": BOX}


async def test_sizes_are_set_and_shown_over_http(pool: asyncpg.Pool) -> None:
    """PUT stores the seller's own; GET shows whose it is; a size of nothing is refused."""
    async with open_house(pool) as house:
        row = {"sku": "A", "length_cm": 30, "width_cm": 20, "height_cm": 5, "weight_g": 420}

        told = await house.client.put("/v1/skus", json={"account": "acme-in", "items": [row]})
        shown = (await house.client.get("/v1/skus", params={"account": "acme-in"})).json()["items"]
        wrong = await house.client.put("/v1/skus", json={"account": "acme-in", "items": [row | {"weight_g": 0}]})

        assert told.json() == {"taken": 1, "refused": []}
        assert (shown[0]["source"], shown[0]["weight_g"]) == ("seller", 420.0)
        assert wrong.status_code == 422
