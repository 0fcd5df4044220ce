"""What the pages show, and what their buttons do."""

import asyncio
import json

import httpx

from api.house import House
from builders import LABEL_FILE
from console.conftest import room_of
from console.test_guard import token_in
from packline.console import lists, work
from packline.console.lists import Asked
from packline.domain import events as ev
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
