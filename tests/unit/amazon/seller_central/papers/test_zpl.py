"""ZPL files are cut into labels that print by themselves."""

import base64
import zlib
from itertools import groupby

import pytest
import zxingcpp

from packline.amazon.seller_central.papers import Reason, split
from packline.amazon.seller_central.papers.zpl import formats
from unit.amazon.seller_central.papers.corpus import sales

ORDERS = sales(3)
EXPECTED = [order.expected for order in ORDERS]


def pages(content: bytes) -> dict[str, tuple[int, ...]]:
    """Tell which labels each order came to have."""
    done = split(content, EXPECTED)
    return {found.order_id: found.pages for found in done.found}


@pytest.mark.parametrize(
    "field",
    [
        "^BCN,100,Y,N,N^FD{0.tracking_id}^FS",
        "^BCN,100,Y,N,N^FD>;{0.tracking_id}^FS",
        "^BCN,100,Y,N,N^FD>:{0.order_id}^FS",
        "^BQN,2,6^FDQA,{0.order_id}^FS",
        "^BQN,2,6^FDMM,AID={0.order_id};X^FS",
        "^BXN,6,200^FD{0.tracking_id}^FS",
        "^B3N,N,100,Y,N^FD{0.tracking_id}^FS",
        "^FD{0.order_id}^FS",
        "^FV{0.tracking_id}^FS",
        "^FH^FDOrder_3a_20{0.order_id}^FS",
        "^FH\\^FD\\20{0.tracking_id}\\20^FS",
        "^fd{0.order_id}^fs",
        "^FD{0.order_id}\n^FS",
    ],
)
def test_a_label_is_known_by_its_fields(field: str) -> None:
    """Codes and texts of a ZPL label name its order as they do on paper."""
    content = "".join(f"^XA^FO10,10{field.format(order)}^FO9,9^GB5,5,5^FS^XZ\n" for order in ORDERS).encode()
    assert pages(content) == {order.order_id: (number,) for number, order in enumerate(ORDERS, start=1)}


def test_downloads_go_with_the_labels_that_use_them() -> None:
    """A logo that is loaded once is loaded for every label that shows it, and no other."""
    logo = b"~DGR:LOGO.GRF,8,1,FF00FF00FF00FF00\n"
    labels = [b"^XA^FO9,9^XGR:LOGO.GRF,1,1^FS^FD%s^FS^XZ\n" % order.order_id.encode() for order in ORDERS[:2]]
    plain = b"^XA^FD%s^FS^XZ\n" % ORDERS[2].order_id.encode()
    cut = [one.content.strip() for one in formats(logo + b"".join(labels) + plain)]
    assert cut == [logo + labels[0].strip(), logo + labels[1].strip(), plain.strip()]


def test_stored_formats_go_with_the_labels_that_recall_them() -> None:
    """A format that is stored first is no label; each label that fills it in carries it along."""
    stored = b"^XA^DFR:EASY.ZPL^FS^FO9,9^BCN,90^FN1^FS^FO9,99^FN2^FS^XZ"
    labels = [
        b"^XA^XFR:EASY.ZPL^FS^FN1^FD%s^FS^FN2^FD%s^FS^XZ" % (order.tracking_id.encode(), order.order_id.encode())
        for order in ORDERS
    ]
    content = b"\n".join((stored, *labels))
    assert pages(content) == {order.order_id: (number,) for number, order in enumerate(ORDERS, start=1)}
    assert all(one.content.startswith(stored) for one in formats(content))


def test_settings_go_with_the_next_label_and_cleaning_with_the_last() -> None:
    """A format without marks is not a label; nothing of it is lost."""
    content = b"^XA^MMT^PW812^XZ\n^XA^FDone^FS^XZ\n^XA^IDR:*.GRF^FS^XZ\n^XA^FDtwo^FS^XZ\n~JS10"
    first, second = (one.content for one in formats(content))
    assert first.startswith(b"^XA^MMT^PW812^XZ")
    assert b"^IDR:*.GRF" in first
    assert b"two" in second
    assert second.endswith(b"~JS10")


