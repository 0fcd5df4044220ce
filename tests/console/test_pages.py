"""What the pages show, and what their buttons do."""

import asyncio
import json
import re

import httpx

from api.house import House
from builders import LABEL_FILE
from console.conftest import room_of
from console.test_guard import token_in
from packline.console import frame, lists, work
from packline.console.lists import Asked
from packline.domain import events as ev
from packline.domain.location import Location
from packline.domain.shipment import Problem
from packline.views.paging import EVERYTHING


async def test_work_shows_what_each_shipment_waits_for(house: House, page: httpx.AsyncClient):
    """A row says in one clause what it waits for, and carries the next act as its button."""
    await house.shipment("S-1", "ACCEPTED")
    await house.shipment("S-2", "CONFIRMED")
    html = (await page.get("/")).text
    assert "Waits for the seller&#39;s confirmation." in html
    assert "Waits for a packer." in html
    assert html.index(">Confirm</button>") != html.index(">Pack</button>")


async def test_pharmacy_is_named_and_chosen(house: House, page: httpx.AsyncClient):
    """Amazon does not show it: rows say what their location is named, and the filter chooses by that."""
    await house.services.accounts.put_location(Location("acme-in", "PHX1", programs=("pharmacy",)))
    pill = await house.shipment("S-1", "CONFIRMED", program="easy_ship", location="PHX1")
    await house.shipment("S-2", "CONFIRMED", program="easy_ship")
    for path in ("/", "/shipments"):
        every = (await page.get(path)).text
        assert every.count(">Pharmacy · PHX1<") == 1
        assert '<option value="pharmacy">Pharmacy</option>' in every
        chosen = (await page.get(path, params={"program": "pharmacy"})).text
        assert ("S-1" in chosen, "S-2" in chosen) == (True, False)
    assert "Pharmacy (Easy Ship)" in (await page.get(f"/shipments/{pill.id}")).text


async def test_tabs_are_next_actions(house: House, page: httpx.AsyncClient):
    """A tab shows only the shipments that wait for its action."""
    await house.shipment("S-1", "ACCEPTED")
    await house.shipment("S-2", "CONFIRMED")
    html = (await page.get("/", params={"next": "pack"})).text
    assert "S-2" in html
    assert "S-1" not in html


async def test_a_refused_act_says_what_to_do(house: House, page: httpx.AsyncClient):
    """What the desk refuses comes back as a notice with its hint, and nothing is changed."""
    shipment = await house.shipment("S-1", "CONFIRMED")
    token = token_in((await page.get(f"/shipments/{shipment.id}")).text)
    answer = await page.post(f"/shipments/{shipment.id}/hand_over", data={"token": token})
    told = (await page.get(answer.headers["location"])).text
    assert "hand_over is possible in" in told
    assert "notice late" in told


async def test_an_act_leads_back_to_the_list_it_came_from(house: House, page: httpx.AsyncClient):
    """`back` is followed inside this console only."""
    shipment = await house.shipment()
    token = token_in((await page.get("/")).text)
    here = await page.post(f"/shipments/{shipment.id}/pack", data={"token": token, "back": "/?next=pack"})
    assert here.headers["location"] == "/?next=pack"
    away = await page.post(f"/shipments/{shipment.id}/pack", data={"token": token, "back": "//evil.example"})
    assert away.headers["location"] == f"/shipments/{shipment.id}"


async def test_a_shipment_page_tells_the_whole_story(house: House, page: httpx.AsyncClient):
    """Lines, packages, documents, events and calls with their request ids stand on one page."""
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    await house.called(shipment.id, status=500, n=3)
    html = (await page.get(f"/shipments/{shipment.id}")).text
    for part in ("KURTA-M", "S-1-label-PKG-1", "<b>createPackages</b> 500", "rid-3", "label made"):
        assert part in html


