"""Random piles of papers: nothing is lost, nothing is given to two, nobody gets another's page."""

import io
import random
from collections import Counter
from dataclasses import replace

import pypdfium2 as pdfium
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4

from packline.amazon.seller_central.papers import PaperError, Split, split
from packline.domain.values import DocumentKind
from unit.amazon.seller_central.papers.corpus import (
    FOUR_BY_SIX,
    SAUDI,
    SYMBOLOGY,
    Press,
    Sale,
    invoice,
    label,
    sales,
    shuffled,
    warranty,
)

ORDERS = sales(6, seed=7)
ASKED = ORDERS[:4]
BY_TRACKING = {order.tracking_id: order for order in ORDERS}

MANNERS = (
    "label",
    "a4 label",
    "code only",
    "invoice",
    "long invoice",
    "bare invoice",
    "warranty",
    "slip",
    "blank",
    "two",
)


def draw(press: Press, manner: str, order: Sale, other: Sale) -> list[frozenset[str]]:
    """Draw a document; give for each of its pages whose it truly is: nobody's, one's or two's."""
    before = press.pages
    match manner:
        case "label" | "a4 label" | "two":
            press.page(FOUR_BY_SIX if manner == "label" else A4)
            label(press, order, at=(10, 20), size=SAUDI)
            if manner == "two":
                label(press, other, at=(300, 20), size=SAUDI)
            press.done()
        case "code only":
            press.page(FOUR_BY_SIX).bars(order.tracking_id, 20, 200, 250, 60, SYMBOLOGY.Code128).done()
        case "invoice":
            invoice(press, order)
        case "long invoice":
            invoice(press, order, pages=3)
        case "bare invoice":
            invoice(press, order, pages=2, everywhere=False)
        case "warranty":
            warranty(press, order)
        case "slip":
            press.page(A4).lines(60, 790, "Packing slip", f"Order {order.order_id}").done()
        case "blank":
            press.page(A4).done()
    whose = {"blank": (), "two": (order.order_id, other.order_id)}.get(manner, (order.order_id,))
    return [frozenset(whose)] * (press.pages - before)


PILES = st.lists(
    st.tuples(st.sampled_from(MANNERS), st.sampled_from(ORDERS), st.sampled_from(ORDERS)), min_size=1, max_size=14
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PILES, st.booleans(), st.integers(0, 10**6))
def test_every_page_comes_out_once_and_with_its_own_order(
    pile: list[tuple[str, Sale, Sale]], mixed: bool, seed: int
) -> None:
    """Each page of the input is in exactly one Found or Unmatched, and a Found holds pages of its order only.

    A page with two orders' labels may be cut into two parts, each in one of them.

    Documents come in any order; mixed, even their pages do: then only pages that name their order can be told.
    """
    press, truth = Press(), []
    for manner, order, other in pile:
        truth += draw(press, manner if not (mixed and manner == "bare invoice") else "long invoice", order, other)
    pages = list(range(len(truth)))
    if mixed:
        random.Random(seed).shuffle(pages)
    done = split(shuffled(press.pdf(), pages), [order.expected for order in ASKED])
    places = Counter(page for part in (*done.found, *done.unmatched) for page in part.pages)
    assert set(places) == set(range(1, len(truth) + 1))
    assert all(count <= max(1, len(truth[pages[page - 1]])) for page, count in places.items())
    asked = {order.order_id for order in ASKED}
    for found in done.found:
        assert found.order_id in asked
        assert all(found.order_id in truth[pages[page - 1]] for page in found.pages)
        with pdfium.PdfDocument(found.file.content) as pdf:
            assert len(pdf) == len(found.pages)
    assert max(Counter((found.order_id, found.kind) for found in done.found).values(), default=0) <= 1
    for order in ASKED:
        drawn = [manner for manner, whose, _ in pile if whose is order and manner in ("label", "a4 label", "code only")]
        drawn += [manner for manner, *both in pile if manner == "two" and order in both]
        if len(drawn) == 1 and drawn != ["two"]:
            assert (order.order_id, DocumentKind.SHIP_LABEL) in {(found.order_id, found.kind) for found in done.found}


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6), st.booleans()
)
def test_damaged_files_are_refused_or_kept_whole(cut: int, strikes: list[tuple[int, int]], whole: bool) -> None:
    """A file that was cut short or damaged is read as far as it goes or refused as unreadable, never anything else."""
    content = bytearray(GOOD if whole else GOOD[: cut % len(GOOD)])
    for place, value in strikes:
        if content:
            content[place % len(content)] = value
    done = split_or_refusal(bytes(content))
    if isinstance(done, Split):
        pages = [page for part in (*done.found, *done.unmatched) for page in part.pages]
        assert sorted(pages) == list(range(1, len(pages) + 1))
        assert {found.order_id for found in done.found} <= {order.order_id for order in ASKED}
    else:
        assert done.reason in {"paper_broken", "paper_unknown", "paper_empty", "paper_encrypted"}


def split_or_refusal(content: bytes) -> Split | PaperError:
    """Split, or give the refusal; any other exception fails the test."""
    try:
        return split(content, [order.expected for order in ASKED])
    except PaperError as error:
        return error


def _good() -> bytes:
    press = Press(io.BytesIO())
    for order in ASKED:
        press.page(FOUR_BY_SIX)
        label(press, order)
        press.done()
        invoice(press, order, pages=2)
    return press.pdf()


GOOD = _good()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.4\n", b"^XA", b"PK\x03\x04", b"\x1f\x8b\x08", b"%PDF"]))
def test_noise_is_refused_or_kept(noise: bytes, start: bytes) -> None:
    """Bytes of any kind are refused with a reason or come out unmatched."""
    done = split_or_refusal(start + noise)
    if isinstance(done, Split):
        assert done.found == ()
        assert done.unmatched
    else:
        assert done.hint


def test_the_corpus_is_honest() -> None:
    """The truth that the properties are held against: no two orders share an id."""
    assert len(BY_TRACKING) == len(ORDERS)
    assert replace(ORDERS[0], identifier="x") != ORDERS[0]
