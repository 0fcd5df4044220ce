"""The operators' pages over a real database: what they show, what their buttons do, and whom they refuse."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from api.house import House
from api.test_feeds import batch, item
from api.test_kept_routes import keep, stocked
from api.test_reconciliations import judge
from console.conftest import browser
from console.test_guard import key_of, token_in
from packline.domain import events as ev
from packline.domain.returns import Password, return_id
from packline.domain.shipment import Problem, Status
from packline.ports import Ownership
from storage.test_returns import seen

ITEM = return_id("acme-in", "R-1")
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
SHELF = "/stock/item?pool=acme-in&location=EXSB&sku=KURTA-M"
PLACE = {"account": "acme-in", "location": "EXSB", "sku": "KURTA-M"}


@pytest.fixture
async def returned(house: House) -> None:
    """Have a return of three units that was delivered and carries a password."""
    now = house.services.clock.now()
    await house.services.pool.execute(
        "insert into ownership (account_id, epoch, worker, taken_at) values ('acme-in', 1, 'test', now())"
    )
    told = replace(seen("DELIVERED"), password=Password("481516", now + timedelta(hours=1)))
    assert await house.services.returns.save(Ownership("acme-in", 1), [told], now) == 1


async def send(page: httpx.AsyncClient, here: str, path: str, **fields: Any) -> str:
    """Send a form as the page at `here` does; give the page that it leads to."""
    token = token_in((await page.get(here)).text)
    answer = await page.post(path, data={"token": token, **fields})
    assert answer.status_code == 303, answer.text
    return (await page.get(answer.headers["location"])).text


async def test_work_leads_to_the_returns_that_wait(house: House, page: httpx.AsyncClient, returned: None) -> None:
    """The tab counts what the list shows, and a scan of the parcel opens it."""
    html = (await page.get("/")).text
    assert 'href="/returns?stage=to_receive"' in html
    assert "1 with a password" in html
    assert "RMA-1" in (await page.get("/returns", params={"stage": "to_receive"})).text
    assert "RMA-1" not in (await page.get("/returns", params={"stage": "received"})).text
    found = await page.get("/find", params={"q": "REV-1"})
    assert found.headers["location"] == f"/returns/{ITEM}"


async def test_a_return_is_received_in_parts_and_counts_once(
    house: House, page: httpx.AsyncClient, returned: None
) -> None:
    """Each part has its condition; the same form sent twice is said once; what is held goes to the ledger later."""
    here = f"/returns/{ITEM}"
    part = {"units": "2", "condition": "sellable", "restock": "yes", "once": "scan-1"}
    assert "2 units are received." in await send(page, here, f"{here}/receive", **part)
    assert "nothing was done twice" in await send(page, here, f"{here}/receive", **part)
    held = await send(page, here, f"{here}/receive", units="1", condition="carrier_damaged", bin="Q-1", once="scan-2")
    assert "kept aside" in held
    assert 'id="receive"' not in held  # nothing is awaited any more
    assert "in the ledger" in await send(page, here, f"{here}/restock")
    row = await house.services.pool.fetchrow("select on_hand, unsellable from stock_balance")
    assert (row["on_hand"], row["unsellable"]) == (2, 1)
    many = await send(page, here, f"{here}/receive", units="1", condition="sellable", once="scan-3")
    assert "are too many" in many
    assert "is no number" in await send(page, here, f"{here}/receive", units="two", once="scan-4")


async def test_what_another_system_took_in_waits_for_no_shelf(
    house: House, page: httpx.AsyncClient, returned: None
) -> None:
    """Units that are no stock of ours are said to be none, whatever they came as."""
    for condition in ("elsewhere", "wrong_item", "missing"):
        form = {"units": "1", "condition": condition, "restock": "yes", "once": condition}
        await send(page, f"/returns/{ITEM}", f"/returns/{ITEM}/receive", **form)
    html = (await page.get(f"/returns/{ITEM}")).text
    assert html.count("no stock") == 3
    assert "kept aside" not in html


async def test_a_password_is_shown_on_a_press_only(house: House, page: httpx.AsyncClient, returned: None) -> None:
    """It stands on no page; who looked is written down; after its end there is nothing to press."""
    here = f"/returns/{ITEM}"
    html = (await page.get(here)).text
    assert "481516" not in html
    assert 'id="show-password"' in html
    told = await page.post(f"{here}/password", data={"token": token_in(html)}, headers={"HX-Request": "true"})
    assert "481516" in told.text
    assert told.headers["cache-control"] == "no-store"
    assert "Who looked" in (await page.get(here)).text
    await house.services.pool.execute("update return_item set otp_valid_till = now() - interval '1 minute'")
    assert 'id="show-password"' not in (await page.get(here)).text
    late = await page.post(f"{here}/password", data={"token": token_in(html)}, headers={"HX-Request": "true"})
    assert late.status_code == 409


async def test_photos_come_from_a_page_of_ours(house: House, page: httpx.AsyncClient, returned: None) -> None:
    """They are kept and shown as they were sent; without the page's token, or as something else, they are refused."""
    here = f"/returns/{ITEM}"
    token = {"X-Packline-Token": token_in((await page.get(here)).text), "X-Packline-File": "box.png"}
    assert (await page.post(f"{here}/photos", content=PNG)).status_code == 403
    kept = await page.post(f"{here}/photos", content=PNG, headers=token)
    assert kept.json() == {"leads_to": here}
    html = (await page.get(here)).text
    assert "box.png" in html
    address = html.partition('<li><a href="')[2].partition('"')[0]
    shown = await page.get(address)
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert (await page.post(f"{here}/photos", content=b"<html>", headers=token)).status_code == 422