async def test_a_document_comes_with_its_name_and_type(house: House, page: httpx.AsyncClient):
    """The file is Amazon's, byte for byte, and no browser guesses another type."""
    shipment = await house.shipment()
    await house.labeled(shipment.id)
    answer = await page.get(f"/shipments/{shipment.id}/documents/{LABEL_FILE.document.sha256}")
    assert answer.content == LABEL_FILE.content
    assert "S-1-label-PKG-1" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_search_takes_whatever_is_scanned(house: House, page: httpx.AsyncClient):
    """Shipment id, Amazon's id and tracking id lead to the shipment; anything else says so."""
    shipment = await house.shipment()
    await house.labeled(shipment.id, tracking="TRK-9")
    for reference in (shipment.id, "S-1", "TRK-9"):
        answer = await page.get("/find", params={"q": reference})
        assert answer.headers["location"] == f"/shipments/{shipment.id}"
    assert (await page.get("/find", params={"q": "nothing"})).status_code == 404


async def test_what_amazon_sends_is_never_markup(house: House, page: httpx.AsyncClient):
    """Text from outside is shown as text."""
    shipment = await house.shipment()
    problem = Problem("odd", "<script>alert(1)</script>", "look", house.services.clock.now())
    await house.happen(shipment.id, ev.Stuck(problem, stop=True))
    for path in ("/", f"/shipments/{shipment.id}"):
        html = (await page.get(path)).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html


async def test_the_other_pages_open_on_an_empty_house(page: httpx.AsyncClient):
    """Empty pages say what will come here."""
    for path in ("/", "/shipments", "/calls", "/quotas", "/accounts"):
        assert (await page.get(path)).status_code == 200


async def test_a_stream_sends_only_rows_that_changed(house: House):
    """The first news holds every row; after that the order, and the rows that are different."""
    first = await house.shipment("S-1", "CONFIRMED")
    await house.shipment("S-2", "CONFIRMED")
    room = room_of(house, sign_in=False)
    object.__setattr__(room, "clock", Pace(room.clock))
    stream = lists.news(work.TABLE, room, Asked({}, EVERYTHING), "token")
    rows = await next_rows(stream)
    assert all(html for _, html in rows)
    changing = asyncio.create_task(
        house.happen(first.id, ev.Stuck(Problem("p", "Odd.", "Look.", house.services.clock.now()), stop=True))
    )
    rows = await asyncio.wait_for(next_rows(stream), 10)
    await changing
    changed = {key: html for key, html in rows if html}
    assert list(changed) == [f"row-{first.id}"]
    assert "Odd." in changed[f"row-{first.id}"]
    await stream.aclose()


class Pace:
    """The house's clock, on which a second is short."""

    def __init__(self, clock: object) -> None:
        self._clock = clock

    def now(self) -> object:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 50)


async def next_rows(stream: object) -> list[list[str | None]]:
    """Read a stream until it tells of rows."""
    async for part in stream:
        if part.startswith("event: rows"):
            return json.loads(part.partition("data: ")[2])
    raise AssertionError("the stream ended")


async def test_every_place_opens_on_an_empty_house(page: httpx.AsyncClient):
    """Each entry of the rail has a page, and an empty page says what will come here."""
    for place in frame.RAIL:
        answer = await page.get(place.path)
        assert answer.status_code == 200, place
        assert "Content-Security-Policy" in answer.headers
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


async def test_a_bulk_act_shows_what_would_happen_before_it_does_it(house: House, page: httpx.AsyncClient):
    """The preview names what is left out and why; nothing is given before it is confirmed; each row has its fate."""
    first = await house.shipment("S-1", "CONFIRMED")
    gone = await house.shipment("S-2", "CANCELLED")
    token = header_in((await page.get("/")).text)
    ids = f"{first.id} {gone.id}"
    begun = await page.post("/bulk/preview", data={"act": "pack", "ids": ids}, headers=token)
    job = re.search(r'/bulk/([\w-]+)"', begun.text)[1]
    ready = await until(page, f"/bulk/{job}", "1 row is ready")
    assert "pack is possible in" in ready
    assert (await house.store.load([first.id]))[first.id].goal is None
    await page.post(f"/bulk/{job}/give", headers=token)
    given = await until(page, f"/bulk/{job}", "under way")
    assert "left out" in given
    assert (await house.store.load([first.id]))[first.id].goal == "labeled"


