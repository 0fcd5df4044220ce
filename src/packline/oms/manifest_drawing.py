"""A manifest on paper: what leaves, a code for each parcel, and lines to sign on."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib import units
from reportlab.pdfgen.canvas import Canvas

from packline.domain.manifest import Entry, Manifest, ManifestStatus

_WIDTH, _HEIGHT = 595.28, 841.89  # A4 in points
mm: float = units.mm
_LEFT, _RIGHT, _TOP, _BOTTOM = 15 * mm, _WIDTH - 15 * mm, _HEIGHT - 15 * mm, 18 * mm
_ROW = 11 * mm
_SIGNATURES = 46 * mm
_BAR = 0.27 * mm  # a module that hand scanners read from an arm's length
_WIDEST_CODE = 84 * mm
_TITLES = {
    ManifestStatus.OPEN: "Manifest - open, not final",
    ManifestStatus.CLOSED: "Manifest",
    ManifestStatus.HANDED_OVER: "Manifest - handed over",
}


def draw(manifest: Manifest, zone: str, seller: str) -> bytes:
    """Draw a manifest on A4 (`manifest_pdf`)."""
    canvas = Canvas(out := io.BytesIO(), pagesize=(_WIDTH, _HEIGHT), invariant=True)
    canvas.setTitle(f"Manifest {manifest.id}")
    pages = _pages(manifest.leaving)
    number = 0
    for place, entries in enumerate(pages, 1):
        y = _head(canvas, manifest, ZoneInfo(zone), seller) if place == 1 else _short_head(canvas, manifest)
        y = _columns(canvas, y)
        for entry in entries:
            number += 1
            y = _line(canvas, y, number, entry)
        if place == len(pages):
            _signatures(canvas, len(manifest.leaving))
        _foot(canvas, manifest, place, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _pages(entries: tuple[Entry, ...]) -> list[tuple[Entry, ...]]:
    """Fill pages; the last one keeps room for the signatures."""
    first = int((_TOP - 62 * mm - _BOTTOM) / _ROW)
    later = int((_TOP - 18 * mm - _BOTTOM) / _ROW)
    kept = int(_SIGNATURES / _ROW) + 1
    pages: list[tuple[Entry, ...]] = []
    left = entries
    while True:
        room = later if pages else first
        if len(left) <= room - kept:
            return [*pages, left]
        taken = min(room, len(left))
        pages.append(left[:taken])
        left = left[taken:]


def _head(canvas: Canvas, manifest: Manifest, zone: ZoneInfo, seller: str) -> float:
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(_LEFT, _TOP - 6 * mm, _TITLES[manifest.status])
    canvas.setFont("Courier-Bold", 11)
    canvas.drawRightString(_RIGHT, _TOP - 19 * mm, manifest.id)
    code = Code128(manifest.id, barHeight=12 * mm, barWidth=_BAR, quiet=0)
    code.drawOn(canvas, _RIGHT - code.width, _TOP - 15 * mm)
    y = _TOP - 26 * mm
    for left, right in zip(*_facts(manifest, zone, seller), strict=True):
        for x, (name, value) in ((_LEFT, left), (_LEFT + 92 * mm, right)):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(x, y, name)
            canvas.setFont("Helvetica-Bold", 11)
            canvas.drawString(x, y - 5 * mm, _latin(value)[:48])
        y -= 11 * mm
    return y - 2 * mm


def _facts(manifest: Manifest, zone: ZoneInfo, seller: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    window = manifest.window
    slot = "no slot"
    if window:
        start, end = window.start.astimezone(zone), window.end.astimezone(zone)
        slot = f"{start:%d %b %Y, %H:%M} - {end:%H:%M} {start:%Z} {window.method}".strip()
    weight = sum(entry.weight_g for entry in manifest.leaving) / 1000
    closed = manifest.closed_at or manifest.opened_at
    return (
        [
            ("Location", f"{manifest.location}  {seller}".strip()),
            ("Slot", slot),
            ("Closed" if manifest.closed_at else "Opened", _moment(closed, zone)),
        ],
        [
            ("Carrier", manifest.carrier or "not said"),
            ("Packages", str(len(manifest.leaving))),
            ("Weight", f"{weight:.2f} kg"),
        ],
    )


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y, %H:%M %Z}"


def _short_head(canvas: Canvas, manifest: Manifest) -> float:
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(_LEFT, _TOP - 5 * mm, f"Manifest {manifest.id}, continued")
    return _TOP - 12 * mm


def _columns(canvas: Canvas, y: float) -> float:
    canvas.setFont("Helvetica", 8)
    for x, name in ((0, "No."), (10, "Tracking id"), (100, "Order, package")):
        canvas.drawString(_LEFT + x * mm, y, name)
    canvas.drawRightString(_RIGHT, y, "Weight")
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 2 * mm, _RIGHT, y - 2 * mm)
    return y - 3 * mm


def _line(canvas: Canvas, y: float, number: int, entry: Entry) -> float:
    middle = y - _ROW / 2
    canvas.setFont("Helvetica", 9)
    canvas.drawRightString(_LEFT + 7 * mm, middle - 1 * mm, str(number))
    code = Code128(entry.tracking_id, barHeight=5.6 * mm, barWidth=_BAR, quiet=0)
    if code.width > _WIDEST_CODE:
        code = Code128(entry.tracking_id, barHeight=5.6 * mm, barWidth=_BAR * _WIDEST_CODE / code.width, quiet=0)
    code.drawOn(canvas, _LEFT + 10 * mm, middle - 1.0 * mm)
    canvas.setFont("Courier", 8)
    canvas.drawString(_LEFT + 10 * mm, middle - 3.9 * mm, entry.tracking_id)
    canvas.setFont("Courier", 9)
    canvas.drawString(_LEFT + 100 * mm, middle + 0.8 * mm, _latin(entry.order_id))
    canvas.setFont("Helvetica", 8)
    canvas.drawString(_LEFT + 100 * mm, middle - 3.2 * mm, _latin(entry.package))
    canvas.drawRightString(_RIGHT, middle - 1 * mm, f"{entry.weight_g / 1000:.2f} kg" if entry.weight_g else "")
    canvas.setLineWidth(0.2)
    canvas.line(_LEFT, y - _ROW + 0.6 * mm, _RIGHT, y - _ROW + 0.6 * mm)
    return y - _ROW


def _signatures(canvas: Canvas, packages: int) -> None:
    y = _BOTTOM + _SIGNATURES - 8 * mm
    canvas.setFont("Helvetica", 9)
    canvas.drawString(_LEFT, y, f"Received in good order: ______ of {packages} packages.")
    for x, who in ((_LEFT, "Given by (warehouse)"), (_LEFT + 95 * mm, "Taken by (carrier)")):
        for down, what in ((13, f"{who}: name"), (25, "Signature"), (35, "Date, time, vehicle")):
            canvas.setLineWidth(0.5)
            canvas.line(x, y - down * mm, x + 82 * mm, y - down * mm)
            canvas.setFont("Helvetica", 7)
            canvas.drawString(x, y - down * mm - 3 * mm, what)


def _foot(canvas: Canvas, manifest: Manifest, place: int, pages: int) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(_LEFT, 10 * mm, manifest.id)
    canvas.drawRightString(_RIGHT, 10 * mm, f"Page {place} of {pages}")


def _latin(text: str) -> str:
    """Keep what the printer's own fonts can show; ids are always of these."""
    return text.encode("latin-1", "replace").decode("latin-1")
