"""A parcel unlike its listing: taken, said on the ticket, and told in the feed."""


async def test_what_differs_from_the_listing_is_on_the_ticket_and_in_the_feed(house):
    """The pack command is taken with a warning, and `package.doubted` tells other systems."""
    shipment = await house.shipment()
    await house.services.pool.execute(
        "insert into sku (account_id, sku, listing_box, updated_at) values ('acme-in', 'KURTA-M', $1, now())",
        [15.0, 10.0, 5.0, 200.0],
    )
    body = {
        "packages": [
            {
                "box": {"length_cm": 30, "width_cm": 20, "height_cm": 10, "weight_g": 850},
                "lines": [{"line_id": "L1", "quantity": 2}],
            }
        ]
    }
    answer = await house.client.post(f"/v1/shipments/{shipment.id}/pack", json=body)
    assert answer.status_code == 202, answer.text
    assert "weighs 850 g; by their listings its units weigh 400 g" in answer.json()["warnings"][0]
    events = (await house.client.get("/v1/events", params={"type": "package.doubted"})).json()["items"]
    assert [d["code"] for d in events[0]["data"]["event"]["doubts"]] == ["size_differs"]
    assert events[0]["shipment"] == shipment.id
    timeline = (await house.client.get(f"/v1/shipments/{shipment.id}/explain")).status_code
    assert timeline == 200
