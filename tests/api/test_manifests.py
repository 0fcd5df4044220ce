"""Manifests over REST and by the Python client."""

import asyncio
import io

import asyncpg
import pypdfium2 as pdfium
import pytest
import zxingcpp
from msgspec.structs import replace

from api.house import House
from builders import LABEL_FILE, NOON, package
from packline.client import Client
from packline.commands.manifests import ManifestDesk
from packline.domain import events as ev
from packline.domain.shipment import Label, Status
from packline.domain.values import Window
from packline.storage.manifests import Manifests

SLOT = Window(NOON.replace(hour=14), NOON.replace(hour=16), "PICKUP")


async def parcels(house: House, amazon_id: str, *tracking: str, carrier: str = "ATS", window: Window = SLOT) -> str:
    """Store a labelled shipment with a parcel for each tracking id."""
    made = await house.shipment(amazon_id, order_id=f"402-{amazon_id}")
    boxes = tuple(replace(package(f"PKG-{n}"), sent=1) for n, _ in enumerate(tracking, 1))
    labels = [
        ev.LabelMade(f"PKG-{n}", Label(name, carrier, 1, 1, NOON, window=window, document=LABEL_FILE.document))
        for n, name in enumerate(tracking, 1)
    ]
    moved = ev.Moved(Status.SHIPLABEL_GENERATED, "command", NOON)
    await house.happen(made.id, ev.PackagesAdopted(boxes), *labels, moved, files=(LABEL_FILE,))
    return made.id


async def opened(house: House, *tracking: str, **given: object) -> str:
    body = {"account": "acme-in", "location": "EXSB", **given}
    answer = await house.client.post("/v1/manifests", json=body)
    assert answer.status_code == 201, answer.text
    name = answer.json()["id"]
    if tracking:
        assert {row["outcome"] for row in (await scan(house, name, *tracking))["items"]} == {"added"}
    return name


