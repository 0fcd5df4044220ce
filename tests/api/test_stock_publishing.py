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


async def test_a_long_list_of_refusals_is_read_to_its_end(house: House) -> None:
    """Page by page, each SKU once; so are drifts; a cursor that is not ours is refused, nothing breaks."""
    pool, skus = house.services.pool, [f"SKU-{n}" for n in range(7)]
    items = [PLACE | {"sku": sku, "quantity": 1} for sku in skus]
    assert (await house.client.post("/v1/stock/bulk", json={"items": items})).status_code == 200
    await pool.execute("update stock_offer set state = 'refused', error = 'INVALID_SKU: x'")
    await pool.execute(
        "insert into stock_drift (account_id, location_id, sku, run_id, cause, words, found_at)"
        " select 'acme-in', 'EXSB', s, 'r', 'refused', '', now() from unnest($1::text[]) as s",
        skus,
    )
    for path in ("/v1/stock/refused", "/v1/stock/drift"):
        found, after = [], None
        while after is not None or not found:
            page = (await house.client.get(path, params={"limit": 3} | ({"after": after} if after else {}))).json()
            found += [row["sku"] for row in page["items"]]
            after = page["next"]
        assert found == skus
    for path in ("/v1/stock/refused", "/v1/stock/drift", "/v1/stock", "/v1/stock/entries", "/v1/stock/imports"):
        for cursor in ("WyJ4Il0", "W10", "x"):
            query = {"after": cursor} | ({"sku": "SKU-1"} if path.endswith("entries") else {})
            assert (await house.client.get(path, params=query)).status_code == 422, (path, cursor)


async def test_a_comparison_is_accepted_and_can_be_watched(house: House) -> None:
    """202 with its id; it waits for the account's worker."""
    body = {"account": "acme-in", "seller": [{"location": "EXSB", "sku": "KURTA-M", "quantity": 4}]}
    answer = await house.client.post("/v1/stock/drift", json=body)
    assert answer.status_code == 202
    run = answer.json()["id"]
    shown = await house.client.get(f"/v1/stock/drift/comparisons/{run}")
    assert shown.json()["state"] == "waiting"
    assert (await house.client.get("/v1/stock/drift")).json() == {"items": [], "next": None}


async def test_the_numbering_of_an_account_is_chosen(house: House) -> None:
    """A counter that goes on from a former integrator's numbers; nonsense is refused with its field."""
    numbers = [{"location": "EXSB", "sku": "KURTA-M", "sequence": 41}]
    body = {"account": "acme-in", "numbering": "counter", "ask_first": True, "numbers": numbers}
    assert (await house.client.put("/v1/stock/publishing", json=body)).status_code == 204
    assert await house.services.pool.fetchval("select last from stock_sequence") == 41
    wrong = await house.client.put("/v1/stock/publishing", json=body | {"numbering": "random"})
    assert wrong.status_code == 422
    elsewhere = {"account": "acme-in", "numbering": "milliseconds", "numbers": [numbers[0] | {"location": "NOPE"}]}
    wrong = await house.client.put("/v1/stock/publishing", json=elsewhere)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/numbers/0")
    assert await house.services.pool.fetchval("select numbering from stock_publishing") == "counter", (
        "nothing half done"
    )


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
