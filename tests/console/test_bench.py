"""What the bench, the print page and the manifest pages do when they are asked."""

from typing import Any

import httpx
import msgspec
from msgspec.structs import replace

from api.house import DETAILS, House
from api.test_manifests import parcels
from api.test_prints import labeled
from builders import NOON
from console.conftest import browser
from console.test_guard import token_in
from packline.domain import events as ev
from packline.domain.shipment import Status

BENCH = {"place": "acme-in/EXSB"}


async def told(page: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    """Send JSON as the bench does."""
    token = token_in((await page.get("/prints")).text)
    return await page.post(path, json=body, headers={"X-Packline-Token": token})


async def waiting(house: House, name: str, *skus: str, minutes: float = 0, status: str = "CONFIRMED") -> str:
    """Store a shipment that waits for a packer, with a line of one unit for each SKU."""
    ship_by = NOON.replace(hour=18, minute=int(minutes))
    made = await house.shipment(
        name, status, order_id=f"402-{name}", items=tuple((s, 1) for s in skus), ship_by=ship_by
    )
    line = DETAILS.lines[0]
    lines = tuple(replace(line, id=f"L{n}", sku=sku, units=1) for n, sku in enumerate(skus, 1))
    advised = replace(DETAILS.recommended[0], lines=tuple((one.id, 1) for one in lines))
    body = msgspec.json.encode(replace(DETAILS, lines=lines, recommended=(advised,)))
    sql = "update shipment_body set body = $2 where shipment_id = $1"
    await house.services.pool.execute(sql, made.id, body)
    return made.id


async def test_whatever_is_scanned_brings_the_order(house: House, page: httpx.AsyncClient):
    """By id, or by a SKU: then the most urgent that waits for it, an order with nothing else in it first."""
    await waiting(house, "S-1", "KURTA", "SHAWL", minutes=1)
    await waiting(house, "S-2", "KURTA", minutes=9)
    alone = await waiting(house, "S-3", "KURTA", minutes=5, status="ACCEPTED")
    for code in ("S-1", "402-S-1"):
        sheet = (await told(page, "/bench/scan", code=code, **BENCH)).json()["sheet"]
        assert (sheet["amazon_id"], sheet["first"], sheet["can_pack"]) == ("S-1", "", True)
    sheet = (await told(page, "/bench/scan", code="KURTA", **BENCH)).json()["sheet"]
    assert (sheet["id"], sheet["first"]) == (alone, "KURTA")
    assert sheet["boxes"] == [{"length_cm": 30, "width_cm": 20, "height_cm": 10, "weight_g": 850, "lines": {"L1": 1}}]


async def test_the_sellers_own_sku_and_the_asin_count_as_the_unit(house: House, page: httpx.AsyncClient):
    """What is printed on the goods is seldom Amazon's merchant SKU."""
    await waiting(house, "S-1", "KURTA")
    sql = (
        "insert into listing (account_id, marketplace, channel_sku, client_sku, asin, updated_at)"
        " values ('acme-in', 'M', 'KURTA', 'BK-7', 'B00KURTA01', now())"
    )
    await house.services.pool.execute(sql)
    for code in ("BK-7", "B00KURTA01"):
        sheet = (await told(page, "/bench/scan", code=code, **BENCH)).json()["sheet"]
        assert sheet["lines"][0]["codes"] == ["B00KURTA01", "BK-7", "KURTA"]


async def test_errors_come_in_words(house: House, page: httpx.AsyncClient):
    """Cancelled, of another place, unknown: what happened and what to do."""
    gone = await waiting(house, "S-1", "KURTA")
    await house.happen(gone, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))
    await waiting(house, "S-2", "SHAWL")
    for code, place, says in (
        ("S-1", "acme-in/EXSB", "S-1 is cancelled: do not pack it."),
        ("S-2", "acme-in/OTHER", "S-2 leaves from EXSB, not from this bench."),
        ("nothing", "acme-in/EXSB", "Nothing that waits for a packer has nothing in it."),
    ):
        answer = await told(page, "/bench/scan", code=code, place=place)
        assert answer.status_code >= 400
        assert answer.json()["error"]["message"] == says
        assert answer.json()["error"]["hint"]


async def test_packing_gives_the_boxes_as_they_were_closed(house: House, page: httpx.AsyncClient):
    """The desk gets the packages; what Amazon would refuse comes back as sentences."""
    name = await waiting(house, "S-1", "KURTA")
    box = {"length_cm": 31, "width_cm": 20, "height_cm": 10, "weight_g": 900}
    wrong = await told(page, "/bench/pack", shipment=name, packages=[{"box": box, "lines": []}])
    assert "every unit must be packed exactly once" in " ".join(wrong.json()["error"]["faults"])
    packages = [{"box": box, "lines": [{"line_id": "L1", "quantity": 1}]}]
    made = [(await told(page, "/bench/pack", shipment=name, packages=packages, key="k")).json() for _ in range(2)]
    assert made[0]["ticket"] == made[1]["ticket"]
    following = (await page.get(f"/bench/tickets/{made[0]['ticket']}")).json()
    assert (following["outcome"], following["status"]) == (None, "confirmed")
    assert [row["amazon_id"] for row in (await page.get("/bench/last")).json()["items"]] == ["S-1"]
    stored = (await house.store.load([name]))[name]
    assert stored.packages[0].box.length_cm == 31


