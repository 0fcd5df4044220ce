"""Sizes of SKUs out of their listings: of the marketplace that was asked for, else of any."""

from __future__ import annotations

from typing import Any

import pytest

from packline.amazon.seller_central.listings import SellerCentralListings
from packline.domain.values import Box
from unit.amazon.driven_clock import DrivenClock
from unit.amazon.scripted_transport import Reply, ScriptedTransport, refusal
from unit.amazon.seller_central.seller import INDIA, UAE, doors_of, told


def attributes(*markets: str | None) -> dict[str, Any]:
    """Say a size for each marketplace; each is as many times larger as it comes later."""
    here = [{"marketplace_id": market} if market else {} for market in markets]
    side = {"unit": "centimeters"}
    return {
        "item_package_dimensions": [
            {name: {"value": size * (at + 1), **side} for name, size in (("length", 20), ("width", 15), ("height", 10))}
            | one
            for at, one in enumerate(here)
        ],
        "item_package_weight": [{"value": 500 * (at + 1), "unit": "grams", **one} for at, one in enumerate(here)],
    }


async def listed(reply: Reply) -> Any:
    async def no_log(_calls: Any) -> None:
        """Keep no call."""

    catalogue = SellerCentralListings(doors_of(ScriptedTransport(reply), DrivenClock()), no_log)
    return await catalogue.listing("acme-in", "MUG", INDIA, None)


@pytest.mark.parametrize(
    ("markets", "box"),
    [
        ((UAE, INDIA), Box(40, 30, 20, 1000)),
        ((UAE, None), Box(40, 30, 20, 1000)),
        ((UAE,), Box(20, 15, 10, 500)),
        ((), None),
    ],
)
async def test_a_size_is_taken_from_the_marketplace_asked_for_else_from_any(markets, box):
    """Rule: a box is as large in any marketplace; its own word counts first."""
    found = await listed(told({"sku": "MUG", "attributes": attributes(*markets)}))
    assert found.box == box


async def test_a_listing_that_amazon_has_not_is_none():
    """Rule: 404 is an answer."""
    assert await listed(refusal(404, "NOT_FOUND")) is None
