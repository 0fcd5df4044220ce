"""Archives: the tar of Brazil's document feed, the ZIP of bulk calls."""

import gzip
import io
import tarfile
import zipfile

import pypdfium2
import pytest
import zxingcpp

from packline_sim.easy_ship_papers import bulk_zip
from sim.documents.zpl_reader import fields, printed
from sim.easy_ship_papers.office import BRAZIL, INVOICE, LABEL, Office, page_codes, page_texts


def unpacked(content: bytes) -> dict[str, bytes]:
    """Unpack a tar."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {row.name: archive.extractfile(row).read() for row in archive.getmembers()}


def scanned(zpl: bytes) -> dict[str, str]:
    """Print a ZPL label and scan it."""
    return {code.format.name: code.text for code in zxingcpp.read_barcodes(printed(zpl.decode()))}


@pytest.fixture
def brazil(office_in) -> Office:
    return office_in(BRAZIL, "NA")


async def test_brazil_gets_a_tar_with_a_folder_for_each_order(brazil: Office):
    """After one gunzip there is a tar: label.zpl, whose codes scan, and post-list.pdf for each order."""
    orders = await brazil.scheduled(3)
    content = await brazil.bound(*orders)
    assert content[257:262] == b"ustar"
    files = unpacked(content)
    assert files.keys() == {f"{order.order_id}/{name}" for order in orders for name in ("label.zpl", "post-list.pdf")}
    for order in orders:
        label = files[f"{order.order_id}/label.zpl"]
        assert label.startswith(b"^XA")
        assert b"^PW812" in label
        assert scanned(label) == {"Code128": order.packages[-1].tracking_id, "DataMatrix": order.order_id}
        assert order.packages[-1].tracking_id in {field.data for field in fields(label.decode())}
        assert order.packages[-1].tracking_id in page_texts(files[f"{order.order_id}/post-list.pdf"])[0]


async def test_the_report_says_gzip_and_the_tar_may_be_gzipped_besides(brazil: Office):
    """By default compressionAlgorithm covers the tar; a switch gzips the tar itself too."""
    brazil.world.switches.update({"archive_packing": "tar_gz"})
    order = (await brazil.scheduled())[0]
    content = await brazil.bound(order)
    assert content[:2] == b"\x1f\x8b"
    assert len(unpacked(gzip.decompress(content))) == 2


async def test_folders_may_have_numbers_that_say_nothing(brazil: Office):
    """Whose folder it is, only its content tells."""
    brazil.world.switches.update({"archive_folders": "numbers"})
    orders = await brazil.scheduled(2)
    files = unpacked(await brazil.bound(*orders))
    assert files.keys() == {"1/label.zpl", "1/post-list.pdf", "2/label.zpl", "2/post-list.pdf"}


@pytest.mark.parametrize(("mode", "start"), [("always", b"\0"), ("never", b"%PDF-")])
async def test_a_switch_chooses_the_archive(office: Office, brazil: Office, mode: str, start: bytes):
    """Everywhere or nowhere: India's archive holds PDF labels and invoices."""
    office.world.switches.update({"papers_archive": mode})
    for place in (office, brazil):
        order = (await place.scheduled())[0]
        content = await place.bound(order, kinds=())
        if mode == "never":
            assert content.startswith(start)
            assert page_codes(content)[0]["Code128"] == order.packages[-1].tracking_id
            continue
        names = {name.partition("/")[2] for name in unpacked(content)}
        extra = {"label.pdf", "invoice.pdf"} if place is office else {"label.zpl"}
        assert names == {"post-list.pdf", *extra}


@pytest.mark.parametrize("label_format", ["PDF", "ZPL"])
async def test_the_zip_of_a_bulk_call_holds_every_label(office: Office, label_format: str):
    """A folder for each order with its label, an invoice where there is one, and one list of all parcels."""
    orders = await office.scheduled(3)
    archive = zipfile.ZipFile(io.BytesIO(bulk_zip(office.world, orders, label_format)))
    name = f"label.{label_format.lower()}"
    wanted = {f"{order.order_id}/{part}" for order in orders for part in (name, "invoice.pdf")}
    assert set(archive.namelist()) == wanted | {"post-list.pdf"}
    listed = pypdfium2.PdfDocument(archive.read("post-list.pdf"))[0]
    posted = listed.get_textpage().get_text_range()
    bars = {code.text for code in zxingcpp.read_barcodes(listed.render(scale=3).to_pil())}
    assert bars == {order.packages[-1].tracking_id for order in orders}
    for order in orders:
        label = archive.read(f"{order.order_id}/{name}")
        codes = scanned(label) if label_format == "ZPL" else page_codes(label)[0]
        assert codes == {"Code128": order.packages[-1].tracking_id, "DataMatrix": order.order_id}
        assert order.order_id in page_texts(archive.read(f"{order.order_id}/invoice.pdf"))[0]
        assert order.packages[-1].tracking_id in posted
        assert order.order_id in posted
    assert bulk_zip(office.world, orders, label_format) == bulk_zip(office.world, orders, label_format)


async def test_papers_of_one_kind_make_an_archive_too(brazil: Office):
    """A tar of labels alone and, by switch, of India's invoices alone."""
    order = (await brazil.scheduled())[0]
    assert len(unpacked(await brazil.bound(order, kinds=(LABEL,)))) == 2
    brazil.world.switches.update({"papers_archive": "always", "unavailable_document": "left_out"})
    assert (await brazil.ask(order, kinds=(INVOICE,))).errors == {order.order_id: "610005"}