async def test_stock_says_why(house: House, page: httpx.AsyncClient) -> None:
    """Counting on the list, every step of the number on the SKU's page, correcting it there, the ledger below."""
    await house.shipment("S-1", "CONFIRMED", items=(("KURTA-M", 2),))
    assert "9 now" in await send(
        page, "/stock", "/stock/say", place="acme-in/EXSB", sku="KURTA-M", quantity="9", do="set"
    )
    listed = (await page.get("/stock", params={"sku": "KUR"})).text
    assert "KURTA-M" in listed
    assert "KURTA-M" not in (await page.get("/stock", params={"sku": "KURTB"})).text
    assert (await page.get("/find", params={"q": "KURTA-M"})).headers["location"] == "/stock?sku=KURTA-M"
    html = (await page.get(SHELF)).text
    assert "Why 9?" in html
    assert "9 on hand of KURTA-M at EXSB" in html
    said = {
        "place": "acme-in/EXSB",
        "sku": "KURTA-M",
        "do": "adjust",
        "quantity": "-2",
        "reason": "broken",
        "once": "x",
    }
    assert "9 on hand before, 7 now" in await send(page, SHELF, "/stock/say", back=SHELF, **said)
    assert "nothing was done twice" in await send(page, SHELF, "/stock/say", back=SHELF, **said)
    again = await send(page, SHELF, "/stock/say", back=SHELF, **{**said, "once": "y", "quantity": "-20"})
    assert "There is not enough" in again
    assert "broken" in again


