"""Failed work by its cause, and the bundle for Amazon's support."""

import io
import json
import zipfile

import packline
from api.house import House
from packline.domain import events as ev
from packline.domain.shipment import Problem


async def failed(house: House, amazon_id: str, code: str, message: str) -> str:
    """Put a shipment with a problem on the shelf."""
    shipment = await house.shipment(amazon_id, "CONFIRMED")
    problem = Problem(code, message, "Look.", house.services.clock.now())
    await house.happen(shipment.id, ev.Stuck(problem, stop=True))
    return shipment.id


async def test_failures_stand_by_cause_with_what_mends_them(house: House):
    """The same code of Amazon's in the same operation is one cause; its shipments and its cure come with it."""
    said = "Amazon refused createPackages: InvalidInput: weight is missing"
    for number in range(2):
        await failed(house, f"S-{number}", "refused_by_amazon", said)
    await failed(house, "S-9", "label_failed", "Amazon made no label for package PKG-1: too heavy")
    found = (await house.client.get("/v1/failures")).json()
    first, second = found["items"]
    assert (first["count"], first["operation"], first["amazon_code"]) == (2, "createPackages", "InvalidInput")
    assert first["amazon_means"]
    assert (first["mend"], second["mend"]) == ("retry", "relabel")
    assert [one["amazon_id"] for one in second["shipments"]] == ["S-9"]


async def test_a_key_of_another_account_sees_no_failure(house: House):
    """Failures are cut to what the key may see."""
    await failed(house, "S-1", "label_failed", "Amazon made no label for package PKG-1: too heavy")
    headers = await house.key("reader", accounts=("other",))
    assert (await house.client.get("/v1/failures", headers=headers)).json()["items"] == []


async def test_the_bundle_holds_calls_with_request_ids_and_no_address(house: House):
    """One ZIP: request ids in the text that Amazon's support reads, and nothing of the buyer."""
    shipment = await house.shipment("S-1")
    await house.called(shipment.id, status=500, n=3)
    answer = await house.client.get("/v1/shipments/S-1/bundle")
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    texts = {name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"README.txt", "calls.csv", "calls.json", "shipment.json", "timeline.json"}
    assert "rid-3" in texts["README.txt"]
    assert json.loads(texts["calls.json"])[0]["request_id"] == "rid-3"
    assert "A Buyer" not in "".join(texts.values())


async def test_the_client_reads_both(house: House, address: str):
    """The Python client gives the list and the bytes."""
    shipment = await house.shipment("S-1")
    async with packline.Client(address, house.client.headers["authorization"].split()[1]) as seller:
        assert await seller.failures() == []
        assert (await seller.bundle(shipment.id))[:2] == b"PK"
