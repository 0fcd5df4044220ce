"""Uploads and downloads: signatures, expiry, content types, gzip."""

import gzip

import pytest

from packline_sim.faults import FaultRule
from packline_sim.world import World
from sim.feeds.desk import FEEDS, XML, Desk, target


async def test_an_upload_needs_the_declared_content_type_to_the_letter(desk: Desk) -> None:
    """Another Content-Type spoils the signature: 403 from the store, in XML; a switch takes any."""
    url = (await desk.document())["url"]
    refused = await desk.put(url, b"x", "text/xml;charset=utf-8")
    assert (refused.status, refused.headers["content-type"]) == (403, "application/xml")
    assert "SignatureDoesNotMatch" in refused.text
    desk.world.switches.update({"upload_content_type": "any"})
    assert (await desk.put(url, b"x", "text/plain")).status == 200


async def test_addresses_expire(desk: Desk) -> None:
    """After the seconds of the switch, 300 by default, the store answers 403; a new address works again."""
    url = (await desk.document())["url"]
    desk.world.clock.advance(299.9)
    assert (await desk.put(url, b"x")).status == 200
    desk.world.clock.advance(0.1)
    late = await desk.put(url, b"y")
    assert (late.status, "Request has expired" in late.text) == (403, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Expires=300", "Expires=900"), ("amzn1.tortuga.4.eu", "amzn1.tortuga.4.na"), ("Signature=", "Sig=")],
)
async def test_addresses_cannot_be_changed(desk: Desk, old: str, new: str) -> None:
    """Longer life, another document or no signature: 403."""
    url = (await desk.document())["url"]
    assert (await desk.put(url.replace(old, new), b"x")).status == 403


async def test_an_upload_address_does_not_download(desk: Desk) -> None:
    """The method is part of the signature."""
    document = await desk.document()
    await desk.put(document["url"], b"x")
    assert (await desk.fetch(document["url"])).status == 403
    shown = (await desk.call("GET", f"{FEEDS}/documents/{document['feedDocumentId']}")).json()
    assert await desk.content(shown) == b"x"
    assert (await desk.put(shown["url"], b"y")).status == 403


async def test_a_document_without_content_is_not_there(desk: Desk) -> None:
    """Fetching what was never uploaded is 404 from the store."""
    document_id = (await desk.document())["feedDocumentId"]
    shown = (await desk.call("GET", f"{FEEDS}/documents/{document_id}")).json()
    assert (await desk.fetch(shown["url"])).status == 404
    assert (await desk.call("GET", f"{FEEDS}/documents/none")).status == 404


async def test_uploads_of_tens_of_megabytes_are_taken_in_pieces(desk: Desk) -> None:
    """The store takes what the APIs would refuse as too large."""
    content = b"0123456789abcdef" * (12 * 65_536)
    document_id = await desk.uploaded(content)
    assert desk.world.files.find(document_id).content == content


async def test_gzip_is_told_and_the_header_says_so_only_when_asked(desk: Desk, world: World) -> None:
    """compressionAlgorithm GZIP comes with Content-Encoding identity, or gzip when the address was asked for so."""
    from packline_sim.stored_files import store_result

    world.switches.update({"stored_gzip": "all"})
    file = store_result(world, desk.seller_id, b"report", XML)
    path = f"{FEEDS}/documents/{file.document_id}"
    shown = (await desk.call("GET", path)).json()
    assert shown["compressionAlgorithm"] == "GZIP"
    answer = await desk.fetch(shown["url"])
    assert (answer.headers["content-encoding"], gzip.decompress(answer.body)) == ("identity", b"report")
    shown = (await desk.call("GET", path, enableContentEncodingUrlHeader="true")).json()
    assert (await desk.fetch(shown["url"])).headers["content-encoding"] == "gzip"
    assert (await desk.call("GET", path, enableContentEncodingUrlHeader="maybe")).status == 400


async def test_the_doors_fail_on_demand_and_are_in_the_journal(desk: Desk, world: World) -> None:
    """Faults strike uploads and downloads only when they are named; after the effect, the upload is there."""
    world.faults.add(FaultRule(kind="503", operations=("uploadFile",), nth=(1,)))
    world.faults.add(FaultRule(kind="503_after", operations=("uploadFile",), nth=(1,)))
    document = await desk.document()
    file = world.files.find(document["feedDocumentId"])
    assert (await desk.put(document["url"], b"1")).status == 503
    assert file.content is None
    assert (await desk.put(document["url"], b"2")).status == 503
    assert file.content == b"2"
    assert [entry.operation for entry in world.journal.tail(2)] == ["uploadFile", "uploadFile"]
    assert target(document["url"]).startswith("/_files/documents/")


async def test_only_so_many_bytes_of_read_uploads_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of large feeds does not fill the memory: the oldest uploads that were read lose their content."""
    monkeypatch.setattr("packline_sim.stored_files.SPENT_BYTES", 250)
    desk.world.switches.update({"listings_feed_seconds": "0"})
    feeds = [await desk.feed("JSON_LISTINGS_FEED", b"x" * 100) for _ in range(4)]
    desk.world.clock.advance(1)
    documents = [desk.world.files.find(desk.world.feeds[feed_id].input_document_id) for feed_id in feeds]
    assert [document.content is None for document in documents] == [True, True, False, False]


async def test_an_upload_that_is_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """400 EntityTooLarge in the store's own XML, and nothing is kept."""
    monkeypatch.setattr("packline_sim.incoming.MAX_UPLOAD_BYTES", 100)
    document = await desk.document()
    refused = await desk.put(document["url"], b"x" * 101)
    assert (refused.status, "EntityTooLarge" in refused.text) == (400, True)
    assert desk.world.files.find(document["feedDocumentId"]).content is None
