"""Seconds to take labels and invoices out of one combined PDF and give them to their orders, beside copying pages.

Seconds are those of one core (CPU time): the work is done by one thread and waits for nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pypdfium2 as pdfium
import zxingcpp
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from packline.amazon.seller_central.papers import Expected, Split, split
from packline.amazon.seller_central.papers.apart import PaperRoom
from packline.amazon.seller_central.papers.printing import Form, Leaf, Paper, join
from packline.domain.values import DocumentKind

ORDERS, SHORT_ORDERS = 500, 100
SECONDS, PRINT_SECONDS = 5.0, 3.0
"""For 500 labels with their invoices on one core, and for joining 500 labels (issues 3 and 6)."""
INCH = 72.0


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Split piles of three manners, and join the labels again; medians of some rounds."""
    count, rounds = (SHORT_ORDERS, 1) if args.short else (ORDERS, 3)
    expected = [_order(number) for number in range(count)]
    share = count / ORDERS
    found: dict[str, Any] = {"orders": count}
    for manner in ("text", "codes", "a4"):
        found[manner] = _splitting(manner, expected, rounds)
        line = found[manner]
        print(
            f"  {manner:6} {line['seconds']:5.2f} s for {line['pages']} pages, {line['matched']} of them matched;"
            f" copying alone {line['copy_seconds']:.2f} s"
        )
    found["apart_wall_seconds"] = _apart(expected)
    labels = [Leaf(content) for content in _labels(expected)]
    found["print"] = {
        paper.value: round(_median(partial(join, labels, Form.PDF, paper), rounds), 3)
        for paper in (Paper.LABEL, Paper.A4_OF_FOUR)
    }
    print(f"  joined to 4x6 and to A4 of four: {found['print']} s")
    found["target_seconds"], found["print_target_seconds"] = SECONDS, PRINT_SECONDS
    found["passed"] = (
        all(found[m]["seconds"] < SECONDS * share and found[m]["matched"] == 2 * count for m in ("text", "codes", "a4"))
        and max(found["print"].values()) < PRINT_SECONDS * share
    )
    return found


def _order(number: int) -> Expected:
    return Expected(f"402-{1000000 + number * 7:07d}-{7654321 - number:07d}", str(165296933969 + number * 13))


def _splitting(manner: str, expected: list[Expected], rounds: int) -> dict[str, Any]:
    content = _combined(manner, expected)
    done: list[Split] = []
    seconds = _median(lambda: done.append(split(content, expected)), rounds)
    copying = _median(lambda: _copied(content), rounds)
    return {
        "seconds": round(seconds, 3),
        "copy_seconds": round(copying, 3),
        "pages": 2 * len(expected),
        "matched": sum(_is_right(part.order_id, part.kind, part.pages, expected) for part in done[0].found),
        "bytes": len(content),
    }


def _is_right(order_id: str, kind: DocumentKind, pages: tuple[int, ...], expected: list[Expected]) -> bool:
    place = _places(len(expected))[pages[0] - 1]
    wanted = DocumentKind.INVOICE if place % 2 else DocumentKind.SHIP_LABEL
    return len(pages) == 1 and expected[place // 2].order_id == order_id and kind is wanted


def _apart(expected: list[Expected]) -> float:
    """Time one split in the reading process, its start included: as long as somebody waits for it."""

    async def once() -> float:
        room, start = PaperRoom(), time.perf_counter()
        await room.split(_combined("text", expected), expected)
        seconds = time.perf_counter() - start
        await room.close()
        return seconds

    return round(asyncio.run(once()), 3)


def _median(act: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        act()
        times.append(time.process_time() - start)
    return statistics.median(times)


def _copied(content: bytes) -> int:
    """Do the least that must be done: one file for each page, in the order of pages, matched with nothing."""
    size = 0
    with pdfium.PdfDocument(content) as pdf:
        for place in range(len(pdf)):
            with pdfium.PdfDocument.new() as made:
                made.import_pages(pdf, [place])
                made.save(out := io.BytesIO())
                size += len(out.getvalue())
    return size


def _labels(expected: list[Expected]) -> list[bytes]:
    done = split(_combined("text", expected), expected)
    return [part.file.content for part in done.found if part.kind is DocumentKind.SHIP_LABEL]


def _places(count: int) -> list[int]:
    """Shuffle the documents: all that is even is a label, what follows it its invoice."""
    places = list(range(2 * count))
    random.Random(11).shuffle(places)
    return places


def _combined(manner: str, expected: list[Expected]) -> bytes:
    """Draw the pile; `text` and `a4` labels tell their order as text, of `codes` only the bar code does."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for place in _places(len(expected)):
        order = expected[place // 2]
        (_draw_invoice if place % 2 else _draw_label)(canvas, order, manner)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_label(canvas: Canvas, order: Expected, manner: str) -> None:
    canvas.setPageSize(A4 if manner == "a4" else (4 * INCH, 6 * INCH))
    canvas.rect(4, 4, 4 * INCH - 8, 6 * INCH - 8)
    for row, text in enumerate(("Easy Ship   PREPAID", "Ship to:", "A buyer", "1 Test Street", "Test City 110001")):
        canvas.drawString(16, 400 - 14 * row, text)
    if manner != "codes":
        canvas.drawString(16, 90, f"Order ID: {order.order_id}")
        canvas.drawString(60, 165, f"AWB {order.tracking_id}")
    _bars(canvas, order.tracking_id, 24, 180, 4 * INCH - 48, 70)


def _bars(canvas: Canvas, text: str, x: float, y: float, width: float, height: float) -> None:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    image: Any = code.to_image(scale=1, add_quiet_zones=False, add_hrt=False)
    columns = image.shape[1]
    for column, shade in enumerate(bytes(memoryview(image))[:columns]):
        if not shade:
            canvas.rect(x + column * width / columns, y, width / columns, height, stroke=0, fill=1)


def _draw_invoice(canvas: Canvas, order: Expected, _manner: str) -> None:
    canvas.setPageSize(A4)
    lines = ["Tax Invoice/Bill of Supply/Cash Memo", f"Order Number: {order.order_id}", "Invoice Number: IN-4711"]
    lines += [f"{row}  A thing, unit price 100.00, net amount 100.00, tax rate 18% IGST 18.00" for row in range(1, 26)]
    lines += ["Total amount 2,950.00", "Amount in words: two thousand nine hundred fifty"]
    for row, text in enumerate((*lines, "Payment: Prepaid   Ship to: A buyer, 1 Test Street, Test City 110001")):
        canvas.drawString(60, 780 - 16 * row, text)
    for row in range(30):
        for column in range(6):  # a table whose cells are framed one by one, which looks like a code
            canvas.rect(60 + 80 * column, 60 + 9 * row, 80, 9)
