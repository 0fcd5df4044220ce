"""The form of a file is told by its bytes; archives are opened in memory, within limits."""

import contextlib
import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Sequence

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pagesizes import A4

from packline.amazon.seller_central.papers import PaperError, Reason, Split, mentions, split, unpack
from packline.amazon.seller_central.papers.sniff import Form, form_of
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import FOUR_BY_SIX, Press, Sale, invoice, label, labels, sales

Files = Sequence[tuple[str, bytes]]


def tar(files: Files, form: int = tarfile.USTAR_FORMAT) -> bytes:
    """Pack files into a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def before_posix(archive: bytes) -> bytes:
    """Take the magic word out of a tar's first header, as tars from before 1988 have none."""
    header = bytearray(archive[:512])
    header[257:345] = bytes(88)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + archive[512:]


def zipped(files: Files) -> bytes:
    """Pack files into a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def zpl(sale: Sale) -> bytes:
    """Write a label as a label printer takes it."""
    return (
        f"^XA^CI28^PW812^LL1218^FO40,40^A0N,40,40^FDEasy Ship^FS^FO40,300^BY3^BCN,180,Y,N,N^FD>:{sale.tracking_id}^FS\n"
        f"^FO40,600^A0N,30,30^FH\\^FDOrder ID\\3A {sale.order_id}^FS^XZ\n"
    ).encode()


def one_page(*lines: str, size: tuple[float, float] = A4) -> bytes:
    """Make a PDF of one page."""
    return Press().page(size).lines(40, size[1] - 40, *lines).done().pdf()


def kinds(done: Split) -> set[tuple[str, DocumentKind]]:
    """Tell what was found."""
    return {(found.order_id, found.kind) for found in done.found}


def label_pdf(sale: Sale) -> bytes:
    """Make a label of its own."""
    labels(sale, press := Press())
    return press.pdf()


def invoice_pdf(sale: Sale) -> bytes:
    """Make an invoice of its own."""
    invoice(press := Press(), sale)
    return press.pdf()


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"%PDF-1.4 ...", Form.PDF),
        (b"\r\n junk \n%PDF-1.4 ...", Form.PDF),
        (b"^XA^FDx^FS^XZ", Form.ZPL),
        (b"\xef\xbb\xbf^xa^fdx^fs^xz", Form.ZPL),
        (b"CT~~CD,~CC^~CT~^XA^FDx^FS^XZ", Form.ZPL),
        (b"~DGR:A.GRF,2,1,FFFF^XA^XGR:A.GRF^FS^XZ", Form.ZPL),
        (tar([("a", b"x")]), Form.TAR),
        (tar([("a", b"x")], tarfile.GNU_FORMAT), Form.TAR),
        (before_posix(tar([("a", b"x")])), Form.TAR),
        (b"some text, and nothing else\n" * 40, Form.OTHER),
        (zipped([("a", b"x")]), Form.ZIP),
        (gzip.compress(b"x", mtime=0), Form.GZIP),
        (b"<html>Sign in</html>", Form.OTHER),
        (b"", Form.OTHER),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, form: Form) -> None:
    """No name and no header tells the form."""
    assert form_of(content) is form


@pytest.mark.parametrize(
    "pack", [tar, zipped, lambda files: gzip.compress(tar(files)), lambda f: zipped([("i.tgz", gzip.compress(tar(f)))])]
)
def test_archives_of_folders_come_apart(pack) -> None:
    """A folder for each order with its label, its invoice and a list: documents by content, the list put aside."""
    orders = sales(4)
    files = []
    for number, order in enumerate(orders):
        files += [(f"{number}/label.zpl", zpl(order)), (f"{number}/invoice.pdf", invoice_pdf(order))]
        files.append((f"{number}/post-list.pdf", one_page("Post list", f"1 {order.order_id} {order.tracking_id}")))
    done = split(pack(files), [order.expected for order in orders])
    assert kinds(done) == {(o.order_id, k) for o in orders for k in (DocumentKind.SHIP_LABEL, DocumentKind.INVOICE)}
    assert [(left.reason, left.order_id) for left in done.unmatched] == [
        (Reason.OTHER_PAPER, order.order_id) for order in orders
    ]
    label_files = [found.file for found in done.found if found.kind is DocumentKind.SHIP_LABEL]
    assert [file.content.strip() for file in label_files] == [zpl(order).strip() for order in orders]
    assert {file.document.media_type for file in label_files} == {"application/zpl"}
    assert sorted(page for part in (*done.found, *done.unmatched) for page in part.pages) == list(range(1, 13))


def test_content_is_believed_over_the_folder() -> None:
    """A folder named for one order that holds another's label gives it to the order on the label."""
    first, second = sales(2)
    done = split(zipped([(f"{first.order_id}/label.pdf", label_pdf(second))]), [first.expected, second.expected])
    assert kinds(done) == {(second.order_id, DocumentKind.SHIP_LABEL)}


