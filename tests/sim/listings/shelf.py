"""What a seller says to the Listings Items API."""

from typing import Any
from urllib.parse import quote

from sim.core.driving import Answer
from sim.feeds.desk import INDIA, Desk

KETTLE = "KETTLE 1/5"
AVAILABILITY = "/attributes/fulfillment_availability"


def path(desk: Desk, sku: str = KETTLE) -> str:
    return f"/listings/2021-08-01/items/{desk.seller_id}/{quote(sku, safe='')}"


def quantity_patch(quantity: Any, op: str = "merge") -> dict[str, Any]:
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": quantity}
    return {"op": op, "path": AVAILABILITY, "value": [value]}


async def patch(desk: Desk, *patches: dict[str, Any], sku: str = KETTLE, **query: Any) -> Answer:
    body = {"productType": "PRODUCT", "patches": list(patches)}
    return await desk.call("PATCH", path(desk, sku), body, **{"marketplaceIds": INDIA, **query})


async def show(desk: Desk, included: str, sku: str = KETTLE) -> Any:
    answer = await desk.call("GET", path(desk, sku), marketplaceIds=INDIA, includedData=included)
    assert answer.status == 200, answer.text
    return answer.json()


async def quantity(desk: Desk, sku: str = KETTLE) -> int:
    return (await show(desk, "fulfillmentAvailability", sku))["fulfillmentAvailability"][0]["quantity"]