async def test_the_label_prints_and_a_zpl_label_is_saved(house: House, page: httpx.AsyncClient):
    """PDF goes to the browser's printer; ZPL cannot, and is given as a file."""
    drawn = await labeled(house, 0)
    await parcels(house, "S-9", "T9")
    made = (await told(page, "/bench/print", shipment=drawn)).json()
    assert (await page.get(made["file"])).content.startswith(b"%PDF")
    assert (await told(page, "/bench/print", shipment=drawn)).json()["reprinted"] == 1
    zpl = (await told(page, "/bench/print", shipment="S-9")).json()
    assert (zpl["media_type"], zpl["refused"]) == ("application/zpl", [])
    assert b"^XA" in (await page.get(zpl["file"])).content


async def test_only_pages_of_this_session_reach_the_bench(house: House, page: httpx.AsyncClient):
    """Another site's script, or a reader's key, packs nothing."""
    answer = await page.post("/bench/scan", json={"code": "S-1"}, headers={"X-Packline-Token": "stolen"})
    assert answer.status_code == 403
    assert "error" in answer.json()


async def test_what_waits_is_printed_with_one_button(house: House, page: httpx.AsyncClient):
    """The page counts what was never printed; the print's page says what was refused and gives the files."""
    await labeled(house, 0)
    await labeled(house, 1)
    html = (await page.get("/prints")).text
    assert "2 parcels wait to be printed" in html
    form = {"token": token_in(html), "place": "acme-in/EXSB", "documents": "ship_label", "order": "sku"}
    answer = await page.post("/prints", data=form)
    shown = await page.get(answer.headers["location"])
    assert "2 documents for the printer" in shown.text
    assert f'data-print="{answer.headers["location"]}/ship_label"' in shown.text
    assert "0 parcels wait" in (await page.get("/prints")).text
    again = await page.post("/prints", data={**form, "ids": "S-0, nobody"})
    shown = (await page.get(again.headers["location"])).text
    assert "1 reprint, marked so" in shown
    assert "There is no shipment, order, manifest or label of this name." in shown


async def test_a_manifest_goes_its_way_on_its_page(house: House, page: httpx.AsyncClient):
    """Open, scan, take out, close, paper, hand over, with the reason where a parcel must not go."""
    for number in (1, 2):
        await parcels(house, f"S-{number}", f"T{number}")
    await parcels(house, "S-3", "T3", carrier="BlueDart")
    token = {"token": token_in((await page.get("/manifests")).text)}
    at = (await page.post("/manifests", data={**token, "place": "acme-in/EXSB"})).headers["location"]
    assert "It is empty." in (await page.get(at)).text
    asks = {"Accept": "application/json"}
    said = (await page.post(f"{at}/scan", data={**token, "code": "T1 T2 T3"}, headers=asks)).json()
    assert [item["tone"] for item in said["items"]] == ["good", "good", "late"]
    assert said["items"][2]["message"] == "This parcel goes with BlueDart; the manifest is for ATS."
    await page.post(f"{at}/remove", data={**token, "tracking": "T2"})
    assert (await page.get(f"{at}/paper")).content.startswith(b"%PDF")
    await page.post(f"{at}/close", data=token)
    assert "Hand all over" in (await page.get(at)).text
    done = await page.post(f"{at}/hand-over", data=token)
    assert "1 parcel is handed over." in (await page.get(done.headers["location"])).text
    assert "handed over" in (await page.get("/manifests", params={"tracking": "T1"})).text
    assert (await page.post(f"{at}/scan", data={**token, "code": "T2"}, headers=asks)).status_code == 409


async def test_a_scan_that_outran_the_script_is_answered_by_the_page(house: House, page: httpx.AsyncClient):
    """A form sent by the browser itself leads back to the manifest, which says what came of each code."""
    await parcels(house, "S-1", "T1")
    await parcels(house, "S-2", "T2", carrier="BlueDart")
    token = {"token": token_in((await page.get("/manifests")).text)}
    at = (await page.post("/manifests", data={**token, "place": "acme-in/EXSB"})).headers["location"]
    good = await page.post(f"{at}/scan", data={**token, "code": "T1"})
    assert good.status_code == 303
    assert "T1: added" in (await page.get(good.headers["location"])).text
    late = await page.post(f"{at}/scan", data={**token, "code": "T2"})
    assert (
        "T2: This parcel goes with BlueDart; the manifest is for ATS."
        in (await page.get(late.headers["location"])).text
    )


async def test_a_reader_sees_no_buttons(house: House):
    """Who may only look is offered nothing to do, and gets no labels."""
    await labeled(house, 0)
    key = (await house.key("reader"))["Authorization"].removeprefix("Bearer ")
    async with browser(house) as page:
        await page.post("/sign-in", data={"key": key, "back": "/"})
        made = await house.client.post("/v1/prints", json={"shipments": ["S-0"]})
        assert (await page.get(f"/prints/{made.json()['id']}/ship_label")).status_code == 403
