"""Builders: a shipment, a report or a package in one line, with plausible values where a test does not care."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from packline.amazon.programs import EASY_SHIP, SELF_SHIP, SELLER_FLEX
from packline.domain import events as ev
from packline.domain.apply import receive
from packline.domain.program import Program
from packline.domain.reports import Done, Facts, Failed, LabelResult, Seen, SeenPackage
from packline.domain.shipment import Failure, Goal, Package, PackageLine, Shipment, Status
from packline.domain.slot import ShippingOption
from packline.domain.step import Step, StepKind
from packline.domain.values import Box, Window, file_of

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOX = Box(30, 20, 10, 850)
LABEL_FILE = file_of(b"^XA^FDtest^FS^XZ", "application/zpl")
INVOICE_FILE = file_of(b"%PDF-1.7 test", "application/pdf")
PROGRAMS: dict[str, Program] = {p.code: p for p in (SELLER_FLEX, EASY_SHIP, SELF_SHIP)}
REJECTABLE = ("ACCEPTED", "CONFIRMED", "PACKAGE_CREATED", "PICKUP_SLOT_RETRIEVED")


def at(minutes: float) -> datetime:
    """Give the time so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def facts(status: str = "ACCEPTED", minutes: float = 0, **given: Any) -> Facts:
    """Build Amazon's view of a shipment."""
    values: dict[str, Any] = {
        "amazon_id": "S-1",
        "location": "EXSB",
        "marketplace": "A21TJRUUN4KGV",
        "channel": "FBA",
        "shipping_type": "MARKETPLACE",
        "order_id": "402-1111111-1111111",
        "status": status,
        "as_of": at(minutes),
        "ship_by": at(600),
        "rejectable": REJECTABLE,
        "items": (("SKU-1", 2),),
    }
    return Facts(**(values | given))


def seen(status: str, minutes: float, source: str = "sweep", **given: Any) -> Seen:
    """Build a read that left at that minute and shows a shipment updated at that minute."""
    return Seen(facts(status, minutes, **given), at(minutes), source)


def shipment(status: str = "ACCEPTED", program: Program = SELLER_FLEX, **given: Any) -> Shipment:
    """Build a shipment in a status."""
    made = receive("acme-in", ev.Received(facts(status), program.code, NOON))
    return replace(made, **given)


def package(package_id: str = "PKG-1", **given: Any) -> Package:
    """Build a packed box with two units of line L-1."""
    values: dict[str, Any] = {"box": BOX, "lines": (PackageLine("L-1", 2),)}
    return Package(package_id, **(values | given))


def toward(goal: Goal, status: str = "ACCEPTED", program: Program = SELLER_FLEX, **given: Any) -> Shipment:
    """Build a shipment with a goal and an open ticket."""
    return shipment(status, program, goal=goal, ticket="cmd_1", **given)


def option(option_id: str = "OPT-1", start: float = 120, **given: Any) -> ShippingOption:
    """Build a pickup option that starts at that minute and lasts two hours."""
    return ShippingOption(option_id, "MARKETPLACE", "ATS", Window(at(start), at(start + 120), "PICKUP"), **given)


def label_result(package_id: str = "PKG-1", tracking_id: str = "TRK-1", **given: Any) -> LabelResult:
    """Build a successful label with its file."""
    return LabelResult(package_id, True, tracking_id, "ATS", document=LABEL_FILE.document, **given)


def done(step: Step, minutes: float, **given: Any) -> Done:
    """Build a successful answer, with everything that this kind of step brings."""
    if step.kind in (StepKind.GENERATE_LABELS, StepKind.REGENERATE_LABELS, StepKind.DOWNLOAD_LABEL):
        given.setdefault("labels", tuple(label_result(p, f"TRK-{p}") for p, _ in step.packages))
    if step.kind in (StepKind.GENERATE_INVOICE, StepKind.FETCH_INVOICE):
        given.setdefault("invoice", INVOICE_FILE.document)
    return Done(step, at(minutes), **given)


def failed(step: Step, minutes: float, kind: str = "unclear", code: str = "", message: str = "x") -> Failed:
    """Build an answer that is no success."""
    status = {"refused": 400, "conflict": 409}.get(kind, 0)
    return Failed(step, at(minutes), Failure(kind, step.kind.value, status, code, message))


def seen_package(package_id: str = "PKG-1", status: str = "CREATED", box: Box = BOX) -> SeenPackage:
    """Build a package as Amazon lists it."""
    return SeenPackage(package_id, status, box, (("L-1", 2),))


def names(story: Any) -> list[str]:
    """List the public names of a story's events."""
    return [ev.public_name(event) for event in story.events]


__all__ = ["Status"]