async def test_a_sku_is_taken_off_sale_and_limited(house: House, page: httpx.AsyncClient) -> None:
    """Stop-sale and limits of a place share a rule: setting one keeps the other, and an empty rule is gone."""
    await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 9})
    html = await send(page, SHELF, "/stock/rules/stop", back=SHELF, **PLACE, channel="", stop="yes")
    assert "Why 0?" in html
    assert "the sale is stopped" in html
    html = await send(
        page,
        SHELF,
        "/stock/rules/limits",
        back=SHELF,
        **PLACE,
        channel="",
        n="1",
        **{"buffer-1": "10%", "maximum-1": "5"},
    )
    rules = (await page.get("/stock/rules")).text
    assert "the sale is stopped, 10 % held back, at most 5" in rules
    html = await send(page, SHELF, "/stock/rules/stop", back=SHELF, **PLACE, channel="", stop="")
    assert "Why 5?" in html
    await send(page, SHELF, "/stock/rules/limits", back=SHELF, **PLACE, channel="", n="1")
    assert "No rule yet." in (await page.get("/stock/rules")).text
    wrong = await send(page, "/stock/rules", "/stock/rules", **PLACE, buffer="some")
    assert "is no buffer" in wrong
    html = await send(page, "/stock/rules", "/stock/rules", account="", location="", sku="", buffer="2")
    assert "2 held back" in html


async def test_a_location_is_held_and_released(house: House, page: httpx.AsyncClient) -> None:
    """While it is held nothing is told, and every place of it says so."""
    await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 9})
    html = await send(page, "/stock/holds", "/stock/hold", place="acme-in/EXSB", reason="stock-taking")
    assert "stock-taking" in html
    assert "held back" in (await page.get("/stock")).text
    assert "is held already" in await send(page, "/stock/holds", "/stock/hold", place="acme-in/EXSB")
    await send(page, "/stock/holds", "/stock/release", account="acme-in", location="EXSB")
    assert "No location is held." in (await page.get("/stock/holds")).text


async def test_refused_numbers_are_told_again(house: House, page: httpx.AsyncClient) -> None:
    """With Amazon's words, one by one or all of an account."""
    await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 9})
    await house.services.pool.execute("update stock_offer set state = 'refused', error = 'INVALID_SKU: x'")
    assert "INVALID_SKU: x" in (await page.get("/stock/refused")).text
    html = await send(page, "/stock/refused", "/stock/refused/again", **PLACE)
    assert "1 number is told again." in html
    assert "Amazon refused nothing." in html


async def test_drift_is_mended_by_the_side_that_is_chosen(house: House, page: httpx.AsyncClient) -> None:
    """The likely cause stands with it; Amazon's number goes into the ledger, ours is told again."""
    await house.client.post("/v1/stock/set", json=PLACE | {"quantity": 9})
    html = await send(page, "/stock/drift", "/stock/drift/compare", place="acme-in/EXSB")
    assert "The comparison waits for a worker." in html
    words = "Amazon has 5, it was told 9: orders that were not taken in yet."
    await house.services.pool.execute(
        "insert into stock_drift (account_id, location_id, sku, channel, cause, words, wanted, published, amazon,"
        " on_hand, run_id, found_at) select 'acme-in', 'EXSB', 'KURTA-M', '', 'unseen_orders', $1, 9, 9, 5, 9, id,"
        " now() from stock_drift_run",
        words,
    )
    shown = (await page.get("/stock/drift")).text
    assert words in shown
    assert "orders that are not here yet" in shown
    assert "/stock/drift/file?as=csv" in shown
    lines = (await page.get("/stock/drift/file?as=csv")).text.splitlines()
    assert lines[0].startswith("account,location,sku,channel,wanted,told,amazon,seller,cause,words,found_at")
    assert lines[1].startswith("acme-in,EXSB,KURTA-M,,9,9,5,,unseen_orders,")
    assert (await page.get("/stock/drift/file?as=pdf")).status_code == 422
    html = await send(page, "/stock/drift", "/stock/drift/mend", **PLACE, side="amazon")
    assert "1 drift is mended." in html
    assert await house.services.pool.fetchval("select on_hand from stock_balance") == 5
    assert "Choose whose number counts." in await send(page, "/stock/drift", "/stock/drift/mend", **PLACE, side="mine")


