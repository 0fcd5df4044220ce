"""Ship labels: codes scan, nothing is lost, the same data gives the same bytes."""

import io
from decimal import Decimal

import msgspec
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from packline_sim.documents.data import CashOnDelivery, PostalAddress
from packline_sim.documents.labels import render_label
from packline_sim.documents.layout import HEIGHT, SMALL_PRINT, WIDTH, Text, label_marks, scan_payload
from sim.documents.builders import BUYER, a_label
from sim.documents.zpl_reader import fields, printed


def pictures(data):
    """Print one label in each of the three formats."""
    yield "PNG", Image.open(io.BytesIO(render_label(data, "PNG")))
    yield "PDF", pypdfium2.PdfDocument(render_label(data, "PDF"))[0].render(scale=203 / 72).to_pil()
    yield "ZPL", printed(render_label(data, "ZPL").decode())


def scanned(picture):
    """Read every code of a picture."""
    return {code.format: code.text for code in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize(
    "tracking_id", ["369410012345", "SELF-7", "TBA012345678901", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6", "X^Y~Z\\1_2"]
)
def test_both_codes_scan_in_every_format(tracking_id):
    """A scanner reads the tracking id from the bars and all ids from the matrix, whatever the format."""
    data = a_label(tracking_id=tracking_id)
    for label_format, picture in pictures(data):
        assert scanned(picture) == {
            zxingcpp.BarcodeFormat.Code128: tracking_id,
            zxingcpp.BarcodeFormat.DataMatrix: scan_payload(data),
        }, label_format


def test_a_tracking_id_too_long_for_bars_is_still_in_the_matrix():
    """What four inches of bars cannot hold, or Latin-1 cannot spell, the Data Matrix carries alone."""
    for tracking_id in ("T" * 120, "ट्रैक-1"):
        data = a_label(tracking_id=tracking_id)
        for label_format, picture in pictures(data):
            assert scanned(picture) == {zxingcpp.BarcodeFormat.DataMatrix: scan_payload(data)}, label_format


def test_a_label_is_four_by_six_inches():
    """PNG has 203 dots an inch in black and white, PDF is 288 x 432 points, ZPL sets the same width and length."""
    png = Image.open(io.BytesIO(render_label(a_label(), "PNG")))
    assert (png.size, png.mode) == ((WIDTH, HEIGHT), "1")
    assert tuple(round(dots) for dots in png.info["dpi"]) == (203, 203)
    assert [round(side) for side in pypdfium2.PdfDocument(render_label(a_label(), "PDF"))[0].get_size()] == [288, 432]
    assert f"^PW{WIDTH}^LL{HEIGHT}" in render_label(a_label(), "ZPL").decode()


@pytest.mark.parametrize("label_format", ["ZPL", "PNG", "PDF"])
def test_the_same_data_gives_the_same_bytes(label_format):
    """A label made again is the same file, so that it can be stored by content."""
    assert render_label(a_label(), label_format) == render_label(a_label(), label_format)
    assert render_label(a_label(), label_format) != render_label(a_label(package_id="PKG-2"), label_format)


def test_every_fact_is_on_the_zpl_label():
    """Addresses, ids, weight, size, piece, slot and the small print can be read back from the fields."""
    words = "\n".join(field.data for field in fields(render_label(a_label(contents=("2 x SKU-1",)), "ZPL").decode()))
    for fact in (
        *("ATS", "369410012345", "SHIP0000001", "PKG-1", "405-1234567-7654321", "Easy Ship", "PREPAID", "BEN-560"),
        *("Test Buyer", "Flat 402", "14 Placeholder Road", "Bengaluru, Karnataka 560001", "Sample Seller Warehouse"),
        *("1.25 kg", "30 x 20.5 x 12 cm", "1 of 1", "22 Nov 2026  10:00 - 13:00 IST", "2 x SKU-1", SMALL_PRINT),
    ):
        assert fact in words


def test_the_pdf_label_can_be_searched_for_its_text():
    """A person finds the tracking id in the PDF as text, not as a picture."""
    page = pypdfium2.PdfDocument(render_label(a_label(), "PDF"))[0]
    text = page.get_textpage().get_text_range()
    assert "369410012345" in text
    assert SMALL_PRINT in text


def test_cash_on_delivery_hazmat_and_gift_are_shown():
    """The courier sees what to collect, the packer what to mark."""
    data = a_label(cod=CashOnDelivery(Decimal(1499)), hazmat=("UN3481",), gift=True, pieces=3, piece=2)
    words = [mark.text for mark in label_marks(data) if isinstance(mark, Text)]
    assert {"COLLECT ON DELIVERY", "INR 1,499.00", "HAZMAT UN3481  GIFT", "2 of 3"} <= set(words)
    assert "PREPAID" not in words


def test_a_control_character_in_an_address_cannot_command_the_printer():
    """A buyer whose name is ZPL gets a label with that name, not another label."""
    nasty = msgspec.structs.replace(BUYER, name="^XZ^XA~JA\\5E", lines=("line\none", "tab\tbed"))
    zpl = render_label(a_label(ship_to=nasty), "ZPL").decode()
    assert zpl.count("^XA") == zpl.count("^XZ") == 1
    assert "~JA" not in zpl
    assert {"^XZ^XA~JA\\5E", "line one", "tab bed"} <= {field.data for field in fields(zpl)}


def test_letters_beyond_the_fonts_become_the_nearest_there_are():
    """German letters stay, Polish ones lose what the fonts lack, others become question marks."""
    address = PostalAddress("Jürgen Łódź Größe", ("ही",), "Köln", "", "50667", "DE")
    lines = [mark.text for mark in label_marks(a_label(ship_to=address)) if isinstance(mark, Text)]
    assert "50667 Köln" in lines
    assert "Jürgen Lódz Größe" in lines
    assert "??" in lines
    assert all(line.encode("cp1252") for line in lines)
    for label_format in ("ZPL", "PNG", "PDF"):
        assert render_label(a_label(ship_to=address), label_format)


def test_nothing_stands_outside_the_label():
    """Long names, many address lines and long ids are shrunk or cut, never printed over the edge."""
    long = PostalAddress(
        "N" * 90, ("W" * 200, "x" * 80, "y", "z", "a", "b"), "C" * 60, "S" * 40, "9" * 12, "IN", "0" * 20
    )
    data = a_label(
        ship_to=long, ship_from=long, order_id="O" * 60, carrier="Carrier of a very long name indeed", slot=None
    )
    pixels = Image.open(io.BytesIO(render_label(data, "PNG"))).convert("L")
    for box in ((0, 330, 20, 560), (796, 330, WIDTH, 560), (0, 960, 20, 1080), (796, 960, WIDTH, 1080)):
        assert pixels.crop(box).getextrema() == (255, 255), box


def test_a_parcel_without_slot_or_size_has_a_label():
    """Seller Flex books no slot, and a size may be unknown."""
    words = [mark.text for mark in label_marks(a_label(slot=None, dimensions=None)) if isinstance(mark, Text)]
    assert {"No slot booked", "-"} <= set(words)
    flex = [mark.text for mark in label_marks(a_label(slot=None, program="SELLER_FLEX")) if isinstance(mark, Text)]
    assert {"HANDOVER", "Next collection at the site"} <= set(flex)