async def test_a_bulk_act_takes_the_whole_filter(house: House, page: httpx.AsyncClient):
    """All that fit the address are taken, also those that no page shows."""
    for number in range(3):
        await house.shipment(f"S-{number}", "CONFIRMED")
    await house.shipment("S-9", "ACCEPTED")
    token = header_in((await page.get("/")).text)
    asked = {"act": "pack", "all": "yes", "path": "/", "query": "next=pack"}
    job = re.search(r'/bulk/([\w-]+)"', (await page.post("/bulk/preview", data=asked, headers=token)).text)[1]
    assert "3 rows are ready" in await until(page, f"/bulk/{job}", "ready")


async def test_failed_work_is_grouped_by_its_cause(house: House, page: httpx.AsyncClient):
    """One group for each cause, Amazon's code in plain words, and the button that mends it."""
    for number in range(3):
        shipment = await house.shipment(f"S-{number}", "CONFIRMED")
        said = "Amazon refused createPackages: InvalidInput: weight is missing"
        problem = Problem("refused_by_amazon", said, "look", house.services.clock.now())
        await house.happen(shipment.id, ev.Stuck(problem, stop=True))
    html = (await page.get("/failed")).text
    assert html.count('class="card cause"') == 1
    assert "something in what was sent is wrong or missing" in html
    assert "Try again: all 3" in html


async def test_any_list_leaves_as_a_file(house: House, page: httpx.AsyncClient):
    """CSV and XLSX hold all pages of the filter, with a header, and no formula."""
    for number in range(3):
        await house.shipment(f"S-{number}", "CONFIRMED")
    text = (await page.get("/shipments", params={"as": "csv"})).text.splitlines()
    assert text[0].startswith("ship_by,shipment,")
    assert len(text) == 4
    book = await page.get("/shipments", params={"as": "xlsx"})
    assert book.content[:2] == b"PK"
    assert "spreadsheetml" in book.headers["content-type"]


async def test_charts_are_drawn_with_their_numbers(house: House, page: httpx.AsyncClient):
    """Each chart has its numbers as a table for those who cannot see it."""
    await house.shipment("S-1", "CONFIRMED")
    html = (await page.get("/health/charts")).text
    assert html.count("<svg") >= 2
    assert "As numbers" in html


def header_in(html: str) -> dict[str, str]:
    """Make the header that htmx sends."""
    return {"X-Packline-Token": re.search(r'"X-Packline-Token": "([^"]+)"', html)[1], "HX-Request": "true"}


async def until(page: httpx.AsyncClient, path: str, words: str) -> str:
    """Ask until an answer says something."""
    for _ in range(200):
        html = (await page.get(path, headers={"HX-Request": "true"})).text
        if words in html:
            return html
        await asyncio.sleep(0.02)
    raise AssertionError(html)


async def test_a_box_of_another_size_is_packed_from_the_page(house: House, page: httpx.AsyncClient):
    """The form of the page asks for size, weight and slot, as the API does; what is no number is refused in words."""
    shipment = await house.shipment("S-1", "CONFIRMED")
    token = token_in((await page.get(f"/shipments/{shipment.id}")).text)
    sizes = {"PKG-1.length_cm": "33", "PKG-1.width_cm": "22,5", "PKG-1.height_cm": "11", "PKG-1.weight_g": "x"}
    form = {"token": token, "slot": "earliest", **sizes}
    refused = await page.post(f"/shipments/{shipment.id}/pack", data=form)
    assert "x is no number" in (await page.get(refused.headers["location"])).text
    await page.post(f"/shipments/{shipment.id}/pack", data={**form, "PKG-1.weight_g": "900"})
    packed = (await house.store.load([shipment.id]))[shipment.id]
    assert (packed.packages[0].box.width_cm, packed.packages[0].box.weight_g) == (22.5, 900)
    assert packed.slot.policy == "earliest"