async def test_feeds_tell_what_waits_and_what_was_given_up(house: House, page: httpx.AsyncClient) -> None:
    """One page for what waits, what is under way and what a person must look at; it goes again on a press."""
    await house.services.pool.execute("update account set api = 'seller_central'")
    number = await batch(house)
    await item(house, "shp_1")
    await item(house, "shp_2", state="failed", reason="Amazon made no label.")
    html = (await page.get("/feeds")).text
    for part in ("labels and invoices", "no feed was sent yet", "Amazon works on it", "Amazon made no label.", "7001"):
        assert part in html
    assert "7001" in (await page.get(f"/feeds/{number}")).text
    assert (await page.get("/feeds/nonsense")).status_code == 404
    html = await send(page, "/feeds", "/feeds/again", account="acme-in", kind="documents", key="shp_2")
    assert "1 goes with the next feed." in html
    assert "Amazon made no label." not in html


async def test_a_route_is_explained_and_answered(house: House, page: httpx.AsyncClient) -> None:
    """Asking keeps nothing; a location's rejection chooses anew at once, and the page says why."""
    await stocked(house, EXSB=5, DEL1=2)
    asked = (await page.get("/routes/ask", params={"account": "acme-in", "lines": "KURTA-M 2"})).text
    assert "It would ship from" in asked
    assert "EXSB" in asked.partition('id="answer"')[2]
    assert "Nobody has" in (await page.get("/routes/ask", params={"account": "acme-in", "lines": "NONE"})).text
    await keep(house, **{"A/1": 2})
    assert "A/1" in (await page.get("/routes")).text
    here = "/routes/acme-in/A%2F1"
    html = await send(page, here, f"{here}/reject", location="EXSB", reason="no room")
    assert "no room" in html
    assert "DEL1" in html
    html = await send(page, here, f"{here}/accept", location="DEL1")
    assert "accepted" in html
    assert "Cancelled; what it held is free again." in await send(page, here, f"{here}/cancel")


async def test_books_are_compared_and_mended(house: House, page: httpx.AsyncClient) -> None:
    """A file of the seller's own books: what differs with cause and repair; one press mends it."""
    await house.shipment("S-1", "CONFIRMED", order_id="O-1")
    await house.services.pool.execute("update shipment set received_at = now() - interval '1 hour'")
    token = {"X-Packline-Token": token_in((await page.get("/reconciliations")).text), "X-Packline-File": "mine.csv"}
    path = "/reconciliations/files?place=acme-in/&what=orders"
    answer = await page.post(path, content=b"order_id,status\nO-9,shipped\n", headers=token)
    assert answer.status_code == 200, answer.text
    run = answer.json()["leads_to"]
    await judge(house)
    html = (await page.get(run)).text
    for part in ("not in Packline", "only in Packline", "O-9", "S-1", "Tell your system again"):
        assert part in html
    file = await page.get(f"{run.partition('?')[0]}/file?as=csv")
    assert file.headers["content-disposition"].startswith('attachment; filename="reconciliations-')
    rows = {line.split(",")[0] or line.split(",")[1]: line for line in file.text.splitlines()}
    assert ",missing," in rows["O-9"]
    assert ",extra," in rows["S-1"]
    assert (await page.get("/reconciliations/x/file?as=xlsx")).status_code == 404
    number = html.partition('name="item" value="')[2].partition('"')[0]
    assert "1 repair is under way." in await send(page, run, f"{run.partition('?')[0]}/mend", item=number)
    assert (await page.post(path, content=b"order_id,status\nO-9,shipped\n")).status_code == 403


async def test_the_comparison_with_amazon_waits_for_a_worker(house: House, page: httpx.AsyncClient) -> None:
    """It has a page of its own from the first moment."""
    html = await send(page, "/reconciliations", "/reconciliations", place="acme-in/", what="orders")
    assert "waits for a worker" in html
    assert "orders with Amazon" in (await page.get("/reconciliations")).text