def test_a_folder_helps_where_the_content_says_nothing() -> None:
    """A file that names no order belongs to the order of its folder, by its name or by the files beside it."""
    first, second = sales(2)
    silent = one_page("Tax Invoice", "Unit price 1.00", "Total amount 1.00")
    files = [
        (f"{first.order_id}/invoice.pdf", silent),
        ("7/label.pdf", label_pdf(second)),
        ("7/x.pdf", one_page("Warranty card")),
    ]
    done = split(zipped(files), [first.expected, second.expected])
    assert kinds(done) == {
        (first.order_id, DocumentKind.INVOICE),
        (second.order_id, DocumentKind.SHIP_LABEL),
        (second.order_id, DocumentKind.WARRANTY),
    }
    assert done.unmatched == ()


def test_files_that_are_no_papers_are_kept() -> None:
    """A broken PDF and a text among good files go to a person, byte by byte, and cost nobody his label."""
    (order,) = sales(1)
    done = split(
        zipped([("a.pdf", b"%PDF-1.4 broken"), ("readme.txt", b"hello"), ("l.pdf", label_pdf(order))]), [order.expected]
    )
    assert kinds(done) == {(order.order_id, DocumentKind.SHIP_LABEL)}
    assert [(left.pages, left.reason, left.file.content) for left in done.unmatched] == [
        ((1,), Reason.UNREADABLE, b"%PDF-1.4 broken"),
        ((2,), Reason.UNREADABLE, b"hello"),
    ]


def test_what_desktops_leave_in_archives_is_nobodys_work() -> None:
    """A folder zipped on somebody's desk brings its litter along: nobody is asked about it; a paper stays a paper."""
    (order,) = sales(1)
    litter = [("__MACOSX/l/._a.pdf", b"\0\5\x16\7"), ("l/.DS_Store", b"\0\0\0\1Bud1"), ("l/Thumbs.db", b"\xd0\xcf")]
    done = split(zipped([*litter, ("l/._labels.pdf", label_pdf(order))]), [order.expected])
    assert kinds(done) == {(order.order_id, DocumentKind.SHIP_LABEL)}
    assert done.unmatched == ()