def drawn(text: str) -> tuple[bytes, int]:
    """Draw a bar code as bits, 1 is black, rows of whole bytes; give the bits and the bytes of a row."""
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=3, add_hrt=False)
    height, width = image.shape
    row = -(-width // 8)
    lines = []
    for at in range(0, height * width, width):
        bits = "".join("0" if shade else "1" for shade in bytes(memoryview(image))[at : at + width])
        lines.append(int(bits.ljust(8 * row, "0"), 2).to_bytes(row))
    return b"".join(lines), row


def squeezed(bits: bytes, row: int) -> str:
    """Write bits as Zebra's compressed hexadecimal: repeated lines, run lengths and filled ends."""
    lines, before = [], ""
    for at in range(0, len(bits), row):
        digits = bits[at : at + row].hex().upper()
        if digits == before:
            lines.append(":")
            continue
        before = digits
        short = digits.rstrip("0")
        runs = [(len(list(run)), digit) for digit, run in groupby(short)]
        lines.append(
            "".join(length(count) + digit for count, digit in runs) + ("," if len(short) < len(digits) else "")
        )
    return "".join(lines)


def length(count: int) -> str:
    """Write how often a digit stands, as Zebra does."""
    many = "".join("z" for _ in range(count // 400)) + (chr(ord("f") + count % 400 // 20) if count % 400 >= 20 else "")
    few = chr(ord("F") + count % 20) if count % 20 and count > 1 else ""
    return many + few


@pytest.mark.parametrize("manner", ["hex", "squeezed", "B64", "Z64", "binary", "download"])
def test_a_label_that_is_a_picture_is_read_by_its_code(manner: str) -> None:
    """A label that is one picture in ZPL, in any of its encodings, is known by the codes in the picture."""
    order = ORDERS[1]
    bits, row = drawn(order.tracking_id)
    size = len(bits)
    data = {
        "hex": bits.hex().upper(),
        "squeezed": squeezed(bits, row),
        "B64": f":B64:{base64.b64encode(bits).decode()}:0000",
        "Z64": f":Z64:{base64.b64encode(zlib.compress(bits)).decode()}:0000",
    }
    field = f"^GFA,{size},{size},{row},{data.get(manner, '')}^FS".encode()
    if manner == "binary":
        field = b"^GFB,%d,%d,%d,%s^FS" % (size, size, row, bits)
    content = b"^XA^FO9,9" + field + b"^XZ"
    if manner == "download":
        content = b"~DGR:L.GRF,%d,%d,%s\n^XA^FO9,9^XGR:L.GRF,1,1^FS^XZ" % (size, row, data["squeezed"].encode())
    assert pages(content) == {order.order_id: (1,)}


@pytest.mark.parametrize("data", ["", "GZ!:,,", ":Z64:AAAA:0000", ":B64:*:0", "FF" * 3, "zzzzzzzzzzzzzzzzzzzzF" * 50])
def test_a_picture_that_cannot_be_decoded_is_left_out(data: str) -> None:
    """A broken picture costs the label its code, and nothing else."""
    done = split(f"^XA^GFA,8,8,2,{data}^FS^XZ".encode(), EXPECTED)
    assert [left.reason for left in done.unmatched] == [Reason.NO_ORDER]


def test_the_same_label_twice_is_a_copy() -> None:
    """A label that came twice is given out once."""
    label = b"^XA^BCN,90^FD%s^FS^XZ\n" % ORDERS[0].tracking_id.encode()
    done = split(label * 2, EXPECTED)
    assert len(done.found) == 1
    assert [(left.pages, left.reason) for left in done.unmatched] == [((2,), Reason.DUPLICATE)]
    assert done.unmatched[0].file.document.media_type == "application/zpl"


def test_an_old_booking_s_label_is_not_taken() -> None:
    """A ZPL label with another tracking id contradicts the order that it names."""
    content = b"^XA^BCN,90^FD>:9990001112223^FS^FO1,1^FD%s^FS^XZ" % ORDERS[0].order_id.encode()
    assert [left.reason for left in split(content, EXPECTED).unmatched] == [Reason.CONTRADICTION]