async def scan(house: House, manifest: str, *references: str) -> dict:
    answer = await house.client.post(f"/v1/manifests/{manifest}/packages", json={"packages": list(references)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def hand_over(house: House, manifest: str, *left: str) -> dict:
    answer = await house.client.post(f"/v1/manifests/{manifest}/hand_over", json={"left_behind": list(left)})
    assert answer.status_code == 200, answer.text
    return {row["order_id"]: row["outcome"] for row in answer.json()["items"]}


async def close(house: House, manifest: str):
    return await house.client.post(f"/v1/manifests/{manifest}/close")


async def test_parcels_are_scanned_in_each_with_its_answer(house: House):
    """One that may not go does not hinder the others; a shipment of one parcel may be named by its own ids."""
    await parcels(house, "S-1", "T1")
    await parcels(house, "S-2", "T2")
    await parcels(house, "S-3", "T3", carrier="BlueDart")
    await parcels(house, "S-4", "T4a", "T4b")
    bare = await house.shipment("S-5", order_id="402-S-5")
    name = await opened(house)
    told = await scan(house, name, "T1", "S-2", "T3", "S-4", "T4b", bare.id, "nobody", "T1")
    assert {row["reference"]: row["reason"] or row["outcome"] for row in told["items"]} == {
        "T1": "added",
        "S-2": "added",
        "T3": "wrong_carrier",
        "S-4": "ambiguous",
        "T4b": "added",
        bare.id: "no_label",
        "nobody": "not_found",
    }
    assert (told["manifest"]["packages"], told["manifest"]["carrier"]) == (3, "ATS")
    assert (await scan(house, name, "T1"))["items"][0]["outcome"] == "already"


async def test_a_parcel_is_on_one_manifest(house: House):
    """Two packers scan the same parcel at the same moment onto two manifests: one of them gets it."""
    await parcels(house, "S-1", "T1")
    first, second = await opened(house), await opened(house)
    told = await asyncio.gather(scan(house, first, "T1"), scan(house, second, "T1"))
    assert sorted(rows["items"][0]["reason"] or "added" for rows in told) == ["added", "on_other_manifest"]
    here, other = (first, second) if told[0]["items"][0]["outcome"] == "added" else (second, first)
    answer = await house.client.delete(f"/v1/manifests/{here}/packages/T1")
    assert answer.json()["parcels"] == []
    assert (await scan(house, other, "T1"))["items"][0]["outcome"] == "added"


async def test_many_scanners_fill_one_manifest(house: House):
    """Scans at the same moment wait for each other; none is lost, and none goes beyond the limit."""
    for number in range(8):
        await parcels(house, f"S-{number}", f"T{number}")
    slot = {"start": SLOT.start.isoformat(), "end": SLOT.end.isoformat(), "method": "PICKUP"}
    name = await opened(house, carrier="ATS", window=slot)
    told = await asyncio.gather(*(scan(house, name, f"T{2 * n}", f"T{2 * n + 1}") for n in range(4)))
    assert {row["outcome"] for rows in told for row in rows["items"]} == {"added"}
    assert (await house.client.get(f"/v1/manifests/{name}")).json()["packages"] == 8


async def test_closing_fixes_what_it_says(house: House):
    """Empty ones stay open; a parcel that was stopped is named; what is closed is never opened again."""
    gone = await parcels(house, "S-1", "T1")
    await parcels(house, "S-2", "T2")
    name = await opened(house)
    assert (await close(house, name)).json()["reason"] == "manifest_empty"
    await scan(house, name, "T1", "T2")
    await house.happen(gone, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))
    refused = (await close(house, name)).json()
    assert refused["reason"] == "parcels_stopped"
    assert "T1: The order is cancelled" in refused["detail"]
    assert (await house.client.post(f"/v1/manifests/{name}/hand_over")).json()["reason"] == "manifest_open"
    await house.client.delete(f"/v1/manifests/{name}/packages/T1")
    assert (await close(house, name)).json()["status"] == "closed"
    assert (await close(house, name)).json()["status"] == "closed"
    answer = await house.client.post(f"/v1/manifests/{name}/packages", json={"packages": ["T2"]})
    assert answer.json()["reason"] == "manifest_closed"


async def test_handing_over_tells_the_desk_once(house: House, pool: asyncpg.Pool):
    """A shipment goes when its last parcel goes; what stays behind may go later; doing it again changes nothing."""
    await parcels(house, "S-1", "T1")
    await parcels(house, "S-2", "T2a", "T2b")
    await parcels(house, "S-3", "T3")
    stopped = await parcels(house, "S-4", "T4")
    first = await opened(house, "T1", "T2a", "T3", "T4")
    assert (await close(house, first)).status_code == 200
    await house.happen(stopped, ev.Moved(Status.CANCELLED, "amazon", NOON, "BUYER"))
    outcome = await hand_over(house, first, "T3")
    assert outcome == {"402-S-1": "handed_over", "402-S-2": "waits", "402-S-4": "stopped"}
    assert (await hand_over(house, first))["402-S-1"] == "handed_over"
    second = await opened(house, "T2b", "T3")
    await close(house, second)
    assert await hand_over(house, second) == {"402-S-2": "handed_over", "402-S-3": "handed_over"}
    rows = await pool.fetch("select kind, count(*) from command group by kind")
    assert [tuple(row) for row in rows] == [("hand_over", 3)]
    told = (await house.client.get("/v1/events", params={"after": "0.0", "type": "manifest.*", "limit": 100})).json()
    names = [event["type"] for event in told["items"]]
    assert names.count("manifest.package_added") == 6
    assert names.count("manifest.package_left_behind") == 2
    assert names[-1] == "manifest.handed_over"


async def test_the_paper_has_codes_and_lines_to_sign_on(house: House, pool: asyncpg.Pool):
    """Every parcel's code can be scanned, on as many pages as it takes; only parcels that leave are on it."""
    for number in range(45):
        await parcels(house, f"S-{number}", f"SPXID{number:08d}")
    name = await opened(house, *(f"SPXID{number:08d}" for number in range(45)))
    await close(house, name)
    answer = await house.client.get(f"/v1/manifests/{name}/document")
    assert answer.headers["content-type"] == "application/pdf"
    codes: list[str] = []
    with pdfium.PdfDocument(io.BytesIO(answer.content)) as pdf:
        for page in pdf:
            found = zxingcpp.read_barcodes(page.render(scale=203 / 72, grayscale=True).to_pil())
            codes += [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]
        last = pdf[len(pdf) - 1].get_textpage().get_text_range()
        assert "Signature" in last
        assert "45 packages" in last
    assert codes == [name, *(f"SPXID{number:08d}" for number in range(45))]


async def test_lists_page_and_filter(house: House):
    """Newest first, by status and by a parcel on it; a bound key sees its own."""
    await parcels(house, "S-1", "T1")
    names = [await opened(house) for _ in range(3)]
    await scan(house, names[1], "T1")
    page = (await house.client.get("/v1/manifests", params={"limit": 2})).json()
    rest = (await house.client.get("/v1/manifests", params={"limit": 2, "after": page["next"]})).json()
    assert [row["id"] for row in page["items"] + rest["items"]] == names[::-1]
    found = (await house.client.get("/v1/manifests", params={"tracking_id": "T1"})).json()["items"]
    assert [row["id"] for row in found] == [names[1]]
    bound = await house.key("packer", locations=("OTHER",))
    assert (await house.client.get("/v1/manifests", headers=bound)).json()["items"] == []
    assert (await house.client.get(f"/v1/manifests/{names[0]}", headers=bound)).status_code == 404
    body = {"account": "acme-in", "location": "EXSB"}
    assert (await house.client.post("/v1/manifests", json=body, headers=bound)).status_code == 404


async def test_the_client_goes_the_whole_way(house: House, address: str):
    """Open, scan, print the labels of the manifest, close, paper, hand over."""
    await parcels(house, "S-1", "T1")
    await parcels(house, "S-2", "T2")
    secret = house.client.headers["Authorization"].removeprefix("Bearer ")
    async with Client(address, secret) as client:
        made = await client.open_manifest("acme-in", "EXSB")
        await client.scan_in(made["id"], ["T1", "T2"])
        assert (await client.print([made["id"]], format="zpl"))["printed"] == 2
        await client.take_out(made["id"], "T2")
        await client.close_manifest(made["id"])
        assert (await client.manifest_pdf(made["id"])).startswith(b"%PDF")
        told = await client.hand_over_manifest(made["id"])
        assert [row["outcome"] for row in told["items"]] == ["handed_over"]
        assert [row["status"] async for row in client.manifests(status="handed_over")] == ["handed_over"]


async def test_a_hand_over_that_was_cut_off_is_done_again_once(house: House, pool: asyncpg.Pool):
    """The process dies after the commands and before its own note: done again, the same commands are the same."""
    await parcels(house, "S-1", "T1")
    name = await opened(house, "T1")
    await close(house, name)
    desk, store = house.services.manifests, Manifests(pool)
    object.__setattr__(store, "commit", _dies)
    cut_off = ManifestDesk(store, house.store, house.services.accounts, house.services.desk, desk._clock, 100)
    with pytest.raises(ConnectionError):
        await cut_off.hand_over(name, "me")
    assert await pool.fetchval("select count(*) from command") == 1
    assert await hand_over(house, name) == {"402-S-1": "handed_over"}
    assert await pool.fetchval("select count(*) from command") == 1
    assert (await house.client.get(f"/v1/manifests/{name}")).json()["status"] == "handed_over"


async def _dies(*_: object) -> bool:
    raise ConnectionError("the process died")
