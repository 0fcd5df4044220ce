"""Replacements and exchanges: shipments of their own, linked both ways in views and events."""

from api.house import House


async def test_a_replacement_is_linked_to_what_it_replaces(house: House) -> None:
    """Both show each other, the original is told by an event, and the new one's events name the original."""
    first = await house.shipment("S-1")
    again = await house.shipment("S-2", kind="REPLACEMENT", original_id="S-1")
    other = await house.shipment("S-3", kind="EXCHANGE", original_id="S-1")

    shown = (await house.client.get(f"/v1/shipments/{first.id}")).json()
    made = (await house.client.get(f"/v1/shipments/{again.id}")).json()
    assert [(row["id"], row["kind"], row["status"]) for row in shown["replacements"]] == [
        (again.id, "REPLACEMENT", "CONFIRMED"),
        (other.id, "EXCHANGE", "CONFIRMED"),
    ]
    assert shown["original"] is None
    assert (made["kind"], made["original_id"], made["original"]["id"]) == ("REPLACEMENT", "S-1", first.id)

    events = (await house.client.get("/v1/events", params={"after": "0.0", "type": "shipment.*"})).json()["items"]
    told = [e for e in events if e["type"] == "shipment.replaced"]
    assert [(e["shipment"], e["data"]["event"]["by"], e["data"]["event"]["kind"]) for e in told] == [
        (first.id, again.id, "REPLACEMENT"),
        (first.id, other.id, "EXCHANGE"),
    ]
    received = next(e for e in events if e["shipment"] == again.id)
    assert received["data"]["shipment"]["original_id"] == "S-1"


async def test_an_original_that_nobody_knows_is_named(house: House) -> None:
    """It was sold before Packline came, or by another channel."""
    made = await house.shipment("S-2", kind="REPLACEMENT", original_id="S-OLD")
    shown = (await house.client.get(f"/v1/shipments/{made.id}")).json()
    assert shown["original"] == {"id": None, "amazon_id": "S-OLD", "kind": "REPLACEMENT", "status": None}
    assert shown["replacements"] == []


async def test_the_list_says_which_are_replacements(house: House) -> None:
    """A packer sees at once that nobody pays for it."""
    await house.shipment("S-2", kind="REPLACEMENT", original_id="S-1")
    (row,) = (await house.client.get("/v1/shipments")).json()["items"]
    assert (row["kind"], row["original_id"]) == ("REPLACEMENT", "S-1")
