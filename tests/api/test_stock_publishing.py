"""/v1/stock/publish and /v1/stock/drift: tell again, compare, mend, choose the numbering."""

from api.house import House

PLACE = {"account": "acme-in", "location": "EXSB", "sku": "KURTA-M"}


async def test_refused_stock_is_published_again(house: House) -> None:
    """What Amazon refused waits again, and only in the scope that was named."""
    await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 9})
    pool = house.services.pool
    await pool.execute("update stock_offer set state = 'refused', error = 'INVALID_SKU: x'")
    answer = await house.client.post("/v1/stock/publish", json={"account": "acme-in", "sku": "OTHER"})
    assert answer.json() == {"offers": 0}
    answer = await house.client.post("/v1/stock/publish", json={"account": "acme-in"})
    assert answer.json() == {"offers": 1}
    assert await pool.fetchval("select state from stock_offer") == "waiting"
    assert (await house.client.post("/v1/stock/publish", json={"account": "nobody"})).status_code == 404


async def test_a_comparison_is_accepted_and_can_be_watched(house: House) -> None:
    """202 with its id; it waits for the account's worker."""
    body = {"account": "acme-in", "seller": [{"location": "EXSB", "sku": "KURTA-M", "quantity": 4}]}
    answer = await house.client.post("/v1/stock/drift", json=body)
    assert answer.status_code == 202
    run = answer.json()["id"]
    shown = await house.client.get(f"/v1/stock/drift/comparisons/{run}")
    assert shown.json()["state"] == "waiting"
    assert (await house.client.get("/v1/stock/drift")).json() == {"items": []}


async def test_the_numbering_of_an_account_is_chosen(house: House) -> None:
    """A counter that goes on from a former integrator's numbers; nonsense is refused with its field."""
    numbers = [{"location": "EXSB", "sku": "KURTA-M", "sequence": 41}]
    body = {"account": "acme-in", "numbering": "counter", "ask_first": True, "numbers": numbers}
    assert (await house.client.put("/v1/stock/publishing", json=body)).status_code == 204
    assert await house.services.pool.fetchval("select last from stock_sequence") == 41
    wrong = await house.client.put("/v1/stock/publishing", json=body | {"numbering": "random"})
    assert wrong.status_code == 422


async def test_a_key_of_one_location_reaches_no_other(house: House) -> None:
    """Neither by naming another location nor by naming none."""
    bound = await house.key("operator", accounts=("acme-in",), locations=("EXSB",))
    there = {"account": "acme-in", "location": "OTHER"}
    for verb in ("publish", "drift"):
        for body in ({"account": "acme-in"}, there):
            answer = await house.client.post(f"/v1/stock/{verb}", json=body, headers=bound)
            assert answer.status_code == 404, (verb, body)
    mend = {"account": "acme-in", "side": "packline"}
    assert (await house.client.post("/v1/stock/drift/mend", json=mend, headers=bound)).status_code == 404
    answer = await house.client.put("/v1/stock/publishing", json={"account": "acme-in"}, headers=bound)
    assert answer.status_code == 404