async def test_what_others_did_in_smarthub_is_told(house: House, page: httpx.AsyncClient) -> None:
    """Shipments by place, and those that need a person; the span is chosen by a link."""
    shipment = await house.shipment("S-2")
    now = house.services.clock.now()
    await house.happen(
        shipment.id,
        ev.Moved(Status.SHIPLABEL_GENERATED, "adopted", now),
        ev.AnomalyFound(Problem("gap", "x", "y", now)),
    )
    html = (await page.get("/smarthub")).text
    assert "S-2" in html
    assert "stopped: a person must look" in html
    assert 'aria-current="true">7 days' in (await page.get("/smarthub?span=week")).text


async def test_health_shows_every_flow_the_silent_ones_first(house: House, page: httpx.AsyncClient) -> None:
    """With its last success, by when it must come again, and why it probably does not."""
    await house.services.pool.execute(
        "insert into flow (account_id, name, subject, last_at, expected_at, silent_since, cause, says) values"
        " ('acme-in', 'orders', '', now(), now() + interval '1 hour', null, '', ''),"
        " ('acme-in', 'stock', '', now(), now(), now(), 'no_worker', 'No worker runs.')"
    )
    html = (await page.get("/health")).text
    assert "No worker runs." in html
    assert html.index("quantities to Amazon") < html.index("new orders")


async def test_a_reader_of_one_place_sees_and_says_only_what_is_his(house: House, returned: None) -> None:
    """Not another place's return, rules, or a comparison of everything; a viewer is shown no buttons."""
    async with browser(house) as other:
        await other.post("/sign-in", data={"key": await key_of(house, "operator", locations=("ELSEWHERE",))})
        assert (await other.get(f"/returns/{ITEM}")).status_code == 404
        assert "RMA-1" not in (await other.get("/returns")).text
    async with browser(house) as bound:
        await bound.post("/sign-in", data={"key": await key_of(house, "operator", locations=("EXSB",))})
        assert "you see only some" in (await bound.get("/stock/rules")).text
        for path, fields in (
            ("/stock/rules", {"buffer": "2"}),
            ("/stock/hold", {"place": "acme-in/DEL1"}),
            ("/stock/drift/compare", {"place": "acme-in/"}),
            ("/stock/refused/again", {"account": "acme-in"}),
            ("/reconciliations", {"place": "acme-in/"}),
            ("/stock/say", {"pool": "acme-in", "location": "EXSB", "sku": "KURTA-M", "quantity": "1"}),
        ):
            assert "notice late" in await send(bound, "/stock/holds", path, **fields), path
    async with browser(house) as viewer:
        await viewer.post("/sign-in", data={"key": await key_of(house, "reader")})
        html = (await viewer.get(f"/returns/{ITEM}")).text
        assert 'id="receive"' not in html
        assert 'id="show-password"' not in html
        assert "Packers can see it." in html
        await house.client.put("/v1/stock/rules", json={"account": "acme-in", "buffer_units": 2})
        assert "2 held back" in (await viewer.get("/stock/rules")).text
        assert "Remove" not in (await viewer.get("/stock/rules")).text


async def test_nonsense_in_an_address_breaks_no_page(house: House, page: httpx.AsyncClient) -> None:
    """Cursors, numbers and names that cannot be are refused in words, zero bytes too."""
    for path in ("/returns", "/stock", "/stock/refused", "/stock/drift", "/feeds", "/routes", "/reconciliations"):
        for query in ("after=junk", "after=WyJ4Il0", "sku=%00", "account=%00", "kind=x&stage=x&state=x&what=x"):
            assert (await page.get(f"{path}?{query}")).status_code < 500, (path, query)
    for path in ("/returns/%00", "/feeds/x", "/feeds/99999999999999999", "/routes/acme-in/x", "/reconciliations/x",
                 "/stock/item", "/stock/drift?comparison=x", "/routes/ask?account=acme-in&lines=A+0"):  # fmt: skip
        assert (await page.get(path)).status_code < 500, path
    token = token_in((await page.get("/stock/holds")).text)
    answer = await page.post("/stock/hold", content=f"token={token}&place=acme-in/EXSB%00&reason=%00")
    assert answer.status_code < 500