def encrypted() -> bytes:
    """Make a PDF that asks for a password."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(out := io.BytesIO(), encrypt=StandardEncryption("secret", canPrint=1))
    canvas.drawString(10, 10, "x")
    canvas.save()
    return out.getvalue()


BROKEN_ZIP = zipped([("a.pdf", b"x" * 4000)])[:60]
NO_PAGES = io.BytesIO()
pdfium.PdfDocument.new().save(NO_PAGES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "paper_empty"),
        (zipped([]), "paper_empty"),
        (NO_PAGES.getvalue(), "paper_broken"),
        (b"%PDF-1.7 nothing more", "paper_broken"),
        (BROKEN_ZIP, "paper_broken"),
        (gzip.compress(b"%PDF-" * 100, mtime=0)[:20], "paper_broken"),
        (b"\x1f\x8b no gzip at all", "paper_broken"),
        (encrypted(), "paper_encrypted"),
        (b"<html>Please sign in</html>", "paper_unknown"),
        (b"\x89PNG\r\n\x1a\n", "paper_unknown"),
    ],
)
@pytest.mark.parametrize("read", [lambda content: split(content, []), mentions])
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(content: bytes, reason: str, read) -> None:
    """Broken, encrypted, empty and foreign files are refused with the cure."""
    with pytest.raises(PaperError) as caught:
        read(content)
    assert caught.value.reason == reason
    assert caught.value.http_status == 422
    assert caught.value.hint


def test_bombs_do_not_unpack(monkeypatch: pytest.MonkeyPatch) -> None:
    """What grows beyond the limit is given up before it fills the memory, however it is wrapped."""
    monkeypatch.setattr(unpack, "BYTES_AT_MOST", 1_000_000)
    bomb = b"\0" * 3_000_000
    for content in (
        gzip.compress(bomb),
        zipped([("a", bomb)]),
        tar([("a", bomb)]),
        zipped([("a.gz", gzip.compress(bomb))]),
    ):
        with pytest.raises(PaperError) as caught:
            split(content, [])
        assert caught.value.reason == "paper_too_large"
    monkeypatch.setattr(unpack, "MEMBERS_AT_MOST", 10)
    for name in ("{}", "__MACOSX/._{}"):  # what desktops leave counts too
        with pytest.raises(PaperError, match="more than 10 files"):
            split(zipped([(name.format(number), b"x") for number in range(11)]), [])


def test_archives_within_archives_end_somewhere() -> None:
    """An archive that is nested too deep is a file that nobody can read, not a loop."""
    (order,) = sales(1)
    content = label_pdf(order)
    for _ in range(3):
        content = zipped([("inner.zip", content)])
    assert kinds(split(content, [order.expected])) == {(order.order_id, DocumentKind.SHIP_LABEL)}
    for _ in range(3):
        content = zipped([("inner.zip", content)])
    with pytest.raises(PaperError, match="neither PDF nor ZPL"):
        split(content, [order.expected])


def test_a_gzip_of_a_pdf_is_a_pdf() -> None:
    """What the storage left compressed is unpacked once more."""
    (order,) = sales(1)
    assert kinds(split(gzip.compress(label_pdf(order)), [order.expected])) == {
        (order.order_id, DocumentKind.SHIP_LABEL)
    }


def test_mentions_tell_whom_to_look_up() -> None:
    """Order ids and possible tracking ids are read from text, and from codes where the text has none."""
    first, second = sales(2)
    press = Press().page(FOUR_BY_SIX)
    label(press, first)
    press.done().page(FOUR_BY_SIX).bars(second.tracking_id, 20, 200, 250, 60).done()
    told = mentions(press.pdf())
    assert told.order_ids == (first.order_id,)
    assert set(told.tracking_ids) == {first.tracking_id, second.tracking_id}


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, None])
def test_archives_that_were_spoilt_on_their_way_are_told_and_never_crash(method: int | None) -> None:
    """Whatever bytes are changed, lost or added: files come out, or the reason why not."""
    draw, files = random.Random(5), [(f"{number}/label.zpl", zpl(sale)) for number, sale in enumerate(sales(3))]
    whole = io.BytesIO()
    if method is None:
        whole.write(gzip.compress(tar(files)))
    else:
        with zipfile.ZipFile(whole, "w", method) as archive:
            for name, content in files:
                archive.writestr(name, content)
    for _ in range(400):
        spoilt = bytearray(whole.getvalue())
        for _ in range(draw.choice((1, 3, 12))):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        if draw.random() < 0.2:
            del spoilt[draw.randrange(1, len(spoilt)) :]
        with contextlib.suppress(PaperError):
            assert unpack.members(bytes(spoilt))
    inner = unpack.members(zipped([("good.zpl", files[0][1]), ("bad.zip", zipped(files)[:-40])]))
    assert inner[0].path == "good.zpl"
    assert {member.path for member in inner} >= {"good.zpl", "bad.zip"}
